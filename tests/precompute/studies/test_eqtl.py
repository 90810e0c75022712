"""A study of eQTL: what is planted is found, tables and genotypes agree, mistakes are named."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sighthound.core.errors import SighthoundError
from sighthound.core.expression.study import (
    ENRICHMENT,
    FITS,
    PAIRS,
    SHUFFLES,
    SIGNS,
    read_study,
    read_table,
)
from sighthound.precompute.studies.eqtl import make_study as make
from sighthound.precompute.studies.eqtl_inputs import StudySettings
from tests.precompute.studies.expression_study import GENES, PEOPLE, Study, make_study

SETTINGS = StudySettings(cis=8_000, window=4_000, shuffles=40, use_ambiguous=True)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return make_study(tmp_path_factory.mktemp("eqtl") / "lab")


def made(study: Study, output: Path, samples: Path | None = None, **options: Any) -> Path:
    chosen: dict[str, Any] = {"panel": study.panel, "scores": study.folder / "sed.parquet"}
    chosen |= options
    make(
        study.project, samples or study.folder / "samples.tsv", output, settings=SETTINGS, **chosen
    )
    return output


@pytest.fixture(scope="module")
def found(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(study, tmp_path_factory.mktemp("out") / "study")


def test_what_is_planted_is_found_and_shuffled_sed_is_not(found: Path) -> None:
    fits = read_table(found, FITS).set_index("model")
    assert (fits["genes"] == GENES).all()
    assert (fits["p"] < 1e-3).all()
    # Beside the LD score alone |SED-LD| of any SED near a start says that the start is near.
    assert fits.loc["LD score and distance", "p_shuffled"] < 0.05
    assert (fits["r2_with"] > fits["r2_without"]).all()
    nulls = read_table(found, SHUFFLES)
    assert len(nulls) == 2 * 2 * SETTINGS.shuffles
    shuffled = nulls[(nulls["null"] == "shuffled") & nulls["model"].str.contains("distance")]
    assert (shuffled["p"] <= 0.05).mean() < 0.2


def test_significant_eqtl_are_in_the_last_fifth_and_have_the_sign(found: Path) -> None:
    table = read_table(found, ENRICHMENT)
    own = table[(table["distance"] == "all") & (table["model"] == "LD score")]
    by_quantile = own.set_index("quantile")
    assert by_quantile.loc[5, "enrichment_low"] > 1
    assert by_quantile.loc[1:, "pairs"].sum() == by_quantile.loc[0, "pairs"]
    signs = read_table(found, SIGNS).set_index("quantile")
    assert signs.loc[0, "share_low"] > 0.6
    assert read_study(found).spearman["cells"][1] > 0.2


def test_pairs_are_those_of_genes_and_of_no_ld(found: Path, study: Study) -> None:
    pairs = read_table(found, PAIRS)
    assert pairs["gene"].nunique() == GENES
    assert (pairs["distance"] <= SETTINGS.cis).all()
    assert not pairs.duplicated(["gene", "id"]).any()


def test_statistics_say_what_genotypes_and_expression_do(
    found: Path, study: Study, tmp_path: Path
) -> None:
    statistics = study.statistics()
    # An effect allele that is the other one, and a version of a gene's id that is another.
    turned = statistics["variant_id"].str.extract(r"(chrI_\d+)_([ACGT])_([ACGT])")
    table = pd.DataFrame(
        {
            "molecular_trait_id": statistics["gene_id"], "chromosome": "chrI",
            "position": turned[0].str.removeprefix("chrI_"), "ref": turned[2], "alt": turned[1],
            "beta": -statistics["slope"], "se": statistics["slope_se"],
            "pvalue": statistics["pval_nominal"],
        }
    )  # fmt: skip
    statistics.to_csv(study.folder / "gtex.tsv.gz", sep="\t", index=False)
    table.to_csv(study.folder / "catalogue.tsv", sep="\t", index=False)
    expected = read_table(found, FITS)
    for name in ("gtex.tsv.gz", "catalogue.tsv"):
        samples = study.samples(
            "s.tsv", f"sample\tstatistics\ttrack\nc\t{name}\tplus\nc\t{name}\tminus\n"
        )
        own = read_table(made(study, tmp_path / name, samples), FITS)
        pd.testing.assert_frame_equal(
            own.drop(columns="sample"), expected.drop(columns="sample"), rtol=1e-3
        )


def test_the_other_strand_is_turned_and_copies_are_named(
    found: Path, study: Study, tmp_path: Path
) -> None:
    statistics = study.statistics()
    parts = statistics["variant_id"].str.extract(r"(.*_)([ACGT])_([ACGT])(_.*)")
    complement = str.maketrans("ACGT", "TGCA")
    alleles = [parts[n].str.translate(complement) for n in (1, 2)]
    statistics["variant_id"] = parts[0] + alleles[0] + "_" + alleles[1] + parts[3]
    copied = pd.concat((statistics, statistics.iloc[:3]))
    copied.to_csv(study.folder / "strand.tsv", sep="\t", index=False)
    samples = study.samples(
        "s.tsv", "sample\tstatistics\ttrack\nc\tstrand.tsv\tplus\nc\tstrand.tsv\tminus\n"
    )
    output = made(study, tmp_path / "out", samples)
    said = " ".join(read_study(output).said)
    assert f"{len(copied):,} on the other strand" in said
    assert "3 duplicates" in said
    own, expected = (read_table(folder, FITS)["slope"] for folder in (output, found))
    assert own.tolist() == pytest.approx(expected.tolist(), rel=1e-3)


def test_the_same_input_gives_the_same_bytes(found: Path, study: Study, tmp_path: Path) -> None:
    again = made(study, tmp_path / "again")
    for file in sorted(found.iterdir()):
        assert file.read_bytes() == (again / file.name).read_bytes(), file.name


def test_relative_sed_is_of_the_ratio_of_alleles(study: Study, tmp_path: Path) -> None:
    from sighthound.precompute.studies.eqtl_inputs import read_scored

    relative = StudySettings(is_relative=True, use_ambiguous=True)
    ratios = read_scored(study.folder / "sed.parquet", study.panel, relative).by_gene["G0"][1]
    plain = read_scored(study.folder / "sed.parquet", study.panel, SETTINGS).by_gene["G0"][1]
    assert (10 * 2 ** ratios[:, 0] - 10).tolist() == pytest.approx(plain[:, 0].tolist())


def _edit(study: Study, what: str) -> tuple[str, dict[str, Any]]:
    """Spoil an input; gives the table of samples, and other arguments."""
    expression, folder = study.expression(), study.folder
    two = "sample\texpression\ttrack\n{0}\tbad.tsv\tplus\n{0}\tbad.tsv\tminus\n".format("c")
    if what == "people":
        expression.columns = [f"other{n}" for n in range(PEOPLE)]
    elif what == "genes":
        expression.index = [f"ENSG{n}" for n in range(GENES)]
    elif what == "twice":
        expression = pd.concat((expression, expression.iloc[:1]))
    elif what == "few genes":
        expression = expression.iloc[:3]
    expression.to_csv(folder / "bad.tsv", sep="\t", index_label="gene")
    statistics = study.statistics()
    if what == "no statistics":
        statistics = statistics.drop(columns=["slope", "slope_se"])
    elif what == "no genes":
        statistics = statistics.drop(columns="gene_id")
    elif what == "one variant":
        statistics = statistics.iloc[8:9]
    elif what == "other alleles":
        statistics["variant_id"] = statistics["variant_id"].str.replace("_b1", "TTT_b1")
    statistics.to_csv(folder / "bad_statistics.tsv", sep="\t", index=False)
    if what in ("no statistics", "no genes", "one variant", "other alleles"):
        two = two.replace("expression", "statistics").replace("bad.tsv", "bad_statistics.tsv")
    if what == "no track":
        two += "d\tbad.tsv\t\n"
    elif what == "unknown track":
        two += "d\tbad.tsv\tRNA\n"
    elif what == "two tracks":
        two += "c\tbad.tsv\tatac\n"
    elif what == "unscored track":
        two = "sample\texpression\ttrack\nc\tbad.tsv\tatac\n"
    elif what == "no file":
        two = two.replace("bad.tsv", "none.tsv")
    elif what == "no data":
        two = "sample\ttrack\nc\tplus\n"
    more: dict[str, Any] = {"panel": None} if what == "no genotypes" else {}
    return two, more


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("people", r"none of the 80 people of .*bad.tsv \(other0, other1, other2, ...\) is in"),
        ("genes", r"none of the 40 genes of bad.tsv \(ENSG0, ENSG1, ENSG2, ...\) is in"),
        ("twice", "has row 'G0' twice"),
        ("few genes", "fill 3 blocks"),
        ("no statistics", "has no statistics: columns are gene_id, variant_id, pval_nominal"),
        ("no genes", "bad_statistics.tsv has no column of genes"),
        ("one variant", "fill 1 blocks; a regression .* give more genes"),
        ("other alleles", "none of the .* rows of .*bad_statistics.tsv is a variant of the panel"),
        ("no track", "line 4: sample d has no track; expected one of .* plus, minus, atac"),
        ("unknown track", "line 4: sample d has track 'RNA'"),
        ("two tracks", r"sample c has tracks (minus|plus) and atac for genes of one strand"),
        ("unscored track", "track atac of sample c is not in the table of scores"),
        ("no file", "expression .*none.tsv of sample c does not exist"),
        ("no data", "gives no sample statistics or expression"),
        ("no genotypes", "sample c of .* has associations, for which genotypes"),
    ],
)
def test_what_is_wrong_is_named_in_a_line(
    study: Study, tmp_path: Path, what: str, said: str
) -> None:
    text, more = _edit(study, what)
    with pytest.raises(SighthoundError, match=said) as raised:
        made(study, tmp_path / "out", study.samples("bad_samples.tsv", text), **more)
    assert "\n" not in str(raised.value)
    assert not (tmp_path / "out").exists()


def test_scores_of_other_genes_are_refused(study: Study, tmp_path: Path) -> None:
    other = pd.read_parquet(study.folder / "sed.parquet").assign(gene="ENSG1")
    other.to_parquet(tmp_path / "sed.parquet")
    with pytest.raises(SighthoundError, match=r"none of its 40 genes has a score .* \(ENSG1, "):
        made(study, tmp_path / "out", scores=tmp_path / "sed.parquet")
    assert not (tmp_path / "out").exists()


def test_what_is_left_out_is_said(study: Study, tmp_path: Path) -> None:
    expression = study.expression()
    expression.index = ["unknown", *expression.index[1:]]
    expression.iloc[4] = None
    expression.drop(columns="person3").to_csv(study.folder / "fewer.tsv", sep="\t", index_label="g")
    samples = study.samples("f.tsv", "sample\texpression\ttrack\nc\tfewer.tsv\tplus\n")
    said = read_study(made(study, tmp_path / "out", samples)).said
    assert "fewer.tsv: 40 genes in 79 people, of whom 79 have genotypes" in said
    assert any("1 of 40 genes are not in the annotation" in line for line in said)
    assert "fewer.tsv: 1 genes have no value of these people, and are left out" in said
    assert "c: 20 genes are on a strand without a track and are left out" in said
