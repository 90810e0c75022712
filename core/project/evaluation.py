"""PROJECT/evaluation: how right the model is, as tables, and what could not be said, and why.

`sighthound evaluate` writes them; report and page draw the same tables, and state no number that is
in none. A table is a TSV or a Parquet file with named columns; evaluation.json says what all were
made from, and names with a reason each figure that a project's assays do not allow.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sighthound.core.errors import SighthoundError
from sighthound.core.files import whole_file, write_json
from sighthound.core.project.settings import Project
from sighthound.core.text import table_rows

if TYPE_CHECKING:  # takes long to import, and most answers need none
    import pandas as pd

FORMAT = 1
ABOUT_FILE = "evaluation.json"
TRACKS_FILE = "tracks.tsv"
REPORT_FILE = "report.html"
# Bins that count in training and in held_out.tsv, and all of which there is sequence.
MASKED, ALL = "masked", "all"
REGIONS = (MASKED, ALL)
NO_REPLICATE = "no replicate"
# What of an evaluation is no figure of the paper, by the name under which it may be missing.
MEMBERS_FIGURE = "members"

# Columns of every table, by its file. All but the first may be absent.
TABLES: dict[str, tuple[str, ...]] = {
    TRACKS_FILE: (
        "track", "fold", "bin", "region", "n_bins",
        "pearson", "pearson_low", "pearson_high",
        "pearson_log1p", "pearson_log1p_low", "pearson_log1p_high",
        "r2", "r2_low", "r2_high",
        "level", "level_low", "level_high", "experiment_mean", "prediction_mean",
        "ceiling", "ceiling_log1p", "ceiling_of", "replicates", "note",
    ),
    "replicates.tsv": (
        "track", "other", "relation", "assay", "bin", "experiments", "prediction", "own",
    ),
    "effects.tsv": (
        "track", "members", "variants", "spearman", "spearman_low", "spearman_high",
        "model_spearman", "same_sign", "known", "spread", "of",
    ),
    "contrasts.tsv": (
        "track", "other", "assay", "strand", "bin", "n_bins",
        "pearson", "pearson_low", "pearson_high", "spread", "predicted_spread", "ceiling",
        "ceiling_of",
    ),
    "scatter.tsv": ("assay", "track", "bin", "experiment", "prediction", "width", "bins"),
    "peaks.tsv": ("track", "bin", "n_bins", "peaks", "share", "auprc", "auroc", "note"),
    "strata.tsv": (
        "track", "assay", "bin", "kind", "stratum", "place", "n_bins", "pearson_log1p",
    ),
    "genes.tsv": (
        "column", "assay", "bin", "n_genes", "n_nonzero", "depth",
        "pearson", "pearson_low", "pearson_high",
        "pearson_nonzero", "pearson_nonzero_low", "pearson_nonzero_high",
        "ceiling", "ceiling_of", "note",
    ),
    "gene_values.parquet": (
        "gene", "name", "chrom", "tss", "strand", "column", "experiment", "prediction",
    ),
    "variation.tsv": (
        "quartile", "genes", "variation_low", "variation_high", "error", "error_25", "error_50",
        "error_75", "error_of_mean", "pearson",
    ),
    "gene_correlations.tsv": (
        "gene", "name", "chrom", "tss", "strand", "columns", "pearson", "pearson_other", "example",
    ),
    "heat_map.parquet": (
        "gene", "name", "column", "assay", "gene_place", "column_place", "cluster",
        "predicted_cluster", "experiment", "prediction",
    ),
    "clusters.tsv": ("clusters", "genes", "columns", "of", "adjusted_rand", "p", "permutations"),
    "elements.tsv": ("kind", "track", "elements", "background", "u", "p", "auroc"),
    "element_curves.tsv": ("kind", "track", "group", "share", "score"),
    "ablation.tsv": (
        "track", "assay", "bin", "share", "reads", "n_bins", "pearson", "pearson_log1p",
        "others_log1p", "note",
    ),
    "sites.tsv": (
        "kind", "track", "method", "sites", "background", "near", "by_chance", "auroc", "named",
        "own_name",
    ),
}  # fmt: skip
# Their columns of words; all others hold numbers.
_TEXTS = {
    "track", "other", "column", "assay", "fold", "region", "relation", "ceiling_of", "note", "kind",
    "stratum", "gene", "name", "chrom", "strand", "of", "group", "method",
}  # fmt: skip


@dataclass(frozen=True)
class TrackAccuracy:
    """A row of tracks.tsv: how well a track is predicted over the held-out bins of one size.

    Attributes
    ----------
    bin : int
        Bases a bin.
    region : {"masked", "all"}
        Without the blacklist, as in training, or with it.
    n_bins : int
        Bins with data.
    pearson, pearson_log1p, r2 : float
        Of values, and of log(1 + value); NaN where that is no evidence. `_low` and `_high` are the
        ends of their 95 % intervals.
    level : float
        Mean of the prediction over mean of the experiment: 1 where totals are right.
    ceiling, ceiling_log1p : float
        The r that replicates set; NaN without any.
    ceiling_of : str
        What of: "replicates", "sum of 3 replicates", or "no replicate".
    replicates : int
        Experiments that the ceiling is of; 0 without.
    note : str
        Why there is no number, or what had to be left out.
    """

    track: str
    fold: str
    bin: int
    region: str
    n_bins: int
    pearson: float = math.nan
    pearson_low: float = math.nan
    pearson_high: float = math.nan
    pearson_log1p: float = math.nan
    pearson_log1p_low: float = math.nan
    pearson_log1p_high: float = math.nan
    r2: float = math.nan
    r2_low: float = math.nan
    r2_high: float = math.nan
    level: float = math.nan
    level_low: float = math.nan
    level_high: float = math.nan
    experiment_mean: float = math.nan
    prediction_mean: float = math.nan
    ceiling: float = math.nan
    ceiling_log1p: float = math.nan
    ceiling_of: str = NO_REPLICATE
    replicates: int = 0
    note: str = ""


assert TABLES[TRACKS_FILE] == tuple(f.name for f in fields(TrackAccuracy))


@dataclass(frozen=True)
class About:
    """What an evaluation was made from, and what it could not say.

    Attributes
    ----------
    model, genome, version : str
        Hash of the model, fingerprint of the genome, version of the software.
    fold : str
        The fold that was predicted.
    bin : int
        Bases a bin of the figures.
    bins : tuple of int
        All sizes of bins that tracks.tsv has.
    bases : int
        Held-out bases.
    ensemble : mapping
        Strands and shifts that predictions average.
    missing : mapping
        Number of a figure -> why it is not there.
    """

    model: str
    genome: str
    version: str
    fold: str
    bin: int
    bins: tuple[int, ...]
    bases: int
    ensemble: Mapping[str, Any]
    missing: Mapping[str, str] = field(default_factory=dict)
    format: int = FORMAT


@dataclass(frozen=True)
class Ceiling:
    """What replicates allow of a track's r, over the bins that the r is of; None where not known.

    Attributes
    ----------
    pearson, pearson_log1p : float or None
        The r that replicates reach of values, and of log(1 + value).
    of : str
        What of: "replicates", "sum of 3 replicates", or "no replicate".
    """

    pearson: float | None
    pearson_log1p: float | None
    of: str


def evaluation_folder(project: Project) -> Path:
    """Where the tables lie, once there are any."""
    return project.root / "evaluation"


def evaluation_files(project: Project) -> list[Path]:
    """Files that pages read of an evaluation: what it is of, and its tracks."""
    folder = evaluation_folder(project)
    return [folder / ABOUT_FILE, folder / TRACKS_FILE]


def write_evaluation(folder: Path, about: About, tables: Mapping[str, pd.DataFrame]) -> None:
    """Write all tables, in place of those of an earlier evaluation.

    While they are written there is no evaluation.json, so that nobody reads some of both.

    Parameters
    ----------
    tables : mapping
        File of `TABLES` -> its rows; those without rows are not written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ABOUT_FILE).unlink(missing_ok=True)
    for name in (*TABLES, REPORT_FILE):
        (folder / name).unlink(missing_ok=True)
    for name, table in tables.items():
        if not len(table):
            continue
        chosen = table[list(TABLES[name])]
        with whole_file(folder / name) as part:
            if name.endswith(".parquet"):
                chosen.to_parquet(part, index=False)
            else:
                chosen.to_csv(part, sep="\t", index=False, float_format="%.6g", na_rep="nan")
    write_json(folder / ABOUT_FILE, asdict(about))


def read_about(folder: Path) -> About | None:
    """Read what an evaluation is of; None where there is none.

    Raises
    ------
    SighthoundError
        The file is damaged, or of another version.
    """
    file = folder / ABOUT_FILE
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise SighthoundError(f"{file} is damaged: {error}; run 'sighthound evaluate'") from None
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        raise SighthoundError(f"{file} is of another version; run 'sighthound evaluate' again")
    try:
        return About(**{**said, "bins": tuple(said["bins"])})
    except (KeyError, TypeError):
        raise SighthoundError(f"{file} is damaged; run 'sighthound evaluate' again") from None


def read_table(folder: Path, name: str) -> pd.DataFrame:
    """Read a table of `TABLES`; without rows where it is not there.

    Raises
    ------
    SighthoundError
        The file is damaged, or lacks a column.
    """
    import pandas as pd

    file = folder / name
    if not file.is_file():
        return pd.DataFrame(columns=list(TABLES[name]))
    try:
        if name.endswith(".parquet"):
            found = pd.read_parquet(file)
        else:
            # Else an id such as "007" or "NA" would be no text.
            texts = dict.fromkeys(set(TABLES[name]) & _TEXTS, str)
            missing = {column: ["nan"] for column in TABLES[name] if column not in _TEXTS}
            found = pd.read_csv(
                file, sep="\t", keep_default_na=False, na_values=missing, dtype=texts
            )
        return found[list(TABLES[name])]
    except (OSError, ValueError, KeyError) as error:
        raise SighthoundError(
            f"{file} is damaged ({' '.join(str(error).split())}); run 'sighthound evaluate' again"
        ) from None


def read_ceilings(project: Project) -> dict[tuple[str, str, int], Ceiling]:
    """Read what replicates allow, by track, fold and bases a bin, over the bins of held_out.tsv.

    Returns
    -------
    dict
        Empty before there is an evaluation.
    """
    file = evaluation_folder(project) / TRACKS_FILE
    if not all(path.is_file() for path in evaluation_files(project)):
        return {}
    found = {}
    for row in _rows(file):
        if row.get("region") == MASKED and row.get("bin", "").isdigit():
            found[row["track"], row["fold"], int(row["bin"])] = Ceiling(
                _number(row.get("ceiling")), _number(row.get("ceiling_log1p")),
                row.get("ceiling_of", ""),
            )  # fmt: skip
    return found


def _rows(file: Path) -> Iterator[dict[str, str]]:
    rows = table_rows(file)
    _, header = next(rows, (0, []))
    for _, cells in rows:
        row = dict(zip(header, cells, strict=False))
        if row.get("track") and row.get("fold"):
            yield row


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "nan")
    except ValueError:
        return None
    return value if math.isfinite(value) else None
