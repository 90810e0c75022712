"""What a reader of genes or regions passed over, cut or took otherwise than its lines say, counted.

Nothing is lost without a word: each kind of such a finding has its number and its first example,
which the commands print and the page's About shows.
"""

from __future__ import annotations

from dataclasses import dataclass

# Of genes.
ABSENT = "genes on sequences that the genome lacks, left out"
SEVERAL = "ids at several places, each place a gene of its own"
AROUND = "genes across the origin of a circle, drawn in two parts, with one start"
BEYOND = "genes that end beyond their sequence, cut there"
NO_START = "genes whose start lies beyond the end of their sequence, left out"
TRANS_SPLICED = "trans-spliced genes, each part drawn, the first with the start"
NO_STRAND = "genes without a strand, taken to start at their left end"
NO_GENE = "transcripts without a gene, each a gene of its own"
NO_PARENT = "exons and coding stretches that name no parent, passed over"
OTHER_PARENT = "exons and coding stretches of what is no gene or transcript, passed over"
SEMICOLONS = "values that hold a bare semicolon, kept whole"
NOT_UTF8 = "lines that are not UTF-8, read as Latin-1"
# Of regions.
REGION_ABSENT = "regions on sequences that the genome lacks, passed over"
REGION_BEYOND = "regions that end beyond their sequence, cut there"
REGION_EMPTY = "regions without a base, passed over"


@dataclass(frozen=True)
class Finding:
    """One kind of finding.

    Attributes
    ----------
    what : str
        In words, without the number.
    count : int
    first : str
        The first of them: its line, or its name and place.

    Examples
    --------
    >>> str(Finding(ABSENT, 1200, "MT-ND1 on chrM"))
    'genes on sequences that the genome lacks, left out: 1,200 (first: MT-ND1 on chrM)'
    """

    what: str
    count: int
    first: str

    def __str__(self) -> str:
        return f"{self.what}: {self.count:,} (first: {self.first})"


class Findings:
    """Counts findings while files are read."""

    def __init__(self) -> None:
        self._counted: dict[str, tuple[int, str]] = {}

    def add(self, what: str, first: str) -> None:
        count, known = self._counted.get(what, (0, first))
        self._counted[what] = count + 1, known

    def all(self) -> tuple[Finding, ...]:
        """Every kind that was met, in the order in which they were."""
        return tuple(Finding(what, *counted) for what, counted in self._counted.items())
