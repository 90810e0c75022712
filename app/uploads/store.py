"""Files that visitors added, each visible to the browser that added it and to no other.

A visitor is a random secret in a cookie; the folder of a visitor bears its hash, so whoever lists
the folders learns no secret. Files expire, and together never take more than the project allows.
Positions are 0-based and half-open.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pysam

from sighthound.app.answers.kept import Feature, Features, Upload
from sighthound.app.uploads.formats import (
    BED_COLUMNS,
    BIGWIG_NAME,
    MAX_ALLELE,
    TABLE_INDEX,
    TABLE_NAME,
    VCF_COLUMNS,
    Found,
    take_file,
)
from sighthound.app.uploads.isolated import run_apart
from sighthound.app.uploads.kinds import MAX_INFLATION
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Genome, Interval
from sighthound.core.text import plain_line
from sighthound.core.tracks.track import Track
from sighthound.core.variants.variant import Variant
from sighthound.core.variants.vcf import Allele

PREFIX = "own-"
MAX_FILES = 60  # a visitor
# Features drawn one by one; beyond that the view shows how many there are where.
MAX_DRAWN = 2_000
_ID = re.compile(rf"^{PREFIX}[a-z0-9]{{12}}$")
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
_CHUNK = 1 << 20
_INDEX_BYTES = 16 << 20  # of a table's index, at most
# A file on its way for longer than this was left behind by a server that ended.
_STALE_S = 6 * 3600


class Uploads:
    """The files that are kept.

    Parameters
    ----------
    folder : path
        Made when the first file comes.
    genome : Genome
        Whose chromosomes the files name.
    file_mb, total_mb : int
        How large one file, and all of them, may be; no files are taken where `file_mb` is 0.
    days : int
        After which a file expires.
    person_mb : int, optional
        How much a visitor's files may take together, one of the largest at least.
    """

    def __init__(
        self,
        folder: Path,
        genome: Genome,
        *,
        file_mb: int,
        total_mb: int,
        days: int,
        person_mb: int | None = None,
    ) -> None:
        self.folder, self.genome = folder, genome
        self.file_bytes, self.total_bytes = file_mb << 20, total_mb << 20
        self.days = days
        most = total_mb if person_mb is None else max(file_mb, person_mb)
        self.person_bytes = min(self.total_bytes, most << 20)
        self._lock = threading.Lock()
        self._coming = 0
        self.sweep()

    def add(
        self,
        visitor: str,
        name: str,
        stream: BinaryIO,
        *,
        size: int | None = None,
        source: str = "",
    ) -> Upload:
        """Take a file of a visitor.

        Parameters
        ----------
        visitor : str
            The secret of the visitor's cookie.
        name : str
            Of the file.
        stream : binary file
            Its bytes.
        size : int, optional
            How many, where that is known.
        source : str
            Where it was fetched from, if it was.

        Raises
        ------
        SighthoundError
            No files are taken, it is too large, there is no room, or it is nothing that can be
            added: a BigWig, bedGraph, wiggle, BED or VCF of this genome.
        """
        name = plain_line(Path(name.replace("\\", "/")).name)[:120] or "file"
        if not self.file_bytes:
            raise SighthoundError("this server takes no files; its administrator sets upload_mb")
        if len(self.of(visitor)) >= MAX_FILES:
            raise SighthoundError(f"{MAX_FILES} files are yours already; remove one first")
        if size is not None and size > self.file_bytes:
            raise self._too_large(name)
        self.sweep()
        with self._room(visitor, name, size or self.file_bytes), self._arriving() as arriving:
            received, digest = self._receive(stream, name, arriving / "file")
            found = run_apart(
                name, _take, arriving / "file", name, self.genome.path, arriving, self.file_bytes,
                write_bytes=MAX_INFLATION * self.file_bytes + _INDEX_BYTES,
            )  # fmt: skip
            (arriving / "file").unlink(missing_ok=True)
            now = time.time()
            identifier = PREFIX + "".join(secrets.choice(_LETTERS) for _ in range(12))
            upload = Upload(
                identifier, name, found.kind, received, now, now + self.days * 86_400, digest,
                found.items, found.note, source,
            )  # fmt: skip
            (arriving / "about.json").write_text(json.dumps(asdict(upload)), encoding="utf-8")
            home = self._home(visitor)
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.replace(arriving, home / identifier)
        return upload

    def of(self, visitor: str) -> list[Upload]:
        """Give the files of a visitor, the oldest first."""
        if not visitor:
            return []
        found = [self._about(path) for path in _folders(self._home(visitor))]
        return sorted((u for u in found if u is not None), key=lambda upload: upload.added)

    def find(self, visitor: str, identifier: str) -> Upload | None:
        """Give one file of a visitor; None where it is not theirs, or has expired."""
        if not visitor or not _ID.match(identifier):
            return None
        return self._about(self._home(visitor) / identifier)

    def remove(self, visitor: str, identifier: str) -> bool:
        """Remove a file of a visitor; False where it is not theirs."""
        if self.find(visitor, identifier) is None:
            return False
        shutil.rmtree(self._home(visitor) / identifier, ignore_errors=True)
        return True

    def track(self, visitor: str, identifier: str) -> Track | None:
        """Give a visitor's BigWig as a track that has an experiment only."""
        upload = self.find(visitor, identifier)
        if upload is None or upload.kind != "bigwig":
            return None
        file = self._home(visitor) / identifier / BIGWIG_NAME
        return Track(identifier, upload.name, "Your data", experiment=file, aggregation="mean")

    def features(
        self, visitor: str, identifier: str, interval: Interval, pixels: int
    ) -> Features | None:
        """Give the features of a visitor's BED or VCF that touch an interval.

        None where the file is not theirs.
        """
        upload = self.find(visitor, identifier)
        if upload is None or upload.kind == "bigwig":
            return None
        folder = self._home(visitor) / identifier
        columns = BED_COLUMNS if upload.kind == "bed" else VCF_COLUMNS
        starts: list[int] = []
        drawn: list[Feature] = []
        with pysam.TabixFile(str(folder / TABLE_NAME), index=str(folder / TABLE_INDEX)) as table:
            lines = (
                table.fetch(interval.chrom, interval.start, interval.end)
                if interval.chrom in table.contigs
                else ()
            )
            for line in lines:
                cells = line.split("\t")
                starts.append(int(cells[1]))
                if len(drawn) <= MAX_DRAWN:
                    drawn.append(_feature(dict(zip(columns, cells, strict=True))))
        if len(starts) <= MAX_DRAWN:
            return Features(upload.kind, len(starts), tuple(drawn))
        counts, bin_bp = _counts(np.array(starts), interval, pixels)
        return Features(upload.kind, len(starts), None, counts, interval.start, bin_bp)

    def alleles(self, visitor: str, identifier: str) -> Iterator[Allele] | None:
        """Give the alleles of a visitor's VCF by place, `record` numbering them from 1.

        Those that cannot be scored come with the reason. None where the file is not theirs, or no
        VCF.
        """
        upload = self.find(visitor, identifier)
        if upload is None or upload.kind != "vcf":
            return None
        return _alleles(self._home(visitor) / identifier / TABLE_NAME)

    def sweep(self) -> None:
        """Remove what has expired, and what never arrived."""
        now = time.time()
        for home in _folders(self.folder):
            if home.name.startswith("."):
                for left in _folders(home):
                    with contextlib.suppress(OSError):
                        if left.stat().st_mtime < now - _STALE_S:
                            shutil.rmtree(left, ignore_errors=True)
                continue
            for path in _folders(home):
                if self._about(path) is None:
                    shutil.rmtree(path, ignore_errors=True)
            with contextlib.suppress(OSError):
                home.rmdir()

    def used(self) -> int:
        """Bytes on disk of all visitors' files."""
        return _used(self.folder)

    def homes(self) -> Iterator[tuple[str, list[Upload]]]:
        """Give every visitor's files, the visitor by the name of their folder."""
        for home in sorted(_folders(self.folder)):
            if not home.name.startswith("."):
                found = (self._about(path) for path in _folders(home))
                yield home.name, [upload for upload in found if upload is not None]

    def home_of(self, visitor: str) -> str:
        """Name the folder of a visitor, which their secret cannot be told from."""
        return hashlib.sha256(visitor.encode()).hexdigest()[:40]

    def remove_any(self, identifier: str) -> bool:
        """Remove a file, whosever it is; False where there is none."""
        if not _ID.match(identifier):
            return False
        homes = [home for home in _folders(self.folder) if (home / identifier).is_dir()]
        for home in homes:
            shutil.rmtree(home / identifier, ignore_errors=True)
        return bool(homes)

    @contextlib.contextmanager
    def _room(self, visitor: str, name: str, size: int) -> Iterator[None]:
        """Hold room for one more file while it arrives."""
        with self._lock:
            if _used(self._home(visitor)) + size > self.person_bytes:
                raise SighthoundError(
                    f"no room for {name}: your files may take {self.person_bytes >> 20:,} MB here; "
                    "remove some of yours"
                )
            if self.used() + self._coming + size > self.total_bytes:
                raise SighthoundError(
                    f"no room for {name}: visitors' files take up to {self.total_bytes >> 20:,} MB "
                    f"here and go after {self.days} days; remove some of yours, or ask the "
                    "administrator to raise [server] uploads_mb"
                )
            self._coming += size
        try:
            yield
        finally:
            with self._lock:
                self._coming -= size

    @contextlib.contextmanager
    def _arriving(self) -> Iterator[Path]:
        arriving = self.folder / ".arriving" / secrets.token_hex(8)
        try:
            arriving.mkdir(mode=0o700, parents=True)
        except OSError as error:
            raise SighthoundError(
                f"the server cannot keep files: {self.folder} cannot be written ({error.strerror})"
            ) from None
        try:
            yield arriving
        finally:
            shutil.rmtree(arriving, ignore_errors=True)

    def _receive(self, stream: BinaryIO, name: str, path: Path) -> tuple[int, str]:
        received, digest = 0, hashlib.sha256()
        with path.open("wb") as file:
            while chunk := stream.read(_CHUNK):
                received += len(chunk)
                if received > self.file_bytes:
                    raise self._too_large(name)
                digest.update(chunk)
                file.write(chunk)
        return received, digest.hexdigest()

    def _too_large(self, name: str) -> SighthoundError:
        return SighthoundError(
            f"{name} is larger than {self.file_bytes >> 20:,} MB, the most that this server takes; "
            "cut out the regions of interest"
        )

    def _home(self, visitor: str) -> Path:
        return self.folder / self.home_of(visitor)

    def _about(self, path: Path) -> Upload | None:
        """Read what is known of a file; None where it has expired or is not whole."""
        try:
            known = Upload(**json.loads((path / "about.json").read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        # A shorter time that the project sets later holds for files that are there, too.
        upload = replace(known, expires=min(known.expires, known.added + self.days * 86_400))
        return upload if upload.expires > time.time() else None


def _take(path: Path, name: str, fasta: Path, folder: Path, most_bytes: int) -> Found:
    return take_file(path, name, Genome(fasta), folder, most_bytes)


def _feature(cells: dict[str, str]) -> Feature:
    found: dict[str, Any] = {k: v for k, v in cells.items() if v and k != "chrom"}
    found["start"], found["end"] = int(cells["start"]), int(cells["end"])
    if "score" in found:
        found["score"] = float(found["score"])
    if "summit" in found:
        found["summit"] = int(found["summit"])
    if "blocks" in found:
        spans = (span.split("-") for span in found["blocks"].split(","))
        start = found["start"]
        found["blocks"] = tuple((start + int(a), start + int(b)) for a, b in spans)
    return Feature(**found)


def _alleles(file: Path) -> Iterator[Allele]:
    with pysam.BGZFile(str(file), "rb", None) as table:
        for number, line in enumerate(table, 1):
            cells = dict(zip(VCF_COLUMNS, line.decode().rstrip("\n").split("\t"), strict=True))
            chrom, start, ref, alt = (cells[name] for name in ("chrom", "start", "ref", "alt"))
            label, reason = cells["name"], cells["problem"]
            text = "\t".join((chrom, str(int(start) + 1), label or ".", ref, alt))
            if not reason and max(len(ref), len(alt)) >= MAX_ALLELE:
                reason = f"allele of {MAX_ALLELE} bases or more"  # which are cut off
            given = ref.upper(), alt.upper()
            variant = None if reason else Variant(chrom, int(start), *given, label)
            yield Allele(number, 1, variant, text, reason)


def _counts(starts: np.ndarray, interval: Interval, pixels: int) -> tuple[tuple[int, ...], int]:
    """How many start in each bin of an interval, and the bases of such a bin."""
    bin_bp = max(1, -(-len(interval) // max(1, pixels // 2)))
    bins = -(-len(interval) // bin_bp)
    inside = np.clip((starts - interval.start) // bin_bp, 0, bins - 1)
    counts = np.bincount(inside, minlength=bins)
    return tuple(counts.tolist()), bin_bp


def _folders(folder: Path) -> list[Path]:
    try:
        return [Path(entry.path) for entry in os.scandir(folder) if entry.is_dir()]
    except OSError:
        return []


def _used(folder: Path) -> int:
    return sum(map(_size, folder.rglob("*"))) if folder.is_dir() else 0


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:
        return 0
