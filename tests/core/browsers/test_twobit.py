"""A genome as twoBit: the bytes that the format asks for. tests/clients lets others read it."""

from __future__ import annotations

import struct
from pathlib import Path

import pysam
import pytest

from sighthound.core.browsers.twobit import write_twobit
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Genome


def genome(folder: Path, **sequences: str) -> Genome:
    file = folder / "genome.fa"
    file.write_text("".join(f">{name}\n{sequence}\n" for name, sequence in sequences.items()))
    pysam.faidx(str(file))
    return Genome(file)


def test_a_small_genome_is_written_byte_for_byte(tmp_path: Path) -> None:
    write_twobit(genome(tmp_path, a="TCAGNNAc", b="G"), tmp_path / "a.2bit")
    first = 16 + 2 * (1 + 1 + 4)
    a = struct.pack("<6I", 8, 1, 4, 2, 0, 0) + bytes([0b00011011, 0b00001001])
    b = struct.pack("<4I", 1, 0, 0, 0) + bytes([0b11000000])
    assert (tmp_path / "a.2bit").read_bytes() == (
        struct.pack("<4I", 0x1A412743, 0, 2, 0)
        + b"\x01a" + struct.pack("<I", first) + b"\x01b" + struct.pack("<I", first + len(a))
        + a + b
    )  # fmt: skip


def test_a_run_of_n_across_pieces_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sequences = {"a": "ACNNNNNNNNGTN"}
    write_twobit(genome(tmp_path, **sequences), tmp_path / "whole.2bit")
    monkeypatch.setattr("sighthound.core.browsers.twobit._CHUNK", 4)
    write_twobit(genome(tmp_path, **sequences), tmp_path / "pieces.2bit")
    assert (tmp_path / "pieces.2bit").read_bytes() == (tmp_path / "whole.2bit").read_bytes()


def test_a_genome_beyond_four_gigabytes_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sighthound.core.browsers.twobit._MOST_BYTES", 60)
    with pytest.raises(SighthoundError, match=r"genome\.fa is too large for twoBit"):
        write_twobit(genome(tmp_path, a=30 * "ACGT", b="A"), tmp_path / "a.2bit")
    assert not (tmp_path / "a.2bit").exists()
