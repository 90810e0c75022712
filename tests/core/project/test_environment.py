"""Settings of the server from the environment, which goes before the file."""

import dataclasses
import re

import pytest

from sighthound.core import SighthoundError, load_project
from sighthound.core.project import settings
from sighthound.core.project.environment import settings_in, variable_of
from sighthound.core.project.settings import ServerSettings
from tests.paths import ROOT
from tests.tiny import make_project


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_project(tmp_path_factory.mktemp("env") / "tiny", model=False, predictions=False)


def test_the_environment_goes_before_the_file(folder, monkeypatch):
    assert load_project(folder).server.title == "A tiny project"
    monkeypatch.setenv("SIGHTHOUND_SERVER_TITLE", "On this machine")
    monkeypatch.setenv("SIGHTHOUND_SERVER_PORT", "9000")
    monkeypatch.setenv("SIGHTHOUND_SERVER_HOSTS", "lab.org, browser.lab.org")
    monkeypatch.setenv("SIGHTHOUND_SERVER_SIMULATED", "true")
    server = load_project(folder).server
    assert (server.title, server.port, server.simulated) == ("On this machine", 9000, True)
    assert server.hosts == ("lab.org", "browser.lab.org")
    assert server.default_locus == "chrI:1,001-9,000"  # of the file


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("PORT", "http", r"SERVER_PORT of the environment: \[server\] port is 'http'; expected a"),
        ("SIMULATED", "1", "simulated is 1; expected true or false"),
        (
            "PROT",
            "80",
            r"has SIGHTHOUND_SERVER_PROT, .*no key of \[server\]; expected .*SERVER_PORT",
        ),
        ("PATH", "browser/", r"\[server\] path is 'browser/'; expected what addresses begin with"),
    ],
)
def test_a_mistake_in_the_environment_is_named(folder, monkeypatch, name, value, message):
    monkeypatch.setenv(f"SIGHTHOUND_SERVER_{name}", value)
    with pytest.raises(SighthoundError, match=message):
        load_project(folder)


def test_other_variables_are_left_alone():
    assert settings_in({"PATH": "/bin", "SIGHTHOUND_DATA": "data"}, ServerSettings) == {}


def test_every_key_of_the_server_can_stand_in_the_environment():
    written = {int: "7", str: "text", bool: "true", float: "0.5"}
    for info in dataclasses.fields(ServerSettings):
        text = written.get(type(info.default), "one,two")
        assert list(settings_in({variable_of(info.name): text}, ServerSettings)) == [info.name]


def is_section(found):
    return isinstance(found, type) and found.__name__.endswith("Settings")


def documented_keys():
    """The keys that the first column of the table in docs/project.md has, by section."""
    text = (ROOT / "docs" / "project.md").read_text(encoding="utf-8")
    found = {}
    for section, first, rest in re.findall(r"^\| `\[(\w+)\] (\w+)`([^|]*)\|", text, re.MULTILINE):
        found.setdefault(section, set()).update([first, *re.findall(r"`(\w+)`", rest)])
    return found


@pytest.mark.parametrize("kind", [k for k in vars(settings).values() if is_section(k)])
def test_every_setting_is_documented_and_no_other(kind):
    section = kind.__name__.removesuffix("Settings").lower()
    assert documented_keys()[section] == {info.name for info in dataclasses.fields(kind)}


def test_every_setting_of_training_and_tuning_is_documented():
    from sighthound.precompute.training.settings import TrainingSettings
    from sighthound.precompute.tuning.settings import TuneSettings

    text = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
    for kind in (TrainingSettings, TuneSettings):
        keys = [info.name for info in dataclasses.fields(kind)]
        rows = "\n".join(re.findall(r"^\| ([^|]*) \|", text, re.MULTILINE))
        assert [key for key in keys if not re.search(rf"\b{key}\b", rows)] == []
