"""Chromosomes named by RefSeq accession, each version of one assembly."""

import pytest

from sighthound.core.errors import SighthoundError
from sighthound.core.genome.accessions import chromosome_of
from sighthound.core.genome.chromosomes import Chromosomes

HUMAN = Chromosomes({"chr1": 248_956_422, "chr2": 242_193_529, "chrX": 156_040_895}, "g.fa")
YEAST = Chromosomes(
    {"chrI": 230_218, "chrII": 813_184, "chrIII": 316_620, "chrIV": 1_531_933}, "g.fa"
)


@pytest.mark.parametrize(
    ("name", "where", "expected"),
    [
        ("NC_000001.11", HUMAN, "chr1"),
        ("nc_000023.11", HUMAN, "chrX"),
        ("NC_000002", HUMAN, "chr2"),
        ("NC_001136.10", YEAST, "chrIV"),
        ("chrII", YEAST, "chrII"),
    ],
)
def test_accessions_name_the_chromosomes_of_their_assembly(name, where, expected):
    assert chromosome_of(name, where) == expected


@pytest.mark.parametrize(
    ("name", "where", "message"),
    [
        ("NC_000001.10", HUMAN, "not of the genome's assembly, GRCh38, .* NC_000001.11"),
        ("NC_000001.11", YEAST, "unknown chromosome"),
        ("NC_001136.10", HUMAN, "unknown chromosome"),
    ],
)
def test_accessions_of_another_assembly_are_refused(name, where, message):
    with pytest.raises(SighthoundError, match=message):
        chromosome_of(name, where)
