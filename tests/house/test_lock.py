"""The lock file holds what is installed, to the hash of each file, and names no registry."""

import configparser
import re

from packaging.requirements import Requirement

from tests.paths import ROOT

LOCK = (ROOT / "requirements.txt").read_text(encoding="utf-8")
# A requirement and the lines that go on with it.
LOCKED = re.findall(r"^([\w.-]+)==([^\s;\\]+)((?:[^\n]*\\\n)*[^\n]*)", LOCK, re.MULTILINE)


def test_what_setup_asks_for_is_locked_to_a_version_that_it_allows() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    asked = [Requirement(line) for line in setup["options"]["install_requires"].split("\n") if line]
    locked = {name.replace("_", "-").lower(): version for name, version, _ in LOCKED}
    assert len(asked) > 10
    wrong = [
        str(requirement)
        for requirement in asked
        if not requirement.specifier.contains(
            locked.get(requirement.name.replace("_", "-").lower(), "0")
        )
    ]
    assert wrong == [], "run 'make lock'"


def test_every_locked_version_has_hashes() -> None:
    assert len(LOCKED) == len(re.findall(r"^\S+==", LOCK, re.MULTILINE)) > 50
    assert [name for name, _, rest in LOCKED if "--hash=sha256:" not in rest] == []


def test_the_lock_names_no_registry() -> None:
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links|file:", LOCK)
