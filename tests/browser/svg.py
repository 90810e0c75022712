"""What an exported picture says, read as any drawing program reads it."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from sighthound.core.bigwig.files import read_bins
from sighthound.core.genome.sequence import Interval
from sighthound.core.project.settings import load_project
from sighthound.core.tracks.experiments import experiment_bins

SVG = "{http://www.w3.org/2000/svg}"
PIXELS = 0.02  # to which the picture is rounded


def words_of(svg: bytes) -> str:
    return "\n".join(ElementTree.fromstring(svg).itertext())


def row_of(svg: bytes, title: str) -> ElementTree.Element:
    """The group of a row in an SVG."""
    for group in ElementTree.fromstring(svg).iter(f"{SVG}g"):
        named = group.find(f"{SVG}title")
        if named is not None and named.text == title:
            return group
    raise AssertionError(f"no row {title}")


def scale_of(svg: bytes, title: str) -> str:
    """How far the scale of a row goes, as it is written there: "0 to 12.5" or "±12.5"."""
    for text in row_of(svg, title).iter(f"{SVG}text"):
        if found := re.match(r"0 to [\d.,]+|±[\d.,]+", text.text or ""):
            return found[0]
    raise AssertionError(f"no scale at {title}")


def steps_of(svg: bytes, title: str) -> list[np.ndarray]:
    """Heights over the base line, a bin each, of the filled steps of a row: one array a colour."""
    found = []
    for path in _filled(svg, title):
        points = np.array(re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", path), float)
        # Two points a bin, between one at each end on the base line.
        steps = points[1:-1:2]
        assert np.diff(steps[:, 0]) == pytest.approx(np.diff(steps[:, 0]).mean(), abs=PIXELS)
        found.append(points[0, 1] - steps[:, 1])
    return found


def bars_of(svg: bytes, title: str) -> list[np.ndarray]:
    """Places and heights (x, height) of the bars of a row: one array a colour."""
    bar = r"M(-?[\d.]+) -?[\d.]+h[\d.]+v([\d.]+)"
    colours = [np.array(re.findall(bar, path), float) for path in _filled(svg, title)]
    return [bars for bars in colours if bars.size]


def bins_of_files(folder: Path, track: str, where: Interval) -> dict[str, np.ndarray]:
    """Experiment and prediction of a track, from their BigWigs."""
    project = load_project(folder)
    (known,) = (t for t in project.read_tracks() if t.id == track)
    bin_size = project.dataset.bin
    predicted = project.predictions.directory / f"{track}.bw"
    bins = len(where) // bin_size
    return {
        "experiment": experiment_bins(known, project.open_genome(), where, bin_size),
        "prediction": read_bins(predicted, where.chrom, where.start, where.end, bins),
    }


def assert_steps_are_the_files(
    svg: bytes, folder: Path, track: tuple[str, str], where: Interval
) -> None:
    """Both rows of a track (id, name) are drawn as the files have them, and on one scale."""
    scales = []
    for kind, values in bins_of_files(folder, track[0], where).items():
        (heights, *_) = steps_of(svg, f"{kind} of {track[1]}")
        scales.append(assert_proportional(heights[: len(values)], values))
    assert scales[0] == pytest.approx(scales[1], rel=0.01)


def assert_proportional(heights: np.ndarray, values: np.ndarray) -> float:
    """Every height is its value times one scale, which is given back: pixels a unit."""
    scale = float(heights @ values / (values @ values))
    assert scale > 0
    assert np.ptp(heights) > 10 * PIXELS
    assert heights == pytest.approx(values * scale, abs=PIXELS)
    return scale


def _filled(svg: bytes, title: str) -> list[str]:
    paths = row_of(svg, title).iter(f"{SVG}path")
    return [path.get("d", "") for path in paths if path.get("fill") != "none"]
