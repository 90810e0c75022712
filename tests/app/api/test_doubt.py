"""What the networks that taught the model say of its answers, through the real worker."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from flask.testing import FlaskClient

from sighthound import core
from sighthound.app.inference.tasks import saliency_of
from sighthound.app.server.application import create_app
from sighthound.core.genome.sequence import Interval
from sighthound.core.interpretation.promoter_effects import REACH, promoter_effects
from sighthound.core.interpretation.windows import locus_grid, predict_stretch
from sighthound.core.model.promoters import promoter_networks
from sighthound.core.project.settings import Project, load_project
from tests.app.inference.test_client import ask
from tests.tiny import make_project

PLACE = "track=ramp&chrom=chrI&position=20010"


def members_of(project: Project) -> tuple[core.Model, list[core.Model]]:
    model = core.load_model(project.model.directory)
    return model, core.load_members_of(model, project.model.directory)


def test_a_saliency_is_known_where_the_networks_agree_with_it(
    explaining: FlaskClient, project: Project
) -> None:
    shown = ask(explaining, f"/api/v1/saliency?{PLACE}")
    found = ask(explaining, f"/api/v1/saliency/members?{PLACE}")
    _, members = members_of(project)
    said = [saliency_of(m, project, "ramp", "chrI", 20_010).values for m in members]
    expected = core.agreement(shown["values"], said)
    assert (found["members"], found["start"]) == (2, shown["start"])
    assert found["known"] == expected.is_known.tolist()
    np.testing.assert_allclose(found["mean"], expected.mean, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(found["deviation"], expected.deviation, rtol=1e-4, atol=1e-6)


def test_effects_of_a_variant_are_of_the_bins_that_the_model_says_change_most(
    explaining: FlaskClient, project: Project
) -> None:
    ref = project.open_genome().sequence(Interval("chrI", 20_000, 20_001))
    asked = f"variants=chrI:20001:{ref}:{'A' if ref != 'A' else 'C'}"
    shown = ask(explaining, f"/api/v1/variant?{asked}")
    found = ask(explaining, f"/api/v1/variant/members?{asked}")
    assert found["members"] == 2
    assert [row["track"] for row in found["tracks"]] == ["ramp", "counts", "imagined"]
    model, members = members_of(project)
    (variant,) = (core.parse_variant(asked.removeprefix("variants=")),)
    ensemble = core.Ensemble(reverse_complement=True, shifts=(0, 21, -21))
    genome = project.open_genome()
    of_all = [core.score_variants(m, genome, [variant], ensemble=ensemble) for m in members]
    own = next(row for row in shown["ranked"] if row["track"] == "ramp")
    expected = core.agreement(own["sad"], [table["ramp"][0] for table in of_all])
    context = found["tracks"][0]["context"]
    assert context["mean"] == pytest.approx(float(expected.mean), rel=1e-3)
    assert context["known"] == bool(expected.is_known)
    size = own["local"]["end"] - own["local"]["start"]
    assert size == shown["local_bins"] * model.bin


def test_what_a_reporter_drives_is_told_of_genes_that_start_nearby(
    explaining: FlaskClient, project: Project
) -> None:
    genome, genes = project.open_genome(), {gene.id: gene for gene in project.read_genes()}
    near = next(gene for gene in genes.values() if gene.chrom == "chrI")
    position = near.transcripts[0].tss
    ref = genome.sequence(Interval("chrI", position, position + 1))
    variant = core.Variant("chrI", position, ref, "A" if ref != "A" else "C")
    asked = f"variants=chrI:{position + 1}:{ref}:{variant.alt}"
    rows = ask(explaining, f"/api/v1/variant/members?{asked}")["genes"]
    expected = promoter_effects(promoter_networks(*members_of(project)), genome, [variant])
    told = {row["gene"]: row["promoter"] for row in rows}
    strand = "+-".index(near.strand)
    assert told[near.id] == {
        "mean": pytest.approx(float(expected.mean[0, strand]), rel=1e-3, abs=1e-6),
        "deviation": pytest.approx(float(expected.deviation[0, strand]), rel=1e-3, abs=1e-6),
        "known": bool(expected.is_known[0, strand]),
    }
    for gene, promoter in told.items():
        away = min(abs(one.tss - position) for one in genes[gene].transcripts)
        assert (promoter is not None) == (away <= REACH)


def test_the_spread_of_a_window_is_the_sample_deviation_of_the_networks(
    explaining: FlaskClient, project: Project
) -> None:
    url = "/api/v1/prediction/members?chrom=chrI&start=3200&end=6400&pixels=400&tracks=counts"
    while (response := explaining.get(url)).status_code == 202:
        assert response.get_json()["state"] in ("queued", "running")
    (n,) = struct.unpack_from("<I", response.data)
    header = json.loads(response.data[4 : 4 + n])
    (series,) = header["series"]
    assert (series["kind"], series["stat"], header["bin_bp"]) == ("spread", "mean", 64)
    values = np.frombuffer(response.data, "<f4", offset=4 + n)
    model, members = members_of(project)
    assert locus_grid(model) * 64 >= 6400
    said = [predict_stretch(m, project.open_genome(), "chrI", 0, ["counts"]) for m in members]
    expected = np.std(np.stack(said)[:, 50:100, 0], axis=0, ddof=1)
    np.testing.assert_allclose(values, expected, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("route", ["saliency", "mutagenesis", "variant", "prediction"])
def test_a_model_that_no_networks_taught_is_refused_in_one_line(tmp_path: Path, route: str) -> None:
    project = load_project(make_project(tmp_path / "lab", predictions=False))
    web = create_app(project, scheduler_address=None).test_client()
    assert web.get("/api/v1/project").get_json()["members"] == 0
    answer = web.get(f"/api/v1/{route}/members?track=atac&chrom=chrI&position=9")
    assert answer.status_code == 400
    assert answer.get_json()["error"].startswith("no networks taught this model")
