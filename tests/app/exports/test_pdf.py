"""A picture as PDF: real text, and pixel for pixel what the page draws."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pypdfium2
import pytest
from flask.testing import FlaskClient

from sighthound.app.exports.pdf import MIDDLE_TO_BASELINE, SHAPES, font_runs, picture_pdf
from sighthound.core.errors import SighthoundError
from tests.paths import ROOT


def picture(*shapes: dict[str, Any], width: int = 40, height: int = 20, **more: Any) -> bytes:
    return picture_pdf({"width": width, "height": height, "shapes": list(shapes), **more})


def pixels(data: bytes, scale: float = 96 / 72) -> np.ndarray:
    """The page as pixels, one a CSS pixel; (height, width, 3)."""
    page = pypdfium2.PdfDocument(data)[0]
    return np.asarray(page.render(scale=scale).to_pil().convert("RGB"))


def words(data: bytes) -> str:
    text = pypdfium2.PdfDocument(data)[0].get_textpage().get_text_range()
    return text.replace("\r", "").replace("\n", "")


def rect(x: float, y: float, w: float, h: float, fill: str, **more: Any) -> dict[str, Any]:
    return {"op": "rect", "x": x, "y": y, "w": w, "h": h, "fill": fill, **more}


def text(written: str, **more: Any) -> dict[str, Any]:
    return {"op": "text", "x": 5, "y": 10, "text": written, "fill": "#000000", "size": 11, **more}


def test_every_shape_of_the_drawing_list_is_drawn() -> None:
    declared = (ROOT / "assets" / "view" / "draw" / "shapes.js").read_text()
    assert set(re.findall(r'\{op: "(\w+)"', declared)) == set(SHAPES)


def test_coordinates_are_pixels_from_the_top_left() -> None:
    drawn = pixels(picture(rect(2, 3, 10, 4, "#ff0000")))
    assert drawn.shape == (20, 40, 3)
    is_red = (drawn == (255, 0, 0)).all(axis=2)
    assert is_red[3:7, 2:12].all()
    assert is_red.sum() == 40


def test_groups_move_and_clip_what_is_in_them_only() -> None:
    inside = rect(0, 0, 40, 20, "#0000ff")
    group = {"op": "group", "x": 10, "y": 5, "clip": [0, 0, 8, 6], "items": [inside]}
    drawn = pixels(picture(group, rect(30, 15, 2, 2, "#00ff00")))
    is_blue = (drawn == (0, 0, 255)).all(axis=2)
    assert is_blue[5:11, 10:18].all()
    assert is_blue.sum() == 48
    assert (drawn[15:17, 30:32] == (0, 255, 0)).all()


def test_opacity_is_that_of_the_colour_times_that_of_the_shape() -> None:
    points = [0, 0, 20, 0, 20, 20, 0, 20]
    half = {"op": "path", "points": points, "fill": "#ff0000", "closed": True, "opacity": 0.5}
    drawn = pixels(picture(half, rect(20, 0, 20, 20, "#ff000080"), rect(38, 0, 2, 20, "#00ff00")))
    assert abs(drawn[10, 10].astype(int) - (255, 127, 127)).max() <= 2
    assert abs(drawn[10, 30].astype(int) - (255, 127, 127)).max() <= 2
    assert drawn[10, 39].tolist() == [0, 255, 0]


def test_bars_lie_where_the_list_says() -> None:
    drawn = pixels(picture({"op": "bars", "rects": [1, 2, 3, 4, 20, 0, 5, 20], "fill": "#000000"}))
    is_black = (drawn == 0).all(axis=2)
    assert is_black[2:6, 1:4].all()
    assert is_black[:, 20:25].all()
    assert is_black.sum() == 12 + 100


def test_an_outline_in_an_outline_is_a_hole_and_curves_are_curves() -> None:
    ring = "M0 0L20 0L20 20L0 20ZM5 5L15 5L15 15L5 15Z"
    round_ = "M30 0C41 0 41 20 30 20Z"
    drawn = pixels(
        picture(
            {"op": "outline", "d": ring, "fill": "#000000"},
            {"op": "outline", "d": round_, "fill": "#ff0000"},
            {"op": "outline", "d": "M25 0L25 20", "stroke": "#0000ff", "width": 2},
        )
    )
    is_black = (drawn == 0).all(axis=2)
    assert is_black.sum() == 20 * 20 - 10 * 10
    assert not is_black[5:15, 5:15].any()
    assert drawn[10, 36].tolist() == [255, 0, 0]
    assert drawn[1, 36].tolist() == [255, 255, 255]
    assert (drawn[:, 24:26] == (0, 0, 255)).all()


def test_turned_text_runs_upwards_from_its_place() -> None:
    drawn = pixels(picture(text("mmm", x=20, y=38, turn=-90, measured=24), height=40))
    rows = np.flatnonzero(drawn.min(axis=(1, 2)) < 128)
    columns = np.flatnonzero(drawn.min(axis=(0, 2)) < 128)
    assert 14 <= rows[0] <= 16
    assert 36 <= rows[-1] <= 38
    # Upright it would be 6 pixels high, in the middle of its line: so wide it is now.
    assert 17 <= columns[0] <= columns[-1] <= 24
    assert words(picture(text("mmm", x=20, y=38, turn=-90), height=40)) == "mmm"


def test_stripes_are_seven_pixels_apart() -> None:
    drawn = pixels(
        picture(
            {
                "op": "hatch",
                "x": 0,
                "y": 0,
                "w": 40,
                "h": 20,
                "ground": "#ffffff",
                "stripe": "#000000",
            }
        ),
        scale=4 * 96 / 72,
    )
    dark = np.flatnonzero(drawn[40, :, 0] < 100)
    middles = [int(run.mean()) for run in np.split(dark, np.flatnonzero(np.diff(dark) > 1) + 1)]
    assert set(np.diff(middles)) <= {27, 28, 29}
    assert middles[0] == pytest.approx((14 - 10) * 4 % 28, abs=1.5)


def test_text_can_be_searched_and_is_there_once_though_it_has_a_halo() -> None:
    data = picture(text("no data \u2212 50 \u00b1 2", halo="#ffffff"), width=200)
    assert words(data) == "no data \u2212 50 \u00b1 2"
    # Dark letters on their white halo.
    assert pixels(data).min() < 60


def test_text_is_as_wide_as_the_page_measured_it() -> None:
    def width(measured: float) -> int:
        page = pixels(picture(text("prediction", measured=measured), width=200), 4 * 96 / 72)
        columns = np.flatnonzero(page.min(axis=(0, 2)) < 128)
        return columns[-1] - columns[0]

    assert width(80) / width(60) == pytest.approx(80 / 60, rel=0.02)
    assert width(60) == pytest.approx(4 * 60, rel=0.05)


@pytest.mark.parametrize(
    ("align", "first", "last"), [("left", 5, 45), ("center", 0, 25), ("right", 0, 5)]
)
def test_text_is_aligned_at_its_place(align: str, first: int, last: int) -> None:
    drawn = pixels(picture(text("mmmm", align=align, measured=40), width=80))
    columns = np.flatnonzero(drawn.min(axis=(0, 2)) < 128)
    assert first <= columns[0] <= first + 2
    assert last - 3 <= columns[-1] <= last


def test_letters_that_the_font_lacks_are_written_in_another() -> None:
    assert list(font_runs("TNF\u03b1 up", bold=False)) == [
        ("Vera", "TNF"), ("Symbol", "\u03b1"), ("Vera", " up"),
    ]  # fmt: skip
    assert list(font_runs("\u9175\u6bcd", bold=True)) == [("STSong-Light", "\u9175\u6bcd")]
    assert list(font_runs("\U0001f415", bold=True)) == [("VeraBd", "?")]
    assert words(picture(text("TNF\u03b1"), width=100)) == "TNF\u03b1"


def test_a_page_is_as_wide_as_it_was_ordered() -> None:
    page = pypdfium2.PdfDocument(picture(width=800, height=400, width_mm=180))[0]
    assert page.get_width() / 72 * 25.4 == pytest.approx(180, abs=0.01)
    assert page.get_height() / 72 * 25.4 == pytest.approx(90, abs=0.01)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ({"op": "image"}, "unknown shape 'image' in a picture; expected group, rect"),
        ("text", "unknown shape 'text, no object'"),
        (rect(0, 0, 1, 1, "url(#a)"), r"colour 'url\(#a\)' in a picture; expected #rrggbb"),
        (rect(float("nan"), 0, 1, 1, "#fff"), "x of a picture is 'nan'; expected a number"),
        ({"op": "bars", "rects": ["1"], "fill": "#fff"}, "rects of a picture holds '1'"),
        ({"op": "outline", "d": "M0 0A1 1 0 0 1 2 2", "fill": "#fff"}, "expected M, L, C and Z"),
        ({"op": "outline", "d": "M0 0L1", "fill": "#fff"}, "L1 in a picture has 1 numbers"),
        ({"op": "group", "x": 0, "y": 0}, "lacks its list of items"),
    ],
)
def test_what_is_no_drawing_is_refused(shape: dict[str, Any], message: str) -> None:
    with pytest.raises(SighthoundError, match=message):
        picture(shape)


def test_the_server_writes_what_the_page_sends(web: FlaskClient) -> None:
    body = {"width": 40, "height": 20, "shapes": [text("here")]}
    answer = web.post("/api/v1/pdf", json=body, headers={"X-Sighthound": "1"})
    assert answer.mimetype == "application/pdf"
    assert words(answer.data) == "here"


def test_text_stands_where_the_page_puts_it() -> None:
    declared = (ROOT / "assets" / "view" / "draw" / "shapes.js").read_text()
    (middle,) = re.findall(r"MIDDLE_TO_BASELINE = ([\d.]+)", declared)
    assert float(middle) == MIDDLE_TO_BASELINE
    rows = np.flatnonzero(pixels(picture(text("HHH")), 8 * 96 / 72).min(axis=(1, 2)) < 128)
    assert rows[-1] / 8 == pytest.approx(10 + 11 * MIDDLE_TO_BASELINE, abs=0.2)


def test_italic_letters_are_of_the_italic_font_and_a_subscript_that_no_font_has_is_its_digit() -> (
    None
):
    assert list(font_runs("GAL4", False, True)) == [("VeraIt", "GAL4")]
    assert list(font_runs("GAL4", True, True)) == [("VeraBI", "GAL4")]
    assert list(font_runs("log\u2082", False)) == [("Vera", "log2")]
    assert words(picture(text("GAL4", italic=True), width=60)) == "GAL4"
