"""The public studies of yeast become a panel, expression, and measured effects."""

import gzip
from pathlib import Path

import pandas as pd
import pytest

from sighthound.core import Interval, load_project
from sighthound.core.association.genotypes import read_panel
from sighthound.core.errors import SighthoundError
from sighthound.core.expression.tables import read_people_table
from sighthound.core.genome.sequence import Genome
from sighthound.precompute.recipes.yeast_eqtl import write_study
from tests.tiny import make_project

PLACES = (100, 900, 1_600)  # 0-based


@pytest.fixture
def genome(tmp_path: Path) -> Genome:
    project = make_project(tmp_path / "lab", model=False, predictions=False)
    return load_project(project).open_genome()


@pytest.fixture
def data(genome: Genome, tmp_path: Path) -> Path:
    """Markers at 101 and 1,501; RM differs at three places and BY at none."""
    folder = tmp_path / "data"
    for name in ("eqtl", "effects", "variants"):
        (folder / name).mkdir(parents=True)

    def table(name: str, text: str) -> None:
        with gzip.open(folder / "eqtl" / f"{name}.tsv.gz", "wt") as file:
            file.write(text)

    table("marker", "\ts1\ts2\nM1\t1\t0\nM2\t0\t0\n")
    table("marker.pos", "\tchromosome\tposition\nM1\tI\t101\nM2\tI\t1501\n")
    for ending in "ge":
        table(f"exp.{ending}", "\tX1.s1.c\tX2.s2.c\nYAL1\t0.5\t-1\nYAL1\t0.5\t-1\n")
    lines = [
        "##fileformat=VCFv4.2", "##contig=<ID=chrI>",
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="G">',
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tBYa\tRMx",
    ]  # fmt: skip
    for place in PLACES:
        ref = genome.sequence(Interval("chrI", place, place + 1))
        lines.append(f"chrI\t{place + 1}\t.\t{ref}\t{'CA'[ref == 'C']}\t.\t.\t.\tGT\t0\t1")
    with gzip.open(folder / "variants" / "BY_RM.plain-gzip.vcf.gz", "wt") as file:
        file.write("\n".join(lines) + "\n")
    (folder / "effects" / "eqtl_ase.tsv").write_text(
        "gene\tlocal_eQTL_LOD\tASE_fc\teQTL_fc\nA\t60\t0.5\t0.4\nB\t3\tNA\t0.1\nC\tNA\t1\t1\n"
    )
    return folder


def test_a_variant_is_the_parents_of_the_nearest_marker(
    genome: Genome, data: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    said = write_study(genome, data, out)
    panel = read_panel(out / "genotypes.vcf")
    assert panel.samples == ("s1", "s2")
    assert panel.sites.position.tolist() == list(PLACES)
    # Marker 1 is BY, which has none of RM's alleles.
    assert panel.dosages(0, 3).tolist() == [[0, 2], [2, 2], [2, 2]]
    assert "3 variants of RMx in 2 segregants" in said
    expression = read_people_table(out / "glucose.tsv")
    assert (expression.rows, expression.people) == (("YAL1",), ("s1", "s2"))


def test_measured_effects_are_in_groups_of_their_lod(
    genome: Genome, data: Path, tmp_path: Path
) -> None:
    write_study(genome, data, tmp_path / "out")
    table = pd.read_csv(tmp_path / "out" / "measured.tsv", sep="\t")
    assert table.to_numpy().tolist() == [
        ["A", "allele-specific", "LOD 50+", 0.5],
        ["A", "local eQTL", "LOD 50+", 0.4],
        ["B", "local eQTL", "LOD 0-10", 0.1],
    ]


def test_a_missing_file_is_named(genome: Genome, data: Path, tmp_path: Path) -> None:
    (data / "eqtl" / "marker.tsv.gz").unlink()
    with pytest.raises(SighthoundError, match=r"marker\.tsv\.gz is missing"):
        write_study(genome, data, tmp_path / "out")
    assert not (tmp_path / "out").exists()
