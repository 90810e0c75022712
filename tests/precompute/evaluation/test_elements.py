import numpy as np
import pytest
from scipy.stats import mannwhitneyu

from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Genome, Interval
from sighthound.core.interpretation.saliency import saliency
from sighthound.core.interpretation.windows import locus_window
from sighthound.core.model.ensemble import Ensemble
from sighthound.precompute.evaluation.elements import (
    Profile,
    element_scores,
    element_tables,
    read_elements,
    saliency_of_starts,
)
from tests.models import shallow_model
from tests.precompute.evaluation.test_expression import gene

BIN = 10


def profiles(count: int = 60) -> list[Profile]:
    """Starts 2,000 bases apart; of every third one a bin 100 bases before it is salient."""
    rng = np.random.default_rng(0)
    found = []
    for number in range(count):
        shares = rng.random((41, 1)) * 0.01
        if number % 3 == 1:
            shares[20 - 10] = 0.5
        tss = 1_000 + 2_000 * number
        found.append(Profile("chrI", tss, 1, tss // BIN - 20, shares))
    return found


def elements(every: int) -> list[Interval]:
    return [
        Interval("chrI", p.tss - 100, p.tss - 90)
        for number, p in enumerate(profiles())
        if number % 3 == every
    ]


def test_elements_with_saliency_are_told_from_places_at_their_distance():
    scores = element_scores(profiles(), {"site": elements(1)}, BIN)
    seen, background = scores["site"]
    assert (seen == 0.5).all()
    assert len(seen) == 20
    # None of the background lies on an element.
    assert background.max() < 0.02
    tables = element_tables(scores, ["t"])
    (row,) = tables["elements.tsv"].to_dict("records")
    assert row["auroc"] == 1
    assert row["p"] == pytest.approx(mannwhitneyu(seen[:, 0], background[:, 0]).pvalue)
    curves = tables["element_curves.tsv"]
    assert curves[curves["group"] == "elements"]["score"].unique().tolist() == [0.5]


def test_elements_without_saliency_are_not():
    scores = element_scores(profiles(), {"quiet": elements(0), "site": elements(1)}, BIN)
    _, background = scores["quiet"]
    # The other kind's places are no background of this one.
    assert background.max() < 0.02
    assert 0.2 < element_tables(scores, ["t"])["elements.tsv"]["auroc"].iloc[0] < 0.8


def test_the_background_of_a_gene_that_runs_back_is_mirrored():
    both = [
        Profile("chrI", 1_000, 1, 80, np.zeros((41, 1))),
        Profile("chrI", 5_000, -1, 480, np.zeros((41, 1))),
    ]
    both[1].shares[29] = 0.9  # 95 bases behind its start on the chromosome: upstream
    site = {"site": [Interval("chrI", 900, 910)]}
    _, background = element_scores(both, site, BIN, seed=1)["site"]
    assert set(background.ravel().tolist()) <= {0.9}


def test_few_elements_are_no_evidence():
    scores = element_scores(profiles(), {"site": elements(1)[:5]}, BIN)
    assert all(table.empty for table in element_tables(scores, ["t"]).values())


def test_kinds_are_the_names_of_lines_and_the_rarest_are_other(tmp_path):
    fasta = tmp_path / "genome.fa"
    fasta.write_text(f">chrI\n{'ACGT' * 50}\n")
    genome = Genome(fasta)
    bed = tmp_path / "marks.bed"
    lines = [f"chrI\t{i}\t{i + 5}\tkind{i % 14}" for i in range(20)] + ["chrI\t7\t9"]
    bed.write_text("\n".join(lines) + "\n")
    found = read_elements([bed], genome)
    assert len(found) == 12 + 1
    assert found["kind0"] == [Interval("chrI", 0, 5), Interval("chrI", 14, 19)]
    assert sum(map(len, found.values())) == 21
    with pytest.raises(SighthoundError):
        read_elements([tmp_path / "none.bed"], genome)


def test_saliency_is_that_of_the_first_start_as_shares(tmp_path):
    model = shallow_model(("a", "b"))
    fasta = tmp_path / "genome.fa"
    bases = "".join(np.random.default_rng(0).choice(list("ACGT"), 30_000))
    fasta.write_text(f">chrI\n{bases}\n")
    genome = Genome(fasta)
    (found,) = saliency_of_starts(model, genome, [gene("g", "-", 15_000)], ["b"], Ensemble())
    start = 15_000 // model.bin
    window = locus_window(model, "chrI", start * model.bin, (start + 1) * model.bin, 0)
    at = window.predicted_index(start * model.bin)
    whole = np.abs(saliency(model, window.one_hot(genome), track="b", bins=[at]))
    assert found.shares.sum() == pytest.approx(1)
    assert found.sign == -1
    # Saliency counts all bins of a window, those that are cropped, too.
    low = found.first - window.interval.start // model.bin
    kept = slice(max(0, low), low + len(found.shares))
    part = found.shares[max(0, -low) :, 0][: len(whole[kept])]
    assert part == pytest.approx(whole[kept] / whole.sum(), abs=1e-5)
