"""Modules and style sheets joined for the browser do what they do apart."""

from __future__ import annotations

import gzip
import subprocess
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from sighthound.app.pages import about, accuracy, locus, tracks
from sighthound.app.pages.bundle import join_modules, join_styles, modules
from sighthound.app.pages.page import ASSETS
from sighthound.core.errors import SighthoundError
from tests.node import find_node

APART = {
    "main.js": (
        'import "./once.js";\n'
        'import { Shape, colour as paint, use } from "./colours.js";\n'
        'import {\n  twice,\n} from "./sums.js";\n'
        'const before = ground();\nuse("dark");\n'
        "console.log(JSON.stringify([before, ground(), paint(1), new Shape().sides,"
        " await twice(4)]));\n"
    ),
    "once.js": 'import { ground } from "./colours.js";\nglobalThis.ground = ground;\n',
    "colours.js": (
        "/** Live. */\nexport let GROUND;\nconst INKS = { light: 1, dark: 2 };\n"
        "export function use(name) {\n  GROUND = INKS[name];\n}\n"
        "export const colour = (n) => `${n}/${GROUND}`;\nexport const ground = () => GROUND;\n"
        "class Base {}\nexport class Shape extends Base {\n  sides = 3;\n}\nuse(\"light\");\n"
    ),
    # The same private name as in another module.
    "sums.js": (
        'import { GROUND } from "./colours.js";\nconst INKS = 10;\n'
        "export async function twice(n) {\n  return 2 * n + INKS + GROUND;\n}\n"
    ),
}  # fmt: skip


def run(script: Path) -> str:
    return subprocess.run(
        [find_node(), script], capture_output=True, text=True, check=True, cwd=script.parent
    ).stdout


@pytest.fixture
def apart(tmp_path: Path) -> Path:
    for name, text in APART.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    return tmp_path


def test_joined_modules_say_what_they_say_apart(apart: Path) -> None:
    joined = apart / "joined.mjs"
    joined.write_bytes(join_modules("joined.js", apart / "main.js").content)
    said = run(apart / "main.js")
    assert said.strip() == '[1,2,"1/2",3,20]'
    assert run(joined) == said


@pytest.mark.parametrize(
    "line",
    [
        'import * as all from "./sums.js";',
        'import sums from "./sums.js";',
        'export * from "./sums.js";',
        "export default 3;",
        "export { before };",
        "export let ONE = 1;",
    ],
)
def test_what_cannot_be_joined_is_refused_with_the_line(apart: Path, line: str) -> None:
    (apart / "main.js").write_text(f"const before = 1;\n{line}\n")
    with pytest.raises(SighthoundError, match="import by name") as refused:
        join_modules("joined.js", apart / "main.js")
    assert line in str(refused.value)


def test_modules_that_import_each_other_are_refused(apart: Path) -> None:
    (apart / "colours.js").write_text('import { twice } from "./sums.js";\n')
    with pytest.raises(SighthoundError, match=r"colours.js -> sums.js -> colours.js"):
        join_modules("joined.js", apart / "main.js")


def test_two_changing_bindings_of_one_name_are_refused(apart: Path) -> None:
    (apart / "once.js").write_text("export let GROUND;\n")
    with pytest.raises(SighthoundError, match="GROUND"):
        join_modules("joined.js", apart / "main.js")


def test_another_content_has_another_address(tmp_path: Path) -> None:
    sheets = [tmp_path / "one.css", tmp_path / "two.css"]
    for sheet in sheets:
        sheet.write_text("a { color: red; }")
    before = join_styles("page.css", sheets)
    assert before.address == join_styles("page.css", sheets).address
    sheets[1].write_text("a { color: blue; }")
    assert before.address != join_styles("page.css", sheets).address


def test_every_module_of_the_assets_is_in_a_page() -> None:
    entries = (
        ASSETS / "view/page/main.js",
        ASSETS / "tracks/main.js",
        ASSETS / "variants/main.js",
        ASSETS / "ui/login.js",
        ASSETS / "view/page/about.js",
        ASSETS / "view/page/accuracy.js",
    )
    joined = {file for entry in entries for file in modules(entry)}
    assert joined == set(ASSETS.rglob("*.js"))


@pytest.mark.parametrize("page", [locus, tracks, accuracy, about])
def test_bundles_are_kept_for_good_and_compressed(web: FlaskClient, page: object) -> None:
    for bundle in page.BUNDLES:  # type: ignore[attr-defined]
        answer = web.get(bundle.address, headers={"Accept-Encoding": "gzip"})
        assert gzip.decompress(answer.data) == bundle.content
        assert answer.cache_control.immutable
