"""Which column of somebody's table of measured effects is what, by the names that are usual."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from sighthound.core.errors import SighthoundError

# What a column is -> names that it has, the surest first, without case, points, dashes and spaces.
NAMES: dict[str, tuple[str, ...]] = {
    "variant": ("variant", "variantid", "snp", "snpid", "id", "name"),
    "chrom": ("chrom", "chromosome", "chr", "seqnames", "seqid", "contig"),
    "position": ("pos", "position", "bp", "basepairlocation", "genpos", "posvcf"),
    "ref": ("ref", "reference", "refallele", "referenceallele", "otherallele", "noneffectallele"),
    "alt": ("alt", "alternative", "alternate", "altallele", "alternativeallele", "effectallele"),
    "effect": (
        "effect", "effectsize", "log2fc", "logfc", "log2foldchange", "logfoldchange", "lfc", "log2",
        "log2ratio", "beta", "coefficient", "coef", "slope", "estimate", "value",
    ),
    "p": ("p", "pvalue", "pval", "pvalnominal"),
    "q": ("fdr", "adjpval", "adjpvalue", "padj", "qvalue", "qval", "q", "padjusted", "bh"),
    "element": ("element", "region", "enhancer", "promoter", "amplicon", "oligo", "locus"),
    "experiment": ("experiment", "assay", "library", "dataset", "replicate", "cellline",
                   "celltype", "cell", "tissue", "condition"),
    "strand": ("strand", "orientation"),
    "gene": ("gene", "geneid", "genename", "genesymbol", "targetgene", "phenotypeid"),
    "release": ("release", "assembly", "build", "genomebuild", "genome"),
}  # fmt: skip
_PLACE = ("chrom", "position", "ref", "alt")
# chrIV:1234:A:G, chrI_33070_A_T, 4-1234-A-G; what comes after the alleles is the table's own.
VARIANT = re.compile(
    r"^(?P<chrom>.+?)[:_-](?P<position>\d+)[:_-]?(?P<ref>[A-Za-z-]+)[:_>/-](?P<alt>[A-Za-z]+|-)"
    r"(?:[:_].*)?$"
)


def find_columns(
    path: Path, header: Sequence[str], named: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Say which column of a table is what.

    Parameters
    ----------
    path : path
        For errors.
    header : sequence of str
        The table's names of columns.
    named : mapping, optional
        What a column is -> its name, where somebody said so.

    Returns
    -------
    dict
        Key of `NAMES` -> name of the column. With all of chrom, position, ref and alt, "variant" is
        not among them.

    Raises
    ------
    SighthoundError
        No place, no allele or no effect; a name that the table does not have.

    Examples
    --------
    >>> find_columns(Path("a.csv"), ["#CHROM", "Pos", "Ref", "Alt", "adj.P.Val", "logFC"])["q"]
    'adj.P.Val'
    """
    found: dict[str, str] = {}
    for what, name in (named or {}).items():
        if what not in NAMES:
            raise SighthoundError(f"unknown kind of column {what!r}; known: {', '.join(NAMES)}")
        if name not in header:
            raise SighthoundError(f"{path} has no column {name!r}; it has {_listed(header)}")
        found[what] = name
    plain: dict[str, str] = {}
    for name in header:
        plain.setdefault(re.sub(r"[^a-z0-9]", "", name.lower()), name)
    for what, usual in NAMES.items():
        known = [plain[one] for one in usual if one in plain]
        if known and known[0] not in found.values():
            found.setdefault(what, known[0])
    missing = [what for what in _PLACE if what not in found]
    if not missing:
        found.pop("variant", None)
    elif "variant" not in found:
        raise SighthoundError(
            f"{path} has no column of {' and '.join(missing)}, nor one of variants as "
            f"chrom:position:ref:alt; it has {_listed(header)}: name them as in --column "
            f"{missing[0]}=NAME"
        )
    if "effect" not in found:
        raise SighthoundError(
            f"{path} has no column of effects, as effect, logFC or beta; it has "
            f"{_listed(header)}: name it with --column effect=NAME"
        )
    return {what: found[what] for what in NAMES if what in found}


def _listed(header: Sequence[str]) -> str:
    shown = ", ".join(header[:12])
    return f"{shown}, ..." if len(header) > 12 else shown
