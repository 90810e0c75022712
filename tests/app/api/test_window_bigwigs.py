"""BigWigs of a window: what is in view and no more, one as itself, several in a zip."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pyBigWig
from flask.testing import FlaskClient

from tests.app.conftest import BIN

WINDOW = f"chrom=chrI&start={10 * BIN}&end={20 * BIN}"


def bins(data: bytes, folder: Path) -> tuple[int, np.ndarray]:
    """First base and values of a BigWig's entries on chrI, one a bin."""
    (folder / "a.bw").write_bytes(data)
    with pyBigWig.open(str(folder / "a.bw")) as file:
        entries = file.intervals("chrI")
    return entries[0][0], np.array([value for _, _, value in entries])


def test_one_bigwig_comes_as_itself(web: FlaskClient, tmp_path: Path) -> None:
    answer = web.get(f"/api/v1/bigwig?{WINDOW}&tracks=ramp&kinds=experiment", buffered=True)
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename*=UTF-8''chrI_641-1280.ramp.experiment.bw"
    )
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    start, values = bins(answer.data, tmp_path)
    assert start == 10 * BIN
    np.testing.assert_array_equal(values, np.arange(10, 20))


def test_several_bigwigs_come_in_a_zip(web: FlaskClient, tmp_path: Path) -> None:
    answer = web.get(f"/api/v1/bigwig?{WINDOW}&tracks=ramp,imagined", buffered=True)
    assert answer.mimetype == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert archive.testzip() is None
        # "imagined" has no experiment.
        assert archive.namelist() == [
            "ramp.experiment.bw", "ramp.prediction.bw", "imagined.prediction.bw"
        ]  # fmt: skip
        start, values = bins(archive.read("imagined.prediction.bw"), tmp_path)
    assert (start, len(values)) == (10 * BIN, 10)


def test_what_cannot_be_given_is_one_line(web: FlaskClient) -> None:
    for asked, reason in (
        (f"{WINDOW}&tracks=imagined&kinds=experiment", "none of these tracks has a BigWig"),
        (f"{WINDOW}&tracks=ramp&kinds=bed", "unknown kind 'bed'"),
        (WINDOW, "none of these tracks has a BigWig"),
        ("chrom=chrI&start=0&end=99999999&tracks=ramp", "end is 99,999,999"),
    ):
        answer = web.get(f"/api/v1/bigwig?{asked}")
        assert answer.status_code == 400
        assert reason in answer.get_json()["error"]
