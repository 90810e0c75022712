"""A command that is killed leaves no output or a whole one, and ends with the same bytes."""

import random
import shutil

import pytest

from tests.killed import contents, killable


@pytest.fixture(scope="module")
def commands(tmp_path_factory):
    """Start what runs and kills commands, once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        with killable() as started:
            yield started


@pytest.fixture
def folder(tmp_path):
    """Give a folder with fragments and a genome."""
    random.seed(14)
    (tmp_path / "genome.fa").write_text(f">chr1\n{''.join(random.choices('ACGT', k=3000))}\n")
    cuts = sorted(random.choices(range(2900), k=300))
    lines = [f"chr1\t{at}\t{at + 1}\t.\t0\t{'+-'[at % 2]}\n" for at in cuts]
    (tmp_path / "in.bed").write_text("".join(lines))
    (tmp_path / "genome.fa.fai").write_text("chr1\t3000\t6\t3000\t3001\n")
    (tmp_path / "out").mkdir()
    return tmp_path


@pytest.mark.parametrize(("strands", "kills"), [([], 3), (["--strand", "both"], 10)])
def test_coverage_killed_again_and_again_leaves_nothing_or_whole_files(
    commands, folder, strands, kills
):
    out = folder / "out"
    words = ["coverage", str(folder / "in.bed"), str(out / "x.bw")]
    words += ["--genome", str(folder / "genome.fa"), *strands]
    moments = commands.run(words)
    whole = contents(out)
    assert len(whole) == (4 if strands else 2)
    chosen = random.Random(3).sample(range(1, moments + 1), kills - 2)
    for moment in (*chosen, moments - 6, moments - 1):  # the last two put files in place
        for file in out.glob("*.bw*"):
            if not file.name.endswith(".part"):
                file.unlink()
        assert not commands.run(words, moment)
        left = {name: data for name, data in contents(out).items() if ".part" not in name}
        assert left == {name: whole[name] for name in left}
    commands.run(words)
    assert contents(out) == whole


@pytest.mark.skipif(shutil.which("bowtie2") is None, reason="bowtie2 is not installed")
def test_align_killed_again_and_again_leaves_nothing_or_whole_files(commands, folder):
    out = folder / "out"
    bases = (folder / "genome.fa").read_text().split()[1]
    reads = [f"@r{at}\n{bases[at : at + 50]}\n+\n{'I' * 50}\n" for at in range(0, 2900, 40)]
    (folder / "in.fastq").write_text("".join(reads))
    words = ["align", str(folder / "in.fastq"), "--fasta", str(folder / "genome.fa")]
    words += ["-o", str(out / "x.bam")]
    moments = commands.run(words)
    whole = contents(folder)
    assert {"out/x.bam", "out/x.bam.bai", "genome.fa.bowtie2/built_from.json"} <= set(whole)
    chosen = random.Random(5).sample(range(1, moments - 4), 10)
    killed = 0
    for moment in chosen:
        shutil.rmtree(folder / "genome.fa.bowtie2", ignore_errors=True)
        for file in out.glob("x.bam*"):
            file.unlink()
        killed += not commands.run(words, moment)
        left = {name: data for name, data in contents(folder).items() if ".part" not in name}
        assert left == {name: whole[name] for name in left}
    assert killed > 5
    commands.run(words)
    assert contents(folder) == whole
