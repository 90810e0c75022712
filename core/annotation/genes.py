"""The genes of a genome, found by place or by name."""

from __future__ import annotations

import logging
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path

import numpy as np

from sighthound.core.annotation.circles import inside_sequence, joined_at_origin
from sighthound.core.annotation.read import read_annotation
from sighthound.core.annotation.transcripts import Annotation, Gene, Transcript
from sighthound.core.errors import SighthoundError
from sighthound.core.findings import ABSENT, Finding, Findings
from sighthound.core.genome.regions import read_region
from sighthound.core.genome.sequence import Genome, Interval

__all__ = ["Gene", "Genes", "Transcript", "name_key", "read_genes"]

_log = logging.getLogger(__name__)
# Versions of Ensembl and RefSeq accessions; elsewhere, as in AC000012.3, a number is a name's own.
_VERSION = re.compile(r"^(ens[a-z]*\d{11}|[nx][mrp]_\d+)\.\d*(?=$|_)")


class Genes:
    """The genes of an annotation, in its order, found by place or by name.

    Attributes
    ----------
    findings : tuple of Finding
        What of the file was passed over, split or taken otherwise than its lines say.

    Examples
    --------
    >>> spt15 = Gene("YER148W", "SPT15", "chrV", 465303, 466026, "+", ())
    >>> genes = Genes([spt15])
    >>> genes["spt15"].id, genes.overlapping(Interval("chrV", 466025, 467000)) == [spt15]
    ('YER148W', True)
    """

    def __init__(self, genes: Iterable[Gene], findings: tuple[Finding, ...] = ()) -> None:
        self._genes = list(genes)
        self.findings = findings
        self._by_chromosome = _index_by_chromosome(self._genes)
        self._names = [_keys_of(gene) for gene in self._genes]
        self._keys = sorted(
            {(name, rank) for rank, names in enumerate(self._names) for name in names}
        )

    def __iter__(self) -> Iterator[Gene]:
        return iter(self._genes)

    def __len__(self) -> int:
        return len(self._genes)

    def __contains__(self, name: object) -> bool:
        """Whether a gene goes by this name, id, alias, transcript or protein."""
        typed = name_key(name.strip()) if isinstance(name, str) else ""
        return any(key == typed for key, _ in self._matching(typed)[:1])

    def __getitem__(self, name: str) -> Gene:
        """The first gene of this name, else id, else alias, transcript or protein.

        Case does not count, nor do versions of accessions.

        Raises
        ------
        SighthoundError : no gene goes by that name
        """
        return self.called(name)[0]

    def called(self, name: str) -> list[Gene]:
        """Every gene that goes by this name: copies of one at several places, and namesakes.

        Those of this name, else of this id, else of this alias, transcript or protein; in the order
        of the annotation.

        Raises
        ------
        SighthoundError : no gene goes by that name
        """
        typed = name_key(name.strip())
        found = [rank for key, rank in self._matching(typed) if key == typed]
        if not found:
            raise SighthoundError(f"no gene is called {name!r}; give a gene's name, id or alias")
        levels = {rank: min(2, self._names[rank].index(typed)) for rank in found}
        closest = min(levels.values())
        return [self._genes[rank] for rank in sorted(found) if levels[rank] == closest]

    def are_meant_by(self, typed: str) -> bool:
        """Whether what a person typed is the name of a gene, and not a region.

        What may be read as a region is one, but a gene of just that name comes before a position
        without a colon, as in the page's box.
        """
        is_placed = any(one.chrom and one.start is not None for one in read_region(typed))
        return typed in self and (not is_placed or ":" not in typed)

    def overlapping(self, interval: Interval) -> list[Gene]:
        """Genes that share at least a base with the interval, by start."""
        placed = self._by_chromosome.get(interval.chrom)
        if placed is None or interval.end <= interval.start:
            return []
        first = int(np.searchsorted(placed.furthest_ends, interval.start, side="right"))
        last = int(np.searchsorted(placed.starts, interval.end, side="left"))
        reaching = np.flatnonzero(placed.ends[first:last] > interval.start) + first
        return [self._genes[rank] for rank in placed.ranks[reaching]]

    def search(self, prefix: str, limit: int = 20) -> list[Gene]:
        """Genes whose name, id, alias, transcript or protein begins so; case does not count.

        Nor do versions: ENSG00000139618.14 finds the gene whatever version the file has.

        Parameters
        ----------
        prefix : what a person typed
        limit : at most so many genes

        Returns
        -------
        the gene of exactly this name first, then of this id or alias; then by the length of the
        name matched
        """
        typed = name_key(prefix.strip())
        if not typed:
            return []
        ranks = {rank for _, rank in self._matching(typed)}
        order = sorted(ranks, key=lambda rank: _closeness(self._names[rank], rank, typed))
        return [self._genes[rank] for rank in order[:limit]]

    def _matching(self, prefix: str) -> list[tuple[str, int]]:
        first = bisect_left(self._keys, (prefix,))
        last = bisect_left(self._keys, (prefix + "\U0010ffff",))
        return self._keys[first:last]


def read_genes(path: str | PathLike[str], genome: Genome | None = None) -> Genes:
    """Read an annotation; its findings go to this module's log, too, as information.

    Parameters
    ----------
    path : GTF, GFF3, BED6 or BED12; plain or (b)gzip-compressed
    genome : its chromosome names are used (chrIV for IV); genes on chromosomes it does not have are
        left out

    Returns
    -------
    Genes

    Raises
    ------
    SighthoundError : no such file, a malformed line (with its number), no genes, or none on this
        genome
    """
    path = Path(path)
    annotation = read_annotation(path)
    if genome is None:
        genes = Genes(annotation.genes, annotation.findings)
    else:
        genes = _placed_on(genome, annotation, path)
    for finding in genes.findings:
        _log.info("genes: %s", finding)
    return genes


@dataclass
class _Placed:
    """The genes of one chromosome by start; `furthest_ends[i]` is the largest end up to gene i."""

    starts: np.ndarray
    ends: np.ndarray
    furthest_ends: np.ndarray
    ranks: np.ndarray


def _index_by_chromosome(genes: list[Gene]) -> dict[str, _Placed]:
    ranks_of: dict[str, list[int]] = {}
    for rank, gene in enumerate(genes):
        ranks_of.setdefault(gene.chrom, []).append(rank)
    index = {}
    for chrom, ranks in ranks_of.items():
        ranks.sort(key=lambda rank: (genes[rank].start, genes[rank].end))
        starts = np.array([genes[rank].start for rank in ranks], np.int64)
        ends = np.array([genes[rank].end for rank in ranks], np.int64)
        index[chrom] = _Placed(starts, ends, np.maximum.accumulate(ends), np.array(ranks))
    return index


def _keys_of(gene: Gene) -> list[str]:
    transcripts = [name for t in gene.transcripts for name in (t.id, t.protein) if name]
    return [name_key(name) for name in (gene.name, gene.id, *gene.aliases, *transcripts)]


def name_key(name: str) -> str:
    """What a name is looked up by: ENSG00000141510.18 is ensg00000141510, of any version."""
    return _VERSION.sub(r"\1", name.lower())


def _closeness(names: list[str], rank: int, typed: str) -> tuple[int, int, str, int]:
    """Sort key of a gene (its lower-case names, the standard one first) for what was typed."""
    standard = names[0]
    if standard == typed:
        return 0, 0, standard, rank
    if typed in names:
        return 1, names.index(typed), standard, rank
    if standard.startswith(typed):
        return 2, len(standard), standard, rank
    return 3, min(len(name) for name in names if name.startswith(typed)), standard, rank


def _placed_on(genome: Genome, annotation: Annotation, path: Path) -> Genes:
    resolved: dict[str, str | None] = {}
    for name in dict.fromkeys(gene.chrom for gene in annotation.genes):
        resolved[name] = _resolved(genome, name, annotation.chromosome_names.get(name))
    findings = Findings()
    placed = []
    for gene in annotation.genes:
        if (chrom := resolved[gene.chrom]) is None:
            findings.add(ABSENT, f"{gene.name} on {gene.chrom}")
            continue
        length = genome.lengths[chrom]
        if gene.start >= length:
            raise SighthoundError(
                f"{path}: gene {gene.name} begins at base {gene.start + 1:,} of {chrom}, "
                f"which has {length:,} bases; "
                "give the annotation of the genome's own assembly"
            )
        inside = inside_sequence(gene, length, findings)
        if inside is not None:
            placed.append(inside if chrom == inside.chrom else _moved(inside, chrom))
    if not placed:
        raise SighthoundError(
            f"{path}: none of its chromosomes ({_first_few(resolved)}) "
            f"is in the genome ({_first_few(genome.lengths)}); "
            "give the annotation of the genome's own assembly"
        )
    whole = list(joined_at_origin(placed, genome.lengths, findings))
    return Genes(whole, (*annotation.findings, *findings.all()))


def _first_few(names: Iterable[str]) -> str:
    listed = list(names)
    return ", ".join(listed[:3]) + (", ..." if len(listed) > 3 else "")


def _resolved(genome: Genome, *names: str | None) -> str | None:
    for name in names:
        if name is not None:
            try:
                return genome.resolve(name)
            except SighthoundError:
                continue
    return None


def _moved(gene: Gene, chrom: str) -> Gene:
    transcripts = tuple(replace(transcript, chrom=chrom) for transcript in gene.transcripts)
    return replace(gene, chrom=chrom, transcripts=transcripts)
