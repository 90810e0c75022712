"""The folder of an eQTL study: its tables, which the report is drawn from.

`sighthound eqtl` writes them. A table is TSV, or Parquet where it is long, with named columns;
study.json says what all were made from, and what was found of the inputs, in words.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sighthound.core.errors import SighthoundError
from sighthound.core.files import check_output_folder, whole_file, write_json

if TYPE_CHECKING:  # takes long to import
    import pandas as pd

FORMAT = 1
ABOUT_FILE, REPORT_FILE = "study.json", "report.html"
FITS, ENRICHMENT, SIGNS, SHUFFLES = "fits.tsv", "enrichment.tsv", "signs.tsv", "shuffles.tsv"
PAIRS = "pairs.parquet"
HAPLOTYPES, HAPLOTYPE_FITS, CEILINGS = "haplotypes.tsv", "haplotype_fits.tsv", "ceilings.tsv"
# Of which SED a null is: of other variants at the same distance, or with random signs.
SHUFFLED, TURNED = "shuffled", "signs turned"
MEAN = "mean of readouts"  # each in its standard deviations: the last column of HAPLOTYPES
EVERYWHERE = "all"  # the distances of all pairs
_INTERVAL = ("", "_low", "_high")


def _estimated(name: str) -> tuple[str, ...]:
    return tuple(name + end for end in _INTERVAL)


# Columns of every table, by its file; those of haplotypes have a column a readout more.
TABLES: dict[str, tuple[str, ...]] = {
    FITS: (
        "sample", "model", "genes", "pairs", "slope", "se", "z", "p", "p_shuffled", "p_signs",
        "r2_without", "r2_with", "shuffled_below_0.05", "signs_below_0.05", "shuffled_ks_p",
        "signs_ks_p",
    ),
    ENRICHMENT: (
        "sample", "model", "distance", "quantile", "pairs", "significant", *_estimated("share"),
        *_estimated("enrichment"), *_estimated("chance"),
    ),
    SIGNS: ("sample", "quantile", "significant", "same_sign", *_estimated("share")),
    SHUFFLES: ("sample", "model", "null", "number", "z", "p"),
    PAIRS: (
        "sample", "gene", "chrom", "position", "id", "counted", "other", "distance", "z",
        "log10_p", "q", "ld_score", "sed_ld", "expected_more", "expected_more_by_distance",
    ),
    HAPLOTYPES: ("gene", "name", "chrom", "tss", "strand", "experiment", "group", "effect", "q"),
    HAPLOTYPE_FITS: (
        "experiment", "group", "readout", "n", *_estimated("spearman"), "signed",
        *_estimated("same_sign"), "strong", *_estimated("same_sign_strong"),
    ),
    CEILINGS: ("experiment", "other", "group", "n", *_estimated("spearman")),
}  # fmt: skip
_TEXTS = (
    "sample", "model", "distance", "null", "gene", "name", "chrom", "strand", "experiment",
    "other", "readout", "group", "id", "counted",
)  # fmt: skip


@dataclass(frozen=True)
class AboutStudy:
    """What a study was made from.

    Attributes
    ----------
    settings : mapping
        Files and options.
    samples : mapping
        Sample -> its tracks by strand, and what its associations are of.
    said : tuple of str
        What was found of the inputs, and left out.
    spearman : mapping
        Sample -> Spearman r of z with SED-LD over pruned pairs, and the ends of its interval.
    """

    version: str
    settings: Mapping[str, Any]
    samples: Mapping[str, Mapping[str, str]]
    said: tuple[str, ...] = ()
    spearman: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)
    format: int = FORMAT


def check_folder(folder: Path) -> None:
    """Refuse a folder that holds anything else than a study.

    Raises
    ------
    SighthoundError
        It does, or cannot be written.
    """
    check_output_folder(folder)
    if folder.is_dir() and not (folder / ABOUT_FILE).is_file():
        others = sorted({path.name for path in folder.iterdir()} - {REPORT_FILE, *TABLES})
        if others:
            raise SighthoundError(
                f"{folder} holds {others[0]}, which is of no study; give a new folder"
            )


def write_study(folder: Path, about: AboutStudy, tables: Mapping[str, pd.DataFrame]) -> None:
    """Write a study's tables, in place of those of an earlier one; study.json is the last.

    Parameters
    ----------
    tables : mapping
        File of `TABLES` -> its rows; those without rows are not written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in (ABOUT_FILE, REPORT_FILE, *TABLES):
        (folder / name).unlink(missing_ok=True)
    for name, table in tables.items():
        if not len(table):
            continue
        with whole_file(folder / name) as part:
            if name.endswith(".parquet"):
                table.to_parquet(part, index=False)
            else:
                table.to_csv(part, sep="\t", index=False, float_format="%.6g", na_rep="nan")
    write_json(folder / ABOUT_FILE, asdict(about))


def read_study(folder: Path) -> AboutStudy:
    """Read what a study was made from.

    Raises
    ------
    SighthoundError
        There is none in the folder, or it is damaged or of another version.
    """
    file = folder / ABOUT_FILE
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        if said.pop("format") != FORMAT:
            raise SighthoundError(f"{file} is of another version; run 'sighthound eqtl' again")
        return AboutStudy(**{**said, "said": tuple(said["said"])})
    except FileNotFoundError:
        raise SighthoundError(f"{folder} has no study of eQTL ({ABOUT_FILE})") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SighthoundError(f"{file} is damaged: {error}; run 'sighthound eqtl' again") from None


def read_table(folder: Path, name: str) -> pd.DataFrame:
    """Read a table of `TABLES`; without rows where it is not there."""
    import pandas as pd

    file = folder / name
    if not file.is_file():
        return pd.DataFrame(columns=list(TABLES[name]))
    if name.endswith(".parquet"):
        return pd.read_parquet(file)
    texts = dict.fromkeys(set(TABLES[name]) & set(_TEXTS), str)
    return pd.read_csv(file, sep="\t", dtype=texts, keep_default_na=False, na_values=["nan"])
