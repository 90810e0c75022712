"""Which column of somebody's table of measured effects is what.

The finder is that of all tables of variants, `core.association.columns`, to whose names those that
only such tables have are added. Alleles are REF and ALT here: an effect is of ALT against REF.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from sighthound.core.association.columns import ALLELES, REF_OR_ALT, ROLES, plain, roles_of
from sighthound.core.errors import SighthoundError

# What people call a column here -> its role in every table of variants, where that is another.
_ROLE = {"variant": "id", "ref": "other", "alt": "effect", "effect": "beta"}
# The names of further columns, and of those whose names are of another kind here.
_OWN: Mapping[str, Sequence[str]] = {
    "id": ("variant", "variant_id", "snp", "snp_id", "id", "name"),
    "beta": (
        "effect", "effect_size", "log2fc", "logfc", "log2_fold_change", "log_fold_change", "lfc",
        "log2", "log2_ratio", *ROLES["beta"], "coefficient", "coef", "estimate", "value",
    ),
    "q": ("fdr", "adj_p_val", "adj_p_value", "padj", "qvalue", "qval", "q", "p_adjusted", "bh"),
    "element": ("element", "region", "enhancer", "promoter", "amplicon", "oligo", "locus"),
    "experiment": (
        "experiment", "assay", "library", "dataset", "replicate", "cell_line", "cell_type", "cell",
        "tissue", "condition",
    ),
    "strand": ("strand", "orientation"),
    "gene": ("gene", *ROLES["gene"], "gene_name", "gene_symbol", "target_gene"),
    "release": ("release", "assembly", "build", "genome_build", "genome"),
}  # fmt: skip
# What people may call a column with --column, in the order in which columns are told.
NAMES = (
    "variant", "chrom", "position", "ref", "alt", "effect", "p", "q", "element", "experiment",
    "strand", "gene", "release",
)  # fmt: skip
_PLACE = ("chrom", "position", "ref", "alt")


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
        One of `NAMES` -> name of the column. With all of chrom, position, ref and alt, "variant" is
        not among them.

    Raises
    ------
    SighthoundError
        No place, no allele or no effect; a name that the table does not have; an effect that is of
        REF in some rows.

    Examples
    --------
    >>> find_columns(Path("a.csv"), ["#CHROM", "Pos", "Ref", "Alt", "adj.P.Val", "logFC"])["q"]
    'adj.P.Val'
    """
    for what, name in (named or {}).items():
        if what not in NAMES:
            raise SighthoundError(f"unknown kind of column {what!r}; known: {', '.join(NAMES)}")
        if name not in header:
            raise SighthoundError(f"{path} has no column {name!r}; it has {_listed(header)}")
    chosen = {_ROLE.get(what, what): name for what, name in (named or {}).items()}
    if ("effect" in chosen) != ("other" in chosen):
        chosen |= _partner(header, chosen)
    of_role, _ = roles_of(header, chosen, str(path), {**ROLES, **_OWN})
    if of_role.get("other") == REF_OR_ALT:
        raise SighthoundError(
            f"{path}: effects are of {of_role['effect']}, which may be REF; expected effects of "
            "ALT: give them so, or say --column alt=NAME --column ref=NAME"
        )
    roles = {what: _ROLE.get(what, what) for what in NAMES}
    found = {what: of_role[role] for what, role in roles.items() if role in of_role}
    missing = [what for what in _PLACE if what not in found]
    if not missing:
        found.pop("variant", None)
    elif "variant" not in found:
        # One allele alone tells nothing; it is the other that lacks.
        missing = [what for what in missing if not _usual(header, _ROLE.get(what, ""))] or missing
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
    return found


def _partner(header: Sequence[str], chosen: Mapping[str, str]) -> dict[str, str]:
    """The other allele by any of its names, where somebody said which column one allele is."""
    role = "other" if "effect" in chosen else "effect"
    left = [name for name in header if name not in chosen.values()]
    usual = _usual(left, role)
    return {role: usual[0]} if usual else {}


def _usual(header: Sequence[str], role: str) -> list[str]:
    """Columns that are by name the effect allele's ("effect") or the other's, the surest first."""
    known = {plain(name): name for name in reversed(header)}
    side = {"effect": 0, "other": 1}.get(role)
    usual = [] if side is None else [plain(p[side]) for p in ALLELES if REF_OR_ALT not in p]
    return [known[name] for name in dict.fromkeys(usual) if name in known]


def _listed(header: Sequence[str]) -> str:
    shown = ", ".join(header[:12])
    return f"{shown}, ..." if len(header) > 12 else shown
