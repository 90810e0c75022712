"""Variant scores and mutagenesis equal the published code's, where that is right.

Its numbers are float16. It writes 0.25 for N, so variants whose context holds N are left out.
"""

import shutil

import h5py
import numpy as np
import pytest

from sighthound import core
from sighthound.core.interpretation.scores import SCORES
from sighthound.core.model.published import import_model
from sighthound.core.variants.vcf import read_alleles
from tests.paths import GOLDEN

LENGTH = 16_384
FLOAT16 = {"rtol": 2e-3, "atol": 3e-3}


@pytest.fixture(scope="module")
def model():
    folder = GOLDEN / "small_v2"
    return import_model(folder / "model_best.h5", folder / "params.json").model


@pytest.fixture(scope="module")
def genome(tmp_path_factory):
    fasta = tmp_path_factory.mktemp("genome") / "genome.fa.gz"
    shutil.copy(GOLDEN / "bam_cov" / "genome.fa.gz", fasta)
    return core.Genome(fasta)


@pytest.fixture(scope="module")
def alleles(genome):
    """Alleles by their row of the golden numbers, where no N is in the window."""
    found = {}
    for row, allele in enumerate(read_alleles(GOLDEN / "sad" / "variants.vcf", genome, "flip")):
        variant = allele.variant
        start = variant.position - (LENGTH // 2 - 1)
        if "N" not in genome.sequence(core.Interval(variant.chrom, start, start + LENGTH)):
            found[row] = allele
    assert len(found) == 17
    return found


def published_bins(golden, row, profile, variant, model):
    """The published prediction of the bins of a profile; its window is centred on the variant."""
    start = variant.position - (LENGTH // 2 - 1)
    first = (profile.start - start) // model.bin - model.crop
    return golden[row][first : first + len(profile.reference)].astype(float)


def test_sad_of_substitutions_equals_the_published(model, genome, alleles):
    chosen = {row: a for row, a in alleles.items() if not a.variant.shift}
    variants = [a.variant for a in chosen.values()]
    table = core.score_variants(model, genome, variants, grid=None)
    profiles = core.variant_profiles(model, genome, variants, grid=None)
    with h5py.File(GOLDEN / "sad" / "sad.h5") as golden:
        sad, reference, alternative = (golden[k][:] for k in ("SAD", "REF", "ALT"))
    for number, (row, allele) in enumerate(chosen.items()):
        found = table.iloc[number][list(model.tracks)].to_numpy(float)
        profile = profiles[number]
        bins = [
            published_bins(g, row, profile, allele.variant, model) for g in (reference, alternative)
        ]
        # The published code keeps the alleles of a flipped record, and so its sign.
        sign, bins = (-1, bins[::-1]) if allele.is_flipped else (1, bins)
        np.testing.assert_allclose(found * sign, sad[row].astype(float), **FLOAT16)
        np.testing.assert_allclose(profile.reference, bins[0], **FLOAT16)
        np.testing.assert_allclose(profile.alternative, bins[1], **FLOAT16)


def test_insertions_and_deletions_change_nothing_far_away_where_the_published_code_does(
    model, genome, alleles
):
    chosen = {row: a.variant for row, a in alleles.items() if a.variant.shift}
    assert len(chosen) == 6
    with h5py.File(GOLDEN / "sad" / "sad.h5") as golden:
        published = golden["ALT"][:].astype(float) - golden["REF"][:]
    profiles = core.variant_profiles(model, genome, list(chosen.values()), grid=None)
    for (row, variant), profile in zip(chosen.items(), profiles, strict=True):
        # All that ours can change lies in the profile; the published change is as large beyond.
        start = variant.position - (LENGTH // 2 - 1)
        first = (profile.start - start) // model.bin - model.crop
        last = first + len(profile.reference)
        beyond = np.concatenate([published[row][:first], published[row][last:]])
        assert len(beyond) > 50
        assert abs(beyond).max() > 0.3
        edge = abs(profile.alternative - profile.reference)[[0, -1]]
        assert edge.max() < 1e-3
        assert abs(profile.alternative - profile.reference).max() > 0.01


def test_sed_of_substitutions_equals_the_published(model, genome, alleles):
    by_name = {a.variant.id: a.variant for a in alleles.values()}
    starts = {}
    for line in (GOLDEN / "sed" / "tss.bed").read_text().splitlines():
        _, start, _, name, *_ = line.split()
        starts[name] = int(start)
    with h5py.File(GOLDEN / "sed" / "sed.h5") as golden:
        rows = [(s.decode(), t.decode()) for s, t in zip(golden["snp"], golden["tss"], strict=True)]
        sed = golden["SED"][:].astype(float)
    compared = 0
    for (snp, tss), expected in zip(rows, sed, strict=True):
        variant = by_name[snp]
        if variant.shift:
            continue
        # Summed over all bins predicted from the window around the start site.
        start = starts[tss] - LENGTH // 2
        (profile,) = core.variant_profiles(model, genome, [variant], grid=start)
        first = (profile.start - start) // model.bin - model.crop
        inside = slice(max(0, -first), model.bins - first)
        change = (profile.alternative - profile.reference)[inside].sum(axis=0)
        np.testing.assert_allclose(change, expected, **FLOAT16)
        compared += 1
    assert compared == 2


@pytest.mark.parametrize("row", [0, 1, 2])
def test_saturation_mutagenesis_equals_the_published(model, genome, row):
    with h5py.File(GOLDEN / "sat_mut" / "scores.h5") as golden:
        names = ("chr", "start", "end", "strand", "seqs", "sum", "center")
        chrom, start, end, strand, bases, total, center = (golden[name][row] for name in names)
    first = int(start + end) // 2 - LENGTH // 2
    x = genome.one_hot(core.Interval(chrom.decode(), first, first + LENGTH))
    if strand == b"-":
        x = np.ascontiguousarray(x[::-1, ::-1])
    place = (LENGTH - len(bases)) // 2
    np.testing.assert_array_equal(x[place : place + len(bases)], bases)
    profiles = core.mutagenesis_profiles(model, x, place, place + len(bases))
    middle = model.bins // 2
    for bins, expected in ((slice(None), total), (slice(middle, middle + 2), center)):
        change = profiles[:, :, bins].sum(axis=2)
        centred = change - change.mean(axis=1, keepdims=True)
        np.testing.assert_allclose(centred, expected.astype(float), rtol=2e-3, atol=1e-3)


def test_every_published_score_of_substitutions_equals_the_published(model, genome, alleles):
    chosen = {row: a for row, a in alleles.items() if not a.variant.shift}
    names = {s.published: s.name for s in SCORES.values() if s.published}
    variants = [a.variant for a in chosen.values()]
    table = core.score_variants(model, genome, variants, scores=list(names), grid=None)
    found = table.set_index(["record", "score"])[list(model.tracks)]
    with h5py.File(GOLDEN / "sad" / "sad.h5") as golden:
        for published, name in names.items():
            is_distance = name.endswith(("d1", "d2"))
            for record, (row, allele) in enumerate(chosen.items(), 1):
                sign = -1 if allele.is_flipped and not is_distance else 1
                expected = golden[published][row].astype(float)
                np.testing.assert_allclose(
                    found.loc[(record, name)] * sign, expected, **FLOAT16, err_msg=published
                )
