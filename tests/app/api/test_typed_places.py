"""One file of what people type (tests/places.json), read alike by server and shell; the page's own
reader is held to it in tests/view."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sighthound.app.server.application import create_app
from sighthound.core import Genome, Interval, parse_region, parse_variant
from sighthound.core.annotation.genes import Genes, read_genes
from sighthound.core.errors import SighthoundError
from sighthound.core.project.settings import load_project
from sighthound.core.tracks.track import Track, write_tracks
from sighthound.precompute.interpretation.queries import find_target
from sighthound.precompute.interpretation.saliency_genes import named_genes
from tests.paths import ROOT

Case = dict[str, str]
Search = Callable[[Case], Any]
TABLE = json.loads((ROOT / "tests" / "places.json").read_text(encoding="utf-8"))
SETTINGS = '[genome]\nfasta = "g.fa"\ngenes = "g.gff3"\n[tracks]\ntable = "tracks.tsv"\n'


def cases(kind: str) -> pytest.MarkDecorator:
    found = [case for case in TABLE["cases"] if kind in case]
    return pytest.mark.parametrize("case", found, ids=[case["typed"] for case in found])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("places")
    with (folder / "g.fa").open("w") as fasta:
        for name, length in TABLE["chromosomes"].items():
            fasta.write(f">{name}\n{(TABLE['repeat'] * (length // 10 + 1))[:length]}\n")
    (folder / "g.gff3").write_text("\n".join(["##gff-version 3", *TABLE["genes"]]) + "\n")
    write_tracks(folder / "tracks.tsv", [Track("t", "t")])
    (folder / "sighthound.toml").write_text(SETTINGS)
    return folder


@pytest.fixture(scope="module")
def genome(folder: Path) -> Genome:
    return Genome(folder / "g.fa")


@pytest.fixture(scope="module")
def genes(folder: Path, genome: Genome) -> Genes:
    return read_genes(folder / "g.gff3", genome)


@pytest.fixture(scope="module")
def search(folder: Path) -> Iterator[Search]:
    app = create_app(load_project(folder), scheduler_address=None)
    client = app.test_client()

    def ask(case: Case) -> Any:
        asked = {"q": case["typed"]} | ({"chrom": case["on"]} if "on" in case else {})
        return client.get("/api/v1/search", query_string=asked).get_json()

    yield ask
    app.extensions["sighthound"].close()


def interval(text: str) -> Interval:
    chrom, _, span = text.partition(":")
    start, end = map(int, span.split("-"))
    return Interval(chrom, start - 1, end)


def test_the_page_is_told_the_other_names_of_chromosomes(genome: Genome) -> None:
    others = {name: list(names) for name, names in genome.other_names().items()}
    assert others == TABLE["aliases"]
    for name, names in others.items():
        assert {genome.resolve(alias) for alias in names} == {name}


@cases("place")
def test_places_are_read_alike_by_server_and_shell(
    case: Case, genome: Genome, search: Search, folder: Path
) -> None:
    expected = interval(case["place"])
    assert parse_region(case["typed"], genome, chrom=case.get("on")) == expected
    first = search(case)["results"][0]
    assert Interval(first["chrom"], first["start"], first["end"]) == expected
    if "on" not in case and len(expected) < 1_000_000:
        target = find_target(case["typed"], load_project(folder), 1)
        assert (target.chrom, target.bins[0], target.bins[-1]) == (
            expected.chrom,
            expected.start,
            expected.end - 1,
        )


@cases("gene")
def test_genes_are_found_by_any_name_by_server_and_shell(
    case: Case, genes: Genes, search: Search, folder: Path
) -> None:
    assert genes[case["typed"]].name == case["gene"]
    assert search(case)["results"][0]["label"] == case["gene"]
    assert find_target(case["typed"], load_project(folder), 1).name == case["gene"]


@cases("variant")
def test_variants_are_read_alike_by_server_and_shell(
    case: Case, genome: Genome, genes: Genes, search: Search
) -> None:
    found = parse_variant(case["typed"], genome, chrom=case.get("on"), genes=lambda: genes)
    assert str(found) == case["variant"]
    assert search(case)["results"][0]["variant"] == case["variant"]


@cases("problem")
def test_what_is_no_place_is_said_in_one_line(
    case: Case, genome: Genome, genes: Genes, search: Search
) -> None:
    answer = search(case)
    assert answer["results"] == []
    assert case["problem"] in answer["problem"]
    assert "\n" not in answer["problem"]
    is_region = "-" in case["typed"].partition(":")[2] and ">" not in case["typed"]

    def read() -> object:
        if is_region or case["typed"] == "chrI:5000":
            return parse_region(case["typed"], genome)
        return parse_variant(case["typed"], genome, chrom=case.get("on"), genes=lambda: genes)

    with pytest.raises(SighthoundError, match=re.escape(case["problem"])):
        read()


def test_a_gene_and_what_is_beside_it_is_a_region(search: Search) -> None:
    for typed in ("HIS4 \u00b1 500", "his4 +/- 0.5 kb"):
        first = search({"typed": typed})["results"][0]
        assert (first["start"], first["end"]) == (1500, 3500)
        assert first["label"] == "HIS4 \u00b1 500 bp"


@pytest.mark.parametrize(
    ("names", "expected"),
    [("DUR1,2", ["DUR1,2"]), ("HIS4,cdc17", ["HIS4", "POL1"]), ("YN001W, YN001W", ["POL1"])],
)
def test_names_at_the_shell_may_hold_commas_or_have_them_between(
    names: str, expected: list[str], folder: Path
) -> None:
    assert [gene.name for gene in named_genes(load_project(folder), names)] == expected
