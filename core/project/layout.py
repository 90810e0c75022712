"""Where everything lies in a project's folder, but what its settings name.

The settings name genome, tables and the folders of data set, model and predictions; what lies in
these folders under which name, and beside them, is here or in the module of its format.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sighthound.core.project.settings import Project
from sighthound.core.tracks.contrasts import name_for_files


def track_bigwig(directory: Path, track: str) -> Path:
    """Where the BigWig of a track lies in a folder of predictions, saliency or contributions."""
    return directory / f"{track}.bw"


def prediction_file(project: Project, track: str) -> Path:
    """Where the predicted BigWig of a track lies in a project."""
    return track_bigwig(project.predictions.directory, track)


def saliency_folder(project: Project) -> Path:
    """Where saliency of all genes' starts lies, a BigWig and a table of elements a track."""
    return project.root / "saliency"


def contributions_folder(project: Project) -> Path:
    """Where contributions of bases lie, a BigWig a track."""
    return project.root / "contributions"


def atlas_folder(project: Project) -> Path:
    """Where the effects of every substitution of the genome lie (`core.project.atlas`)."""
    return project.root / "atlas"


def nulls_folder(project: Project) -> Path:
    """Where effects of random substitutions lie (`core.project.nulls`)."""
    return project.root / "nulls"


def variant_table_folders(project: Project) -> tuple[Path, ...]:
    """Give the folders where tables of scored variants are looked for."""
    return project.root, project.root / "variants"


def studies_folder(project: Project) -> Path:
    """Where reports of studies lie that the page is to lead to: HTML files, in folders or not."""
    return project.root / "studies"


def shares_folder(project: Project) -> Path:
    """Where views under short addresses lie, which stay."""
    return project.root / "shares"


def cache_folder(root: Path) -> Path:
    """Where all lies that a server keeps and can make again, given the folder of a project."""
    return root / ".cache"


def answers_folder(project: Project) -> Path:
    """Where answers of the inference worker are kept."""
    return cache_folder(project.root) / "answers"


def hashes_file(project: Project) -> Path:
    """Where SHA-256 of the project's files are kept."""
    return cache_folder(project.root) / "hashes.json"


def levels_file(project: Project) -> Path:
    """Where the genome-wide levels of signals are kept."""
    return cache_folder(project.root) / "levels.json"


def variant_ids_folder(project: Project) -> Path:
    """Where tables of the ids of the project's variants are kept."""
    return cache_folder(project.root) / "variants"


def uploads_folder(project: Project) -> Path:
    """Where visitors' own files are, for as long as the settings say."""
    return cache_folder(project.root) / "uploads"


def variant_runs_folder(project: Project) -> Path:
    """Where the variants are that visitors had scored, for as long as their files."""
    return cache_folder(project.root) / "variant_runs"


def people_file(project: Project) -> Path:
    """Where the people who may log in are, with hashes of their passwords."""
    return project.root / "people.tsv"


def rights_file(project: Project) -> Path:
    """Where groups of people and the tracks that they may see are."""
    return project.root / "rights.toml"


def state_folder(project: Project) -> Path:
    """Where all lies that a server keeps and cannot make again: logins, tokens, its secret."""
    return project.root / ".state"


def key_file(project: Project) -> Path:
    """Where the server's own secret is."""
    return state_folder(project) / "key"


def state_address(project: Project) -> str:
    """Give the address of the database of the server's state."""
    return project.server.state or f"sqlite:///{state_folder(project) / 'state.db'}"


def cluster_keys_folder(root: Path) -> Path:
    """Where the keys of a cluster's workers are, given the folder of a project."""
    return cache_folder(root) / "cluster"


def files_of_tracks(output: Path, names: Sequence[str]) -> list[Path]:
    """Give a file a track or contrast: OUTPUT of one, OUTPUT.TRACK.bw of several, say.

    Examples
    --------
    >>> [file.name for file in files_of_tracks(Path("effects.bw"), ["cage", "rich/starved"])]
    ['effects.cage.bw', 'effects.rich_over_starved.bw']
    """
    if len(names) == 1:
        return [output]
    return [
        output.with_name(f"{output.stem}.{name_for_files(name)}{output.suffix}") for name in names
    ]
