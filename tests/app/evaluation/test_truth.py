"""The report of measured effects: what it says is what was computed."""

import numpy as np
import pandas as pd
import pytest

from sighthound.app.evaluation.signs import sign_doubts
from sighthound.app.evaluation.truth import (
    TruthCard,
    agreement_figure,
    points_figure,
    summary,
    truth_panels,
)
from sighthound.app.evaluation.truth_report import truth_html
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.project.signs import SignCalibration
from sighthound.core.project.truth import Truth, predicted_column
from sighthound.core.truth.comparison import ceilings, compare
from sighthound.core.truth.signs import sign_curves


def card(n=60, repeated=True, predicted=True):
    rng = np.random.default_rng(0)
    effect = rng.normal(size=n)
    rows = pd.DataFrame(
        {
            "chrom": "chrI", "position": np.arange(n) * 1000, "ref": "A", "alt": "C",
            "effect": effect, "p": np.nan, "q": np.where(np.arange(n) % 3, 0.5, 0.01),
            "element": "", "experiment": "one", "gene": "",
        }
    )  # fmt: skip
    if repeated:
        other = rows.assign(experiment="two", effect=effect + rng.normal(0, 0.3, n))
        rows = pd.concat([rows, other], ignore_index=True)
    tracks = ("good", "<bad>") if predicted else ()
    values = {
        "good": rows["effect"] + rng.normal(0, 0.5, len(rows)),
        "<bad>": rng.normal(size=len(rows)),
    }
    rows = rows.assign(**{predicted_column(t): np.float32(values[t]) for t in tracks})
    truth = Truth(
        "mpra", rows, "mpra.tsv", ("all <rows>",), "logFC", "g", "1", "h" if predicted else None,
        tracks, "sum_log2_ratio" if predicted else "",
    )  # fmt: skip
    return TruthCard(
        truth, compare(rows, truth.predicted, tracks), ceilings(rows), {"good": "Good"}
    )


def test_words_are_of_the_tables_numbers():
    found = card()
    words = summary(found)
    assert words.startswith("120 measurements of 60 alleles in 2 experiments; 40 at a false")
    best = found.comparisons[0].spearman
    assert f"Good has the largest Spearman r by size, {best.value:.2f}" in words
    assert f"agree with r {found.ceilings[0].pearson.value:.2f}" in words


def test_figures_show_every_track_by_its_size_and_the_ceiling():
    found = card()
    figure = agreement_figure(found)
    assert figure.layout.yaxis.ticktext == ("Good", "&lt;bad&gt;")
    spearman, _, auroc = figure.data
    assert spearman.x[0] == pytest.approx(found.comparisons[0].spearman.value)
    assert auroc.x[0] == pytest.approx(found.comparisons[0].auroc.value)
    assert figure.layout.annotations[0].text.startswith("two measurements 0.")
    unsure, sure, *_ = points_figure(found).data
    assert (len(unsure.x), len(sure.x)) == (80, 40)


def test_the_report_stands_alone_and_quotes_nothing_as_html():
    html = truth_html(card(), "Lab")
    assert "all &lt;rows&gt;" in html
    assert "<bad>" not in html.replace("\\u003cbad\\u003e", "")
    assert "src=" not in html.split("</script>")[-1]
    for words in ("Every track", "What repeated measurements allow", "any two experiments"):
        assert words in html


def test_what_cannot_be_drawn_is_said():
    (panel,) = truth_panels(card(predicted=False))
    assert (panel.figure, panel.words) == (None, "nothing is predicted yet")
    (panel,) = truth_panels(card(n=10, repeated=False))
    assert panel.words == "fewer than 20 measurements"
    assert "no ceiling is known" in summary(card(n=10, repeated=False))


def test_of_very_many_points_an_even_sample_is_drawn_and_said():
    found = card(n=3_000, repeated=False)
    unsure, sure, *_ = points_figure(found).data
    assert len(unsure.x) + len(sure.x) <= 1_600
    assert min(len(unsure.x), len(sure.x)) > 400
    words = truth_panels(found)[1].words
    assert f"An even sample of {len(unsure.x) + len(sure.x):,} is drawn." in words
    assert "sample" not in truth_panels(card())[1].words


def test_the_report_says_when_a_sign_is_right_on_chromosomes_left_out():
    found = card(n=400)
    rows = found.truth.rows.assign(chrom=[f"chr{n % 4}" for n in range(800)], q=np.nan)
    curves = sign_curves(rows, found.truth.tracks, found.truth.predicted)
    signs = SignCalibration("mpra", "logFC", "h", 0, Ensemble(), 1.0, {"sad": curves})
    html = truth_html(found, "Lab", signs)
    assert "When is the sign of SAD right?" in html
    out = curves["good"].held_out
    assert f"<td>{out.wrong:.0%}</td>" in html.replace(' class="number"', "")
    assert "calibration error" in html


def test_signs_that_are_hardly_predicted_are_a_reason_not_to_believe_the_model():
    (said,) = sign_doubts([card(n=300)])
    shares = sorted(one.same_sign.value for one in card(n=300).comparisons)
    assert f"{np.mean(shares):.0%} have the predicted sign (median of 2 tracks" in said
    assert "of 200 measured effects of mpra" in said
    good = card(n=300)
    right = [one for one in good.comparisons if one.track == "good"]
    assert list(sign_doubts([TruthCard(good.truth, right, [], {})])) == []
