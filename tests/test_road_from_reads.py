"""FASTQ -> BAM -> coverage BigWig -> a track beside the others, as a lab would do it."""

import json
import os
import shutil
import struct

import numpy as np
import pytest
from click.testing import CliRunner

from sighthound.app.cli import cli
from sighthound.app.server.application import create_app
from sighthound.core import load_project
from sighthound.core.tracks.track import read_tracks, write_tracks
from sighthound.precompute.new_project import guess_tracks
from tests.paths import SHARED_DATA

READS = SHARED_DATA / "yeast" / "reads"


@pytest.fixture(autouse=True)
def _bowtie2():
    if shutil.which("bowtie2") is None and not os.environ.get("CI"):
        pytest.skip("no bowtie2: tests/install_tools.sh")


def run(*arguments):
    result = CliRunner().invoke(cli, list(map(str, arguments)), catch_exceptions=False)
    assert result.exit_code == 0, result.output


@pytest.mark.real_data
def test_reads_become_a_track_beside_the_others(simulated_project, tmp_path):
    folder = tmp_path / "project"
    shutil.copytree(simulated_project, folder)
    fastq = [READS / f"S288C_STRIPEseq_R{mate}.fastq.gz" for mate in (1, 2)]
    fasta, bam = folder / "genome" / "sacCer3.fa.gz", tmp_path / "reads.bam"
    run("align", *fastq, "--fasta", fasta, "-o", bam)
    files = []
    for name, strand in (("plus", "+"), ("minus", "-")):
        files.append(folder / "experiments" / f"STRIPEseq.{name}.bw")
        run("coverage", bam, files[-1], "--mate", 1, "--strand", strand)
    table = folder / "tracks.tsv"
    write_tracks(table, [*read_tracks(table), *guess_tracks(files)])

    client = create_app(load_project(folder), scheduler_address=None).test_client()
    project = client.get("/api/v1/project").get_json()
    ours = {t["id"]: t for t in project["tracks"]}["STRIPEseq.plus"]
    assert (ours["assay"], ours["strand_pair"]) == ("CAGE", "STRIPEseq.minus")
    assert (ours["has_experiment"], ours["has_prediction"]) == (True, False)
    query = "chrom=chrIV&start=0&end=1531904&pixels=1000&tracks=STRIPEseq.plus"
    data = client.get(f"/api/v1/signal?{query}").data
    (size,) = struct.unpack("<I", data[:4])
    header = json.loads(data[4 : 4 + size])
    means = next(s for s in header["series"] if s["stat"] == "mean")
    values = np.frombuffer(data, "<f4", offset=4 + size)[means["offset"] :][: header["bins"]]
    # Reads of chromosome IV: an eighth of the genome has an eighth of 12,466 pairs, both strands.
    counted = np.nansum(values) * header["bin_bp"] / header["native_bin"]
    assert 200 < counted < 3_000
