"""From gene to gene and from peak to peak."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient

from sighthound.app.server.application import create_app
from sighthound.core.bigwig.files import write_bigwig
from sighthound.core.project.settings import load_project

LENGTHS = {"chrI": 64_000, "chrII": 3_000}
BIN = 64
SETTINGS = """
[genome]
name = "tiny"
fasta = "genome.fa"
genes = "genes.bed"
[tracks]
table = "tracks.tsv"
[dataset]
sequence_length = 4096
bin = 64
crop = 8
"""
GENES = """chrI\t1000\t3000\tONE\t.\t+
chrI\t10000\t12000\tTWO\t.\t-
chrI\t10900\t11100\tINSIDE\t.\t+
chrII\t500\t900\tTHREE\t.\t+
"""
# Heights by bin; everything else is 1, and a few bins below the peaks make them stand out.
PEAKS = {"chrI": {100: 9.0, 101: 12.0, 104: 8.0, 900: 7.0}, "chrII": {20: 30.0}}


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    root = tmp_path_factory.mktemp("neighbours")
    fasta = "".join(f">{name}\n{'ACGT' * (n // 4)}\n" for name, n in LENGTHS.items())
    (root / "genome.fa").write_text(fasta)
    (root / "genes.bed").write_text(GENES)
    (root / "sighthound.toml").write_text(SETTINGS)
    rows = ["id\tname\texperiment", "peaky\tPeaky\tpeaky.bw", "flat\tFlat\tflat.bw", "none\tNone\t"]
    (root / "tracks.tsv").write_text("\n".join(rows) + "\n")
    write_signal(root / "peaky.bw", PEAKS)
    write_signal(root / "flat.bw", {"chrI": {}, "chrII": {}})
    return create_app(load_project(root), scheduler_address=None).test_client()


def write_signal(path: Path, peaks: dict[str, dict[int, float]]) -> None:
    values = {}
    for chrom, heights in peaks.items():
        values[chrom] = np.ones(-(-LENGTHS[chrom] // BIN), np.float32)
        for at, height in heights.items():
            values[chrom][at] = height
    write_bigwig(path, LENGTHS, values.items(), BIN)


def step(web: FlaskClient, **query: Any) -> dict[str, Any]:
    response = web.get("/api/v1/next", query_string=query)
    assert response.status_code == 200, response.get_json()
    return response.get_json()


@pytest.mark.parametrize(
    ("chrom", "position", "following", "before"),
    [
        ("chrI", 0, "ONE", "THREE"),
        ("chrI", 2_000, "TWO", "THREE"),
        ("chrI", 5_000, "TWO", "ONE"),
        ("chrI", 63_000, "THREE", "INSIDE"),
        ("II", 700, "ONE", "INSIDE"),
    ],
)
def test_genes_follow_each_other_around_the_genome(
    web: FlaskClient, chrom: str, position: int, following: str, before: str
) -> None:
    here = {"kind": "gene", "chrom": chrom, "position": position}
    assert step(web, direction="next", **here)["place"]["label"] == following
    assert step(web, direction="previous", **here)["place"]["label"] == before


def test_peaks_follow_each_other_around_the_genome(web: FlaskClient) -> None:
    def walk(direction: str) -> list[tuple[str, int, float]]:
        chrom, position, seen = "chrI", 0, []
        for _ in range(4):
            query = {"kind": "peak", "chrom": chrom, "position": position, "tracks": "peaky"}
            place = step(web, direction=direction, **query)["place"]
            chrom, position = place["chrom"], place["position"]
            seen.append((chrom, position // BIN, place["value"]))
        return seen

    expected = [("chrI", 101, 12.0), ("chrI", 900, 7.0), ("chrII", 20, 30.0)]
    assert walk("next") == [*expected, expected[0]]
    assert walk("previous") == [*expected[::-1], expected[-1]]


def test_bins_of_a_peak_that_nearly_touch_are_one(web: FlaskClient) -> None:
    query = {"kind": "peak", "chrom": "chrI", "position": 0, "direction": "next"}
    place = step(web, tracks="flat,peaky", **query)["place"]
    assert (place["start"] // BIN, place["end"] // BIN) == (100, 105)
    assert (place["track"], place["series"]) == ("peaky", "experiment")


def test_a_track_without_peaks_says_so(web: FlaskClient) -> None:
    query = {"kind": "peak", "chrom": "chrI", "position": 0, "direction": "next"}
    for tracks in ("flat", "none"):
        answer = step(web, tracks=tracks, **query)
        assert answer["place"] is None
        assert "no peak" in answer["note"]


def test_what_cannot_be_stepped_to_is_refused(web: FlaskClient) -> None:
    for query, message in (
        ("kind=hill&direction=next&chrom=chrI&position=0", "unknown kind 'hill'"),
        ("kind=gene&direction=up&chrom=chrI&position=0", "unknown direction 'up'"),
        ("kind=gene&direction=next&chrom=chrI&position=64000", "expected 0 to 63,999"),
        ("kind=peak&direction=next&chrom=chrI&position=0", "0 tracks; give 1 to 100"),
    ):
        response = web.get(f"/api/v1/next?{query}")
        assert response.status_code == 400
        assert message in response.get_json()["error"]
