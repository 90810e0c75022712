from pathlib import Path

import numpy as np
import pysam
import pytest

from sighthound.core.errors import SighthoundError
from sighthound.precompute.reads import alignments as reading
from sighthound.precompute.reads.assays import Shift
from sighthound.precompute.reads.bam_columns import NotPlainError, columns, name_key
from sighthound.precompute.reads.by_read import without_like
from sighthound.precompute.reads.counting import Counting
from sighthound.precompute.reads.cut_motif import CutSites
from sighthound.precompute.reads.places import Alignments, GenomeLine
from sighthound.precompute.reads.read_tags import read_key

LENGTHS = {"chr1": 5_000, "chr2": 900}
HEADER = {
    "HD": {"VN": "1.6"},
    "SQ": [{"SN": name, "LN": length} for name, length in LENGTHS.items()],
    "RG": [{"ID": "lane1"}, {"ID": "lane2"}],
}


def write_bam(path: Path, count: int = 3_000, further: bool = True) -> Path:
    """Write alignments of every kind that a plain BAM holds."""
    random = np.random.default_rng(2)
    header = pysam.AlignmentHeader.from_dict(HEADER)
    with pysam.AlignmentFile(str(path), "wb", header=header) as file:
        for number in range(count):
            read = pysam.AlignedSegment(header)
            is_alone = number % 4 == 0
            read.query_name = f"alone{number}" if is_alone else f"read{number // 3}"
            chrom = int(random.integers(2))
            read.reference_id = chrom
            read.reference_start = int(random.integers(LENGTHS[list(LENGTHS)[chrom]] - 60))
            read.mapping_quality = int(random.integers(60))
            read.query_sequence = "ACGT" * 5
            read.cigarstring = str(
                random.choice(["20M", "3S17M", "8M2D12M", "5M100N15M", "9M1I10M"])
            )
            if random.random() < 0.2:
                read.reference_start = int(random.integers(100))
                read.cigarstring = "20M"
            flag = int(random.choice([0, 16]))
            if number % 5:
                flag |= 1 | (128 if number % 2 else 64) | int(random.choice([0, 2, 2]))
                read.template_length = int(random.integers(-400, 400))
            for bit, share in ((256, 0.15), (512, 0.03), (1024, 0.1), (2048, 0.03), (4, 0.03)):
                flag |= bit if random.random() < share else 0
            if random.random() < 0.3 and not flag & 256:
                read.set_tag("NH", 1 if is_alone else int(random.integers(3, 400)))
            if random.random() < 0.5:
                read.set_tag("RG", str(random.choice(["lane1", "lane2"])))
            read.set_tag("ZB", [1, 2, 3])
            read.set_tag("NM", 0)
            if flag & 4:
                read.cigarstring = None
                if random.random() < 0.5:
                    read.reference_id, read.reference_start = -1, -1
            elif further and is_alone and random.random() < 0.1:
                read.set_tag("XA", "chr1,+100,20M,0;chr2,-200,20M,5;")
            read.flag = flag
            file.write(read)
    return path


def taken(bam: Path, counting: Counting, worth: int, monkeypatch: pytest.MonkeyPatch) -> Alignments:
    monkeypatch.setattr(reading, "_WORTH_COLUMNS", worth)
    line = GenomeLine.of(LENGTHS, 100, True)
    return reading.read_alignments(bam, line, counting, lambda *_: None, CutSites())


@pytest.mark.parametrize(
    "counting",
    [
        Counting(),
        Counting(shift=Shift(4, 5), min_mapq=20),
        Counting(mate=1, keep_duplicates=True),
        Counting(position="center", fragment_length=150),
        Counting(position="fragment", fragment_length=90, sizes=(0, 200)),
    ],
)
def test_columns_are_taken_as_alignments_one_by_one_are(tmp_path, monkeypatch, counting):
    bam = write_bam(tmp_path / "reads.bam")
    one_by_one = taken(bam, counting, 1 << 40, monkeypatch)
    together = taken(bam, counting, 0, monkeypatch)
    assert together.skipped == one_by_one.skipped
    assert together.remarks == one_by_one.remarks
    for which in ("unique", "shared"):
        found, expected = (getattr(part, which) for part in (together, one_by_one))
        assert len(found) == len(expected) > 20

        def rows(places):
            span = np.ones(len(places)) if places.span is None else places.span
            return sorted(zip(places.start.tolist(), span.tolist(), strict=True))

        assert rows(found) == rows(expected)

    def reads(part):
        ends = part.first + part.sizes
        return sorted(
            (sorted(part.shared.start[a:b].tolist()), int(known))
            for a, b, known in zip(part.first, ends, part.known, strict=True)
        )

    assert reads(together) == reads(one_by_one)


def test_a_column_holds_what_the_file_says(tmp_path):
    bam = write_bam(tmp_path / "reads.bam")
    parts = [found for found, _ in columns(bam)]
    names = ("flag", "chrom", "start", "end", "quality", "template", "places", "key", "is_odd")
    whole = {name: np.concatenate([getattr(p, name) for p in parts]) for name in names}
    with pysam.AlignmentFile(str(bam)) as file:
        for number, read in enumerate(file.fetch(until_eof=True)):
            found = {name: column[number] for name, column in whole.items()}
            assert found["flag"] == read.flag
            assert (found["chrom"], found["start"]) == (read.reference_id, read.reference_start)
            assert found["quality"] == read.mapping_quality
            assert found["template"] == read.template_length
            assert found["places"] == (read.get_tag("NH") if read.has_tag("NH") else 0)
            assert int(found["key"]) == read_key(read, read.flag)
            assert found["is_odd"] == read.has_tag("XA")
            if not read.flag & 4:
                assert found["end"] == read.reference_end
    assert number + 1 == len(whole["flag"]) == 3_000


def test_keys_of_names_differ():
    names = [
        f"A00{lane}:{n}/{mate}\t".encode()
        for lane in range(5)
        for n in range(2_000)
        for mate in (1, 2)
    ]
    keys = {name_key(name) for name in names}
    assert len(keys) == len(names)
    assert all(0 <= key < 2**64 for key in keys)


def test_keys_told_to_be_there_once_are():
    random = np.random.default_rng(5)
    key = random.integers(0, 2**64, 5_000, np.uint64)
    key[1_000:2_000] = key[3_000:4_000]
    told = without_like(key)
    _, which, count = np.unique(key, return_inverse=True, return_counts=True)
    assert not (told & (count[which] > 1)).any()
    assert told.sum() > 0.8 * (count == 1).sum()
    assert len(without_like(key[:0])) == 0
    assert without_like(key[:1]).all()


def test_files_that_are_not_plain_are_left_to_others(tmp_path, monkeypatch):
    bam = write_bam(tmp_path / "reads.bam", further=False)
    whole = bam.read_bytes()
    for name, data in (
        ("short.bam", whole[: len(whole) // 2]),
        ("no_end.bam", whole[:-28]),
        ("text.bam", b"@SQ\tSN:chr1\tLN:5000\n"),
        ("flipped.bam", whole[:4_000] + bytes([whole[4_000] ^ 1]) + whole[4_001:]),
    ):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(NotPlainError):
            list(columns(tmp_path / name))
    with pytest.raises(SighthoundError, match="truncated"):
        taken(tmp_path / "short.bam", Counting(), 0, monkeypatch)


def test_a_fault_is_told_as_of_one_alignment(tmp_path, monkeypatch):
    bam = tmp_path / "odd.bam"
    header = pysam.AlignmentHeader.from_dict(HEADER)
    with pysam.AlignmentFile(str(bam), "wb", header=header) as file:
        read = pysam.AlignedSegment(header)
        read.query_name, read.flag, read.reference_id = "far", 0, 1
        read.reference_start, read.cigarstring, read.query_sequence = 950, "4M", "ACGT"
        file.write(read)
    with pytest.raises(SighthoundError, match="'far' lies at chr2:951, beyond the end of chr2"):
        taken(bam, Counting(), 0, monkeypatch)
