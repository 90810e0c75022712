"""Asks a running server, as a person who waits: with a token, patience, and words when it fails."""

from __future__ import annotations

import functools
import http.client
import http.cookiejar
import json
import struct
import time
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import anyio
import anyio.to_thread
import numpy as np
from numpy.typing import NDArray

from sighthound.core.errors import SighthoundError

TIMEOUT_S = 60.0  # of one request
PATIENCE_S = 900.0  # with a question that is being computed
AGAIN_S = 1.0  # until a question is asked again, unless the server says when
_BUSY = (429, 503)

# Told how far a question is: done, total (None while it is not known), and what it is at.
Report = Callable[[float, float | None, str], Awaitable[None]]


class Server:
    """One server, as one person sees it: the token says whose eyes.

    Parameters
    ----------
    address : str
        Of the page, as http://127.0.0.1:8050 or below another path.
    token : str
        Sent with each request; empty where the server asks for none.

    Raises
    ------
    SighthoundError
        The address is none of the web.
    """

    def __init__(self, address: str, token: str = "") -> None:
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise SighthoundError(
                f"{address!r} is no address of a server; expected one like http://127.0.0.1:8050"
            )
        self.address = address.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        # A computation belongs to the visitor that the server's cookie names.
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(cookies)

    def link(self, path: str, **parameters: object) -> str:
        """Give the address of a route or, for path "/", of the page."""
        given = {name: value for name, value in parameters.items() if value not in ("", None)}
        asked = f"?{urlencode(given, quote_via=quote, safe=',:')}" if given else ""
        return f"{self.address}{path}{asked}"

    async def ask(self, path: str, report: Report, **parameters: object) -> Any:
        """Ask until there is an answer.

        Parameters
        ----------
        path : str
            A route of docs/api.md.
        report : callable
            Told how far a computation is.
        **parameters
            Of the route; empty ones are left out.

        Returns
        -------
        object or bytes
            The answer's JSON; else its bytes.

        Raises
        ------
        SighthoundError
            The server refuses, in its own words, is not there, or takes longer than 15 minutes.
        """
        address, until = self.link(path, **parameters), time.monotonic() + PATIENCE_S
        try:
            while True:
                status, again, answer = await self._once("GET", address)
                if status == 200:
                    return answer
                waits = status == 202 or (status in _BUSY and again is not None)
                if not waits:
                    raise SighthoundError(_refusal(answer, status, address))
                if time.monotonic() > until:
                    raise SighthoundError(
                        f"no answer within {PATIENCE_S / 60:.0f} minutes; it is asked again from "
                        "where it was"
                    )
                if status == 202:
                    await report(answer["done"], answer["total"] or None, answer["message"])
                await anyio.sleep(AGAIN_S if again is None else min(again, 30.0))
        except anyio.get_cancelled_exc_class():
            with anyio.CancelScope(shield=True), anyio.move_on_after(TIMEOUT_S):
                await self._once("DELETE", address)
            raise

    async def _once(self, method: str, address: str) -> tuple[int, float | None, Any]:
        send = functools.partial(self._send, method, address)
        return await anyio.to_thread.run_sync(send, abandon_on_cancel=True)

    def _send(self, method: str, address: str) -> tuple[int, float | None, Any]:
        """Give status, seconds until it is worth asking again, and answer of one request."""
        request = urllib.request.Request(address, method=method, headers=self._headers)
        try:
            with self._opener.open(request, timeout=TIMEOUT_S) as response:
                return response.status, None, _content(response.headers, response.read())
        except urllib.error.HTTPError as error:
            with error:
                again = error.headers.get("Retry-After", "")
                seconds = float(again) if again.isdecimal() else None
                return error.code, seconds, _content(error.headers, error.read())
        except (OSError, http.client.HTTPException) as error:
            raise SighthoundError(
                f"no server answers at {self.address} ({error}); start one with sighthound serve"
            ) from None


def _content(headers: Any, data: bytes) -> Any:
    return json.loads(data) if headers.get_content_type() == "application/json" else data


def _refusal(answer: Any, status: int, address: str) -> str:
    if isinstance(answer, dict) and "error" in answer:
        return str(answer["error"])
    return f"the server answered {status} to {address}"


def decode_series(data: bytes) -> tuple[dict[str, Any], list[NDArray[np.float32]]]:
    """Read the binary form of /api/v1/signal.

    Parameters
    ----------
    data : bytes
        As docs/api.md describes it.

    Returns
    -------
    header : dict
        `series` says what each of the arrays is.
    series : list of float32 arrays, (bins,)
    """
    (length,) = struct.unpack_from("<I", data)
    header = json.loads(data[4 : 4 + length])
    values = np.frombuffer(data, "<f4", offset=4 + length)
    bins = header["bins"]
    return header, [values[one["offset"] : one["offset"] + bins] for one in header["series"]]
