"""`sighthound doctor`: each fault of a project is found, and what to do about it is said."""

import dataclasses
import socket

import pytest

from sighthound.app.server.checkup import GOOD, WORTH_A_LOOK, WRONG, checkup
from sighthound.core.project.settings import load_project
from tests.tiny import make_project


@pytest.fixture
def folder(tmp_path):
    return make_project(tmp_path / "tiny")


def found(folder, *, thorough=False, **server):
    project = load_project(folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    settings = dataclasses.replace(project.server, **{"port": free, **server})
    findings = list(checkup(dataclasses.replace(project, server=settings), thorough))
    return findings, {f"{f.about}: {f.words} -> {f.advice}" for f in findings if f.state == WRONG}


def test_a_sound_project_has_nothing_wrong(folder):
    findings, wrong = found(folder, thorough=True)
    assert wrong == set()
    said = {finding.about: finding for finding in findings}
    assert said["genome"].words.startswith("2 sequences, 70,001 bases")
    assert said["predictions"].words.endswith("as they were written")
    assert {said[name].state for name in ("genes", "tracks", "model", "port")} == {GOOD}


def test_a_prediction_cut_short_is_named(folder):
    file = folder / "predictions" / "atac.bw"
    file.write_bytes(file.read_bytes()[:-100])
    _, wrong = found(folder)
    assert any("atac.bw has" in words and "sighthound predict" in words for words in wrong)


def test_a_prediction_with_another_byte_is_found_by_its_checksum(folder):
    file = folder / "predictions" / "atac.bw"
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    assert found(folder)[1] == set()
    assert any("its SHA-256 is another" in words for words in found(folder, thorough=True)[1])


def test_an_experiment_of_another_assembly_or_cut_short_is_named(folder):
    track, *_ = load_project(folder).read_tracks()
    file = track.experiment
    whole = file.read_bytes()
    file.write_bytes(whole[:1000])
    assert any(file.name in words for words in found(folder)[1])
    file.write_bytes(whole)
    (folder / "genome.fa").write_text(">chrI\n" + "ACGT" * 10 + "\n")
    assert any("is of another assembly" in words for words in found(folder)[1])


def test_a_project_without_a_model_can_be_served_and_says_so(tmp_path):
    findings, wrong = found(make_project(tmp_path / "tiny", model=False, predictions=False))
    assert wrong == set()
    looks = {finding.about for finding in findings if finding.state == WORTH_A_LOOK}
    assert {"model", "predictions"} <= looks


def test_a_port_of_another_program_is_named(folder):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        free = found(folder, port=port)[1]
        assert not any("taken" in words for words in free)
        other.listen()
        other.settimeout(0)
        _, wrong = found(folder, port=port)
    assert any(f"{port} on 127.0.0.1 is taken" in words and "--port" in words for words in wrong)


def test_a_state_or_a_cache_that_cannot_be_reached_is_named(folder):
    findings, wrong = found(
        folder, state="postgresql://127.0.0.1:1/lab", shared_cache="redis://127.0.0.1:1/0"
    )
    assert any("state: lab on 127.0.0.1 cannot be opened" in words for words in wrong)
    (cache,) = (finding for finding in findings if finding.about == "cache")
    assert (cache.state, "Redis on 127.0.0.1:1 does" in cache.words) == (WORTH_A_LOOK, True)


def test_an_inference_server_that_is_not_there_is_named(folder, tmp_path):
    keys = tmp_path / "keys"
    keys.mkdir()
    asked = {"inference": "tls://127.0.0.1:1", "inference_keys": keys}
    assert any("has no inference.pem" in words for words in found(folder, **asked)[1])
    (keys / "inference.pem").touch()
    assert any("nothing answers at tls://" in words for words in found(folder, **asked)[1])
