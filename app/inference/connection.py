"""The web process's connection to the scheduler of the inference worker, made anew when lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import distributed

from sighthound.app.inference import worker
from sighthound.core.errors import UnavailableError

# Seconds that the scheduler may take to be found.
CONNECT_S = 5.0
STARTING = "the inference worker is starting"


class StartingError(UnavailableError):
    """The inference worker is not there yet; ask again. Shown with Retry-After."""


class Connection:
    """Who is spoken to.

    Parameters
    ----------
    address : str or None
        Where the Dask scheduler listens; None: there is no worker.
    security : distributed.Security or None
        What the scheduler asks of those who connect.
    hear : callable
        Takes what the worker says of itself and of jobs.
    """

    def __init__(
        self,
        address: str | None,
        security: distributed.Security | None,
        hear: Callable[[tuple[Any, dict[str, Any]]], None],
    ) -> None:
        self.address, self.security, self.hear = address, security, hear
        self._lock = threading.Lock()
        self._client: distributed.Client | None = None

    @property
    def client(self) -> distributed.Client | None:
        """The connection, where there is one now."""
        client = self._client
        return client if client is not None and client.status == "running" else None

    def connect(self) -> distributed.Client:
        """Give the connection, made where there is none.

        Raises
        ------
        UnavailableError
            No scheduler answers.
        """
        if self.address is None:
            raise UnavailableError("the server was started without an inference worker")
        with self._lock:
            if self.client is not None:
                return self.client
            self._drop()
            try:
                client = distributed.Client(
                    self.address,
                    timeout=CONNECT_S,
                    set_as_default=False,
                    name="sighthound-web",
                    security=self.security,
                )
            except (OSError, TimeoutError):
                raise StartingError(f"{STARTING}; ask again in a moment") from None
            for topic in (worker.PHASES, worker.PROGRESS):
                client.subscribe_topic(topic, self.hear)
            for event in client.get_events(worker.PHASES):
                self.hear(event)
            self._client = client
            return client

    def close(self) -> None:
        """Close the connection; the worker goes on."""
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        if self._client is not None:
            self._client.close(timeout=1)
            self._client = None
