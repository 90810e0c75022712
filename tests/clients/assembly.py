"""An assembly hub of a small genome on a web server of its own, for other clients.

`python -m tests.clients.assembly FOLDER` writes the hub into FOLDER/hub and `expected.json`, the
sequence of every chromosome; then prints a port and serves the hub until it is ended.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from flask import Flask, Response, abort
from werkzeug.serving import make_server

from sighthound.app.web.byte_ranges import METHODS, allow_other_origins, preflight, send_file
from sighthound.core.browsers.ucsc_check import check_hub
from sighthound.core.genome.sequence import Interval
from sighthound.core.project.settings import load_project
from sighthound.precompute.hub_folder import write_hub
from tests.clients.serve import Quiet
from tests.tiny import make_project, write_bases


def write_assembly(folder: Path) -> Path:
    """Write the hub and what is in its genome."""
    lab = make_project(folder / "lab", model=False)
    # Runs of N, at the start of a chromosome too.
    write_bases(lab, "chrI", {0: "N" * 50, 9_000: "N" * 1_001})
    project = load_project(lab)
    write_hub(project, folder / "hub", assembly=True)
    assert check_hub((folder / "hub" / "hub.txt").read_text()) == []
    genome = project.open_genome()
    sequences = {
        name: genome.sequence(Interval(name, 0, length)) for name, length in genome.lengths.items()
    }
    (folder / "expected.json").write_text(json.dumps(sequences))
    return folder / "hub"


def serve(hub: Path) -> None:
    """Serve the folder as a common web server does: by ranges, to every origin."""
    app = Flask("hub", static_folder=None)
    app.after_request(allow_other_origins)

    @app.route("/<path:name>", methods=METHODS, provide_automatic_options=False)
    def file(name: str) -> Response:
        from flask import request

        path = (hub / name).resolve()
        if request.method == "OPTIONS":
            return preflight()
        if hub.resolve() not in path.parents or not path.is_file():
            abort(404)
        return send_file(path)

    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    print(server.port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    serve(write_assembly(Path(sys.argv[1])))
