"""How track hubs write things: stanzas of settings, names that UCSC allows, colours, limits."""

from __future__ import annotations

import re
from collections.abc import Iterable

_GOES_ON = "\\ "


def stanza(**settings: str) -> str:
    """Write settings, one a line; UCSC would read a line that ends in a backslash with the next."""
    lines = {name: one_line(value).rstrip(_GOES_ON) for name, value in settings.items()}
    return "".join(f"{name} {value}\n" for name, value in lines.items())


def unique_words(texts: Iterable[str], otherwise: str) -> dict[str, str]:
    """Give each text a name of its own that UCSC allows; `otherwise` begins those it must change.

    Examples
    --------
    >>> unique_words(["cage+", "cage-", "5hmC"], "t")
    {'cage+': 'cage', 'cage-': 'cage_2', '5hmC': 't_5hmC'}
    """
    words: dict[str, str] = {}
    taken: set[str] = set()
    for text in dict.fromkeys(texts):
        word = first = plain_word(text, otherwise)
        number = 1
        while word in taken:
            number += 1
            word = f"{first}_{number}"
        words[text] = word
        taken.add(word)
    return words


def plain_word(text: str, otherwise: str) -> str:
    """Make a name that UCSC allows: letters, digits and underscores, a letter first."""
    word = re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_") or otherwise
    return word if word[0].isalpha() else f"{otherwise}_{word}"


def member(text: str) -> str:
    """Write a member of a subGroup: UCSC shows underscores as spaces, and quotes are its own."""
    return re.sub(r"[\s=\"']+", "_", text)


def one_line(text: str) -> str:
    """Write a text without line breaks."""
    return " ".join(text.split())


def cut(text: str, length: int) -> str:
    """Write a text in one line of so many letters at most."""
    line = one_line(text)
    return line if len(line) <= length else f"{line[: length - 2].rstrip()}.."


def view_limits(limits: tuple[float, float]) -> str:
    """Write the ends of a scale."""
    return f"{limits[0]:.3g}:{limits[1]:.3g}"


def rgb(colour: str) -> str:
    """Write a colour, given as "#rrggbb"."""
    return ",".join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5))
