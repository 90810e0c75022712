"""`sighthound ld` and its neighbours: tables, what is said, what is refused in one line."""

from pathlib import Path

import pandas as pd
import pytest

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
