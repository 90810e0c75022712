"""Signals, genes and sequence as the drawing code receives them."""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from sighthound.core.tracks.metrics import LEAST_BINS
from tests.app.conftest import BIN, LENGTHS
from tests.paths import ROOT

URL = "/api/v1/signal"


def read_signal(web: FlaskClient, **query: Any) -> tuple[dict[str, Any], dict[tuple, np.ndarray]]:
    """Decode an answer the way the browser does: header, and series by track, kind and stat."""
    response = web.get(URL, query_string=query)
    assert response.status_code == 200, response.data
    (n,) = struct.unpack_from("<I", response.data)
    assert (4 + n) % 4 == 0
    header = json.loads(response.data[4 : 4 + n])
    floats = np.frombuffer(response.data, "<f4", offset=4 + n)
    bins = header["bins"]
    assert len(floats) == bins * len(header["series"])
    return header, {
        (s["track"], s["kind"], s["stat"]): floats[s["offset"] : s["offset"] + bins]
        for s in header["series"]
    }


def test_a_window_snaps_outward_to_the_models_bins(web: FlaskClient) -> None:
    header, series = read_signal(web, chrom="chrI", start=130, end=700, pixels=800, tracks="ramp")
    assert (header["start"], header["end"]) == (128, 704)
    assert (header["bin_bp"], header["native_bin"], header["bins"]) == (BIN, BIN, 9)
    np.testing.assert_array_equal(series["ramp", "experiment", "mean"], range(2, 11))
    np.testing.assert_array_equal(series["ramp", "prediction", "mean"], range(2, 11))
    assert len(series) == 2, "no peaks are drawn where every bin is seen"


def test_zoomed_out_bins_hold_the_mean_and_the_largest_native_bin(web: FlaskClient) -> None:
    header, series = read_signal(
        web, chrom="I", start=0, end=64 * BIN, pixels=16, tracks="ramp,counts"
    )
    assert (header["chrom"], header["bin_bp"], header["bins"]) == ("chrI", 4 * BIN, 16)
    np.testing.assert_allclose(
        series["ramp", "experiment", "mean"], 4 * np.arange(16) + 1.5, rtol=1e-6
    )
    np.testing.assert_allclose(series["ramp", "experiment", "max"], 4 * np.arange(16) + 3)
    np.testing.assert_allclose(series["ramp", "prediction", "max"], 4 * np.arange(16) + 3)


@settings(max_examples=40)
@given(
    chrom=st.sampled_from(sorted(LENGTHS)),
    edges=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    pixels=st.integers(1, 900),
)
def test_any_window_shows_the_mean_and_the_largest_of_its_native_bins(
    web: FlaskClient, chrom: str, edges: tuple[float, float], pixels: int
) -> None:
    length = LENGTHS[chrom]
    start, end = sorted(int(edge * length) for edge in edges)
    end = max(end, start + 1) if start < length else length
    start = min(start, end - 1)
    header, series = read_signal(
        web, chrom=chrom, start=start, end=end, pixels=pixels, tracks="ramp"
    )
    bin_bp = header["bin_bp"]
    native = np.full(header["end"] // BIN, np.nan)
    native[: -(-length // BIN)] = np.arange(-(-length // BIN))[: len(native)]
    drawn = native[header["start"] // BIN :].reshape(-1, bin_bp // BIN)
    assert header["start"] <= start < end <= header["end"]
    assert header["start"] % bin_bp == header["end"] % bin_bp == 0
    for kind in ("experiment", "prediction"):
        np.testing.assert_allclose(
            series["ramp", kind, "mean"], np.nanmean(drawn, axis=1), rtol=1e-6
        )
        if bin_bp > BIN:
            largest = np.nanmax(drawn, axis=1)
            np.testing.assert_allclose(series["ramp", kind, "max"], largest, rtol=1e-6)


@pytest.mark.parametrize("pixels", [4, 64, 1000])
def test_counts_are_per_model_bin_at_every_zoom(web: FlaskClient, pixels: int) -> None:
    _, series = read_signal(
        web, chrom="chrI", start=0, end=64 * BIN, pixels=pixels, tracks="counts"
    )
    np.testing.assert_allclose(series["counts", "experiment", "mean"], BIN)


def test_a_chromosome_where_a_track_has_no_data_is_nan_not_zero(web: FlaskClient) -> None:
    header, series = read_signal(
        web, chrom="chrII", start=0, end=6400, pixels=1000, tracks="counts,ramp"
    )
    assert np.isnan(series["counts", "experiment", "mean"]).all()
    assert header["pearson"]["counts"] is None
    assert not np.isnan(series["ramp", "experiment", "mean"]).any()


def test_the_bin_that_the_chromosomes_end_cuts_keeps_its_value(web: FlaskClient) -> None:
    end = LENGTHS["chrII"]
    header, series = read_signal(
        web, chrom="chrII", start=end - 100, end=end, pixels=500, tracks="ramp"
    )
    assert header["end"] == 161 * BIN > end
    np.testing.assert_allclose(series["ramp", "prediction", "mean"], [158, 159, 160])
    np.testing.assert_allclose(series["ramp", "experiment", "mean"], [158, 159, 160])


def test_a_track_without_experiment_has_a_prediction_only(web: FlaskClient) -> None:
    header, series = read_signal(web, chrom="chrI", start=0, end=640, pixels=100, tracks="imagined")
    assert list(series) == [("imagined", "prediction", "mean")]
    assert header["pearson"] == {"imagined": None}


def test_equal_experiment_and_prediction_correlate_fully(web: FlaskClient) -> None:
    header, _ = read_signal(web, chrom="chrI", start=64, end=6400, pixels=20, tracks="ramp")
    assert header["pearson"] == {"ramp": 1.0}
    assert header["pearson_bins"] == {"ramp": 99}


def test_a_few_bins_are_no_evidence_of_a_correlation(web: FlaskClient) -> None:
    for bins, r in ((3, None), (19, None), (20, 1.0)):
        window = {"chrom": "chrI", "start": BIN, "end": BIN * (1 + bins), "pixels": 500}
        header, _ = read_signal(web, **window, tracks="ramp")
        assert (header["pearson"], header["pearson_bins"]) == ({"ramp": r}, {"ramp": bins})


def test_page_and_server_ask_for_the_same_number_of_bins() -> None:
    script = (ROOT / "assets" / "view" / "data" / "signals.js").read_text()
    assert f"export const LEAST_BINS = {LEAST_BINS};" in script


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"chrom": "chrIX"}, "unknown chromosome 'chrIX'"),
        ({"tracks": "ramp,nothing"}, "unknown track 'nothing'"),
        ({"end": LENGTHS["chrI"] + 1}, "end is 40,961"),
        ({"start": -5}, "start is -5"),
        ({"start": 600, "end": 600}, "end is 600"),
        ({"start": "one"}, "start is 'one'; expected a whole number"),
        ({"pixels": 0}, "pixels is 0"),
        ({"pixels": 10**9}, "pixels is 1,000,000,000"),
        ({"pixels": None}, "'pixels' is missing"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_one_line(
    web: FlaskClient, query: dict[str, Any], says: str
) -> None:
    asked = {"chrom": "chrI", "start": 0, "end": 640, "pixels": 100, "tracks": "ramp"} | query
    response = web.get(URL, query_string={k: v for k, v in asked.items() if v is not None})
    assert response.status_code == 400
    error = response.get_json()["error"]
    assert says in error
    assert "\n" not in error


def test_a_browser_that_holds_the_answer_is_told_so(web: FlaskClient) -> None:
    url = f"{URL}?chrom=chrI&start=0&end=640&pixels=100&tracks=ramp"
    tag = web.get(url).headers["ETag"]
    again = web.get(url, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    other = web.get(url.replace("640", "704"), headers={"If-None-Match": tag})
    assert other.status_code == 200


def test_the_project_describes_genome_folds_and_tracks(web: FlaskClient) -> None:
    project = web.get("/api/v1/project").get_json()
    assert (project["title"], project["genome"], project["simulated"]) == ("Tiny", "tiny", True)
    assert project["chromosomes"] == [
        {"name": "chrI", "length": LENGTHS["chrI"], "fold": "train", "aliases": ["chri", "i"]},
        {"name": "chrII", "length": LENGTHS["chrII"], "fold": "valid", "aliases": ["chrii", "ii"]},
    ]
    assert project["folds"] == [
        {"chrom": "chrI", "start": 0, "end": 8192, "fold": "train"},
        {"chrom": "chrII", "start": 0, "end": 4096, "fold": "test"},
    ]
    assert (project["bin"], project["sequence_length"]) == (BIN, 4096)
    # 127 bins of dilated layers, and what the convolutions see beyond them.
    assert 127 * BIN < project["context_bp"] < 129 * BIN
    assert project["default_locus"] == "chrI:1,001-9,000"
    assert project["default_tracks"] == ["ramp"]
    tracks = {track["id"]: track for track in project["tracks"]}
    scores = {"pearson": 0.5, "pearson_log1p": 0.625, "r2": 0.25}
    unknown = dict.fromkeys(("ceiling", "ceiling_log1p", "ceiling_of"))
    over = {"fold": "test", "bin": 64, "n_bins": 48}
    assert tracks["ramp"]["held_out"] == scores | over | unknown
    assert tracks["counts"]["unit"] == "sum per 64 bp"
    assert not tracks["imagined"]["has_experiment"]
    assert tracks["imagined"]["has_prediction"]
    assert [track["color"] for track in project["tracks"]] == [0, 1, 1]


def test_genes_are_listed_with_the_start_site_and_exons(web: FlaskClient) -> None:
    genes = web.get("/api/v1/genes?chrom=chrI&start=0&end=5000").get_json()["genes"]
    assert [(g["name"], g["strand"], g["tss"]) for g in genes] == [("TFC3", "+", [1000])]
    assert genes[0]["exons"] == [[1000, 1500], [2000, 3000]]
    assert web.get("/api/v1/genes?chrom=chrI&start=5000&end=6000").get_json() == {"genes": []}


def test_sequence_is_upper_case_and_short(web: FlaskClient) -> None:
    found = web.get("/api/v1/sequence?chrom=chrI&start=10&end=30").get_json()
    assert len(found["sequence"]) == 20
    assert set(found["sequence"]) <= set("ACGT")
    assert web.get("/api/v1/sequence?chrom=chrI&start=0&end=20001").status_code == 400
