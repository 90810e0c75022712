"""A picture of the view as PDF: the page's drawing list (assets/view/draw/shapes.js).

Every shape is drawn as canvas.js paints it, so that the file equals the screen. Text stays text:
in Bitstream Vera, which is embedded, and for letters that it lacks in standard fonts of PDF; as
wide as the page measured it.

The page writes SVG of the same shapes, which svglib (2.3) turns into PDF by reportlab, too. It is
not used: of 100 rows of 1,000 bars it made a file 1.5 times as large in 9.3 s of a processor, where
this takes 0.7 s, and it leaves out patterns, so that the hatch of no data was missing.
"""

from __future__ import annotations

import functools
import io
import math
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import Blueprint, Response

from sighthound.app.answers.kept import AskedPicture
from sighthound.app.web.csrf import asked_json, guard
from sighthound.app.web.operation import PDF, Operation, Operations
from sighthound.core.errors import SighthoundError

# A picture of a hundred rows takes about 2 MB as JSON.
MAX_BYTES = 24 * 1024 * 1024
MAX_PIXELS, MAX_DEPTH = 40_000, 16
# Shapes, stripes and letters of a picture: some seconds of drawing.
MAX_MARKS = 500_000
POINTS_A_PIXEL = 72 / 96
POINTS_A_MM = 72 / 25.4
HATCH = 7  # pixels between two stripes
HALO = 3  # pixels of a text's halo
# From a line's middle down to where its letters stand, by their size; as in shapes.js.
MIDDLE_TO_BASELINE = 0.31
BOLD_FROM = 600
# Regular, italic, bold, bold italic: Bitstream Vera, which reportlab brings along.
EMBEDDED = ("Vera", "VeraIt", "VeraBd", "VeraBI")
# Text is drawn as wide as it was measured, unless its font is another one altogether.
_STRETCH = (60.0, 170.0)
_DECIMAL = r"-?\d+(?:\.\d+)?"
_OUTLINE = re.compile(rf"(?:[MLCZ](?:{_DECIMAL}(?: {_DECIMAL})*)?)+")
_STEP = re.compile(r"([MLCZ])([^MLCZ]*)")
# Numbers of a step of an outline, and its operator in PDF.
_STEPS = {"M": (2, "m"), "L": (2, "l"), "C": (6, "c"), "Z": (0, "h")}
_COLOUR = re.compile(r"^#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})$")


OPERATIONS: Operations = {
    "/api/v1/pdf": {
        "post": Operation("A picture as a PDF of one page.", media=(PDF,), body=AskedPicture)
    },
}


def blueprint() -> Blueprint:
    """Make the route /api/v1/pdf."""
    routes = Blueprint("pdf", __name__, url_prefix="/api/v1")

    @routes.post("/pdf")
    def pdf() -> Response:
        guard()
        return Response(picture_pdf(asked_json(MAX_BYTES)), mimetype="application/pdf")

    return routes


def picture_pdf(picture: dict[str, Any]) -> bytes:
    """Write a picture as a PDF of one page.

    Parameters
    ----------
    picture : dict
        `shapes`, as assets/view/draw/shapes.js describes them, where a text may have its `measured`
        width; `width` and `height` in CSS pixels; optionally `width_mm` of the page, `title` and
        `subject`.

    Raises
    ------
    SighthoundError
        It is no such picture.
    """
    from reportlab import rl_config
    from reportlab.pdfgen.canvas import Canvas

    # Streams as bytes, not as letters: a quarter smaller, and made in half the time.
    rl_config.useA85 = 0
    width, height = (_number(picture, key, 1, MAX_PIXELS) for key in ("width", "height"))
    scale = POINTS_A_PIXEL
    if picture.get("width_mm") is not None:
        scale = _number(picture, "width_mm", 10, 2_000) * POINTS_A_MM / width
    _fonts()
    file = io.BytesIO()
    size = (width * scale, height * scale)
    canvas = Canvas(
        file, pagesize=size, pageCompression=1, invariant=1, initialFontName=EMBEDDED[0]
    )
    canvas.setTitle(str(picture.get("title", ""))[:500])
    canvas.setSubject(str(picture.get("subject", ""))[:4_000])
    canvas.setCreator("Sighthound")
    # Pixels from the top left corner, as on the page.
    canvas.translate(0, size[1])
    canvas.scale(scale, -scale)
    canvas.setLineJoin(1)
    _Painter(canvas).draw_all(_list(picture, "shapes"), 0)
    canvas.showPage()
    canvas.save()
    return file.getvalue()


class _Painter:
    def __init__(self, canvas: Any) -> None:
        self.canvas = canvas
        self.drawn = 0

    def _count(self, marks: int) -> None:
        """Count what costs time to draw, before it is drawn."""
        self.drawn += marks
        if self.drawn > MAX_MARKS:
            raise SighthoundError(
                f"a picture of more than {MAX_MARKS:,} shapes, stripes and letters; show fewer rows"
            )

    def draw_all(self, shapes: list[Any], depth: int) -> None:
        if depth > MAX_DEPTH:
            raise SighthoundError(f"groups of a picture lie in each other, {depth} deep")
        self._count(len(shapes))
        for shape in shapes:
            named = shape.get("op") if isinstance(shape, dict) else f"{shape}, no object"
            draw = SHAPES.get(named) if isinstance(named, str) else None
            if draw is None:
                raise SighthoundError(
                    f"unknown shape {str(named)[:40]!r} in a picture; expected {', '.join(SHAPES)}"
                )
            if draw is _Painter.group:
                self.group(shape, depth)
            else:
                draw(self, shape)

    def group(self, shape: dict[str, Any], depth: int = 0) -> None:
        canvas = self.canvas
        canvas.saveState()
        canvas.translate(_number(shape, "x"), _number(shape, "y"))
        if shape.get("clip"):
            x, y, w, h = _numbers(shape, "clip", 4)
            self._clip(x, y, w, h)
        self.draw_all(_list(shape, "items"), depth + 1)
        canvas.restoreState()

    def rect(self, shape: dict[str, Any]) -> None:
        x, y, w, h = (_number(shape, key) for key in "xywh")
        filled, stroked = self._paint(shape)
        if w <= 0 or h <= 0 or not (filled or stroked):
            return
        radius = min(_number(shape, "radius") if shape.get("radius") else 0.0, w / 2, h / 2)
        if radius > 0:
            self.canvas.roundRect(x, y, w, h, radius, stroke=stroked, fill=filled)
        else:
            self.canvas.rect(x, y, w, h, stroke=stroked, fill=filled)

    def bars(self, shape: dict[str, Any]) -> None:
        rects = _numbers(shape, "rects")
        self._paint(shape)
        boxes = zip(*[iter(rects)] * 4, strict=False)
        outline = " ".join(f"{x:.2f} {y:.2f} {w:.2f} {h:.2f} re" for x, y, w, h in boxes)
        if outline:
            self.canvas.addLiteral(f"{outline} f")

    def path(self, shape: dict[str, Any]) -> None:
        points = _numbers(shape, "points")
        filled, stroked = self._paint(shape)
        if len(points) < 4 or not (filled or stroked):
            return
        # Operators of PDF 32000-1, 8.5, written here: there are hundreds of thousands of points.
        steps = " ".join(
            f"{x:.2f} {y:.2f} l" for x, y in zip(points[2::2], points[3::2], strict=False)
        )
        end = " h" if shape.get("closed") else ""
        # What is inside is told by the winding of the outline, as on a canvas.
        paint = "B" if filled and stroked else "f" if filled else "S"
        self.canvas.addLiteral(f"{points[0]:.2f} {points[1]:.2f} m {steps}{end} {paint}")

    def outline(self, shape: dict[str, Any]) -> None:
        steps = _outline(shape)
        filled, stroked = self._paint(shape)
        if steps and (filled or stroked):
            paint = "B*" if filled and stroked else "f*" if filled else "S"
            self.canvas.addLiteral(f"{steps} {paint}")

    def line(self, shape: dict[str, Any]) -> None:
        self._paint(shape)
        dash = _numbers(shape, "dash") if shape.get("dash") else []
        if dash:
            self.canvas.setDash(dash)
        self.canvas.line(*(_number(shape, key) for key in ("x1", "y1", "x2", "y2")))
        if dash:
            self.canvas.setDash([])

    def text(self, shape: dict[str, Any]) -> None:
        from reportlab.pdfbase.pdfmetrics import stringWidth

        words, size = str(shape.get("text", "")), _number(shape, "size", 1, 400)
        self._count(len(words))
        weight = shape.get("weight") or 400
        is_bold = isinstance(weight, int | float) and weight >= BOLD_FROM
        runs = list(font_runs(words, is_bold, shape.get("italic") is True))
        natural = sum(stringWidth(run, font, size) for font, run in runs)
        if not words.strip() or natural <= 0:
            return
        stretch = 100.0
        if shape.get("measured") is not None:
            stretch = 100 * _number(shape, "measured", 0, MAX_PIXELS) / natural
            stretch = min(max(stretch, _STRETCH[0]), _STRETCH[1])
        left = {"center": 0.5, "right": 1.0}.get(str(shape.get("align", "")), 0.0)
        turn = math.radians(_number(shape, "turn", -360, 360) if shape.get("turn") else 0.0)
        cos, sin = math.cos(turn), math.sin(turn)
        # From the middle of the line at its anchor to its first letter, along the turned axes.
        along, down = -left * natural * stretch / 100, MIDDLE_TO_BASELINE * size
        x = _number(shape, "x") + along * cos - down * sin
        y = _number(shape, "y") + along * sin + down * cos

        def write(mode: int) -> None:
            line = self.canvas.beginText()
            line.setTextTransform(cos, sin, sin, -cos, x, y)
            line.setTextRenderMode(mode)
            line.setHorizScale(stretch)
            for font, run in runs:
                line.setFont(font, size)
                line.textOut(run)
            line.setHorizScale(100)
            line.setTextRenderMode(0)
            self.canvas.drawText(line)

        if shape.get("halo"):
            self._paint({"stroke": shape["halo"], "width": HALO})
            write(1)
        self._paint({"fill": shape.get("fill")})
        write(0)

    def hatch(self, shape: dict[str, Any]) -> None:
        x, y, w, h = (_number(shape, key, -MAX_PIXELS, MAX_PIXELS) for key in "xywh")
        if w <= 0 or h <= 0:
            return
        self._count(int((w + h) / HATCH))
        self.canvas.saveState()
        self._clip(x, y, w, h)
        self._paint({"fill": shape.get("ground")})
        self.canvas.rect(x, y, w, h, stroke=0, fill=1)
        self._paint({"stroke": shape.get("stripe")})
        # Stripes lie where x + y is a multiple of their distance.
        for stripe in range(math.ceil((x + y) / HATCH), math.floor((x + w + y + h) / HATCH) + 1):
            both = stripe * HATCH
            self.canvas.line(both - y + 1, y - 1, both - y - h - 1, y + h + 1)
        self.canvas.restoreState()

    def _clip(self, x: float, y: float, w: float, h: float) -> None:
        path = self.canvas.beginPath()
        path.rect(x, y, max(w, 0), max(h, 0))
        self.canvas.clipPath(path, stroke=0, fill=0)

    def _paint(self, shape: dict[str, Any]) -> tuple[int, int]:
        """Take a shape's colours; say whether it is filled and whether it is stroked."""
        opacity = 1.0
        if shape.get("opacity") is not None:
            opacity = _number(shape, "opacity", 0, 1)
        fill, stroke = shape.get("fill"), shape.get("stroke")
        if fill:
            red, green, blue, alpha = _colour(fill)
            self.canvas.setFillColorRGB(red, green, blue)
            self.canvas.setFillAlpha(alpha * opacity)
        if stroke:
            red, green, blue, alpha = _colour(stroke)
            self.canvas.setStrokeColorRGB(red, green, blue)
            self.canvas.setStrokeAlpha(alpha * opacity)
            self.canvas.setLineWidth(_number(shape, "width", 0, 400) if shape.get("width") else 1)
        return int(bool(fill)), int(bool(stroke))


SHAPES = {
    name: getattr(_Painter, name)
    for name in ("group", "rect", "bars", "path", "outline", "line", "text", "hatch")
}


def font_runs(words: str, bold: bool, italic: bool = False) -> Iterator[tuple[str, str]]:
    """Split a text into runs that one font can write, and name the font of each.

    Letters that no font here has become question marks.
    """
    run, of = "", ""
    for letter in words:
        font, written = _font_of(letter, bold, italic)
        if font != of and run:
            yield of, run
            run = ""
        run, of = run + written, font
    if run:
        yield of, run


@functools.lru_cache(maxsize=4096)
def _font_of(letter: str, bold: bool, italic: bool) -> tuple[str, str]:
    from reportlab.pdfbase.pdfmetrics import getFont

    chinese = _fonts()
    embedded, code = EMBEDDED[2 * bold + italic], ord(letter)
    if code in getFont(embedded).face.charToGlyph:
        return embedded, letter
    # Greek and arrows; then Cyrillic, Chinese and Japanese, in a font that readers bring along.
    if letter in _symbols():
        return "Symbol", letter
    try:
        letter.encode("gb2312")
    except UnicodeEncodeError:
        # A subscript two is a two, where no font has it.
        plain = unicodedata.normalize("NFKC", letter)
        if len(plain) == 1 and plain != letter:
            return _font_of(plain, bold, italic)
        return embedded, "?" if letter.isprintable() else " "
    return chinese, letter


@functools.cache
def _fonts() -> str:
    """Register the fonts: the embedded ones, and one for what these lack, which is named."""
    import reportlab
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.pdfmetrics import registerFont
    from reportlab.pdfbase.ttfonts import TTFont

    folder = Path(reportlab.__file__).parent / "fonts"
    for name in EMBEDDED:
        registerFont(TTFont(name, str(folder / f"{name}.ttf")))
    registerFont(UnicodeCIDFont("STSong-Light"))
    return "STSong-Light"


@functools.cache
def _symbols() -> frozenset[str]:
    """Letters of the standard font Symbol."""
    from reportlab.pdfbase.pdfmetrics import getFont

    encoding = getFont("Symbol").encName.lower()
    found = set()
    for code in [*range(0x370, 0x400), *range(0x2190, 0x2194), *range(0x2200, 0x2300)]:
        try:
            chr(code).encode(encoding)
        except (UnicodeEncodeError, LookupError):
            continue
        found.add(chr(code))
    return frozenset(found)


def _outline(shape: dict[str, Any]) -> str:
    """Write path data of SVG as operators of PDF."""
    data = shape.get("d")
    if not isinstance(data, str) or not data.startswith("M") or not _OUTLINE.fullmatch(data):
        raise SighthoundError(f"d of a picture is {str(data)[:40]!r}; expected M, L, C and Z")
    written = []
    for command, words in _STEP.findall(data):
        count, operator = _STEPS[command]
        if len(words.split()) != count:
            raise SighthoundError(
                f"{command}{words[:40]} in a picture has {len(words.split())} numbers; "
                f"expected {count}"
            )
        written.append(f"{words} {operator}")
    return " ".join(written)


def _colour(text: Any) -> tuple[float, float, float, float]:
    if not isinstance(text, str) or not _COLOUR.match(text):
        raise SighthoundError(f"colour {str(text)[:40]!r} in a picture; expected #rrggbb")
    digits = text[1:] if len(text) > 4 else "".join(digit * 2 for digit in text[1:])
    red, green, blue, alpha = (int(digits.ljust(8, "f")[i : i + 2], 16) / 255 for i in (0, 2, 4, 6))
    return red, green, blue, alpha


def _number(shape: dict[str, Any], key: str, least: float = -1e6, most: float = 1e6) -> float:
    value = shape.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        raise SighthoundError(f"{key} of a picture is {str(value)[:40]!r}; expected a number")
    if not least <= value <= most:
        raise SighthoundError(
            f"{key} of a picture is {str(value)[:40]}; expected {least:g} to {most:g}"
        )
    return float(value)


def _numbers(shape: dict[str, Any], key: str, count: int | None = None) -> list[float]:
    values = shape.get(key)
    if not isinstance(values, list) or (count is not None and len(values) != count):
        raise SighthoundError(f"{key} of a picture is no list of {count or 'numbers'}")
    for value in values:
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e7:
            raise SighthoundError(f"{key} of a picture holds {str(value)[:40]!r}; expected numbers")
    return values


def _list(shape: dict[str, Any], key: str) -> list[Any]:
    values = shape.get(key)
    if not isinstance(values, list):
        raise SighthoundError(f"a picture lacks its list of {key}")
    return values
