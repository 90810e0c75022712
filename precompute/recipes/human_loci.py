"""Sixty-five human loci with 74 experiments as a project: training on windows of 131,072 bases.

`python -m sighthound.precompute.recipes.human_loci LOCI PROJECT` makes a project that `sighthound
dataset` and `sighthound train` take, of a folder LOCI with

- *.fa.gz: the sequence of each locus, named chrom:start-end with split=train, valid or test and
  target=start-end of its middle half, which has values;
- targets.txt: the published table of the experiments, and how their values were squashed;
- *.npz: "targets", float16 (loci, bins, experiments), squashed sums of bins.

They are the small test data of calico/baskerville (Apache-2.0), hg38. Each locus becomes a
chromosome of its own, and what was done to the values is undone: training does it again.
"""

from __future__ import annotations

import gzip
import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sighthound.core.bigwig.files import write_bigwig
from sighthound.core.errors import SighthoundError
from sighthound.core.files import write_text
from sighthound.core.model.published.targets import read_targets
from sighthound.core.project.settings import SETTINGS_FILE
from sighthound.core.tracks.track import Track, write_tracks

BIN = 128  # of the network
GAPS = "genome/flanks.bed"
_NAME = re.compile(
    r">(?P<chrom>\S+):(?P<start>\d+)-(?P<end>\d+) split=(?P<fold>train|valid|test) "
    r"target=(?P<first>\d+)-(?P<last>\d+)"
)


@dataclass(frozen=True)
class Locus:
    """A locus: its name as a chromosome, its fold, its bases, and where its values lie in it."""

    name: str
    fold: str
    bases: str
    first: int
    last: int


def prepare_human_loci(loci: Path, directory: Path) -> None:
    """Write the project.

    Raises
    ------
    SighthoundError
        A file is missing or not as described above.
    """
    places = read_loci(_only(loci, "*.fa.gz"))
    tracks = read_targets(loci / "targets.txt", squash="sqrt")
    with np.load(_only(loci, "*.npz")) as arrays:
        targets = arrays["targets"].astype(np.float32)
    if targets.shape[0] != len(places) or targets.shape[2] != len(tracks):
        raise SighthoundError(
            f"{loci}: values of {targets.shape[0]} loci and {targets.shape[2]} experiments; "
            f"expected {len(places)} and {len(tracks)}, as sequences and targets.txt have"
        )
    (directory / "genome").mkdir(parents=True, exist_ok=True)
    (directory / "experiments").mkdir(exist_ok=True)
    fasta = "".join(f">{place.name}\n{place.bases}\n" for place in places)
    write_text(directory / "genome" / "loci.fa", fasta)
    # Nothing was measured there: windows lie between.
    flanks = [
        f"{place.name}\t{start}\t{end}\n"
        for place in places
        for start, end in ((0, place.first), (place.last, len(place.bases)))
    ]
    write_text(directory / GAPS, "".join(flanks))
    written = [
        _write_experiment(track, places, targets[:, :, column], directory / "experiments")
        for column, track in enumerate(tracks)
    ]
    write_tracks(directory / "tracks.tsv", written)
    write_text(directory / SETTINGS_FILE, _settings(places))


def read_loci(fasta: Path) -> list[Locus]:
    """Read the loci's sequences.

    Raises
    ------
    SighthoundError
        A name that does not tell place, fold and middle, or loci of different lengths.
    """
    found: list[Locus] = []
    for record in gzip.decompress(fasta.read_bytes()).decode().split(">")[1:]:
        head, _, bases = record.partition("\n")
        named = _NAME.match(f">{head}")
        if named is None:
            raise SighthoundError(
                f"{fasta}: {head!r} is no locus; expected chrom:start-end split=train "
                "target=start-end"
            )
        start = int(named["start"])
        found.append(
            Locus(
                f"{named['chrom']}_{start + 1}",
                named["fold"],
                bases.replace("\n", "").upper(),
                int(named["first"]) - start,
                int(named["last"]) - start,
            )
        )
    if len({(len(place.bases), place.first, place.last) for place in found}) != 1:
        raise SighthoundError(f"{fasta}: loci of different lengths; expected windows of one kind")
    return found


def _write_experiment(
    track: Track, places: list[Locus], squashed: NDArray[np.float32], folder: Path
) -> Track:
    """Write one experiment's BigWig, in the units from before it was squashed; values a base."""
    step = (places[0].last - places[0].first) // squashed.shape[1]
    values = track.target_transform.inverse(squashed.astype(np.float64))
    if track.aggregation == "sum":
        values = values / step
    ahead = places[0].first // step

    def bins(row: int) -> NDArray[np.float32]:
        whole = np.full(len(places[0].bases) // step, np.nan, np.float32)
        whole[ahead : ahead + values.shape[1]] = values[row]
        return whole

    file = folder / f"{track.id}.bw"
    lengths = {place.name: len(place.bases) for place in places}
    write_bigwig(file, lengths, ((place.name, bins(row)) for row, place in enumerate(places)), step)
    return replace(track, experiment=file)


def _only(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise SighthoundError(f"{folder}: {len(found)} files {pattern}; expected one")
    return found[0]


def _settings(places: list[Locus]) -> str:
    folds = {
        fold: ", ".join(f'"{place.name}"' for place in places if place.fold == fold)
        for fold in ("valid", "test")
    }
    first = places[0]
    return f"""# 65 human loci; made by `python -m sighthound.precompute.recipes.human_loci`.

[genome]
name = "hg38 loci"
fasta = "genome/loci.fa"
# What only gives context to the windows between.
gaps = "{GAPS}"

[tracks]
table = "tracks.tsv"

[dataset]
sequence_length = {len(first.bases)}
bin = {BIN}
crop = {first.first // BIN}
valid = [{folds["valid"]}]
test = [{folds["test"]}]

[training]
architecture = "small"  # "paper" wants a GPU
batch_size = 1
epochs = 2
warmup_steps = 20

[server]
title = "Human loci of 131,072 bases"
default_locus = "{first.name}:{first.first + 1}-{first.last}"
"""


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python -m sighthound.precompute.recipes.human_loci LOCI PROJECT")
    try:
        prepare_human_loci(Path(sys.argv[1]), Path(sys.argv[2]))
    except (SighthoundError, OSError) as error:
        sys.exit(f"sighthound: {error}")
