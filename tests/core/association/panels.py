"""Tiny panels: simulated genotypes whose neighbours are in LD, and the files they come in."""

from pathlib import Path

import numpy as np

from sighthound.core.association.genotypes import read_panel
from sighthound.core.association.panel import Panel, pack
from sighthound.core.association.sites import Sites

ALLELES = ("AG", "CT", "GA", "TC", "AC", "GT")


def simulated_copies(
    variants: int = 40, people: int = 60, missing: float = 0.0, seed: int = 1
) -> np.ndarray:
    """Copies of the counted allele, (variants, people), NaN where missing: a chain of switches."""
    rng = np.random.default_rng(seed)
    haplotypes = np.empty((variants, 2 * people), np.int8)
    frequency = rng.uniform(0.15, 0.85, variants)
    draws = rng.random((variants, 2 * people))
    haplotypes[0] = draws[0] < frequency[0]
    for number in range(1, variants):
        fresh = rng.random(2 * people) < 0.3
        haplotypes[number] = np.where(
            fresh, draws[number] < frequency[number], haplotypes[number - 1]
        )
    turned = rng.random(variants) < 0.5  # so that r has both signs
    haplotypes[turned] = 1 - haplotypes[turned]
    copies = (haplotypes[:, :people] + haplotypes[:, people:]).astype(float)
    copies[rng.random(copies.shape) < missing] = np.nan
    return copies


def simulated_sites(variants: int, chroms: tuple[str, ...] = ("1",), step: int = 1000) -> Sites:
    """Sites a step apart, chromosomes of equal numbers, alleles that are no pairs."""
    chrom = [chroms[number * len(chroms) // variants] for number in range(variants)]
    pairs = [ALLELES[number % len(ALLELES)] for number in range(variants)]
    return Sites.of(
        chrom, [step * (number + 1) for number in range(variants)],
        [f"rs{number + 1}" for number in range(variants)],
        [pair[0] for pair in pairs], [pair[1] for pair in pairs],
        [0.001 * number for number in range(variants)],
    )  # fmt: skip


def simulated_panel(
    variants: int = 40, people: int = 60, missing: float = 0.0, seed: int = 1, step: int = 1000
) -> tuple[Panel, np.ndarray]:
    """A panel and its copies."""
    copies = simulated_copies(variants, people, missing, seed)
    names = [f"person{number}" for number in range(people)]
    return Panel(Path("panel"), names, simulated_sites(variants, step=step), pack(copies)), copies


def write_plink(stem: Path, sites: Sites, copies: np.ndarray) -> Path:
    """Write .bed, .bim and .fam; gives their prefix."""
    Path(f"{stem}.bed").write_bytes(b"\x6c\x1b\x01" + pack(copies).tobytes())
    with Path(f"{stem}.bim").open("w") as file:
        for n in range(len(sites)):
            file.write(
                f"{sites.chrom[n]}\t{sites.id[n]}\t{sites.centimorgans[n]:g}\t"
                f"{sites.position[n] + 1}\t{sites.counted[n]}\t{sites.other[n]}\n"
            )
    people = copies.shape[1]
    Path(f"{stem}.fam").write_text("".join(f"f{n} person{n} 0 0 0 -9\n" for n in range(people)))
    return stem


def write_vcf(path: Path, sites: Sites, copies: np.ndarray, phased: bool = False) -> Path:
    """Write a VCF whose ALT is the counted allele."""
    mark = "|" if phased else "/"
    calls = {0: f"0{mark}0", 1: f"0{mark}1", 2: f"1{mark}1"}
    lines = ["##fileformat=VCFv4.2", '##FORMAT=<ID=GT,Number=1,Type=String,Description="G">']
    lines += [f"##contig=<ID={chrom}>" for chrom in dict.fromkeys(sites.chrom)]
    names = "\t".join(f"person{n}" for n in range(copies.shape[1]))
    lines.append(f"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{names}")
    for n, row in enumerate(copies):
        genotypes = "\t".join(f".{mark}." if np.isnan(c) else calls[int(c)] for c in row)
        lines.append(
            f"{sites.chrom[n]}\t{sites.position[n] + 1}\t{sites.id[n]}\t{sites.other[n]}\t"
            f"{sites.counted[n]}\t.\t.\t.\tGT\t{genotypes}"
        )
    path.write_text("\n".join(lines) + "\n")
    return path


def plink_panel(folder: Path, **options: float) -> Panel:
    """A panel read from files of PLINK."""
    panel, copies = simulated_panel(**options)  # type: ignore[arg-type]
    return read_panel(write_plink(folder / "panel", panel.sites, copies))
