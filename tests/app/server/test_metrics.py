"""/metrics: what Prometheus reads, and who may."""

import dataclasses
import re

import pytest
from prometheus_client.parser import text_string_to_metric_families

from sighthound.app.server.application import create_app


def client(project, *readers):
    server = dataclasses.replace(project.server, metrics=readers)
    app = create_app(dataclasses.replace(project, server=server), scheduler_address=None)
    return app.test_client()


def figures(text):
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_answers_are_counted_by_route_and_status(project):
    asking = client(project, "127.0.0.1", "10.0.0.0/8")
    for path in ("/healthz", "/healthz", "/api/v1/genes?chrom=none", "/api/v1/shares/aaaaaaaaaa"):
        asking.get(path)
    answer = asking.get("/metrics", environ_base={"REMOTE_ADDR": "10.1.2.3"})
    assert answer.mimetype == "text/plain"
    found = figures(answer.text)
    assert found["sighthound_answers_total", "/healthz", "200"] == 2
    assert found["sighthound_answers_total", "/api/v1/genes", "400"] == 1
    # Routes, not addresses, so that their number is bounded.
    assert found["sighthound_answers_total", "/api/v1/shares/<name>", "404"] == 1
    assert found["sighthound_answer_seconds_count", "/healthz"] == 2
    assert found["sighthound_worker", "off"] == 1
    assert not re.search("aaaaaaaaaa", answer.text)


@pytest.mark.parametrize(
    ("readers", "asker", "headers"),
    [
        ((), "127.0.0.1", {}),
        (("127.0.0.1",), "10.1.2.3", {}),
        (("127.0.0.1",), "127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}),
        (("127.0.0.1",), "127.0.0.1", {"X-Real-IP": "127.0.0.1"}),
    ],
)
def test_figures_are_for_those_who_are_listed_and_come_themselves(project, readers, asker, headers):
    asking = client(project, *readers)
    answer = asking.get("/metrics", environ_base={"REMOTE_ADDR": asker}, headers=headers)
    assert answer.status_code == 404
