"""Whatever is killed, and whenever: the same command goes on, and ends with the same bytes."""

import contextlib
import hashlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pysam

from sighthound.core.model.model import save_model
from sighthound.core.project.settings import load_project
from sighthound.core.tracks.track import Track, write_tracks
from sighthound.precompute.genome_wide.run import predict_genome
from tests.models import small_model
from tests.paths import ROOT

NAMES = ("scheduler", "worker1", "worker2", "command")
KILLS = 2  # of each; what is killed starts anew, with TensorFlow
CHROMOSOMES = 40
TRACKS = ("atac", "cage", "chip")
PATIENCE = 240  # seconds without any progress, after which the run is given up

SETTINGS = """
[genome]
fasta = "genome.fa"

[tracks]
table = "tracks.tsv"

[dataset]
sequence_length = 4096
bin = 64
crop = 8
"""


def make_project(folder):
    folder.mkdir()
    rng = np.random.default_rng(2)
    with (folder / "genome.fa").open("w") as file:
        for number in range(CHROMOSOMES):
            bases = np.array(list("ACGT"))[rng.integers(0, 4, 30_000 + 777 * number)]
            file.write(f">chr{number + 1}\n{''.join(bases)}\n")
    pysam.faidx(str(folder / "genome.fa"))
    (folder / "sighthound.toml").write_text(SETTINGS)
    write_tracks(folder / "tracks.tsv", [Track(name, name) for name in TRACKS])
    save_model(folder / "model", small_model(TRACKS))
    return load_project(folder)


class Cluster:
    """A scheduler, two workers and the command, each a process that can be killed."""

    def __init__(self, project, directory, log):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.project, self.directory, self.log = project, directory, log
        self.processes = {}

    def start(self, name):
        if name == "scheduler":
            words = ["distributed.cli.dask_scheduler", "--port", str(self.port)]
            words += ["--host", "127.0.0.1", "--no-dashboard"]
        elif name == "command":
            words = ["app", "predict", str(self.project.root), "--scheduler", self.address]
            words += ["--output", str(self.directory)]
        else:
            words = ["distributed.cli.dask_worker", self.address, "--nthreads", "2"]
            words += ["--no-dashboard", "--local-directory", str(self.log.parent)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        with self.log.open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", *words], env=environment, stdout=log, stderr=log, cwd=ROOT
            )

    def start_what_is_dead(self):
        """Start all that does not run; give whether the command has ended well."""
        for name in ("scheduler", "worker1", "worker2"):
            if name not in self.processes or self.processes[name].poll() is not None:
                self.start(name)
        command = self.processes.get("command")
        if command is None or command.poll() is not None:
            if command is not None and command.returncode == 0:
                return True
            self.start("command")
        return False

    def kill(self, name):
        """Kill a process; of a worker, the one that computes, or else its keeper."""
        process = self.processes[name]
        if name.startswith("worker"):
            for child in psutil.Process(process.pid).children():
                if "spawn_main" in " ".join(child.cmdline()):
                    child.send_signal(signal.SIGKILL)
                    return
        os.kill(process.pid, signal.SIGKILL)
        process.wait()

    def end(self):
        for process in self.processes.values():
            if process.poll() is None:
                for child in psutil.Process(process.pid).children(recursive=True):
                    child.kill()
                process.kill()
                process.wait()
        self.processes.clear()

    def files(self):
        """What there is to see of the run's progress; folders may go while they are looked into."""
        return sorted(
            str(Path(folder, name))
            for folder, folders, files in os.walk(self.directory)
            for name in (*folders, *files)
            if not name.endswith(".part")
        )


def hashes(directory):
    return {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in directory.glob("*.bw")
    }


def test_kills_anywhere_leave_the_bytes_of_an_undisturbed_run(tmp_path):
    project = make_project(tmp_path / "project")
    predict_genome(project)
    expected = hashes(project.predictions.directory)
    assert len(expected) == len(TRACKS)
    chance = random.Random(4)
    ahead = chance.sample(NAMES * KILLS, len(NAMES) * KILLS)
    runs = 0
    while ahead:
        runs += 1
        cluster = Cluster(project, tmp_path / f"run{runs}", tmp_path / "log.txt")
        try:
            kill_at_random(cluster, chance, ahead)
        finally:
            cluster.end()
        assert hashes(cluster.directory) == expected
        assert not (cluster.directory / ".partial").exists()


def kill_at_random(cluster, chance, ahead):
    """Kill the next of `ahead` whenever one to three more files are there, until the command ends.

    Whatever is killed is taken off.
    """
    seen, since, wanted = cluster.files(), time.monotonic(), chance.randint(1, 3)
    while not cluster.start_what_is_dead():
        time.sleep(0.02)
        now = cluster.files()
        if now != seen:
            wanted -= 1
            seen, since = now, time.monotonic()
        assert time.monotonic() - since < PATIENCE, cluster.log.read_text()[-3000:]
        if wanted <= 0 and ahead:
            # What ended by itself a moment ago is not counted.
            with contextlib.suppress(psutil.NoSuchProcess):
                cluster.kill(ahead[-1])
                ahead.pop()
            wanted = chance.randint(1, 3)
