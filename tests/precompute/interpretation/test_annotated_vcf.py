"""The VCF with scores: whatever the input's header declares, and never at the cost of the table."""

import gzip

import numpy as np
import pandas as pd
import pysam
import pytest

from sighthound import core
from sighthound.core import Interval, SighthoundError
from sighthound.precompute.interpretation import variant_scores
from sighthound.precompute.interpretation.variant_scores import score_vcf
from tests.tiny import add_members, make_project

COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return core.load_project(make_project(tmp_path_factory.mktemp("tiny"), predictions=False))


def row(project, chrom, position, filters=".", info=".", *more):
    name = chrom if chrom.startswith("chr") else f"chr{chrom}"
    ref = project.open_genome().sequence(Interval(name, position - 1, position))
    cells = [chrom, str(position), ".", ref, "G" if ref == "C" else "C", "7.50", filters, info]
    return "\t".join([*cells, *more]) + "\n"


def poor(project):
    """A VCF whose header declares nothing of what its records use."""
    rows = [
        row(project, "chrI", 5000, "q10;s50", "DP=3;FLAG;AF=0.1250", "GT:XX", "0|1:9"),
        row(project, "II", 500, "PASS", ".", "GT", "1"),
        "scaffold_7\t3\tx\tA\tC\t.\tPASS\tSAD_atac=9.9;DP=1\tGT\t.\n",
    ]
    return f"##fileformat=VCFv4.2\n{COLUMNS}\tFORMAT\tann\n" + "".join(rows)


@pytest.mark.parametrize("end", ["vcf", "vcf.gz", "bcf"])
@pytest.mark.parametrize("compressed", [False, True])
def test_a_poor_header_is_completed_and_both_files_are_there(project, tmp_path, end, compressed):
    text = poor(project).encode()
    (tmp_path / "in.vcf").write_bytes(gzip.compress(text) if compressed else text)
    annotated = tmp_path / f"out.{end}"
    score_vcf(
        project, tmp_path / "in.vcf", tmp_path / "s.parquet", tracks=["atac"], annotated=annotated
    )
    table = pd.read_parquet(tmp_path / "s.parquet", filters=[("value", "==", "score")])
    with pysam.VariantFile(str(annotated)) as file:
        first, second, third = file
        assert file.header.contigs["chrI"].length == 40_000
        assert file.header.contigs["II"].length == 30_001
        assert {"q10", "s50"} <= set(file.header.filters)
        np.testing.assert_allclose(first.info["SAD_atac"], table.atac[table.record == 1], rtol=1e-4)
        np.testing.assert_allclose(
            second.info["SAD_atac"], table.atac[table.record == 2], rtol=1e-4
        )
        assert "SAD_atac" not in third.info, "not that of another run"
        assert third.info["DP"] == "1"
        assert first.samples["ann"].phased
    assert sorted(f.name for f in tmp_path.iterdir()) == sorted(
        ["in.vcf", annotated.name, "s.parquet", "s.parquet.skipped.tsv"]
    )


def test_records_stay_as_they_were_written_but_for_the_scores(project, tmp_path):
    (tmp_path / "in.vcf").write_text(poor(project))
    score_vcf(
        project, tmp_path / "in.vcf", tmp_path / "s.parquet", tracks=["atac"],
        annotated=tmp_path / "out.vcf",
    )  # fmt: skip
    before = [r for r in poor(project).splitlines() if r[0] != "#"]
    after = [r for r in (tmp_path / "out.vcf").read_text().splitlines() if r[0] != "#"]
    assert after[0].startswith(before[0].split("\tGT")[0] + ";SAD_atac=")
    assert [r.split("\t")[8:] for r in after] == [r.split("\t")[8:] for r in before]


def test_what_a_writer_cannot_do_costs_neither_the_table_nor_the_scores(
    project, tmp_path, monkeypatch
):
    (tmp_path / "in.vcf").write_text(poor(project))
    given = (project, tmp_path / "in.vcf", tmp_path / "s.parquet")
    options = {"tracks": ["atac"], "annotated": tmp_path / "out.vcf"}

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(variant_scores.variant_tables, "write_annotated", full)
        with pytest.raises(OSError, match="No space"):
            score_vcf(*given, **options)
    assert len(pd.read_parquet(tmp_path / "s.parquet"))
    monkeypatch.setattr(variant_scores, "_score_part", None)  # nothing is scored again
    score_vcf(*given, **options)
    assert "SAD_atac=" in (tmp_path / "out.vcf").read_text()
    assert not (tmp_path / "s.parquet.parts").exists()


def test_files_that_could_not_be_written_are_refused_before_scoring(project, tmp_path, monkeypatch):
    monkeypatch.setattr(variant_scores, "_score_part", None)
    vcf = tmp_path / "in.vcf"
    vcf.write_text(poor(project))
    out = tmp_path / "s.parquet"
    (tmp_path / "folder.h5").mkdir()
    for options, message in [
        ({"annotated": tmp_path / "nowhere" / "out.vcf"}, "nowhere does not exist"),
        ({"bins": tmp_path / "folder.h5"}, "it is a folder"),
        ({"annotated": vcf}, "in.vcf is named twice"),
        ({"bins": out}, "s.parquet is named twice"),
    ]:
        with pytest.raises(SighthoundError, match=message):
            score_vcf(project, vcf, out, tracks=["atac"], **options)
    with pytest.raises(SighthoundError, match=r"ends otherwise than in \.parquet"):
        score_vcf(project, vcf, tmp_path / "s.tsv")
    assert sorted(f.name for f in tmp_path.iterdir()) == ["folder.h5", "in.vcf"]


def test_what_the_members_say_stands_beside_each_score_in_table_and_vcf(tmp_path):
    project = core.load_project(make_project(tmp_path / "lab", predictions=False))
    members = add_members(project)
    rows = row(project, "chrI", 5000) + row(project, "chrII", 500)
    (tmp_path / "in.vcf").write_text(f"##fileformat=VCFv4.2\n{COLUMNS}\n{rows}")
    table, annotated = tmp_path / "s.parquet", tmp_path / "out.vcf"
    given = (project, tmp_path / "in.vcf", table)
    score_vcf(*given, tracks=["atac"], annotated=annotated)
    found = pd.read_parquet(table).set_index(["record", "value"])["atac"]
    variants = core.read_variants(tmp_path / "in.vcf", project.open_genome())
    said = [
        core.score_variants(m, project.open_genome(), variants, tracks=["atac"])["atac"]
        for m in members
    ]
    expected = core.agreement(found[:, "score"], said)
    np.testing.assert_allclose(found[:, "members_mean"], expected.mean, rtol=1e-5)
    assert found[:, "known"].tolist() == expected.is_known.tolist()
    with pysam.VariantFile(str(annotated)) as file:
        assert "one sign" in file.header.info["KNOWN_SAD_atac"].description
        for number, record in enumerate(file, 1):
            np.testing.assert_allclose(
                record.info["SD_SAD_atac"], found[number, "members_sd"], rtol=1e-4
            )
            assert record.info["KNOWN_SAD_atac"] == (int(found[number, "known"]),)
    score_vcf(*given, tracks=["atac"], with_members=False)
    assert set(pd.read_parquet(table)["value"]) == {"score", "reference", "alternative"}
