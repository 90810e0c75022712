"""An atlas holds what a forward pass a substitution would give, however its run was interrupted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sighthound.core import SighthoundError
from sighthound.core.bigwig.files import read_bins
from sighthound.core.browsers.ucsc_check import check_hub
from sighthound.core.genome.sequence import ALPHABET, Interval
from sighthound.core.interpretation.window_predictions import predict_bins
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.model.model import load_model, save_model
from sighthound.core.project.atlas import RELATIVE_ERROR, Atlas, read_atlas
from sighthound.core.project.settings import Project
from sighthound.core.variants.variant import Variant
from sighthound.precompute.genome_wide import atlas as making
from sighthound.precompute.genome_wide.atlas import local_effects, make_atlas
from sighthound.precompute.genome_wide.atlas_files import rank_places, write_letters
from tests.precompute.genome_wide.test_run import random_model
from tests.precompute.simulation.planted import BIN, LENGTHS, planted_project

AROUND = 32  # bases, so 2 bins
# At both ends of chromosomes, in the middle, and one base by itself.
REGIONS = (("chr1", 0, 20), ("chr1", 12_000, 12_200), ("chr1", 24_000, 24_010), ("chr3", 99, 100))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = planted_project(tmp_path / "project")
    save_model(project.model.directory, random_model())
    return project


@pytest.fixture
def regions(tmp_path: Path) -> Path:
    file = tmp_path / "regions.bed"
    file.write_text("".join(f"{c}\t{start}\t{end}\n" for c, start, end in REGIONS))
    return file


def contents(atlas: Atlas) -> dict[str, bytes]:
    return {f.name: f.read_bytes() for f in sorted(atlas.directory.iterdir())}


class _Altered:
    """A genome with one base replaced, as brute force asks about it."""

    def __init__(self, genome, chrom, position, base):
        self.genome, self.at, self.lengths = genome, (chrom, position, base), genome.lengths

    def one_hot(self, interval):
        found = self.genome.one_hot(interval).copy()
        chrom, position, base = self.at
        if interval.chrom == chrom and interval.start <= position < interval.end:
            found[position - interval.start] = np.eye(4)[base]
        return found


def brute_force(project: Project, place: Interval, ensemble: Ensemble) -> np.ndarray:
    """Whole forward passes of the reference and of every alternative."""
    model, genome = load_model(project.model.directory), project.open_genome()
    bins = -(-genome.lengths[place.chrom] // BIN)
    effects = np.zeros((len(place), 4, len(model.tracks)))
    for row, position in enumerate(range(place.start, place.end)):
        low = max(0, position // BIN - AROUND // BIN)
        high = min(bins, position // BIN + AROUND // BIN + 1)

        def total(genome, low=low, high=high):
            pieces = predict_bins(model, genome, place.chrom, low, high, ensemble=ensemble)
            return np.concatenate([values for _, values in pieces]).sum(axis=0, dtype=float)

        reference = total(genome)
        for base in range(4):
            if not genome.one_hot(place)[row, base]:
                altered = _Altered(genome, place.chrom, position, base)
                effects[row, base] = total(altered) - reference
    return effects


@pytest.mark.parametrize("ensemble", [Ensemble(), Ensemble(True, (0, 3))])
@pytest.mark.parametrize(
    "where", [("chr1", 0, 4), ("chr1", 12_014, 12_018), ("chr2", 6_002, 6_005)]
)
def test_effects_are_those_of_whole_forward_passes(project, where, ensemble):
    model, genome, place = (
        load_model(project.model.directory),
        project.open_genome(),
        Interval(*where),
    )
    effects = local_effects(model, genome, place, AROUND // BIN, model.tracks, ensemble)
    expected = brute_force(project, place, ensemble)
    assert np.abs(effects - expected).max() <= 1e-4 * np.abs(expected).max()


def test_the_atlas_of_regions_holds_their_effects_and_nothing_else(project, regions):
    told = []
    atlas = make_atlas(
        project, regions=regions, around=AROUND, progress=lambda *news: told.append(news[:2])
    )
    model, genome = load_model(project.model.directory), project.open_genome()
    place = Interval("chr1", 12_000, 12_200)
    found = atlas.effects(place)
    expected = local_effects(model, genome, place, AROUND // BIN, model.tracks, Ensemble())
    allowed = 1.01 * RELATIVE_ERROR * np.abs(expected) + 2e-4 * np.abs(expected).max()
    assert (np.abs(found - expected) <= allowed).all()
    assert np.isnan(atlas.effects(Interval("chr1", 12_200, 12_210))).all()
    assert np.isnan(atlas.effects(Interval("chr2", 0, 10))).all()
    assert np.isfinite(atlas.effects(Interval("chr3", 99, 100))).all()
    assert told[-1][0] == told[-1][1]
    assert not list(atlas.directory.glob("chr2*"))


def test_an_interrupted_run_goes_on_and_ends_with_the_same_bytes(project, regions, tmp_path):
    whole = make_atlas(project, tmp_path / "whole", regions=regions, around=AROUND)

    def stop(done: int, total: int, _: str = "", /) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_atlas(project, regions=regions, around=AROUND, progress=stop)
    begun = read_atlas(project.root / "atlas")
    assert begun is not None
    assert not begun.is_complete
    again = make_atlas(project, regions=regions, around=AROUND)
    assert again.is_complete
    assert contents(again) == contents(whole)


def test_a_complete_atlas_is_not_made_again(project, regions, monkeypatch):
    make_atlas(project, regions=regions, around=AROUND)
    monkeypatch.setattr(making, "compute_stretch", None)
    make_atlas(project, regions=regions, around=AROUND)


def test_an_atlas_of_something_else_is_refused_by_name_and_may_be_replaced(project, regions):
    make_atlas(project, regions=regions, around=AROUND)
    with pytest.raises(SighthoundError, match="number of bins around a base"):
        make_atlas(project, regions=regions, around=0)
    with pytest.raises(SighthoundError, match="choice of tracks"):
        make_atlas(project, regions=regions, around=AROUND, tracks=["local"])
    made = make_atlas(project, regions=regions, around=0, replace=True)
    assert made.manifest.around == 0
    assert made.lookup(Variant("chr3", 99, *_ref_and_alt(project, "chr3", 99))).shape == (2,)


def test_a_folder_of_other_files_and_regions_elsewhere_are_refused(project, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    with pytest.raises(SighthoundError, match="holds no atlas but other files"):
        make_atlas(project, tmp_path / "mine")
    for folder in (tmp_path / "mine" / "notes.txt", tmp_path / "mine" / "notes.txt" / "atlas"):
        with pytest.raises(SighthoundError, match=r"notes\.txt is a file; expected a folder"):
            make_atlas(project, folder)
    assert (tmp_path / "mine" / "notes.txt").read_text() == "mine"
    elsewhere = tmp_path / "elsewhere.bed"
    elsewhere.write_text("chr9\t0\t10\n")
    with pytest.raises(SighthoundError, match="has no region on this genome"):
        make_atlas(project, regions=elsewhere)


def test_the_ranked_list_begins_with_the_largest_effect_and_its_places_are_apart(project, regions):
    atlas = make_atlas(project, regions=regions, around=AROUND)
    table = rank_places(project, atlas, top=3)
    first = table[table["track"] == "factor"].iloc[0]
    every = np.concatenate([atlas.effects(Interval(*r), ["factor"])[:, :, 0] for r in REGIONS])
    assert abs(first["effect"]) == pytest.approx(np.abs(every).max(), rel=1e-3)
    base = project.open_genome().sequence(
        Interval(first["chrom"], first["position"] - 1, first["position"])
    )
    assert first["ref"] == base != first["alt"]
    for _, listed in table.groupby(["track", "chrom"]):
        assert (np.diff(np.sort(listed["position"])) > 32).all()
    assert list(table["rank"]) == [1, 2, 3, 1, 2, 3]


def test_bigwigs_hold_the_largest_effect_and_that_of_each_letter(project, regions, tmp_path):
    atlas = make_atlas(project, regions=regions, around=AROUND)
    with pytest.raises(SighthoundError, match="the genome's name is ''"):
        write_letters(project, atlas, tmp_path / "hub")
    project = replace(project, genome=replace(project.genome, name="planted"))
    files = write_letters(project, atlas, tmp_path / "hub", ["factor"])
    assert {f.name for f in files} == {
        "hub.txt", *(f"factor.{kind}.bw" for kind in ("largest", *ALPHABET))
    }  # fmt: skip
    effects = atlas.effects(Interval("chr1", 12_000, 12_200), ["factor"])[:, :, 0]
    for number, letter in enumerate(ALPHABET):
        values = read_bins(tmp_path / "hub" / f"factor.{letter}.bw", "chr1", 12_000, 12_200, 200)
        np.testing.assert_allclose(values, effects[:, number], rtol=1e-3)
    largest = read_bins(tmp_path / "hub" / "factor.largest.bw", "chr1", 12_000, 12_200, 200)
    np.testing.assert_allclose(np.abs(largest), np.abs(effects).max(axis=1), rtol=1e-3)
    outside = read_bins(tmp_path / "hub" / "factor.A.bw", "chr2", 0, 10, 10, empty=np.nan)
    assert np.isnan(outside).all()
    text = (tmp_path / "hub" / "hub.txt").read_text()
    assert check_hub(text) == []
    assert "aggregate stacked" in text
    with pytest.raises(SighthoundError, match="holds other files"):
        write_letters(project, atlas, project.root)


def _ref_and_alt(project: Project, chrom: str, position: int) -> tuple[str, str]:
    ref = project.open_genome().sequence(Interval(chrom, position, position + 1))
    return ref, "A" if ref != "A" else "C"


def test_every_base_of_the_genome_is_in_its_atlas(project):
    atlas = make_atlas(project, around=0, tracks=["local"])
    for chrom, length in LENGTHS.items():
        assert np.isfinite(atlas.effects(Interval(chrom, 0, length))).all()
    assert atlas.bytes < 3 * sum(LENGTHS.values()) + sum(LENGTHS.values()) / 2
