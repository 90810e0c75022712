"""A locus' figure and page say what its table has."""

import numpy as np
import pandas as pd
import pytest

from sighthound.app.studies.locus_figures import LEAD, locus_figure, p_words
from sighthound.app.studies.locus_report import locus_html, locus_summary
from sighthound.core.annotation.transcripts import Gene
from sighthound.core.finemapping.locus import FineMapped


def locus(method="pics", **changes):
    variants = pd.DataFrame(
        {
            "chrom": "1", "position": [101, 201, 301, 401], "id": ["rs1", "rs2", "", "<b>"],
            "effect": ["A", "C", "G", "T"], "other": ["G", "T", "A", "C"],
            "log10_p": [9.0, 40.0, np.nan, 1.0], "beta": np.nan, "se": np.nan,
            "is_lead": [False, True, False, False], "is_tested": [True, True, False, True],
            "r2": [0.7, 1.0, 0.9, np.nan], "pics": [0.1, 0.7, 0.2, np.nan],
            "pics_set": [False, True, True, False], "posterior": [0.1, 0.7, 0.2, np.nan],
            "in_set": [False, True, True, False],
        }
    )  # fmt: skip
    genes = [
        Gene("g1", "ONE", "chr1", 50, 250, "+", ()),
        Gene("g2", "TWO", "chr1", 200, 380, "-", ()),
    ]
    found = {
        "name": "rs2", "chrom": "1", "start": 0, "end": 500, "variants": variants,
        "method": method, "level": 0.95, "said": ("all <rows>",), "missing": ("an <effect>",),
        "genes": genes,
    }  # fmt: skip
    return FineMapped(**(found | changes))


def test_every_tested_variant_stands_at_its_place_in_the_colour_of_its_ld():
    figure = locus_figure(locus())
    drawn = {
        x: (trace.name, y)
        for trace in figure.data
        if trace.yaxis == "y"
        for x, y in zip(trace.x, trace.y, strict=True)
    }
    assert drawn == {
        101: ("0.6 to 0.8", 9.0), 201: ("the lead", 40.0), 401: ("not known", 1.0),
    }  # fmt: skip
    lead = next(trace for trace in figure.data if trace.name == "the lead")
    assert (lead.marker.color, lead.marker.symbol) == (LEAD, "diamond")
    assert lead.hovertext[0].startswith("<b>rs2</b><br>1:201 T&gt;C<br>P 1.0e-40<br>")


def test_posteriors_of_untested_variants_are_drawn_and_sets_are_filled():
    figure = locus_figure(locus())
    points = next(t for t in figure.data if t.yaxis == "y2" and t.mode == "markers")
    assert dict(zip(points.x, points.y, strict=True)) == {101: 0.1, 201: 0.7, 301: 0.2}
    assert [colour == "#ffffff" for colour in points.marker.color] == [True, False, False]
    assert "not tested" in points.hovertext[2]


def test_recombination_stands_between_posteriors_and_genes():
    known = (np.array([0, 250]), np.array([0.5, 30.0]))
    figure = locus_figure(locus(recombination=known))
    (steps,) = (t for t in figure.data if t.line.shape == "hv")
    assert (steps.x, steps.y) == ((1, 251, 500), (0.5, 30.0, 30.0))
    layout = figure.layout
    assert layout.yaxis2.domain[0] > layout.yaxis3.domain[1]
    assert steps.yaxis == "y3"
    assert layout.yaxis3.domain[0] > layout.yaxis4.domain[1]
    assert "by the genetic map" in locus_html(locus(recombination=known), "study")


def test_names_of_genes_do_not_meet():
    figure = locus_figure(locus())
    named = [a for a in figure.layout.annotations if "ONE" in a.text or "TWO" in a.text]
    assert sorted(a.y for a in named) == [0, 1]


def test_the_page_stands_alone_and_quotes_nothing_as_html():
    html = locus_html(locus(), "<Study>")
    assert "&lt;Study&gt;: the locus of rs2" in html
    assert "all &lt;rows&gt;" in html
    assert "an &lt;effect&gt;" in html
    assert "<b></td>" not in html
    assert "src=" not in html.split("</script>")[1]
    assert "also of a variant without a P of its own that is in LD" in html
    assert locus_summary(locus()) in html.replace("&gt;", ">")


def test_a_locus_without_any_method_is_still_drawn_and_says_so():
    bare = locus().variants.drop(columns=["pics", "pics_set"])
    bare = bare.assign(posterior=np.nan, in_set=False)
    found = locus("", variants=bare, genes=())
    assert "No method could be used" in locus_summary(found)
    assert {trace.yaxis for trace in locus_figure(found).data} == {"y"}
    assert "in the set" in locus_html(found, "x")


@pytest.mark.parametrize(
    ("log10_p", "words"), [(400.0, "1.0e-400"), (2.999, "0.001"), (8.0, "1.0e-8"), (0.0, "1.00")]
)
def test_p_is_written_however_small(log10_p, words):
    assert p_words(log10_p) == words
