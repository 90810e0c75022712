"""Files damaged in every way: an answer or one line, never an end, a hang or a fault."""

from __future__ import annotations

import contextlib
import resource
from collections.abc import Iterator
from pathlib import Path
from random import Random

import numpy as np
import pyBigWig
import pysam
import pytest

from sighthound.core.bigwig import files
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Genome, Interval
from sighthound.core.variants.vcf import read_alleles
from tests.fuzz.conftest import REQUESTS
from tests.fuzz.damage import damaged

LENGTHS = {"c1": 20_000, "c2": 5_000}
# Of each writer: a thousand, and more, in the suite.
DAMAGES = 4 * REQUESTS // 3 + 1
MEMORY_BYTES = 1 << 30


@pytest.fixture
def little_memory() -> Iterator[None]:
    """No more than a gigabyte beyond what the process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    before = resource.getrlimit(resource.RLIMIT_AS)
    most = pages * resource.getpagesize() + MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (most, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


def ours(path: Path) -> None:
    rng = np.random.default_rng(0)
    values = [(name, rng.random(length // 16, np.float32)) for name, length in LENGTHS.items()]
    files.write_bigwig(path, LENGTHS, values, 16)


def theirs(path: Path, zooms: int = 5) -> None:
    chance = Random(1)
    with contextlib.closing(pyBigWig.open(str(path), "w")) as file:
        file.addHeader(list(LENGTHS.items()), maxZooms=zooms)
        starts = [40 * number for number in range(500)]
        file.addEntries(
            ["c1"] * 500, starts, ends=[start + 30 for start in starts],
            values=[chance.random() for _ in starts],
        )  # fmt: skip
        file.addEntries("c2", 0, values=[chance.random() for _ in range(5_000)], span=1, step=1)


def unzoomed(path: Path) -> None:
    theirs(path, 0)


@pytest.mark.parametrize("write", [ours, theirs, unzoomed])
@pytest.mark.usefixtures("little_memory")
def test_a_damaged_bigwig_gives_an_answer_or_a_line(tmp_path: Path, write: object) -> None:
    write(tmp_path / "whole.bw")  # type: ignore[operator]
    whole = (tmp_path / "whole.bw").read_bytes()
    lines = []
    for seed in range(DAMAGES):
        path = tmp_path / f"{seed}.bw"
        path.write_bytes(damaged(whole, Random(seed)))
        try:
            for name, length in list(files.chromosomes(path).items())[:3]:
                end = min(length, 20_000)
                if end:
                    files.read_bins(path, name, 0, end, min(end, 60))
                    files.read_bins(path, name, 0, end, min(end, 5), "max", exact=False)
            files.check_bigwig(path)
        except SighthoundError as error:
            lines.append(str(error))
        path.unlink()
    assert DAMAGES // 2 < len(lines) < DAMAGES
    assert not [line for line in lines if len(line.splitlines()) != 1]


def genome(folder: Path) -> Genome:
    chance = Random(2)
    lines = [f">{name}\n{''.join(chance.choices('ACGT', k=500))}\n" for name in LENGTHS]
    (folder / "g.fa").write_text("".join(lines))
    return Genome(folder / "g.fa")


def test_a_damaged_vcf_gives_alleles_or_a_line(tmp_path: Path) -> None:
    known = genome(tmp_path)
    rows = "".join(
        f"c1\t{at + 1}\t.\t{known.sequence(Interval('c1', at, at + 1))}\tACG\t.\t.\t.\n"
        for at in range(300)
    )
    plain = tmp_path / "v.vcf"
    plain.write_text(
        "##fileformat=VCFv4.2\n##contig=<ID=c1>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
        + rows
    )
    packed = tmp_path / "v.vcf.gz"
    pysam.tabix_compress(str(plain), str(packed))
    for seed in range(REQUESTS):
        whole = (plain, packed)[seed % 2]
        path = tmp_path / f"{seed}{''.join(whole.suffixes)}"
        path.write_bytes(damaged(whole.read_bytes(), Random(seed)))
        with contextlib.suppress(SighthoundError):
            for _ in read_alleles(path, known):
                pass
        path.unlink()


def test_a_damaged_fasta_gives_bases_or_a_line(tmp_path: Path) -> None:
    genome(tmp_path)
    for seed in range(REQUESTS):
        path = tmp_path / f"{seed}.fa"
        path.write_bytes(damaged((tmp_path / "g.fa").read_bytes(), Random(seed)))
        with contextlib.suppress(SighthoundError):
            known = Genome(path)
            for name, length in known.lengths.items():
                known.sequence(Interval(name, 0, length))
        for file in tmp_path.glob(f"{seed}.fa*"):
            file.unlink()
