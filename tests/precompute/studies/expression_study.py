"""A small study of eQTL: genes a step apart, whose expression follows SED of nearby variants."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from sighthound.core.association.genotypes import read_panel
from sighthound.core.association.panel import Panel
from sighthound.core.expression.association import associate
from sighthound.core.project.settings import Project, load_project
from tests.core.association.panels import simulated_copies, simulated_sites, write_vcf

GENES, STEP, PEOPLE = 40, 8_000, 80
EVERY = 500  # bases between two variants
EXPRESSED = 6  # variants about a start that have SED
_SETTINGS = """
[genome]
name = "study"
fasta = "genome.fa"
genes = "genes.gff3"
[tracks]
table = "tracks.tsv"
[dataset]
sequence_length = 4096
bin = 64
crop = 8
test = ["chrI"]
"""


@dataclass(frozen=True)
class Study:
    """The files of a study."""

    folder: Path

    @property
    def project(self) -> Project:
        return load_project(self.folder)

    @property
    def panel(self) -> Panel:
        return read_panel(self.folder / "calls.vcf")

    def expression(self) -> pd.DataFrame:
        return pd.read_csv(self.folder / "cells.tsv", sep="\t", index_col=0)

    def samples(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text)
        return path

    def statistics(self) -> pd.DataFrame:
        """Associations as GTEx has them, of each gene with the variants around it."""
        panel, parts = self.panel, []
        sites = panel.sites
        for number, (name, values) in enumerate(self.expression().iterrows()):
            start = (number + 1) * STEP
            near = np.flatnonzero(np.abs(sites.position - start) <= STEP)
            dosages = panel.take(near).dosages(0, len(near))
            z, log10_p = associate(dosages, values.to_numpy(float))
            parts.append(
                pd.DataFrame(
                    {
                        "gene_id": name,
                        "variant_id": [
                            f"{sites.chrom[v]}_{sites.position[v] + 1}_{sites.other[v]}_"
                            f"{sites.counted[v]}_b1"
                            for v in near
                        ],
                        "pval_nominal": 10**-log10_p, "slope": z / 10, "slope_se": 0.1,
                    }
                )
            )  # fmt: skip
        return pd.concat(parts, ignore_index=True)


def make_study(folder: Path, effect: float = 1.0, seed: int = 0) -> Study:
    """Write genome, genes, tracks, genotypes, SED and expression."""
    folder.mkdir()
    rng = np.random.default_rng(seed)
    length = (GENES + 1) * STEP
    (folder / "genome.fa").write_text(f">chrI\n{'ACGT' * (length // 4)}\n")
    strands = ["+-"[number % 2] for number in range(GENES)]
    starts = [(number + 1) * STEP for number in range(GENES)]
    lines = ["##gff-version 3"]
    for number, (start, strand) in enumerate(zip(starts, strands, strict=True)):
        first, last = (start + 1, start + 900) if strand == "+" else (start - 899, start + 1)
        lines.append(f"chrI\tt\tgene\t{first}\t{last}\t.\t{strand}\t.\tID=G{number}")
    (folder / "genes.gff3").write_text("\n".join(lines) + "\n")
    (folder / "sighthound.toml").write_text(_SETTINGS)
    (folder / "tracks.tsv").write_text(
        "id\tname\tassay\tstrand\nplus\tplus\tCAGE\t+\nminus\tminus\tCAGE\t-\natac\tatac\tATAC\t.\n"
    )
    sites = simulated_sites(length // EVERY - 2, ("chrI",), step=EVERY)
    copies = simulated_copies(len(sites), PEOPLE, seed=seed)
    write_vcf(folder / "calls.vcf", sites, copies)
    rows, expression = [], {}
    for number, (start, strand) in enumerate(zip(starts, strands, strict=True)):
        near = np.argsort(np.abs(sites.position - start), kind="stable")[:EXPRESSED]
        sed = rng.normal(size=EXPRESSED) * rng.exponential(size=EXPRESSED)
        for variant, value in zip(near, sed, strict=True):
            track = "plus" if strand == "+" else "minus"
            row = {
                "chrom": "chrI", "position": sites.position[variant] + 1,
                "ref": sites.other[variant], "alt": sites.counted[variant], "gene": f"G{number}",
                "score": "sed",
            }  # fmt: skip
            for word, own in (("score", value), ("reference", 9.0), ("alternative", 9 + value)):
                rows.append(row | {"value": word, "plus": 0.0, "minus": 0.0, track: own})
        expression[f"G{number}"] = effect * sed @ copies[near] + rng.normal(size=PEOPLE)
    pd.DataFrame(rows).to_parquet(folder / "sed.parquet")
    people = [f"person{number}" for number in range(PEOPLE)]
    pd.DataFrame(expression, index=people).T.to_csv(
        folder / "cells.tsv", sep="\t", index_label="gene"
    )
    text = "sample\texpression\ttrack\ncells\tcells.tsv\tplus\ncells\tcells.tsv\tminus\n"
    (folder / "samples.tsv").write_text(text)
    return Study(folder)
