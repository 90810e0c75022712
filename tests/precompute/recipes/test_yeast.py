"""The yeast recipe: the right files from where they are, converted base for base."""

from __future__ import annotations

import hashlib
import http.server
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sighthound.core.bigwig.files import read_bins
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Interval, parse_region
from sighthound.core.project.settings import load_project
from sighthound.core.tracks.experiments import check_experiments, experiment_bins
from sighthound.precompute.recipes import downloads
from sighthound.precompute.recipes.downloads import PublicFile, fetch
from sighthound.precompute.recipes.yeast import FILES, prepare_yeast
from tests.paths import SHARED_DATA

MIRROR = SHARED_DATA / "yeast"
CONTENT = bytes(range(256)) * 40


class _Server(http.server.BaseHTTPRequestHandler):
    """Serves CONTENT with ranges; cuts the first answer short when told to."""

    cut_first = False
    requests: list[str]

    def do_GET(self) -> None:
        begin = 0
        wanted = self.headers.get("Range")
        type(self).requests.append(wanted or "all")
        if self.path != "/there":
            self.send_error(404)
            return
        if wanted:
            begin = int(wanted.removeprefix("bytes=").removesuffix("-"))
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(len(CONTENT) - begin))
        self.end_headers()
        body = CONTENT[begin:]
        if type(self).cut_first and len(type(self).requests) == 1:
            body = body[:1000]
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        return


@pytest.fixture
def server() -> Iterator[tuple[type[_Server], str]]:
    handler = type("Handler", (_Server,), {"requests": [], "cut_first": False})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield handler, f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


@pytest.fixture
def public_file(server: tuple[type[_Server], str], monkeypatch: pytest.MonkeyPatch) -> PublicFile:
    monkeypatch.setattr(downloads, "RAW", server[1])
    monkeypatch.setattr(
        PublicFile, "address", property(lambda file: f"{downloads.RAW}/{file.path}")
    )
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    digest = hashlib.sha256(CONTENT).hexdigest()
    return replace(FILES[0], path="there", sha256=digest, size=len(CONTENT))


def test_a_file_is_downloaded_once(
    public_file: PublicFile, server: tuple[type[_Server], str], tmp_path: Path
) -> None:
    seen: list[int] = []

    def hear(done: int, _total: int, _phase: str = "", /) -> None:
        seen.append(done)

    fetch(public_file, tmp_path / "x.bw", progress=hear)
    assert (tmp_path / "x.bw").read_bytes() == CONTENT
    assert seen[-1] == len(CONTENT)
    fetch(public_file, tmp_path / "x.bw")
    assert server[0].requests == ["all"]


def test_a_cut_download_is_resumed(
    public_file: PublicFile, server: tuple[type[_Server], str], tmp_path: Path
) -> None:
    server[0].cut_first = True
    fetch(public_file, tmp_path / "x.bw")
    assert (tmp_path / "x.bw").read_bytes() == CONTENT
    assert server[0].requests == ["all", "bytes=1000-"]
    assert [path.name for path in tmp_path.iterdir()] == ["x.bw"]


def test_other_bytes_than_expected_are_refused(public_file: PublicFile, tmp_path: Path) -> None:
    with pytest.raises(SighthoundError, match=r"MNase\.bw from .* is not the expected file"):
        fetch(replace(public_file, sha256="0" * 64), tmp_path / "x.bw")
    assert not list(tmp_path.iterdir())


def test_a_failed_download_names_the_file_the_address_and_the_mirror(
    public_file: PublicFile, tmp_path: Path
) -> None:
    with pytest.raises(SighthoundError) as failed:
        fetch(replace(public_file, path="gone"), tmp_path / "x.bw")
    message = str(failed.value)
    assert "MNase.bw" in message
    assert f"{downloads.RAW}/gone" in message
    assert "--mirror" in message
    assert "\n" not in message


def test_no_connection_is_one_line(
    public_file: PublicFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "RAW", "http://127.0.0.1:9")
    with pytest.raises(SighthoundError, match=r"cannot be fetched.*refused.*--mirror") as failed:
        fetch(public_file, tmp_path / "x.bw")
    assert "\n" not in str(failed.value)


def test_a_mirror_without_the_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SighthoundError, match=r"MNase\.bw is not in the mirror"):
        prepare_yeast(tmp_path / "project", tmp_path)
    with pytest.raises(SighthoundError, match="is no folder"):
        prepare_yeast(tmp_path / "project", tmp_path / "nowhere")


def test_a_damaged_mirror_is_named(tmp_path: Path) -> None:
    (tmp_path / "tracks").mkdir()
    (tmp_path / "tracks" / "MNase.bw").write_bytes(b"not a BigWig")
    with pytest.raises(SighthoundError, match="is not the expected file"):
        prepare_yeast(tmp_path / "project", tmp_path)


def test_every_file_is_pinned_to_a_commit_and_a_hash() -> None:
    for file in FILES:
        assert len(file.commit) >= 7
        assert len(file.sha256) == 64
        assert file.licence
        assert file.address.startswith("https://raw.githubusercontent.com/")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepare_yeast(tmp_path_factory.mktemp("yeast") / "project", MIRROR)


@pytest.mark.real_data
def test_the_hashes_are_those_of_the_data_folder() -> None:
    lines = (SHARED_DATA / "SHA256SUMS").read_text().splitlines()
    listed = {name: digest for digest, name in (line.split(maxsplit=1) for line in lines)}
    for file in FILES:
        assert listed[f"./yeast/{file.mirrored}"] == file.sha256
        assert (MIRROR / file.mirrored).stat().st_size == file.size


@pytest.mark.real_data
def test_the_yeast_folder_is_a_valid_project(folder: Path) -> None:
    project = load_project(folder)
    genome, tracks = project.open_genome(), project.read_tracks()
    check_experiments(tracks, genome)
    assert len(tracks) == 25
    (asn1,) = project.read_genes()["ASN1"].transcripts
    assert (asn1.tss, asn1.coding) == (822_577, ((822_619, 824_338),))
    parse_region(project.server.default_locus, genome)
    assert set(project.server.default_tracks) <= {track.id for track in tracks}
    assert project.dataset.bin == 64
    assert project.dataset.test == ("chrXVI",)


@pytest.mark.real_data
def test_chromosomes_without_data_are_declared_missing(folder: Path) -> None:
    project = load_project(folder)
    genome = project.open_genome()
    tracks = {track.id: track for track in project.read_tracks()}

    def has_data(track: str, chrom: str) -> bool:
        bins = experiment_bins(tracks[track], genome, Interval(chrom, 0, 6_400), 64)
        return bool(np.isfinite(bins).all())

    assert has_data("MNase", "chrII")
    assert not has_data("MNase", "chrI")
    assert has_data("ATAC_insertions", "chrIV")
    assert not has_data("ATAC_insertions", "chrII")
    assert has_data("STRIPE_WT_plus", "chrI")


@pytest.mark.real_data
def test_stripe_seq_equals_the_converted_sums_base_for_base(folder: Path) -> None:
    genome = load_project(folder).open_genome()
    for sample in ("WT", "diamide"):
        for strand in ("plus", "minus"):
            name = f"STRIPEseq_S288C_{sample}_3reps_sum.{strand}.bw"
            for chrom in ("chrI", "chrIV", "chrXVI"):
                length = genome.lengths[chrom]
                ours = read_bins(folder / "experiments" / name, chrom, 0, length, length)
                theirs = read_bins(MIRROR / "tracks" / name, chrom, 0, length, length)
                assert np.array_equal(ours, theirs), (name, chrom)


@pytest.mark.real_data
def test_files_already_there_are_left_alone(folder: Path, tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
    shutil.copytree(MIRROR, tmp_path / "mirror", ignore=shutil.ignore_patterns("*"))
    prepare_yeast(folder, tmp_path / "mirror")
    assert before == {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
