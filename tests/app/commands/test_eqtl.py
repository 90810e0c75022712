"""`sighthound eqtl` as a person runs it: a report of associations, and one of haplotypes."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sighthound.app.studies.eqtl_figures import enrichment_figure, genes_figure, qq_figure
from sighthound.core import load_project
from sighthound.core.expression.study import (
    ENRICHMENT,
    FITS,
    HAPLOTYPES,
    SHUFFLES,
    read_table,
)
from sighthound.core.genome.sequence import Interval
from tests.app.test_cli import run
from tests.precompute.studies.expression_study import Study, make_study
from tests.tiny import make_project


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return make_study(tmp_path_factory.mktemp("eqtl") / "lab")


def words(study: Study, output: Path, *more: object) -> tuple[object, ...]:
    folder = study.folder
    return (
        "eqtl", folder, folder / "samples.tsv", "-o", output, "--panel", folder / "calls.vcf",
        "--scores", folder / "sed.parquet", "--cis-kb", 8, "--window-kb", 4, "--shuffles", 20,
        "--ambiguous", *more,
    )  # fmt: skip


def test_a_study_is_a_report_that_needs_nothing_else(study: Study, tmp_path: Path) -> None:
    done = run(*words(study, tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    assert "cells: significant eQTL in the fifth of pairs" in done.stdout
    report = (tmp_path / "out" / "report.html").read_text()
    assert "Is the test calibrated?" in report
    assert "http-equiv" not in report
    assert "src=" not in report.split("</script>")[-1]
    again = run(*words(study, tmp_path / "out"))
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "out" / "report.html").read_text() == report


def test_figures_draw_what_tables_hold(study: Study, tmp_path: Path) -> None:
    assert run(*words(study, tmp_path / "out")).returncode == 0
    table = read_table(tmp_path / "out", ENRICHMENT)
    own = table[(table["distance"] == "all") & (table["quantile"] > 0)]
    drawn = enrichment_figure(own).data
    plain = own[own["model"] == "LD score"]
    chance, points = drawn[:2]
    assert list(points.y) == plain["enrichment"].tolist()
    assert list(chance.y) == plain["chance"].tolist()
    assert list(points.error_y.array) == pytest.approx(
        (plain["enrichment_high"] - plain["enrichment"]).tolist()
    )
    assert (
        f"{plain['significant'].iloc[4]:,} of {plain['pairs'].iloc[4]:,}" in (drawn[0].hovertext[4])
    )
    nulls = read_table(tmp_path / "out", SHUFFLES)
    points = qq_figure(nulls, read_table(tmp_path / "out", FITS)).data[1]
    p = nulls[(nulls["model"] == "LD score") & (nulls["null"] == "shuffled")]["p"]
    assert list(points.y) == pytest.approx(sorted(-np.log10(p), reverse=True))


def test_haplotypes_stand_beside_what_was_measured(tmp_path: Path) -> None:
    project = make_project(tmp_path / "lab", predictions=False)
    genome = load_project(project).open_genome()
    place = 2000  # the start of ALPHA1
    ref = genome.sequence(Interval("chrI", place, place + 1))
    alt = "C" if ref != "C" else "G"
    (tmp_path / "calls.vcf").write_text(
        "##fileformat=VCFv4.2\n##contig=<ID=chrI>\n"
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="G">\n'
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tRM\n"
        f"chrI\t{place + 1}\t.\t{ref}\t{alt}\t.\t.\t.\tGT\t1\n"
    )
    (tmp_path / "m.tsv").write_text("gene\teffect\nT001\t1\nALPHA2\t-0.5\nnone\t2\n")
    (tmp_path / "s.tsv").write_text("sample\ttrack\ncells\tcage.plus\ncells\tcage.minus\n")
    done = run(
        "eqtl", project, tmp_path / "s.tsv", "-o", tmp_path / "out",
        "--haplotypes", tmp_path / "calls.vcf", "--measured", tmp_path / "m.tsv",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "rows of genes that the annotation lacks, 1: none" in done.stdout
    table = read_table(tmp_path / "out", HAPLOTYPES).set_index("gene")
    assert table.loc["T003", "cells"] == 0  # no variant is on its chromosome
    assert abs(table.loc["T001", "cells"]) > 1e-4
    report = (tmp_path / "out" / "report.html").read_text()
    assert "Gene by gene" in report
    # Of two genes there is no r, and no empty picture of it.
    assert "Not drawn: no r is given of fewer than 20 genes." in report
    assert "figure-haplotypes" not in report
    figure = genes_figure(table.reset_index())
    assert figure.layout.xaxis.title.text == "predicted: cells (log\u2082)"
    assert figure.layout.xaxis.exponentformat == "power"
    drawn = [x for trace in figure.data for x in trace.x]
    assert sorted(drawn) == sorted(table["cells"].dropna())  # not rounded away


def test_mistakes_are_one_line(study: Study, tmp_path: Path) -> None:
    folder, out = study.folder, tmp_path / "out"
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.txt").write_text("x")
    pd.DataFrame({"gene": ["G0"], "fold": [1]}).to_csv(tmp_path / "m.tsv", sep="\t", index=False)
    haplotypes = ("--haplotypes", folder / "calls.vcf", "--measured", tmp_path / "m.tsv")
    samples = study.samples("h.tsv", "sample\ttrack\nc\tatac\n")
    for given, says in (
        (words(study, tmp_path / "notes"), "holds mine.txt, which is of no study"),
        (("eqtl", folder, tmp_path / "none", "-o", out), "does not exist; expected a table"),
        (("eqtl", folder, samples, "-o", out), "gives no sample statistics or expression"),
        (("eqtl", folder, samples, "-o", out, *haplotypes), "expected gene and effect"),
    ):
        done = run(*given)
        assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
        assert says in done.stderr
    for more in (("--haplotypes", "x"), ("--column", "colour", "x"), ("--haplotype-sample", "x")):
        assert run(*words(study, out, *more)).returncode == 2
    assert not out.exists()
