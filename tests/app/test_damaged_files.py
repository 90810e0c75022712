"""Damaged files, a visitor's and the project's: a line says so, and nobody else notices."""

from __future__ import annotations

import dataclasses
import gzip
import json
import os
import random
import shutil
import struct
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sighthound.app.server.application import create_app
from sighthound.app.uploads.isolated import run_apart
from sighthound.core.errors import SighthoundError
from sighthound.core.project.settings import Project, load_project
from tests.fuzz.damage import damaged

OURS = {"X-Sighthound": "1"}


@pytest.fixture(scope="module")
def folder(project_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project whose track "ramp" is damaged in its middle."""
    copy = tmp_path_factory.mktemp("damaged") / "lab"
    shutil.copytree(project_folder, copy, ignore=shutil.ignore_patterns(".cache"))
    data = bytearray((copy / "ramp.bw").read_bytes())
    data[len(data) // 3 : len(data) // 3 + 100] = bytes(100)
    (copy / "ramp.bw").write_bytes(data)
    return copy


@pytest.fixture(scope="module")
def lab(folder: Path) -> Flask:
    return create_app(load_project(folder), scheduler_address=None)


@pytest.fixture
def client(lab: Flask) -> FlaskClient:
    return lab.test_client()


def header(data: bytes) -> dict:
    (length,) = struct.unpack_from("<I", data)
    return json.loads(data[4 : 4 + length])


def add(client: FlaskClient, name: str, data: bytes) -> tuple[int, str]:
    answer = client.post(f"/api/v1/uploads?name={name}", data=data, headers=OURS)
    return answer.status_code, answer.get_json().get("error", "")


def test_a_damaged_track_of_the_project_says_so_and_the_others_are_drawn(
    client: FlaskClient, folder: Path
) -> None:
    asked = "/api/v1/signal?chrom=chrI&start=0&end=40960&pixels=900&tracks=ramp,counts"
    answer = client.get(asked)
    assert answer.status_code == 200
    said = header(answer.data)
    assert list(said["problems"]) == ["ramp"]
    assert said["problems"]["ramp"].startswith("ramp.bw: damaged BigWig")
    assert str(folder).encode() not in answer.data
    assert {one["track"] for one in said["series"]} == {"ramp", "counts"}


def test_a_track_that_is_replaced_while_it_is_served_is_read_anew(
    client: FlaskClient, folder: Path, project_folder: Path
) -> None:
    asked = "/api/v1/signal?chrom=chrI&start=0&end=4096&pixels=900&tracks=counts"
    before = client.get(asked).data
    shutil.copy(folder / "ones.bw", folder / "kept.bw")
    try:
        (folder / "new.bw").write_bytes((project_folder / "ramp.bw").read_bytes())
        os.replace(folder / "new.bw", folder / "ones.bw")
        assert client.get(asked).data != before
        (folder / "ones.bw").write_bytes(b"no BigWig")
        assert "not a BigWig" in header(client.get(asked).data)["problems"]["counts"]
        (folder / "ones.bw").unlink()
        assert client.get(asked).status_code in (200, 400)
    finally:
        os.replace(folder / "kept.bw", folder / "ones.bw")


def test_a_damaged_bigwig_is_refused_as_an_upload(client: FlaskClient, folder: Path) -> None:
    status, line = add(client, "mine.bw", (folder / "ramp.bw").read_bytes())
    assert status == 400
    assert line.startswith("mine.bw: damaged BigWig")


def test_damage_to_a_vcf_or_bed_is_a_line(client: FlaskClient) -> None:
    vcf = b"##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n" + b"".join(
        b"chrI\t%d\t.\tA\tC\t.\t.\t.\n" % place for place in range(1, 200)
    )
    bed = b"".join(b"chrI\t%d\t%d\tname\t0\t+\n" % (place, place + 9) for place in range(200))
    chance = random.Random(5)
    for number in range(30):
        whole = chance.choice((vcf, bed, gzip.compress(vcf, mtime=0), gzip.compress(bed, mtime=0)))
        status, line = add(client, f"{number}.txt", damaged(whole, chance))
        assert status in (200, 400), line
        assert status == 200 or "\n" not in line
    for file in client.get("/api/v1/uploads").get_json()["files"]:
        client.delete(f"/api/v1/uploads/{file['id']}", headers=OURS)


@pytest.mark.parametrize("cells", ["1\t" + "9" * 5_000, "٣\t٤", "1\t9\tx\t" + "9" * 5_000])
def test_numbers_of_a_bed_are_those_of_a_genome(client: FlaskClient, cells: str) -> None:
    assert add(client, "a.bed", f"chrI\t{cells}\n".encode())[0] in (200, 400)


# In a process of its own --------------------------------------------------------------------------


def _abort() -> None:
    os.abort()


def _take_memory() -> int:
    return len(bytearray(64 << 30))


def _fail() -> None:
    raise ValueError("a fault of ours")


def _refuse() -> None:
    raise SighthoundError("x.bw: damaged BigWig")


def _write(path: Path) -> None:
    path.write_bytes(bytes(1 << 20))


@pytest.mark.parametrize("work", [_abort, _take_memory, _fail])
def test_who_reads_a_strangers_file_may_die_of_it(work: object) -> None:
    with pytest.raises(SighthoundError, match=r"^x\.bw cannot be read"):
        run_apart("x.bw", work, write_bytes=1 << 20)  # type: ignore[arg-type]


def test_what_it_says_comes_back(tmp_path: Path) -> None:
    with pytest.raises(SighthoundError, match=r"^x\.bw: damaged BigWig$"):
        run_apart("x.bw", _refuse, write_bytes=1 << 20)
    with pytest.raises(SighthoundError, match="cannot be read"):
        run_apart("x.bw", _write, tmp_path / "large", write_bytes=1 << 16)
    assert run_apart("x.bw", len, "four", write_bytes=1 << 16) == 4


def test_no_error_says_where_the_server_keeps_its_files(project: Project, tmp_path: Path) -> None:
    from sighthound.app.web.public import public_line

    lab = dataclasses.replace(project, root=tmp_path)
    said = f"{tmp_path}/bw/a b.bw: damaged;\n see {tmp_path.parent}/x.bw or '/usr/lib/y.so'"
    assert public_line(lab, said) == "bw/a b.bw: damaged; see x.bw or 'y.so'"
    assert public_line(lab, "Not Found: /api/v1/x") == "Not Found: /api/v1/x"
    assert public_line(lab, "at http://lab/usr/x") == "at http://lab/usr/x"


def test_the_description_of_readiness_names_no_path(lab: Flask, folder: Path) -> None:
    table = folder / "tracks.tsv"
    kept = table.read_text()
    try:
        table.write_text("id\tname\n\t\n")
        answer = lab.test_client().get("/readyz")
        assert answer.status_code == 503
        assert str(folder) not in answer.text
        assert "tracks.tsv" in answer.get_json()["project"]["message"]
    finally:
        table.write_text(kept)
