"""The picture of docs/coverage.md: coverage of simulated reads against the truth, as SVG."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.benchmarks.reads.coverage_truth import (
    BIN,
    NOISE,
    STEPS,
    Truth,
    bins_of,
    errors,
    gc_of_bins,
    made_truth,
    measured,
    places_of_error,
)

WIDTH, HEIGHT = 920, 690
COLOURS = {
    "reads with one place": "#0072b2",
    "1/n at each place": "#56b4e9",
    "EM, as published": "#e69f00",
    "EM to its end": "#d55e00",
    "and piles cut": "#cc79a7",
    "and GC": "#000000",
    "and piles cut, GC": "#009e73",
    NOISE: "#999999",
}  # of Okabe and Ito, told apart by all
AROUND = 24  # bins shown on each side of a place


@dataclass(frozen=True)
class Panel:
    """A box of the picture with its axes; x and y run between two values each."""

    left: float
    top: float
    width: float
    height: float
    x: tuple[float, float]
    y: tuple[float, float]

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Give pixels."""
        across = (x - self.x[0]) / (self.x[1] - self.x[0])
        up = (min(y, self.y[1]) - self.y[0]) / (self.y[1] - self.y[0])
        return self.left + across * self.width, self.top + (1 - up) * self.height

    def frame(
        self, title: str, x_title: str, y_title: str, x_ticks: Mapping[float, str]
    ) -> list[str]:
        """Give axes, ticks and words."""
        bottom, middle = self.top + self.height, self.left + self.width / 2
        parts = [
            words(self.left - 44, self.top - 14, title, weight="bold", anchor="start"),
            f'<path d="M{self.left},{self.top}V{bottom}H{self.left + self.width}" fill="none" '
            'stroke="#333"/>',
            words(middle, bottom + 36, x_title),
            words(self.left - 36, self.top + self.height / 2, y_title, turned=True),
        ]
        for value in round_values(self.y[1]):
            _, y = self.at(self.x[0], value)
            parts.append(f'<path d="M{self.left - 4},{y:.1f}h4" stroke="#333"/>')
            parts.append(words(self.left - 7, y + 4, f"{value:g}", anchor="end"))
        for value, said in x_ticks.items():
            x, _ = self.at(value, self.y[0])
            parts.append(words(x, bottom + 17, said))
        return parts

    def line(self, x: Sequence[float], y: Sequence[float], colour: str, *, filled: bool) -> str:
        """Give values as a line or, filled, as an area."""
        points = " ".join("{:.1f},{:.1f}".format(*self.at(*p)) for p in zip(x, y, strict=True))
        if not filled:
            return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.8"/>'
        first, last = self.at(x[0], self.y[0]), self.at(x[-1], self.y[0])
        return (
            f'<polygon points="{first[0]:.1f},{first[1]:.1f} {points} {last[0]:.1f},{last[1]:.1f}" '
            f'fill="{colour}"/>'
        )


def words(
    x: float, y: float, text: str, *, anchor: str = "middle", weight: str = "normal",
    turned: bool = False,
) -> str:  # fmt: skip
    """Give a line of text."""
    turn = f' transform="rotate(-90 {x:.1f} {y:.1f})"' if turned else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}"{turn}>'
        f"{text}</text>"
    )


def round_values(most: float) -> list[float]:
    """Give three to six round numbers from 0 up."""
    step = next(
        base * 10.0**power
        for power in range(-2, 6)
        for base in (1, 2, 5)
        if most / (base * 10.0**power) <= 5
    )
    return [step * n for n in range(int(most / step) + 1)]


def draw(path: Path) -> None:
    """Simulate as the benchmark does, and draw a repeat, GC content, a pile and the errors."""
    random = np.random.default_rng(1)
    truth = made_truth(random)
    with tempfile.TemporaryDirectory() as folder:
        found = measured(Path(folder), random, truth, STEPS)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12" fill="#222" role="img">',
        "<title>Coverage of simulated reads against the truth, by step</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        *repeat_panel(truth, found),
        *gc_panel(truth, found),
        *pile_panel(truth, found),
        *error_panel(errors(truth, found)),
        "</svg>",
    ]
    path.write_text("\n".join(parts) + "\n", encoding="utf-8")


def repeat_panel(truth: Truth, found: Mapping[str, np.ndarray]) -> list[str]:
    """Show an active and a silent copy of the repeat whose active copy has the highest peak."""
    rate = bins_of(truth.genome, truth.rate)
    size = len(truth.rate) // len(truth.genome.lengths)
    shown, highest = np.zeros(0, int), 0.0
    for family in truth.genome.families:
        active, *silent = [
            bin_of(int(start) + family.length // 2, size)
            + np.arange(-family.length // BIN // 2 - 2, family.length // BIN // 2 + 3)
            for start in family.start
        ]
        if silent and rate[active].max() > max(highest, 3 * rate[silent[-1]].max()):
            shown, highest = np.concatenate([active, silent[-1]]), float(rate[active].max())
    steps = ("reads with one place", "1/n at each place", "EM, as published", "EM to its end")
    most = max(rate[shown].max(), *(found[step][shown].max() for step in steps))
    panel = Panel(64, 40, 370, 190, (0, len(shown)), (0, float(most) * 1.05))
    half = len(shown) // 2
    parts = panel.frame(
        "A repeat: one copy is active, one is not",
        f"bins of {BIN} bases",
        "reads a bin",
        {half / 2: "active copy", 1.5 * half: "silent copy"},
    )
    for left, right in ((0, half), (half, 2 * half)):
        part, x = shown[left:right], [n + 0.5 for n in range(left, right)]
        parts.append(panel.line(x, rate[part].tolist(), "#d9d9d9", filled=True))
        for step in steps:
            parts.append(panel.line(x, found[step][part].tolist(), COLOURS[step], filled=False))
    edge, _ = panel.at(half, 0)
    parts.append(f'<path d="M{edge:.1f},40v190" stroke="#999" stroke-dasharray="3 3"/>')
    return [*parts, *legend(64, 286, {"expected": "#d9d9d9", **{s: COLOURS[s] for s in steps}}, 2)]


def gc_panel(truth: Truth, found: Mapping[str, np.ndarray]) -> list[str]:
    """Show reads over those expected, by GC content, outside repeats and piles."""
    places = places_of_error(truth)
    plain = ~places["repeats"] & ~places["at piles"]
    gc, expected = gc_of_bins(truth.genome), bins_of(truth.genome, truth.rate)
    edges = np.quantile(gc[plain], np.linspace(0, 1, 21))
    group = np.clip(np.searchsorted(edges, gc, "right") - 1, 0, 19)
    middle = [float(100 * gc[plain & (group == n)].mean()) for n in range(20)]
    panel = Panel(520, 40, 370, 190, (middle[0] - 1, middle[-1] + 1), (0, 1.6))
    ticks = {float(value): f"{value} %" for value in range(30, 61, 10)}
    parts = panel.frame(
        "GC content: what is counted of what is expected",
        "GC content of the bin",
        "counted / expected",
        ticks,
    )
    parts.append(panel.line([panel.x[0], panel.x[1]], [1, 1], "#bbbbbb", filled=False))
    steps = ("EM to its end", "and GC")
    for step in steps:
        of_group = [plain & (group == n) for n in range(20)]
        values = [float(found[step][g].sum() / expected[g].sum()) for g in of_group]
        parts.append(panel.line(middle, values, COLOURS[step], filled=False))
    return [*parts, *legend(520, 286, {step: COLOURS[step] for step in steps}, 2)]


def pile_panel(truth: Truth, found: Mapping[str, np.ndarray]) -> list[str]:
    """Show the surroundings of the pile in the middle of the list."""
    pile = int(truth.piles[len(truth.piles) // 2])
    size = len(truth.rate) // len(truth.genome.lengths)
    shown = bin_of(pile, size) + np.arange(-AROUND, AROUND)
    expected = bins_of(truth.genome, truth.rate)[shown]
    steps = ("EM to its end", "and piles cut")
    most = max(found[step][shown].max() for step in steps)
    panel = Panel(64, 390, 370, 190, (0, 2 * AROUND - 1), (0, float(most) * 1.05))
    parts = panel.frame(
        "A pile: many copies of one read", f"bins of {BIN} bases", "reads a bin", {AROUND: "pile"}
    )
    every = list(range(len(shown)))
    parts.append(panel.line(every, expected.tolist(), "#d9d9d9", filled=True))
    for step in steps:
        parts.append(panel.line(every, found[step][shown].tolist(), COLOURS[step], filled=False))
    return [*parts, *legend(64, 636, {"expected": "#d9d9d9", **{s: COLOURS[s] for s in steps}}, 3)]


def error_panel(table: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Show the errors as bars, a group of bars a place."""
    places = list(table[NOISE])[:-1]  # the bars of piles would dwarf the others
    most = max(row[place] for row in table.values() for place in places)
    panel = Panel(520, 390, 370, 190, (0, len(places)), (0, most * 1.1))
    ticks = {n + 0.5: place for n, place in enumerate(places)}
    parts = panel.frame("Error", "", "% of the reads expected", ticks)
    for n, place in enumerate(places):
        for k, (step, row) in enumerate(table.items()):
            x, y = panel.at(n + 0.08 + 0.105 * k, row[place])
            tall = panel.top + panel.height - y
            wide = 0.095 * panel.width / len(places)
            parts.append(
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{tall:.1f}" '
                f'fill="{COLOURS[step]}"><title>{step}, {place}: {row[place]:.0f} %</title></rect>'
            )
    return [*parts, *legend(520, 622, {step: COLOURS[step] for step in table}, 2)]


def legend(x: float, y: float, colours: Mapping[str, str], columns: int) -> list[str]:
    """Name colours, row by row."""
    parts = []
    for n, (name, colour) in enumerate(colours.items()):
        left, down = x + 370 // columns * (n % columns), y + 16 * (n // columns)
        parts.append(f'<rect x="{left}" y="{down - 8}" width="10" height="10" fill="{colour}"/>')
        parts.append(words(left + 15, down + 1, name, anchor="start"))
    return parts


def bin_of(base: int, size: int) -> int:
    """Give the bin of a base, where chromosomes of `size` bases have whole bins only."""
    return base // size * (size // BIN) + base % size // BIN
