"""PROJECT/measured: tables of measured effects, each with what the model predicts of them.

`sighthound truth` writes NAME.parquet, a row a measurement in the columns below and a column
`predicted.TRACK` a track; beside it NAME.comparison.tsv, NAME.ceilings.tsv, NAME.signs.json
(`core.project.signs`) and the report, NAME.html. The Parquet file says what it was made from; it is
there before anything is predicted, without tracks, so that the page shows measurements at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sighthound.core.errors import SighthoundError
from sighthound.core.files import whole_file
from sighthound.core.project.result_tables import read_about, with_about
from sighthound.core.project.settings import Project
from sighthound.core.variants.variant import Variant

if TYPE_CHECKING:  # pandas and pyarrow take long to import, and most answers need neither
    import pandas as pd

FORMAT = 1
KIND = "measured effects"
TRUTH_FOLDER = "measured"
ROWS = (
    "chrom", "position", "ref", "alt", "effect", "p", "q", "element", "experiment", "gene",
)  # fmt: skip
COMPARISON, CEILINGS, REPORT = ".comparison.tsv", ".ceilings.tsv", ".html"
SIGNS = ".signs.json"  # `core.project.signs`
# What is read of networks beside tracks (`core.interpretation.promoter_effects`); it stands among
# the tracks of a table, and has a name here.
PROMOTER, PROMOTER_KNOWN = "promoter", "promoter_known"
READOUTS = {
    PROMOTER: "promoter reporter",
    PROMOTER_KNOWN: "promoter reporter, where networks agree",
}
_TABLE = ".parquet"
_ENDS = re.compile(r"(\.(gz|bgz|tsv|csv|txt))+$", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Truth:
    """A table of measured effects of a project.

    Attributes
    ----------
    name : str
        By which it is listed and removed.
    rows : DataFrame
        `ROWS`, by place: alleles as VCF has them, `position` from 0; `p` and `q` NaN, and words
        empty, where not said. A float32 column `predicted_column` a track of `tracks`.
    source : str
        Name of the file that it was read from.
    said : tuple of str
        What was read of it, and what left out, in words.
    effect : str
        What the file calls the effect.
    genome, version : str
        Fingerprint of the genome, version of the software.
    model : str or None
        Hash of the model; None where nothing was predicted.
    tracks : tuple of str
        And `READOUTS`, where the networks learned promoters.
    score : str
        Name of the predicted score (`core.interpretation.scores`).
    ensemble : mapping
        Strands and shifts that predictions average.
    """

    name: str
    rows: pd.DataFrame
    source: str
    said: tuple[str, ...]
    effect: str
    genome: str
    version: str
    model: str | None = None
    tracks: tuple[str, ...] = ()
    score: str = ""
    ensemble: Mapping[str, Any] = field(default_factory=dict)

    def write(self, file: Path) -> None:
        """Write it where `truth_file` says; in a file, positions count from 1."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        about = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "rows"}
        about["chromosomes"] = [str(chrom) for chrom in self.rows["chrom"].unique()]
        rows = self.rows[[*ROWS, *map(predicted_column, self.tracks)]]
        rows = rows.assign(position=rows["position"] + 1)
        table = pa.Table.from_pandas(rows, preserve_index=False).replace_schema_metadata()
        schema = with_about(table.schema, {**about, "kind": KIND, "format": FORMAT})
        with whole_file(file, parents=True) as part:
            pq.write_table(table.cast(schema), part)

    @property
    def predicted(self) -> NDArray[np.float32]:
        """What the model predicts, (rows, tracks)."""
        return self.rows[[predicted_column(track) for track in self.tracks]].to_numpy(np.float32)

    @property
    def has_significance(self) -> bool:
        """Whether anything is said of how sure a measurement is."""
        return bool(self.rows["q"].notna().any())


def measured_column(name: str) -> str:
    """Name the column of a table's measured effects beside scored variants."""
    return f"measured.{name}"


def predicted_column(track: str) -> str:
    """Name the column of what is predicted for a track."""
    return f"predicted.{track}"


def truth_folder(project: Project) -> Path:
    """Where the tables lie, once there are any."""
    return project.root / TRUTH_FOLDER


def truth_file(project: Project, name: str) -> Path:
    """Where the table of a name lies."""
    return truth_folder(project) / f"{name}{_TABLE}"


def truth_files(project: Project) -> list[Path]:
    """All tables there are, by name."""
    return sorted(truth_folder(project).glob(f"*{_TABLE}"))


def beside(file: Path, ending: str) -> Path:
    """Where what belongs to a table lies: `COMPARISON`, `CEILINGS`, `SIGNS` or `REPORT`."""
    return file.with_name(f"{file.name.removesuffix(_TABLE)}{ending}")


def truth_name(source: str) -> str:
    """Give the name of a table from that of its file.

    Examples
    --------
    >>> truth_name("MPRA of 2019.tsv.gz")
    'MPRA_of_2019'
    """
    return re.sub(r"[^0-9A-Za-z_.-]+", "_", _ENDS.sub("", source)).strip("._") or "measured"


def read_truth(file: Path) -> Truth:
    """Read a table of measured effects.

    Raises
    ------
    SighthoundError
        The file is no such table, or of another version.
    """
    import pyarrow.parquet as pq

    about = read_about(file)
    if about is None or about.get("kind") != KIND:
        raise SighthoundError(
            f"{file} is no table of measured effects; delete it, and run 'sighthound truth' again"
        )
    if about.get("format") != FORMAT:
        raise SighthoundError(f"{file} is of another version; run 'sighthound truth' again")
    try:
        tracks = tuple(about["tracks"])
        columns = [*ROWS, *map(predicted_column, tracks)]
        rows = pq.read_table(file, columns=columns).to_pandas()
        rows["position"] -= 1
        return Truth(
            file.name.removesuffix(_TABLE), rows, about["source"], tuple(about["said"]),
            about["effect"], about["genome"], about["version"], about["model"], tracks,
            about["score"], about["ensemble"],
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, OSError):
        raise SighthoundError(f"{file} is damaged; run 'sighthound truth' again") from None


def truth_chromosomes(file: Path) -> tuple[str, ...]:
    """Say which chromosomes a table has measurements on; none, where it is no such table."""
    about = read_about(file) or {}
    return tuple(about.get("chromosomes", ()))


def mean_effects(truth: Truth) -> dict[tuple[str, int, str, str], float]:
    """Give the mean measured effect of every allele, however its bases were written.

    Returns
    -------
    dict
        Chromosome, position from 0, REF and ALT, as `Variant.trimmed` gives them -> mean.
    """
    found: dict[tuple[str, int, str, str], list[float]] = {}
    columns = (truth.rows[name].tolist() for name in ("chrom", "position", "ref", "alt", "effect"))
    for chrom, position, ref, alt, effect in zip(*columns, strict=True):
        key = (chrom, *Variant(chrom, position, ref, alt).trimmed())
        found.setdefault(key, []).append(effect)
    return {key: sum(effects) / len(effects) for key, effects in found.items()}


def remove_truth(project: Project, name: str) -> None:
    """Remove a table, its comparison, what it says of signs, and its report.

    Raises
    ------
    SighthoundError
        There is none of that name.
    """
    file = truth_file(project, name)
    if file not in truth_files(project):
        known = ", ".join(f.stem for f in truth_files(project)) or "none"
        raise SighthoundError(f"no table of measured effects is called {name!r}; there: {known}")
    file.unlink()
    for ending in (COMPARISON, CEILINGS, SIGNS, REPORT):
        beside(file, ending).unlink(missing_ok=True)
