"""The public eQTL studies of yeast, as `sighthound eqtl` reads them: see docs/eqtl.md.

`python -m sighthound.precompute.recipes.yeast_eqtl PROJECT DATA OUT` writes into the folder OUT

- genotypes.vcf: 109 segregants of strains BY and RM (Smith & Kruglyak 2008) at all variants that RM
  carries. They were typed at 2,820 markers; a variant is the parent's of the nearest marker.
- glucose.tsv, ethanol.tsv: their expression; samples.tsv: which tracks of the demo's it is held
  against;
- measured.tsv: effects of RM's alleles on genes of odd chromosomes: of the local eQTL in 1,012
  other segregants, and allele-specific in the hybrid (Albert et al. 2018, and two studies there).

DATA holds eqtl/, effects/ and variants/.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from sighthound.core.errors import SighthoundError
from sighthound.core.files import write_text
from sighthound.core.genome.sequence import Genome
from sighthound.core.project.settings import load_project
from sighthound.core.variants.individual import read_individual

VARIANTS, STRAIN = "variants/BY_RM.plain-gzip.vcf.gz", "RMx"
EFFECTS = "effects/eqtl_ase.tsv"
CONDITIONS = {"glucose": "g", "ethanol": "e"}
OF_BY = 1  # how the markers' table calls an allele of BY
LODS = (10, 50)
# sample, its track on either strand, and the bases about a start that a haplotype's effect sums.
READOUTS = (
    ("glucose", "glucose.tsv", "STRIPE_WT_plus", "STRIPE_WT_minus", 512, 512),
    ("ethanol", "ethanol.tsv", "STRIPE_WT_plus", "STRIPE_WT_minus", 512, 512),
    ("RNA", "", "RNA_fwd", "RNA_rev", 0, 1024),
)
_HEAD = ("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT")
_SAMPLES = ("sample", "expression", "track", "upstream", "downstream")


def write_study(genome: Genome, data: Path, out: Path) -> list[str]:
    """Write the study's files.

    Returns
    -------
    list of str
        What was found, in words.

    Raises
    ------
    SighthoundError
        A file of the data is missing or is of another genome.
    """
    markers = _table(data / "eqtl" / "marker.tsv.gz")
    places = _table(data / "eqtl" / "marker.pos.tsv.gz").loc[markers.index]
    carries = (markers.to_numpy() != OF_BY).astype(int)
    individual, lines = read_individual(data / VARIANTS, genome, STRAIN)
    of_chrom: dict[str, list[int]] = {}
    for row, number in enumerate(places["chromosome"]):
        of_chrom.setdefault(genome.resolve(str(number)), []).append(row)
    people = [str(name) for name in markers.columns]
    text = ["##fileformat=VCFv4.2", '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">']
    text += [f"##contig=<ID={name},length={length}>" for name, length in genome.lengths.items()]
    text.append("\t".join([*_HEAD, *people]))
    written = 0
    for chrom, variants in individual.copies[0].items():
        if chrom not in of_chrom:
            continue
        rows = np.array(of_chrom[chrom])
        typed = places["position"].to_numpy()[rows]
        rows, typed = rows[np.argsort(typed, kind="stable")], np.sort(typed)
        calls = ["\t".join(map(str, carries[row])) for row in rows]
        for variant in variants:
            at = int(np.searchsorted(typed, variant.position))
            near = min(max(at - 1, 0), len(typed) - 1), min(at, len(typed) - 1)
            nearest = min(near, key=lambda n: abs(typed[n] - variant.position))
            text.append(
                f"{chrom}\t{variant.position + 1}\t.\t{variant.ref}\t{variant.alt}\t.\t.\t.\tGT\t"
                f"{calls[nearest]}"
            )
            written += 1
    out.mkdir(parents=True, exist_ok=True)
    write_text(out / "genotypes.vcf", "\n".join(text) + "\n")
    said = [*lines, f"{written:,} variants of {STRAIN} in {len(people):,} segregants"]
    for condition, ending in CONDITIONS.items():
        expression = _table(data / "eqtl" / f"exp.{ending}.tsv.gz")
        # X100E.20_4_c.ethanol is the expression of segregant 20_4_c.
        expression.columns = [str(name).split(".")[1] for name in expression.columns]
        write_text(out / f"{condition}.tsv", expression.to_csv(sep="\t", index_label="gene"))
        said.append(f"{condition}: {len(expression):,} genes")
    rows_of_samples = [
        (name, file, track, up, down)
        for name, file, *tracks, up, down in READOUTS
        for track in tracks
    ]
    samples = pd.DataFrame(rows_of_samples, columns=list(_SAMPLES))
    write_text(out / "samples.tsv", samples.to_csv(sep="\t", index=False))
    measured = measured_effects(data)
    write_text(out / "measured.tsv", measured.to_csv(sep="\t", index=False))
    said.append(f"{measured['gene'].nunique():,} genes with measured effects of RM's alleles")
    return said


def measured_effects(data: Path) -> pd.DataFrame:
    """Give measured effects of RM's alleles: columns gene, experiment, group and effect.

    Effects are log2 of RM over BY; groups are of the LOD of the local eQTL.
    """
    path = data / EFFECTS
    if not path.is_file():
        raise SighthoundError(f"{path} is missing; expected the folder of measured effects")
    frame = pd.read_csv(path, sep="\t").drop_duplicates("gene").dropna(subset=["local_eQTL_LOD"])
    low, high = LODS
    words = [f"LOD 0-{low}", f"LOD {low}-{high}", f"LOD {high}+"]
    group = np.array(words)[np.searchsorted(LODS, frame["local_eQTL_LOD"])]
    parts = [
        pd.DataFrame({"gene": frame["gene"], "experiment": name, "group": group,
                      "effect": frame[column]})
        for name, column in (("allele-specific", "ASE_fc"), ("local eQTL", "eQTL_fc"))
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True).dropna(subset=["effect"])


def _table(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise SighthoundError(f"{path} is missing; expected the folder of the yeast data")
    table = pd.read_csv(path, sep="\t", index_col=0)
    return table[~table.index.duplicated()]


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("usage: python -m sighthound.precompute.recipes.yeast_eqtl PROJECT DATA OUT")
    try:
        genome_ = load_project(Path(sys.argv[1])).open_genome()
        print(*write_study(genome_, Path(sys.argv[2]), Path(sys.argv[3])), sep="\n")
    except SighthoundError as error:
        sys.exit(f"sighthound: {error}")
