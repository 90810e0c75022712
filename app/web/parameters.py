"""What a request asks for, read from its address: windows, tracks, numbers, names.

What is missing or wrong is a `SighthoundError` of one line. Positions are 0-based, half-open.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from flask import request

from sighthound.app.project_state import Catalogue
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Genome, Interval
from sighthound.core.tracks.contrasts import tracks_of
from sighthound.core.tracks.track import Track

MAX_SERIES = 2_000
MAX_SHOWN = 60
# More digits are no base of any genome, and Python reads no number of thousands of them.
_WHOLE = re.compile(r"[+-]?[0-9]{1,15}")


def asked_window(genome: Genome) -> Interval:
    """Read chrom, start and end from the request."""
    chrom = genome.resolve(_text("chrom"))
    start = integer("start", 0, genome.lengths[chrom] - 1)
    return Interval(chrom, start, integer("end", start + 1, genome.lengths[chrom]))


def asked_tracks(
    catalogue: Catalogue, own: Callable[[str], Track | None] = lambda _: None
) -> list[Track]:
    """Read the tracks from the request, each once; `own` gives those that no table names."""
    known = catalogue.tracks()
    ids = list(dict.fromkeys(t for t in _text("tracks", "").split(",") if t))
    if len(ids) > MAX_SERIES:
        raise SighthoundError(f"{len(ids)} tracks at once; ask for at most {MAX_SERIES}")
    found = {track: known.get(track) or own(track) for track in ids}
    return [track or known[check_known("track", name, known)] for name, track in found.items()]


def asked_names(catalogue: Catalogue, parameter: str) -> list[str]:
    """Read tracks, and contrasts "A/B" of two, from the request: each once, and of known tracks."""
    known = catalogue.tracks()
    names = list(dict.fromkeys(name for name in _text(parameter).split(",") if name))
    if len(names) > MAX_SERIES:
        raise SighthoundError(f"{len(names)} tracks at once; ask for at most {MAX_SERIES}")
    for name in names:
        for track in tracks_of(name):
            check_known("track", track, known)
    return names


def integer(name: str, least: int, most: int) -> int:
    """Read a whole number from the request.

    Raises
    ------
    SighthoundError
        Missing, not a whole number, or outside least to most.
    """
    text = _text(name)
    if not _WHOLE.fullmatch(text):
        raise SighthoundError(f"{name} is {shown(text)}; expected a whole number")
    value = int(text)
    if not least <= value <= most:
        raise SighthoundError(f"{name} is {value:,}; expected {least:,} to {most:,}")
    return value


def one_of(name: str, known: Collection[str]) -> str:
    """Read a name from the request that must be among the known ones."""
    return check_known(name, _text(name), known)


def check_known(kind: str, name: str, known: Collection[str]) -> str:
    """Refuse a name that is not among the known ones."""
    if name not in known:
        some = ", ".join(list(known)[:8]) + (", ..." if len(known) > 8 else "")
        raise SighthoundError(f"unknown {kind} {shown(name)}; there are {some}")
    return name


def shown(text: str) -> str:
    """Quote what was given for an error's line, cut to a length that can be read."""
    return repr(text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}...")


def _text(name: str, default: str | None = None) -> str:
    text = request.args.get(name, default)
    if text is None:
        raise SighthoundError(f"the parameter {name!r} is missing from {request.path}")
    return text
