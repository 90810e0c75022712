"""Files of a project are damaged while it is served: a line says so, until they are whole again."""

from __future__ import annotations

import json
import os
import random
import struct
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from sighthound import core
from sighthound.app.inference import worker
from sighthound.app.server.application import create_app
from sighthound.app.server.reload import Reload
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Genome, Interval
from sighthound.core.model.model import WEIGHTS
from sighthound.core.project.settings import load_project
from tests.tiny import make_project

WINDOW = "chrom=chrI&start=0&end=20000"
FLIPS = 40


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_project(tmp_path_factory.mktemp("damaged") / "lab")


@pytest.fixture(scope="module")
def client(folder: Path) -> FlaskClient:
    return create_app(load_project(folder), scheduler_address=None).test_client()


def put(file: Path, data: bytes) -> None:
    """Put another file into the place of one, as copying tools do."""
    beside = file.with_suffix(".other")
    beside.write_bytes(data)
    os.replace(beside, file)


def problems(client: FlaskClient) -> dict[str, str]:
    """What cannot be drawn of two tracks; all else is."""
    answer = client.get(f"/api/v1/signal?{WINDOW}&pixels=300&tracks=atac,cage.plus")
    assert answer.status_code == 200, answer.text
    (length,) = struct.unpack_from("<I", answer.data)
    header = json.loads(answer.data[4 : 4 + length])
    assert "atac" in {series["track"] for series in header["series"]}
    return header.get("problems", {})


def test_a_bigwig_that_is_cut_off_anywhere_is_said_until_it_is_whole(
    client: FlaskClient, folder: Path
) -> None:
    file = folder / "experiments" / "cage.plus.bw"
    whole = file.read_bytes()
    for length in (0, 10, 64, 500, len(whole) // 2):
        put(file, whole[:length])
        found = problems(client)
        assert set(found) == {"cage.plus"}, length
        assert "cage.plus.bw: " in found["cage.plus"]
        assert str(folder) not in found["cage.plus"]
    put(file, whole)
    assert not problems(client)


def test_a_bit_that_flips_in_a_bigwig_never_fails_the_answer(
    client: FlaskClient, folder: Path
) -> None:
    file = folder / "experiments" / "cage.plus.bw"
    whole = file.read_bytes()
    chance = random.Random(3)
    said = 0
    for _ in range(FLIPS):
        flipped = bytearray(whole)
        place = chance.choice([chance.randrange(64), chance.randrange(len(whole))])
        flipped[place] ^= 1 << chance.randrange(8)
        put(file, bytes(flipped))
        found = problems(client)
        assert set(found) <= {"cage.plus"}
        said += bool(found)
    put(file, whole)
    assert not problems(client)
    assert said > FLIPS / 4, "most flips in the headers and the compressed blocks are seen"


@pytest.mark.parametrize("length", [0, 9])
def test_a_model_that_is_cut_off_is_said_until_it_is_whole(folder: Path, length: int) -> None:
    project = load_project(folder)
    weights = project.model.directory / WEIGHTS
    whole = weights.read_bytes()
    said: list[dict[str, str]] = []
    put(weights, whole[: len(whole) * length // 10])
    worker.warm_up(project, said.append)  # type: ignore[arg-type]
    assert said[-1]["phase"] == "failed"
    assert f"{WEIGHTS} cannot be read" in said[-1]["message"]
    with pytest.raises(SighthoundError, match="cannot be read"):
        worker.loaded_model(project)
    put(weights, whole)
    assert worker.loaded_model(project).hash == core.load_model(project.model.directory).hash


@pytest.mark.parametrize("broken", [b"", b"chrI\t99999\tx\n", b"chrI\t40000\t6\t40"])
def test_a_broken_index_of_the_genome_is_made_anew(folder: Path, broken: bytes) -> None:
    """What is open goes on with the former; who opens it next, such as a new process, mends it."""
    index = folder / "genome.fa.fai"
    whole = index.read_bytes()
    opened = Genome(folder / "genome.fa")
    place = Interval("chrI", 0, 50)
    before = opened.sequence(place)
    put(index, broken)
    assert opened.sequence(place) == before
    assert Genome(folder / "genome.fa").sequence(place) == before
    assert index.read_bytes() == whole
    reload = Reload(folder, load_project(folder))
    assert not reload.is_due()
