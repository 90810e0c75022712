"""The frame of the page has what the drawing code looks for."""

from __future__ import annotations

import re

from dash.development.base_component import Component

from sighthound.app.answers.project import Heading
from sighthound.app.pages.locus import frame
from tests.paths import ROOT


def ids(part: Component) -> set[str]:
    return {child.id for child in part._traverse() if getattr(child, "id", None)}


def test_every_entry_of_the_export_menu_does_something() -> None:
    modules = (file.read_text() for file in (ROOT / "assets" / "view").rglob("*.js"))
    handled = set(re.findall(r'actions\.click\("(export-[a-z-]+)"', "".join(modules)))
    laid_out = {
        name
        for name in ids(frame(Heading("Tiny", "tiny", False, "none")))
        if name.startswith("export-")
    }
    assert handled == laid_out
    assert {"export-svg", "export-tsv", "export-bedgraph", "export-igv", "export-hub"} <= handled
