"""Which column of a table of variants is what, by the names that the field uses.

Summary statistics: GWAS-SSF, GTEx, eQTL Catalogue, PLINK 1.9 and 2, fastGWA, REGENIE, BOLT-LMM,
SAIGE, LDSC, METAL, LocusZoom, SLALOM; and tables of measured effects, whose further names are in
`core.truth.columns`. Nothing is guessed: of which allele an effect is must follow from the names of
both columns, or be said by who gives the table. Names count without case, points, dashes and
blanks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from sighthound.core.errors import SighthoundError

# What a column may hold -> names that it goes by, in the order of preference.
ROLES: Mapping[str, Sequence[str]] = {
    "chrom": (
        "chromosome", "chrom", "chr", "hm_chrom", "contig", "variant_chr", "seqnames", "seqid",
        "chr_id",
    ),
    "position": (
        "base_pair_location", "position", "pos", "bp", "genpos", "hm_pos", "variant_pos",
        "pos_vcf", "chr_pos",
    ),
    "id": (
        "rs_id", "rsid", "snp", "snpid", "id", "markername", "markerid", "variant_id", "variant",
        "hm_rsid", "snps",
    ),
    "beta": ("beta", "slope", "b", "effect", "hm_beta"),
    "odds_ratio": ("odds_ratio", "or", "hm_odds_ratio"),
    "se": ("standard_error", "se", "slope_se", "stderr", "sebeta", "stderr_beta", "log(or)_se"),
    "z": ("z", "zscore", "z_score", "z_stat", "t_stat", "z_or_t_stat", "tstat", "stat",
          "z_or_f_stat", "t_or_f_stat"),
    "p": ("p_value", "p", "pval", "pvalue", "pval_nominal", "p-value", "p_bolt_lmm",
          "p_bolt_lmm_inf", "hm_p"),
    "log10_p": ("neg_log_10_p_value", "log10p", "mlog10p", "log_pvalue", "neg_log_pvalue",
                "neg_log10_p", "neg_log10_pvalue"),
    "n": ("n", "n_total", "n_samples", "obs_ct", "nmiss", "sample_size", "neff", "totalsamplesize"),
    "frequency": (
        "effect_allele_frequency", "eaf", "af1", "a1freq", "a1_freq", "freq1", "af", "freq",
        "all_meta_af", "af_allele2", "alt_allele_freq",
    ),
    "gene": ("molecular_trait_id", "gene_id", "phenotype_id", "gene"),
    "test": ("test",),
}  # fmt: skip
# Names of the effect allele's column and of the other's, with what says so.
ALLELES: Sequence[tuple[str, str, str]] = (
    ("effect_allele", "other_allele", "GWAS-SSF"),
    ("hm_effect_allele", "hm_other_allele", "harmonised GWAS Catalog"),
    ("effect_allele", "non_effect_allele", "by name"),
    ("effect_allele", "noneffect_allele", "by name"),
    ("effect_allele", "reference_allele", "by name"),
    ("ea", "nea", "by name"),
    ("ea", "oa", "by name"),
    ("tested_allele", "other_allele", "by name"),
    ("allele1", "allele0", "BOLT-LMM and REGENIE"),
    ("a1", "a2", "PLINK, fastGWA and LDSC"),
    ("a1", "omitted", "PLINK 2"),
    ("a1", "ax", "PLINK 2"),
    ("a1", "ref or alt", "PLINK 2"),
    *(
        (alt, ref, "REF and ALT")
        for alt in ("alt", "alternative", "alternate", "alt_allele", "alternative_allele")
        for ref in ("ref", "reference", "ref_allele", "reference_allele")
    ),
    ("counted", "other", "our own tables"),
)
# Columns that, all there, tell of whom the bare names allele1 and allele2 are.
LAYOUTS: Sequence[tuple[frozenset[str], tuple[str, str, str]]] = (
    (
        frozenset({"allele1", "allele2", "af_allele2"}),
        ("allele2", "allele1", "SAIGE: allele1 is REF"),
    ),
    (frozenset({"markername", "allele1", "allele2"}), ("allele1", "allele2", "METAL")),
    (
        frozenset({"rsid", "chromosome", "position", "allele1", "allele2", "beta", "se"}),
        ("allele2", "allele1", "SLALOM: allele1 is REF"),
    ),
)
# Roles of columns that say which variant a row is of; and names that are no annotation either.
PLACES = ("chrom", "position", "id", "effect", "other", "gene")
_NO_ANNOTATION = {"cm", "maf", "record", "allele", "flipped"}
# Of rows of a regression (PLINK, REGENIE), what an allele does; what one does in other models, each
# a regression of its own; and what belongs to another row's.
ADDITIVE = "ADD"
OTHER_MODELS = ("DOM", "REC", "HETONLY")
PARTS_OF_MODELS = ("DOMDEV", "GENO_2DF", "HET", "HOM", "2DF", "USER_2DF", "ADD-INT_SNP")
REF_OR_ALT = "ref or alt"
IN_ID = "the last of its variants' names"
# chr1_13550_G_A_b38 of GTEx, 10:114552267_A/G of LocusZoom, 4-1234-A-G, chr1:5:A:G of ours; "-" is
# no base, and what comes after the alleles is the table's own.
IN_ID_PATTERN = (
    r"^(?P<chrom>\S+?)[:_-](?P<position>\d+)[:_-]?(?P<ref>[A-Za-z-]+)[:_>/-](?P<alt>[A-Za-z]+|-)"
    r"(?:[:_].*)?$"
)


def plain(name: str) -> str:
    """Give what counts of a column's name.

    Examples
    --------
    >>> plain("#adj.P.Val")
    'adjpval'
    """
    return re.sub(r"[^a-z0-9]", "", name.lower())


def roles_of(
    names: Sequence[str],
    chosen: Mapping[str, str],
    source: str,
    roles: Mapping[str, Sequence[str]] = ROLES,
) -> tuple[dict[str, str], str]:
    """Find the columns of a table.

    Parameters
    ----------
    names : sequence of str
        As the table has them.
    chosen : mapping
        Role ("effect", "other" or one of `roles`) -> a column's name, as the user says it.
    source : str
        For errors.
    roles : mapping
        What a column may hold -> its usual names.

    Returns
    -------
    columns : dict
        Role -> name, of those found.
    why : str
        Whose names the alleles' columns are; empty where there are none.

    Raises
    ------
    SighthoundError
        A chosen column is not there.
    """
    known = {plain(name): name for name in reversed(names)}
    found: dict[str, str] = {}
    for role, name in chosen.items():
        if name not in names:
            raise SighthoundError(
                f"{source} has no column {name!r} for the {role.replace('_', ' ')}; it has "
                f"{', '.join(names[:30])}"
            )
        found[role] = name
    for role, usual in roles.items():
        for one in map(plain, usual):
            if role not in found and one in known and known[one] not in found.values():
                found[role] = known[one]
    if "effect" in found and "other" in found:
        return found, "as you say"
    for effect, other, why in (*_layouts(known), *ALLELES):
        of, against = known.get(plain(effect)), known.get(plain(other))
        if other == REF_OR_ALT:
            against = REF_OR_ALT if {"ref", "alt"} <= known.keys() else None
        if of is None or against is None:
            continue
        if (found.get("effect", of), found.get("other", against)) == (of, against):
            return {**found, "effect": of, "other": against}, why
    return found, ""


def _layouts(known: Mapping[str, str]) -> list[tuple[str, str, str]]:
    return [pair for needed, pair in LAYOUTS if set(map(plain, needed)) <= known.keys()]


def number_columns(names: Sequence[str], found: Mapping[str, str]) -> list[str]:
    """Give the columns that say neither where a variant is nor what it is."""
    taken = {found[role] for role in PLACES if role in found}
    return [n for n in names if n not in taken and n.lower() not in _NO_ANNOTATION]
