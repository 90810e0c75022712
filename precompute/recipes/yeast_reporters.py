"""Make the shipped measured promoters, in assets/yeast: a second task for the yeast model.

`python -m sighthound.precompute.recipes.yeast_reporters EXPRESSION assets/yeast/reporters.tsv.gz`
takes a table of public measurements (columns source, id, sequence, expression): random promoters,
evolved ones, and tilings and mutants of native ones. Native promoters of the chromosomes that are
held out stay out, so that nothing of these is learned.
"""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

from sighthound.core.errors import SighthoundError
from sighthound.core.files import whole_file
from sighthound.core.text import table_rows

# Systematic names of genes begin with Y and a letter a chromosome: YO of chrXV, YP of chrXVI.
HELD_OUT_GENES = ("YO", "YP")


def make_reporters(expression: Path, target: Path) -> int:
    """Write sequences and expression of the promoters that may be learned from.

    Parameters
    ----------
    expression : Path
        Table with the columns source, id, sequence and expression, compressed or not.
    target : Path
        The table to write (gzip): sequence, expression.

    Returns
    -------
    int
        Promoters written.

    Raises
    ------
    SighthoundError
        A column is missing, or the file cannot be written.
    """
    rows = table_rows(expression)
    _, header = next(rows, (0, []))
    columns = []
    for name in ("source", "id", "sequence", "expression"):
        if name not in header:
            raise SighthoundError(f"{expression}: no column {name!r}; expected measured promoters")
        columns.append(header.index(name))
    lines = ["sequence\texpression\n"]
    for _, cells in rows:
        source, gene, sequence, value = (cells[column] for column in columns)
        if not (source == "native" and gene.startswith(HELD_OUT_GENES)):
            lines.append(f"{sequence}\t{value}\n")
    with whole_file(target) as part:
        part.write_bytes(gzip.compress("".join(lines).encode(), mtime=0))
    return len(lines) - 1


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python -m sighthound.precompute.recipes.yeast_reporters TABLE OUTPUT")
    print(f"{make_reporters(Path(sys.argv[1]), Path(sys.argv[2]))} promoters")
