"""MODEL/card.json: what a model learned from, how right it is, and where not to believe it.

Training writes what it knows, evaluation the rest. A number stands with its unit and with what it
is over: which bins, windows or pairs, and how many. What is said in words is made of the numbers.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from sighthound.core.errors import SighthoundError
from sighthound.core.files import write_text

FORMAT = 1
CARD_FILE = "card.json"
# Parts of a card in their order, with their headings.
PARTS = {
    "model": "The network",
    "data": "What it learned from",
    "folds": "Folds",
    "leakage": "Sequence that training shares with the held-out fold",
    "accuracy": "Accuracy by assay",
    "levels": "Levels by assay",
    "contrasts": "What sets two samples apart",
    "members": "Effects of single changes",
}


@dataclass(frozen=True)
class CardLine:
    """One thing that is known of a model.

    Attributes
    ----------
    part : str
        Of `PARTS`.
    name : str
        What it is.
    value : str, int or float
    unit : str
        Of a number; empty for words and for counts that the name explains.
    over : str
        What the value is over, with how many; empty where that is the whole.
    """

    part: str
    name: str
    value: str | int | float
    unit: str = ""
    over: str = ""


@dataclass(frozen=True)
class ModelCard:
    """What is known of a model.

    Attributes
    ----------
    model, genome, version : str
        Hash of the model, fingerprint of the genome, version of the software that wrote it.
    evaluated : bool
        Whether it has been measured on held-out sequence.
    lines : tuple of CardLine
        In the order of `PARTS`.
    doubts : tuple of str
        Where not to believe the model, a sentence each.
    """

    model: str
    genome: str
    version: str
    evaluated: bool
    lines: tuple[CardLine, ...]
    doubts: tuple[str, ...]

    def part(self, name: str) -> list[CardLine]:
        """Give the lines of a part."""
        return [line for line in self.lines if line.part == name]


def card_text(card: ModelCard) -> str:
    """Write a card as JSON, numbers in six digits."""
    said = asdict(card)
    for line in said["lines"]:
        if isinstance(line["value"], float):
            line["value"] = float(f"{line['value']:.6g}")
    return json.dumps({"format": FORMAT, **said}, indent=1) + "\n"


def write_card(model: Path, card: ModelCard) -> None:
    """Write a card into a model's folder."""
    write_text(model / CARD_FILE, card_text(card))


def read_card(model: Path) -> ModelCard | None:
    """Read the card of a model's folder; None where there is none.

    Raises
    ------
    SighthoundError
        It is damaged, or of another version.
    """
    file = model / CARD_FILE
    again = "run 'sighthound evaluate' again"
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise SighthoundError(f"{file} is damaged: {error}; {again}") from None
    if not isinstance(said, dict) or said.pop("format", None) != FORMAT:
        raise SighthoundError(f"{file} is of another version; {again}")
    try:
        lines = tuple(CardLine(**line) for line in said.pop("lines"))
        return ModelCard(lines=lines, doubts=tuple(said.pop("doubts")), **said)
    except (KeyError, TypeError):
        raise SighthoundError(f"{file} is damaged; {again}") from None
