"""What is installed: everything under the name `sighthound`, and a server that runs from it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import urllib.request
import zipfile
from pathlib import Path

import pytest

from tests.paths import ROOT
from tests.tiny import make_project

GUIDES = "sighthound/app/guides/"
PACKAGES = ("app", "assets", "core", "precompute")
BUILD = """
import sys
from setuptools import build_meta
print(getattr(build_meta, sys.argv[1])(sys.argv[2]))
"""


def tracked() -> list[str]:
    """Every file of the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [name for name in listed.stdout.split("\0") if name]


def shipped() -> set[str]:
    """The files that are to be installed, by their installed paths."""
    own = {name for name in tracked() if re.fullmatch(r"sighthound/\w+\.py", name)}
    return own | {f"sighthound/{name}" for name in tracked() if name.startswith(PACKAGES)}


def is_guide(name: str) -> bool:
    return re.fullmatch(r"docs/\w+\.md", name) is not None


def build(source: Path, what: str, output: Path) -> Path:
    """Build a wheel or a source distribution as pip does, without its network."""
    output.mkdir(exist_ok=True)
    command = [sys.executable, "-c", BUILD, f"build_{what}", str(output)]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return output / done.stdout.splitlines()[-1]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository alone: nothing that an earlier build has left."""
    copy = tmp_path_factory.mktemp("source")
    for name in tracked():
        if not name.startswith("tests/"):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, copy / name, follow_symlinks=False)
    return copy


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(source, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the wheel, and nothing that it needs, is installed."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def environment(installed: Path) -> dict[str, str]:
    """That of a shell which knows the installed packages and not the source."""
    return {**os.environ, "PYTHONPATH": str(installed)}


def test_a_wheel_holds_every_file_once_under_the_name_sighthound(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert len(names) == len(set(names))
    (about,) = {Path(name).parts[0] for name in names} - {"sighthound"}
    assert about.endswith(".dist-info")
    ours = {name for name in names if not name.startswith(about)}
    guides = {name for name in ours if name.startswith(GUIDES)}
    assert ours - guides == shipped()
    pages = {Path(name).with_suffix(".html").name for name in tracked() if is_guide(name)}
    assert pages | {"search/search_index.json"} <= {name.removeprefix(GUIDES) for name in guides}


def test_a_source_distribution_holds_files_for_links_and_all_that_a_wheel_is_built_of(
    source: Path, tmp_path: Path
) -> None:
    with tarfile.open(build(source, "sdist", tmp_path)) as archive:
        members = archive.getmembers()
    assert not [member.name for member in members if member.issym() or member.islnk()]
    files = {str(Path(*Path(member.name).parts[1:])) for member in members if member.isfile()}
    built_of = {"setup.cfg", "setup.py", "pyproject.toml", "mkdocs.yml", "README.md", "LICENSE"}
    assert shipped() | built_of | set(filter(is_guide, tracked())) <= files


def test_what_is_installed_is_imported_away_from_the_source_without_tensorflow(
    installed: Path, tmp_path: Path
) -> None:
    code = "import sys, sighthound.core as core; print(core.__file__, 'tensorflow' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path, env=environment(installed), capture_output=True, text=True, check=False,
    )  # fmt: skip
    file = installed / "sighthound" / "core" / "__init__.py"
    assert done.stdout == f"{file} False\n", done.stderr


def test_an_installed_server_sends_its_page_and_what_the_page_asks_for(
    installed: Path, tmp_path: Path
) -> None:
    project = make_project(tmp_path / "lab", model=False)
    code = f"from sighthound.app.server.launch import serve; serve({str(project)!r}, port=0)"
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=tmp_path, env=environment(installed), stdout=subprocess.PIPE, text=True,
    ) as server:  # fmt: skip
        assert server.stdout is not None
        address = server.stdout.readline().split(" is at ")[1].split()[0]
        try:
            page = fetched(address)
            linked = re.findall(r'(?:src|href)="/(assets/[^"]+\.(?:js|css))"', page)
            assert len(linked) >= 2
            assert all(len(fetched(address + path)) > 1000 for path in linked)
            assert "How far to trust" in fetched(address + "guides/")
        finally:
            server.send_signal(signal.SIGINT)
            assert server.wait(60) == 0


def fetched(address: str) -> str:
    with urllib.request.urlopen(address, timeout=600) as answer:
        return answer.read().decode()
