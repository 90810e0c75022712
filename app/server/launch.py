"""Starts everything behind `sighthound serve`: the inference worker, then the web server.

TensorFlow lives in the worker only. gunicorn binds at once and forks one process with threads, so
the page can be used while the worker still loads the model. All of it ends with this process.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import signal as signals
import socket
import subprocess
import sys
import threading
import time
import webbrowser
from pathlib import Path
from typing import Any

from distributed.security import Security

import sighthound
from sighthound.app.inference.keys import shared_keys
from sighthound.app.inference.watchdog import LOOK_S, Pulse
from sighthound.app.server.reload import Reload, readable
from sighthound.app.web.share_token import PARAMETER, new_token
from sighthound.core.errors import SighthoundError
from sighthound.core.project.settings import Project, load_project

# Seconds without a sign of life after which gunicorn replaces the web process, and those given to
# requests and to the inference worker to end.
HUNG_S = 20
GRACE_S = 5
# A process that lived for so long is replaced at once when it ends.
STEADY_S = 30


class InferenceProcess:
    """The process group of scheduler and worker; ends when this process does, however it ends.

    Only who holds `security`, made anew each time, can connect to `address`.

    Parameters
    ----------
    project_path : path
        The project's folder, or its settings file.
    port : int, optional
        Port of the scheduler; a free one by default.
    host : str
        Where it listens.
    security : distributed.Security, optional
        Who may connect; nobody but who is given `security` by default.
    """

    def __init__(
        self,
        project_path: str | Path,
        port: int | None = None,
        host: str = "127.0.0.1",
        security: Security | None = None,
    ) -> None:
        self.project_path = Path(project_path).resolve()
        self.owner = os.getpid()
        self.port = port or _free_port()
        self.host = host
        self.address = f"tls://{host}:{self.port}"
        self.security: Any = security or Security.temporary()
        self._stopping = threading.Event()
        self._process = self._start()
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()

    def stop(self) -> None:
        """End scheduler and worker, and wait until they have; in a forked child, do nothing."""
        if os.getpid() != self.owner:
            return
        self._stopping.set()
        process = self._process
        with contextlib.suppress(OSError):
            process.stdin.close()  # type: ignore[union-attr]
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_S)
        # The worker is in the same group; it may hang in a long computation.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signals.SIGKILL)
        self._watcher.join(GRACE_S)
        _close(process)

    def _start(self) -> subprocess.Popen[bytes]:
        source = str(Path(sighthound.__file__).parents[1])
        path = os.pathsep.join(filter(None, [source, os.environ.get("PYTHONPATH", "")]))
        environment = {**os.environ, "PYTHONPATH": path, "TF_CPP_MIN_LOG_LEVEL": "3"}
        command = [sys.executable, "-m", "sighthound.app.inference.worker", str(self.project_path)]
        process = subprocess.Popen(
            [*command, "--host", self.host, "--port", str(self.port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            # Ctrl-C in the terminal is for this process, which then ends the others in order.
            start_new_session=True,
        )
        secret = {"certificate": self.security.tls_ca_file, "key": self.security.tls_client_key}
        assert process.stdin is not None
        process.stdin.write(f"{json.dumps(secret)}\n".encode())
        process.stdin.flush()
        return process

    def _watch(self) -> None:
        """Start the process again when it ended or hangs."""
        while True:
            began = time.monotonic()
            self._wait_for_end(self._process)
            if self._stopping.is_set():
                return
            # Its worker may have outlived it.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signals.SIGKILL)
            self._process.wait()
            _close(self._process)
            # A process that cannot start at all is not tried in a hot loop.
            is_young = time.monotonic() - began < STEADY_S
            if self._stopping.wait(GRACE_S if is_young else 0):
                return
            self._process = self._start()

    def _wait_for_end(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        os.set_blocking(process.stdout.fileno(), False)
        pulse, beats = Pulse(process.pid), 0
        while process.poll() is None and not self._stopping.wait(LOOK_S):
            told = process.stdout.read()
            beats += len(told or b"")
            # Before the first it starts, which takes as long as it takes.
            if beats and pulse.hangs(beats):
                return


def serve(
    project_path: str | Path,
    host: str = "127.0.0.1",
    port: int = 8050,
    threads: int = 8,
    open_browser: bool = False,
    share: bool = False,
) -> None:
    """Serve a project until interrupted.

    Parameters
    ----------
    project_path : path
        The project's folder, or its sighthound.toml.
    host, port : str, int
        Where to listen; port 0 chooses a free one.
    threads : int
        Requests answered at the same time.
    open_browser : bool
        Show the page when listening.
    share : bool
        Answer only those who come by the address that is printed, which has a token.

    Raises
    ------
    SighthoundError
        The project cannot be read, or the port is in use.
    """
    from gunicorn.app.base import BaseApplication

    project = readable(Path(project_path))
    reload = Reload(Path(project_path), project)
    listener = _listen(host, port)
    token = new_token() if share else ""
    url = f"{_url(host, listener.getsockname()[1], share)}{project.server.path.lstrip('/')}"
    if project.server.path:
        url += "/"
    if token:
        url += f"?{PARAMETER}={token}"
    # From here on the socket is gunicorn's to close, in the parent and in what it forks.
    descriptor = listener.detach()
    inference = None if project.server.inference else InferenceProcess(project_path)

    def ready(_: Any) -> None:
        _announce(project.title, url, open_browser)
        reload.start()

    class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
        def load_config(self) -> None:
            settings: dict[str, Any] = {
                "bind": [f"fd://{descriptor}"],
                "worker_class": "sighthound.app.server.connections.Worker",
                "workers": 1,
                "timeout": HUNG_S,
                "graceful_timeout": GRACE_S,
                "keepalive": 30,
                # Bytes: a hundred tracks with long ids are one request.
                "limit_request_line": 8190,
                "loglevel": "warning",
                "proc_name": "sighthound",
                "control_socket_disable": True,
                "when_ready": ready,
            }
            for name, value in settings.items():
                if name in self.cfg.settings:
                    self.cfg.set(name, value)

        def load(self) -> Any:
            from sighthound.app.server import logs
            from sighthound.app.server.application import create_app, most_body
            from sighthound.app.server.gateway import Gateway

            # As it is now: another process may have been asked for because it changed.
            try:
                served = readable(Path(project_path))
            except SighthoundError:
                served = project
            # Told on the command line, or in the project.
            told = dataclasses.replace(served.server, host=host)
            served = dataclasses.replace(served, server=told)
            logs.say_faults_once()
            if told.access_log:
                logs.write_accesses(told.access_log)
            address, security = scheduler_of(served, inference)
            application = create_app(
                served, scheduler_address=address, security=security, token=token
            )
            connection = application.extensions["sighthound"]
            threading.Thread(target=connection.state, daemon=True).start()
            return Gateway(application, threads, most_body(served))

    try:
        Server().run()
    finally:
        if inference is not None:
            inference.stop()


def serve_inference(project_path: str | Path, host: str, port: int, keys: Path) -> None:
    """Have the model of a project in this process and its children, until interrupted.

    Parameters
    ----------
    project_path : path
        The project's folder, at the same place as for the web server.
    host, port : str, int
        Where web servers ask.
    keys : path
        Folder of the certificate that they know, made when there is none.

    Raises
    ------
    SighthoundError
        The project cannot be read, the keys cannot, or the port is in use.
    """
    project = load_project(project_path)
    security = shared_keys(keys)
    _listen(host, port).close()
    process = InferenceProcess(project_path, port, host, security)
    signals.signal(signals.SIGTERM, signals.default_int_handler)
    print(f"the model of {project.title} answers at {process.address} (Ctrl-C ends it)", flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        process.stop()


def scheduler_of(project: Project, own: InferenceProcess | None) -> tuple[str, Security]:
    """Where the model is asked, and who may ask: the own process, or what the settings name."""
    if own is not None:
        return own.address, own.security
    assert project.server.inference_keys is not None  # the settings were checked
    return project.server.inference, shared_keys(project.server.inference_keys)


def _close(process: subprocess.Popen[bytes]) -> None:
    """Close what was said to a process, and what it said."""
    for pipe in (process.stdin, process.stdout):
        with contextlib.suppress(OSError):
            pipe.close()  # type: ignore[union-attr]


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        # Binding alone succeeds beside another server that reuses addresses.
        listener.listen(2048)
    except OSError as error:
        listener.close()
        reason = error.strerror or str(error)
        raise SighthoundError(
            f"cannot listen on {host}:{port}: {reason.lower()}; choose another with --port"
        ) from None
    return listener


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _url(host: str, port: int, for_others: bool = False) -> str:
    here = dict.fromkeys(("0.0.0.0", "::"), socket.gethostname()) if for_others else {}
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]", **here}.get(
        host, f"[{host}]" if ":" in host else host
    )
    return f"http://{shown}:{port}/"


def _announce(title: str, url: str, open_browser: bool) -> None:
    print(f"{title} is at {url} (Ctrl-C ends it)", flush=True)
    if open_browser:
        threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
