"""What was found in a table of scored variants, as a file: TSV, or VCF with INFO fields.

Both count from 1. The VCF has a line an allele, in the order of the genome.
"""

from __future__ import annotations

import re

import numpy as np

from sighthound.app.variants.tables import Selection
from sighthound.core.genome.sequence import Genome
from sighthound.core.interpretation.agreement import RULE
from sighthound.core.interpretation.scores import SCORES
from sighthound.core.variants.nulls import MATCHED_ON

# Form -> kind of content.
FORMS = {"tsv": "text/tab-separated-values", "vcf": "text/plain"}
_COLUMNS = {
    "near": "nearest_gene", "near_name": "nearest_gene_name", "distance": "distance_to_its_start",
}  # fmt: skip
_NUMBERS = (
    "score", "reference", "alternative", "members_mean", "members_sd", "percentile",
    "sign_probability",
)  # fmt: skip


def written(found: Selection, form: str, genome: Genome) -> str:
    """Write the rows that were found.

    Parameters
    ----------
    form : {"tsv", "vcf"}
    """
    return _as_tsv(found) if form == "tsv" else _as_vcf(found, genome)


def _as_tsv(found: Selection) -> str:
    rows = found.rows[found.passes].drop(columns="site").rename(columns=_COLUMNS)
    rows = rows.dropna(axis=1, how="all").rename(columns={"score": found.asked.score})
    text: str = rows.to_csv(sep="\t", index=False, float_format="%.6g", lineterminator="\n")
    return text


def _as_vcf(found: Selection, genome: Genome) -> str:
    rows = found.rows[found.passes]
    score = SCORES[found.asked.score]
    there = [name for name in _NUMBERS if not rows[name].isna().all()]
    said = {
        "score": f"{score.label}, {score.formula}",
        "reference": "what the score is the difference of: of the reference",
        "alternative": "and of the alternative",
        "members_mean": "mean of the networks that taught the model",
        "members_sd": "sample standard deviation of these networks",
        "percentile": f"of the size among random substitutions matched on {MATCHED_ON}",
        "sign_probability": "probability that a measured effect has the sign of the prediction",
    }
    lines = ["##fileformat=VCFv4.3"]
    lines += [f"##contig=<ID={name},length={size}>" for name, size in genome.lengths.items()]
    for name in there:
        lines.append(
            f'##INFO=<ID={_key(name, score.field)},Number=A,Type=Float,Description="{said[name]}">'
        )
    lines.append('##INFO=<ID=TRACK,Number=1,Type=String,Description="Track of the score">')
    lines.append('##INFO=<ID=GENE,Number=1,Type=String,Description="Of the score, or nearest">')
    has_known = not rows["known"].isna().all()
    if has_known:
        lines.append(f'##INFO=<ID=KNOWN,Number=A,Type=Integer,Description="1: {RULE}">')
    lines.append("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO")
    order = {chrom: rank for rank, chrom in enumerate(genome.lengths)}
    ranks = rows["chrom"].map(order).fillna(len(order)).to_numpy()
    placed = rows.iloc[np.lexsort((rows["position"].to_numpy(), ranks))]
    gene = "gene_name" if "gene" in rows else "near_name"
    for row in placed.to_dict("records"):
        fields = [
            f"{_key(name, score.field)}={row[name]:.6g}" for name in there if np.isfinite(row[name])
        ]
        fields.append(f"TRACK={_plain(row['track'])}")
        if row[gene]:
            fields.append(f"GENE={_plain(row[gene])}")
        if has_known and np.isfinite(row["known"]):
            fields.append(f"KNOWN={int(row['known'])}")
        columns = (
            row["chrom"], row["position"], row["id"] or ".", row["ref"], row["alt"], ".", ".",
            ";".join(fields),
        )  # fmt: skip
        lines.append("\t".join(map(str, columns)))
    return "\n".join(lines) + "\n"


def _key(name: str, field: str) -> str:
    return field if name == "score" else f"{name.upper()}_{field}"


def _plain(name: str) -> str:
    return re.sub(r"[\s,;=|]", "_", str(name))
