"""The picture of the rooms in docs/architecture.md, made from the code by `make architecture`.

An arrow says that modules of one room import modules of another. One that others imply is left out:
where commands need the server, and the server needs uploads, commands may need uploads.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from xml.sax.saxutils import escape

from tests.paths import ROOT
from tests.test_rooms import (
    DOORS,
    PYTHON_FLOORS,
    SCRIPT_FLOORS,
    Arrow,
    python_arrows,
    script_arrows,
)

FOLDER = ROOT / "docs" / "rooms"
WIDTH = 900
_MARGIN, _HEAD, _FOOT = 14, 44, 12
_BOX_HEIGHT, _FLOOR_HEIGHT, _GAP = 38, 70, 10
_LETTER, _SMALL_LETTER, _PADDING = (
    7.4,
    5.8,
    18,
)  # pixels a letter takes, and what stands beside a name in its box
_LANE = 5.0  # pixels that an arrow takes where it passes a floor
_SWEEPS = 60  # after which no order of rooms gets better


@dataclass(frozen=True)
class Storey:
    """Rooms that belong together.

    Attributes
    ----------
    start : str
        What the names of its rooms begin with.
    says : str
        What they are for.
    colour : str
    left, right : float
        Between which it lies, in parts of the width.
    base : str
        Beginning of the names of the storey that it stands on; empty for the ground.
    """

    start: str
    says: str
    colour: str
    left: float = 0.0
    right: float = 1.0
    base: str = ""


@dataclass(frozen=True)
class House:
    """Rooms that are drawn in one picture.

    Attributes
    ----------
    name : str
        Of its file.
    title : str
        What the picture says for who cannot see it.
    storeys : tuple of Storey
    floors : tuple of set of str
        Rooms from the lowest floor up.
    arrows : list of (str, str)
        Between rooms, downwards.
    hidden : str
        What all names begin with, and is not drawn.
    """

    name: str
    title: str
    storeys: tuple[Storey, ...]
    floors: tuple[set[str], ...]
    arrows: list[Arrow]
    hidden: str = ""

    def label(self, room: str) -> tuple[str, str]:
        """Give what a room is in, and its own name."""
        inner = room.removeprefix(self.hidden)
        cut = max(inner.rfind(separator) for separator in "./") + 1
        return inner[:cut].rstrip("./"), inner[cut:]

    def storey(self, room: str) -> Storey:
        """Give the storey that a room is in."""
        return next(storey for storey in self.storeys if room.startswith(storey.start))


PYTHON_STOREYS = (
    Storey("app", "app: what is seen and fetched", "#2f6f9f", 0.45, 1.0, base="core"),
    Storey("precompute", "precompute: what takes long", "#a15c1e", 0.0, 0.45, base="core"),
    Storey("core", "core: what the model says of a sequence", "#3f7d4f"),
    Storey("assets", "assets", "#6b6b76"),
)
SCRIPT_STOREYS = (
    Storey("assets/view", "view: the locus page", "#2f6f9f"),
    Storey("assets/tracks", "tracks: the table of tracks", "#a15c1e"),
    Storey("assets/variants", "variants: scored variants", "#7b4a8f"),
    Storey("assets/ui", "ui: what all pages share", "#3f7d4f"),
)


def room_arrows(modules: Iterable[Arrow], separator: str) -> list[Arrow]:
    """Give the arrows between rooms, without those that others imply, from arrows of modules."""
    below: dict[str, set[str]] = {}
    for source, target in modules:
        here, there = (str(Path(path).parent).replace("/", separator) for path in (source, target))
        if source not in DOORS and target != "core/__init__.py" and here != there:
            below.setdefault(here, set()).add(there)

    def reached(room: str) -> set[str]:
        direct = below.get(room, set())
        return direct.union(*(reached(other) for other in direct))

    return sorted(
        (room, other)
        for room, others in below.items()
        for other in others
        if not any(other in reached(between) for between in others)
    )


def houses() -> tuple[House, House]:
    """Give the rooms of Python and those of the page's modules."""
    return (
        House(
            "python",
            "The rooms of Python code, and which rooms each imports, downwards",
            PYTHON_STOREYS,
            PYTHON_FLOORS,
            room_arrows(python_arrows(), "."),
        ),
        House(
            "scripts",
            "The rooms of the page's modules, and which rooms each imports, downwards",
            SCRIPT_STOREYS,
            SCRIPT_FLOORS,
            room_arrows(script_arrows(), "/"),
            "assets/",
        ),
    )


def drawn(house: House) -> str:
    """Draw a house as SVG, its lowest floor at the bottom."""
    level = _levels(house)
    paths = [_passed(house, arrow, level) for arrow in house.arrows]
    points = _placed(house, level, paths)
    floors = max(level.values()) + 1
    height = _HEAD + floors * _FLOOR_HEIGHT + _FOOT

    def top(floor: int) -> int:
        return _HEAD + (floors - 1 - floor) * _FLOOR_HEIGHT + (_FLOOR_HEIGHT - _BOX_HEIGHT) // 2

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
        f'role="img" font-family="system-ui, sans-serif" font-size="13">',
        f"<title>{escape(house.title)}</title>",
        f'<rect width="{WIDTH}" height="{height}" rx="8" fill="#fbfbf8"/>',
        '<marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto"><path d="M0 0.8 L8 4 L0 7.2 Z" fill="context-stroke"/></marker>',
        *_legend(house),
    ]
    ports = _ports(house, paths, points)
    for path in paths:
        source, target = path[0].room, path[-1].room
        stops = [(ports[path[0], path[1]], top(path[0].floor) + _BOX_HEIGHT)]
        for stop in path[1:-1]:
            y = top(stop.floor)
            stops += [(points[stop], y), (points[stop], y + _BOX_HEIGHT)]
        stops.append((ports[path[-1], path[-2]], top(path[-1].floor) - 1))
        parts.append(
            f'<path d="{_curve(stops)}" fill="none" stroke="{house.storey(source).colour}" '
            f'stroke-opacity="0.6" stroke-width="1.3" marker-end="url(#head)">'
            f"<title>{escape(f'{source} imports {target}')}</title></path>"
        )
    for room, floor in sorted(level.items()):
        width, x, y = _width(house, room), points[Stop(floor, room)], top(floor)
        outer, name = house.label(room)
        parts.append(
            f'<rect x="{x - width / 2:.1f}" y="{y}" width="{width:.1f}" height="{_BOX_HEIGHT}" '
            f'rx="6" fill="#ffffff" stroke="{house.storey(room).colour}" stroke-width="1.5"/>'
            f'<text x="{x:.1f}" y="{y + 14}" text-anchor="middle" font-size="10" '
            f'fill="{house.storey(room).colour}">{escape(outer)}</text>'
            f'<text x="{x:.1f}" y="{y + (29 if outer else 24)}" text-anchor="middle" '
            f'fill="#1c1c22">{escape(name)}</text>'
        )
    return "\n".join([*parts, "</svg>", ""])


def _legend(house: House) -> list[str]:
    told = []
    x = float(_MARGIN)
    for storey in house.storeys:
        told.append(
            f'<rect x="{x:.1f}" y="14" width="12" height="12" rx="3" fill="{storey.colour}"/>'
            f'<text x="{x + 18:.1f}" y="24.5" fill="#3c3c46">{escape(storey.says)}</text>'
        )
        x += 18 + 7.0 * len(storey.says) + 14
    return told


@dataclass(frozen=True, order=True)
class Stop:
    """A room on its floor, or, with the room that it leads to, an arrow that passes a floor."""

    floor: int
    room: str
    target: str = ""


def _levels(house: House) -> dict[str, int]:
    """Give each room's floor: storeys that do not need each other stand side by side."""
    level: dict[str, int] = {}
    for storey in sorted(house.storeys, key=lambda storey: storey.base):
        own = [[r for r in rooms if house.storey(r) is storey] for rooms in house.floors]
        if storey.base:
            above = 1 + max(n for room, n in level.items() if room.startswith(storey.base))
            own = [rooms for rooms in own if rooms]
        else:
            above = 0
        level |= {room: above + n for n, rooms in enumerate(own) for room in rooms}
    return level


def _passed(house: House, arrow: Arrow, level: dict[str, int]) -> list[Stop]:
    source, target = arrow
    between = range(level[source] - 1, level[target], -1)
    return [
        Stop(level[source], source),
        *(Stop(floor, source, target) for floor in between),
        Stop(level[target], target),
    ]


def _width(house: House, room: str) -> float:
    outer, name = house.label(room)
    return max(_LETTER * len(name), _SMALL_LETTER * len(outer)) + _PADDING


def _placed(house: House, level: dict[str, int], paths: list[list[Stop]]) -> dict[Stop, float]:
    """Give the middle of each room and passing arrow, in an order in which arrows are short."""
    near: dict[Stop, list[Stop]] = {Stop(floor, room): [] for room, floor in level.items()}
    for path in paths:
        for one, other in pairwise(path):
            near.setdefault(one, []).append(other)
            near.setdefault(other, []).append(one)
    lanes: dict[tuple[int, float, float], list[Stop]] = {}
    ground = {room for room, floor in level.items() if not house.storey(room).base}
    lowest = max((level[room] for room in ground), default=0)
    for stop in sorted(near):
        # An arrow passes the upper storeys in that of its target, if that is one, or of its source.
        guest = house.storey(stop.target or stop.room)
        storey = guest if guest.base else house.storey(stop.room)
        side = (storey.left, storey.right) if stop.floor > lowest else (0.0, 1.0)
        lanes.setdefault((stop.floor, *side), []).append(stop)
    middle = dict.fromkeys(near, WIDTH / 2)
    for (_, left, right), stops in lanes.items():
        middle |= dict.fromkeys(stops, WIDTH * (left + right) / 2)
    for sweep in range(_SWEEPS):
        for (_, left, right), stops in sorted(lanes.items(), reverse=sweep % 2 == 0):
            wanted = {
                stop: sum(middle[other] for other in near[stop]) / len(near[stop])
                if near[stop]
                else middle[stop]
                for stop in stops
            }
            stops.sort(key=lambda stop: (round(wanted[stop], 3), stop))
            widths = [_LANE if stop.target else _width(house, stop.room) for stop in stops]
            at = _side_by_side(
                [wanted[stop] for stop in stops],
                widths,
                max(_MARGIN, WIDTH * left),
                min(WIDTH - _MARGIN, WIDTH * right),
            )
            middle |= dict(zip(stops, at, strict=True))
    return middle


def _side_by_side(
    wanted: list[float], widths: list[float], left: float, right: float
) -> list[float]:
    """Give middles as near to where they are wanted as all fit: between pushed right and left."""

    def pushed(wanted: list[float], widths: list[float], edge: float, end: float) -> list[float]:
        lefts = []
        for middle, width in zip(wanted, widths, strict=True):
            edge = max(edge, middle - width / 2)
            lefts.append(edge)
            edge += width + _GAP
        for i in range(len(lefts) - 1, -1, -1):
            lefts[i] = min(lefts[i], end - widths[i])
            end = lefts[i] - _GAP
        return [x + width / 2 for x, width in zip(lefts, widths, strict=True)]

    onward = pushed(wanted, widths, left, right)
    mirrored = pushed([-x for x in wanted[::-1]], widths[::-1], -right, -left)[::-1]
    return [(one - other) / 2 for one, other in zip(onward, mirrored, strict=True)]


def _ports(
    house: House, paths: list[list[Stop]], points: dict[Stop, float]
) -> dict[tuple[Stop, Stop], float]:
    """Give where on a room's edge each arrow begins or ends: in the order of their other ends."""
    ends: dict[tuple[Stop, bool], list[Stop]] = {}
    for path in paths:
        ends.setdefault((path[0], False), []).append(path[1])
        ends.setdefault((path[-1], True), []).append(path[-2])
    ports = {}
    for (room, _), others in ends.items():
        others.sort(key=lambda other: points[other])
        step = min(14.0, (_width(house, room.room) - 16) / len(others))
        for n, other in enumerate(others):
            ports[room, other] = points[room] + (n - (len(others) - 1) / 2) * step
    return ports


def _curve(stops: list[tuple[float, int]]) -> str:
    """Write a line through stops, upright at each."""
    (x, y), told = stops[0], []
    told.append(f"M{x:.1f} {y}")
    for to_x, to_y in stops[1:]:
        half = (y + to_y) / 2
        told.append(f"C{x:.1f} {half:.1f} {to_x:.1f} {half:.1f} {to_x:.1f} {to_y}")
        x, y = to_x, to_y
    return " ".join(told)


def main() -> None:
    """Write the pictures anew."""
    FOLDER.mkdir(exist_ok=True)
    for house in houses():
        (FOLDER / f"{house.name}.svg").write_text(drawn(house), encoding="utf-8")


if __name__ == "__main__":
    main()
