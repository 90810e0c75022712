"""Values that know where they are: their tables, files and figures say the same numbers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyBigWig
import pytest

import sighthound as sh
from tests.tiny import make_project

ACROSS = sh.Interval("chrII", 29_952, 30_001)  # the last bin of 64, cut at 49


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> sh.Project:
    folder = make_project(
        tmp_path_factory.mktemp("results") / "lab", model=False, predictions=False
    )
    return sh.load_project(folder)


def data(project: sh.Project, *columns: list[float]) -> sh.TrackData:
    """Bins that end with chrII; tracks a, b."""
    values = np.array(columns, np.float32).T
    tracks = ("a", "b")[: len(columns)]
    start = ACROSS.start - 64 * (len(values) - 1)
    place = sh.Interval("chrII", start, ACROSS.end)
    return sh.TrackData(values, place, 64, tracks, ("reads",) * len(tracks), "signal", project)


def effects(project: sh.Project) -> sh.Effects:
    """ACN, of which C matters to the second track."""
    values = np.zeros((3, 4, 2), np.float32)
    values[1, [0, 2, 3], 1] = -1, -2, -3
    reference = np.array([5, 6], np.float32)
    place = sh.Interval("chrI", 10, 13)
    return sh.Effects(
        values, place, "ACN", ("a", "b"), ("reads", "reads"), reference, "HIS4", project
    )


def test_a_table_counts_bases_from_one_and_ends_with_the_chromosome(project: sh.Project) -> None:
    frame = data(project, [1.0, 2.0], [3.0, 4.0]).to_frame()
    assert frame.columns.tolist() == ["chrom", "start", "end", "a", "b"]
    assert frame.iloc[1].tolist() == ["chrII", 29_953, 30_001, 2.0, 4.0]


def test_the_strongest_value_of_any_track_is_furthest_from_zero(project: sh.Project) -> None:
    signal = data(project, [1.0, np.nan, 2.0], [-5.0, 0.0, 4.0])
    assert signal.strongest() == signal.bins[0]
    top = signal.top(3)
    assert top.track.tolist() == ["b", "b", "a"]
    assert top.value.tolist() == [-5.0, 4.0, 2.0]
    assert top.start.tolist() == [29_825, 29_953, 29_953]


def test_what_has_no_data_has_no_strongest_bin(project: sh.Project) -> None:
    with pytest.raises(sh.SighthoundError, match="no data in chrII"):
        data(project, [np.nan, np.nan]).strongest()


def test_a_bigwig_a_track_holds_the_values_where_they_are(
    project: sh.Project, tmp_path: Path
) -> None:
    paths = data(project, [1.5, 2.5], [np.nan, 4.1]).to_bigwig(tmp_path / "new" / "x.bw")
    assert [path.name for path in paths] == ["x.a.bw", "x.b.bw"]
    with pyBigWig.open(str(paths[0])) as file:
        assert file.intervals("chrII") == ((29_888, 29_952, 1.5), (29_952, 30_001, 2.5))
        assert file.chroms("chrI") == 40_000
    with pyBigWig.open(str(paths[1])) as file:
        assert file.intervals("chrII") == ((29_952, 30_001, pytest.approx(4.1)),)


def test_a_bigwig_is_named_as_one(project: sh.Project, tmp_path: Path) -> None:
    with pytest.raises(sh.SighthoundError, match=r"x\.txt"):
        data(project, [1.0]).to_bigwig(tmp_path / "x.txt")


def test_a_correlation_is_of_the_same_bins_and_tracks(project: sh.Project) -> None:
    one, other = data(project, [1.0, 2.0, 9.0]), data(project, [2.0, 4.0, np.nan])
    assert sh.pearson(one, other).to_dict() == {"a": 1.0}
    exact = data(project, [3.0, 8.0, 99.0])  # 1 + value is the square of 1 + that of `one`
    assert sh.pearson(one, exact, transform="log1p")["a"] == pytest.approx(1)
    with pytest.raises(sh.SighthoundError, match="differ in their interval"):
        sh.pearson(one, data(project, [1.0, 2.0]))
    with pytest.raises(sh.SighthoundError, match="differ in their tracks"):
        sh.pearson(one, replace(one, tracks=("b",)))
    with pytest.raises(sh.SighthoundError, match="log2"):
        sh.pearson(one, other, transform="log2")


def test_a_base_is_worth_what_its_changes_lose(project: sh.Project, tmp_path: Path) -> None:
    worth = effects(project).attributions()
    assert worth.values[:2].tolist() == [[0, 0], [0, 2]]
    assert np.isnan(worth.values[2]).all()
    assert worth.top(1).to_dict("records") == [
        {"chrom": "chrI", "position": 12, "base": "C", "track": "b", "value": 2.0}
    ]
    (_, of_b) = effects(project).to_bigwig(tmp_path / "worth.bw")
    with pyBigWig.open(str(of_b)) as file:
        assert file.values("chrI", 11, 12) == [2.0]


def test_a_table_of_effects_has_a_row_an_alternative(project: sh.Project) -> None:
    frame = effects(project).to_frame()
    assert len(frame) == 3 + 3 + 4  # N has four
    (row,) = frame[(frame.position == 12) & (frame.alt == "T")].to_dict("records")
    assert row == {"chrom": "chrI", "position": 12, "ref": "C", "alt": "T", "a": 0.0, "b": -3.0}


def test_motifs_are_asked_of_one_track_and_of_a_group_that_there_is(project: sh.Project) -> None:
    with pytest.raises(sh.SighthoundError, match="no track was named; these effects have a, b"):
        effects(project).motifs()
    with pytest.raises(sh.SighthoundError, match="no taxonomic group 'mushrooms'"):
        effects(project).motifs("b", tax_group="mushrooms")


def test_a_figure_says_each_bins_bases_and_value(project: sh.Project) -> None:
    figure = data(project, [1.0, 2.0], [3.0, np.nan]).plot()
    assert [trace.name for trace in figure.data] == ["a", "b"]
    assert figure.data[0].text[1] == "a<br>chrII:29,953-30,001<br>2.00 (reads)"
    assert figure.data[0].x.tolist() == [29_920.5, 29_977.0]
    assert figure.layout.yaxis2.title.text == "reads"
    assert [note.text for note in figure.layout.annotations] == ["a", "b"]


def test_a_figure_of_effects_is_the_pages_with_motifs_looked_for(project: sh.Project) -> None:
    few = replace(project, motifs=replace(project.motifs, tax_group="urochordates"))
    figure = replace(effects(project), project=few).plot()
    assert len([trace for trace in figure.data if trace.type == "heatmap"]) == 2
    said = [note.text for note in figure.layout.annotations]
    assert said.count("no known motif on the bases that matter") == 2
