"""The route /api/v1/track-card."""

from pathlib import Path

from flask.testing import FlaskClient

from sighthound.core.project.settings import Project
from sighthound.core.tracks.card import Card, GcCurve, card_file, write_card


def test_a_card_beside_the_bigwig_is_read_out(web: FlaskClient, project: Project) -> None:
    assert web.get("/api/v1/track-card?track=ramp").get_json() == {"lines": [], "pictures": []}
    (ramp,) = (track for track in project.read_tracks() if track.id == "ramp")
    assert ramp.experiment is not None
    card = Card(
        inputs=("reads.bam",), alignments=12, unique_reads=10, multi_reads=1,
        left_out={"low_mapq": 3}, counted_at="--position 5prime --shift +4/-5", strand=".",
        multi="em", em_rounds=2, em_change=0.01, em_converged=True, normalisation="cpm",
        factor=1e5, clip=None, clipped_bases=0, depth=1.1e6,
        gc=GcCurve((0.3, 0.4, 0.5), (1.0, 2.0, 1.5), 0.25, 900),
    )  # fmt: skip
    write_card(ramp.experiment, card)
    try:
        _check(web, card_file(ramp.experiment))
    finally:
        card_file(ramp.experiment).unlink()


def _check(web: FlaskClient, file: Path) -> None:
    answer = web.get("/api/v1/track-card?track=ramp").get_json()
    lines, (picture,) = answer["lines"], answer["pictures"]
    assert (picture["what"], "0.250 of log2 coverage (900 windows)" in picture["svg"]) == (
        "GC", True,
    )  # fmt: skip
    tracks = web.get("/api/v1/project").get_json()["tracks"]
    assert [track["id"] for track in tracks if track["has_card"]] == ["ramp"]
    assert {line["what"]: line["words"] for line in lines} == {
        "made from": "reads.bam",
        "reads": "10 with one place, 1 with several (em)",
        "left out": "3 low mapq",
        "counted at": "--position 5prime --shift +4/-5",
        "sharing": "converged after 2 rounds",
        "normalised": "cpm, x 100000",
        "GC": "corrected; explained R2 0.250 of log2 coverage",
        "sum of values": "1,100,000",
    }
    file.write_text("{")
    answer = web.get("/api/v1/track-card?track=ramp")
    assert (answer.status_code, "damaged" in answer.get_json()["error"]) == (400, True)


def test_an_unknown_track_is_named(web: FlaskClient) -> None:
    answer = web.get("/api/v1/track-card?track=nothing")
    assert (answer.status_code, "unknown track 'nothing'" in answer.get_data(as_text=True)) == (
        400, True,
    )  # fmt: skip
