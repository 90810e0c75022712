"""Answers in Redis, where it is installed: shared, signed, and done without while it is gone."""

import logging
import pickle
import shutil
import socket
import subprocess
import threading

import pytest
from flask import Flask

from sighthound.app.inference import shared_cache
from sighthound.app.inference.cache import open_cache
from sighthound.core.errors import SighthoundError

redis = pytest.importorskip("redis", reason="the library for Redis is not installed")
KEY = b"k" * 32


class Server:
    """A Redis of this test alone, which keeps nothing on disk."""

    def __init__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.address = f"redis://127.0.0.1:{self.port}/0"
        self.client = redis.Redis(port=self.port)

    def start(self):
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        for _ in range(600):
            try:
                self.client.ping()
            except redis.RedisError:
                threading.Event().wait(0.05)
            else:
                return
        raise AssertionError("redis-server does not answer")

    def stop(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="module")
def server():
    if shutil.which("redis-server") is None:
        pytest.skip("Redis is not installed (apt-get install redis-server)")
    found = Server()
    found.start()
    yield found
    found.client.close()
    found.stop()


def opened(server, tmp_path, key=KEY):
    return open_cache(Flask("test"), tmp_path, 10, key, server.address)


def test_an_answer_of_one_web_server_is_found_by_another(server, tmp_path):
    opened(server, tmp_path).set("question", {"answer": 42})
    assert opened(server, tmp_path).get("question") == {"answer": 42}
    assert opened(server, tmp_path).get("another") is None
    assert list(tmp_path.iterdir()) == []


def test_what_another_wrote_or_moved_is_not_read(server, tmp_path):
    cache = opened(server, tmp_path)
    cache.set("question", 42)
    assert opened(server, tmp_path, b"x" * 32).get("question") is None
    (name,) = server.client.keys("*question")
    moved = name.replace(b"question", b"moved")
    server.client.set(moved, server.client.get(name))
    assert cache.get("moved") is None
    server.client.set(name, pickle.dumps(("question", 43)))
    assert cache.get("question") is None


def test_while_it_is_gone_nothing_is_kept_and_then_again(server, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(shared_cache, "REST_S", 0.0)
    caplog.set_level(logging.WARNING)
    cache = opened(server, tmp_path)
    server.stop()
    assert cache.set("question", 1) is False
    assert cache.get("question") is None
    assert [record.message for record in caplog.records if "cannot be asked" in record.message]
    server.start()
    assert cache.set("question", 2) is True
    assert cache.get("question") == 2
    assert "can be asked again" in caplog.records[-1].message
    assert sum("cannot be asked" in record.message for record in caplog.records) == 1


def test_what_is_no_address_of_redis_is_refused(tmp_path):
    with pytest.raises(SighthoundError, match=r"shared_cache is 'mysql://here'; expected redis://"):
        open_cache(Flask("test"), tmp_path, 10, KEY, "mysql://here")
