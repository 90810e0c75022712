"""Files that are there only as a whole: written beside, brought to the disk, and renamed.

Who reads never sees half a file, and a run that is killed at any point leaves the old one, or the
new one, under the name. What tells one version of a file from another is here, too: its stamp, and
the hash of its bytes.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from sighthound.core.errors import SighthoundError

_LEFT_BY_SYSTEMS = (".ds_store", "thumbs.db", "desktop.ini")
_TRIED = 1 << 16  # bytes written to see whether a disk is full
_MARKED_WHOLE = 1 << 20  # bytes up to which a mark is of all of them
_MARKED_END, _MARKED_PART, _MARKED_PARTS = 1 << 16, 1 << 12, 4  # bytes, and how many


class Stamp(NamedTuple):
    """Time of the last change, size in bytes, inode: another stamp says that a file is another."""

    modified_ns: int
    size: int
    inode: int


@contextmanager
def whole_file(path: Path, *, unique: bool = False, parents: bool = False) -> Iterator[Path]:
    """Give a name to write under, which becomes the file's own when the block ends without error.

    Parameters
    ----------
    path : path
        Of the file; its folder is where it is written, too.
    unique : bool
        Several processes may write the file at one time: each has a name of its own.
    parents : bool
        Make the folder where there is none.
    """
    if parents:
        path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{uuid.uuid4().hex}.part" if unique else f"{path.name}.part")
    try:
        with naming(path, part):
            yield part
            publish(part, path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def naming(path: Path, part: Path | None = None) -> Iterator[None]:
    """Have an error of the system name what was written, not the `part` that it was written under.

    Of a full disk it names nothing.
    """
    try:
        yield
    except OSError as error:
        if error.errno is not None and error.filename in (None, str(part)):
            error.filename = str(path)
        raise


@contextmanager
def new_array(path: Path, dtype: DTypeLike, shape: tuple[int, ...]) -> Iterator[BinaryIO]:
    """Write a .npy file piece by piece, whose room on the disk is taken at once.

    Yields
    ------
    binary file, to which the array's bytes are to be written, in order

    Raises
    ------
    OSError
        The disk is full; it names the file.
    """
    header = {"descr": np.dtype(dtype).str, "fortran_order": False, "shape": shape}
    with naming(path), path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
        file.flush()
        if hasattr(os, "posix_fallocate"):  # not on macOS
            size = np.dtype(dtype).itemsize * math.prod(shape)
            os.posix_fallocate(file.fileno(), file.tell(), max(1, size))
        yield file


def write_text(path: Path, text: str, *, unique: bool = False) -> None:
    """Write a text file in UTF-8; `unique` as in `whole_file`."""
    with whole_file(path, unique=unique) as part:
        part.write_text(text, encoding="utf-8")


def write_json(path: Path, content: Any) -> None:
    """Write a JSON file that people can read, too."""
    write_text(path, json.dumps(content, indent=1) + "\n")


def data_files(folder: Path) -> list[Path]:
    """List the files of a folder that hold data, by name.

    What systems and editors leave is passed over: hidden files (`._x.bw` and `.DS_Store` of macOS),
    backups (`x.bw~`, `#x.bw#`), `Thumbs.db`, folders, and links to nowhere.
    """
    return sorted(
        path
        for path in folder.iterdir()
        if not path.name.startswith((".", "#", "~$"))
        and not path.name.endswith("~")
        and path.name.lower() not in _LEFT_BY_SYSTEMS
        and path.is_file()
    )


def own_items(folder: Path) -> list[Path]:
    """List all of a folder, by name, but what systems put there by themselves."""
    return sorted(
        path
        for path in folder.iterdir()
        if not path.name.startswith("._") and path.name.lower() not in _LEFT_BY_SYSTEMS
    )


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON file; empty if there is none, or none that can be read."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def no_file(path: Path) -> str:
    """Say why there is no file of a name: it "is a folder", or "does not exist"."""
    return "is a folder" if path.is_dir() else "does not exist"


def check_output(path: Path, inputs: Iterable[Path] = ()) -> None:
    """Refuse a file that cannot or should not be written, before the work that it would hold.

    Parameters
    ----------
    path : path
    inputs : paths
        What is read, which nothing may be written over.

    Raises
    ------
    SighthoundError
        There is no such folder, it cannot be written or is full, or the name is a folder's, or is
        that of an input.
    """
    for given in inputs:
        if path.exists() and given.exists() and path.samefile(given):
            raise SighthoundError(f"{path} would be written over itself; give the output a name")
    if not path.parent.is_dir():
        raise SighthoundError(f"cannot write {path}: the folder {path.parent} does not exist")
    if path.is_dir():
        raise SighthoundError(f"cannot write {path}: it is a folder; expected a file name")
    if not os.access(path.parent, os.W_OK):
        raise SighthoundError(f"cannot write {path}: the folder {path.parent} is read-only")
    trial = path.with_name(f"{path.name}.trial.part")  # one name: the next run removes a leftover
    try:
        trial.write_bytes(bytes(_TRIED))
    except OSError as error:
        raise SighthoundError(f"cannot write {path}: {error.strerror or error}") from None
    finally:
        trial.unlink(missing_ok=True)


def check_output_folder(folder: Path) -> None:
    """Refuse a folder that cannot be written or made, before the work that it would hold.

    Parameters
    ----------
    folder : path
        New or not; the folders above it need not be there.

    Raises
    ------
    SighthoundError
        It, or one above it, is a file, cannot be written, or is full.
    """
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not there.is_dir():
        raise SighthoundError(
            f"cannot write into {folder}: {there} is a file; expected a folder, new or not"
        )
    try:
        check_output(there / ".output")
    except SighthoundError as error:
        words = str(error).rpartition(": ")[2]
        raise SighthoundError(f"cannot write into {folder}: {words}") from None


def file_stamp(path: Path) -> Stamp:
    """Say which version of a file is there, without reading it."""
    return stat_stamp(path.stat())


def stat_stamp(stat: os.stat_result) -> Stamp:
    """Give the stamp of a file that is open: another may be under its name meanwhile."""
    return Stamp(stat.st_mtime_ns, stat.st_size, stat.st_ino)


def stamps(files: Iterable[Path]) -> str:
    """Say which files these are, and in which version; changes when one does, comes or goes."""
    told = []
    for file in files:
        try:
            told.append(f"{file} {' '.join(map(str, file_stamp(file)))}")
        except OSError:
            told.append(f"{file} -")
    return "\n".join(told)


def file_sha256(path: Path) -> str:
    """Hash the bytes of a file: SHA-256, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def content_mark(path: Path) -> str:
    """Hash what tells one content of a large file from another, without reading all of it.

    Of up to 1 MiB that is every byte; of more its size, 64 kB at either end, and four times 4 kB
    between. A BigWig has the sum of all its values in front, and at its end the places of its
    compressed blocks: other values change the one or the other.

    Returns
    -------
    str, in hexadecimal digits; another after a copy only when bytes differ
    """
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    places = [(0, size)]
    if size > _MARKED_WHOLE:
        step = size // (_MARKED_PARTS + 1)
        places = [(n * step, _MARKED_PART) for n in range(1, _MARKED_PARTS + 1)]
        places = [(0, _MARKED_END), *places, (size - _MARKED_END, _MARKED_END)]
    with path.open("rb") as file:
        for start, length in places:
            file.seek(start)
            digest.update(file.read(length))
    return digest.hexdigest()


def publish(part: Path, path: Path) -> None:
    """Bring a complete file to the disk, and give it its name."""
    with part.open("rb") as file:
        os.fsync(file.fileno())  # or a power cut could leave the name without the bytes
    os.replace(part, path)


def replace_folder(part: Path, directory: Path) -> None:
    """Put a complete folder in the place of another, or where there is none yet."""
    old = directory.with_name(f"{directory.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if directory.exists():
        os.replace(directory, old)
    os.replace(part, directory)
    shutil.rmtree(old, ignore_errors=True)
