"""`sighthound ld` and its neighbours: tables, what is said, what is refused in one line."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sighthound.core.association.genotypes import read_panel
from tests.app.test_cli import run
from tests.core.association.panels import simulated_copies, simulated_sites, write_plink, write_vcf


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("panel")
    sites, copies = simulated_sites(40), simulated_copies(40, 60)
    write_vcf(folder / "p.vcf", sites, copies)
    return write_plink(folder / "p", sites, copies)


def test_all_tables_are_written_from_one_call(panel: Path, tmp_path: Path) -> None:
    sites = simulated_sites(40).table().rename(columns={"counted": "alt", "other": "ref"})
    sites.assign(track=1.0).to_parquet(tmp_path / "values.parquet")
    done = run(
        "ld", panel, "--scores", tmp_path / "s.tsv", "--pairs", tmp_path / "p.parquet",
        "--pruned", tmp_path / "q.tsv", "--profile", tmp_path / "r.parquet",
        "--values", tmp_path / "values.parquet", "--window-kb", 8, "--shrink", "0.1",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    assert said[0] == "p: 40 of 40 variants differ among 60 people"
    assert "40 of 40; 0 exchanged, 0 ambiguous" in said[1]
    assert len(pd.read_parquet(tmp_path / "r.parquet")) == 40
    again = run("ld", f"{panel}.vcf", "--scores", tmp_path / "v.tsv", "--window-kb", 8)
    assert again.returncode == 0, again.stderr
    of_plink, of_vcf = (
        pd.read_csv(tmp_path / name, sep="\t", comment="#") for name in ("s.tsv", "v.tsv")
    )
    pd.testing.assert_frame_equal(of_plink, of_vcf)


def test_what_cannot_be_is_one_line(panel: Path, tmp_path: Path) -> None:
    out = tmp_path / "x.tsv"
    (tmp_path / "others").write_text("NA12878\n")
    for words, says in (
        (("ld", tmp_path / "none", "--scores", out), "does not exist"),
        (("ld", panel, "--scores", out, "--samples", tmp_path / "others"), "none of the 1 samples"),
        (
            ("ld", panel, "--scores", out, "--maf", 0.4999, "--region", "1:2001-2001"),
            "no common variant",
        ),
        (("ld", panel, "--pairs", out, "--region", "1:2001-2001"), "has one variant that differs"),
        (("ld", panel, "--scores", tmp_path / "x.csv"), "expected .parquet, .tsv"),
    ):
        done = run(*words)
        assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
        assert says in done.stderr
    assert run("ld", panel).returncode == 2
    assert not out.exists()


@pytest.fixture(scope="module")
def study(panel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trait whose effects are those of the track `causal`."""
    folder = tmp_path_factory.mktemp("study")
    opened, rng = read_panel(panel), np.random.default_rng(0)
    sites = opened.sites.table().rename(columns={"counted": "alt", "other": "ref"})
    scores = rng.normal(size=(len(opened), 2))
    sites.assign(causal=scores[:, 0], other_track=scores[:, 1]).to_parquet(folder / "v.parquet")
    genotypes = opened.standardised(0, len(opened)).z
    z = 8 * genotypes @ (genotypes.T @ scores[:, 0]) + rng.normal(size=len(opened))
    table = sites[["id", "alt", "ref"]].set_axis(["SNP", "A1", "A2"], axis=1)
    table.assign(Z=z, N=1000).to_csv(folder / "z.tsv", sep="\t", index=False)
    return folder


def test_a_planted_track_comes_first_and_the_other_does_not(
    panel: Path, study: Path, tmp_path: Path
) -> None:
    blocks = tmp_path / "blocks.bed"
    blocks.write_text("".join(f"1\t{4000 * n}\t{4000 * (n + 1)}\n" for n in range(11)))
    done = run(
        "sldp", panel, study / "z.tsv", study / "v.parquet", "-o", tmp_path / "o.tsv",
        "--blocks", blocks, "--flips", 2000, "--no-background", "--per-sd",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    table = pd.read_csv(tmp_path / "o.tsv", sep="\t", comment="#")
    assert list(table["annotation"]) == ["causal", "other_track"]
    assert table["p"][0] < 0.02 < table["p"][1]
    assert table["r_f"][0] > 0
    assert "z.tsv: 40 of 40 rows are used" in done.stdout


def test_heritability_is_told_with_its_annotations(
    panel: Path, study: Path, tmp_path: Path
) -> None:
    done = run(
        "ldsc", panel, study / "z.tsv", "--annotations", study / "v.parquet", "--absolute",
        "-o", tmp_path / "o.parquet",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    table = pd.read_parquet(tmp_path / "o.parquet")
    assert list(table["annotation"]) == ["base", "causal", "other_track"]
    assert table["enrichment"][0] == pytest.approx(1)
    assert "heritability" in done.stdout


def test_statistics_are_checked_and_what_is_missing_is_one_line(
    panel: Path, study: Path, tmp_path: Path
) -> None:
    done = run("check-statistics", study / "z.tsv", "--panel", panel, "-o", tmp_path / "o.tsv")
    assert done.returncode == 0, done.stderr
    assert (
        "effect allele = A1, which is the allele that the panel counts at 40 of 40" in done.stdout
    )
    frame = pd.read_csv(study / "z.tsv", sep="\t")
    frame.drop(columns="Z").to_csv(tmp_path / "no_z.tsv", sep="\t", index=False)
    frame.drop(columns="N").to_csv(tmp_path / "no_n.tsv", sep="\t", index=False)
    frame.head(1).to_csv(tmp_path / "one.tsv", sep="\t", index=False)
    frame.assign(SNP="unknown").to_csv(tmp_path / "others.tsv", sep="\t", index=False)
    frame[["SNP", "A1", "A2"]].to_csv(tmp_path / "names.tsv", sep="\t", index=False)
    out = tmp_path / "x.tsv"
    for words, says in (
        (("check-statistics", tmp_path / "no_z.tsv", "--panel", panel), "has no statistics"),
        (("check-statistics", tmp_path / "others.tsv", "--panel", panel), "none of the 40 rows"),
        (("check-statistics", tmp_path / "none.tsv", "--panel", panel), "does not exist"),
        (("sldp", panel, tmp_path / "no_n.tsv", study / "v.parquet", "-o", out), "column of N"),
        (("sldp", panel, tmp_path / "one.tsv", study / "v.parquet", "-o", out), "0 LD blocks"),
        (("sldp", panel, study / "z.tsv", tmp_path / "names.tsv", "-o", out), "no column of num"),
        (("ldsc", panel, tmp_path / "one.tsv", "-o", out), "0 variants can be used, and 1 more"),
    ):
        done = run(*words)
        lines = [line for line in done.stderr.splitlines() if "━" not in line]
        assert (done.returncode, len(lines)) == (1, 1), done.stderr
        assert says in lines[0]
    assert run("check-statistics", study / "z.tsv").returncode == 2
    assert not out.exists()
