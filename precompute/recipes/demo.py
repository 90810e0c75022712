"""The demo as a project folder: real experiments on the yeast genome, and the model they trained.

Everything is shipped, in assets/genome and assets/yeast; nothing is fetched. The experiments are
those of the recipe (`precompute.recipes.yeast`), made compact by
`precompute.recipes.shipped_yeast`.
"""

from __future__ import annotations

from pathlib import Path

from sighthound.core.errors import SighthoundError
from sighthound.core.files import write_text
from sighthound.core.genome.sequence import Genome
from sighthound.core.progress import Progress
from sighthound.core.project.settings import SETTINGS_FILE
from sighthound.core.project.truth import TRUTH_FOLDER, truth_name
from sighthound.core.tracks.track import write_tracks
from sighthound.core.truth.tables import project_table, read_measured
from sighthound.precompute.recipes.demo_folder import (
    GENOME_FILES,
    copy_folder,
    copy_genome,
    demo_folder,
    files_below,
    hash_of,
    make_once,
    shipped_genome,
)
from sighthound.precompute.recipes.yeast_project import (
    REPORTER_VARIANTS,
    SHIPPED,
    yeast_settings,
    yeast_tracks,
)

STAMP = ".demo.json"
TITLE = "Demo: real experiments on S. cerevisiae"


def prepare_demo(directory: Path, progress: Progress | None = None) -> Path:
    """Make the demo's project folder, or bring it up to date.

    Parameters
    ----------
    directory : Path
        Missing, empty, or a demo made earlier.
    progress : callable, optional
        Called with (steps done, all steps).

    Returns
    -------
    Path
        The folder, with sighthound.toml, tracks.tsv, genome/, experiments/ and model/.

    Raises
    ------
    SighthoundError
        The folder holds something else, cannot be written, or what is shipped is missing.
    """
    directory = Path(directory)
    settings = yeast_settings(TITLE, "sighthound demo")
    shipped = [*shipped_genome(), *_shipped_experiments()]

    def write() -> list[Path]:
        files = [*copy_genome(directory / "genome"), *copy_folder(SHIPPED, directory)]
        table, settings_file = directory / "tracks.tsv", directory / SETTINGS_FILE
        write_tracks(table, yeast_tracks(directory / "experiments"))
        write_text(settings_file, settings)
        return [*files, table, settings_file, _measured_effects(directory)]

    with demo_folder(directory, TITLE):
        make_once(directory, STAMP, hash_of(settings, [Path(__file__), *shipped]), write)
    if progress:
        progress(1, 1)
    return directory


def _measured_effects(directory: Path) -> Path:
    """Put the shipped effects of variants into the project: those with predictions, if shipped."""
    table = directory / REPORTER_VARIANTS
    name = truth_name(table.name)
    file = directory / TRUTH_FOLDER / f"{name}.parquet"
    if not (SHIPPED / TRUTH_FOLDER / file.name).is_file():
        genome = Genome(directory / "genome" / GENOME_FILES[0])
        project_table(read_measured(table, genome), name, genome).write(file)
    return file


def _shipped_experiments() -> list[Path]:
    """List what is shipped of the yeast project, and see that no experiment is missing."""
    for track in yeast_tracks(SHIPPED / "experiments"):
        if track.experiment and not track.experiment.is_file():
            raise SighthoundError(f"{track.experiment} is missing; install Sighthound again")
    return list(files_below(SHIPPED))
