"""Variants and haplotypes through the real inference worker."""

from __future__ import annotations

import json
import struct
import time

import numpy as np
import pyBigWig
import pytest
from flask.testing import FlaskClient

from sighthound import core
from sighthound.core.genome.sequence import Interval
from sighthound.core.model.ensemble import claiming
from sighthound.core.project.settings import Project
from tests.app.conftest import BIN
from tests.app.inference.test_client import ask

CLAIMED = claiming(BIN)  # what is averaged


def bases(project: Project, start: int, end: int) -> str:
    return project.open_genome().sequence(Interval("chrI", start, end))


def other(base: str) -> str:
    return "A" if base != "A" else "C"


def signal(client: FlaskClient, url: str) -> tuple[dict, dict[tuple[str, str], np.ndarray]]:
    """Ask until the binary answer is there; give its header, and series by track and kind."""
    deadline = time.monotonic() + 600
    while (response := client.get(url)).status_code == 202:
        assert time.monotonic() < deadline
    assert response.status_code == 200, response.data
    (n,) = struct.unpack_from("<I", response.data)
    header = json.loads(response.data[4 : 4 + n])
    floats = np.frombuffer(response.data, "<f4", offset=4 + n)
    return header, {
        (s["track"], s["kind"]): floats[s["offset"] : s["offset"] + header["bins"]]
        for s in header["series"]
    }


def test_a_variant_changes_bins_of_the_tracks_shown_and_ranks_all(
    explaining: FlaskClient, project: Project
) -> None:
    genome, model = project.open_genome(), core.load_model(project.model.directory)
    ref = bases(project, 20_005, 20_007)
    alt = ref[0] + "ACGT"
    where = f"chrom=I&position=20005&ref={ref}&alt={alt}"
    found = ask(explaining, f"/api/v1/variant?{where}&tracks=counts,ramp")
    asked = core.Variant("chrI", 20_005, ref, alt)
    (profile,) = core.variant_profiles(
        model, genome, [asked], tracks=["counts", "ramp"], ensemble=CLAIMED
    )
    assert (found["start"], found["bin"], found["tracks"]) == (
        profile.start, BIN, ["counts", "ramp"],
    )  # fmt: skip
    np.testing.assert_allclose(found["reference"], profile.reference.T, rtol=1e-4)
    np.testing.assert_allclose(found["alternative"], profile.alternative.T, rtol=1e-4)
    scores = core.score_variants(
        model, genome, [asked], scores=["sad", "log2_ratio"], ensemble=CLAIMED
    )
    by_score = scores.set_index("score")
    (every,) = core.variant_profiles(model, genome, [asked], ensemble=CLAIMED)
    ranked = found["ranked"]
    assert {row["track"] for row in ranked} == set(model.tracks)
    assert [abs(row["sad"]) for row in ranked] == sorted(
        (abs(row["sad"]) for row in ranked), reverse=True
    )
    for row in ranked:
        assert row["sad"] == pytest.approx(by_score.loc["sad", row["track"]], rel=1e-3)
        assert row["log2_ratio"] == pytest.approx(
            by_score.loc["log2_ratio", row["track"]], rel=1e-3
        )
        assert row["alternative"] - row["reference"] == pytest.approx(
            row["sad"], abs=1e-4 * row["reference"]
        )
        column = list(model.tracks).index(row["track"])
        before, after = every.reference[:, column], every.alternative[:, column]
        local = row["local"]
        first = (local["start"] - every.start) // BIN
        bins = slice(first, first + found["local_bins"])
        assert local["reference"] == pytest.approx(before[bins].sum(), rel=1e-4)
        assert local["alternative"] == pytest.approx(after[bins].sum(), rel=1e-4)
        size = np.convolve(np.abs(after - before), np.ones(found["local_bins"]), "valid")
        assert size[first] == pytest.approx(size.max(), rel=1e-4)
        with pyBigWig.open(str(project.predictions.directory / f"{row['track']}.bw")) as file:
            whole = [file.values(c, 0, n, numpy=True) for c, n in file.chroms().items()]
        assert row["spread"] == pytest.approx(np.nanstd(np.concatenate(whole)), rel=1e-3)
        means = [local[allele] / found["local_bins"] for allele in ("alternative", "reference")]
        ratio = np.log2((means[0] + row["spread"]) / (means[1] + row["spread"]))
        assert local["log2"] == pytest.approx(ratio, rel=1e-3, abs=1e-6)
    few = ask(explaining, f"/api/v1/variant?{where}&most=1")
    assert few["ranked"] == ranked[:1]
    assert "reference" not in few


def test_a_haplotype_is_written_as_people_and_vcf_write_variants(
    explaining: FlaskClient, project: Project
) -> None:
    genome, model = project.open_genome(), core.load_model(project.model.directory)
    first, second = bases(project, 20_100, 20_101), bases(project, 20_140, 20_143)
    typed = f"I:20,141 {second}>{second[0]};chrI:20101:{first}:{other(first)}"
    url = f"/api/v1/alternative?tracks=ramp&variants={typed.replace(' ', '%20')}"
    header, series = signal(explaining, url)
    both = [
        core.Variant("chrI", 20_100, first, other(first)),
        core.Variant("chrI", 20_140, second, second[0]),
    ]
    (profile,) = core.variant_profiles(model, genome, [both], tracks=["ramp"], ensemble=CLAIMED)
    assert (header["start"], header["bin_bp"], header["bins"]) == (
        profile.start, BIN, len(profile.reference),
    )  # fmt: skip
    np.testing.assert_allclose(series["ramp", "reference"], profile.reference[:, 0], rtol=1e-4)
    np.testing.assert_allclose(series["ramp", "alternative"], profile.alternative[:, 0], rtol=1e-4)
    card = ask(explaining, url.replace("alternative?tracks=ramp&", "variant?"))
    assert [v["position"] for v in card["variants"]] == [20_100, 20_140]
    change = (profile.alternative - profile.reference).sum()
    (ramp,) = [row for row in card["ranked"] if row["track"] == "ramp"]
    assert ramp["sad"] == pytest.approx(change, rel=1e-3)


def test_genes_whose_starts_the_variant_can_change_are_scored(
    explaining: FlaskClient, project: Project
) -> None:
    ref = bases(project, 1_200, 1_201)
    where = f"chrom=chrI&position=1200&ref={ref}&alt={other(ref)}"
    found = ask(explaining, f"/api/v1/variant?{where}&tracks=ramp")
    (gene,) = found["genes"]
    assert (gene["gene"], gene["name"], gene["strand"], gene["tss"]) == (
        "YAL001C", "TFC3", "+", [1_000],
    )  # fmt: skip
    start_bin = (1_000 - found["start"]) // BIN
    (ramp,) = [row for row in gene["ranked"] if row["track"] == "ramp"]
    assert ramp["reference"] == pytest.approx(found["reference"][0][start_bin], rel=1e-4)
    assert ramp["sed"] == pytest.approx(
        found["alternative"][0][start_bin] - found["reference"][0][start_bin], rel=0.01, abs=1e-4
    )
    far = bases(project, 39_000, 39_001)
    url = f"/api/v1/variant?chrom=chrI&position=39000&ref={far}&alt={other(far)}"
    assert ask(explaining, url)["genes"] == []


def test_motifs_that_a_haplotype_makes_are_named(explaining: FlaskClient, project: Project) -> None:
    ref = bases(project, 20_300, 20_301)
    url = f"/api/v1/variant/motifs?variants=chrI:20301:{ref}:{ref}ATGACTCAT"
    changes = ask(explaining, url)["changes"]
    made = [change for change in changes if change["kind"] == "gain"]
    assert any("GCN4" in change["name"].upper() for change in made)
    assert all(change["p_alternative"] < 1e-4 < change["p_reference"] for change in made)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("variants=chrI:5", "'chrI:5' is not a variant"),
        ("variants=", "a haplotype of no variants"),
        ("variants=chrNone:5:A:C", "unknown chromosome"),
        ("variants=chrI:20:A:C;chrII:20:A:C", "different chromosomes"),
        ("variants=chrI:5:N:A", "allele 'N' of a variant"),
        (f"variants=chrI:5:A:{'C' * 1001}", "at most 1,000 bases"),
        ("variants=" + ";".join(f"chrI:{i}:A:C" for i in range(1, 52)), "at most 50"),
        ("chrom=chrI&position=5&ref=N&alt=A", "allele 'N' of a variant"),
    ],
)
def test_what_is_no_haplotype_of_this_genome_is_refused_in_one_line(
    web: FlaskClient, query: str, says: str
) -> None:
    for route in ("variant", "variant/motifs", "alternative"):
        response = web.get(f"/api/v1/{route}?tracks=ramp&{query}")
        assert response.status_code == 400
        assert says in response.get_json()["error"]


def test_a_reference_allele_that_is_not_the_genomes_is_refused(
    web: FlaskClient, project: Project
) -> None:
    wrong = other(bases(project, 100, 101))
    response = web.get(f"/api/v1/variant?variants=chrI:101:{wrong}:G")
    assert response.status_code == 400
    assert "REF differs from the genome" in response.get_json()["error"]
