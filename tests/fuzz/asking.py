"""Requests that no page makes: what a route might get from a script, a fault or an enemy."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st

from sighthound.app.server.operations import OPERATIONS
from sighthound.app.web.operation import PARAMETERS

METHODS = ("GET", "POST", "DELETE", "HEAD", "OPTIONS", "PUT", "PATCH", "TRACE", "BREW")
# Addresses beside those that the interface describes: pages, Dash's own, what is not there.
FURTHER = (
    "/", "/tracks", "/about", "/_dash-update-component", "/_dash-layout", "/_dash-dependencies",
    "/_dash-component-suites/x/y", "/_dash-component-suites/dash/../setup.py", "/_reload-hash",
    "/_dash-component-suites/dash/dcc/async-graph.js", "/pages/tracks/_dash-update-component",
    "/pages/tracks/_dash-layout", "/pages/tracks/_dash-component-suites/plotly/x.js",
    "/_favicon.ico", "/assets/styles/base.css", "/assets/../app/cli.py", "/assets/%00",
    "/assets/demo/x", "/bundles/x.js", "/api/v1/none", "/hub/none.txt", "/genome/none",
    "/no/such/page", "/_dash_alive_check", "/_dash-config", "/_mcp",
)  # fmt: skip

LARGE = "9" * 5_000
NUMBERS = (
    "0", "1", "-1", "127", "4096", "40959", "40960", "1e3", "1.5", "0.0", "-0", "+5", " 7 ", "1_0",
    "٣", "NaN", "Infinity", "-inf", "1e400", "0x10", "", "null", "true", str(10**400), LARGE,
    f"-{LARGE}", str(2**31), str(2**63), str(2**64),
)  # fmt: skip
TEXTS = (
    "", " ", "\0", "\x1b[31m", "a\nb", "a\r\nSet-Cookie: x=1", "\u2028", "\ufeff", "\ud800", "é",
    "𝔸", "%", "%zz", "..", "../../etc/passwd", "/etc/passwd", "C:\\x", "<script>alert(1)</script>",
    "'\"`;--", "{}", "[]", "[", "(" * 3_000, "a" * 40_000, "," * 30_000, ";" * 3_000, "+" * 3_000,
    "a,b", "__class__", "${7*7}", "%s%n",
)  # fmt: skip
SENSIBLE: dict[str, tuple[str, ...]] = {
    "chrom": ("chrI", "I", "1", "chrII"),
    "tracks": ("ramp", "ramp,counts", "imagined", "ramp,ramp"),
    "track": ("ramp", "counts"),
    "kind": ("gene", "peak", "variant", "disagreement", "experiment", "prediction", "alternative"),
    "direction": ("next", "previous"),
    "series": ("experiment", "prediction"),
    "folds": ("train", "test,valid"),
    "kinds": ("experiment", "prediction", "difference", "variants"),
    "variants": ("chrI:100:A:G", "chrI:100 A>G", "chrI:5:ACGT:A+chrI:90:C:CT", "chrI:1:N:<DEL>"),
    "locus": ("chrI:1-100", "chrI", "TFC3", "chrI:100-1", "chrI:1,001-9,000"),
    "name": ("genome.fa", "genes.gff3", "a.bed", "abcdefgh"),
    "form": ("rows", "columns", "bw", "bedgraph"),
    "q": (
        "TFC3", "chrI:1-9", "chrI:100 A>G", "chrI:c.-148C>A", "YAL001C:c.-5A>G", "68531delC",
        "chrI:g.5del", "rs1", "chrI 1000 2000", "chrI:1.2k", "chrI:1-", "-5", "chrI:9" + "9" * 400,
    ),
    "identifier": ("own-abcdefghijkm", "own-"),
    "ref": ("A", "C", "ACGT", "N"),
    "alt": ("G", "T", "AC", "<DEL>"),
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """A request: `path` and `query` as they stand in an address, already quoted."""

    method: str
    path: str
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    chunked: bool = field(default=False)


def quoted(text: str) -> str:
    """Quote a text for an address; half a surrogate pair becomes bytes that are no UTF-8."""
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


@functools.cache
def values(name: str) -> st.SearchStrategy[str]:
    """What may stand for a parameter: sensible, or anything but."""
    is_number = PARAMETERS.get(name, ("string", ""))[0] == "integer"
    sensible = SENSIBLE.get(name, ("0", "64", "100", "4096", "9000") if is_number else ("a",))
    # Sensible ones come first and often: most of a request must be right to get far.
    odd = st.sampled_from((*NUMBERS, *TEXTS)) | st.text(max_size=20)
    return st.integers(0, 4).flatmap(lambda n: odd if n == 0 else st.sampled_from(sensible))


@functools.cache
def json_values() -> st.SearchStrategy[Any]:
    """Any JSON, NaN and Infinity and numbers beyond 64 bits among it."""
    leaves = st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20),
        st.sampled_from((10**400, -(2**64), 1e308, *TEXTS)),
    )  # fmt: skip
    return st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.text(max_size=8) | st.sampled_from(_KEYS), inner, max_size=5)
        ),
        max_leaves=12,
    )


_KEYS = ("state", "address", "url", "shapes", "width", "height", "op", "tracks", "locus", "variant",
         "output", "outputs", "inputs", "changedPropIds", "id", "property", "value")  # fmt: skip


@st.composite
def shapes(draw: st.DrawFn) -> dict[str, Any]:
    """A shape of a picture, with numbers and texts that a drawing has, and some that none has."""
    numbers = st.floats(-50, 50) | st.sampled_from((0, 1e5, 1e6, 1e9, 1e308, 10**400, "5", None))
    found: dict[str, Any] = {
        "op": draw(st.sampled_from(("group", "rect", "bars", "path", "outline", "line", "text",
                                    "hatch", "none", 5)))
    }  # fmt: skip
    for key in ("x", "y", "w", "h", "x1", "y1", "x2", "y2", "size", "width", "radius", "opacity"):
        if draw(st.integers(0, 4)):
            found[key] = draw(numbers)
    found["fill"] = draw(st.sampled_from(("#000", "#12345678", "red", None, 5, "#000\n")))
    found["stroke"] = found["ground"] = found["stripe"] = draw(st.sampled_from(("#fff", "", 7)))
    found["text"] = draw(st.text(max_size=9) | st.sampled_from(TEXTS) | st.just(7))
    found["dash"] = draw(st.sampled_from(([1, 2], [0, 0], [-1], ["a"], None)))
    found["rects"] = found["points"] = draw(st.lists(numbers, max_size=6))
    found["d"] = draw(st.sampled_from(("M0 0L1 1Z", "M0 0L1", "M", "L1 1", "M1 1" * 2_000, 5)))
    found["items"] = draw(st.sampled_from(([], [{"op": "group", "x": 0, "y": 0}], None)))
    found["clip"] = draw(st.sampled_from((None, [0, 0, 5, 5], [1], "x")))
    return found


@functools.cache
def bodies() -> st.SearchStrategy[bytes]:
    """What may come as a body."""
    dash = st.fixed_dictionaries(
        {
            "output": st.sampled_from(("a.b", "..a.b...c.d..", "", "x", 5, None)) | json_values(),
            "outputs": json_values(),
            "inputs": st.lists(json_values(), max_size=3) | json_values(),
            "changedPropIds": json_values(),
        }
    )
    picture = st.fixed_dictionaries(
        {
            "width": st.sampled_from((100, 0, -1, 1e9, 10**400, "5", float("nan"))),
            "height": st.sampled_from((100, 40_000)),
            "shapes": st.lists(shapes(), max_size=3),
        },
        optional={"width_mm": st.sampled_from((85, 0, 1e9, "x")), "title": st.text(max_size=9)},
    )
    views = st.fixed_dictionaries(
        {
            "state": st.dictionaries(
                st.sampled_from(("locus", "tracks", "saliency", "mutagenesis", "variant", "x")),
                values("variants") | values("locus") | st.sampled_from(
                    ("ramp@chrI:100", "ramp@chrI:1-9@5", f"ramp@chrI:1-{LARGE}@5",
                     f"ramp@chrI:{LARGE}", "chrI:5:A:G", f"chrI:{LARGE}:A:G")
                ),
                max_size=5,
            )
        },
        optional={"address": st.text(max_size=30) | json_values()},
    )  # fmt: skip
    documents = st.one_of(json_values(), dash, picture, views)
    return st.one_of(
        documents.map(lambda found: json.dumps(found).encode()),
        st.binary(max_size=40),
        st.sampled_from(
            (
                b"", b"{", b"[]", b"null", b'"x"', b"[" * 60_000, b'{"a":' * 20_000, b"\xff\xfe{}",
                b'{"state": {"locus": "\\ud800"}}', b'{"url": "http://[::1"}',
                b"9" * 5_000, b'{"a": ' + b"9" * 5_000 + b"}", b"NaN", b"\x00" * 100,
            )
        ),
    )  # fmt: skip


RANGES = (
    "bytes=0-9", "bytes=-5", "bytes=5-", "bytes=9..9-", f"bytes={LARGE}-", f"bytes=0-{LARGE}",
    f"bytes=-{LARGE}", "bytes=-", "bytes=9-5", "bytes=0-1,3-4", "bytes=٣-٤", "lines=1-2", "",
    "bytes=0-0-0", "bytes = 1 - 2", "bytes=²-",
)  # fmt: skip
HEADERS: dict[str, tuple[str, ...]] = {
    "Range": RANGES,
    "If-Range": ('"x"', "W/", "Thu, 01 Jan 1970 00:00:00 GMT", "Thu, 99 Foo 9999999999 99:99:99"),
    "If-None-Match": ("*", '"', 'W/"x', "x" * 3_000, '"a", "b", W/"c"', ",,,"),
    "If-Modified-Since": ("x", "Thu, 01 Jan 1970 00:00:00 GMT", "Mon, 01 Jan 99999 00:00:00 GMT",
                          f"Thu, {LARGE} Jan 1970 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 -9999"),
    "Accept-Encoding": ("gzip", "gzip;q=x", "*;q=0", "gzip;q=1e999", ","),
    "Accept": ("*/*", "x/y;q=", ";"),
    "Content-Type": ("application/json", "text/plain", "multipart/form-data; boundary=x",
                     "multipart/form-data", "application/x-www-form-urlencoded", "x;;;",
                     "application/json; charset=none", "application/json; charset=utf-16"),
    "Cookie": ("sighthound_visitor=" + "a" * 43, "sighthound_visitor=" + "é" * 40, "a=b; ; =;c",
               "sighthound_visitor=../../../../../../../../etc/passwd/aaaa", '"', "x" * 3_000),
    "X-Sighthound": ("1", "0"),
    "Origin": ("null", "http://localhost", "http://[", "http://[::1", "é", "http://a:b:c"),
    "Sec-Fetch-Site": ("same-origin", "cross-site", "x"),
    "Host": ("localhost", "localhost:99999999", "evil.example", "[::1", "[::1]:80", "", "a b",
             "localhost:x", "é", "127.0.0.1:80@evil"),
    "X-Forwarded-Host": ("evil", "[", ""),
    "X-Forwarded-Proto": ("https", "x"),
    "Content-Encoding": ("gzip", "x"),
    "Expect": ("100-continue", "x"),
    "Content-Length": ("0", "99999999999999999999", "-1", "x"),
}  # fmt: skip


_PATHS = st.sampled_from((*OPERATIONS, *OPERATIONS, *FURTHER))
_ONE_IN_TEN = st.integers(0, 9).map(lambda number: number == 9)
_TAILS = st.sampled_from(
    ("", "", "", "", "&%ff=%fe", "&&=&", "?", "&a[]=1", "&%00", "&x;y", "&\xff", "&\xe2\x80\xa8")
)
_TIMES = st.sampled_from((1, 1, 1, 2))
_ODD_METHODS = st.sampled_from(METHODS)
_HEADERS = {name: st.sampled_from(given) for name, given in HEADERS.items()}
_SOME_HEADERS = st.lists(st.sampled_from(sorted(HEADERS)), max_size=3, unique=True)


@st.composite
def requests(draw: st.DrawFn) -> Asked:
    """Any request: a route, known or not, with parameters, headers and a body."""
    path = draw(_PATHS)
    methods = OPERATIONS.get(path, {"get": None, "post": None})
    usual = [name.upper() for name in methods]
    odd = draw(_ONE_IN_TEN)
    method = draw(_ODD_METHODS) if odd else usual[draw(_TIMES) % len(usual)]
    operation = next(iter(methods.values()))
    takes = [word.rstrip("?") for word in operation.takes.split()] if operation else ["q"]
    pairs = []
    for name in takes:
        if f"{{{name}}}" in path:
            path = path.replace(f"{{{name}}}", quoted(draw(values(name))))
        elif not draw(_ONE_IN_TEN):
            pairs += [(name, draw(values(name))) for _ in range(draw(_TIMES))]
    query = "&".join(f"{name}={quoted(value)}" for name, value in pairs) + draw(_TAILS)
    headers = {name: draw(_HEADERS[name]) for name in draw(_SOME_HEADERS)}
    body = b""
    if method not in ("GET", "HEAD", "OPTIONS", "TRACE") or draw(_ONE_IN_TEN):
        body = draw(bodies())
        # Nearly all that come with a body must pass the guard to be read.
        if not draw(_ONE_IN_TEN):
            headers |= {"X-Sighthound": "1", "Content-Type": "application/json"}
            for name in ("Origin", "Sec-Fetch-Site", "Content-Encoding", "Content-Length"):
                headers.pop(name, None)
    return Asked(method, path, query, tuple(headers.items()), body, draw(_ONE_IN_TEN))
