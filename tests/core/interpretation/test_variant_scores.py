"""Variants are predicted as full forward passes over the altered sequence would predict them."""

import functools

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from sighthound.core import Ensemble, Genome, Interval, Model, SighthoundError, Variant, one_hot
from sighthound.core.annotation.genes import Gene, Genes
from sighthound.core.annotation.transcripts import Transcript
from sighthound.core.interpretation.scores import SCORES
from sighthound.core.interpretation.variant_scores import score_variants, variant_profiles
from sighthound.core.interpretation.variant_windows import place, plan_windows
from sighthound.core.model.architecture import Architecture
from sighthound.core.model.blocks import Convolution, Crop, Dilated
from sighthound.core.variants.haplotype import haplotype, parse_haplotype
from sighthound.core.variants.variant import parse_variant
from tests.core.interpretation.test_incremental import architectures
from tests.models import random_weights

LENGTHS = {"chrI": 701, "chrII": 397}
ENSEMBLES = (Ensemble(), Ensemble(True), Ensemble(True, (0, 1, -9)))


@pytest.fixture(scope="module")
def genome(tmp_path_factory):
    """Two short chromosomes; the first has a run of N."""
    rng = np.random.default_rng(3)
    file = tmp_path_factory.mktemp("genome") / "genome.fa"
    with file.open("w") as out:
        for name, length in LENGTHS.items():
            bases = rng.choice(list("ACGT"), length)
            if name == "chrI":
                bases[300:330] = "N"
            out.write(f">{name}\n{''.join(bases)}\n")
    return Genome(file)


@functools.cache
def tiny_model(seed=0, style="residual", tracks=("a", "b", "c"), crop=1):
    """Bins of 8 bases that see 5 bins to each side, and a scale and strand pairs to get wrong."""
    blocks = (
        Convolution(6, 6, 4, activation="gelu_tanh"),
        Convolution(5, 3, 2),
        Dilated(4, (1, 3), style),
        Crop(crop),
    )
    architecture = Architecture(512, blocks, len(tracks), "exp_linear")
    pairs = [1, 0, *range(2, len(tracks))]
    return Model(
        architecture, random_weights(architecture, seed, 0.5), tracks,
        strand_pairs=pairs, output_scale=[1, 2, 0.5, *[1] * (len(tracks) - 3)],
    )  # fmt: skip


def sequence(genome, chrom):
    return genome.sequence(Interval(chrom, 0, genome.lengths[chrom]))


def substitution(genome, chrom, position, length=1):
    """The genome's bases replaced, each by the next of the alphabet."""
    ref = genome.sequence(Interval(chrom, position, position + length))
    return Variant(chrom, position, ref, ref.translate(str.maketrans("ACGT", "CGTA")))


def slow_profile(model, genome, variants, ensemble, start, bins, dtype="float64"):
    """Reference and aligned alternative, every anchoring by a full pass of a long window.

    A bin is the mean over those of its bases that are not deleted: a base is predicted by the
    altered sequence laid so that this base is in its old place.
    """
    chrom, size = variants[0].chrom, model.bin
    reference = sequence(genome, chrom)
    edits = sorted(v.trimmed() for v in variants)
    altered, shift_of, at, shift = "", {}, 0, 0
    for position, ref, alt in edits:
        same = min(len(ref), len(alt))
        shift_of |= dict.fromkeys(range(at, position + same), shift)
        altered += reference[at:position] + alt
        at, shift = position + len(ref), shift + len(alt) - len(ref)
    shift_of |= dict.fromkeys(range(at, len(reference)), shift)
    altered += reference[at:]
    around = 64 * size

    def predicted(text, moved):
        first, last = start - around + moved, start + bins * size + around + moved
        left, right = max(0, -first), max(0, last - len(text))
        window = "N" * left + text[max(0, first) : max(0, last)] + "N" * right
        x = one_hot(window)[None].astype(np.float32)
        cut = around // size - model.crop
        return model.predict(x, ensemble, dtype)[0][cut : cut + bins]

    before = predicted(reference, 0)
    by_shift = {s: predicted(altered, s) for s in {0, shift, *shift_of.values()}}
    after = np.zeros_like(before)
    for b in range(bins):
        place_ = range(start + b * size, start + (b + 1) * size)
        beyond_is = {q: 0 if q < 0 else shift for q in place_ if not 0 <= q < len(reference)}
        shifts = [(shift_of | beyond_is)[q] for q in place_ if q in shift_of or q in beyond_is]
        if shifts:
            after[b] = np.mean([by_shift[s][b] for s in shifts], axis=0)
    return before, after


@st.composite
def haplotypes(draw, genome):
    """One to three variants of every kind, also at the ends and in the run of N."""
    chrom = draw(st.sampled_from(sorted(LENGTHS)))
    text, found, at = sequence(genome, chrom), [], draw(st.sampled_from([0, 5, 290, 331, 360, 380]))
    for _ in range(draw(st.integers(1, 3))):
        at += draw(st.integers(0, 25))
        length = draw(st.integers(1, 20))
        ref = text[at : at + length]
        alt = draw(st.text("ACGT", min_size=1, max_size=20))
        if ref and "N" not in ref and ref != alt:
            found.append(Variant(chrom, at, ref, alt))
        at += length
    if not found:
        found = [substitution(genome, chrom, len(text) - 1)]
    return found


@settings(max_examples=4, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(data=st.data(), architecture=architectures(), seed=st.integers(0, 5))
def test_profiles_equal_full_passes_of_the_anchored_sequences(genome, data, architecture, seed):
    model = Model(
        architecture, random_weights(architecture, seed, 0.5), ["a", "b", "c"],
        strand_pairs=[1, 0, 2], output_scale=[1, 2, 0.5],
    )  # fmt: skip
    groups = [data.draw(haplotypes(genome)) for _ in range(4)]
    ensemble = data.draw(st.sampled_from(ENSEMBLES))
    grid = data.draw(st.sampled_from([0, 3, None]))
    tracks = data.draw(st.sampled_from([None, ["c", "a"]]))
    try:
        groups = [list(haplotype(g).variants) for g in groups]
    except SighthoundError:  # two insertions at one place
        groups = [g[:1] for g in groups]
    profiles = variant_profiles(
        model, genome, groups, tracks=tracks, ensemble=ensemble, grid=grid, dtype="float64"
    )
    columns = [0, 1, 2] if tracks is None else [2, 0]
    for variants, profile in zip(groups, profiles, strict=True):
        extra, bins = 4, len(profile.reference)  # bins on either side that must not change
        start = profile.start - extra * model.bin
        before, after = slow_profile(model, genome, variants, ensemble, start, bins + 2 * extra)
        before, after = before[:, columns], after[:, columns]
        inside = slice(extra, extra + bins)
        np.testing.assert_allclose(profile.reference, before[inside], atol=1e-9)
        np.testing.assert_allclose(profile.alternative, after[inside], atol=1e-9)
        starts = start + np.arange(len(before)) * model.bin
        is_inside = (starts > -model.bin) & (starts < genome.lengths[variants[0].chrom])
        is_inside[inside] = False
        np.testing.assert_allclose(after[is_inside], before[is_inside], atol=1e-12)


def test_scores_are_what_the_profiles_say(genome):
    model = tiny_model()
    variants = [
        substitution(genome, "chrI", 0),
        substitution(genome, "chrI", 100),
        substitution(genome, "chrI", 107, 3),
        insertion(genome, "chrI", 120, "CATTAC"),
        [substitution(genome, "chrI", 500), deletion(genome, "chrI", 510, 9)],
        substitution(genome, "chrII", 396),
    ]
    genes = Genes([gene("ALPHA", "chrI", 110, 128, 4000), gene("BETA", "chrII", 380)])
    for ensemble in ENSEMBLES[:2]:
        profiles = variant_profiles(model, genome, variants, ensemble=ensemble)
        table = score_variants(
            model, genome, variants, scores=SCORES, alleles=True,
            genes=genes, ensemble=ensemble,
        )  # fmt: skip
        found = table.set_index(["record", "score", "value"])[list(model.tracks)]
        for record, p in enumerate(profiles, 1):
            before, after = p.reference.sum(0), p.alternative.sum(0)
            ratios = np.log2(p.alternative + 1) - np.log2(p.reference + 1)
            changes = p.alternative - p.reference
            roots = np.sqrt(p.alternative) - np.sqrt(p.reference)
            expected = {
                ("sad", "score"): after - before,
                ("sad", "reference"): before,
                ("sad", "alternative"): after,
                ("log2_ratio", "score"): np.log2((after + 1) / (before + 1)),
                ("log2_ratio", "reference"): np.log2(before + 1),
                ("max_log2", "score"): abs(ratios).max(0),
                ("sum_log2_ratio", "score"): ratios.sum(0),
                ("sum_log2_ratio", "alternative"): np.log2(p.alternative + 1).sum(0),
                ("sqrt_sad", "score"): roots.sum(0),
                ("sax", "score"): np.where(
                    changes.max(0) > -changes.min(0), changes.max(0), changes.min(0)
                ),
                ("d1", "score"): abs(changes).sum(0),
                ("d1", "alternative"): abs(changes).sum(0),
                ("d1", "reference"): 0 * before,
                ("d2", "score"): np.sqrt((changes**2).sum(0)),
                ("log_d1", "score"): abs(ratios).sum(0),
                ("log_d2", "score"): np.sqrt((ratios**2).sum(0)),
                ("sqrt_d1", "score"): abs(roots).sum(0),
                ("sqrt_d2", "score"): np.sqrt((roots**2).sum(0)),
            }
            told = {score for score, _ in expected} | {"sed"}
            assert told == set(SCORES)
            for key, values in expected.items():
                np.testing.assert_allclose(found.loc[(record, *key)], values, 1e-3, 2e-4)
            both = (found.loc[(record, "max_log2", v)] for v in ("alternative", "reference"))
            np.testing.assert_allclose(abs(np.subtract(*both)), abs(ratios).max(0), 1e-3, 2e-4)


def test_sed_sums_the_bins_of_a_genes_start_sites_that_the_variant_reaches(genome):
    model = tiny_model()
    variant = substitution(genome, "chrI", 100)
    # Two of ALPHA's sites share a bin, which counts once; the fourth is out of reach.
    genes = Genes([gene("ALPHA", "chrI", 110, 111, 130, 600), gene("BETA", "chrI", 640)])
    table = score_variants(model, genome, [variant], scores=["sed"], alleles=True, genes=genes)
    (profile,) = variant_profiles(model, genome, [variant])
    assert table.gene.tolist() == ["ALPHA"] * 3
    rows = [(position - profile.start) // model.bin for position in (110, 130)]
    for value, values in (("reference", profile.reference), ("alternative", profile.alternative)):
        found = table[table.value == value][list(model.tracks)].to_numpy()[0]
        np.testing.assert_allclose(found, values[rows].sum(0), rtol=1e-5)


def test_a_variants_scores_do_not_depend_on_its_company(genome):
    model = tiny_model()
    variants = [substitution(genome, "chrI", p) for p in range(0, 290, 13)]
    variants += [deletion(genome, "chrI", p, 3) for p in range(400, 600, 31)]
    together = score_variants(model, genome, variants[::-1], tracks=["c", "a"])
    assert list(together.columns[-2:]) == ["c", "a"]
    for number, variant in enumerate(variants[::-1]):
        alone = score_variants(model, genome, [variant], tracks=["c", "a"])
        row = together.iloc[number]
        assert row.variant == str(variant)
        np.testing.assert_allclose(
            row[["c", "a"]].to_numpy(float), alone.iloc[0][["c", "a"]].to_numpy(float), atol=2e-5
        )


def test_an_aligned_deletion_changes_nothing_far_away_where_centre_trimming_does(genome):
    model = tiny_model()
    variant = deletion(genome, "chrI", 200, 3)
    start, length = 96, 216
    x = one_hot(sequence(genome, "chrI")[start : start + length])[None]
    text = sequence(genome, "chrI")
    trimmed = (text[:201] + text[204:])[start : start + length]
    centre_trimmed = model.predict(one_hot(trimmed)[None])[0] - model.predict(x)[0]
    (profile,) = variant_profiles(model, genome, [variant])
    change = np.zeros_like(centre_trimmed)
    first = (profile.start - start) // model.bin - model.crop
    change[first : first + len(profile.reference)] = profile.alternative - profile.reference
    far = np.abs(np.arange(len(change)) + model.crop - (200 - start) // model.bin) > 6
    assert (change[far] == 0).all()
    assert abs(change).max() > 1e-3
    assert abs(centre_trimmed[far]).max() > 1e-2


def test_a_bin_that_is_deleted_whole_is_predicted_as_nothing(genome):
    model = tiny_model()
    (profile,) = variant_profiles(model, genome, [deletion(genome, "chrI", 197, 20)])
    starts = profile.start + model.bin * np.arange(len(profile.reference))
    is_gone = (starts >= 198) & (starts + model.bin <= 218)
    assert starts[is_gone].tolist() == [200, 208]
    assert (profile.alternative[is_gone] == 0).all()
    assert (profile.alternative[~is_gone] > 0).all()


def test_neighbours_share_a_window_and_distant_variants_do_not(genome):
    model = tiny_model()
    assert model.receptive_field_bins * model.bin < 48
    found = [haplotype(substitution(genome, "chrI", p)) for p in (650, 100, 140, 120)]
    places = [place(h, model, genome, Ensemble()) for h in found]
    windows = plan_windows(places, model, Ensemble())
    assert [w.members for w in windows] == [(1, 3, 2), (0,)]
    assert [w.members for w in plan_windows(places, model, Ensemble(), shared=32)] == [
        (1, 3), (2,), (0,),
    ]  # fmt: skip


def test_variants_that_overlap_cannot_be_one_haplotype(genome):
    both = [deletion(genome, "chrI", 100, 5), substitution(genome, "chrI", 103)]
    with pytest.raises(SighthoundError, match="overlap, so they cannot be on one sequence"):
        haplotype(both)
    with pytest.raises(SighthoundError, match="lie on different chromosomes"):
        haplotype([substitution(genome, "chrI", 5), substitution(genome, "chrII", 5)])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"scores": ["sda"]}, "unknown score 'sda'; expected sad, log2_ratio, sum_log2_ratio"),
        ({"scores": ["sed"]}, "give an annotation of genes"),
        ({"tracks": ["atak"]}, "the model has no track 'atak'"),
        ({"pseudocount": 0}, "expected a number above 0"),
    ],
)
def test_what_cannot_be_asked_is_named(genome, options, message):
    with pytest.raises(SighthoundError, match=message):
        score_variants(tiny_model(), genome, [substitution(genome, "chrI", 100)], **options)


def test_a_variant_of_another_genome_is_named(genome):
    right = substitution(genome, "chrI", 100)
    wrong = Variant("chrI", 100, right.alt, right.ref)
    with pytest.raises(SighthoundError, match=r"1 of 2 variants do not fit .* REF differs from"):
        score_variants(tiny_model(), genome, [right, wrong])
    with pytest.raises(SighthoundError, match="beyond the chromosome's end at 397"):
        score_variants(tiny_model(), genome, [Variant("chrII", 397, "A", "C")])


def test_a_variant_longer_than_the_models_window_is_refused(genome):
    with pytest.raises(SighthoundError, match="expected at most the model's window, 512"):
        score_variants(tiny_model(), genome, [insertion(genome, "chrI", 9, "A" * 513)])


@pytest.mark.parametrize(
    "text",
    [
        "chrIV:1,234 A>G", "chrIV:1234:A:G", "chrIV:1234A>G", "chrIV:1234 a/g", "chrIV:1234 A G",
        "chrIV 1234 A>G", "chrIV 1,234 A G", "chrIV-1234-A-G", "chrIV:g.1234A>G",
        "chrIV\t1234\t.\tA\tG\t50\tPASS",
    ],
)  # fmt: skip
def test_people_write_variants_in_several_ways(text):
    assert parse_variant(text) == Variant("chrIV", 1233, "A", "G")


@pytest.mark.parametrize(
    "text",
    [
        "chrIV:9 A>G + chrIV:30 CT>C", "chrIV:9 A>G, 30 CT>C", "chrIV:9 A>G,chrIV:30 CT>C",
        "chrIV:9:A:G+chrIV:30:CT:C", "chrIV:30 CT>C; chrIV:9 A>G", "rs7+chrIV:30 CT>C",
        "9 A>G, rs8",
    ],
)  # fmt: skip
def test_people_write_haplotypes_in_several_ways(text):
    known = {"rs7": Variant("chrIV", 8, "A", "G", "rs7"), "rs8": Variant("chrIV", 29, "CT", "C")}
    found = parse_haplotype(text, chrom="chrIV", known=known.get)
    assert str(found) == "chrIV:9:A:G+chrIV:30:CT:C"


def test_variants_of_two_chromosomes_are_no_haplotype():
    with pytest.raises(SighthoundError, match="lie on different chromosomes"):
        parse_haplotype("chrI:9 A>G + chrII:9 A>G")
    with pytest.raises(SighthoundError, match="'rs7' is not a variant"):
        parse_haplotype("chrI:9 A>G + rs7")


@pytest.mark.parametrize("text", ["chrIV:1234", "chrIV A>G", "chrIV:1234 A>", "chrIV:x A>G", ""])
def test_what_is_no_variant_is_refused(text):
    with pytest.raises(
        SighthoundError, match="is not a variant; write chromosome:position REF>ALT"
    ):
        parse_variant(text)


def test_a_typed_variant_is_checked_against_the_genome(genome):
    base = sequence(genome, "chrI")[9]
    other = "C" if base == "A" else "A"
    assert parse_variant(f"I:10 {base}>{other}", genome).chrom == "chrI"
    with pytest.raises(SighthoundError, match=f"REF differs from the genome, which has {base}"):
        parse_variant(f"I:10 {other}>{base}", genome)
    with pytest.raises(SighthoundError, match="changes nothing"):
        parse_variant(f"I:10 {base}>{base}")
    with pytest.raises(SighthoundError, match="expected bases A, C, G and T"):
        parse_variant("I:10 A>N")


def insertion(genome, chrom, position, bases):
    ref = sequence(genome, chrom)[position]
    return Variant(chrom, position, ref, ref + bases)


def deletion(genome, chrom, position, length):
    """The bases after `position` deleted."""
    ref = sequence(genome, chrom)[position : position + 1 + length]
    return Variant(chrom, position, ref, ref[0])


def gene(name, chrom, *starts):
    transcripts = tuple(
        Transcript(f"{name}.{n}", chrom, start, start + 5, "+", ())
        for n, start in enumerate(starts)
    )
    return Gene(name, name, chrom, min(starts), max(starts) + 5, "+", transcripts)


def test_scores_go_by_the_names_of_the_published_scripts_too(genome):
    table = score_variants(
        tiny_model(), genome, [substitution(genome, "chrI", 100)],
        scores=["logSAD", "D2", "SAD", "sqrtD1", "SAX", "sax"],
    )  # fmt: skip
    assert table.score.tolist() == ["sad", "sum_log2_ratio", "sax", "d2", "sqrt_d1"]


def test_a_score_that_could_be_two_is_refused_with_both_names(genome):
    with pytest.raises(SighthoundError, match=r"log_sad is ambiguous: ask for log2_ratio .*or sum"):
        score_variants(tiny_model(), genome, [], scores=["log_sad"])
