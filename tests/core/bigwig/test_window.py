"""A window cut out of a BigWig: its bases and no others, wherever tiles and chromosomes end."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyBigWig
import pytest

from sighthound.core.bigwig.encoding import TILE_BINS
from sighthound.core.bigwig.files import write_bigwig
from sighthound.core.bigwig.window import cut_bigwig
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Interval

LENGTHS = {"chrI": 3 * TILE_BINS + 77, "chrII": 500}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(3)
    values = rng.normal(size=-(-LENGTHS["chrI"] // 10)).astype(np.float32)
    values[rng.random(len(values)) < 0.1] = np.nan
    path = tmp_path_factory.mktemp("whole") / "whole.bw"
    write_bigwig(path, LENGTHS, [("chrI", values)], 10)
    return path


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (0, 50),
        (1_234, 1_235),
        (TILE_BINS - 3, TILE_BINS + 7),
        (2 * TILE_BINS + 11, LENGTHS["chrI"] + 1_000),
    ],
)
def test_a_window_says_the_same_of_its_bases_and_nothing_of_others(
    source: Path, tmp_path: Path, start: int, end: int
) -> None:
    cut_bigwig(source, tmp_path / "cut.bw", Interval("chrI", start, end))
    with pyBigWig.open(str(source)) as whole, pyBigWig.open(str(tmp_path / "cut.bw")) as cut:
        assert cut.chroms() == LENGTHS
        inside = min(end, LENGTHS["chrI"])
        expected = np.full(LENGTHS["chrI"], np.nan)
        expected[start:inside] = whole.values("chrI", start, inside)
        np.testing.assert_array_equal(cut.values("chrI", 0, LENGTHS["chrI"]), expected)
        known = expected[np.isfinite(expected)]
        assert cut.header()["nBasesCovered"] == len(known)
        # From a zoom level: its records lie where their bases do.
        half = LENGTHS["chrI"] // 2
        for first, last in ((0, half), (half, LENGTHS["chrI"])):
            here = expected[first:last]
            mean = cut.stats("chrI", first, last)[0]
            if np.isfinite(here).any():
                assert mean == pytest.approx(np.nanmean(here), abs=2e-2)
            else:
                assert mean is None


def test_a_chromosome_without_values_gives_an_empty_file(source: Path, tmp_path: Path) -> None:
    for chrom in ("chrII", "chrX"):
        cut_bigwig(source, tmp_path / "cut.bw", Interval(chrom, 0, 400))
        with pyBigWig.open(str(tmp_path / "cut.bw")) as file:
            assert file.header()["nBasesCovered"] == 0


def test_what_is_no_bigwig_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "not.bw").write_text("no")
    with pytest.raises(SighthoundError, match="not a BigWig"):
        cut_bigwig(tmp_path / "not.bw", tmp_path / "cut.bw", Interval("chrI", 0, 9))
    assert [path.name for path in tmp_path.iterdir()] == ["not.bw"]
