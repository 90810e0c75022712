"""Two people who must not see each other's tracks, through any door.

Ben may not see the track zebrafin. Whatever he asks, it is to him as a track that is not there: the
same status, the same words, and nothing in an answer that counts or names it.
"""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sighthound.app.inference.client import asked_of, question
from sighthound.app.inference.variant_measures import Effects, GeneSums, Stretches
from sighthound.app.project_state import Catalogue
from sighthound.app.rights.audit import Audit
from sighthound.app.rights.rights import COOKIE, Rights
from sighthound.app.server.gateway import Gateway
from sighthound.app.state.database import Database
from sighthound.app.variants.tables import _id_of
from sighthound.app.web.remembered import ENVIRON, Answers, Offer
from sighthound.core.errors import UnavailableError
from sighthound.core.files import file_stamp
from sighthound.core.genome.sequence import Interval
from sighthound.core.model.model import read_description
from sighthound.core.project.contrast_lists import COLUMNS, ContrastList
from sighthound.core.project.layout import people_file, rights_file, state_address
from sighthound.core.project.settings import Project
from sighthound.core.project.truth import Truth, predicted_column, truth_file
from sighthound.core.variants.variant import Variant
from tests.app.rights.conftest import SECRET, behind_proxy
from tests.app.rights.test_doors import DOORS, Door
from tests.app.server.test_gateway import Asked

WINDOW = "chrom=chrI&start=1000&end=3000"
REGION = "chrom=chrI&start=20000&end=20020&target=20010"
HEADERS = {"X-Sighthound": "1"}
NONE = "nonesuch"
# A table of scored variants: its id is made of its name.
TABLE = f"/api/v1/variant-tables/{_id_of('variants/calls.parquet')}"
# Routes that name tracks, with %t for a track's id and %v for a variant.
NAMING = [
    f"/api/v1/signal?{WINDOW}&pixels=9&tracks=%t",
    f"/api/v1/signal?{WINDOW}&pixels=9&tracks=ramp,%t",
    "/api/v1/levels?tracks=%t",
    f"/api/v1/prediction?{WINDOW}&pixels=9&tracks=%t",
    f"/api/v1/prediction/members?{WINDOW}&pixels=9&tracks=%t",
    f"/api/v1/gene?{WINDOW}&gene=YAL001C&tracks=%t",
    "/api/v1/track-card?track=%t",
    f"/api/v1/measured?{WINDOW}&tracks=%t",
    "/api/v1/next?kind=peak&direction=next&chrom=I&position=0&tracks=%t",
    "/api/v1/next?kind=disagreement&direction=next&tracks=%t",
    "/api/v1/next?kind=contrast&direction=next&contrast=ramp/%t",
    "/api/v1/disagreements?tracks=%t",
    "/api/v1/contrasts?contrast=ramp/%t",
    "/api/v1/top-variants?tracks=%t",
    f"/api/v1/bigwig?{WINDOW}&tracks=%t",
    "/api/v1/saliency?track=%t&chrom=chrI&position=20010",
    "/api/v1/saliency?track=ramp/%t&chrom=chrI&position=20010",
    "/api/v1/saliency/members?track=%t&chrom=chrI&position=20010",
    f"/api/v1/mutagenesis?track=%t&{REGION}",
    f"/api/v1/mutagenesis?tracks=ramp,%t&{REGION}",
    f"/api/v1/mutagenesis/members?tracks=%t&{REGION}",
    f"/api/v1/motifs?track=%t&{REGION}",
    f"/api/v1/mutagenesis/nulls?track=%t&{REGION}",
    f"/api/v1/mutagenesis/nulls?tracks=ramp,%t&{REGION}",
    "/api/v1/variant?variants=%v&tracks=%t",
    "/api/v1/alternative?variants=%v&tracks=%t",
    f"{TABLE}/rows?score=sad&track=%t",
    "/api/v1/atlas/places?track=%t",
    "/tracks/%t/experiment.bw",
    "/tracks/%t/prediction.bw",
    "/tracks/%t/saliency.bw",
    "/tracks/%t/%v/difference.bw",
    "/tracks/%t/%v/difference.bedgraph",
    *(f"/hub/{file}?tracks=%t" for file in (
        "hub.txt", "faceted/hub.txt", "faceted/metadata.tsv", "files/hub.txt", "files/genomes.txt",
        "files/trackDb.txt", "igv.json", "igv.xml", "jbrowse.json", "links.json",
    )),
]  # fmt: skip
# What is asked without naming one; answers may name and count all that the asker sees.
GENERAL = [
    "/api/v1/project", "/api/v1/project?form=columns", "/api/v1/genome-run", "/api/v1/example",
    "/api/v1/levels", f"/api/v1/measured?{WINDOW}", "/api/v1/disagreements", "/api/v1/contrasts",
    f"/api/v1/measured/agreement?{WINDOW}&table=mpra", f"/api/v1/signal?{WINDOW}&pixels=9",
    "/api/v1/next?kind=contrast&direction=next", "/api/v1/next?kind=disagreement&direction=next",
    "/api/v1/variant?variants=%v", "/api/v1/variant?variants=%v&most=1", "/about",
    "/api/v1/search?q=zebra", "/hub/hub.txt", "/hub/faceted/hub.txt", "/hub/faceted/metadata.tsv",
    "/hub/files/hub.txt", "/hub/files/trackDb.txt", "/hub/igv.json", "/hub/igv.xml",
    "/hub/jbrowse.json", "/hub/links.json", f"/api/v1/gene?{WINDOW}&gene=YAL001C", "/readyz",
    f"/api/v1/bigwig?{WINDOW}", "/api/v1/top-variants", "/api/v1/variant-tables", TABLE,
    f"{TABLE}/rows?score=sad",
    f"{TABLE}/file?score=sad&form=tsv", "/api/v1/variant/members?variants=%v",
    "/api/v1/variant/signs?variants=%v",
    "/api/v1/atlas?variants=%v", "/api/v1/atlas/places",
    "/accuracy/tracks.tsv", "/accuracy/report.html", "/studies/locus.html",
]  # fmt: skip
# Asked by tests of their own, below.
ELSEWHERE = {"/api/v1/shares", "/api/v1/shares/<name>", "/api/v1/reproduce"}


@pytest.fixture(scope="module", autouse=True)
def results(lab: Project, served: Flask) -> None:
    """Tables and kept answers in which the hidden track is among others."""
    model = read_description(lab.model.directory)["hash"]
    row = (
        1, "TFC3", "chrI", 1001, 1256, "+", "test", "ramp", SECRET, 7, 0, 3.0, 3, 0, 2.0,
        "GCN4", "MA0303.1", 0.01, "effects", 1101, 1109, "-", 0.5,
    )  # fmt: skip
    found = ContrastList(pd.DataFrame([row], columns=COLUMNS), "ramp", SECRET, model, "starts")
    found.write(lab.root / "predictions" / "contrasts" / f"ramp_over_{SECRET}.parquet")
    effect = np.linspace(-1, 1, 60)
    tracks = ("ramp", SECRET)
    rows = pd.DataFrame(
        {
            "chrom": "chrI", "position": np.arange(60) * 50 + 1000, "ref": "A", "alt": "C",
            "effect": effect, "p": np.nan, "q": 0.01, "element": "", "experiment": "one",
            "gene": "", **{predicted_column(track): np.float32(effect) for track in tracks},
        }
    )  # fmt: skip
    Truth(
        "mpra", rows, "mpra.tsv", ("all",), "logFC", "g", "1", model, tracks, "sum_log2_ratio"
    ).write(truth_file(lab, "mpra"))
    evaluation = lab.root / "evaluation"
    evaluation.mkdir()
    (evaluation / "tracks.tsv").write_text(f"track\tfold\n{SECRET}\ttest\n")
    (evaluation / "report.html").write_text(SECRET)
    (lab.root / "studies").mkdir()
    (lab.root / "studies" / "locus.html").write_text(SECRET)
    write_scores(lab)
    # An answer that ana asked for, as the worker would have given it.
    catalogue = Catalogue(lab)
    variants = (variant(lab),)
    every = catalogue.model_tracks()
    assert every == ("ramp", SECRET, "imagined")
    sums = np.array([1.0, 2.0, 3.0])
    effects = Effects(
        19_968, 64, 3, every, sums, sums * 4,
        Stretches(np.array([0, 1, 2]), 1, sums, sums * 2),
        (GeneSums("YAL001C", "TFC3", "+", (20_000,), 1, sums, sums * 9),),
    )  # fmt: skip
    named = question("variant", asked_of(catalogue), variants, catalogue.claiming())
    served.extensions["sighthound"].cache.set(named.key, effects)


def write_scores(lab: Project) -> None:
    """A table of scored variants; the hidden track is where each changes most."""
    keys = ["record", "allele", "variant", "chrom", "position", "id", "ref", "alt", "flipped"]
    row = (1, 1, "chrI:901:A:C", "chrI", 901, "rs1", "A", "C", False, "sad", "score", 1.0, 9.0)
    columns = [*keys, "score", "value", "ramp", SECRET]
    table = pa.Table.from_pandas(pd.DataFrame([row], columns=columns), preserve_index=False)
    about = json.dumps({"model": "another"})
    (lab.root / "variants").mkdir()
    pq.write_table(
        table.replace_schema_metadata({b"sighthound": about}),
        lab.root / "variants" / "calls.parquet",
    )


def variant(lab: Project) -> Variant:
    ref = lab.open_genome().sequence(Interval("chrI", 20_009, 20_010))
    return Variant("chrI", 20_009, ref, "A" if ref != "A" else "C")


def filled(address: str, track: str, lab: Project) -> str:
    return address.replace("%t", track).replace("%v", str(variant(lab)).replace(">", "%3E"))


def told(answer: TestResponse) -> str:
    return answer.get_data().decode("latin-1").lower()


def test_every_route_of_tracks_is_asked_here(served: Flask) -> None:
    with served.test_request_context():
        adapter = served.url_map.bind("localhost")
        rules = {
            adapter.match(re.sub("%[tv]", "x", address).partition("?")[0], return_rule=True)[0].rule
            for address in (*NAMING, *GENERAL)
        }
    assert set(DOORS[Door.TRACKS]) - rules - ELSEWHERE == set()


@pytest.mark.parametrize("address", NAMING)
def test_a_hidden_track_is_as_one_that_is_not_there(
    ben: FlaskClient, lab: Project, address: str
) -> None:
    hidden = ben.get(filled(address, SECRET, lab), buffered=True)
    none = ben.get(filled(address, NONE, lab), buffered=True)
    assert (hidden.status_code, told(hidden)) == (
        none.status_code, told(none).replace(NONE, SECRET),
    )  # fmt: skip
    same = {"ETag", "Cache-Control", "Retry-After"}
    assert [hidden.headers.get(h) for h in same] == [none.headers.get(h) for h in same]


@pytest.mark.parametrize("address", NAMING)
def test_who_may_see_it_is_answered_otherwise(ana: FlaskClient, lab: Project, address: str) -> None:
    seen, none = (ana.get(filled(address, track, lab), buffered=True) for track in (SECRET, NONE))
    same_for_all = (
        "/api/v1/gene?",
        "/api/v1/atlas",
        "/hub/files/hub.txt",
        "/hub/files/genomes.txt",
        "saliency.bw",
    )
    if not any(part in address for part in same_for_all):
        assert told(seen) != told(none).replace(NONE, SECRET)


@pytest.mark.parametrize("address", GENERAL)
def test_nothing_names_a_hidden_track(ben: FlaskClient, lab: Project, address: str) -> None:
    answer = ben.get(filled(address, "", lab), buffered=True)
    assert answer.status_code in (200, 400, 404, 503), answer.text
    assert SECRET not in told(answer).replace("q=zebra", "")


def test_what_is_counted_is_what_is_seen(ana: FlaskClient, ben: FlaskClient, lab: Project) -> None:
    seen, all_ = (client.get("/api/v1/project").get_json() for client in (ben, ana))
    assert [track["id"] for track in seen["tracks"]] == ["ramp", "imagined"]
    assert [a["n_tracks"] for a in seen["assays"]] == [1, 1]
    assert [a["n_tracks"] for a in all_["assays"]] == [2, 1]
    assert seen["track_sets"] == {"All": ["ramp"]}
    assert seen["default_tracks"] == ["ramp"]
    assert {track["replicate_of"] for track in seen["tracks"]} == {""}
    ranked = ben.get(filled("/api/v1/variant?variants=%v", "", lab)).get_json()
    assert [effect["track"] for effect in ranked["ranked"]] == ["imagined", "ramp"]
    assert [e["track"] for e in ranked["genes"][0]["ranked"]] == ["imagined", "ramp"]
    agreed = ben.get(f"/api/v1/measured/agreement?{WINDOW}&table=mpra").get_json()
    assert "Of 1 track Ramp" in agreed["summary"]


def test_a_browser_that_kept_an_answer_for_one_is_not_told_to_show_it_to_the_other(
    ana: FlaskClient, ben: FlaskClient
) -> None:
    tag = ana.get("/api/v1/project").headers["ETag"]
    again = {"If-None-Match": tag}
    assert ana.get("/api/v1/project", headers=again).status_code == 304
    answer = ben.get("/api/v1/project", headers=again)
    assert answer.status_code == 200
    assert "private" in answer.headers["Cache-Control"]
    assert "Cookie" in answer.headers["Vary"]


def test_a_shared_view_is_for_who_may_see_all_its_tracks(
    ana: FlaskClient, ben: FlaskClient
) -> None:
    def share(client: FlaskClient, **state: str) -> str:
        answer = client.post("/api/v1/shares", json={"state": state}, headers=HEADERS)
        return f"/api/v1/shares/{answer.get_json()['id']}"

    hidden = share(ana, tracks=f"ramp,{SECRET}")
    in_panel = share(ana, tracks="ramp", saliency=f"{SECRET}%40chrI%3A20010")
    for address in (hidden, in_panel):
        assert ana.get(address).status_code == 200
        name = address.rpartition("/")[2]
        refused, none = ben.get(address), ben.get("/api/v1/shares/aaaaaaaaaa")
        assert refused.status_code == none.status_code == 404
        assert told(refused).replace(name, "aaaaaaaaaa") == told(none)
    assert ben.get(share(ana, tracks="ramp")).status_code == 200
    # Who writes a name that is hidden from them learns nothing by it.
    for track in (SECRET, NONE):
        own = share(ben, tracks=f"imagined,{track}")
        assert ben.get(own).status_code == ana.get(own).status_code == 200


def test_who_has_kept_enough_views_is_told(
    lab: Project, ben: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    object.__setattr__(lab.server, "person_shares", 0)
    try:
        answer = ben.post("/api/v1/shares", json={"state": {"locus": "chrI:1-9"}}, headers=HEADERS)
    finally:
        object.__setattr__(lab.server, "person_shares", 1_000)
    assert answer.status_code == 400
    assert "views are kept for you already" in answer.get_json()["error"]


def test_how_a_picture_was_made_names_what_is_seen(ana: FlaskClient, ben: FlaskClient) -> None:
    state = {"tracks": f"ramp,{SECRET}", "locus": "chrI:1-900"}
    state["saliency"] = f"{SECRET}%40chrI%3A20010"
    asked = {"state": state, "address": ""}
    files = {}
    for name, client in (("ana", ana), ("ben", ben)):
        answer = client.post("/api/v1/reproduce", json=asked, headers=HEADERS).get_json()
        files[name] = {file["role"] for file in answer["files"]}
        assert (SECRET in json.dumps(answer)) == (name == "ana")
    assert files["ana"] - files["ben"] == {
        f"experiment of {SECRET}", f"prediction of {SECRET}", "tracks table",
    }  # fmt: skip


def test_the_figures_of_the_accuracy_page_are_of_what_is_seen(
    ana: FlaskClient, ben: FlaskClient
) -> None:
    asked = {
        "output": "accuracy-panels.children",
        "outputs": {"id": "accuracy-panels", "property": "children"},
        "inputs": [{"id": "accuracy-theme", "property": "data", "value": "light"}],
        "changedPropIds": ["accuracy-theme.data"],
        "state": [],
    }
    told_to = {
        name: told(client.post("/pages/accuracy/_dash-update-component", json=asked))
        for name, client in (("ana", ana), ("ben", ben))
    }
    assert SECRET in told_to["ana"]
    assert "of 1 track ramp" in told_to["ben"]
    assert SECRET not in told_to["ben"]


def test_own_files_are_nobody_elses_in_whatever_browser(served: Flask, ben: FlaskClient) -> None:
    from tests.app.rights.conftest import logged_in

    bed = b"chrI\t10\t90\tone\t5\t+\n"
    upload = ben.post("/api/v1/uploads?name=a.bed", data=bed, headers=HEADERS).get_json()
    address = f"/api/v1/uploads/{upload['id']}"
    elsewhere, other = logged_in(served, "ben"), logged_in(served, "ana")
    assert [f["id"] for f in elsewhere.get("/api/v1/uploads").get_json()["files"]] == [upload["id"]]
    assert other.get("/api/v1/uploads").get_json()["files"] == []
    features = f"{address}/features?chrom=chrI&start=0&end=100"
    assert other.get(features).status_code == 404
    assert other.delete(address, headers=HEADERS).status_code == 404
    # A cookie that says who one is instead of a login is not believed.
    other.set_cookie("sighthound_visitor", "x" * 40)
    assert other.get(features).status_code == 404
    assert elsewhere.delete(address, headers=HEADERS).status_code == 200


def test_a_broken_table_tells_nothing_of_its_lines(
    lab: Project, ana: FlaskClient, ben: FlaskClient
) -> None:
    table = lab.tracks.table
    whole = table.read_text()
    table.write_text(whole + f"{SECRET}\tTwice\tATAC\tmean\t\t\t\n")
    try:
        answers = [ben.get("/api/v1/project"), ben.get("/readyz"), ana.get("/api/v1/project")]
    finally:
        table.write_text(whole)
    assert [answer.status_code for answer in answers] == [503, 503, 503]
    assert not any(SECRET in told(answer) for answer in answers)


def test_rights_that_cannot_be_read_let_nobody_see_anything(lab: Project, ana: FlaskClient) -> None:
    file = lab.root / "rights.toml"
    whole = file.read_text()
    file.write_text("[group.lab\n")
    try:
        answer = ana.get("/api/v1/project")
    finally:
        file.write_text(whole)
    assert answer.status_code == 503
    assert "rights.toml cannot be read" in answer.get_json()["error"]
    assert ana.get("/api/v1/project").status_code == 200


class Ranges:
    """Asks for a range of the hidden track, past the gateway; counts what reaches the application.

    An equal request is answered without it (`app.web.remembered`), but never without the rights.
    """

    def __init__(self, served: Flask) -> None:
        self.reached = 0

        def counted(environ: dict[str, Any], start: Any) -> Any:
            self.reached += 1
            return served(environ, start)

        self.gateway = Gateway(counted, 1, lambda _path: 0)

    def ask(self, root: str = "", **headers: str) -> int:
        given = [(name.encode(), value.encode()) for name, value in headers.items()]
        given += [(b"host", b"127.0.0.1"), (b"range", b"bytes=0-9")]
        asked = Asked(self.gateway, f"{root}/tracks/{SECRET}/experiment.bw", headers=given)
        return asyncio.run(asked.answer()).status


def logged_in_anew(lab: Project) -> str:
    """Give a cookie of ana's, that nothing else uses."""
    return f"{COOKIE}={Rights(lab).logins.begin('ana')}"


def test_a_range_that_is_given_again_is_noted_again(lab: Project, served: Flask) -> None:
    ranges, audit, cookie = Ranges(served), Audit(Database(state_address(lab))), logged_in_anew(lab)

    def times() -> int:
        return sum(one.times for one in audit.readings("ana", SECRET) if one.status == 206)

    before = times()
    assert [ranges.ask(cookie=cookie) for _ in range(3)] == [206] * 3
    assert (ranges.reached, times()) == (1, before + 3)


def test_a_range_is_given_again_to_nobody_else(lab: Project, served: Flask) -> None:
    ranges, cookie = Ranges(served), logged_in_anew(lab)
    assert ranges.ask(cookie=cookie) == 206
    assert [ranges.ask(), ranges.ask(cookie=f"{COOKIE}=another")] == [401, 401]
    ben = f"{COOKIE}={Rights(lab).logins.begin('ben')}"
    assert [ranges.ask(cookie=ben), ranges.ask(cookie=ben)] == [404, 404]


def test_a_range_is_given_no_more_after_logging_out(lab: Project, served: Flask) -> None:
    ranges, cookie = Ranges(served), logged_in_anew(lab)
    assert [ranges.ask(cookie=cookie), ranges.ask(cookie=cookie)] == [206, 206]
    Rights(lab).logins.end(cookie.partition("=")[2])
    assert ranges.ask(cookie=cookie) == 401


@pytest.mark.parametrize("as_header", [False, True])
def test_a_range_is_given_no_more_once_its_token_is_revoked(
    lab: Project, served: Flask, as_header: bool
) -> None:
    ranges, tokens = Ranges(served), Rights(lab).tokens
    token = tokens.make("ana", "reads")
    text = tokens.text(token)

    def ask() -> int:
        if as_header:
            return ranges.ask(authorization=f"Bearer {text}")
        return ranges.ask(f"/read/{text}")

    assert [ask(), ask(), ranges.reached] == [206, 206, 1]
    tokens.revoke(token.id)
    assert ask() == (401 if as_header else 404)


@pytest.mark.parametrize(
    ("file", "old", "new", "status"),
    [
        (rights_file, '["ana"]', '["nobody"]', 404),
        (rights_file, "[group.lab]", "[group.lab", 503),
        (people_file, "ana\t", "anne\t", 401),
        (people_file, "ana\t", "ana", 503),
        (lambda lab: lab.tracks.table, "\tones.bw\t", "\t\t", 404),
    ],
)
def test_a_range_is_given_no_more_when_its_tables_say_so(
    lab: Project, served: Flask, file: Any, old: str, new: str, status: int
) -> None:
    ranges, cookie = Ranges(served), logged_in_anew(lab)
    assert [ranges.ask(cookie=cookie), ranges.ask(cookie=cookie), ranges.reached] == [206, 206, 1]
    path = file(lab)
    whole = path.read_text()
    path.write_text(whole.replace(old, new))
    try:
        assert ranges.ask(cookie=cookie) == status
    finally:
        path.write_text(whole)
    assert ranges.ask(cookie=cookie) == 206


def test_a_range_that_cannot_be_noted_is_not_given(
    lab: Project, served: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    ranges, cookie = Ranges(served), logged_in_anew(lab)
    assert [ranges.ask(cookie=cookie), ranges.ask(cookie=cookie), ranges.reached] == [206, 206, 1]

    def full(*_: object) -> None:
        raise UnavailableError("the disk is full")

    monkeypatch.setattr(Database, "write", full)
    assert ranges.ask(cookie=cookie) == 503


def test_what_a_proxy_says_of_who_asks_is_believed_of_no_other(lab: Project) -> None:
    ranges = Ranges(behind_proxy(lab))
    name = lab.server.login_header.lower()
    assert [ranges.ask(**{name: "ana"}) for _ in range(2)] == [206, 206]
    assert ranges.reached == 1
    assert ranges.ask(**{name: "ben"}) == 404
    given = [(name.encode(), b"ana"), (b"host", b"127.0.0.1"), (b"range", b"bytes=0-9")]
    path = f"/tracks/{SECRET}/experiment.bw"
    asked = Asked(ranges.gateway, path, headers=given, client=("10.9.9.9", 5))
    assert asyncio.run(asked.answer()).status == 401


def test_what_is_not_for_all_is_not_kept_without_rights(lab: Project) -> None:
    answers, headers = Answers(), [(b"content-range", b"bytes 0-1/2")]
    asked = Asked(Gateway(None, 1, lambda _path: 0))  # type: ignore[arg-type]
    for is_for_all in (False, True):
        offer = Offer(lab.tracks.table, file_stamp(lab.tracks.table), lambda: True, is_for_all)
        answers.keep(asked.scope, {ENVIRON: offer}, 206, headers)
        assert len(answers) == is_for_all
