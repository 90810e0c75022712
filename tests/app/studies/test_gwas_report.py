"""The report of a study says what its tables have."""

import numpy as np
import pandas as pd

from sighthound.app.studies.gwas_report import gwas_html, gwas_summary, roc_figure, tracks_figure
from sighthound.core.tracks.bootstrap import Estimate

TABLE = pd.DataFrame(
    {"chrom": ["1", "1", "2", "2"], "label": [1, 0, 1, 0], "probability": [0.9, 0.2, 0.6, 0.6]}
)
AREAS = {"predictions": Estimate(0.875, 0.6, 1.0)}


def test_the_curve_steps_through_every_threshold_and_ties_at_once():
    (curve,) = roc_figure(TABLE, AREAS).data
    assert list(zip(curve.x, curve.y, strict=True)) == [(0, 0), (0, 0.5), (0.5, 1), (1, 1)]
    assert "0.88 [0.60, 1.00]" in curve.name


def test_words_follow_the_interval():
    assert "they tell them apart" in gwas_summary(TABLE, AREAS)
    unsure = {"predictions": Estimate(0.6, 0.45, 0.7), "both": Estimate(0.7, 0.6, 0.8)}
    words = gwas_summary(TABLE, unsure)
    assert "they do not tell them apart" in words
    assert "both 0.70 [0.60, 0.80]" in words
    assert "apart" not in gwas_summary(TABLE, {"predictions": Estimate(0.6)})


def test_the_report_stands_alone_and_quotes_nothing_as_html():
    tracks = pd.DataFrame({"track": ["<a>"], "auroc": [0.7], "low": [np.nan], "high": [np.nan]})
    alike = pd.DataFrame(
        {"property": ["f"], "positives": [0.2], "all_others": [1.5], "drawn": [0.1]}
    )
    html = gwas_html("<T>", TABLE, AREAS, {"more": Estimate(0.1, 0, 0.2)}, tracks, alike, 3,
                     ("read <it>",))  # fmt: skip
    assert "<a>" not in html.replace("\\u003ca\\u003e", "")
    for words in ("&lt;T&gt;", "read &lt;it&gt;", "0.10 [0.00, 0.20]", "3 principal components"):
        assert words in html
    assert "src=" not in html.split("</script>")[1]
    assert tracks_figure(tracks).data[0].error_x.array == (0,)
