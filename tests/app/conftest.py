"""A project small enough to check by hand, served with and without the real inference worker."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from flask.testing import FlaskClient

from sighthound.app.server.application import create_app
from sighthound.app.server.launch import InferenceProcess
from sighthound.core.bigwig.files import write_bigwig
from sighthound.core.model.model import save_model
from sighthound.core.project.settings import Project, load_project
from tests.app.described import DescribedClient
from tests.models import small_model
from tests.tiny import add_readouts

BIN = 64
# chrI is whole bins; chrII ends 18 bases into its last one.
LENGTHS = {"chrI": 640 * BIN, "chrII": 160 * BIN + 18}

SETTINGS = """
[genome]
name = "tiny"
fasta = "genome.fa"
genes = "genes.gff3"
[tracks]
table = "tracks.tsv"
[dataset]
sequence_length = 4096
bin = 64
crop = 8
valid = ["chrII"]
test = ["chrII"]
[motifs]
tax_group = "fungi"
[server]
title = "Tiny"
simulated = true
default_locus = "chrI:1,001-9,000"
default_tracks = ["ramp"]
max_mutagenesis_bp = 300
"""
TRACKS = """id\tname\tassay\taggregation\texperiment\tcovered
ramp\tRamp\tATAC\tmean\tramp.bw\t
counts\tCounts\tCAGE\tsum\tones.bw\tchrI
imagined\tImagined\tCAGE\tsum\t\t
"""
GENES = """##gff-version 3
chrI\ttest\tgene\t1001\t3000\t.\t+\t.\tID=YAL001C;Name=TFC3
chrI\ttest\tmRNA\t1001\t3000\t.\t+\t.\tID=YAL001C.1;Parent=YAL001C
chrI\ttest\texon\t1001\t1500\t.\t+\t.\tParent=YAL001C.1
chrI\ttest\texon\t2001\t3000\t.\t+\t.\tParent=YAL001C.1
"""
FOLDS = "".join(
    f"{line}\n"
    for line in ("chrI\t0\t4096\ttrain", "chrI\t4096\t8192\ttrain", "chrII\t0\t4096\ttest")
)
HELD_OUT = (
    "track\tfold\tbin\tn_bins\tpearson\tpearson_log1p\tr2\nramp\ttest\t64\t48\t0.5\t0.625\t0.25\n"
)


def bin_numbers(length: int) -> np.ndarray:
    """Every bin's own number: the signal of the track "ramp"."""
    return np.arange(-(-length // BIN), dtype=np.float32)


@pytest.fixture(scope="session")
def project_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tiny")
    rng = np.random.default_rng(1)
    with (root / "genome.fa").open("w") as fasta:
        for name, length in LENGTHS.items():
            bases = "".join(rng.choice(list("ACGT"), length))
            lines = "\n".join(bases[i : i + 60] for i in range(0, length, 60))
            fasta.write(f">{name}\n{lines}\n")
    (root / "sighthound.toml").write_text(SETTINGS)
    (root / "tracks.tsv").write_text(TRACKS)
    (root / "genes.gff3").write_text(GENES)
    (root / "dataset").mkdir()
    (root / "dataset" / "folds.bed").write_text(FOLDS)
    ramp = {name: bin_numbers(length) for name, length in LENGTHS.items()}
    ones = {name: np.ones_like(values) for name, values in ramp.items()}
    write_bigwig(root / "ramp.bw", LENGTHS, ramp.items(), BIN, mantissa_bits=None)
    write_bigwig(root / "ones.bw", LENGTHS, ones.items(), BIN, mantissa_bits=None)
    predictions = root / "predictions"
    predictions.mkdir()
    for track in ("ramp", "counts", "imagined"):
        write_bigwig(predictions / f"{track}.bw", LENGTHS, ramp.items(), BIN, mantissa_bits=None)
    model, *members = (small_model(("ramp", "counts", "imagined"), seed) for seed in range(3))
    save_model(root / "model", model, {"held_out.tsv": HELD_OUT}, members)
    add_readouts(load_project(root))
    return root


@pytest.fixture(scope="session")
def project(project_folder: Path) -> Project:
    return load_project(project_folder)


@pytest.fixture(scope="session")
def web(project: Project) -> FlaskClient:
    """The application without an inference worker."""
    app = create_app(project, scheduler_address=None)
    app.test_client_class = DescribedClient
    return app.test_client()


@pytest.fixture(scope="session")
def explaining(project: Project, project_folder: Path) -> Iterator[FlaskClient]:
    """The application with a real inference worker, which has loaded the model."""
    process = InferenceProcess(project_folder)
    app = create_app(project, scheduler_address=process.address, security=process.security)
    app.test_client_class = DescribedClient
    client = app.test_client()
    try:
        deadline = time.monotonic() + 600
        while not client.get("/readyz").get_json()["ready"]:
            assert time.monotonic() < deadline, client.get("/readyz").get_json()
            threading.Event().wait(0.1)
        yield client
    finally:
        app.extensions["sighthound"].close()
        process.stop()
