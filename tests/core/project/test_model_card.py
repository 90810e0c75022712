"""A model's card is read as it was written; a damaged one is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from sighthound.core.errors import SighthoundError
from sighthound.core.project.model_card import (
    CARD_FILE,
    CardLine,
    ModelCard,
    read_card,
    write_card,
)

CARD = ModelCard(
    "m0de1", "9en0me", "1.0", True,
    (CardLine("levels", "CAGE: level", 0.8, "mean predicted / mean measured", "2 tracks"),),
    ("Levels of CAGE are 20% low.",),
)  # fmt: skip


def test_a_card_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert read_card(tmp_path) is None
    write_card(tmp_path, CARD)
    assert read_card(tmp_path) == CARD
    assert CARD.part("levels") == list(CARD.lines)
    assert CARD.part("folds") == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "is damaged"),
        ("[]", "is of another version"),
        ('{"format": 2}', "is of another version"),
        ('{"format": 1, "lines": [{}], "doubts": []}', "is damaged"),
        ('{"format": 1, "doubts": []}', "is damaged"),
    ],
)
def test_a_damaged_card_is_named_with_what_to_do(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / CARD_FILE).write_text(text)
    with pytest.raises(SighthoundError, match=f"card.json {says}.*run 'sighthound evaluate' again"):
        read_card(tmp_path)
