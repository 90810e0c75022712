"""sighthound.toml: what it may say, and what is said when it says something else."""

import os

import pysam
import pytest

from sighthound.core import SighthoundError, load_project
from tests.tiny import make_project


@pytest.fixture
def folder(tmp_path):
    return make_project(tmp_path / "tiny", model=False, predictions=False)


def edit(folder, old, new):
    file = folder / "sighthound.toml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_a_project_is_its_folder_or_its_settings_file(folder):
    assert load_project(folder) == load_project(folder / "sighthound.toml")


def test_paths_are_relative_to_the_settings(folder):
    project = load_project(folder)
    assert project.genome.fasta == folder / "genome.fa"
    assert project.model.directory == folder / "model"
    assert len(project.read_tracks()) == 3
    assert project.read_genes()["ALPHA1"].chrom == "chrI"


def test_folds_are_chromosomes_or_a_fraction(folder):
    dataset = load_project(folder).dataset
    assert (dataset.valid, dataset.test) == (0.1, ("chrII",))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[server]", "[sever]", r"unknown section \[sever\]"),
        ("bin = 64", "bins = 64", "unknown key 'bins' in"),
        ("bin = 64", "bin = 'x'", r"\[dataset\] bin is 'x'; expected a whole number"),
        ("bin = 64", "bin = 63", "must be a positive multiple of bin 63"),
        ("crop = 8", "crop = 8\nphases = 3", "phases 3 must divide bin 64"),
        ("crop = 8", "crop = 8\nstride = 100", "stride is 100; expected a multiple of bin 64"),
        ("crop = 8", "crop = 8\nhomologous = 0.1", "valid or test name chromosomes"),
        ("crop = 8", "crop = 8\nhomologous = 1.5", "homologous is 1.5; expected 0 to 1"),
        ("crop = 8", "crop = 32", "leaves nothing of a window's 64 bins"),
        ("valid = 0.1", "valid = 1.5", "a fraction between 0 and 1"),
        ("valid = 0.1", "valid = true", "expected a list of texts or a number"),
        ('fasta = "genome.fa"', 'fasta = "none.fa"', r"none\.fa does not exist"),
        ('fasta = "genome.fa"', "", "lacks the key 'fasta'"),
        ("[genome]", "[genome", "is not valid TOML"),
    ],
)
def test_a_mistake_in_the_settings_is_named(folder, old, new, message):
    edit(folder, old, new)
    with pytest.raises(SighthoundError, match=message):
        load_project(folder)


def with_variants(folder, name):
    edit(folder, "[server]", f'[variants]\nvcf = "{name}"\n\n[server]')


def test_known_variants_are_a_bgzipped_vcf_and_its_index(folder):
    assert load_project(folder).variants.vcf is None
    (folder / "known.vcf").write_text(
        "##fileformat=VCFv4.2\n##contig=<ID=chrI>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
        "chrI\t100\trs1\tA\tG\t.\t.\t.\n"
    )
    pysam.tabix_index(str(folder / "known.vcf"), preset="vcf", keep_original=True)
    with_variants(folder, "known.vcf.gz")
    variants = load_project(folder).variants
    assert variants.vcf == folder / "known.vcf.gz"
    assert variants.index == folder / "known.vcf.gz.tbi"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none.vcf.gz", r"none\.vcf\.gz does not exist"),
        ("plain.vcf", "is not compressed by bgzip; .* run 'bgzip plain.vcf'"),
        ("lonely.vcf.gz", "has no index beside it; run 'tabix -p vcf lonely.vcf.gz'"),
    ],
)
def test_variants_that_cannot_be_read_in_pieces_are_refused(folder, name, message):
    (folder / "plain.vcf").write_text("##fileformat=VCFv4.2\n")
    pysam.tabix_compress(str(folder / "plain.vcf"), str(folder / "lonely.vcf.gz"))
    with_variants(folder, name)
    with pytest.raises(SighthoundError, match=message):
        load_project(folder)


def test_an_index_older_than_its_variants_is_refused(folder):
    (folder / "known.vcf").write_text(
        "##fileformat=VCFv4.2\n##contig=<ID=chrI>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    )
    pysam.tabix_index(str(folder / "known.vcf"), preset="vcf")
    os.utime(folder / "known.vcf.gz.tbi", (1, 1))
    with_variants(folder, "known.vcf.gz")
    with pytest.raises(SighthoundError, match=r"newer than its index.*tabix -f -p vcf known"):
        load_project(folder)


def test_a_folder_without_settings_is_no_project(tmp_path):
    with pytest.raises(SighthoundError, match="is no project"):
        load_project(tmp_path)
