"""Random 64-kB ranges of one BigWig: our server, as `serve` starts it, against nginx, by wrk.

All serve the same file over loopback to one client and to 64 at once: ours by itself, ours behind
an nginx that sends what it is told to (X-Accel-Redirect), and nginx alone. Needs nginx and wrk
(Debian: nginx-light, wrk). Any answer that is not those 65,536 bytes ends the benchmark.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sighthound.core.bigwig.files import write_bigwig
from sighthound.core.project.environment import variable_of
from tests.benchmarks.measure import Outcome
from tests.browser.site import free_port, served
from tests.paths import ROOT
from tests.tiny import make_project

CLIENTS = (1, 64)
SECONDS = 8
BASES, STEP = 400_000_000, 16  # about 100 MB: more than caches of a processor hold
PIECE = 65_536
# Of nginx's rate, which no Python server reaches: a view of 20 tracks takes IGV about 100 ranges,
# and at a tenth of nginx they are there in a tenth of a second.
GOALS = {"sighthound": 0.1, "behind nginx": 0.3}
NGINX = """
daemon off;
worker_processes 1;
error_log {folder}/error.log;
pid {folder}/nginx.pid;
{user}
events {{ worker_connections 256; }}
http {{
  access_log off;
  sendfile on;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  upstream ours {{ server {ours}; keepalive 64; }}
  server {{
    listen 127.0.0.1:{port};
    root {root};
    location /browser/ {{
      proxy_pass http://ours/;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
    }}
    location /files/ {{ internal; alias {root}/; }}
  }}
}}
"""


@dataclass(frozen=True)
class Load:
    """What wrk measured."""

    requests: float  # a second
    median_ms: float
    slow_ms: float  # 99th percentile

    @property
    def megabytes(self) -> float:
        return self.requests * PIECE / 1e6


def run() -> Outcome:
    """The ratio is the smallest of (ours / nginx) / its goal, in requests a second."""
    for program in ("nginx", "wrk"):
        if shutil.which(program) is None:
            raise SystemExit(f"{program} is not installed (Debian: nginx-light and wrk)")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        project = make_project(folder / "lab", model=False, predictions=False)
        file = project / "experiments" / "atac.bw"
        rng = np.random.default_rng(1)
        values = rng.normal(size=BASES // STEP).astype(np.float32)
        write_bigwig(file, {"chr1": BASES}, [("chr1", values)], STEP, mantissa_bits=None)
        measured: dict[tuple[str, int], Load] = {}
        with (
            served(project) as address,
            sent_by_nginx(),
            served(project) as behind,
            nginx(folder, project, behind) as other,
        ):
            path = "tracks/atac/experiment.bw"
            urls = {
                "sighthound": f"{address}{path}",
                "behind nginx": f"{other}browser/{path}",
                "nginx": f"{other}experiments/{file.name}",
            }
            for clients in CLIENTS:
                for name, url in urls.items():
                    measured[name, clients] = load(url, clients, file.stat().st_size)
    lines = ["server       clients   requests/s     MB/s   median ms    99 % ms"]
    lines += [
        f"{name:12s} {clients:7d} {load.requests:12,.0f} {load.megabytes:8,.0f} "
        f"{load.median_ms:11.2f} {load.slow_ms:10.2f}"
        for (name, clients), load in measured.items()
    ]
    ratios = {
        (name, n): measured[name, n].requests / measured["nginx", n].requests
        for name in GOALS
        for n in CLIENTS
    }
    lines += [
        f"{name} / nginx, {n} clients: {ratio:.2f} (wanted: {GOALS[name]})"
        for (name, n), ratio in ratios.items()
    ]
    return Outcome(min(r / GOALS[name] for (name, _), r in ratios.items()), 1.0, tuple(lines))


@contextmanager
def sent_by_nginx() -> Iterator[None]:
    """Have servers that are started in the block leave files to nginx."""
    os.environ[variable_of("accel")] = "/files"
    try:
        yield
    finally:
        del os.environ[variable_of("accel")]


def load(url: str, clients: int, size: int) -> Load:
    """Ask for ranges for some seconds."""
    command = ["wrk", "-t1", f"-c{clients}", f"-d{SECONDS}s", "--timeout", "10s", "-s",
               str(ROOT / "tests" / "benchmarks" / "files" / "ranges.lua"), url]  # fmt: skip
    said = subprocess.run(
        command, capture_output=True, text=True, check=True,
        env={**os.environ, "SIGHTHOUND_BYTES": str(size)},
    ).stdout  # fmt: skip
    match = re.search(r"RESULT (\d+) (\d+) (\d+) (\d+) (\d+)", said)
    assert match, said
    requests, microseconds, errors, median, slow = map(int, match.groups())
    if errors or not requests:
        raise SystemExit(f"{errors:,} errors in {requests:,} requests of {url}: {said}")
    return Load(requests / microseconds * 1e6, median / 1e3, slow / 1e3)


@contextmanager
def nginx(folder: Path, root: Path, ours: str) -> Iterator[str]:
    """Serve a folder, and a server, with nginx, one process, until the block ends."""
    port = free_port()
    # Otherwise its process would not be allowed into our temporary folder.
    user = "user root;" if os.geteuid() == 0 else ""
    settings = folder / "nginx.conf"
    settings.write_text(
        NGINX.format(folder=folder, port=port, root=root, user=user, ours=ours.split("/")[2])
    )
    process = subprocess.Popen(["nginx", "-p", str(folder), "-c", str(settings)])
    address = f"http://127.0.0.1:{port}/"
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(address, timeout=5).close()
            except urllib.error.HTTPError:
                break
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)
