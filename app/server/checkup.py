"""What stands between a project and a server that answers: files, model, machine, network.

Each finding says what is so, and, where it is wrong, what to do. Nothing is changed.
"""

from __future__ import annotations

import http.client
import importlib.metadata
import json
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from sighthound.app.inference.keys import FILE as KEYS_FILE
from sighthound.app.state.engines import Sqlite, engine_of
from sighthound.core.bigwig.files import check_bigwig
from sighthound.core.browsers.tracks import KINDS, track_file
from sighthound.core.errors import SighthoundError
from sighthound.core.files import file_sha256
from sighthound.core.model.model import DESCRIPTION, load_model
from sighthound.core.project.layout import cache_folder, prediction_file, state_address
from sighthound.core.project.manifest import read_predictions
from sighthound.core.project.settings import Project
from sighthound.core.tracks.experiments import check_experiments

GOOD, WORTH_A_LOOK, WRONG = "ok", "look", "wrong"
MB = 1024 * 1024
# The process with the model takes about so much, the larger for the paper's network.
MODEL_BYTES = 1_600 * MB
# Blocks of a BigWig that are read, evenly spread, unless all are asked for.
_BLOCKS = 20
_ANSWER_S = 1.0


@dataclass(frozen=True)
class Finding:
    """What was looked at, how it is, and what to do about it; empty where nothing is."""

    about: str
    state: str
    words: str
    advice: str = ""


def checkup(project: Project, thorough: bool = False) -> Iterator[Finding]:
    """Look at all that a server of a project needs.

    Parameters
    ----------
    project : Project
        Whose settings were read, so that the files that they name are there.
    thorough : bool
        Read every block of every BigWig, and hold predictions against their checksums.

    Yields
    ------
    Finding
        As soon as each is known.
    """
    parts: list[tuple[str, Callable[..., Iterator[Finding]]]] = [
        ("genome", _genome), ("genes", _genes), ("tracks", _tracks), ("model", _model),
        ("predictions", _predictions), ("folder", _folder), ("memory", _memory),
        ("GPU", _gpu), ("port", _port), ("names", _names), ("inference", _inference),
        ("state", _state), ("cache", _cache),
    ]  # fmt: skip
    for about, look in parts:
        try:
            yield from look(project, thorough) if look in (_tracks, _predictions) else look(project)
        except (SighthoundError, OSError) as error:
            yield Finding(about, WRONG, " ".join(str(error).split()))


def _genome(project: Project) -> Iterator[Finding]:
    lengths = project.open_genome().lengths
    words = f"{len(lengths):,} sequences, {sum(lengths.values()):,} bases, index up to date"
    yield Finding("genome", GOOD, words)


def _genes(project: Project) -> Iterator[Finding]:
    if project.genome.genes is None:
        advice = "name an annotation as [genome] genes"
        yield Finding("genes", WORTH_A_LOOK, "none: nobody can search for one", advice)
        return
    yield Finding("genes", GOOD, f"{len(project.read_genes()):,} genes")


def _tracks(project: Project, thorough: bool) -> Iterator[Finding]:
    tracks, genome = project.read_tracks(), project.open_genome()
    sound = 0
    for track in tracks:
        try:
            check_experiments([track], genome)
        except SighthoundError as error:
            yield Finding(
                "tracks", WRONG, f"{error}", "correct or replace it, or leave the row out"
            )
            continue
        for kind in KINDS:
            file = track_file(project, track, kind)
            if file is None:
                continue
            try:
                check_bigwig(file, None if thorough else _BLOCKS)
                sound += 1
            except SighthoundError as error:
                yield Finding("tracks", WRONG, f"{error}", f"make or copy {file.name} again")
    words = f"{len(tracks):,} tracks, {sound:,} BigWigs that can be read"
    if tracks:
        yield Finding("tracks", GOOD, words)
    else:
        yield Finding("tracks", WORTH_A_LOOK, words, "add rows to the tracks table")


def _model(project: Project) -> Iterator[Finding]:
    directory = project.model.directory
    if not (directory / DESCRIPTION).is_file():
        advice = f"sighthound train {project.root}, or serve signals alone"
        yield Finding("model", WORTH_A_LOOK, f"none in {directory.name}/", advice)
        return
    model = load_model(directory)
    known = {track.id for track in project.read_tracks()}
    words = f"{model.hash}, {len(model.tracks):,} tracks of {model.sequence_length:,} bp"
    yield Finding("model", GOOD, words)
    missing = [track for track in model.tracks if track not in known]
    if missing:
        words = f"it predicts {len(missing):,} tracks that the table has not, as {missing[0]}"
        yield Finding("model", WORTH_A_LOOK, words, "add them to the tracks table")


def _predictions(project: Project, thorough: bool) -> Iterator[Finding]:
    folder = project.predictions.directory
    manifest = read_predictions(folder)
    again = f"sighthound predict {project.root}"
    if manifest is None:
        yield Finding("predictions", WORTH_A_LOOK, f"none in {folder.name}/", again)
        return
    wrong = 0
    for track, written in manifest.files.items():
        file = prediction_file(project, track)
        if not file.is_file():
            words = f"{file.name} is missing, which the manifest has"
        elif written.bytes and file.stat().st_size != written.bytes:
            words = f"{file.name} has {file.stat().st_size:,} bytes, not {written.bytes:,}"
        elif thorough and written.sha256 and file_sha256(file) != written.sha256:
            words = f"{file.name} is not what was written: its SHA-256 is another"
        else:
            continue
        wrong += 1
        yield Finding("predictions", WRONG, words, f"remove {folder.name}/, and {again}")
    if manifest.pending:
        words = f"{len(manifest.pending):,} tracks are still to come"
        yield Finding("predictions", WORTH_A_LOOK, words, again)
    if (project.model.directory / DESCRIPTION).is_file() and manifest.identity.model:
        now = load_model(project.model.directory).hash
        if now != manifest.identity.model:
            words = f"they are of the model {manifest.identity.model}, the model now is {now}"
            yield Finding("predictions", WRONG, words, f"{again} --replace")
            return
    if not wrong:
        how = "as they were written" if thorough else "whole by size; --thorough reads them"
        yield Finding("predictions", GOOD, f"{len(manifest.files):,} BigWigs, {how}")


def _folder(project: Project) -> Iterator[Finding]:
    server = project.server
    folder = cache_folder(project.root)
    nearest = folder if folder.exists() else project.root
    if not os.access(nearest, os.W_OK | os.X_OK):
        words = f"{nearest} cannot be written by this user: nothing is kept"
        yield Finding("folder", WRONG, words, "let the server's user own it")
    free = shutil.disk_usage(nearest).free // MB
    wanted = server.cache_mb + server.uploads_mb + server.shares_mb
    words = f"{free:,} MB free; cache, files and views of visitors may take {wanted:,}"
    if free < wanted:
        advice = "make room, or lower cache_mb, uploads_mb or shares_mb in [server]"
        yield Finding("disk", WRONG if free < 100 else WORTH_A_LOOK, words, advice)
    else:
        yield Finding("disk", GOOD, words)


def _memory(project: Project) -> Iterator[Finding]:
    available = psutil.virtual_memory().available
    words = f"{available // MB:,} MB available; a model takes 600 to 1,600"
    if available < MODEL_BYTES:
        yield Finding("memory", WORTH_A_LOOK, words, "end other programs before a large model")
    else:
        yield Finding("memory", GOOD, words)


def _gpu(_: Project) -> Iterator[Finding]:
    cards = [card for card in sorted(Path("/dev").glob("nvidia*")) if card.name[6:].isdigit()]
    has_libraries = any(
        (found.metadata["Name"] or "").startswith("nvidia-cudnn")
        for found in importlib.metadata.distributions()
    )
    if not cards:
        yield Finding("GPU", GOOD, "none; the model runs on processors")
    elif has_libraries:
        yield Finding("GPU", GOOD, f"{len(cards)}, and the libraries to use them")
    else:
        advice = "pip install 'sighthound[gpu]'"
        yield Finding("GPU", WORTH_A_LOOK, f"{len(cards)}, but not the libraries", advice)


def _port(project: Project) -> Iterator[Finding]:
    host, port = project.server.host, project.server.port
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    try:
        socket.create_connection((here, port), _ANSWER_S).close()
    except OSError:
        yield Finding("port", GOOD, f"{port} on {host} is free")
        return
    connection = http.client.HTTPConnection(here, port, timeout=_ANSWER_S)
    try:
        connection.request("GET", "/readyz")
        ready = json.loads(connection.getresponse().read())
        words = f"a server answers on {port}: {ready['worker']['message']}"
        state = GOOD if ready["ready"] else WORTH_A_LOOK
        yield Finding("port", state, words, "" if ready["ready"] else "wait, or read its log")
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
        words = f"{port} on {host} is taken by another program"
        yield Finding("port", WRONG, words, "choose another: --port, or [server] port")
    finally:
        connection.close()


def _names(project: Project) -> Iterator[Finding]:
    server = project.server
    if server.host not in ("127.0.0.1", "localhost", "::1") and not server.hosts:
        words = f"it listens on {server.host}, and knows no name under which people come"
        advice = 'give those, as [server] hosts = ["browser.lab.org"]'
        yield Finding("names", WORTH_A_LOOK, words, advice)


def _inference(project: Project) -> Iterator[Finding]:
    server = project.server
    if not server.inference or server.inference_keys is None:
        return
    if not (server.inference_keys / KEYS_FILE).is_file():
        words = f"{server.inference_keys} has no {KEYS_FILE}"
        yield Finding("inference", WRONG, words, "start 'sighthound inference', or copy its file")
        return
    place = urlsplit(server.inference)
    try:
        socket.create_connection((place.hostname or "", place.port or 0), _ANSWER_S).close()
        yield Finding("inference", GOOD, f"something listens at {server.inference}")
    except OSError as error:
        words = f"nothing answers at {server.inference} ({error.strerror or error})"
        yield Finding("inference", WRONG, words, f"sighthound inference {project.root} ... there")


def _state(project: Project) -> Iterator[Finding]:
    engine = engine_of(state_address(project))
    # Nothing is made here, and SQLite would make its file.
    if isinstance(engine, Sqlite) and not engine.file.exists():
        return
    try:
        engine.connect().close()
        yield Finding("state", GOOD, f"{engine.name} can be opened")
    except engine.error as error:
        words = f"{engine.name} cannot be opened ({' '.join(str(error).split())})"
        yield Finding("state", WRONG, words, "correct [server] state, or start the database")


def _cache(project: Project) -> Iterator[Finding]:
    shared = project.server.shared_cache
    if not shared:
        return
    place = urlsplit(shared)
    if place.scheme not in ("redis", "rediss"):
        return
    name = f"Redis on {place.hostname or 'localhost'}:{place.port or 6379}"
    try:
        where = place.hostname or "localhost", place.port or 6379
        socket.create_connection(where, _ANSWER_S).close()
        yield Finding("cache", GOOD, f"{name} answers")
    except OSError as error:
        words = f"{name} does not answer ({error.strerror or error}): nothing is kept"
        yield Finding("cache", WORTH_A_LOOK, words, "start it, or correct [server] shared_cache")
