"""Alleles by address: what other browsers fetch is what the model predicts of both alleles."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import numpy as np
import pyBigWig
import pytest
from flask.testing import FlaskClient

from sighthound import core
from sighthound.core.genome.sequence import Interval
from sighthound.core.model.ensemble import claiming
from sighthound.core.project.settings import Project
from sighthound.core.variants.variant import Variant
from tests.app.conftest import BIN, LENGTHS


@pytest.fixture(scope="module")
def both(project: Project) -> list[Variant]:
    """A substitution and a deletion that fit the genome, far from chrI's ends."""
    genome = project.open_genome()
    ref = genome.sequence(Interval("chrI", 20_000, 20_001))
    two = genome.sequence(Interval("chrI", 20_100, 20_102))
    return [
        Variant("chrI", 20_000, ref, "G" if ref != "G" else "T"),
        Variant("chrI", 20_100, two, two[0]),
    ]


def address(variants: list[Variant], kind: str, form: str = "bw", track: str = "ramp") -> str:
    return f"/tracks/{track}/{quote('+'.join(map(str, variants)))}/{kind}.{form}"


def test_a_bigwig_by_address_holds_what_the_model_predicts_of_an_allele(
    explaining: FlaskClient, project: Project, both: list[Variant], tmp_path: Path
) -> None:
    model = core.load_model(project.model.directory)
    (profile,) = core.variant_profiles(
        model, project.open_genome(), [both], tracks=["ramp"], ensemble=claiming(BIN)
    )
    expected = {"reference": profile.reference, "alternative": profile.alternative}
    expected["difference"] = profile.alternative - profile.reference
    for kind, values in expected.items():
        answer = explaining.get(address(both, kind))
        assert answer.status_code == 200, answer.get_json()
        (tmp_path / f"{kind}.bw").write_bytes(answer.data)
        with pyBigWig.open(str(tmp_path / f"{kind}.bw")) as file:
            assert file.chroms() == LENGTHS
            entries = file.intervals("chrI")
        assert entries[0][:2] == (profile.start, profile.start + BIN)
        read = np.array([value for _, _, value in entries], np.float32)
        np.testing.assert_allclose(read, values[:, 0], rtol=1e-5, atol=1e-5)


def test_the_same_address_is_the_same_file_in_pieces_too(
    explaining: FlaskClient, both: list[Variant]
) -> None:
    whole = explaining.get(address(both, "alternative"))
    part = explaining.get(address(both, "alternative"), headers={"Range": "bytes=4-99"})
    assert (part.status_code, part.data) == (206, whole.data[4:100])
    assert part.headers["ETag"] == whole.headers["ETag"]
    assert part.headers["Access-Control-Allow-Origin"] == "*"
    known = {"If-None-Match": whole.headers["ETag"]}
    assert explaining.get(address(both, "alternative"), headers=known).status_code == 304
    # Written otherwise, by people: still the same.
    typed = ";".join(f"{v.chrom}:{v.position + 1:,} {v.ref}>{v.alt}" for v in reversed(both))
    again = explaining.get(f"/tracks/ramp/{quote(typed)}/alternative.bw")
    assert again.data == whole.data


def test_bedgraph_has_the_same_bins(explaining: FlaskClient, both: list[Variant]) -> None:
    answer = explaining.get(address(both, "difference", "bedgraph"))
    assert answer.mimetype == "text/plain"
    title, first, *_ = answer.text.splitlines()
    assert title.startswith('track type=bedGraph name="Ramp difference, chrI:20,001 ')
    chrom, start, end, _ = first.split("\t")
    assert (chrom, int(end) - int(start), int(start) % BIN) == ("chrI", BIN, 0)


def test_what_cannot_be_is_one_line(web: FlaskClient, both: list[Variant]) -> None:
    assert web.get(address(both, "other")).status_code == 404
    assert web.get(address(both, "alternative", track="none")).status_code == 404
    wrong = Variant("chrI", 20_000, both[0].alt, both[0].ref)
    for bad, reason in (
        (address([wrong], "alternative"), "REF differs from the genome"),
        ("/tracks/ramp/chrI:5/alternative.bw", "is not a variant"),
        (address([Variant("chrI", 0, "A", "A" * 2_000)], "difference"), "sighthound alleles"),
    ):
        answer = web.get(bad)
        assert answer.status_code == 400
        assert reason in answer.get_json()["error"]
    assert web.get(address([both[0]], "alternative")).status_code == 503
    assert web.options(address(both, "alternative")).status_code == 204
