"""`finemap` and `gwas` as a person runs them."""

from tests.app.test_cli import run as run_command
from tests.core.association.panels import simulated_copies, simulated_sites, write_vcf

STUDY = (
    "chrom\tpos\tid\tp\n"
    "1\t1001\trs1\t1e-20\n1\t2001\trs2\t1e-18\n1\t3001\trs3\t0.4\n"
)  # fmt: skip
PAIRS = "id_a\tid_b\tr2\nrs1\trs2\t0.9\nrs1\trs3\t0.01\n"


def run(*words):
    done = run_command(*words)
    return done.returncode, done.stdout, done.stderr


def write(path, text):
    path.write_text(text)
    return path


def test_finemap_writes_tables_and_a_page_and_says_what_is_missing(tmp_path):
    study, pairs = write(tmp_path / "s.tsv", STUDY), write(tmp_path / "ld.tsv", PAIRS)
    code, out, _ = run("finemap", study, "--ld", pairs, "-o", tmp_path / "loci")
    assert code == 0
    names = sorted(file.name for file in (tmp_path / "loci").iterdir())
    assert names == ["rs1.html", "variants.parquet", "variants.tsv"]
    assert "missing: approximate Bayes factors" in out
    assert "the 95% credible set has 2 variants" in out
    assert "give a project with a model" in (tmp_path / "loci/rs1.html").read_text()


def test_finemap_refuses_in_one_line_and_writes_nothing(tmp_path):
    study, pairs = write(tmp_path / "s.tsv", STUDY), write(tmp_path / "ld.tsv", PAIRS)
    folder = tmp_path / "loci"
    code, _, err = run("finemap", study, "--ld", pairs, "--lead", "rs9", "-o", folder)
    assert (code, err.count("\n")) == (1, 1)
    assert "has no variant 'rs9'" in err
    assert not folder.exists()
    for wrong in (("--samples", study), ("--sed-prior", "0.5"), ("--panel", study, "--ld", pairs)):
        assert run("finemap", study, *wrong, "-o", folder)[0] == 2


def test_gwas_without_a_model_writes_the_variants_to_be_scored(tmp_path):
    sites = simulated_sites(60, chroms=("1", "2"), step=50_000)
    panel = write_vcf(tmp_path / "panel.vcf", sites, simulated_copies(60, 40))
    loci = write(tmp_path / "c.tsv", "SNPS\n" + "".join(f"rs{n}\n" for n in range(3, 60, 9)))
    code, out, err = run("gwas", panel, loci, "--negatives", "2", "-o", tmp_path / "study")
    assert code == 0, err
    assert "7 of 7 variants are in panel.vcf" in out
    lines = (tmp_path / "study/variants.vcf").read_text().splitlines()
    assert f"{len(lines) - 2:,} variants to be scored" in out
    code, _, err = run("gwas", panel, loci, "--scores", loci, "-o", tmp_path / "other")
    assert code == 1
    # Above it stands how far the command came.
    assert "chromosome needs 10 of each on 2 or more" in err.splitlines()[-1]
    assert not (tmp_path / "other").exists(), "said before anything is scored or written"


def test_a_folder_that_is_a_file_is_refused_before_the_work(tmp_path):
    study, pairs = write(tmp_path / "s.tsv", STUDY), write(tmp_path / "ld.tsv", PAIRS)
    for words in (("finemap", study, "--ld", pairs), ("gwas", pairs, study)):
        for folder in (study, study / "loci"):
            code, _, err = run(*words, "-o", folder)
            assert (code, err.count("\n")) == (1, 1)
            assert f"cannot write into {folder}: {study} is a file; expected a folder" in err
    assert study.read_text() == STUDY
