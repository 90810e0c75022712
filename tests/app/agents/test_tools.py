"""A language model asks by the protocol's own client; a server with a model answers."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import os
import sys
import threading
from collections.abc import Iterator

import numpy as np
import pytest
from flask.testing import FlaskClient
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from PIL import Image
from werkzeug.serving import make_server

from sighthound.app.agents.asking import Server
from sighthound.app.agents.tools import agents_door, one_for_all
from tests.paths import ROOT

READS_ONLY = {
    "project", "tracks", "search", "signal", "predict", "saliency", "mutagenesis",
    "score_variant", "measured", "picture",
}  # fmt: skip


@pytest.fixture(scope="module")
def address(explaining: FlaskClient) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, explaining.application, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def called(address, name, **arguments):
    """Give whether a tool failed, what it wrote, and how often it said how far it is."""
    said = []

    async def told(done, total, message):
        said.append(message)

    async def call():
        door = agents_door(one_for_all(Server(address), address))
        async with Client(door) as client:
            return await client.call_tool(name, arguments, progress_callback=told)

    answer = asyncio.run(call())
    return answer.is_error, answer.content, said


def answered(address, name, **arguments):
    failed, (content, *_), _said = called(address, name, **arguments)
    assert not failed, content.text
    return json.loads(content.text)


def test_every_tool_only_reads_and_says_what_it_takes(address):
    async def listed():
        async with Client(agents_door(one_for_all(Server(address), address))) as client:
            return (await client.list_tools()).tools

    tools = asyncio.run(listed())
    assert {tool.name for tool in tools} == READS_ONLY
    assert all(tool.annotations.read_only_hint and tool.description for tool in tools)


def test_a_project_says_what_it_is_of(address):
    found = answered(address, "project")
    assert (found["title"], found["tracks"], found["members"]) == ("Tiny", 3, 2)
    assert found["chromosomes"][1] == {"name": "chrII", "length": 10258, "fold": "valid"}


def test_tracks_are_found_by_all_words_and_say_how_right_they_are(address):
    (ramp,) = answered(address, "tracks", words="atac RAMP")["tracks"]
    assert ramp["held_out"]["pearson_log1p"] == 0.625
    assert answered(address, "tracks", words="ramp cage") == {"found": 0, "tracks": []}


def test_the_command_talks_over_standard_input(address):
    command = StdioServerParameters(
        command=sys.executable,
        args=["-m", "sighthound", "mcp", address],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )

    async def call():
        async with Client(stdio_client(command)) as client:
            return await client.call_tool("search", {"words": "TFC3"})

    (content,) = asyncio.run(call()).content
    assert json.loads(content.text)["results"][0]["label"] == "TFC3"


def test_places_are_counted_from_one(address):
    (gene,) = answered(address, "search", words="TFC3")["results"]
    assert (gene["start"], gene["end"]) == (1001, 3000)


def test_a_signal_has_the_bins_of_experiment_and_prediction(address):
    found = answered(address, "signal", locus="chrI:1-640", tracks="ramp", points=10)
    by_kind = {one["kind"]: one["values"] for one in found["series"]}
    assert by_kind == {"experiment": list(range(10)), "prediction": list(range(10))}
    assert (found["start"], found["bin_bp"], found["series"][0]["unit"]) == (
        1,
        64,
        "mean per 64 bp",
    )


def test_the_model_is_asked_and_says_how_far_it_is(address):
    failed, (content,), _said = called(
        address, "predict", locus="chrI:20001-20640", tracks="ramp", points=10
    )
    assert not failed, content.text
    (series,) = json.loads(content.text)["series"]
    assert series["kind"] == "prediction"
    assert np.isfinite(series["values"]).all()


def test_the_strongest_changes_of_a_region_come_first(address):
    asked = {"track": "ramp", "region": "chrI:20001-20020"}
    found = answered(address, "mutagenesis", **asked)
    sizes = [abs(change["effect"]) for change in found["strongest"]]
    assert sizes == sorted(sizes, reverse=True)
    assert len(sizes) == 20
    assert found["changes"] == 60
    first = found["strongest"][0]
    assert found["sequence"][first["position"] - 20001] == first["ref"] != first["alt"]
    assert isinstance(first["known"], bool)


def test_a_saliency_names_its_strongest_bins(address):
    found = answered(address, "saliency", track="ramp", place="chrI:20001-20064")
    assert found["target"] == {"start": 20033, "end": 20096}
    assert all((bin["start"] - 1) % 64 == 0 for bin in found["strongest"])


def test_a_variant_is_scored_with_what_the_networks_say(address, explaining):
    base = explaining.get("/api/v1/sequence?chrom=chrI&start=2000&end=2001").get_json()["sequence"]
    other = "A" if base != "A" else "C"
    found = answered(address, "score_variant", variant=f"chrI:2001:{base}:{other}", most=1)
    (track,) = found["tracks"]
    assert isinstance(track["known"], bool)
    assert track["sad"] is not None
    assert f"variant=chrI:2001:{base}:{other}" in found["page"]


def test_a_picture_is_a_png_of_every_track(address):
    failed, (image, words), _said = called(address, "picture", locus="TFC3", tracks="ramp,counts")
    assert not failed
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(image.data))))
    assert pixels.shape[1] == 1000
    # Measured in grey, predicted in blue: both are there.
    for colour in ((179, 189, 199), (0, 103, 168)):
        assert (pixels == colour).all(axis=2).sum() > 100
    assert "chrI:1,001-3,000" in words.text


@pytest.mark.parametrize(
    ("name", "asked", "says"),
    [
        ("signal", {"locus": "NOSUCH"}, "'NOSUCH': "),
        ("saliency", {"track": "none", "place": "TFC3"}, "unknown track 'none'; there are ramp"),
        ("score_variant", {"variant": "TFC3"}, "is no variant of this genome"),
        (
            "mutagenesis",
            {"track": "ramp", "region": "TFC3", "target": "chrII:5"},
            "give one of both",
        ),
    ],
)
def test_what_cannot_be_is_said_in_the_servers_words(address, name, asked, says):
    failed, (content, *_), _said = called(address, name, **asked)
    assert failed
    assert says in content.text
    assert "\n" not in content.text


def test_a_server_that_is_not_there_is_named():
    failed, (content,), _said = called("http://127.0.0.1:9", "project")
    assert failed
    assert "no server answers at http://127.0.0.1:9" in content.text


def test_each_token_has_cookies_of_its_own():
    shared = Server("http://127.0.0.1:9")
    server_for = one_for_all(shared, shared.address)
    assert server_for(None) is shared
    assert server_for({"authorization": "Basic x"}) is shared
    one, again, other = (server_for({"authorization": f"Bearer {t}"}) for t in "aab")
    assert one is again
    assert one is not other
    assert one is not shared
