"""Public files at fixed commits: fetched from their repositories, or from a local mirror.

A file counts only when its SHA-256 is the expected one; an interrupted download is resumed.
"""

from __future__ import annotations

import shutil
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from sighthound.core.errors import SighthoundError
from sighthound.core.files import file_sha256, publish
from sighthound.core.progress import Progress

RAW = "https://raw.githubusercontent.com"
ATTEMPTS = 3
TIMEOUT = 30  # seconds without an answer
_BLOCK = 1 << 18  # bytes read at once


@dataclass(frozen=True)
class PublicFile:
    """A public file: where it is, where it goes, and the hash it must have."""

    name: str
    folder: str  # in the project
    repository: str  # owner/name on GitHub
    commit: str
    path: str  # in the repository
    sha256: str
    size: int  # bytes
    licence: str
    mirrored: str  # path in a mirror folder

    @property
    def address(self) -> str:
        return f"{RAW}/{self.repository}/{self.commit}/{self.path}"


def fetch(
    file: PublicFile,
    target: Path,
    mirror: Path | None = None,
    progress: Progress | None = None,
) -> None:
    """Bring a public file to its place, unless the right one is there already.

    Parameters
    ----------
    target : Path
        Written beside and renamed once its hash is right; an interrupted download resumes.
    mirror : Path, optional
        Folder to copy from instead of downloading.
    progress : callable, optional
        Told the bytes that are there, of all.

    Raises
    ------
    SighthoundError
        Missing in the mirror, not reachable, or not the expected bytes.
    """
    if target.is_file() and file_sha256(target) == file.sha256:
        return
    part = target.with_name(target.name + ".part")
    if mirror is not None:
        _copy_from_mirror(file, mirror, part)
    else:
        _download(file, part, progress)
    publish(part, target)


def _copy_from_mirror(file: PublicFile, mirror: Path, part: Path) -> None:
    source = mirror / file.mirrored
    if not source.is_file():
        raise SighthoundError(
            f"{file.name} is not in the mirror: expected {source}; "
            f"get it from {file.address} or leave out --mirror"
        )
    shutil.copyfile(source, part)
    _check_hash(file, part, str(source))


def _download(file: PublicFile, part: Path, progress: Progress | None) -> None:
    reason = ""
    for attempt in range(ATTEMPTS):
        if attempt:
            time.sleep(attempt)
        try:
            _download_rest(file, part, progress)
            _check_hash(file, part, file.address)
            return
        except (OSError, urllib.error.URLError) as error:
            # HTTPError and URLError are OSErrors; a .part that was begun is continued next time.
            reason = str(getattr(error, "reason", "") or error)
            gone = isinstance(error, urllib.error.HTTPError) and error.code in (404, 410)
            if gone:
                break
    raise SighthoundError(
        f"{file.name} cannot be fetched from {file.address} ({' '.join(reason.split())}); check "
        "the connection and run again, or give a folder that holds the files with --mirror"
    )


def _download_rest(file: PublicFile, part: Path, progress: Progress | None) -> None:
    begun = part.stat().st_size if part.is_file() else 0
    if begun >= file.size:
        part.unlink()
        begun = 0
    request = urllib.request.Request(file.address)
    if begun:
        request.add_header("Range", f"bytes={begun}-")
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
        resumed = answer.status == 206
        done = begun if resumed else 0
        with part.open("ab" if resumed else "wb") as out:
            while block := answer.read(_BLOCK):
                out.write(block)
                done += len(block)
                if progress:
                    progress(done, file.size)
    if done < file.size:
        raise OSError(f"the connection ended after {done:,} of {file.size:,} bytes")


def _check_hash(file: PublicFile, part: Path, origin: str) -> None:
    found = file_sha256(part)
    if found != file.sha256:
        part.unlink()
        raise SighthoundError(
            f"{file.name} from {origin} is not the expected file: SHA-256 {found[:12]}..., "
            f"expected {file.sha256[:12]}...; fetch it again or use another --mirror"
        )
