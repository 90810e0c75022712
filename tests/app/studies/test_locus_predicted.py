"""What a model says of a locus, as parts of its page."""

import numpy as np
import pandas as pd

from sighthound.app.studies.locus_predicted import effects_figure, predicted_html
from sighthound.core.finemapping.predicted import MutagenesisPair, Opposite, PredictedEffects
from sighthound.core.motifs.variant_sites import SiteChange
from sighthound.core.tracks.track import Track


def predicted(**changes):
    tracks = {name: Track(name, f"{name.upper()} <t>", "CAGE", name) for name in ("a", "b")}
    variants = pd.DataFrame(
        {"row": [0, 1], "variant": ["rs1", "<rs2>"], "chrom": "c", "position": [5, 9],
         "ref": "A", "alt": "G", "posterior": [0.8, 0.2], "size": [1.0, 0.5]}
    )  # fmt: skip
    genes = pd.DataFrame(
        [("rs1", "g", "GENE", "a", "expression", 10.0, 15.0, 0.5)],
        columns=["variant", "gene", "gene_name", "track", "kind", "reference", "alternative",
                 "change"],
    )  # fmt: skip
    effects = np.zeros((3, 4, 1), np.float32)
    effects[1, 2] = 4
    motif = SiteChange("MA0001.1", "ONE", "gain", 4, 6, "+", 0.1, 1e-6)
    pair = MutagenesisPair(
        "rs1", "c", 3, ("CAT", "CGT"), ("a",), (effects, -effects),
        (np.array([10.0]), np.array([14.0])), "the bins of GENE", ((4, 5), (4, 5)), (motif,),
    )  # fmt: skip
    found = {
        "variants": variants, "tracks": tracks, "log2": np.array([[0.1, -2.0], [0.5, 0.0]]),
        "changes": genes, "opposite": Opposite("rs1", "g", "GENE", "a", "b", 0.5, -0.25),
        "mutated": pair, "said": (), "missing": (),
    }  # fmt: skip
    return PredictedEffects(**(found | changes))


def test_tracks_stand_in_the_order_of_what_changes_most():
    figure = effects_figure(predicted())
    assert figure.layout.yaxis.ticktext == ("B &lt;t&gt;", "A &lt;t&gt;")
    assert np.array(figure.data[0].z).tolist() == [[-2.0, 0.0], [0.1, 0.5]]
    assert "&lt;rs2&gt;" in figure.data[0].hovertext[0][1]


def test_genes_opposite_effects_and_both_alleles_are_told():
    html = "".join(predicted_html(predicted()))
    assert "1 times a track of expression, 0 times one of chromatin" in html
    assert "raises GENE in A &lt;t&gt; by 50%, and lowers it in B &lt;t&gt; by 25%" in html
    assert html.index("<h3>Reference") < html.index("<h3>Alternative")
    assert "the variant breaks no known motif" in html
    assert "<td>gained</td>" in html


def test_what_there_is_none_of_is_not_told():
    none = predicted(opposite=None, mutated=None, changes=predicted().changes.iloc[:0])
    html = "".join(predicted_html(none))
    assert "Opposite" not in html
    assert "Mutagenesis" not in html
    assert "Of 2 variants 0 do" in html
