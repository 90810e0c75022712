"""The ids of a VCF's variants (rsIDs), found without reading the file.

A VCF is indexed by place only. Here a table of ids and places is made once, in SQLite, beside the
project's other caches; alleles are then read from the VCF at the place. The table's name holds the
VCF's size and date, so that of a changed VCF is made again.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pysam

from sighthound.core.errors import SighthoundError
from sighthound.core.files import file_stamp, publish
from sighthound.core.genome.sequence import Genome
from sighthound.core.variants.tabix_index import vcf_index
from sighthound.core.variants.variant import Variant
from sighthound.core.variants.vcf_forms import quiet

_FORMAT = 1
_BATCH = 20_000  # records between looks at whether to go on
_NO_ID = "."


class VariantIds:
    """Finds variants of a VCF by id.

    Parameters
    ----------
    vcf : path
        Compressed by bgzip, with its index beside it.
    folder : path
        Where the table lies; made when missing.
    genome : Genome
        Gives the chromosomes' own names.
    """

    def __init__(self, vcf: Path, folder: Path, genome: Genome) -> None:
        self.vcf, self.folder, self.genome = vcf, folder, genome
        self._building = threading.Lock()

    @property
    def table(self) -> Path:
        """Where the table of the VCF as it is now lies, or will."""
        named = f"{_FORMAT} {self.vcf.resolve()} {file_stamp(self.vcf)}"
        return self.folder / f"ids-{hashlib.sha256(named.encode()).hexdigest()[:16]}.sqlite"

    @property
    def is_ready(self) -> bool:
        return self.table.is_file()

    def build(self, is_wanted: Callable[[], bool] = lambda: True) -> None:
        """Make the table, unless it is there.

        Parameters
        ----------
        is_wanted : callable
            Asked now and then; False ends the work without a table.

        Raises
        ------
        SighthoundError
            The VCF is damaged, or the folder cannot be written.
        """
        with self._building:
            table = self.table
            if table.is_file():
                return
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                with tempfile.TemporaryDirectory(dir=self.folder) as scratch:
                    part = Path(scratch) / "ids.sqlite"
                    if not self._write(part, is_wanted):
                        return
                    publish(part, table)
            except (sqlite3.Error, OSError) as error:
                raise SighthoundError(
                    f"{self.folder}: the ids of {self.vcf.name} cannot be kept ({error})"
                ) from None
            for other in self.folder.glob("ids-*.sqlite"):
                if other != table:
                    other.unlink(missing_ok=True)

    def find(self, typed: str, limit: int = 20) -> list[Variant]:
        """Variants whose id is what was typed, or begins so; one a place and ALT allele.

        Parameters
        ----------
        typed : str
            Case does not count.
        limit : int
            At most so many variants.

        Returns
        -------
        list of Variant
            The id itself first; alleles with other letters than A, C, G and T are left out. Empty
            while there is no table.

        Raises
        ------
        SighthoundError
            The VCF's index by place is missing, older than the VCF, or of another file.
        """
        if not typed or not self.is_ready:
            return []
        with contextlib.closing(_opened(self.table)) as table:
            rows = table.execute(
                "SELECT id, chromosomes.name, position FROM ids JOIN chromosomes USING (chrom) "
                "WHERE id >= ? AND id < ? ORDER BY id LIMIT ?",
                (typed, typed + "\U0010ffff", limit),
            ).fetchall()
        if not rows:
            return []
        index = str(vcf_index(self.vcf))
        with (
            quiet(),
            pysam.VariantFile(str(self.vcf), index_filename=index, drop_samples=True) as file,
        ):
            found = (v for row in rows for v in self._alleles(file, *row))
            return list(itertools.islice(dict.fromkeys(found), limit))

    def _alleles(
        self, file: pysam.VariantFile, name: str, chrom: str, position: int
    ) -> Iterator[Variant]:
        try:
            own = self.genome.resolve(chrom)
        except SighthoundError:
            return
        for record in file.fetch(chrom, position - 1, position):
            if record.pos != position or name not in (record.id or "").split(";"):
                continue
            for alt in record.alts or ():
                with contextlib.suppress(SighthoundError):
                    yield Variant(own, position - 1, str(record.ref).upper(), alt.upper(), name)

    def _write(self, part: Path, is_wanted: Callable[[], bool]) -> bool:
        with contextlib.closing(sqlite3.connect(part)) as table:
            table.executescript(
                "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = FILE;"
                "CREATE TABLE chromosomes (chrom INTEGER PRIMARY KEY, name TEXT UNIQUE);"
                "CREATE TEMP TABLE unsorted (id TEXT, chrom INTEGER, position INTEGER);"
            )
            chromosomes: dict[str, int] = {}
            rows = self._rows(chromosomes)
            while batch := list(itertools.islice(rows, _BATCH)):
                if not is_wanted():
                    return False
                table.executemany("INSERT INTO unsorted VALUES (?, ?, ?)", batch)
            table.executemany(
                "INSERT INTO chromosomes VALUES (?, ?)", ((n, c) for c, n in chromosomes.items())
            )
            # Sorted first, so that the table grows at its end however large it is.
            table.executescript(
                "CREATE TABLE ids (id TEXT COLLATE NOCASE, chrom INTEGER, position INTEGER,"
                " PRIMARY KEY (id, chrom, position)) WITHOUT ROWID;"
                "INSERT OR IGNORE INTO ids SELECT * FROM unsorted"
                " ORDER BY id COLLATE NOCASE, chrom, position;"
                "DROP TABLE unsorted;"
            )
            table.commit()
        return True

    def _rows(self, chromosomes: dict[str, int]) -> Iterator[tuple[str, int, int]]:
        try:
            with quiet(), pysam.VariantFile(str(self.vcf), drop_samples=True) as file:
                for record in file:
                    name = record.id
                    if name is None or name == _NO_ID:
                        continue
                    chrom = chromosomes.setdefault(record.chrom, len(chromosomes))
                    for each in name.split(";"):
                        yield each, chrom, record.pos
        except (OSError, ValueError) as error:
            raise SighthoundError(
                f"{self.vcf} cannot be read ({' '.join(str(error).split())}); copy it again"
            ) from None


def _opened(table: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{table.as_uri()}?mode=ro&immutable=1", uri=True)
