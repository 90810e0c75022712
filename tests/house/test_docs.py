"""What the docs say of files and rooms is so."""

import re
from pathlib import Path

import pytest

from sighthound.core import __version__
from tests.house.rooms_picture import FOLDER, House, drawn, houses, room_arrows
from tests.paths import ROOT
from tests.test_rooms import PYTHON_FLOORS, python_arrows

FOR_WHO_CHANGES_IT = ("CONTRIBUTING.md", "docs/architecture.md", "docs/development.md")


@pytest.mark.parametrize("page", FOR_WHO_CHANGES_IT)
def test_every_file_that_a_page_for_developers_names_is_there(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    named = re.findall(r"(?:app|assets|core|docs|precompute|tests)/[\w/.*-]*[\w/*]", text)
    missing = {path for path in named if not any(ROOT.glob(path.rstrip("/")))}
    assert len(named) > 10
    assert missing == set()


def test_every_entry_that_contributing_names_is_in_its_file() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = re.findall(r"`(\w+)`(?: and `(\w+)`)? (?:in|of) `([\w/]+\.\w+)`", text)
    assert len(named) > 8
    for *words, path in named:
        source = (ROOT / path).read_text(encoding="utf-8")
        for word in filter(None, words):
            assert re.search(rf"\b{word}\b", source), f"{path} has no {word}"


def test_every_room_of_python_is_described() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = {room.replace(".", "/") for floor in PYTHON_FLOORS for room in floor if "." in room}
    assert {room for room in rooms if f"`{room}`" not in text} == {"core/model/published"}


@pytest.mark.parametrize("house", houses(), ids=lambda house: house.name)
def test_the_picture_of_the_rooms_is_up_to_date(house: House) -> None:
    kept = Path(FOLDER / f"{house.name}.svg").read_text(encoding="utf-8")
    assert kept == drawn(house), "the rooms have changed: run 'make architecture'"


def test_the_picture_leaves_out_only_arrows_that_others_imply() -> None:
    modules = [
        ("a/x.py", "b/x.py"),
        ("b/x.py", "c/x.py"),
        ("a/y.py", "c/y.py"),
        ("a/x.py", "a/y.py"),
        ("d/x.py", "c/x.py"),
    ]
    assert room_arrows(modules, ".") == [("a", "b"), ("b", "c"), ("d", "c")]
    # The commands need the server, which needs the model; so one of the three arrows is implied.
    drawn_arrows = room_arrows(python_arrows(), ".")
    assert ("app.commands", "app.server") in drawn_arrows
    assert ("app.commands", "core.model") not in drawn_arrows


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_every_link_of_a_page_at_the_root_leads_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:)([^)#]+)", text)
    assert len(links) > 1
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_newest_release_in_the_changelog_is_the_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.findall(r"^## \[([\d.]+)\] - (\d{4}-\d\d-\d\d)$", text, re.MULTILINE)
    assert released[0][0] == __version__
    assert text.index("## [Unreleased]") < text.index(f"## [{__version__}]")
