"""The letters of a drawing, where Chromium puts them: none may be cut or lie over another."""

from __future__ import annotations

from typing import Any

# Every text of an SVG: what it says, its letters' size, its box, and whether it is cut by the
# page, a clip or another text.
TEXTS = """() => {
    const svg = document.querySelector("svg");
    const edges = ({ left, top, right, bottom }) => [left, top, right, bottom];
    const clipOf = (group) => {
        const id = /#([^)]+)/.exec(group.getAttribute("clip-path"))[1];
        const rect = svg.querySelector(`#${id} rect`);
        const [x, y, w, h] = ["x", "y", "width", "height"].map((n) => Number(rect.getAttribute(n)));
        const { a, d, e, f } = group.getScreenCTM();
        return [a * x + e, d * y + f, a * (x + w) + e, d * (y + h) + f];
    };
    const clipsOf = (node) => {
        const group = node.closest("[clip-path]");
        return group ? [clipOf(group), ...clipsOf(group.parentElement)] : [];
    };
    const texts = [...svg.querySelectorAll("text")].map((text) => ({
        words: text.textContent,
        size: Number(text.getAttribute("font-size")),
        italic: text.getAttribute("font-style") === "italic",
        turned: text.hasAttribute("transform"),
        box: edges(text.getBoundingClientRect()),
        clips: clipsOf(text),
    }));
    const page = edges(svg.getBoundingClientRect());
    return { page, width: svg.viewBox.baseVal.width, texts };
}"""


def assert_apart(texts: list[dict[str, Any]]) -> None:
    """No text lies over another: the letters proper, without the room above and below them."""
    boxes = [(text["words"], *text["box"]) for text in texts]
    for at, (words, left, top, right, bottom) in enumerate(boxes):
        shrink = 0.22 * (bottom - top)
        for other, left_, top_, right_, bottom_ in boxes[at + 1 :]:
            apart = (
                right <= left_ + 1
                or right_ <= left + 1
                or bottom - shrink <= top_ + shrink
                or bottom_ - shrink <= top + shrink
            )
            assert apart, f"{words!r} over {other!r}"
