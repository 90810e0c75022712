"""What a person types, found: regions, genes by any name, variants and their ids."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pysam
import pytest
from flask.testing import FlaskClient

from sighthound.app.api.search import Finder
from sighthound.app.project_state import Catalogue
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Interval
from sighthound.core.project.settings import load_project
from tests.app.conftest import LENGTHS

Result = tuple[str, str, int, int]


@pytest.fixture
def found(web: FlaskClient) -> Callable[..., list[Result]]:
    def ask(text: str, **here: str) -> list[Result]:
        response = web.get("/api/v1/search", query_string={"q": text, **here})
        assert response.status_code == 200, response.get_json()
        results = response.get_json()["results"]
        return [(r["kind"], r["label"], r["start"], r["end"]) for r in results]

    return ask


def test_search_finds_genes_regions_and_chromosomes(found: Callable[..., list[Result]]) -> None:
    assert found("tfc") == [("gene", "TFC3", 1000, 3000)]
    assert found("YAL001C.1") == found("tfc"), "by the id of a transcript"
    assert found("I:101-2,000") == [("region", "chrI:101-2,000", 100, 2000)]
    assert found("chrII")[0] == ("chromosome", "chrII:1-10,258", 0, 10_258)
    assert found("") == found("no such thing") == []


def test_a_pasted_line_is_a_region(found: Callable[..., list[Result]]) -> None:
    assert found("chrI\t100\t2000\tpeak_1\t960") == [("region", "chrI:101-2,000", 100, 2000)]
    assert found("I 101 2000") == [("region", "chrI:101-2,000", 100, 2000)]
    assert found("chrII:10,000-99,999")[0][2:] == (9_999, LENGTHS["chrII"]), "cut at the end"


def test_a_number_alone_is_a_base_of_the_chromosome_looked_at(
    found: Callable[..., list[Result]],
) -> None:
    assert found("1,500", chrom="chrII") == [("position", "chrII:1,500", 1499, 1500)]
    assert found("1,500") == []


def test_what_is_not_on_the_genome_is_explained(web: FlaskClient) -> None:
    for text, reason in (
        ("chrII:99998-99999", "lies beyond the end of chrII"),
        ("chrIX:1-100", "unknown chromosome"),
        ("chrII:", "is not a region"),
        ("chrII:5 NN>A", "expected bases A, C, G and T"),
    ):
        answer = web.get("/api/v1/search", query_string={"q": text}).get_json()
        assert answer["results"] == []
        assert reason in answer["problem"]


def test_a_gene_found_by_another_name_says_by_which(web: FlaskClient) -> None:
    (gene,) = web.get("/api/v1/search?q=yal001c.1").get_json()["results"]
    assert gene["label"] == "TFC3"
    assert gene["detail"] == "YAL001C.1, YAL001C chrI:1,001-3,000"


class Known:
    """A project with known variants, and the genome's bases at their places."""

    def __init__(self, folder: Path, original: Path) -> None:
        shutil.copytree(original, folder)
        genome = load_project(original).open_genome()
        self.bases = {p: genome.sequence(Interval("chrI", p - 1, p)) for p in (100, 200, 300)}
        other = {"A": "G", "C": "T", "G": "A", "T": "C"}
        alts = [other[self.bases[100]], other[self.bases[200]]]
        self.typed = f"chrI:100 {self.bases[100]}>{alts[0]}"
        vcf = folder / "known.vcf"
        rows = [
            ("I", 100, "rs7", self.bases[100], alts[0]),
            ("I", 200, "rs71;COSM9", self.bases[200], f"{alts[1]},{self.bases[200]}TT"),
            ("I", 300, ".", self.bases[300], "<DEL>"),
        ]
        lines = ["\t".join(map(str, (*row, ".", "PASS", "."))) for row in rows]
        header = '##fileformat=VCFv4.2\n##contig=<ID=I>\n##ALT=<ID=DEL,Description="x">\n'
        columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
        vcf.write_text(header + columns + "\n".join(lines) + "\n")
        pysam.tabix_index(str(vcf), preset="vcf", force=True)
        settings = folder / "sighthound.toml"
        settings.write_text(settings.read_text() + '\n[variants]\nvcf = "known.vcf.gz"\n')
        self.finder = Finder(Catalogue(load_project(folder)))

    def labels(self, text: str) -> list[tuple[str, str]]:
        return [(r.label, r.variant or "") for r in self.finder.find(text).results]


@pytest.fixture
def known(tmp_path: Path, project_folder: Path) -> Known:
    return Known(tmp_path / "known", project_folder)


def test_ids_of_the_projects_variants_are_found_once_they_are_indexed(known: Known) -> None:
    first = known.finder.find("rs7")
    assert first.results or "are being indexed" in (first.note or "")
    assert known.finder.wait_for_ids(30)
    base, typed = known.bases[100], known.typed
    assert known.labels("RS7")[0] == ("rs7", f"chrI:100:{base}:{typed[-1]}")
    assert [label for label, _ in known.labels("rs7")] == ["rs7", "rs71", "rs71"]
    assert len(known.labels("cosm9")) == 2, "one a place and ALT"
    assert known.labels("rs8") == []


def test_the_index_is_kept_and_made_again_of_a_changed_file(known: Known) -> None:
    assert known.finder.wait_for_ids(30)
    ids = known.finder.ids
    assert ids is not None
    before = ids.table
    assert Finder(Catalogue(load_project(before.parents[2]))).find("rs7").results
    ids.vcf.touch()
    assert not ids.is_ready
    ids.build()
    assert list(ids.folder.iterdir()) == [ids.table] != [before]


def test_an_index_that_is_not_wanted_any_more_leaves_nothing(known: Known) -> None:
    ids = known.finder.ids
    assert ids is not None
    ids.build(is_wanted=lambda: False)
    assert not ids.is_ready
    assert list(ids.folder.iterdir()) == []


def test_why_ids_cannot_be_looked_up_names_no_path_of_the_server(known: Known) -> None:
    ids = known.finder.ids
    assert ids is not None
    ids.vcf.write_bytes(b"##fileformat=VCFv4.2\nno line of a VCF\n")
    assert not known.finder.wait_for_ids(30)
    note = known.finder.find("rs7").note
    assert note is not None
    assert ids.vcf.name in note
    assert str(ids.vcf.parent) not in note


def test_a_place_that_is_refused_names_no_path_of_the_server(
    web: FlaskClient, project_folder: Path
) -> None:
    problem = web.get("/api/v1/search?q=chrI:100+A>AAAC").get_json()["problem"]
    assert problem
    assert str(project_folder) not in problem


def test_variants_and_haplotypes_are_found_as_typed(known: Known) -> None:
    assert known.finder.wait_for_ids(30)
    base = known.bases[200]
    (single,) = known.finder.find(known.typed).results
    assert (single.kind, single.start, single.end) == ("variant", 99, 100)
    (both,) = known.finder.find(f"{known.typed} + 200 {base}>{base}G").results
    assert both.kind == "haplotype"
    assert (both.start, both.end) == (99, 200)
    (mixed,) = known.finder.find(f"rs7, 200 {base}>{base}G").results
    assert mixed.variant == both.variant


def test_a_variant_that_is_not_this_genomes_is_refused_with_the_reason(known: Known) -> None:
    wrong = "C" if known.bases[100] == "A" else "A"
    with pytest.raises(SighthoundError, match="REF differs from the genome"):
        known.finder.find(f"chrI:100 {wrong}>T")
    assert known.finder.wait_for_ids(30)
    with pytest.raises(SighthoundError, match="write which of them is meant"):
        known.finder.find(f"{known.typed} + rs71")
