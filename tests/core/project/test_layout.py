"""Where things lie in a project is said in one place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sighthound.core.project import layout
from tests.paths import ROOT

# A name that two sides share -> the one module that spells it.
HOMES = {
    r"manifest\.json": "core/project/manifest.py",
    r"progress\.json": "core/project/manifest.py",
    r"disagreements\.parquet": "core/project/result_tables.py",
    r"held_out\.tsv": "core/project/held_out.py",
    r"folds\.bed": "core/project/folds.py",
    r"sighthound\.toml": "core/project/settings.py",
    r"hashes\.json": "core/project/layout.py",
    r"levels\.json": "core/project/layout.py",
    r"\.cache": "core/project/layout.py",
    r"saliency": "core/project/layout.py",
    r"contributions": "core/project/layout.py",
    r"shares": "core/project/layout.py",
    r"atlas": "core/project/layout.py",
    r"nulls": "core/project/layout.py",
}


@pytest.mark.parametrize("name", HOMES)
def test_a_name_that_two_sides_share_is_spelt_in_one_module(name: str) -> None:
    # Joined to a folder; names of files kept in capitals, too: kinds of rows have names of folders.
    kept = rf"""|^[A-Z_, ]+ = .*["']{name}["']""" if "." in name else ""
    path = re.compile(rf"""/ f?["']{name}["']{kept}""", re.MULTILINE)
    spelling = {
        str(file.relative_to(ROOT))
        for top in ("app", "core", "precompute")
        for file in (ROOT / top).rglob("*.py")
        if path.search(file.read_text(encoding="utf-8"))
    }
    assert spelling == {HOMES[name]}


def test_the_key_of_a_tables_metadata_is_spelt_in_one_module() -> None:
    spelling = {
        str(file.relative_to(ROOT))
        for top in ("app", "core", "precompute")
        for file in (ROOT / top).rglob("*.py")
        if re.search(r"""b["']sighthound["']""", file.read_text(encoding="utf-8"))
    }
    assert spelling == {"core/project/result_tables.py"}


def test_a_bigwig_of_a_track_is_named_by_its_id(tmp_path: Path) -> None:
    assert layout.track_bigwig(tmp_path, "cage.plus") == tmp_path / "cage.plus.bw"
