"""Where public databases describe a gene."""

from __future__ import annotations

import pytest

from sighthound.core.annotation.genes import Gene
from sighthound.core.annotation.links import GeneLink, gene_links


def links(identifier: str, *aliases: str) -> list[tuple[str, str]]:
    gene = Gene(identifier, identifier, "chr1", 0, 10, "+", (), aliases=aliases)
    return [(link.database, link.url) for link in gene_links(gene)]


@pytest.mark.parametrize(
    ("reference", "database", "url"),
    [
        ("SGD:S000000063", "SGD", "https://www.yeastgenome.org/locus/S000000063"),
        ("GeneID:672", "NCBI Gene", "https://www.ncbi.nlm.nih.gov/gene/672"),
        (
            "HGNC:HGNC:1100",
            "HGNC",
            "https://www.genenames.org/data/gene-symbol-report/#!/hgnc_id/HGNC:1100",
        ),
        ("MGI:MGI:97490", "MGI", "https://www.informatics.jax.org/accession/MGI:97490"),
        ("Ensembl:ENSG00000012048", "Ensembl", "https://www.ensembl.org/id/ENSG00000012048"),
        ("FLYBASE:FBgn0000490", "FlyBase", "https://flybase.org/reports/FBgn0000490"),
    ],
)
def test_a_cross_reference_leads_to_its_database(reference: str, database: str, url: str) -> None:
    assert links("gene1", reference) == [(database, url)]


def test_an_id_that_is_a_databases_own_leads_there_without_a_cross_reference() -> None:
    assert links("YAL001C") == [("SGD", "https://www.yeastgenome.org/locus/YAL001C")]
    assert links("ENSG00000012048.23") == [
        ("Ensembl", "https://www.ensembl.org/id/ENSG00000012048")
    ]
    assert links("gene1", "TFC3") == []


def test_a_database_is_named_once_by_its_cross_reference() -> None:
    gene = Gene("YAL001C", "TFC3", "chrI", 0, 9, "-", (), aliases=("SGD:S1", "SGD:S1"))
    assert gene_links(gene) == (GeneLink("SGD", "S1", "https://www.yeastgenome.org/locus/S1"),)


def test_what_a_file_says_cannot_become_another_address() -> None:
    assert links("gene1", "javascript:alert(1)", 'https://evil.org/"', "Nowhere:1") == []
    [(_, url)] = links("gene1", 'SGD:"><script>/../..')
    assert url == "https://www.yeastgenome.org/locus/%22%3E%3Cscript%3E%2F..%2F.."
