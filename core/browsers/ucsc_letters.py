"""A hub of what each letter at each base would do: UCSC draws four BigWigs as stacked letters.

Settings are those of a multiWig container with `aggregate stacked` and `logo on`: when single bases
are seen, each of its BigWigs, one for A, C, G and T, is drawn as that letter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sighthound.core.browsers.tracks import NEGATIVE, POSITIVE
from sighthound.core.browsers.ucsc_text import cut, plain_word, rgb, stanza
from sighthound.core.errors import SighthoundError

LETTERS = {"A": "#008000", "C": "#0000ff", "G": "#b37400", "T": "#c80000"}
_SHORT, _LONG = 17, 76


@dataclass(frozen=True)
class Letters:
    """A track of an atlas: its name, and the word that begins the names of its BigWigs."""

    name: str
    word: str


def letters_hub(title: str, genome: str, tracks: Sequence[Letters]) -> str:
    """Write hub.txt, in one file; the BigWigs WORD.largest.bw and WORD.A.bw ... lie beside it.

    Raises
    ------
    SighthoundError
        The genome has no name that UCSC could know.
    """
    if not genome or len(genome.split()) != 1:
        raise SighthoundError(
            f"the genome's name is {genome!r}; UCSC needs the name it knows the assembly by, one "
            "word such as sacCer3 or hg38: set [genome] name in sighthound.toml"
        )
    says = f"{title}: predicted effects of substitutions"
    stanzas = [
        stanza(
            hub=f"{plain_word(title, 'sighthound')}_atlas", shortLabel=cut(title, _SHORT),
            longLabel=cut(says, _LONG), useOneFile="on", email="hub@localhost",
        ),
        stanza(genome=genome),
    ]  # fmt: skip
    for number, track in enumerate(tracks, 1):
        shown = "full" if number == 1 else "hide"
        stanzas.append(
            stanza(
                track=f"{track.word}_largest", type="bigWig", bigDataUrl=f"{track.word}.largest.bw",
                shortLabel=cut(track.name, _SHORT - 4) + " max",
                longLabel=cut(f"{track.name}: largest effect of a substitution", _LONG),
                color=rgb(POSITIVE), altColor=rgb(NEGATIVE), visibility=shown, autoScale="on",
                alwaysZero="on", maxHeightPixels="128:48:16", priority=f"{number}.1",
            )
        )  # fmt: skip
        container = f"{track.word}_letters"
        stanzas.append(
            stanza(
                track=container, container="multiWig", type="bigWig", aggregate="stacked",
                logo="on", shortLabel=cut(track.name, _SHORT - 5) + " ACGT",
                longLabel=cut(f"{track.name}: effect of each letter", _LONG),
                visibility=shown, autoScale="on", maxHeightPixels="160:96:16",
                priority=f"{number}.2",
            )
        )  # fmt: skip
        stanzas += [
            stanza(
                track=f"{container}_{letter}", parent=container, type="bigWig", shortLabel=letter,
                longLabel=cut(f"{track.name}: effect of {letter}", _LONG), color=rgb(colour),
                bigDataUrl=f"{track.word}.{letter}.bw", priority=str(place),
            )
            for place, (letter, colour) in enumerate(LETTERS.items(), 1)
        ]  # fmt: skip
    return "\n".join(stanzas)
