"""Lists of places where two tracks differ most, beside the predicted BigWigs: a table a pair.

Tables count from 1, ends included.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sighthound.core.errors import SighthoundError
from sighthound.core.files import whole_file
from sighthound.core.project.result_tables import read_about, with_about
from sighthound.core.project.settings import Project
from sighthound.core.tracks.contrasts import contrast_name, name_for_files

if TYPE_CHECKING:  # pyarrow and pandas take long to import, and most answers need neither
    import pandas as pd

CONTRASTS_FOLDER = "contrasts"
COLUMNS = (
    "rank", "place", "chrom", "start", "end", "strand", "fold", "track", "other",
    "experiment", "other_experiment", "measured", "prediction", "other_prediction", "predicted",
    "motif", "matrix", "q_value", "by", "motif_start", "motif_end", "motif_strand", "effect",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class ContrastList:
    """Where two tracks differ most: a row a place, and what was compared.

    Attributes
    ----------
    table : DataFrame
        `COLUMNS`: the place and its tracks; values of both, measured and predicted, summed over its
        bins (means of tracks of means); `measured` and `predicted`, log2((track + 1) / (other +
        1)); and the motif that does most for the difference, empty where none was named, with
        what its bases add to the predicted log2 ratio.
    one, other : str
        Ids.
    model : str
        Hash of the model that was asked.
    places : str
        What was ranked, in words.
    """

    table: pd.DataFrame
    one: str
    other: str
    model: str
    places: str

    @property
    def name(self) -> str:
        """The contrast's."""
        return contrast_name(self.one, self.other)

    def write(self, file: Path) -> None:
        """Write it where `contrast_list_file` says."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        about = {
            "contrast": [self.one, self.other], "model": self.model, "places": self.places,
        }  # fmt: skip
        # Without what pandas would say of its index.
        table = pa.Table.from_pandas(self.table[list(COLUMNS)], preserve_index=False)
        table = table.replace_schema_metadata()
        with whole_file(file, parents=True) as part:
            pq.write_table(table.cast(with_about(table.schema, about)), part)


def contrast_lists_folder(project: Project) -> Path:
    """Where the lists of a project lie."""
    return project.predictions.directory / CONTRASTS_FOLDER


def contrast_list_file(project: Project, one: str, other: str) -> Path:
    """Where the list of two tracks lies, once there is one."""
    return contrast_lists_folder(project) / f"{name_for_files(contrast_name(one, other))}.parquet"


def contrast_list_files(project: Project) -> Sequence[Path]:
    """All lists there are, by name."""
    return sorted(contrast_lists_folder(project).glob("*.parquet"))


def read_contrast_list(file: Path) -> ContrastList:
    """Read a list.

    Raises
    ------
    SighthoundError
        The file is no such list.
    """
    import pyarrow.parquet as pq

    about = read_about(file)
    try:
        assert about is not None
        one, other = about["contrast"]
        table = pq.read_table(file, columns=list(COLUMNS)).to_pandas()
        return ContrastList(table, one, other, about["model"], about["places"])
    except (AssertionError, KeyError, TypeError, ValueError, OSError):
        raise SighthoundError(
            f"{file} is no list of contrasts; delete it, and run 'sighthound contrasts'"
        ) from None
