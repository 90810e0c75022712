"""An index beside a FASTA file is the file's own, or is made again, or is refused in one line."""

import os
from pathlib import Path

import numpy as np
import pysam
import pytest

from sighthound.core import Genome, Interval, SighthoundError
from sighthound.core.project.settings import load_project
from tests.tiny import make_project

BASES = "".join(np.random.default_rng(5).choice(list("ACGT"), 1000))
OTHER = BASES[::-1]


def wrapped(bases: str, width: int, end: str = "\n") -> str:
    return "".join(bases[at : at + width] + end for at in range(0, len(bases), width))


def fasta(path: Path, width: int = 60, end: str = "\n", **sequences: str) -> Path:
    sequences = sequences or {"chr1": BASES, "chr2": OTHER}
    text = "".join(f">{n} a{end}{wrapped(s, width, end)}" for n, s in sequences.items())
    path.write_bytes(text.encode())
    return path


def write_index(path: Path, index: str) -> None:
    """Write an index that looks newer than the file."""
    Path(f"{path}.fai").write_text(index)
    later = path.stat().st_mtime + 10
    os.utime(f"{path}.fai", (later, later))


def index_of(path: Path) -> str:
    pysam.faidx(str(path))
    return Path(f"{path}.fai").read_text()


def check_reads(genome: Genome) -> None:
    assert genome.lengths == {"chr1": 1000, "chr2": 1000}
    assert genome.sequence(Interval("chr1", 0, 1000)) == BASES
    assert genome.sequence(Interval("chr2", 990, 1010)) == OTHER[990:] + "N" * 10


STALE = {
    "of a file wrapped otherwise": {"width": 80},
    "of a file of other line ends": {"end": "\r\n"},
    "of other names": {"chr2": BASES, "chr1": OTHER},
    "of one sequence more": {"chr1": BASES, "chr2": OTHER, "chr3": BASES},
    "of one sequence less": {"chr1": BASES},
    "of longer sequences": {"chr1": BASES + "A", "chr2": OTHER},
    "of shorter sequences": {"chr1": BASES[1:], "chr2": OTHER},
}


@pytest.mark.parametrize("other", STALE.values(), ids=STALE)
def test_an_index_of_another_file_is_made_again(tmp_path, other):
    path = fasta(tmp_path / "g.fa")
    write_index(path, index_of(fasta(tmp_path / "other.fa", **other)))
    check_reads(Genome(path))
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize(
    "text", ["", "chr1\t1000\n", "chr1\t1000\t8\t60\t61\nch", "chr1\tx\t8\t6\t7"]
)
def test_an_index_cut_short_is_made_again(tmp_path, text):
    path = fasta(tmp_path / "g.fa")
    write_index(path, text)
    check_reads(Genome(path))


def test_short_sequences_wrapped_anew_into_as_many_lines_are_told_apart(tmp_path):
    path = fasta(tmp_path / "g.fa", 80, a="ACGT" * 25, b="TTGCA" * 20)
    write_index(path, index_of(fasta(tmp_path / "o.fa", 60, a="ACGT" * 25, b="TTGCA" * 20)))
    assert Genome(path).sequence(Interval("b", 55, 65)) == "TTGCATTGCA"


def test_an_index_older_than_its_file_is_made_again(tmp_path):
    path = fasta(tmp_path / "g.fa")
    index_of(path)
    os.utime(f"{path}.fai", (1, 1))
    check_reads(Genome(path))
    assert Path(f"{path}.fai").stat().st_mtime_ns >= path.stat().st_mtime_ns


def test_an_index_is_newer_than_a_file_from_the_future(tmp_path):
    path = fasta(tmp_path / "g.fa")
    os.utime(path, (4e9, 4e9))
    Genome(path)
    made = Path(f"{path}.fai").stat()
    Genome(path)
    assert Path(f"{path}.fai").stat().st_ino == made.st_ino, "made once"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("compressed", [False, True])
def test_line_ends_and_compression_do_not_matter(tmp_path, end, compressed):
    path = fasta(tmp_path / "g.fa", 70, end)
    if compressed:
        pysam.tabix_compress(str(path), f"{path}.gz")
        path = Path(f"{path}.gz")
    for _ in ("made", "checked"):
        check_reads(Genome(path))


def test_the_last_line_needs_no_end(tmp_path):
    path = tmp_path / "g.fa"
    path.write_text(f">chr1\n{BASES}\n\n>chr2\n{wrapped(OTHER, 100).rstrip()}")
    made = index_of(path)
    write_index(path, made)
    inode = Path(f"{path}.fai").stat().st_ino
    check_reads(Genome(path))
    assert Path(f"{path}.fai").stat().st_ino == inode, "the index fits"


def test_an_index_of_blocks_of_another_compression_is_made_again(tmp_path):
    long = "".join(np.random.default_rng(6).choice(list("ACGT"), 400_000))
    path = fasta(tmp_path / "g.fa", chr1=long, chr2=OTHER)
    pysam.tabix_compress(str(path), str(tmp_path / "g.fa.gz"))
    Genome(tmp_path / "g.fa.gz")
    good = (tmp_path / "g.fa.gz.gzi").read_bytes()
    for bad in (good[:-16], good[:8], b"", good[:8] + bytes(len(good) - 8)):
        (tmp_path / "g.fa.gz.gzi").write_bytes(bad)
        found = Genome(tmp_path / "g.fa.gz")
        assert found.sequence(Interval("chr2", 0, 1000)) == OTHER
        assert (tmp_path / "g.fa.gz.gzi").read_bytes() == good


def test_a_wrong_index_that_cannot_be_replaced_is_refused(tmp_path, monkeypatch):
    path = fasta(tmp_path / "g.fa", 80)
    write_index(path, index_of(fasta(tmp_path / "o.fa", 60)))
    monkeypatch.setattr(os, "access", lambda *_: False)  # as for who may not write; root may
    with pytest.raises(SighthoundError, match=r"not its own \(g.fa.fai\).*samtools faidx g.fa$"):
        Genome(path)


def test_an_older_index_that_fits_serves_where_nothing_can_be_written(tmp_path, monkeypatch):
    path = fasta(tmp_path / "g.fa")
    index_of(path)
    os.utime(f"{path}.fai", (1, 1))
    monkeypatch.setattr(os, "access", lambda *_: False)
    check_reads(Genome(path))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (">a\nACGT\nAC\nACGT\n", "line 4: lines of 'a' have uneven lengths"),
        (">a\nACGT\n\nAC\n", "line 4: lines of 'a' have uneven lengths"),
        (">a\nACGT\n>b\nAC\n>a x\nACG\n", "line 5: a second sequence 'a'"),
        (">a\nACGT\n>\nAC\n", "line 3: a sequence without a name"),
        (">a\nACGT\n>b\n", "line 3: 'b' has no bases"),
        (">a\rACGT\rAC\r", "line 1 has a line end of CR alone"),
        ("\ufeff>a\nACGT\n", "begins with a byte-order mark"),
    ],
)
def test_what_cannot_be_indexed_is_named_by_line(tmp_path, text, message):
    path = tmp_path / "g.fa"
    path.write_bytes(text.encode())
    with pytest.raises(SighthoundError, match=message):
        Genome(path)
    assert [file.name for file in tmp_path.iterdir()] == ["g.fa"]


def test_a_sequence_without_bases_is_passed_over(tmp_path):
    path = tmp_path / "g.fa"
    path.write_text(">empty\n\n>chr1\nACGT\n")
    assert Genome(path).lengths == Genome(path).lengths == {"chr1": 4}


def test_a_genome_that_changed_while_it_was_open_is_refused(tmp_path):
    path = fasta(tmp_path / "g.fa", 60)
    genome = Genome(path)
    genome.sequence(Interval("chr1", 0, 10))
    fasta(path, 80)
    with pytest.raises(SighthoundError, match="changed since it was opened"):
        genome.sequence(Interval("chr1", 0, 10))
    check_reads(Genome(path))


def test_a_project_opens_its_genome_anew_once_it_changed(tmp_path):
    project = load_project(make_project(tmp_path, model=False, predictions=False))
    before = project.open_genome()
    assert project.open_genome() is before
    bases = before.sequence(Interval("chrI", 0, 1000))
    text = project.genome.fasta.read_text()
    name, rest = text.split("\n", 1)
    project.genome.fasta.write_text(f"{name} wrapped anew\n{rest}")
    assert project.open_genome().sequence(Interval("chrI", 0, 1000)) == bases
