"""A table of measured effects comes into a project, with what the model predicts of it."""

import numpy as np
import pandas as pd
import pytest

from sighthound import core
from sighthound.core import Interval, SighthoundError
from sighthound.core.interpretation.promoter_effects import promoter_effects
from sighthound.core.model.ensemble import Ensemble
from sighthound.core.model.model import load_members
from sighthound.core.model.promoters import promoter_networks
from sighthound.core.project.signs import SIGN_PROBABILITY, sign_files, signs_for
from sighthound.core.project.truth import (
    CEILINGS,
    COMPARISON,
    beside,
    read_truth,
    remove_truth,
    truth_file,
)
from sighthound.core.truth import signs
from sighthound.precompute.interpretation.measured_effects import add_truth
from sighthound.precompute.interpretation.variant_scores import score_vcf
from tests.tiny import TRACKS, add_members, add_readouts, make_project


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return core.load_project(make_project(tmp_path_factory.mktemp("tiny"), predictions=False))


@pytest.fixture
def table(project, tmp_path):
    """Two experiments of 24 alleles on chrI, one of them a deletion."""
    genome = project.open_genome()
    bases = genome.sequence(Interval("chrI", 10_000, 10_024))
    rng = np.random.default_rng(1)
    lines = ["chrom\tpos\tref\talt\teffect\tfdr\texperiment"]
    for n, base in enumerate(bases):
        alt = "-" if n == 3 else "ACGT"["ACGT".index(base) - 1]
        for experiment in ("one", "two"):
            effect, q = rng.normal(), rng.uniform(0, 0.1)
            lines.append(f"chrI\t{10_001 + n}\t{base}\t{alt}\t{effect}\t{q}\t{experiment}")
    file = tmp_path / "reporter of 2020.tsv"
    file.write_text("\n".join(lines) + "\n")
    return file


def test_predictions_are_those_of_the_variant_scorer(project, table):
    ensemble = Ensemble(True, (0, 21))
    found = add_truth(project, table, ensemble=ensemble)
    truth = read_truth(found.file)
    assert found.file == truth_file(project, "reporter_of_2020")
    assert (truth.tracks, truth.score, len(truth.rows)) == (TRACKS, "sum_log2_ratio", 48)
    model = core.load_model(project.model.directory)
    variants = [core.parse_variant(f"chrI:{10_004 - 1}:{truth.rows['ref'].iloc[6]}:"
                                   f"{truth.rows['alt'].iloc[6]}")]  # fmt: skip
    expected = core.score_variants(
        model, project.open_genome(), variants, scores=["sum_log2_ratio"], ensemble=ensemble
    )
    assert truth.predicted[6] == pytest.approx(expected[list(TRACKS)].to_numpy()[0], rel=1e-3)
    assert truth.predicted[6].tolist() == truth.predicted[7].tolist()
    assert [one.n for one in found.comparisons] == [48, 48, 48]
    assert found.ceilings[0].n == 24
    lines = beside(found.file, COMPARISON).read_text().splitlines()
    assert lines[0].split("\t")[:5] == ["track", "n", "pearson", "pearson_low", "pearson_high"]
    assert beside(found.file, CEILINGS).read_text().count("\n") == 3
    before = found.file.read_bytes()
    assert add_truth(project, table, ensemble=ensemble).file.read_bytes() == before


def test_what_reporters_drive_is_compared_in_the_direction_of_the_gene(tmp_path):
    lab = core.load_project(make_project(tmp_path / "lab", predictions=False))
    add_members(lab)
    add_readouts(lab)
    genes = lab.read_genes()
    genome, lines = lab.open_genome(), ["chrom\tpos\tref\talt\teffect\tgene"]
    names = {strand: next(g.id for g in genes if g.strand == strand) for strand in "+-"}
    for n, gene in enumerate([*names.values(), "", "not a gene"] * 6):
        base = genome.sequence(Interval("chrI", 10_000 + n, 10_001 + n))
        lines.append(f"chrI\t{10_001 + n}\t{base}\t{'CA'[base != 'A']}\t{n - 9.5}\t{gene}")
    table = tmp_path / "reporter.tsv"
    table.write_text("\n".join(lines) + "\n")
    found = add_truth(lab, table)
    truth = read_truth(found.file)
    assert truth.tracks == (*TRACKS, "promoter", "promoter_known")
    networks = promoter_networks(
        core.load_model(lab.model.directory), load_members(lab.model.directory)
    )
    variants = [core.Variant(r.chrom, r.position, r.ref, r.alt) for r in truth.rows.itertuples()]
    effects = promoter_effects(networks, genome, variants)
    driven, known = truth.predicted[:, -2], truth.predicted[:, -1]
    for row, gene in enumerate(truth.rows["gene"]):
        own = {names["+"]: [0], names["-"]: [1]}.get(gene, [0, 1])
        assert driven[row] == pytest.approx(effects.mean[row, own].mean(), rel=1e-4, abs=1e-6)
        assert np.isfinite(known[row]) == effects.is_known[row, own].all()
    assert [one.track for one in found.comparisons][-2:] == ["promoter", "promoter_known"]
    assert found.comparisons[-1].n == np.isfinite(known).sum() < len(known)


def test_a_score_without_a_sign_is_refused_before_anything_is_written(project, table):
    with pytest.raises(SighthoundError, match="max_log2 has no sign to compare; choose one of sad"):
        add_truth(project, table, name="unsigned", score="max_log2")
    assert not truth_file(project, "unsigned").exists()


def test_without_a_model_measurements_are_there_alone(tmp_path, table):
    bare = core.load_project(make_project(tmp_path / "bare", model=False, predictions=False))
    found = add_truth(bare, table)
    assert (read_truth(found.file).model, found.comparisons) == (None, [])
    assert found.ceilings[0].n == 24


def test_scored_variants_that_were_measured_say_so(project, table, tmp_path):
    truth = read_truth(add_truth(project, table, name="reporter", score="sad").file)
    bare = core.load_project(make_project(tmp_path / "bare", predictions=False))
    truth.write(truth_file(bare, "reporter"))
    deletion = truth.rows.iloc[6]
    genome = bare.open_genome()
    at = int(deletion["position"])
    before = genome.sequence(Interval("chrI", at - 1, at))
    ref, alt = before + deletion["ref"], before + deletion["alt"]  # the same, written otherwise
    other = genome.sequence(Interval("chrI", 999, 1000))
    lines = [
        f"chrI\t{at}\t.\t{ref}\t{alt}",
        f"chrI\t1000\t.\t{other}\t{'A' if other != 'A' else 'C'}",
    ]
    vcf = tmp_path / "v.vcf"
    head = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    vcf.write_text(head + "".join(f"{line}\t.\t.\t.\n" for line in lines))
    output = tmp_path / "scores.parquet"
    score_vcf(bare, vcf, output)
    found = pd.read_parquet(output).drop_duplicates("record").set_index("position")
    both = truth.rows["effect"].iloc[6:8].mean()
    assert found["measured.reporter"][at] == pytest.approx(both)
    assert np.isnan(found["measured.reporter"][1000])
    names = list(found.columns)
    assert names.index("measured.reporter") < names.index("score")


def test_how_right_signs_are_is_learned_with_the_networks_and_said_of_scored_variants(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(signs, "LEAST_ALLELES", 8)
    monkeypatch.setattr(signs, "LEAST_CHROMOSOMES", 2)
    lab = core.load_project(make_project(tmp_path / "lab", predictions=False))
    add_members(lab)
    genome, model = lab.open_genome(), core.load_model(lab.model.directory)
    lines, vcf = ["chrom\tpos\tref\talt\teffect\tq"], ["##fileformat=VCFv4.2"]
    vcf.append("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO")
    for n, chrom in enumerate(["chrI", "chrII"] * 6):
        at = 10_000 + n
        base = genome.sequence(Interval(chrom, at, at + 1))
        alt = "ACGT"["ACGT".index(base) - 1]
        # Those that are not significant are asked of the model alone.
        lines.append(f"{chrom}\t{at + 1}\t{base}\t{alt}\t{(-1) ** n}\t{0.01 if n < 10 else 0.9}")
        vcf.append(f"{chrom}\t{at + 1}\t.\t{base}\t{alt}\t.\t.\t.")
    table, variants = tmp_path / "reporter.tsv", tmp_path / "v.vcf"
    table.write_text("\n".join(lines) + "\n")
    variants.write_text("\n".join(sorted(vcf, key=lambda line: not line.startswith("#"))) + "\n")
    add_truth(lab, table, ensemble=Ensemble())
    known = signs_for(lab, model.hash, Ensemble(), 2, 1.0)
    assert {score: list(of) for score, of in known.curves.items()} == {
        "sum_log2_ratio": list(TRACKS), "sad": list(TRACKS),
    }  # fmt: skip
    assert {curve.alleles for curve in known.curves["sad"].values()} == {10}
    output = tmp_path / "scores.parquet"
    assert score_vcf(lab, variants, output).signs == "reporter"
    found = pd.read_parquet(output)
    rows = {value: part[list(TRACKS)].to_numpy() for value, part in found.groupby("value")}
    expected = known.probabilities(
        "sad", TRACKS, rows["score"], rows["members_mean"], rows["members_sd"]
    )
    assert rows[SIGN_PROBABILITY] == pytest.approx(expected, abs=1e-6)
    assert score_vcf(lab, variants, output, with_members=False).signs is None
    assert SIGN_PROBABILITY not in set(pd.read_parquet(output)["value"])
    add_truth(lab, table, ensemble=Ensemble(), with_members=False)
    assert score_vcf(lab, variants, output, with_members=False).signs == "reporter"
    remove_truth(lab, "reporter")
    assert sign_files(lab) == []
    assert list((lab.root / "measured").iterdir()) == []
