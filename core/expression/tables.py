"""Tables with a row a gene, or a covariate, and a column a person.

TSV, CSV or columns between blanks, plain or compressed, as studies give them: the row's name first;
or BED with chromosome, start, end and name before the people, as GTEx has it.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from sighthound.core.errors import SighthoundError
from sighthound.core.files import no_file
from sighthound.core.text import text_lines

FEWEST_PEOPLE = 10
_BED = ("chr", "chrom", "chromosome")
_SHOWN = 3


@dataclass(frozen=True, eq=False)
class PeopleTable:
    """Values of genes, or of covariates, in people.

    Attributes
    ----------
    path : path
    rows : tuple of str
        Genes, or covariates.
    people : tuple of str
    values : float64 array, (rows, people)
        NaN where there is none.
    """

    path: Path
    rows: tuple[str, ...]
    people: tuple[str, ...]
    values: np.ndarray

    def of_people(self, people: Sequence[str]) -> np.ndarray:
        """Give the values of some people, in their order: (rows, people).

        Raises
        ------
        SighthoundError
            One of them is not in the table.
        """
        places = {name: number for number, name in enumerate(self.people)}
        unknown = [name for name in people if name not in places]
        if unknown:
            raise SighthoundError(
                f"{self.path} has no column of {', '.join(unknown[:_SHOWN])}"
                f"{' and others' if len(unknown) > _SHOWN else ''}; it has "
                f"{', '.join(self.people[:_SHOWN])}, ..."
            )
        return self.values[:, [places[name] for name in people]]

    def shared_with(self, others: Sequence[str], source: Path) -> list[str]:
        """Give the people that genotypes have too, in the order of the genotypes.

        Raises
        ------
        SighthoundError
            There are none, or fewer than ten.
        """
        known = set(self.people)
        both = [name for name in others if name in known]
        if len(both) < FEWEST_PEOPLE:
            count = f"only {len(both)}" if both else "none"
            raise SighthoundError(
                f"{count} of the {len(self.people):,} people of {self.path} "
                f"({', '.join(self.people[:_SHOWN])}, ...) {'are' if both else 'is'} in {source}, "
                f"which has {', '.join(list(others)[:_SHOWN])}, ...; expected at least "
                f"{FEWEST_PEOPLE} of the same names"
            )
        return both


def read_people_table(path: Path) -> PeopleTable:
    """Read a table with a row a gene, or a covariate, and a column a person.

    Raises
    ------
    SighthoundError
        The file is missing or no such table: a row or a person is twice, or a cell is no number.
    """
    if not path.is_file():
        raise SighthoundError(
            f"{path} {no_file(path)}; expected a row a gene and a column a person"
        )
    lines = [line for line in text_lines(path) if line.strip() and not line.startswith("##")]
    if len(lines) < 2:
        raise SighthoundError(f"{path} has no rows; expected people's names, then a row a gene")
    lines[0] = lines[0].removeprefix("#")
    separator = "\t" if "\t" in lines[0] else "," if "," in lines[0] else r"\s+"
    try:
        # As words: a person called 7 stays "7", and a name twice is seen.
        frame = pd.read_csv(
            io.StringIO("\n".join(lines)), sep=separator, header=None, dtype=str,
            keep_default_na=False,
        )  # fmt: skip
    except pd.errors.ParserError as error:
        raise SighthoundError(f"{path} is no table: {' '.join(str(error).split())}") from None
    cells = frame.to_numpy(object)
    first = 4 if str(cells[0, 0]).lower() in _BED else 1
    people, rows = [str(name) for name in cells[0, first:]], [str(n) for n in cells[1:, first - 1]]
    for what, names in (("person", people), ("row", rows)):
        twice = pd.Index(names).duplicated()
        if twice.any():
            raise SighthoundError(
                f"{path} has {what} {names[int(np.flatnonzero(twice)[0])]!r} twice; expected each "
                "once"
            )
    words = pd.DataFrame(cells[1:, first:])
    numbers = words.apply(pd.to_numeric, errors="coerce").to_numpy(np.float64)
    wrong = np.isnan(numbers) & ~words.isin(["", "NA", "NaN", "nan", "."]).to_numpy(bool)
    if wrong.any():
        row, column = (int(place[0]) for place in np.nonzero(wrong))
        raise SighthoundError(
            f"{path}, row {rows[row]}: {words.iat[row, column]!r} of {people[column]} is no number"
        )
    return PeopleTable(path, tuple(rows), tuple(people), numbers)
