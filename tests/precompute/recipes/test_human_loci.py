"""Human loci as a project: what becomes of their sequences, folds and squashed values."""

import gzip

import numpy as np
import pytest

from sighthound.core.bigwig.files import read_bins
from sighthound.core.errors import SighthoundError
from sighthound.core.project.settings import load_project
from sighthound.precompute.datasets.dataset import make_dataset, open_dataset
from sighthound.precompute.recipes.human_loci import prepare_human_loci
from tests.paths import SHARED_DATA

LENGTH, FLANK, BIN = 4096, 1024, 32
TARGETS = """\tidentifier\tfile\tclip\tclip_soft\tscale\tsum_stat\tstrand_pair\tdescription
0\tcage+\tc.w5\t384\t64\t1.0\tsum_sqrt\t1\tCAGE:liver
1\tcage-\tc.w5\t384\t64\t1.0\tsum_sqrt\t0\tCAGE:liver
2\tdnase\td.w5\t128\t32\t2.0\tmean\t2\tDNASE:liver
"""
FOLDS = ("train", "valid", "test")


@pytest.fixture
def loci(tmp_path):
    """Three loci on one chromosome, with values that the table's squashing can have left."""
    folder = tmp_path / "loci"
    folder.mkdir()
    drawn = np.random.default_rng(1)
    lines = []
    for number, fold in enumerate(FOLDS):
        start = 10_000 * (number + 1)
        target = f"{start + FLANK}-{start + LENGTH - FLANK}"
        lines.append(f">chr7:{start}-{start + LENGTH} split={fold} target={target}\n")
        lines.append("".join(drawn.choice(list("acgt"), LENGTH)) + "\n")
    (folder / "loci.fa.gz").write_bytes(gzip.compress("".join(lines).encode()))
    (folder / "targets.txt").write_text(TARGETS)
    targets = drawn.integers(0, 100, (3, (LENGTH - 2 * FLANK) // BIN, 3)).astype(np.float16)
    np.savez(folder / "targets.npz", targets=targets)
    return folder


def test_each_locus_is_a_chromosome_with_a_window_on_its_middle(loci, tmp_path):
    prepare_human_loci(loci, tmp_path / "project")
    project = load_project(tmp_path / "project")
    assert project.open_genome().lengths == dict.fromkeys(
        ("chr7_10001", "chr7_20001", "chr7_30001"), LENGTH
    )
    make_dataset(project)
    dataset = open_dataset(project)
    for fold, chrom in zip(FOLDS, project.open_genome().lengths, strict=True):
        (window,) = dataset.fold(fold)
        assert (window.chrom, window.start, window.end) == (chrom, FLANK, LENGTH - FLANK)
        assert window.observed == 1


def test_values_are_in_the_units_from_before_they_were_squashed(loci, tmp_path):
    prepare_human_loci(loci, tmp_path / "project")
    cage, _, dnase = load_project(tmp_path / "project").read_tracks()
    given = np.load(loci / "targets.npz")["targets"][0].astype(np.float64)
    middle = "chr7_10001", FLANK, LENGTH - FLANK, given.shape[0]

    def softened(values, knee):
        return np.minimum(values, knee) + np.sqrt(np.maximum(values - knee, 0) + 1) - 1

    sums = read_bins(cage.experiment, *middle, "sum")
    np.testing.assert_allclose(softened(np.sqrt(sums + 1) - 1, 64), given[:, 0], atol=0.05)
    means = read_bins(dnase.experiment, *middle, "mean")
    np.testing.assert_allclose(softened(means, 32), given[:, 2], rtol=2e-3)
    flank = read_bins(cage.experiment, "chr7_10001", 0, FLANK, FLANK, empty=np.nan)
    assert np.isnan(flank).all()
    assert (cage.strand_pair, cage.transform, dnase.assay) == ("cage-", "sqrt", "DNase")


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("targets.txt", TARGETS.rsplit("2\t")[0], "2 experiments|3 experiments; expected 3 and 2"),
        ("loci.fa.gz", ">chr7:1-9\nACGT\n", "'chr7:1-9' is no locus; expected chrom:start-end"),
        ("more.fa.gz", "", r"2 files \*\.fa\.gz; expected one"),
    ],
)
def test_what_is_no_such_folder_is_said(loci, tmp_path, file, text, message):
    is_packed = file.endswith(".gz")
    (loci / file).write_bytes(gzip.compress(text.encode()) if is_packed else text.encode())
    with pytest.raises(SighthoundError, match=message):
        prepare_human_loci(loci, tmp_path / "project")
    assert not (tmp_path / "project").exists()


@pytest.mark.real_data
def test_the_65_loci_become_a_project(tmp_path):
    prepare_human_loci(SHARED_DATA / "human" / "loci65", tmp_path)
    project = load_project(tmp_path)
    assert len(project.open_genome().lengths) == 65
    assert len(project.read_tracks()) == 74
