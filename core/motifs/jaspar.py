"""Binding motifs: JASPAR matrices, read through pyjaspar from the database that comes with it.

JASPAR's profiles are CC BY 4.0 (https://jaspar.elixir.no). Matrices are (width, 4), A C G T; scores
are in nats, information contents in bits.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import ALPHABET

RELEASE = "JASPAR2026"
COLLECTION = "CORE"
UNIFORM = np.full(4, 0.25)
PSEUDOCOUNT = 0.01  # share of the background mixed into every column of a matrix
PROFILE_PAGE = "https://jaspar.elixir.no/matrix/"


@dataclass(frozen=True, eq=False)
class Motif:
    """What a protein binds, as counts of bases in aligned sites.

    Attributes
    ----------
    id : str
        JASPAR's identifier with its version, as in MA0363.3; or a name of ours.
    name : str
        The factor.
    counts : float64 array, (width, 4), A C G T
        Any positive amounts a column; columns need not sum to the same.
    family : str
        Structural family of the factor; empty where none is known.
    """

    id: str
    name: str
    counts: np.ndarray
    family: str = ""

    def __post_init__(self) -> None:
        counts = np.array(self.counts, float)
        if counts.ndim != 2 or counts.shape[1] != 4 or not len(counts):
            raise SighthoundError(
                f"motif {self.id}: counts are {counts.shape}; expected (width, 4)"
            )
        if not np.isfinite(counts).all() or counts.min() < 0 or counts.sum(axis=1).min() <= 0:
            raise SighthoundError(
                f"motif {self.id}: counts must be at least 0, and above 0 somewhere in each column"
            )
        counts.flags.writeable = False
        object.__setattr__(self, "counts", counts)

    def __len__(self) -> int:
        return len(self.counts)

    @property
    def probabilities(self) -> np.ndarray:
        """Share of each base in each column, float64 (width, 4)."""
        return self.counts / self.counts.sum(axis=1, keepdims=True)

    @property
    def consensus(self) -> str:
        """The most frequent base of each column."""
        return "".join(ALPHABET[base] for base in self.counts.argmax(axis=1))

    @property
    def url(self) -> str:
        """Address of the profile's page at JASPAR, for a click; empty for a motif of ours."""
        return f"{PROFILE_PAGE}{self.id}/" if self.id.startswith(("MA", "UN")) else ""

    def log_odds(
        self, background: np.ndarray = UNIFORM, pseudocount: float = PSEUDOCOUNT
    ) -> np.ndarray:
        """Log of each base's probability over the background's.

        Parameters
        ----------
        background : float array, (4,), A C G T
        pseudocount : float
            Share of the background mixed into every column.

        Returns
        -------
        float64 array, (width, 4), nats
        """
        mixed = (1 - pseudocount) * self.probabilities + pseudocount * background
        return np.log(mixed / background)

    def information(self, background: np.ndarray = UNIFORM) -> np.ndarray:
        """Information content of each column: its Kullback-Leibler divergence from the background.

        Returns
        -------
        float64 array, (width,), bits
        """
        shares = self.probabilities
        with np.errstate(divide="ignore", invalid="ignore"):
            terms = np.where(shares > 0, shares * np.log2(shares / background), 0.0)
        return terms.sum(axis=1)


def background_of(one_hot: np.ndarray) -> np.ndarray:
    """Give the composition of sequences, both strands taken together.

    Parameters
    ----------
    one_hot : array, (..., length, 4)
        N, all zeros, does not count.

    Returns
    -------
    float64 array, (4,), A C G T
        A as frequent as T and C as G; never 0, as one base of each kind is added.
    """
    counts = np.asarray(one_hot).reshape(-1, 4).sum(axis=0, dtype=np.float64) + 1
    counts = counts + counts[::-1]
    return counts / counts.sum()


@functools.lru_cache(maxsize=8)
def read_motifs(
    release: str = RELEASE, collection: str = COLLECTION, tax_group: str = ""
) -> tuple[Motif, ...]:
    """Read the latest version of every matrix of a JASPAR collection; read once a process.

    Parameters
    ----------
    release : str
        As in JASPAR2026.
    collection : str
        CORE, or UNVALIDATED where the release has it.
    tax_group : str
        As in fungi or vertebrates; empty for all.

    Raises
    ------
    SighthoundError
        There is no such release, collection or taxonomic group.
    """
    with _database(release) as database:
        collections = _distinct(database, "select distinct COLLECTION from MATRIX")
        if collection not in collections:
            raise SighthoundError(
                f"{release} has no collection {collection!r}; it has {', '.join(collections)}"
            )
        groups = _distinct(
            database, "select distinct VAL from MATRIX_ANNOTATION where TAG = 'tax_group'"
        )
        if tax_group and tax_group not in groups:
            raise SighthoundError(
                f"{release} has no taxonomic group {tax_group!r}; it has {', '.join(groups)}"
            )
        records = database.fetch_motifs(collection=collection, tax_group=tax_group or None)
    if not records:
        raise SighthoundError(
            f"{release} {collection} has no matrices of {tax_group or 'any group'}"
        )
    return tuple(sorted(map(_motif, records), key=lambda motif: motif.id))


@functools.lru_cache(maxsize=256)
def read_motif(matrix: str, release: str = RELEASE) -> Motif:
    """Read one JASPAR matrix by its identifier with version, as in MA0363.3.

    Raises
    ------
    SighthoundError
        There is no such release or matrix.
    """
    with _database(release) as database:
        # Asked first, as pyjaspar gives the latest version for one it does not know, or warns.
        known = "select 1 from MATRIX where BASE_ID || '.' || VERSION = ?"
        is_known = database.conn.execute(known, (matrix,)).fetchone()
        record = database.fetch_motif_by_id(matrix) if is_known else None
    if record is None:
        raise SighthoundError(
            f"{release} has no matrix {matrix}; expected an identifier with its version, as in "
            "MA0363.3 (pyjaspar 4.0.0 or later has JASPAR2026)"
        )
    return _motif(record)


def _motif(record: Any) -> Motif:
    family = record.tf_family
    return Motif(
        id=record.matrix_id,
        name=record.name,
        counts=np.array([record.counts[base] for base in ALPHABET], float).T,
        family=", ".join(family) if isinstance(family, list) else family or "",
    )


@contextmanager
def _database(release: str) -> Iterator[Any]:
    import pyjaspar

    if release not in pyjaspar.jaspar_releases:
        raise SighthoundError(
            f"there is no JASPAR release {release!r}; pyjaspar has "
            f"{', '.join(pyjaspar.jaspar_releases)}"
        )
    database = pyjaspar.jaspardb(release=release)
    try:
        yield database
    finally:
        database.conn.close()


def _distinct(database: Any, query: str) -> list[str]:
    return sorted(str(value) for (value,) in database.conn.execute(query))
