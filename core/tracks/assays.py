"""The assays that are known: what each counts, how bins of it are made, and how files call it.

A track may be of any assay; a table's word for one is taken as it is. What is known of an entry
here helps to guess it from a file's name and to say what is counted. How reads of an assay are
placed is in `precompute/reads/assays.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Assay:
    """One assay.

    Attributes
    ----------
    name : str
        As tables of tracks have it.
    words : str
        What is counted, for a person.
    aggregation : {"sum", "mean"}
        Of the bases of a bin: counts of molecule ends are summed, coverage is averaged.
    file_words : str
        What a word of a file's name begins with; a regular expression.
    published : str
        What descriptions of published tables begin with; empty if none does.
    """

    name: str
    words: str
    aggregation: str
    file_words: str
    published: str = ""


# In the order in which names of files are held against them.
ASSAYS = {
    assay.name: assay
    for assay in (
        Assay(
            "CAGE", "starts of capped RNA", "sum", r"cage|stripe|rampage|tss|procap|netcage", "CAGE"
        ),
        Assay("ATAC", "Tn5 insertions into open chromatin", "mean", r"atac", "ATAC"),
        Assay("DNase", "DNase I cuts of open chromatin", "mean", r"dnase", "DNASE"),
        Assay("MNase", "fragments that nucleosomes protect", "mean", r"mnase"),
        Assay("RNA", "reads of RNA", "mean", r"rna", "RNA"),
        Assay(
            "ChIP",
            "fragments bound by a protein or a modified histone",
            "mean",
            r"h[234][ab]?[a-z]\d+(me\d|ac|ub)?|h2az|h2a\.z|chip|ctcf|pol(ii|2)",
            "CHIP",
        ),
    )
}


def assay_of_file(stem: str) -> Assay | None:
    """Guess the assay of a file by the words of its name.

    Examples
    --------
    >>> assay_of_file("H3K4me3 day 2").name
    'ChIP'
    >>> assay_of_file("mystery") is None
    True
    """
    for assay in ASSAYS.values():
        if re.search(rf"(^|[^a-z0-9])({assay.file_words})", stem, re.IGNORECASE):
            return assay
    return None


def assay_of_published(head: str) -> Assay | None:
    """Give the assay that descriptions of published tables, as "CHIP:H3K27ac", begin with."""
    wanted = head.strip().upper()
    return next((a for a in ASSAYS.values() if a.published and a.published == wanted), None)
