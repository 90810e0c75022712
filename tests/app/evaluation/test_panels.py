"""Figures say what the tables say: their points, their words and their notes."""

import re
from html import unescape

import numpy as np
import pytest

from sighthound.app.evaluation.panels import Evaluation, Panel, open_evaluation, panels, summary
from sighthound.app.evaluation.report import report_html, track_rows
from sighthound.core.errors import SighthoundError
from sighthound.core.project.evaluation import ABOUT_FILE, About, write_evaluation


@pytest.fixture(scope="session")
def drawn(evaluation: Evaluation) -> dict[str, Panel]:
    return {panel.id: panel for panel in panels(evaluation)}


def test_every_figure_is_there_with_its_number(drawn):
    numbers = {number for panel in drawn.values() for number in panel.paper.split(", ") if number}
    assert numbers == {"2B", "2C", "2D", "S2", "S3", "S1", "3A", "3B", "3C", "S5", "3D", "S6", "4B"}
    assert [panel.id for panel in drawn.values() if panel.figure is None] == []


def test_points_of_accuracy_are_the_tracks_with_their_notes(evaluation, drawn):
    table = evaluation.accuracy().set_index("track")
    found = {}
    for trace in drawn["accuracy"].figure.data:
        if trace.type == "box" and trace.xaxis == "x":
            for value, note in zip(trace.x, trace.hovertext, strict=True):
                found[re.search(r"<b>(.*?)</b>", note)[1]] = (value, note)
    assert set(found) == {f"Track {n} &amp; co" for n in range(6)}
    value, note = found["Track 4 &amp; co"]
    row = table.loc["t4"]
    assert value == row["pearson_log1p"]
    assert f"r of log(1 + x) {row['pearson_log1p']:.2f} [" in note
    assert f"ceiling {row['ceiling_log1p']:.2f} (log)" in note
    assert "350 bins of 10 bp" in note
    assert "ceiling not known: no replicate" in found["Track 0 &amp; co"][1]


def test_levels_are_on_a_scale_of_logarithms(evaluation, drawn):
    shown = [x for trace in drawn["levels"].figure.data for x in trace.x]
    assert sorted(shown) == sorted(evaluation.accuracy()["level"].dropna())
    assert drawn["levels"].figure.layout.xaxis.type == "log"


def test_cells_of_the_median_track_hold_every_bin(evaluation, drawn):
    counts = [np.nansum(trace.customdata) for trace in drawn["scatter"].figure.data]
    assert counts == [350, 350]


def test_the_words_on_replicates_count_what_is_drawn(evaluation, drawn):
    (trace,) = drawn["replicates"].figure.data
    better = sum(y > x for x, y in zip(trace.x, trace.y, strict=True))
    assert len(trace.x) == 2
    assert f"in {better} of 2 pairs" in drawn["replicates"].words
    beats = "does not beat" not in drawn["replicates"].words
    assert beats == (better > 1)


def test_reads_that_are_left_are_drawn_beside_the_others_of_each_track(evaluation, drawn):
    table = evaluation.table("ablation.tsv")
    solid = [trace for trace in drawn["ablation"].figure.data if trace.line.dash == "solid"]
    assert len(solid) == table[table["share"].notna()]["track"].nunique() == 6
    rows = table[table["track"] == "t4"].sort_values("reads")
    (trace,) = [trace for trace in solid if "Track 4 &amp; co" in trace.hovertext[0]]
    assert list(trace.x) == rows["reads"].tolist()
    assert f"r of the prediction {rows['pearson_log1p'].iloc[-1]:.2f}" in trace.hovertext[-1]
    assert "none (no signal in this fold)" in drawn["ablation"].words


def test_binding_sites_stand_beside_matched_places(drawn):
    shares = {trace.offsetgroup: list(trace.x) for trace in drawn["sites"].figure.data}
    assert shares["mutagenesis near"] == [0.3]
    assert shares["gradient by_chance"] == [0.2]
    note = drawn["sites"].figure.data[0].hovertext[0]
    assert "50% of 40 sites, of 20% of 38 matched places" in note
    assert "a motif is named at 40%, by its own name at 25%" in note
    assert "At best 50% (" in drawn["sites"].words


def test_a_heat_map_has_both_kinds_in_one_order(drawn):
    one, other = drawn["heat-map"].figure.data
    assert list(one.x) == list(other.x)
    assert list(one.y) == list(other.y)
    assert np.shape(one.z) == np.shape(other.z) == (70, 5)
    assert len(set(one.y)) == 70


def test_examples_are_the_genes_of_the_table(evaluation, drawn):
    table = evaluation.table("gene_correlations.tsv")
    shown = table[table["example"] > 0].sort_values("example", ascending=False)
    said = [a.text for a in drawn["examples"].figure.layout.annotations]
    assert [re.search(r"<b>(.*?)</b>", text)[1] for text in said] == shown["name"].tolist()
    bars = drawn["examples"].figure.data[0]
    values = evaluation.table("gene_values.parquet")
    own = values[(values["gene"] == shown["gene"].iloc[0]) & (values["column"] == bars.x[0])]
    assert bars.y[0] == own["experiment"].iloc[0]


def test_what_is_missing_is_said_in_place_of_the_figure(tmp_path, evaluation):
    about = About(
        "m", "g", "1", "test", 10, (10,), 0, {}, {"2D, S2": "no replicates", "4B": "none"}
    )
    write_evaluation(tmp_path / "out", about, {"tracks.tsv": evaluation.accuracy()})
    found = open_evaluation(tmp_path / "out", evaluation.tracks.values())
    drawn = {panel.id: panel for panel in panels(found)}
    assert drawn["accuracy"].figure is not None
    assert (drawn["replicates"].figure, drawn["replicates"].words) == (None, "no replicates")
    assert drawn["elements"].words == "none"


def test_the_summary_says_r_beside_the_ceiling(evaluation):
    table = evaluation.accuracy()
    words = summary(evaluation)
    assert f"over 6 tracks: {table['pearson_log1p'].mean():.2f} on masked bins of 10 bp" in words
    assert f"they reach {table['ceiling_log1p'].mean():.2f}" in words


def test_the_report_stands_alone_and_shows_names_as_they_are(evaluation):
    html = report_html(evaluation, "A <lab>")
    assert "<h1>A &lt;lab&gt;: how right the model is</h1>" in html
    assert not re.findall(r"<(?:script|img|link|iframe)[^>]+(?:src|href)=", html)
    own = html[html.rindex("<table>") :]
    rows = re.findall(r"<tr>(.*?)</tr>", own)
    cells = [[unescape(c) for c in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row)] for row in rows]
    assert [tuple(row) for row in cells] == track_rows(evaluation)
    assert cells[1][:2] == ["Track 0 & co", "RNA <seq>"]
    assert cells[-1][2] == "\u2013"
    assert cells[-1][-1] == "no data in this fold"


def test_a_damaged_evaluation_is_one_line(tmp_path, evaluation):
    (tmp_path / ABOUT_FILE).write_text("{}")
    with pytest.raises(SighthoundError, match="is of another version; run 'sighthound evaluate'"):
        open_evaluation(tmp_path, [])
    (tmp_path / ABOUT_FILE).write_text("no")
    with pytest.raises(SighthoundError, match="is damaged"):
        open_evaluation(tmp_path, [])
    assert open_evaluation(tmp_path / "none", []) is None
