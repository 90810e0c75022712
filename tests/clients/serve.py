"""Serves the BigWigs of `tests.clients.bigwigs` with our server, as experiments of a project.

`python -m tests.clients.serve FOLDER` prints the port and serves until it is ended.
"""

from __future__ import annotations

import sys
from pathlib import Path

from werkzeug.serving import WSGIRequestHandler, make_server

from sighthound.app.server.application import create_app
from sighthound.core.bigwig.files import chromosomes
from sighthound.core.project.settings import load_project

SETTINGS = """
[genome]
name = "small"
fasta = "genome.fa"
[tracks]
table = "tracks.tsv"
"""


class Quiet(WSGIRequestHandler):
    """Logs no request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def serve(folder: Path) -> None:
    """Make a project of the folder's BigWigs and serve it on a free port."""
    files = sorted(folder.glob("*.bw"))
    (folder / "sighthound.toml").write_text(SETTINGS)
    longest = max(chromosomes(file).get("chr1", 0) for file in files)
    (folder / "genome.fa").write_text(f">chr1\n{('ACGT' * longest)[:longest]}\n")
    rows = "".join(f"{file.stem}\t{file.stem}\t{file.name}\n" for file in files)
    (folder / "tracks.tsv").write_text(f"id\tname\texperiment\n{rows}")
    app = create_app(load_project(folder), scheduler_address=None)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    print(server.port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
