"""One method of one route, as openapi.json describes it; each lies beside its route.

Parameters are words that mean the same everywhere, so each is described once; "?" behind a
parameter says that it may be left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

JSON, BINARY, TEXT, XML = "application/json", "application/octet-stream", "text/plain", "text/xml"
ZIP, PDF = "application/zip", "application/pdf"


@dataclass(frozen=True)
class Operation:
    """One method of one route.

    Attributes
    ----------
    says : str
        What it answers, in a line.
    takes : str
        Names of parameters, of `PARAMETERS`; those in the path are required anyway.
    gives : type
        The answer's dataclass, of `app.answers`, or a union of such; None where it is no JSON.
    media : tuple of str
        Kinds of content.
    body : type or str
        The dataclass of a JSON body, or a kind of content; None where there is none.
    waits : bool
        Computed by the inference worker: 202 until it is done, and DELETE cancels.
    can_miss : bool
        Answers 404 for what is not there.
    is_file : bool
        Answers HEAD, OPTIONS and ranges of bytes, to pages of any origin.
    unready : int
        Another status that comes with the same answer, of which not all is known yet; 0: none.
    """

    says: str
    takes: str = ""
    gives: Any = None
    media: tuple[str, ...] = (JSON,)
    body: Any = None
    waits: bool = False
    can_miss: bool = False
    is_file: bool = False
    unready: int = 0


# Path -> method -> operation.
Operations = dict[str, dict[str, Operation]]
WINDOW = "chrom start end"

# Name -> type, description.
PARAMETERS = {
    "chrom": ("string", "Chromosome, by the FASTA's name or an alias of it."),
    "start": ("integer", "First base of the window, 0-based."),
    "end": ("integer", "The base after its last, 0-based."),
    "pixels": ("integer", "Width of the drawing; no bin is narrower than a pixel."),
    "tracks": ("string", "Track ids, joined by commas."),
    "track": ("string", "Track id; where a prediction is explained, A/B is the contrast of two."),
    "gene": ("string", "Id of a gene."),
    "position": ("integer", "A base, 0-based."),
    "target": ("integer", "A base of the bin that is explained, 0-based."),
    "ref": ("string", "Reference allele, as in VCF."),
    "alt": ("string", "Alternative allele, as in VCF."),
    "q": ("string", "What a person typed."),
    "kind": ("string", "What is looked for, or which file of a track."),
    "direction": ("string", "next or previous."),
    "series": ("string", "experiment or prediction."),
    "folds": ("string", "Of train, valid and test, joined by commas; all by default."),
    "contrast": ("string", "Two tracks, A/B, whose list is asked for; the newest by default."),
    "rank": ("integer", "Of the place in its list that one comes from, from 1."),
    "limit": ("integer", "Places, or sites, that are given, at most."),
    "kinds": ("string", "Kinds of BigWig, joined by commas; all by default."),
    "variants": (
        "string",
        "Variants on one sequence, 1-based: chrIV:1234:A:G, joined by ';' or '+'.",
    ),
    "locus": ("string", "A region as people write it, 1-based and inclusive."),
    "name": ("string", "Name of a file."),
    "table": ("string", "Name of a table of measured effects."),
    "form": (
        "string",
        "Of a file: bw or bedgraph, tsv or vcf; of the tracks: rows or columns.",
    ),
    "most": ("integer", "Tracks that are named, at most."),
    "identifier": (
        "string",
        "Of a file of one's own, a table of scored variants or a token.",
    ),
    "score": ("string", "Name of a score of variants."),
    "words": ("string", "What a row holds: place, alleles, id or gene."),
    "least": ("number", "Size of the effect, at least."),
    "percentile": ("number", "Of the size among nulls, at least."),
    "known": ("integer", "1: only what the networks agree on."),
    "sign": ("string", "both, raises or lowers."),
    "order": ("string", "effect, place, percentile or gene."),
    "first": ("integer", "Of the sites that are given, from 0."),
}
