"""Genome-wide levels: what the top of a row's own scale does not go below."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from flask.testing import FlaskClient

from sighthound.app.api.levels import GenomeLevels, Series, Signal
from sighthound.app.project_state import Catalogue
from sighthound.core.bigwig.files import write_bigwig
from sighthound.core.project.settings import Project
from tests.app.conftest import BIN, LENGTHS, bin_numbers

EVERY_BIN = np.concatenate([bin_numbers(length) for length in LENGTHS.values()])


@pytest.fixture
def levels(project: Project) -> GenomeLevels:
    return GenomeLevels(Catalogue(project))


def series(levels: GenomeLevels, track: str, kind: Signal) -> Series:
    return Series(levels.catalogue.tracks()[track], kind)


def test_levels_are_percentiles_of_all_native_bins(levels: GenomeLevels) -> None:
    found = levels.of(series(levels, "ramp", "experiment"))
    assert found is not None
    expected = np.percentile(EVERY_BIN, (50, 98, 99, 100))
    np.testing.assert_allclose([found.median, found.p98, found.p99, found.highest], expected)


def test_the_level_of_a_track_of_sums_is_in_sums_per_bin_as_rows_are_drawn(
    levels: GenomeLevels,
) -> None:
    found = levels.of(series(levels, "counts", "experiment"))
    assert found is not None
    assert found.p99 == BIN  # one a base


def test_the_route_tells_both_levels_once_they_are_worked_out(
    web: FlaskClient, levels: GenomeLevels
) -> None:
    tracks = "ramp,counts,imagined"
    given = web.get(f"/api/v1/levels?tracks={tracks}").get_json()
    assert set(given["pending"]) | set(given["levels"]) == set(tracks.split(","))
    while given["pending"]:  # the background thread, as the page waits for it
        given = web.get(f"/api/v1/levels?tracks={tracks}").get_json()
    assert given["levels"]["ramp"] == {
        kind: pytest.approx(np.percentile(EVERY_BIN, 99)) for kind in ("experiment", "prediction")
    }
    assert list(given["levels"]["imagined"]) == ["prediction"]


def test_levels_follow_the_file(levels: GenomeLevels, tmp_path: Path) -> None:
    file = tmp_path / "other.bw"
    track = levels.catalogue.tracks()["ramp"]
    other = type(track)(id="other", name="Other", experiment=file)
    for height in (3.0, 30.0):
        bins = {name: np.full(len(bin_numbers(n)), height) for name, n in LENGTHS.items()}
        write_bigwig(file, LENGTHS, bins.items(), BIN)
        found = levels.of(Series(other, "experiment"))
        assert found is not None
        assert found.p99 == height


def test_a_damaged_file_has_no_level(levels: GenomeLevels, tmp_path: Path) -> None:
    file = tmp_path / "bad.bw"
    file.write_bytes(b"\x26\xfc\x8f\x88" + bytes(200))
    track = type(levels.catalogue.tracks()["ramp"])(id="bad", name="Bad", experiment=file)
    assert levels.of(Series(track, "experiment")) is None


def test_a_store_that_is_no_store_is_passed_over(project: Project) -> None:
    store = project.root / ".cache" / "levels.json"
    store.parent.mkdir(exist_ok=True)
    for text in ("[]", '{"ramp/experiment": 3}', '{"ramp/experiment": {"stamp": 1}}', "{"):
        store.write_text(text)
        levels = GenomeLevels(Catalogue(project))
        assert levels.of(series(levels, "ramp", "experiment")) is not None
    store.unlink()
