"""How far networks agree on effects of changes, and which changes are drawn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import spearmanr

from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Genome, Interval
from sighthound.core.interpretation.variant_scores import score_variants
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.project.settings import load_project
from sighthound.precompute.evaluation.members import (
    DOWNSTREAM,
    UPSTREAM,
    changes_of_file,
    effects_table,
    random_changes,
)
from tests.models import shallow_model
from tests.precompute.evaluation.test_expression import gene
from tests.tiny import make_project, write_vcf


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("members")
    return make_project(folder, model=False, predictions=False)


@pytest.fixture(scope="module")
def genome(root: Path) -> Genome:
    return load_project(root).open_genome()


def test_substitutions_are_drawn_near_starts_of_the_fold_and_always_the_same(
    genome: Genome,
) -> None:
    genes = [gene("a", "+", 9_000), gene("b", "-", 20_000), gene("c", "+", 30_000)]
    places = [Interval("chrI", 0, 25_000)]
    found = random_changes(genes, places, genome, "test")
    assert found is not None
    again = random_changes(genes, places, genome, "test")
    assert again is not None
    assert again.variants == found.variants
    assert len(found.variants) == 12
    for variant, group in zip(found.variants, found.groups, strict=True):
        start, sign = ((9_000, 1), (20_000, -1))[group]
        assert -UPSTREAM <= sign * (variant.position - start) < DOWNSTREAM
        place = Interval("chrI", variant.position, variant.position + 1)
        assert variant.ref == genome.sequence(place) != variant.alt
    assert found.of.startswith("12 random substitutions at 2 starts of genes in the test fold")
    assert random_changes(genes, [Interval("chrII", 0, 9_000)], genome, "test") is None


def test_agreement_is_the_rank_correlation_of_the_networks_effects(
    root: Path, genome: Genome
) -> None:
    lines = []
    for position in range(5_000, 5_900, 90):
        ref = genome.sequence(Interval("chrI", position - 1, position))
        lines.append(f"chrI {position} . {ref} {'A' if ref != 'A' else 'C'}")
    changes = changes_of_file(write_vcf(root, *lines), genome)
    assert changes.of == "10 variants of variants.vcf.gz"
    tracks = ("a", "x.plus", "x.minus")
    model, *members = (shallow_model(tracks, seed) for seed in range(3))
    table = effects_table(model, members, genome, changes, Ensemble()).set_index("track")
    own, one, other = (score_variants(m, genome, changes.variants)["a"] for m in (model, *members))
    row = table.loc["a"]
    assert row.spearman == pytest.approx(spearmanr(one, other)[0])
    with_model = np.mean([spearmanr(own, one)[0], spearmanr(own, other)[0]])
    assert row.model_spearman == pytest.approx(with_model)
    assert row.same_sign == pytest.approx((np.sign(one) == np.sign(other)).mean())
    assert row.known <= row.same_sign
    assert row.spearman_low <= row.spearman <= row.spearman_high
    assert (row.members, row.variants) == (2, 10)
    with pytest.raises(SighthoundError, match="give at least two"):
        effects_table(model, members[:1], genome, changes, Ensemble())
