"""The mutagenesis figure: what it shows, in which units, and that it stays light."""

import json
import re
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from sighthound.app.figures.logo import LETTER_WIDTH, logo_shapes, matrix_logo_shapes
from sighthound.app.figures.measured_lane import lanes_of
from sighthound.app.figures.motifs import motif_sheet
from sighthound.app.figures.mutagenesis import mutagenesis_figure
from sighthound.app.figures.mutated_track import BASES, FROM_BELOW, MutatedTrack
from sighthound.app.figures.theme import BASE_COLOURS, DOUBTED
from sighthound.core.errors import SighthoundError

SEQUENCE = "ACGTN"


def effects_of(sequence: str, change: float) -> np.ndarray:
    """The same effect for every change, 0 at the reference base."""
    effects = np.full((len(sequence), 4), change, dtype=np.float32)
    for position, base in enumerate(sequence):
        if base in BASES:
            effects[position, BASES.index(base)] = 0
    return effects


def mutated(
    effects: np.ndarray | None = None, sequence: str = SEQUENCE, **settings: object
) -> MutatedTrack:
    given: dict = {"name": "GCN4", "reference": 2.5, "unit": "reads"} | settings
    return MutatedTrack(effects=effects_of(sequence, -0.3) if effects is None else effects, **given)


def figure(
    effects: np.ndarray | None = None, sequence: str = SEQUENCE, **settings: object
) -> go.Figure:
    return mutagenesis_figure(
        [mutated(effects, sequence, **settings)], sequence, chrom="chrIV", start=1232
    )


def at(rows: Any, base: str) -> Any:
    """What a heat map holds for changes to a base: its lines run from below, T to A."""
    return rows[list(FROM_BELOW).index(base)]


def path_box(shape: dict) -> tuple[float, float, float, float]:
    numbers = [float(token) for token in shape["path"].split() if not token.isalpha()]
    return min(numbers[::2]), max(numbers[::2]), min(numbers[1::2]), max(numbers[1::2])


def test_a_logo_is_one_shape_for_each_base_that_occurs() -> None:
    shapes = logo_shapes("AACGA", [1, 2, 3, 4, 5], first=10)
    assert [shape["name"] for shape in shapes] == ["A", "C", "G"]
    assert shapes[0]["path"].count("Z") == 3 * 2  # an A is an outline and a hole


def test_a_letter_fills_its_base_and_its_height() -> None:
    (shape,) = logo_shapes("T", [2.0], first=1233)
    half = LETTER_WIDTH / 2
    assert path_box(shape) == pytest.approx((1233 - half, 1233 + half, 0, 2))


def test_a_letter_of_negative_height_hangs_below_zero() -> None:
    (shape,) = logo_shapes("C", [-2.0], first=0)
    assert path_box(shape)[2:] == pytest.approx((-2, 0))


def test_letters_too_small_to_see_are_left_out() -> None:
    assert [shape["name"] for shape in logo_shapes("AC", [1.0, 1e-6], first=0)] == ["A"]


def test_positions_of_a_large_chromosome_keep_their_place() -> None:
    (shape,) = logo_shapes("T", [1.0], first=248_000_001)
    assert path_box(shape)[0] == pytest.approx(248_000_001 - LETTER_WIDTH / 2, abs=0.05)


def test_a_logo_refuses_heights_of_another_length() -> None:
    with pytest.raises(SighthoundError, match="3 bases"):
        logo_shapes("ACG", [1, 2], first=0)


def test_the_heat_map_is_alternative_by_genomic_position_with_the_reference_left_open() -> None:
    heat_map = figure().data[0]
    assert list(heat_map.x) == [1233, 1234, 1235, 1236, 1237]
    assert list(heat_map.y) == list(figure().layout.yaxis4.categoryarray) == list("TGCA")
    values = np.array([at(heat_map.z, base) for base in BASES], dtype=float)
    assert values.shape == (4, 5)
    assert np.isnan(values[np.arange(4), np.arange(4)]).all()
    assert np.nansum(values) == pytest.approx(-0.3 * 16)


def test_the_colour_scale_is_centred_on_no_change() -> None:
    heat_map = figure(np.array([[0, 0.1, -0.4, 0.2]]), "A").data[0]
    assert heat_map.zmid == 0
    assert heat_map.zmin == pytest.approx(-heat_map.zmax) == pytest.approx(-0.4)


def test_a_window_without_any_effect_is_still_a_figure() -> None:
    drawn = figure(np.zeros((5, 4)))
    assert drawn.data[0].zmax == 1
    assert drawn.layout.yaxis.range[0] < 0 < drawn.layout.yaxis.range[1]


def test_hovering_names_the_change_its_effect_and_its_share_of_the_prediction() -> None:
    text = figure().data[0].text
    assert at(text, "G")[1] == "chrIV:1,234 C>G: \u22120.300 (reads), \u221212 %"
    assert at(text, "C")[1] == ""


def test_without_a_prediction_there_is_no_share() -> None:
    text = figure(reference=0.0).data[0].text
    assert at(text, "G")[1] == "chrIV:1,234 C>G: \u22120.300 (reads)"


def test_every_cell_says_the_number_that_it_is_coloured_by() -> None:
    effects = np.arange(1, 21, dtype=np.float32).reshape(5, 4) * np.float32(-1.25)
    for position, base in enumerate("ACGT"):
        effects[position, BASES.index(base)] = 0
    heat_map = figure(effects).data[0]
    for base in BASES:
        for offset, (value, words) in enumerate(
            zip(at(heat_map.z, base), at(heat_map.text, base), strict=True)
        ):
            if np.isnan(value):
                assert words == ""
                continue
            assert value == effects[offset, BASES.index(base)]
            found = re.match(
                r"chrIV:([\d,]+) ([ACGTN])>([ACGT]): \u2212([\d.]+) \(reads\), ", words
            )
            assert found is not None, words
            place, before, after, said = found.groups()
            assert (place, before, after) == (f"{1233 + offset:,}", SEQUENCE[offset], base)
            assert float(said) == pytest.approx(-value, rel=5e-3)


def test_as_a_log_ratio_a_cell_says_both_the_change_and_the_ratio_that_colours_it() -> None:
    drawn = mutagenesis_figure(
        [mutated(np.array([[0, -0.4, 0, 0]]), "A", reference=1.0)],
        "A", chrom="chrIV", start=9, scale="log2",
    )  # fmt: skip
    assert at(drawn.data[0].text, "C")[0] == (
        "chrIV:10 A>C: \u22120.400 (reads), \u221240 %, log2 ratio \u22120.322"
    )
    logo, extremes = (trace.text[0] for trace in unseen(drawn))
    assert logo == "chrIV:10 A: changing it costs 0.107 (log2 ratio) on average"
    assert "largest loss: A>C \u22120.322 (log2 ratio)" in extremes


def test_what_cannot_be_computed_is_said_and_not_drawn() -> None:
    effects = np.full((1, 4), np.nan)
    drawn = figure(effects, "A")
    assert at(drawn.data[0].text, "C")[0] == "chrIV:1,233 A>C: no data"
    assert np.isfinite([*drawn.layout.yaxis.range, drawn.data[0].zmax]).all()
    assert "nan" not in drawn.to_json().lower().replace("nanmax", "")


def test_reference_bases_are_marked() -> None:
    marks = figure().data[1]
    assert list(zip(marks.x, marks.y, strict=True)) == [
        (1233, "A"),
        (1234, "C"),
        (1235, "G"),
        (1236, "T"),
    ]


def test_axes_and_colours_say_what_they_are_and_in_which_unit() -> None:
    drawn = figure()
    assert drawn.layout.xaxis.title.text == "position on chrIV (bp)"
    assert "loss" in drawn.layout.yaxis.title.text
    assert "(reads)" in drawn.layout.yaxis.title.text
    assert "(reads)" in drawn.data[0].colorbar.title.text


def test_effects_of_another_shape_are_refused() -> None:
    with pytest.raises(SighthoundError, match=r"expected \(5, 4\)"):
        figure(np.zeros((4, 5)))


def test_two_hundred_bases_make_a_light_figure() -> None:
    sequence = "ACGT" * 50
    written = figure(effects_of(sequence, 0.2), sequence).to_json()
    assert len(json.loads(written)["data"]) == 7
    assert len(written) < 200_000


def motif(start: int, end: int, **more: object) -> dict:
    """A motif as /api/v1/motifs gives it."""
    named = {"strand": "+", "name": "GCN4", "motif": "MA0303.3", "url": "https://jaspar/MA0303.3"}
    return named | {"start": start, "end": end, "q_value": 2e-5, "by": "effects"} | more


def test_motifs_lie_in_their_place_with_a_link_that_opens_beside_the_page() -> None:
    drawn = figure(motifs=[motif(1233, 1236), motif(1235, 1239, name="X", url="")])
    (bars,) = (t for t in drawn.data if t.yaxis == "y2")
    # The last base of the window is 1,237: what sticks out is cut.
    assert (list(bars.base), list(bars.x)) == ([1233.5, 1235.5], [3, 2])
    assert bars.y[0] != bars.y[1], "names of neighbours are in two rows"
    linked, plain = (note.text for note in drawn.layout.annotations)
    assert 'href="https://jaspar/MA0303.3" target="_blank"' in linked
    assert plain == "X +"
    assert "MA0303.3" in bars.text[0]
    assert "chrIV:1,234-1,236" in bars.text[0]
    assert "q = 2e-05" in bars.text[0]
    assert [note.hovertext for note in drawn.layout.annotations] == list(bars.text)


def test_until_motifs_are_known_their_lane_says_so_and_then_whether_there_are_any() -> None:
    assert figure().layout.annotations[0].text == "naming motifs"
    assert figure(motifs=[]).layout.annotations[0].text.startswith("no known motif")


def test_hovering_a_change_names_the_motifs_that_it_makes_or_breaks() -> None:
    change = {"position": 1233, "alternative": "G", "kind": "loss", "p_value": 3.1e-6}
    drawn = figure(changes=[change | {"name": "GCN4", "motif": "MA0303.3", "strand": "-"}])
    text = drawn.data[0].text
    assert "breaks GCN4 - (p = 3e-06)" in at(text, "G")[1]
    assert "GCN4" not in at(text, "T")[1]


def test_the_callback_makes_a_graph_of_an_answer() -> None:
    from sighthound.app.pages.panels import mutagenesis_graph

    graph = mutagenesis_graph(
        {
            "tracks": [
                {
                    "track": "gcn4",
                    "name": "GCN4",
                    "unit": "reads",
                    "reference": 2.5,
                    "effects": effects_of(SEQUENCE, -0.3).tolist(),
                }
            ],
            "sequence": SEQUENCE,
            "chrom": "chrIV",
            "start": 1232,
        }
    )
    figure = graph.to_plotly_json()["props"]["figure"]
    assert figure.data[0].type == "heatmap"


def heat_maps(drawn: go.Figure) -> list:
    return [trace for trace in drawn.data if trace.type == "heatmap"]


def seen_bars(drawn: go.Figure) -> list:
    """Gains and losses."""
    return [t for t in drawn.data if t.type == "bar" and t.orientation != "h" and not t.text]


def unseen(drawn: go.Figure) -> list:
    """What is said of the logo's letters, and of the bars of gain and loss."""
    return [t for t in drawn.data if t.type == "bar" and t.orientation != "h" and t.text]


def stacked(scale: str, **settings: Any) -> go.Figure:
    """A change that costs one track 0.4 of 1, and adds 4 to the 10 of another."""
    tracks = [
        mutated(np.array([[0, -0.4, 0, 0]]), "A", name="one", reference=1.0),
        mutated(np.array([[0, 4.0, 0, 0]]), "A", name="other", reference=10.0),
    ]
    return mutagenesis_figure(tracks, "A", chrom="chrIV", start=9, scale=scale, **settings)


def test_tracks_stand_above_one_another_on_one_x_axis() -> None:
    drawn = stacked("own")
    one, other = heat_maps(drawn)
    assert (one.xaxis, other.xaxis) == ("x", "x")
    assert (one.yaxis, other.yaxis) == ("y4", "y8")
    assert drawn.layout.yaxis4.domain[0] > drawn.layout.yaxis8.domain[1]
    titles = [note.text for note in drawn.layout.annotations if note.yref == "paper"]
    assert titles[0].startswith("<b>one</b>  predicted 1.00 (reads)")
    assert drawn.layout.height > figure().layout.height


@pytest.mark.parametrize(
    ("scale", "limits"),
    [("own", [0.4, 4.0]), ("units", [4.0, 4.0]), ("log2", [np.log2(15 / 11)] * 2)],
)
def test_colours_of_tracks_compare_as_the_scale_says(scale: str, limits: list[float]) -> None:
    maps = heat_maps(stacked(scale))
    assert [m.zmax for m in maps] == pytest.approx(limits, rel=1e-5)
    bars = [m for m in maps if m.showscale is not False]
    assert len(bars) == (2 if scale == "own" else 1)


def test_a_contrast_is_in_logarithms_already_and_has_no_share() -> None:
    effects = np.zeros((3, 4), np.float32)
    effects[1] = 0.5
    contrast = MutatedTrack("a over b", effects, -0.25, "log2 ratio")
    for scale in ("own", "log2"):
        figure = mutagenesis_figure([contrast], "ACG", chrom="c", start=0, scale=scale)
        said = [text for line in figure.data[0].text for text in line if text]
        assert any(text.endswith("+0.500 (log2 ratio)") for text in said), said
        assert not any("%" in text for text in said)
        assert figure.data[0].zmax == 0.5


def test_opposite_effects_have_opposite_signs_as_log_ratios() -> None:
    one, other = heat_maps(stacked("log2"))
    assert at(one.z, "C")[0] == pytest.approx(np.log2(1.6 / 2))
    assert at(other.z, "C")[0] == pytest.approx(np.log2(15 / 11))
    assert "log2 ratio" in one.colorbar.title.text


def test_the_largest_gain_and_loss_of_a_base_are_bars_that_name_the_change() -> None:
    drawn = figure(np.array([[0, 0.5, -0.2, 0.1]]), "A")
    gain, loss = seen_bars(drawn)
    assert (gain.y[0], loss.y[0]) == pytest.approx((0.5, -0.2))
    (_, words) = (trace.text[0] for trace in unseen(drawn))
    assert words == (
        "chrIV:1,233 A<br>largest gain: A>C +0.500 (reads)<br>largest loss: A>G \u22120.200 (reads)"
    )


def test_where_every_change_loses_no_change_is_a_gain() -> None:
    drawn = figure(np.array([[-0.1, -0.5, 0, -0.2]]), "G")
    assert [trace.y[0] for trace in seen_bars(drawn)] == pytest.approx([0, -0.5])
    (_, words) = (trace.text[0] for trace in unseen(drawn))
    assert "no change is a gain" in words
    assert "largest loss: G>C" in words


@pytest.mark.parametrize(
    ("stretch", "frame"),
    [
        ((9, 10), [9.5, 10.5]),
        ((5, 12), [9.5, 10.5]),
        ((9, 9), [9.5, 9.5]),
        ((10, 10), [10.5, 10.5]),
        ((5, 9), []),
        ((12, 12), []),
    ],
)
def test_what_variants_replace_is_framed_in_every_track_and_a_line_is_where_they_insert(
    stretch: tuple[int, int], frame: list[float]
) -> None:
    drawn = stacked("own", marked=[stretch])  # on one base, from 9 to 10
    frames = [shape for shape in drawn.layout.shapes if shape.line.width == 1.4]
    assert [[f.x0, f.x1] for f in frames] == ([frame, frame] if frame else [])
    assert [f.yref for f in frames] == (["y4", "y8"] if frame else [])


def test_no_tracks_and_unknown_scales_are_refused() -> None:
    with pytest.raises(SighthoundError, match="no tracks"):
        mutagenesis_figure([], "A", chrom="chrIV", start=0)
    with pytest.raises(SighthoundError, match="unknown scale 'loud'"):
        stacked("loud")


def test_a_motifs_letters_stand_on_each_other_the_tallest_on_top() -> None:
    shapes = {shape["name"]: shape for shape in matrix_logo_shapes([[1.5, 0, 0, 0.5]], first=7)}
    assert set(shapes) == {"A", "T"}
    half = LETTER_WIDTH / 2
    assert path_box(shapes["T"]) == pytest.approx((7 - half, 7 + half, 0, 0.5))
    assert path_box(shapes["A"]) == pytest.approx((7 - half, 7 + half, 0.5, 2))


def test_a_sheet_of_motifs_has_a_logo_each_in_bits() -> None:
    sure, open_to_two = [1, 0, 0, 0], [0.5, 0, 0, 0.5]
    drawn = motif_sheet(
        [np.array([sure]), np.array([open_to_two] * 2)], ["one", "two"], ["2 bits", ""]
    )
    first, *second = drawn.layout.shapes
    assert (first.yref, path_box(first.to_plotly_json())[3]) == ("y", pytest.approx(2))
    assert {shape.yref for shape in second} == {"y2"}
    assert max(path_box(shape.to_plotly_json())[3] for shape in second) == pytest.approx(1)
    assert [note.text.startswith("<b>one</b>") for note in drawn.layout.annotations] == [
        True,
        False,
    ]
    with pytest.raises(SighthoundError, match="1 motifs were given 2 titles"):
        motif_sheet([np.array([sure])], ["one", "two"])


def test_a_figure_fills_the_room_that_it_has_up_to_twice_its_parts() -> None:
    def height(room: float, tracks: int = 1) -> int:
        drawn = mutagenesis_figure(
            [mutated()] * tracks, SEQUENCE, chrom="chrIV", start=1232, room=room
        )
        return drawn.layout.height

    natural = height(0)
    assert height(natural - 100) == natural
    for tracks in (1, 3):
        room = 1.4 * height(0, tracks)
        assert room - 3 * tracks <= height(room, tracks) <= room
    assert natural < height(5_000) < 2 * natural


def test_letters_that_the_networks_disagree_on_are_grey_and_say_so() -> None:
    shape = (len(SEQUENCE), 4)
    said = {
        "members": 3, "mean": np.full(shape, -0.2).tolist(),
        "deviation": np.full(shape, 0.4).tolist(), "known": np.zeros(shape, bool).tolist(),
        "contributions": [True, False, True, True, False],
    }  # fmt: skip
    drawn = figure(said=said)
    letters = {(s.name, s.fillcolor) for s in drawn.layout.shapes if s.type == "path"}
    colours = dict(sorted(letters))
    assert (colours["C"], colours["N"]) == (DOUBTED, DOUBTED)
    assert colours["A"] == BASE_COLOURS["A"]
    heat = next(trace for trace in drawn.data if trace.type == "heatmap")
    assert "3 networks: \u22120.200 \u00b1 0.400: they disagree" in at(heat.text, "C")[0]
    bars = [trace for trace in drawn.data if trace.type == "bar" and trace.text]
    words = [text for trace in bars for text in trace.text]
    assert any(w.endswith("the 3 networks disagree") for w in words if "1,234" in w)
    assert not any("disagree" in w for w in words if "1,233" in w)


def test_a_change_says_how_it_ranks_among_nulls() -> None:
    percentiles = [[None, 97.6, 3.0, 50.0], *([[None] * 4] * 4)]
    heat = next(t for t in figure(percentiles=percentiles).data if t.type == "heatmap")
    assert at(heat.text, "C")[0].endswith("over all bins larger than 97 % of matched nulls")
    assert "matched nulls" not in at(heat.text, "A")[1]


def test_measured_effects_are_letters_in_a_lane_below_the_tracks():
    measured = {
        "name": "mpra", "effect": "logFC", "significance": True, "effects": [
            {"position": 101, "ref": "C", "alt": "T", "effect": -0.5, "q": 0.01,
             "experiment": "HepG2", "gene": ""},
            {"position": 103, "ref": "TA", "alt": "T", "effect": 0.2, "q": 0.5,
             "experiment": "", "gene": ""},
        ],
    }  # fmt: skip
    tracks = [MutatedTrack("one", np.zeros((8, 4)), 1.0)]
    plain = mutagenesis_figure(tracks, "ACGTACGT", chrom="chrI", start=100)
    lanes = lanes_of([measured, {**measured, "effects": []}])
    figure = mutagenesis_figure(tracks, "ACGTACGT", chrom="chrI", start=100, measured=lanes)
    letters = figure.data[-1]
    assert letters.text == ("<b>T</b>", "<b>\u2212</b>")
    assert letters.x == (102, 105)
    assert letters.textfont.color == (BASE_COLOURS["T"], DOUBTED)
    assert letters.hovertext[0] == "chrI:102 C>T<br>measured \u22120.500 (logFC), FDR 0.01<br>HepG2"
    assert (letters.yaxis, figure.layout.xaxis.anchor) == ("y5", "y5")
    assert figure.layout.height > plain.layout.height
    assert figure.layout.yaxis5.domain[1] < figure.layout.yaxis4.domain[0]
