"""Saliency of one region as text, and gradient x input as a BigWig."""

import io

import numpy as np
import pandas as pd
import pyBigWig
import pytest

from sighthound import core
from sighthound.core import Ensemble, Interval, SighthoundError, load_model, load_project
from sighthound.core.model.model import save_model
from sighthound.precompute.interpretation.saliency_region import (
    gradient_of_region,
    saliency_of_region,
)
from tests.models import shallow_model
from tests.tiny import BIN, TRACKS, add_members, make_project

REGION = "chrI:20,001-20,090"  # bins 312 and 313
BINS = [312, 313]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("region") / "tiny"
    make_project(folder, model=False, predictions=False)
    save_model(folder / "model", shallow_model(TRACKS))
    return load_project(folder)


@pytest.fixture(scope="module")
def window(project):
    """The model, 512 bins of sequence from bin 56 on, and the target bins counted in it."""
    model = load_model(project.model.directory)
    one_hot = project.open_genome().one_hot(Interval("chrI", 56 * BIN, (56 + 512) * BIN))
    return model, one_hot, [bin - 56 - model.crop for bin in BINS]


def test_a_region_is_explained_as_the_sum_of_its_bins(project, window):
    model, one_hot, bins = window
    out = io.StringIO()
    options = {"tracks": ["atac", "cage.plus"], "ensemble": Ensemble(True)}
    saliency_of_region(project, REGION, None, out, **options)
    table = pd.read_csv(io.StringIO(out.getvalue()), sep="\t")
    assert list(table.columns) == ["chrom", "start", "end", "atac", "cage.plus"]
    assert list(table.end - table.start + 1) == [BIN] * len(table)
    expected = core.saliency(model, one_hot, options["tracks"], bins, ensemble=Ensemble(True))
    rows = (table.start - 1) // BIN - 56
    np.testing.assert_allclose(
        table[["atac", "cage.plus"]], expected[rows], rtol=1e-3, atol=1e-6 * abs(expected).max()
    )
    assert len(table) == 2 * model.architecture.stack_reach + 2


def test_a_bedgraph_counts_from_0_and_stops_at_the_chromosomes_end(project, tmp_path):
    file = tmp_path / "new" / "out.bedgraph"
    saliency_of_region(project, "chrII:29,990", file, io.StringIO(), tracks=["atac"])
    rows = [line.split("\t") for line in file.read_text().splitlines()]
    assert all(int(start) % BIN == 0 for _, start, _, _ in rows)
    assert rows[-1][2] == "30001"
    with pytest.raises(SighthoundError, match="holds one track, not 3; choose one"):
        saliency_of_region(project, "chrII:1", file, io.StringIO())


def test_gradient_times_input_is_written_base_by_base(project, window, tmp_path):
    model, one_hot, bins = window
    (path,) = gradient_of_region(project, REGION, tmp_path / "g.bw", tracks=["atac"])
    expected = core.gradient_times_input(model, one_hot, "atac", bins)
    with pyBigWig.open(str(path)) as file:
        found = np.array(file.values("chrI", 19_000, 21_000))
    at = 19_000 - 56 * BIN
    np.testing.assert_allclose(found, expected[at : at + 2000], rtol=1e-3, atol=1e-6)
    both = gradient_of_region(project, REGION, tmp_path / "g.bw", tracks=["atac", "cage.plus"])
    assert [p.name for p in both] == ["g.atac.bw", "g.cage.plus.bw"]


def test_what_cannot_be_written_is_refused_before_anything_is_computed(project, tmp_path):
    with pytest.raises(SighthoundError, match=r"ends in '\.wig'; for this, expected \.tsv"):
        saliency_of_region(project, REGION, tmp_path / "a.wig", io.StringIO())
    with pytest.raises(SighthoundError, match=r"ends in 'nothing'; for this, expected \.bw"):
        gradient_of_region(project, REGION, tmp_path / "a")
    with pytest.raises(SighthoundError, match="lies beyond the end of chrI"):
        saliency_of_region(project, "chrI:1-50000", None, io.StringIO())


def test_columns_say_whether_the_networks_agree(tmp_path):
    project = load_project(make_project(tmp_path / "lab", model=False, predictions=False))
    save_model(project.model.directory, shallow_model(TRACKS))
    asked = (project, "chrI:9,001-9,064", tmp_path / "out.tsv", io.StringIO())
    with pytest.raises(SighthoundError, match="no networks taught the model"):
        saliency_of_region(*asked, tracks=["atac"], with_members=True)
    add_members(project, shallow_model)
    saliency_of_region(*asked, tracks=["atac"], with_members=True)
    table = pd.read_csv(tmp_path / "out.tsv", sep="\t")
    values = ["atac", "atac.members_mean", "atac.members_sd", "atac.known"]
    assert list(table.columns) == ["chrom", "start", "end", *values]
    assert set(table["atac.known"]) <= {0, 1}
    is_known = table["atac.members_mean"].abs() >= table["atac.members_sd"]
    assert (table["atac.known"] <= is_known).all()
    saliency_of_region(*asked, tracks=["atac"])
    alone = pd.read_csv(tmp_path / "out.tsv", sep="\t")
    assert alone["atac"].tolist() == table["atac"].tolist()
    bedgraph = (*asked[:2], tmp_path / "out.bedgraph", asked[3])
    with pytest.raises(SighthoundError, match=r"cannot hold what networks say; .* write .tsv"):
        saliency_of_region(*bedgraph, tracks=["atac"], with_members=True)
