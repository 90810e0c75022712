"""Alignment of reads with bowtie2: what is written, and what is left when it fails."""

import gzip
import os
import random
import shutil

import pysam
import pytest

from sighthound.core.errors import SighthoundError
from sighthound.precompute.reads.align import align
from sighthound.precompute.reads.coverage import coverage

REPEAT = slice(3000, 3300)


@pytest.fixture
def bowtie2():
    """Need bowtie2: a machine may lack it, continuous integration may not."""
    if shutil.which("bowtie2") is None:
        reason = "bowtie2 is not installed"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture
def sequence():
    """Give 9,000 random bases in which the 300 from 3,000 come back at 6,000."""
    bases = "".join(random.Random(7).choices("ACGT", k=9000))
    return bases[:6000] + bases[REPEAT] + bases[6300:]


@pytest.fixture
def genome(tmp_path, sequence):
    path = tmp_path / "genome" / "tiny, odd.fa"
    path.parent.mkdir()
    path.write_text(f">chr1\n{sequence}\n")
    return path


@pytest.fixture
def out(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def reverse_complement(bases):
    return bases[::-1].translate(str.maketrans("ACGT", "TGCA"))


def write_fastq(path, reads):
    """Write {name: bases}, compressed if the name ends so."""
    text = "".join(f"@{name}\n{bases}\n+\n{'I' * len(bases)}\n" for name, bases in reads.items())
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def places(bam):
    """Give {read name: [(first base, is reverse), ...]}."""
    found: dict[str, list[tuple[int, bool]]] = {}
    with pysam.AlignmentFile(str(bam)) as file:
        for read in file.fetch("chr1"):  # needs the index
            place = (read.reference_start, read.is_reverse)
            found.setdefault(str(read.query_name), []).append(place)
    return found


@pytest.mark.usefixtures("bowtie2")
def test_a_read_keeps_every_place_it_has(tmp_path, genome, sequence, out):
    reads = {
        "forward": sequence[500:560],
        "reverse": reverse_complement(sequence[1000:1060]),
        "repeat": sequence[3100:3160],
        "foreign": "ACGT" * 15,
    }
    fastq = write_fastq(tmp_path / "reads.fastq.gz", reads)
    report = align(fastq, None, genome, out / "reads.bam")
    assert places(out / "reads.bam") == {
        "forward": [(500, False)],
        "reverse": [(1000, True)],
        "repeat": [(3100, False), (6100, False)],
    }
    assert (report.reads, report.aligned_reads) == (4, 3)
    assert (report.multi_reads, report.alignments) == (1, 4)
    assert sorted(path.name for path in out.iterdir()) == ["reads.bam", "reads.bam.bai"]
    shared = coverage(out / "reads.bam", out / "reads.bw", multi="fraction")
    assert (shared.unique_reads, shared.multi_reads) == (2, 1)


@pytest.mark.usefixtures("bowtie2")
def test_no_more_places_are_looked_for_than_asked(tmp_path, genome, sequence, out):
    fastq = write_fastq(tmp_path / "reads.fq", {"repeat": sequence[3100:3160]})
    report = align(fastq, None, genome, out / "reads.bam", max_alignments=1)
    assert report.alignments == 1


@pytest.mark.usefixtures("bowtie2")
def test_mates_are_aligned_as_pairs(tmp_path, genome, sequence, out):
    first = write_fastq(tmp_path / "R1.fastq", {"pair": sequence[500:560]})
    mate = reverse_complement(sequence[700:760])
    second = write_fastq(tmp_path / "R2.fastq", {"pair": mate})
    report = align(first, second, genome, out / "pairs.bam")
    with pysam.AlignmentFile(str(out / "pairs.bam")) as file:
        found = [(read.reference_start, read.is_proper_pair, read.is_read1) for read in file]
    assert found == [(500, True, True), (700, True, False)]
    assert (report.reads, report.aligned_reads, report.multi_reads) == (2, 2, 0)


@pytest.mark.usefixtures("bowtie2")
def test_the_index_is_built_once_and_again_when_the_genome_changes(tmp_path, genome, sequence, out):
    fastq = write_fastq(tmp_path / "reads.fq", {"forward": sequence[500:560]})
    align(fastq, None, genome, out / "reads.bam")
    index = genome.with_name(genome.name + ".bowtie2")
    built = {path.name: path.stat().st_mtime_ns for path in index.iterdir()}
    first = (out / "reads.bam").read_bytes()
    align(fastq, None, genome, out / "reads.bam")
    assert {path.name: path.stat().st_mtime_ns for path in index.iterdir()} == built
    assert (out / "reads.bam").read_bytes() == first
    genome.write_text(f">chr1\n{'ACGGT' * 20}{sequence}\n")
    genome.with_name(genome.name + ".fai").unlink()
    align(fastq, None, genome, out / "reads.bam")
    assert places(out / "reads.bam") == {"forward": [(600, False)]}
    assert sorted(path.name for path in genome.parent.iterdir()) == sorted(
        [genome.name, f"{genome.name}.bowtie2", f"{genome.name}.fai"]
    )


@pytest.mark.usefixtures("bowtie2")
def test_the_index_goes_to_the_cache_where_it_cannot_lie_beside_the_genome(
    tmp_path, genome, sequence, out, monkeypatch
):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    genome.with_name(genome.name + ".bowtie2").write_text("in the way")
    fastq = write_fastq(tmp_path / "reads.fq", {"forward": sequence[500:560]})
    align(fastq, None, genome, out / "reads.bam")
    assert len(list((tmp_path / "cache" / "sighthound" / "bowtie2").iterdir())) == 1


@pytest.mark.usefixtures("bowtie2")
def test_what_bowtie2_says_when_it_fails_is_in_the_error(tmp_path, genome, sequence, out):
    first = write_fastq(tmp_path / "R1.fq", {f"r{i}": sequence[i : i + 60] for i in range(9)})
    second = write_fastq(tmp_path / "R2.fq", {"r0": sequence[700:760]})
    with pytest.raises(SighthoundError, match=r"^bowtie2 failed: .*fewer reads") as caught:
        align(first, second, genome, out / "reads.bam")
    assert "\n" not in str(caught.value)
    assert not list(out.iterdir())


@pytest.mark.usefixtures("bowtie2")
def test_a_cancelled_run_leaves_nothing_behind_and_keeps_the_previous_result(
    tmp_path, genome, sequence, out
):
    many = {f"r{i}": sequence[i % 8000 : i % 8000 + 40] for i in range(10_000)}
    fastq = write_fastq(tmp_path / "reads.fq", many)
    (out / "reads.bam").write_text("the previous result")

    def cancel(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        align(fastq, None, genome, out / "reads.bam", progress=cancel)
    assert [path.name for path in out.iterdir()] == ["reads.bam"]
    assert (out / "reads.bam").read_text() == "the previous result"


@pytest.mark.usefixtures("bowtie2")
def test_reads_of_which_none_aligns_are_an_error(tmp_path, genome, out):
    fastq = write_fastq(tmp_path / "reads.fq", {"foreign": "ACGT" * 15})
    with pytest.raises(SighthoundError, match="none of the 1 reads"):
        align(fastq, None, genome, out / "reads.bam")
    assert not list(out.iterdir())


@pytest.mark.usefixtures("bowtie2")
def test_bad_input_is_refused_in_one_line(tmp_path, genome, sequence, out):
    good = write_fastq(tmp_path / "reads.fq", {"forward": sequence[500:560]})
    (tmp_path / "reads.fa").write_text(">not FASTQ\nACGT\n")
    broken = write_fastq(tmp_path / "broken.fq.gz", {"forward": sequence[500:560]})
    broken.write_bytes(broken.read_bytes()[:40])
    for fastq, fasta, output, message in (
        (tmp_path / "no.fq", genome, out / "a.bam", "does not exist"),
        (tmp_path / "reads.fa", genome, out / "a.bam", "is not FASTQ"),
        (broken, genome, out / "a.bam", "is broken"),
        (good, tmp_path / "no.fa", out / "a.bam", "no.fa does not exist"),
        (good, genome, tmp_path / "nowhere" / "a.bam", "cannot write"),
    ):
        with pytest.raises(SighthoundError, match=message) as caught:
            align(fastq, None, fasta, output)
        assert "\n" not in str(caught.value)
    with pytest.raises(SighthoundError, match="threads is 0"):
        align(good, None, genome, out / "a.bam", threads=0)
    assert not list(out.iterdir())


def test_without_bowtie2_the_error_says_how_to_install_it(tmp_path, genome, out, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    fastq = write_fastq(tmp_path / "reads.fq", {"forward": "ACGT" * 15})
    with pytest.raises(SighthoundError, match="apt-get install bowtie2"):
        align(fastq, None, genome, out / "reads.bam")
