"""Lists of variants that visitors have scored: kept, scored in the background, read again by id.

A list is scored some alleles at a time, each part a question to the inference worker that gives way
to every click, and lists take turns. A part is a file, so a list that was stopped, or whose server
ended, goes on from there. Processes that serve one project share its lists: each takes the part
that nobody is at. A list is its visitor's to start, stop and remove; its id, which nobody
can guess, lets anybody read it who was given it.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import secrets
import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from sighthound.app.answers.jobs import Waiting
from sighthound.app.answers.scored import VariantRun
from sighthound.app.inference import variant_tasks
from sighthound.app.inference.client import Inference, asked_of, question
from sighthound.app.inference.connection import StartingError
from sighthound.app.project_state import Catalogue
from sighthound.app.web.public import public_line
from sighthound.core import __version__
from sighthound.core.errors import CancelledError, SighthoundError
from sighthound.core.files import read_json, write_json
from sighthound.core.interpretation.variant_scores import PSEUDOCOUNT
from sighthound.core.own_folder import locked
from sighthound.core.project.layout import variant_runs_folder
from sighthound.core.project.variant_tables import join_parts, write_part
from sighthound.core.text import plain_line
from sighthound.core.variants.variant import Variant
from sighthound.core.variants.vcf import Allele

PREFIX = "run-"
MAX_ALLELES = 10_000  # of a list; more are for 'sighthound variants'
MAX_RUNS = 30  # a visitor
SCORES = ("sad", "log2_ratio")
BY_GENE = "sed"
TABLE = "scores.parquet"
_ABOUT, _ALLELES, _PARTS = "about.json", "alleles.json", "parts"
_CHANGED, _SCORED = "about.lock", "parts.lock"  # held while about.json, or a part, is written
_ID = re.compile(rf"^{PREFIX}[a-z0-9]{{20}}$")
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
# A part takes about so long, so that clicks wait no longer: alleles at once, to begin with and at
# most, and seconds between which their number stays.
_FIRST, _MOST = 8, 256
_SOON_S, _LATE_S = 1.0, 3.0
_RETRY_S, _SHARED_S = 2.0, 0.5  # before a worker, or a list of another process, is asked again
_GOING_ON = ("waiting", "running")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _About:
    """What is kept of a list beside its alleles; `visitor` is a hash."""

    id: str
    visitor: str
    name: str
    created: float
    model: str
    members: int
    alleles: int
    left_out: tuple[str, ...]
    state: str = "read"
    message: str = ""
    done: int = 0
    pace: float = 0.0  # seconds an allele of the last part


class Runs:
    """The lists that are kept, and what scores them.

    Parameters
    ----------
    catalogue : Catalogue
    inference : Inference
        Scores them.
    """

    def __init__(self, catalogue: Catalogue, inference: Inference) -> None:
        self.catalogue, self.inference = catalogue, inference
        server = catalogue.project.server
        self.folder = variant_runs_folder(catalogue.project)
        self.is_open = server.upload_mb > 0
        self.days, self.total_bytes = server.upload_days, server.uploads_mb << 20
        self._lock = threading.RLock()
        self._thread: threading.Thread | None = None
        self._size = _FIRST
        self._within: dict[str, float] = {}  # of the part that is computed, alleles done
        if inference.address is not None and self._going_on():
            self._wake()

    def add(
        self,
        visitor: str,
        name: str,
        alleles: Sequence[Allele],
        left_out: Sequence[str],
        with_members: bool,
    ) -> VariantRun:
        """Keep a list, which is not started yet.

        Raises
        ------
        SighthoundError
            No lists are taken, there is no model, the list is empty or too long, or the visitor
            has too many.
        """
        self.sweep()
        catalogue = self.catalogue
        model = catalogue.model_hash()
        if not self.is_open:
            raise SighthoundError("this server keeps no lists; its administrator sets upload_mb")
        if model is None:
            raise SighthoundError("the project has no trained model, which would score variants")
        if not alleles:
            why = "; ".join(left_out) or "it is empty"
            raise SighthoundError(f"no variant of the list can be scored: {why}")
        if len(alleles) > MAX_ALLELES:
            raise SighthoundError(
                f"{len(alleles):,} alleles; a list here has at most {MAX_ALLELES:,}: choose some, "
                "or score the file with 'sighthound variants', whose table can be opened here"
            )
        if len(self.of(visitor)) >= MAX_RUNS:
            raise SighthoundError(f"{MAX_RUNS} lists are yours already; remove one first")
        order = {chrom: rank for rank, chrom in enumerate(catalogue.genome.lengths)}
        ordered = sorted(
            (a for a in alleles if a.variant is not None),
            key=lambda a: (order[a.variant.chrom], a.variant.position, a.record, a.number),  # type: ignore[union-attr]
        )
        about = _About(
            PREFIX + "".join(secrets.choice(_LETTERS) for _ in range(20)),
            _hashed(visitor),
            plain_line(name)[:120] or "variants",
            time.time(),
            model,
            catalogue.members() if with_members else 0,
            len(ordered),
            tuple(left_out),
        )
        home = self.folder / about.id
        home.mkdir(mode=0o700, parents=True)
        rows = [
            [a.record, a.number, v.chrom, v.position, v.ref, v.alt, v.id]
            for a in ordered
            if (v := a.variant) is not None
        ]
        write_json(home / _ALLELES, {"alleles": rows})
        self._write(about)
        return self._told(about)

    def of(self, visitor: str) -> list[VariantRun]:
        """Give the lists of a visitor, the newest first."""
        own = [about for about in self._all() if visitor and about.visitor == _hashed(visitor)]
        return [self._told(about) for about in sorted(own, key=lambda about: -about.created)]

    def find(self, identifier: str) -> VariantRun | None:
        """Give a list by its id; None where there is none."""
        about = self._read(identifier)
        return None if about is None else self._told(about)

    def start(self, visitor: str, identifier: str) -> VariantRun | None:
        """Score a list, or go on with it; None where it is not this visitor's.

        Raises
        ------
        SighthoundError
            There is no room, no worker, or the model is another than when the list was read.
        """
        with self._alone(identifier):
            about = self._own(visitor, identifier)
            if about is None or about.state in (*_GOING_ON, "done"):
                return None if about is None else self._told(about)
            if self.inference.address is None:
                raise SighthoundError("the server was started without an inference worker")
            if about.model != self.catalogue.model_hash():
                raise SighthoundError("the model was replaced since; read the list again")
            if self._used() > self.total_bytes:
                raise SighthoundError(
                    f"no room: visitors' lists take up to {self.total_bytes >> 20:,} MB here and "
                    f"go after {self.days} days; remove some of yours, or ask the administrator to "
                    "raise [server] uploads_mb"
                )
            about = self._write(replace(about, state="waiting", message=""))
        self._wake()
        return self._told(about)

    def stop(self, visitor: str, identifier: str) -> VariantRun | None:
        """Stop scoring a list, which keeps what it has; None where it is not this visitor's."""
        with self._alone(identifier):
            about = self._own(visitor, identifier)
            if about is not None and about.state in _GOING_ON:
                about = self._write(replace(about, state="stopped"))
        return None if about is None else self._told(about)

    def remove(self, visitor: str, identifier: str) -> bool:
        """Remove a list and its scores; False where it is not this visitor's."""
        if self.stop(visitor, identifier) is None:
            return False
        shutil.rmtree(self.folder / identifier, ignore_errors=True)
        return True

    def table(self, identifier: str) -> Path | None:
        """Where the scores of a list are that is done; None otherwise."""
        about = self._read(identifier)
        file = self.folder / identifier / TABLE
        return file if about is not None and about.state == "done" and file.is_file() else None

    def seconds_each(self, members: int) -> float | None:
        """Seconds that an allele took of the last list of this model; None before the first."""
        model = self.catalogue.model_hash()
        alike = [a for a in self._all() if a.done and (a.model, a.members) == (model, members)]
        last = max(alike, key=lambda about: about.created, default=None)
        return None if last is None else last.pace

    def sweep(self) -> None:
        """Remove what has expired."""
        for home in _folders(self.folder):
            if _ID.match(home.name) and self._read(home.name) is None:
                shutil.rmtree(home, ignore_errors=True)

    def wait(self) -> None:
        """Wait until nothing is scored any more."""
        thread = self._thread
        if thread is not None:
            thread.join()

    def _told(self, about: _About) -> VariantRun:
        each = self.seconds_each(about.members)
        others = [a for a in self._going_on() if a.id != about.id]
        return VariantRun(
            about.id, about.name, about.state, about.message, about.alleles,
            about.done + int(self._within.get(about.id, 0)),
            about.left_out, about.members,
            None if each is None else each * (about.alleles - about.done),
            sum(a.alleles - a.done for a in others),
            about.created, about.created + self.days * 86_400,
        )  # fmt: skip

    def _all(self) -> list[_About]:
        found = [self._read(home.name) for home in _folders(self.folder)]
        return [about for about in found if about is not None]

    def _going_on(self) -> list[_About]:
        return [about for about in self._all() if about.state in _GOING_ON]

    def _own(self, visitor: str, identifier: str) -> _About | None:
        about = self._read(identifier)
        is_own = about is not None and bool(visitor) and about.visitor == _hashed(visitor)
        return about if is_own else None

    def _read(self, identifier: str) -> _About | None:
        """What is kept of a list; None where it has expired, or is not whole."""
        if not _ID.match(identifier):
            return None
        said = read_json(self.folder / identifier / _ABOUT)
        try:
            about = _About(**{**said, "left_out": tuple(said["left_out"])})
        except (KeyError, TypeError):
            return None
        return about if about.created + self.days * 86_400 > time.time() else None

    def _write(self, about: _About) -> _About:
        write_json(self.folder / about.id / _ABOUT, asdict(about))
        return about

    def _update(self, about: _About, **changes: Any) -> None:
        """Keep how far a list is, unless it was stopped or removed meanwhile."""
        with self._alone(about.id):
            now = self._read(about.id)
            if now is None or (now.state not in _GOING_ON and changes.get("state") != "done"):
                changes.pop("state", None)
            if now is not None:
                self._write(replace(now, **changes))

    @contextmanager
    def _alone(self, identifier: str) -> Iterator[None]:
        """Keep what is known of a list from changing in other threads and processes."""
        if not _ID.match(identifier):  # of no list, and maybe of another folder
            yield
            return
        with self._lock, locked(self.folder / identifier / _CHANGED, wait=True):
            yield

    def _is_going_on(self, identifier: str) -> bool:
        about = self._read(identifier)
        return about is not None and about.state in _GOING_ON

    def _used(self) -> int:
        files = self.folder.rglob("*") if self.folder.is_dir() else ()
        return sum(file.stat().st_size for file in files if file.is_file())

    def _wake(self) -> None:
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name="variant-runs", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        """Score a part of each list that goes on, in turns, until none does."""
        last = ""
        while True:
            with self._lock:
                going = sorted(self._going_on(), key=lambda about: about.id)
                if not going:
                    self._thread = None
                    return
            about = next((a for a in going if a.id > last), going[0])
            last = about.id
            try:
                with locked(self.folder / about.id / _SCORED, wait=False) as is_ours:
                    now = self._read(about.id)  # another process may have scored a part since
                    if is_ours and now is not None and now.state in _GOING_ON:
                        self._score_some(now)
                if not is_ours:
                    threading.Event().wait(_SHARED_S)
            except StartingError:
                threading.Event().wait(_RETRY_S)
            except CancelledError:
                continue  # it was stopped, or its part is asked for again
            except SighthoundError as error:
                self._size = max(1, self._size // 2)  # it may have taken too long, or too much
                line = public_line(self.catalogue.project, str(error))
                self._update(about, state="failed", message=line)
            except Exception as error:
                _log.error("scoring the list %s failed", about.id, exc_info=error)
                kind = type(error).__name__
                self._update(about, state="failed", message=f"the server failed ({kind})")

    def _score_some(self, about: _About) -> None:
        """Score the next alleles of a list, and put its table together after the last."""
        identity, project = asked_of(self.catalogue), self.catalogue.project
        if about.model != identity.model:
            raise SighthoundError("the model was replaced meanwhile; read the list again")
        home = self.folder / about.id
        names = (*SCORES, *((BY_GENE,) if len(self.catalogue.genes()) else ()))
        ensemble = self.catalogue.claiming()
        rows = read_json(home / _ALLELES)["alleles"]
        some = tuple(_allele(row) for row in rows[about.done : about.done + self._size])
        if some:
            self._update(about, state="running")
            asked = (some, names, ensemble, about.members > 0)
            named = question("variant-scores", identity, *asked)
            began = time.monotonic()
            found, status = None, 202
            while status == 202:
                if not self._is_going_on(about.id):
                    self.inference.cancel(named.key)
                    return
                found, status = self.inference.answer(
                    named, variant_tasks.scores, project, *asked, priority=-1, keep=False
                )
                if isinstance(found, Waiting):
                    self._within[about.id] = len(some) * found.done / max(1, found.total)
            self._within.pop(about.id, None)
            took = time.monotonic() - began
            (home / _PARTS).mkdir(exist_ok=True)
            write_part(home / _PARTS / f"{about.done:08d}.parquet", found)
            done = about.done + len(some)
            self._update(about, done=done, pace=took / len(some))
            if took < _SOON_S and len(some) == self._size:
                self._size = min(_MOST, self._size * 2)
            elif took > _LATE_S:
                self._size = max(1, self._size // 2)
            about = replace(about, done=done)
        if about.done < about.alleles:
            return
        said = json.dumps([rows, names])
        join_parts(
            sorted((home / _PARTS).glob("*.parquet")),
            home / TABLE,
            {
                "model": about.model,
                "genome": identity.genome,
                "variants": hashlib.sha256(said.encode()).hexdigest()[:16],
                "version": __version__,
                "tracks": None,
                "scores": list(names),
                "ensemble": asdict(ensemble),
                "pseudocount": PSEUDOCOUNT,
                "members": [f"network {number}" for number in range(about.members)],
            },
        )
        shutil.rmtree(home / _PARTS, ignore_errors=True)
        self._update(about, state="done")


def _allele(row: Sequence[Any]) -> Allele:
    record, number, chrom, position, ref, alt, name = row
    variant = Variant(chrom, position, ref, alt, name)
    return Allele(record, number, variant, str(variant))


def _hashed(visitor: str) -> str:
    return hashlib.sha256(visitor.encode()).hexdigest()[:40]


def _folders(folder: Path) -> list[Path]:
    try:
        return [Path(entry.path) for entry in os.scandir(folder) if entry.is_dir()]
    except OSError:
        return []
