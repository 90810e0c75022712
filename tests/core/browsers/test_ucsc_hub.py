"""Track hubs and IGV sessions as text: what they say, and our rules for what UCSC allows."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pyBigWig
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sighthound.core.bigwig.files import write_bigwig
from sighthound.core.browsers.igv import (
    Reference,
    igv_desktop_link,
    igv_desktop_session,
    igv_session,
)
from sighthound.core.browsers.tracks import (
    ALLELES,
    ASSAY_COLOURS,
    NEGATIVE,
    POSITIVE,
    SharedTrack,
    shared_tracks,
    value_range,
)
from sighthound.core.browsers.ucsc_check import check_hub
from sighthound.core.browsers.ucsc_hub import (
    Hub,
    genomes_file,
    hub_file,
    metadata,
    one_file,
    track_db,
    written_files,
)
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Interval
from sighthound.core.project.settings import load_project
from sighthound.core.tracks.track import Track
from tests.paths import ROOT
from tests.tiny import make_project

DARK, LIGHT = ASSAY_COLOURS[0]
REFERENCE = Reference(
    "tiny", "http://x/genome/genome.fa", "http://x/genome/genome.fa.fai",
    genes_url="http://x/genome/genes.gff3", genes_format="gff3",
)  # fmt: skip
LOCUS = Interval("chrI", 999, 2000)


def pair(track: Track) -> list[SharedTrack]:
    return [
        shared(track, "experiment", DARK),
        shared(track, "prediction", LIGHT),
    ]


def shared(track: Track, kind: str, colour: str = POSITIVE) -> SharedTrack:
    url = f"bigwigs/{track.id}.{kind}.bw"
    low = -1.0 if kind in ("saliency", "contribution") else 0.0
    return SharedTrack(track, kind, url, colour, (low, 12.5), (low, 10.0))


ATAC = Track("atac", "ATAC, wild type", "ATAC", "wild type")
PLUS = Track("cage.plus", "CAGE of a long name, plus", "CAGE", "heat shock", strand="+")
MINUS = Track("cage+minus", "CAGE minus", "CAGE", "heat shock", strand="-")


def alleles(track: Track) -> list[SharedTrack]:
    return [
        SharedTrack(track, kind, f"v/{track.id}.{kind}.bw", LIGHT, None, (0.0, 2.0), "chrI:9 A>G")
        for kind in ALLELES
    ]


def hub(**changes: Any) -> Hub:
    tracks = [*pair(ATAC), shared(ATAC, "contribution"), *pair(PLUS), *pair(MINUS)]
    given: dict[str, Any] = {"title": "Yeast lab", "genome": "sacCer3", "tracks": tuple(tracks)}
    return Hub(**{**given, "shown": frozenset({"atac"}), **changes})


def stanzas(text: str) -> dict[str, dict[str, str]]:
    found = [dict(line.split(" ", 1) for line in s.splitlines()) for s in text.split("\n\n")]
    return {next(iter(s.values())): s for s in found}


@pytest.mark.parametrize("overlays", [True, False])
@pytest.mark.parametrize("faceted", [True, False])
def test_every_form_of_a_hub_keeps_our_rules(faceted: bool, overlays: bool) -> None:
    made = hub(faceted=faceted, overlays=overlays)
    table = metadata(made) if faceted else None
    assert check_hub(one_file(made), table) == []
    assert check_hub(track_db(made), table) == []


@pytest.mark.parametrize("faceted", [True, False])
def test_a_hub_with_alleles_and_variants_keeps_our_rules(faceted: bool) -> None:
    tracks = (*pair(ATAC), *alleles(ATAC), *pair(PLUS), *alleles(PLUS))
    made = hub(
        tracks=tracks, faceted=faceted, variants_url="known.vcf.gz",
        variants_index_url="known.vcf.gz.tbi",
    )  # fmt: skip
    assert check_hub(one_file(made), metadata(made) if faceted else None) == []
    found = stanzas(track_db(made))
    variants = found["Yeast_lab__variants"]
    assert variants["type"] == "vcfTabix"
    assert variants["bigDataIndex"] == "known.vcf.gz.tbi"
    row = found["Yeast_lab_atac_difference"]
    assert row["shortLabel"] == "ATAC, wild.. diff"
    assert row["longLabel"] == "ATAC, wild type difference, chrI:9 A>G (atac)"
    assert (row["type"], row["altColor"]) == ("bigWig", "204,77,0")
    over = found["Yeast_lab__overlays_atac__alleles"]
    assert over["shortLabel"] == "ATAC, w.. alleles"
    children = [s for s in found.values() if s.get("parent") == over["track"]]
    assert [s["bigDataUrl"] for s in children] == ["v/atac.reference.bw", "v/atac.alternative.bw"]


texts = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=120)
names = texts.filter(str.strip)
ids = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,12}", fullmatch=True)


@given(
    title=names,
    tracks=st.lists(
        st.builds(Track, ids, names, texts, texts, texts, st.sampled_from("+-.")),
        min_size=1, max_size=5, unique_by=lambda track: track.id,
    ),
    faceted=st.booleans(),
)  # fmt: skip
def test_whatever_tracks_are_called_their_hub_keeps_the_rules(
    title: str, tracks: list[Track], faceted: bool
) -> None:
    rows = tuple(item for track in tracks for item in [*pair(track), shared(track, "saliency")])
    made = Hub(title=title, genome="hg38", tracks=rows, faceted=faceted)
    assert check_hub(one_file(made), metadata(made) if faceted else None) == []


def test_a_hub_of_one_file_names_its_genome_and_one_of_three_its_files() -> None:
    made = hub(email="lab@uni.edu")
    assert one_file(made).startswith(
        "hub Yeast_lab\nshortLabel Yeast lab\nlongLabel Yeast lab: experiments and predictions\n"
        "useOneFile on\nemail lab@uni.edu\n\ngenome sacCer3\n\ntrack Yeast_lab\n"
    )
    assert "genomesFile genomes.txt\n" in hub_file(made)
    assert genomes_file(made) == "genome sacCer3\ntrackDb trackDb.txt\n"
    assert list(written_files(made, three_files=True)) == ["hub.txt", "genomes.txt", "trackDb.txt"]
    assert list(written_files(hub(faceted=True), False)) == ["hub.txt", "metadata.tsv"]


def test_views_share_a_scale_and_subtracks_know_assay_sample_and_strand() -> None:
    found = stanzas(track_db(hub()))
    composite = found["Yeast_lab"]
    assert composite["subGroup1"] == (
        "view View experiment=Experiment prediction=Prediction contribution=Contribution_of_bases"
    )
    assert composite["subGroup2"] == "assay Assay ATAC=ATAC CAGE=CAGE"
    assert composite["subGroup3"] == "sample Sample wild_type=wild_type heat_shock=heat_shock"
    assert composite["sortOrder"] == "assay=+ sample=+ strand=+ view=+"
    assert found["Yeast_lab__view_experiment"]["autoScale"] == "group"
    assert found["Yeast_lab__view_contribution"]["logo"] == "on"
    row = found["Yeast_lab_cage_plus_prediction"]
    assert row["parent"] == "Yeast_lab__view_prediction off"
    assert row["subGroups"] == "view=prediction assay=CAGE sample=heat_shock strand=plus"
    assert row["shortLabel"] == "CAGE of a.. pred"
    assert row["type"] == "bigWig 0 12.5"
    assert row["viewLimits"] == "0:10"
    assert row["bigDataUrl"] == "bigwigs/cage.plus.prediction.bw"
    assert found["Yeast_lab_atac_experiment"]["parent"].endswith(" on")


def test_a_pair_is_one_overlay_on_one_scale_the_dark_experiment_behind() -> None:
    found = stanzas(track_db(hub()))
    over = found["Yeast_lab__overlays_atac"]
    assert over["container"] == "multiWig"
    assert over["aggregate"] == "transparentOverlay"
    assert over["autoScale"] == "group"
    children = [s for s in found.values() if s.get("parent") == "Yeast_lab__overlays_atac"]
    assert [child["color"] for child in children] == ["11,92,151", "134,188,226"]


def test_a_facets_table_has_a_row_a_bigwig_and_no_empty_columns() -> None:
    made = hub(faceted=True, held_out={"atac": 0.71234})
    header, *rows = [line.split("\t") for line in metadata(made).splitlines()]
    assert header == [
        "key", "kind", "assay", "sample", "strand", "_track", "_name", "_held_out_pearson"
    ]  # fmt: skip
    assert rows[1] == [
        "atac_prediction", "prediction", "ATAC", "wild type", "not given", "atac",
        "ATAC, wild type", "0.712",
    ]  # fmt: skip
    assert len(rows) == 7
    composite = stanzas(track_db(made))["Yeast_lab"]
    assert composite["compositeTrack"] == "faceted"
    assert composite["metaDataUrl"] == "metadata.tsv"
    assert not [line for line in track_db(made).splitlines() if line.startswith("subGroup")]


def test_a_hub_without_tracks_or_a_genome_is_refused() -> None:
    with pytest.raises(SighthoundError, match="no BigWig to share"):
        hub(tracks=())
    with pytest.raises(SighthoundError, match="sacCer3 or hg38"):
        hub(genome="my yeast")


GOOD = "track a\nshortLabel a\nlongLabel a\ntype bigWig\nbigDataUrl a.bw\n"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("track a", "track 1a", "a letter first"),
        ("shortLabel a", "shortLabel " + 18 * "a", "shortLabel has 18 characters"),
        ("longLabel a", "longLabel " + 77 * "a", "longLabel has 77 characters"),
        ("longLabel a\n", "", "longLabel has 0 characters"),
        ("bigDataUrl a.bw", "bigDataUrl my file.bw", "has a space"),
        ("bigDataUrl a.bw\n", "", "expected a bigDataUrl"),
        ("type bigWig", "type bigWig\ncolor 1,2,256", "color is"),
        ("type bigWig", "type bigWig\nviewLimits 5:1", "viewLimits is"),
        ("type bigWig", "type bigWig\nautoScale yes", "autoScale is 'yes'"),
        ("type bigWig", "type bigWig\ntype bigWig", "type is given twice"),
        ("type bigWig", "type vcfTabix", "expected a .vcf.gz"),
        ("type bigWig", "type bigWig\nparent b on", "does not stand before"),
        (GOOD, f"{GOOD}\n{GOOD}", "used twice"),
        (GOOD, "hub h\n", "there are no tracks"),
    ],
)
def test_the_rules_find_what_is_wrong(old: str, new: str, problem: str) -> None:
    assert check_hub(GOOD) == []
    found = check_hub(GOOD.replace(old, new))
    assert any(problem in line for line in found), found


def test_the_rules_find_rows_without_tracks_and_tracks_without_rows() -> None:
    made = hub(faceted=True, overlays=False)
    table = metadata(made).replace("atac_prediction", "atac_predicted")
    assert check_hub(one_file(made), table) == [
        "Yeast_lab_atac_prediction: not in the table",
        "the table's Yeast_lab_atac_predicted is no track",
    ]


def test_a_foreign_subgroup_is_found() -> None:
    text = track_db(hub()).replace("sample=heat_shock strand=plus", "sample=cold strand=plus")
    assert "sample=cold is not in the composite" in check_hub(text)[0]


def test_colours_are_those_of_the_pages_light_theme() -> None:
    palette = (ROOT / "assets" / "ui" / "palette.js").read_text()
    pairs = re.findall(r'\["(#\w{6})", "(#\w{6})"\]', palette)
    assert tuple(pairs[: len(ASSAY_COLOURS)]) == ASSAY_COLOURS
    assert f'POSITIVE: "{POSITIVE}"' in palette
    assert f'NEGATIVE: "{NEGATIVE}"' in palette


def test_the_range_of_a_bigwig_is_that_of_its_values(tmp_path: Path) -> None:
    values = np.array([0.0] * 999 + [1000.0], np.float32)
    write_bigwig(tmp_path / "a.bw", {"chrI": 1000}, [("chrI", values)], 1)
    extent, (low, high) = value_range(tmp_path / "a.bw")
    assert extent == (0, 1000)
    # Mean 1, standard deviation 31.6.
    assert low == 0
    assert high == pytest.approx(1 + 10 * 999**0.5, rel=0.01)
    with pyBigWig.open(str(tmp_path / "b.bw"), "w") as file:
        file.addHeader([("chrI", 10)])
        file.addEntries("chrI", 0, values=[-0.25, 0.5], span=1, step=1)
    assert value_range(tmp_path / "b.bw") == ((-0.25, 0.5), (-0.25, 0.5))
    (tmp_path / "c.bw").write_text("no BigWig")
    with pytest.raises(SighthoundError, match="is not a BigWig"):
        value_range(tmp_path / "c.bw")


def test_an_igv_session_asks_nobody_else_and_pairs_share_a_scale() -> None:
    session = igv_session(REFERENCE, [*pair(ATAC), shared(ATAC, "contribution")], LOCUS)
    assert session["loadDefaultGenomes"] is False
    assert session["locus"] == "chrI:1000-2000"
    assert session["reference"] == {
        "id": "tiny", "name": "tiny",
        "fastaURL": "http://x/genome/genome.fa", "indexURL": "http://x/genome/genome.fa.fai",
    }  # fmt: skip
    genes, experiment, prediction, bases = session["tracks"]
    assert (genes["format"], genes["url"]) == ("gff3", "http://x/genome/genes.gff3")
    assert experiment["autoscaleGroup"] == prediction["autoscaleGroup"] == "atac"
    assert experiment["color"] == "rgb(11,92,151)"
    assert bases["graphType"] == "dynseq"
    assert "autoscaleGroup" not in bases


def test_sessions_mark_variants_and_draw_alleles_on_the_scale_of_their_track() -> None:
    reference = dataclasses.replace(
        REFERENCE, variants_url="http://x/v.vcf.gz", variants_index_url="http://x/v.vcf.gz.tbi"
    )
    marked = [(Interval("chrI", 1499, 1500), "chrI:1,500 A>G")]
    rows = [*pair(ATAC), *alleles(ATAC)]
    session = igv_session(reference, rows, LOCUS, marked)
    names = [row["name"] for row in session["tracks"]]
    assert names[:2] == ["Genes", "Variants"]
    assert names[4:] == [f"ATAC, wild type {kind}, chrI:9 A>G" for kind in ALLELES]
    assert session["tracks"][1]["indexURL"] == "http://x/v.vcf.gz.tbi"
    groups = [row.get("autoscaleGroup") for row in session["tracks"][2:]]
    assert groups == [*4 * ["atac"], None]
    (region,) = session["roi"][0]["features"]
    assert (region["chr"], region["start"], region["end"]) == ("chrI", 1499, 1500)
    desktop = ElementTree.fromstring(
        igv_desktop_session(reference, rows, LOCUS, marked).split("\n", 1)[1]
    )
    (place,) = desktop.iter("Region")
    assert (place.get("start"), place.get("description")) == ("1499", "chrI:1,500 A>G")
    assert [r.get("index") for r in desktop.iter("Resource")][-1] == "http://x/v.vcf.gz.tbi"


def test_an_experiment_in_bases_is_not_drawn_on_the_scale_of_sums_over_bins() -> None:
    summed = dataclasses.replace(ATAC, aggregation="sum")
    rows = [*pair(summed), *alleles(summed)]
    session = igv_session(REFERENCE, rows, LOCUS)
    groups = [row.get("autoscaleGroup") for row in session["tracks"][1:]]
    assert groups == [None, "atac", "atac", "atac", None]
    found = stanzas(track_db(hub(tracks=tuple(rows))))
    assert "Yeast_lab__overlays_atac" not in found
    assert "Yeast_lab__overlays_atac__alleles" in found


def test_a_desktop_session_is_xml_whatever_tracks_are_called() -> None:
    track = Track("a", 'A & B <"best">')
    text = igv_desktop_session(REFERENCE, [*pair(track), shared(track, "contribution")], LOCUS)
    session = ElementTree.fromstring(text.split("\n", 1)[1])
    assert session.get("genome") == REFERENCE.fasta_url
    assert session.get("locus") == "chrI:1000-2000"
    paths = [resource.get("path") for resource in session.iter("Resource")]
    assert paths[-1] == REFERENCE.genes_url
    rows = list(session.iter("Track"))
    assert [row.get("id") for row in rows] == paths[:3]
    assert [row.get("autoscaleGroup") for row in rows] == ["1", "1", None]
    assert [row.get("renderer") for row in rows] == ["BAR_CHART", "BAR_CHART", "DYNSEQ"]
    assert rows[0].get("name") == 'A & B <"best"> experiment'


def test_the_link_to_a_running_igv_names_session_and_locus() -> None:
    assert igv_desktop_link("http://x/hub/igv.xml?tracks=a,b", LOCUS) == (
        "http://localhost:60151/load?file=http%3A%2F%2Fx%2Fhub%2Figv.xml%3Ftracks%3Da%2Cb"
        "&locus=chrI%3A1000-2000&merge=false"
    )


def test_the_tiny_projects_files_are_found(tmp_path: Path) -> None:
    project = load_project(make_project(tmp_path / "tiny", model=False))
    (project.root / "contributions").mkdir()
    source = project.root / "experiments" / "atac.bw"
    (project.root / "contributions" / "atac.bw").write_bytes(source.read_bytes())
    every = project.read_tracks()
    found = shared_tracks(project, every, every, lambda t, kind: f"{t.id}/{kind}")
    assert [item.url for item in found] == [
        "atac/experiment", "atac/prediction", "atac/contribution", "cage.plus/experiment",
        "cage.plus/prediction", "cage.minus/experiment", "cage.minus/prediction",
    ]  # fmt: skip
    with pytest.raises(SighthoundError, match="unknown kind 'bed'"):
        shared_tracks(project, every, every, lambda t, kind: "", ["bed"])
