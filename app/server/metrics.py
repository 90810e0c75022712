"""/metrics: figures of this server for Prometheus, for those machines that the settings list.

Who asks through a proxy is not the machine that the connection comes from, so such a request is
refused, whoever the proxy is: figures say what others do.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Iterator

from flask import Blueprint, Response, abort, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, Info
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from sighthound.app.inference.client import Inference
from sighthound.app.web.remembered import count_again
from sighthound.core import __version__

# Seconds: what feels immediate, what is noticed, what is waited for.
_SECONDS = (0.005, 0.02, 0.05, 0.15, 0.4, 1.0, 2.5, 10.0)
_UNKNOWN = "none"
_FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-IP")
_PHASES = ("off", "starting", "loading", "ready", "failed")


class _Worker(Collector):
    """How the inference worker is, asked when the figures are."""

    def __init__(self, inference: Inference) -> None:
        self.inference = inference

    def collect(self) -> Iterator[GaugeMetricFamily]:
        state = self.inference.state()
        phase = GaugeMetricFamily(
            "sighthound_worker", "1 for the phase of the inference worker", labels=["phase"]
        )
        for name in _PHASES:
            phase.add_metric([name], float(name == state.phase))
        yield phase
        for name, words in (("jobs", "computed"), ("waiting", "waited for")):
            value = getattr(state, name, None)
            if isinstance(value, int):
                yield GaugeMetricFamily(f"sighthound_{name}", f"Questions that are {words}", value)

    def describe(self) -> list[GaugeMetricFamily]:
        """Name nothing beforehand, so that no worker is asked when the server starts."""
        return []


def blueprint(inference: Inference, readers: tuple[str, ...]) -> Blueprint:
    """Make the route /metrics, and count all requests where somebody may read it.

    Parameters
    ----------
    inference : Inference
    readers : tuple of str
        Addresses or networks, as [server] metrics lists them; without any there are no figures.
    """
    routes = Blueprint("metrics", __name__)
    networks = [ipaddress.ip_network(reader) for reader in readers]
    registry = CollectorRegistry()

    @routes.get("/metrics")
    def metrics() -> Response:
        if not _may_read(networks):
            abort(404)
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    if not networks:
        return routes
    registry.register(_Worker(inference))
    answers = Counter(
        "sighthound_answers", "Answers, by route and status", ["route", "status"], registry=registry
    )
    seconds = Histogram(
        "sighthound_answer_seconds",
        "From a request to the beginning of its answer",
        ["route"],
        buckets=_SECONDS,
        registry=registry,
    )
    Info("sighthound", "The program", registry=registry).info({"version": __version__})

    @routes.before_app_request
    def begin() -> None:
        g.began = time.perf_counter()

    @routes.after_app_request
    def end(response: Response) -> Response:
        # The rule, not the address: of those there are as many as visitors think of.
        route = request.url_rule.rule if request.url_rule else _UNKNOWN
        given, taken = answers.labels(route, str(response.status_code)), seconds.labels(route)

        def count(passed: float) -> None:
            given.inc()
            taken.observe(passed)

        if "began" in g:
            count(time.perf_counter() - g.began)
        else:
            given.inc()
        count_again(count)
        return response

    return routes


def _may_read(networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    if any(name in request.headers for name in _FORWARDED):
        return False
    try:
        asking = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return False
    return any(asking in network for network in networks)
