"""The indexes of a BigWig as they are written: sections in the genome's order, nodes root first."""

from __future__ import annotations

import io
import struct

from sighthound.core.bigwig.trees import (
    CHROMOSOME_TREE_MAGIC,
    FANOUT,
    R_TREE_MAGIC,
    Sections,
    write_chromosome_tree,
    write_r_tree,
)


def test_sections_are_put_into_the_genomes_order() -> None:
    sections = Sections()
    for chrom, start in ((1, 0), (0, 50), (0, 0)):
        sections.add(chrom, start, start + 50, 7, 3)
    assert len(sections) == 3
    assert sections.sorted()[:, :2].tolist() == [[0, 0], [0, 50], [1, 0]]


def test_names_are_padded_to_the_longest_and_lead_to_id_and_length() -> None:
    file = io.BytesIO()
    write_chromosome_tree(file, {"chrI": 0, "chrIII": 1}, {"chrI": 10, "chrIII": 30})
    data = file.getvalue()
    magic, _, key_bytes, value_bytes, count, _ = struct.unpack_from("<IIIIQQ", data)
    assert (magic, key_bytes, value_bytes, count) == (CHROMOSOME_TREE_MAGIC, 6, 8, 2)
    assert struct.unpack_from("<BBH", data, 32) == (1, 0, 2)
    assert data[36:] == b"chrI\0\0" + struct.pack("<II", 0, 10) + b"chrIII" + struct.pack(
        "<II", 1, 30
    )


def test_a_root_spans_all_that_is_below_it() -> None:
    sections = Sections()
    for number in range(FANOUT + 1):
        sections.add(2, 5 * number, 5 * number + 5, number, 1)
    file = io.BytesIO()
    write_r_tree(file, sections)
    magic, _, count, chrom, start, last, end, *_ = struct.unpack_from(
        "<IIQIIIIQII", file.getvalue()
    )
    assert (magic, count) == (R_TREE_MAGIC, FANOUT + 1)
    assert (chrom, start, last, end) == (2, 0, 2, 5 * (FANOUT + 1))
    assert struct.unpack_from("<BBH", file.getvalue(), 48) == (0, 0, 2)


def test_no_sections_are_a_tree_of_one_empty_leaf() -> None:
    file = io.BytesIO()
    write_r_tree(file, Sections())
    assert struct.unpack_from("<BBH", file.getvalue(), 48) == (1, 0, 0)
    assert len(file.getvalue()) == 52
