"""A VCF file is scored whole, resumes, and names what it cannot score."""

import distributed
import h5py
import numpy as np
import pandas as pd
import pysam
import pytest

from sighthound import core
from sighthound.core import Ensemble, Interval, SighthoundError
from sighthound.core.interpretation.promoter_effects import promoter_effects
from sighthound.core.model.model import load_members, save_model
from sighthound.core.model.promoters import promoter_networks
from sighthound.core.project.variant_tables import open_variant_table
from sighthound.precompute.cluster import tasks
from sighthound.precompute.cluster.tasks import Workers
from sighthound.precompute.interpretation import variant_scores
from sighthound.precompute.interpretation.variant_scores import score_vcf
from tests.models import small_model
from tests.tiny import TRACKS, add_members, add_readouts, make_project

COLUMNS = list(TRACKS)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return core.load_project(make_project(tmp_path_factory.mktemp("tiny"), predictions=False))


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    """Parts of 4 alleles, and buffers of 9, so that few variants make several."""
    monkeypatch.setattr(variant_scores, "PART", 4)
    monkeypatch.setattr(variant_scores, "BUFFER", 9)


def line(project, chrom, position, kind="snv"):
    """A line of a VCF; positions from 1."""
    genome = project.open_genome()
    ref = genome.sequence(Interval(chrom, position - 1, position + 2))
    other = {"A": "C", "C": "G", "G": "T", "T": "A"}[ref[0]]
    alleles = {
        "snv": (ref[0], other),
        "both": (ref[0], f"{other},{ref[0]}GATTACA"),
        "deletion": (ref, ref[0]),
        "symbolic": (ref[0], "<DEL>"),
        "wrong": (other, ref[0]),
    }[kind]
    name = f"{kind}{position}"
    return "\t".join([chrom, str(position), name, *alleles, ".", "PASS", "."])


def write(file, lines):
    contigs = "".join(f"##contig=<ID={c}>\n" for c in ("chrI", "chrII"))
    head = f"##fileformat=VCFv4.2\n{contigs}#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    file.write_text(head + "".join(f"{text}\n" for text in lines))
    return file


@pytest.fixture
def vcf(project, tmp_path):
    """Unsorted, with several alleles, a deletion, a symbolic allele and a wrong REF."""
    places = [
        ("chrII", 30001, "snv"), ("chrI", 9000, "snv"), ("chrI", 2500, "both"),
        ("chrI", 9005, "deletion"), ("chrI", 12, "snv"), ("chrII", 500, "snv"),
        ("chrI", 7000, "symbolic"), ("chrI", 7001, "wrong"), ("chrI", 20000, "snv"),
        ("chrII", 10010, "snv"), ("chrI", 30000, "snv"), ("chrI", 2600, "snv"),
    ]  # fmt: skip
    return write(tmp_path / "in.vcf", [line(project, *place) for place in places])


def scores(file, score="sad", value="score"):
    return pd.read_parquet(file, filters=[("score", "==", score), ("value", "==", value)])


def test_every_allele_is_scored_as_by_the_library(project, vcf, tmp_path):
    output = tmp_path / "out.parquet"
    steps = []
    summary = score_vcf(
        project, vcf, output, scores=["sad", "sed"], ensemble=Ensemble(True),
        progress=lambda done, total: steps.append((done, total)),
    )  # fmt: skip
    assert (summary.scored, summary.skipped) == (11, 2)
    assert (steps[0], steps[-1]) == ((0, 11), (11, 11))
    model, genome = core.load_model(project.model.directory), project.open_genome()
    variants = core.read_variants(vcf, genome)
    expected = core.score_variants(
        model, genome, variants, scores=["sad", "sed"], alleles=True,
        genes=project.read_genes(), ensemble=Ensemble(True),
    )  # fmt: skip
    found = pd.read_parquet(output)
    assert {"ALPHA1", "BETA1", "ALPHA2"} <= set(found.gene_name)
    keys = ["variant", "gene", "score", "value"]
    found, expected = (table.sort_values(keys, ignore_index=True) for table in (found, expected))
    assert found[keys].equals(expected[keys])
    np.testing.assert_allclose(found[COLUMNS], expected[COLUMNS], rtol=1e-4, atol=1e-3)
    assert not output.with_name("out.parquet.parts").exists()


def test_rows_are_sorted_within_buffers_and_say_which_record_they_are(project, vcf, tmp_path):
    score_vcf(project, vcf, tmp_path / "out.parquet")
    table = scores(tmp_path / "out.parquet")
    assert table.record.tolist() == [5, 3, 3, 2, 4, 9, 6, 10, 1, 12, 11]
    assert table.allele.tolist() == [1, 1, 2, *[1] * 8]
    assert table.dtypes[COLUMNS].eq("float32").all()


def test_where_networks_learned_promoters_columns_say_what_reporters_drive(tmp_path, vcf):
    lab = core.load_project(make_project(tmp_path / "lab", predictions=False))
    members = add_members(lab)
    score_vcf(lab, vcf, tmp_path / "before.parquet", with_members=False)
    assert not [name for name in scores(tmp_path / "before.parquet") if "promoter" in name]
    add_readouts(lab)
    for name, asked in (("with", True), ("without", False)):
        score_vcf(lab, vcf, tmp_path / f"{name}.parquet", with_members=asked)
    found = scores(tmp_path / "with.parquet")
    networks = promoter_networks(
        core.load_model(lab.model.directory), load_members(lab.model.directory)
    )
    assert len(networks) == len(members)
    variants = core.read_variants(vcf, lab.open_genome())
    expected = promoter_effects(networks, lab.open_genome(), variants)
    by_variant = {str(v): row for v, row in zip(variants, expected.mean, strict=True)}
    rows = np.array([by_variant[name] for name in found["variant"]])
    np.testing.assert_allclose(found[["promoter.+", "promoter.-"]], rows, rtol=1e-4, atol=1e-6)
    assert found["promoter_known.+"].dtype == bool
    without = scores(tmp_path / "without.parquet")
    assert without["promoter.+"].equals(found["promoter.+"])
    assert open_variant_table(tmp_path / "with.parquet").tracks == TRACKS


def test_what_is_skipped_is_listed_with_its_reason(project, vcf, tmp_path):
    summary = score_vcf(project, vcf, tmp_path / "out.parquet")
    listed = pd.read_csv(summary.skipped_file, sep="\t")
    assert listed.record.tolist() == [7, 8]
    assert listed.reason[0] == "symbolic allele"
    assert listed.reason[1].startswith("REF differs: REF differs from the genome, which has ")
    assert [reason.split(" (")[0] for reason in summary.reasons] == [
        "1 REF differs", "1 symbolic allele",
    ]  # fmt: skip


def test_a_wrong_ref_is_flipped_by_choice(project, vcf, tmp_path):
    summary = score_vcf(project, vcf, tmp_path / "out.parquet", mismatch="flip")
    assert (summary.scored, summary.flipped, summary.skipped) == (12, 1, 1)
    table = scores(tmp_path / "out.parquet")
    assert table[table.flipped].record.tolist() == [8]
    with pytest.raises(SighthoundError, match="REF differs from the genome"):
        score_vcf(project, vcf, tmp_path / "other.parquet", mismatch="error")


@pytest.mark.parametrize("step", [1, 2, 3])
def test_a_run_killed_at_any_point_resumes_and_ends_with_the_same_bytes(
    project, vcf, tmp_path, step
):
    class KilledError(Exception):
        pass

    outputs = {"bins": tmp_path / "bins.h5", "annotated": tmp_path / "scored.vcf"}
    output = tmp_path / "out.parquet"
    files = [output, *outputs.values()]
    score_vcf(project, vcf, output, **outputs)
    expected = [file.read_bytes() for file in files]
    for file in files:
        file.unlink()
    seen = []

    def kill(done, total):
        seen.append(done)
        if len(seen) == step:
            raise KilledError

    with pytest.raises(KilledError):
        score_vcf(project, vcf, output, progress=kill, **outputs)
    assert not output.exists()
    resumed = []
    score_vcf(project, vcf, output, progress=lambda done, total: resumed.append(done), **outputs)
    assert resumed[0] == seen[-1]
    assert [file.read_bytes() for file in files] == expected


def test_a_complete_run_is_not_repeated(project, vcf, tmp_path, monkeypatch):
    score_vcf(project, vcf, tmp_path / "out.parquet")
    monkeypatch.setattr(variant_scores, "run_tasks", None)
    score_vcf(project, vcf, tmp_path / "out.parquet")


def test_an_unfinished_run_of_other_settings_is_not_mixed_in(project, vcf, tmp_path):
    def stop(done, total):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        score_vcf(project, vcf, tmp_path / "out.parquet", progress=stop)
    with pytest.raises(SighthoundError, match="unfinished run with other tracks, pseudocount; fin"):
        score_vcf(project, vcf, tmp_path / "out.parquet", tracks=["atac"], pseudocount=2.0)


def test_dask_workers_give_the_same_bytes(project, vcf, tmp_path):
    score_vcf(project, vcf, tmp_path / "here.parquet")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None, protocol="tcp"
    ) as workers:
        score_vcf(
            project,
            vcf,
            tmp_path / "there.parquet",
            workers=Workers(scheduler=workers.scheduler_address),
        )
    assert (tmp_path / "here.parquet").read_bytes() == (tmp_path / "there.parquet").read_bytes()


def test_bins_are_kept_around_each_variant(project, vcf, tmp_path):
    score_vcf(project, vcf, tmp_path / "out.parquet", tracks=["atac"], bins=tmp_path / "bins.h5")
    table = scores(tmp_path / "out.parquet")
    with h5py.File(tmp_path / "bins.h5") as file:
        assert file["track"].asstr()[:].tolist() == ["atac"]
        assert file["variant"].asstr()[:].tolist() == table.variant.tolist()
        change = file["alternative"][:] - file["reference"][:]
        starts, reference, size = file["start"][:], file["reference"][:], file.attrs["bin"]
    assert change.shape == (11, 257, 1)
    np.testing.assert_allclose(np.nansum(change, axis=1), table[["atac"]], rtol=1e-3, atol=1e-3)
    assert starts[0] == -128 * size
    assert np.isnan(reference[0, :128]).all()
    assert not np.isnan(reference[0, 128:]).any()


def test_the_annotated_vcf_has_the_scores_in_its_records(project, vcf, tmp_path):
    score_vcf(
        project, vcf, tmp_path / "out.parquet", scores=["sad", "sed"],
        tracks=["atac", "cage.plus"], annotated=tmp_path / "scored.vcf.gz",
    )  # fmt: skip
    with pysam.VariantFile(str(tmp_path / "scored.vcf.gz")) as file:
        assert file.header.info["SAD_cage.plus"].number == "A"
        records = list(file)
    assert [r.id for r in records] == [row.split("\t")[2] for row in _rows(vcf)]
    both = next(r for r in records if r.id == "both2500")
    table = scores(tmp_path / "out.parquet").set_index(["record", "allele"])
    np.testing.assert_allclose(both.info["SAD_atac"], table.loc[3].atac, rtol=1e-4)
    assert {value.split("|")[1] for value in both.info["SED_atac"]} == {"T001", "T002"}
    assert not any(r.info for r in records if r.id.startswith(("symbolic", "wrong")))


def test_a_file_of_another_assembly_is_refused_and_nothing_done_is_lost(project, vcf, tmp_path):
    score_vcf(project, vcf, tmp_path / "out.parquet")
    before = (tmp_path / "out.parquet").read_bytes()
    wrong = [line(project, "chrI", 100 * n, "wrong") for n in range(1, 12)]
    other = write(tmp_path / "other.vcf", wrong)
    with pytest.raises(SighthoundError, match=r"of another assembly than genome\.fa: 11 of 11 REF"):
        score_vcf(project, other, tmp_path / "out.parquet")
    assert (tmp_path / "out.parquet").read_bytes() == before


def test_what_cannot_be_done_is_said_before_anything_is_read(project, vcf, tmp_path, monkeypatch):
    output = tmp_path / "out.parquet"
    with pytest.raises(SighthoundError, match="the model has no track 'atak'"):
        score_vcf(project, vcf, output, tracks=["atak"])
    with pytest.raises(SighthoundError, match="unknown score 'sda'"):
        score_vcf(project, vcf, output, scores=["sda"])
    with pytest.raises(SighthoundError, match=r"the folder .*nowhere does not exist"):
        score_vcf(project, vcf, tmp_path / "nowhere" / "out.parquet")
    with pytest.raises(SighthoundError, match=r"ends otherwise than in \.vcf, \.vcf\.gz, \.bcf"):
        score_vcf(project, vcf, output, annotated=tmp_path / "scored.txt")
    with pytest.raises(SighthoundError, match="does not exist; expected a VCF or BCF file"):
        score_vcf(project, tmp_path / "none.vcf", output)
    monkeypatch.setattr(tasks, "_CONNECT_SECONDS", 0.5)
    with pytest.raises(SighthoundError, match="no Dask scheduler answers at tcp:"):
        score_vcf(project, vcf, output, workers=Workers(scheduler="tcp://127.0.0.1:9"))
    assert not list(tmp_path.glob("out.parquet"))


def test_the_unfinished_run_of_another_model_is_not_gone_on_with(project, vcf, tmp_path):
    def stop(done, total):
        raise InterruptedError

    copy = core.load_project(make_project(tmp_path / "copy", predictions=False))
    with pytest.raises(InterruptedError):
        score_vcf(copy, vcf, tmp_path / "out.parquet", progress=stop)
    save_model(copy.model.directory, small_model(TRACKS, seed=3))
    with pytest.raises(SighthoundError, match="unfinished run with other model; finish it"):
        score_vcf(copy, vcf, tmp_path / "out.parquet")


def _rows(vcf):
    return [row for row in vcf.read_text().splitlines() if not row.startswith("#")]
