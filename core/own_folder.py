"""A folder to work in that is this run's alone, also after another run was killed in it."""

from __future__ import annotations

import fcntl
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sighthound.core.errors import SighthoundError


@contextmanager
def own_folder(folder: Path, *, wait: bool) -> Iterator[Path]:
    """Give an empty folder to work in, inside of one that no other run has meanwhile.

    What a killed run left there is removed, and so is all of it at the end. The folder inside has
    a name of its own, since programs of a killed run may write on for a while.

    Raises
    ------
    SighthoundError
        It cannot be made or, unless that is to `wait` for, another run has it.
    """
    try:
        while True:
            try:
                folder.mkdir(exist_ok=True)
                lock = os.open(folder, os.O_RDONLY)
            except (FileExistsError, FileNotFoundError):
                if folder.exists() or not folder.parent.is_dir():
                    raise
                continue  # another run that had it has removed it just now
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                os.close(lock)
                raise SighthoundError(
                    f"{folder} is at work for another run; wait until that has ended"
                ) from None
            except OSError:  # a file system without locks
                pass
            with suppress(OSError):
                if os.path.samestat(folder.stat(), os.fstat(lock)):
                    break
            os.close(lock)  # of a folder that another run has removed meanwhile
        for left in folder.iterdir():
            shutil.rmtree(left, ignore_errors=True)
        inside = folder / uuid.uuid4().hex
        inside.mkdir()
    except OSError as error:
        raise SighthoundError(
            f"cannot write {folder}: {error.strerror or error}; choose a folder that can be written"
        ) from None
    try:
        yield inside
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


@contextmanager
def locked(file: Path, *, wait: bool) -> Iterator[bool]:
    """Hold a lock, that no other process and no other thread has meanwhile.

    Parameters
    ----------
    file : path
        Made if it is not there; a killed process holds it no more.
    wait : bool
        Until another lets go of it.

    Yields
    ------
    bool: whether it is held; never without its folder, always on a file system without locks.
    """
    try:
        lock = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    except FileNotFoundError:
        yield False
        return
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            is_held = False
        except OSError:
            is_held = True
        else:
            is_held = True
        yield is_held
    finally:
        os.close(lock)
