"""A lab in Python: it answers what the page and the commands answer, and says where answers lie."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sighthound as sh
from sighthound.app.inference import tasks, variant_tasks
from sighthound.core.model.model import save_model
from sighthound.precompute.interpretation.mutagenesis import mutagenesis_file
from tests.models import shallow_model
from tests.paths import ROOT
from tests.tiny import LENGTHS, TRACKS, add_members, make_project, write_vcf

BIN = 64
BOTH_STRANDS = sh.Ensemble(reverse_complement=True)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> sh.Lab:
    """Its predicted BigWigs, as their manifest says, average both strands."""
    folder = make_project(tmp_path_factory.mktemp("session") / "lab", model=False)
    save_model(folder / "model", shallow_model(TRACKS))
    manifest = folder / "predictions" / "manifest.json"
    said = json.loads(manifest.read_text()) | {"ensemble": {"reverse_complement": True}}
    manifest.write_text(json.dumps(said))
    return sh.open(folder)


@pytest.fixture
def alone(tmp_path: Path) -> sh.Lab:
    """A lab without a model."""
    return sh.open(make_project(tmp_path / "alone", model=False, predictions=False))


def test_its_tracks_are_a_table_with_units(lab: sh.Lab) -> None:
    assert lab.tracks.id.tolist() == list(TRACKS)
    assert lab.tracks.unit.tolist() == ["mean per 64 bp", "sum per 64 bp", "sum per 64 bp"]
    assert lab.tracks.measured.all()
    assert lab.tracks.held_out.isna().all()


def test_a_prediction_is_that_of_the_page_stretch_by_stretch(lab: sh.Lab) -> None:
    asked = lab.predict("chrI:8,000-8,400", tracks=["cage.plus", "atac"])
    assert asked.interval == sh.Interval("chrI", 124 * BIN, 132 * BIN)
    page = [
        tasks.prediction(lab.project, asked.tracks, "chrI", stretch, BOTH_STRANDS, "")
        for stretch in (0, 1)
    ]
    np.testing.assert_array_equal(asked.values, np.concatenate(page)[124:132])
    assert asked.units == ("sum per 64 bp", "mean per 64 bp")


def test_the_last_bin_is_cut_where_its_chromosome_ends(lab: sh.Lab) -> None:
    seen = lab.predict(sh.Interval("chrII", 29_900, 99_999), tracks="atac")
    assert seen.interval == sh.Interval("chrII", 467 * BIN, LENGTHS["chrII"])
    assert len(seen.values) == len(seen.bins) == 2
    measured = lab.experiment(seen.interval, tracks="cage.plus")
    assert (measured.interval, len(measured.values)) == (seen.interval, 2)


def test_saliency_is_that_of_the_page(lab: sh.Lab) -> None:
    gene = lab.genes["BETA1"]
    assert gene.tss == sh.Interval("chrI", 7_999, 8_000)
    asked = lab.saliency(gene.tss, track="atac")
    page = tasks.saliency(lab.project, "atac", "chrI", 7_999, "")
    assert asked.interval.start == page.start
    np.testing.assert_array_equal(asked.values[:, 0], page.values)
    assert len(page.values) > 100


def test_mutagenesis_is_that_of_the_page_and_of_the_command(lab: sh.Lab, tmp_path: Path) -> None:
    gene, region = lab.genes["BETA1"], sh.Interval("chrI", 7_900, 7_920)
    asked = lab.mutagenesis(region, target=gene.tss, tracks=["atac"])
    page = tasks.mutagenesis(lab.project, ("atac",), "chrI", 7_900, 7_920, 7_999, "")
    (of_page,) = page.tracks
    np.testing.assert_array_equal(asked.values[..., 0], of_page.effects)
    assert asked.sequence == page.sequence
    assert asked.reference[0] == pytest.approx(of_page.reference, rel=1e-5)

    file = tmp_path / "effects.parquet"
    mutagenesis_file(lab.project, "chrI:7,901-7,920", file, tracks=["atac"], target="BETA1")
    pd.testing.assert_frame_equal(asked.to_frame(), pd.read_parquet(file))
    same = lab.mutagenesis("chrI:7,901-7,920", target="BETA1", tracks="atac")
    np.testing.assert_array_equal(same.values, asked.values)


def test_what_sets_two_tracks_apart_is_that_of_the_page_and_of_both_tracks(lab: sh.Lab) -> None:
    gene, region, name = lab.genes["BETA1"], "chrI:7,901-7,920", "cage.plus/atac"
    asked = lab.saliency(gene.tss, track=name)
    page = tasks.saliency(lab.project, name, "chrI", 7_999, "")
    np.testing.assert_allclose(asked.values[:, 0], page.values, rtol=1e-4, atol=1e-7)
    assert (asked.tracks, asked.units) == ((name,), ("log2 ratio",))
    found = lab.mutagenesis(region, target=gene.tss, tracks=[name, "atac", "cage.plus"])
    (of_page,) = tasks.mutagenesis(lab.project, (name,), "chrI", 7_900, 7_920, 7_999, "").tracks
    np.testing.assert_allclose(found.values[..., 0], of_page.effects, atol=1e-6)
    log2 = np.log2(np.maximum(found.reference + np.nan_to_num(found.values), 0) + 1)[..., 1:]
    before = np.log2(found.reference[1:] + 1)
    expected = (log2[..., 1] - before[1]) - (log2[..., 0] - before[0])
    np.testing.assert_allclose(found.values[..., 0], expected, atol=1e-5)
    assert found.reference[0] == pytest.approx(before[1] - before[0], abs=1e-5)


def test_alleles_are_those_of_the_page(lab: sh.Lab) -> None:
    base = lab.genome.sequence(sh.Interval("chrI", 5_000, 5_001))
    text = f"chrI:5,001 {base}>{'C' if base == 'A' else 'A'}"
    asked = lab.alleles(text, tracks=["atac"])
    variant = sh.parse_variant(text, lab.genome)
    averaged = sh.Ensemble(reverse_complement=True, shifts=(0, 21, -21))
    page = variant_tasks.alternative(lab.project, (variant,), ("atac",), averaged, "")
    assert asked.reference.interval.start == page.start
    np.testing.assert_array_equal(asked.reference.values, page.reference)
    np.testing.assert_array_equal(asked.alternative.values, page.alternative)
    change = page.alternative - page.reference
    np.testing.assert_array_equal(asked.difference.values, change)
    assert asked.difference.strongest().start // BIN - page.start // BIN == abs(change).argmax()


def test_variants_are_scored_from_a_file_or_as_they_are_written(lab: sh.Lab) -> None:
    letter = lab.genome.sequence(sh.Interval("chrI", 39, 40))
    other = "C" if letter == "A" else "A"
    file = write_vcf(lab.project.root, f"chrI 40 rs1 {letter} {other}")
    of_file = lab.score_variants(file, scores=["sad", "sed"], tracks=["atac"])
    written = lab.score_variants([f"chrI:40 {letter}>{other}"], scores=["sad"], tracks="atac")
    assert of_file[of_file.score == "sad"].atac.tolist() == written.atac.tolist()
    assert {"record", "variant", "atac"} <= set(written.columns)


def test_what_was_measured_is_read_without_a_model(alone: sh.Lab) -> None:
    values = alone.experiment(alone.genes["ALPHA1"].region(flank=64), tracks=["atac", "cage.minus"])
    assert values.interval == sh.Interval("chrI", 30 * BIN, 64 * BIN)
    assert values.values.shape == (34, 2)
    assert alone.tracks.measured.all()


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda lab: lab.predict("chrI:1-64", tracks="ataq"), "no track 'ataq'"),
        (lambda lab: lab.experiment("chrI:1-64", tracks=["ataq"]), "no experiment of track 'ataq'"),
        (lambda lab: lab.predict(sh.Interval("chrI", 40_000, 40_100)), "no base of chrI"),
        (lambda lab: lab.predict("GAMMA"), "GAMMA"),
        (lambda lab: lab.mutagenesis("chrI:1-9", target="chrII:9,000"), "out of reach"),
        (lambda lab: lab.saliency("chrI:50,000", track="atac"), "chrI"),
        (lambda lab: lab.saliency("chrI:5,000", track="atac/no"), "no track 'no'"),
        (lambda lab: lab.saliency("chrI:5,000", track="atac/atac"), "is no contrast"),
        (lambda lab: lab.mutagenesis("chrI:1-9", tracks="atac/cage.plus"), "give a target"),
        (
            lambda lab: lab.predict("chrI:1-64", tracks="atac/cage.plus"),
            "no track 'atac/cage.plus'",
        ),
        (lambda lab: lab.alleles("chrI:5,001"), "chrI:5,001"),
    ],
)
def test_what_cannot_be_answered_is_one_line(
    lab: sh.Lab, ask: Callable[[sh.Lab], object], message: str
) -> None:
    with pytest.raises(sh.SighthoundError, match=message) as error:
        ask(lab)
    assert "\n" not in str(error.value)


def test_a_lab_without_a_model_says_so(alone: sh.Lab) -> None:
    with pytest.raises(sh.SighthoundError, match="model"):
        alone.predict("chrI:1-64")


def test_the_public_name_is_light_and_hands_on_what_core_has() -> None:
    code = "import sys, sighthound; print('tensorflow' in sys.modules, 'pandas' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "False"]
    assert set(sh.core.__all__) < set(sh.__all__)
    assert all(hasattr(sh, name) for name in sh.__all__)


def test_networks_that_taught_the_model_say_how_far_an_answer_is_to_be_trusted(tmp_path):
    lab = sh.open(make_project(tmp_path / "lab", predictions=False))

    def asked(one):
        return one.saliency("chrI:5,001", track="atac")

    with pytest.raises(sh.SighthoundError, match="no networks taught the model"):
        lab.agreement(asked)
    members = add_members(lab.project)
    lab = sh.open(tmp_path / "lab")
    assert [m.hash for m in lab.members] == [m.hash for m in members]
    found = lab.agreement(asked)
    assert found.members == 2
    assert found.is_known.shape == asked(lab).values.shape
    position = 5001
    place = sh.Interval("chrI", position - 1, position)
    ref = lab.genome.sequence(place)
    scored = lab.score_variants([f"chrI:{position} {ref}>{'A' if ref != 'A' else 'C'}"])
    assert scored["value"].tolist() == ["score", "members_mean", "members_sd", "known"]
