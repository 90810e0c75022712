"""What a model's card says of its networks and of its data."""

from __future__ import annotations

from pathlib import Path

from sighthound.core.genome.sequence import Genome, Interval
from sighthound.core.model.model import Model
from sighthound.precompute.datasets.card import fold_lines, model_lines
from tests.models import small_model
from tests.tiny import make_project

TRAINED = {"settings": {"epochs": 14}, "epochs": 6, "seconds": 1830.0}


def lines_of(model: Model, members: int) -> dict[str, tuple[object, str]]:
    return {line.name: (line.value, line.over) for line in model_lines(model, members)}


def test_a_network_that_was_taught_says_how_long_all_of_them_learned() -> None:
    plain = small_model()
    model = Model(plain.architecture, plain.weights, plain.tracks, info={"training": TRAINED})
    found = lines_of(model, 3)
    assert found["networks that taught it"] == (3, "")
    assert found["trained for"] == (6, "taught by 3 networks of at most 14 epochs each")
    assert found["training took"][0] == 30
    assert lines_of(model, 0)["trained for"] == (6, "")


def test_a_network_of_others_says_nothing_of_its_training() -> None:
    assert "trained for" not in lines_of(small_model(), 0)


def test_folds_are_counted_in_bases_and_windows(tmp_path: Path) -> None:
    genome = Genome(make_project(tmp_path) / "genome.fa")
    (chrom, length), *_ = genome.lengths.items()
    total = sum(genome.lengths.values())
    (line,) = fold_lines({"test": [Interval(chrom, 0, 2000)]}, 1000, genome)
    assert (line.name, line.value) == ("test", 2000)
    assert line.over == f"{2000 / total:.1%} of the genome: {chrom}; 2 windows of 1,000 bases"
    assert length >= 2000
