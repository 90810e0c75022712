"""What a tiny model says of a locus: REF by the genome, genes, mutagenesis with and without."""

import numpy as np
import pandas as pd
import pytest

from sighthound import core
from sighthound.core.errors import SighthoundError
from sighthound.core.finemapping.predicted import kind_of, opposite_effects
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.tracks.track import Track
from sighthound.core.variants.variant import Variant, of_genome
from sighthound.precompute.studies.finemapping import FineMappingChoice, fine_map, with_prior
from sighthound.precompute.studies.locus_predictions import predict_effects, prior_of
from sighthound.precompute.studies.matched import StatisticsChoice
from tests.tiny import make_project, write_bases

PLACES = (2030, 2100, 2200)  # 0-based; ALPHA1 begins at 2000


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    root = make_project(tmp_path_factory.mktemp("lab") / "lab", predictions=False)
    write_bases(root, "chrI", dict.fromkeys(PLACES, "A"))
    settings = root / "sighthound.toml"
    settings.write_text(settings.read_text() + '\n[motifs]\ntax_group = "urochordates"\n')
    return core.load_project(root)


def locus(folder, rows):
    path = folder / "study.tsv"
    head = "chrom\tpos\tid\teffect_allele\tother_allele\tbeta\tse\n"
    path.write_text(head + "".join(f"chrI\t{p + 1}\t{i}\t{e}\t{o}\t{b}\t0.01\n"
                                   for p, i, e, o, b in rows))  # fmt: skip
    return fine_map(StatisticsChoice(path, {}), FineMappingChoice(lead_p=0.5))[0]


@pytest.fixture(scope="module")
def found(project, tmp_path_factory):
    rows = [
        (PLACES[0], "v0", "G", "A", 0.10), (PLACES[1], "v1", "A", "C", 0.095),
        (PLACES[2], "v2", "G", "T", 0.09),
    ]  # fmt: skip
    mapped = locus(tmp_path_factory.mktemp("study"), rows)
    return mapped, predict_effects(project, mapped, Ensemble())


def test_ref_is_the_genomes_and_what_fits_neither_way_is_counted(found):
    mapped, predicted = found
    assert mapped.chrom == "chrI"
    table = predicted.variants
    assert table["variant"].tolist() == ["v0", "v1"]
    assert list(zip(table["ref"], table["alt"], strict=True)) == [("A", "G"), ("A", "C")]
    assert "not predicted: 1 whose alleles are not genome.fa's" in predicted.said


def test_mutagenesis_of_both_alleles_agrees_on_what_the_variant_does(found):
    pair = found[1].mutated
    at, ref, alt = 30, "ACGT".index("A"), "ACGT".index("G")
    assert (pair.sequences[0][at], pair.sequences[1][at]) == ("A", "G")
    change = pair.predicted[1] - pair.predicted[0]
    np.testing.assert_allclose(pair.effects[0][at, alt], change, atol=1e-4)
    np.testing.assert_allclose(pair.effects[1][at, ref], -change, atol=1e-4)
    assert pair.where == "the bins of the start sites of ALPHA1"


def test_a_gene_changes_only_on_tracks_of_its_own_strand(found, project):
    changes = found[1].changes
    assert (changes["change"].abs() > 0.1).all()
    strands = {track.id: track.strand for track in project.read_tracks()}
    genes = project.read_genes()
    for row in changes.itertuples():
        assert strands[row.track] in (".", genes[row.gene].strand)


def test_the_prior_follows_sizes_and_is_said(found):
    mapped, predicted = found
    prior, words = prior_of(mapped, predicted, 0.5)
    assert prior.sum() == pytest.approx(1)
    sizes = predicted.variants["size"].to_numpy()
    assert (np.diff(prior[predicted.variants["row"]]) > 0) == (np.diff(sizes) > 0)
    after = with_prior(mapped, prior, words).variants
    expected = mapped.variants["abf"] * prior
    np.testing.assert_allclose(after["posterior"], expected / expected.sum())


def test_statistics_of_another_genome_are_refused(project, tmp_path):
    rows = [(PLACES[0], "v0", "G", "C", 0.1), (PLACES[1], "v1", "G", "C", 0.1)]
    with pytest.raises(
        SighthoundError, match=r"none of the 2 .* has an allele that is genome\.fa's"
    ):
        predict_effects(project, locus(tmp_path, rows), Ensemble())


def test_of_an_insertion_that_fits_both_ways_the_first_allele_is_ref(project):
    genome = project.open_genome()
    bases = genome.sequence(core.Interval("chrI", 100, 102))
    assert of_genome(genome, "chrI", 100, bases[0], bases) == Variant("chrI", 100, bases[0], bases)
    assert of_genome(genome, "chrI", 100, bases, bases[0]).ref == bases
    assert of_genome(genome, "chrI", 100, "<DEL>", "A") is None


def test_opposite_effects_are_of_two_samples_and_the_lesser_change_counts():
    tracks = {
        "a": Track("a", "a", assay="CAGE", sample="one"), "b": Track("b", "b", "CAGE", "two"),
        "c": Track("c", "c", "RNA-seq", "one"),
    }  # fmt: skip
    changes = pd.DataFrame(
        [("v", "G", "a", "expression", 0.5), ("v", "G", "c", "expression", -0.4),
         ("v", "G", "b", "expression", -0.2), ("w", "G", "a", "chromatin", 0.9)],
        columns=["variant", "gene", "track", "kind", "change"],
    )  # fmt: skip
    changes["gene_name"] = ""
    one = opposite_effects(changes, tracks)
    assert (one.raised, one.lowered, one.lowered_by) == ("a", "b", -0.2)
    assert opposite_effects(changes[changes["change"] > 0], tracks) is None
    assert kind_of(tracks["c"]) == "expression"
    assert kind_of(Track("x", "x", assay="ATAC-seq")) == "chromatin"
