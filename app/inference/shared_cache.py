"""Answers of the inference worker in Redis, for web servers that answer together.

Where Redis is gone, answers are computed each time and the log says so once; when it is back they
are kept again. What comes out of it is signed by this server, or is not read.
"""

from __future__ import annotations

import importlib
import logging
import time
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask
from flask_caching.backends.rediscache import RedisCache

from sighthound.app.identity import SOFTWARE
from sighthound.app.state.signed_values import SignedValues, named, of_name
from sighthound.core.errors import SighthoundError

# Seconds that a request waits for Redis, and for which nobody asks it after it failed.
PATIENCE_S = 1.0
REST_S = 3.0

_log = logging.getLogger(__name__)
_Found = TypeVar("_Found")


class SharedAnswers(RedisCache):
    """A cache of Flask-Caching in Redis.

    Parameters
    ----------
    address : str
        As redis://HOST:6379/0, rediss:// for TLS, unix:///run/redis.sock.
    signing : SignedValues
        How values are written.
    keep_s : int
        Seconds that an answer is kept.

    Raises
    ------
    SighthoundError
        The library for Redis is not installed, or the address is none.
    """

    def __init__(self, address: str, signing: SignedValues, keep_s: int) -> None:
        try:
            redis = importlib.import_module("redis")
        except ImportError:
            raise SighthoundError(
                "[server] shared_cache is in Redis, whose library is not installed: "
                "pip install 'sighthound[redis]'"
            ) from None
        try:
            client = redis.Redis.from_url(
                address, socket_timeout=PATIENCE_S, socket_connect_timeout=PATIENCE_S
            )
        except ValueError as error:
            raise SighthoundError(
                f"[server] shared_cache is {address!r}; expected redis://HOST:6379/0 ({error})"
            ) from None
        self._error: type[Exception] = redis.RedisError
        self._asked_again = 0.0
        self.serializer = signing  # type: ignore[assignment]  # any that dumps and loads
        super().__init__(client, default_timeout=keep_s, key_prefix=f"sighthound:{SOFTWARE}:")

    @classmethod
    def factory(
        cls, _app: Flask, config: dict[str, Any], _arguments: list[Any], _settings: dict[str, Any]
    ) -> SharedAnswers:
        """Make it as Flask-Caching asks for it."""
        return cls(**config["CACHE_OPTIONS"], keep_s=config["CACHE_DEFAULT_TIMEOUT"])

    def get(self, key: str) -> Any:
        return of_name(key, self._asked(lambda: RedisCache.get(self, key), None))

    def set(self, key: str, value: Any, timeout: int | None = None) -> bool:  # type: ignore[override]
        bound = named(key, value)
        return self._asked(lambda: bool(RedisCache.set(self, key, bound, timeout)), False)

    def _asked(self, ask: Callable[[], _Found], otherwise: _Found) -> _Found:
        """What Redis says, or what is so without it."""
        if time.monotonic() < self._asked_again:
            return otherwise
        try:
            found = ask()
        except self._error as error:
            if not self._asked_again:
                _log.warning("Redis cannot be asked (%s); answers are not kept until it can", error)
            self._asked_again = time.monotonic() + REST_S
            return otherwise
        if self._asked_again:
            _log.warning("Redis can be asked again; answers are kept")
        self._asked_again = 0.0
        return found
