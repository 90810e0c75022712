"""`sighthound model filters`: what a model's first layer looks for, as a table and as logos."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np

from sighthound.app.commands import SEED
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import Genome, Interval
from sighthound.core.model.model import load_model
from sighthound.core.motifs.jaspar import COLLECTION, RELEASE, read_motifs

if TYPE_CHECKING:
    from sighthound.core.motifs.first_layer import FilterMotif

_PATH = click.Path(path_type=Path)
PIECE = 1_000  # bases of a sequence that is drawn
MATCHES_SHOWN = 3
COLUMNS = (
    "filter", "windows", "maximum", "sign", "information_bits", "consensus", "match", "name",
    "strand", "offset", "p_value", "q_value",
)  # fmt: skip


@click.command("filters")
@click.argument("directory", type=_PATH)
@click.option("-o", "--output", type=_PATH, help="Table to write (TSV); on the terminal otherwise.")
@click.option("--html", type=_PATH, help="Page of logos to write, the most informative first.")
@click.option(
    "--fasta",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Slide over pieces of this genome instead of random bases.",
)
@click.option("--bases", default=500_000, show_default=True, type=click.IntRange(1),
              help="Bases to slide over.")  # fmt: skip
@click.option("--seed", default=0, show_default=True, type=SEED, help="Of the random pieces.")
@click.option("--release", default=RELEASE, show_default=True, help="JASPAR release.")
@click.option("--collection", default=COLLECTION, show_default=True)
@click.option("--tax-group", default="", help="As in fungi or vertebrates; all by default.")
def filters(
    directory: Path,
    output: Path | None,
    html: Path | None,
    fasta: Path | None,
    bases: int,
    seed: int,
    release: str,
    collection: str,
    tax_group: str,
) -> None:
    """Show what the first layer of the model in DIRECTORY looks for: motifs, bits, JASPAR names.

    A filter's motif is counted from the windows that activate it over half of its maximum; names
    are Tomtom matches with q < 0.1.
    """
    from sighthound.core.motifs.first_layer import first_layer_motifs, random_sequences

    if bases < PIECE:
        raise SighthoundError(f"--bases is {bases}; expected at least {PIECE}")
    model = load_model(directory)
    motifs = read_motifs(release, collection, tax_group)
    count = bases // PIECE
    sequences = (
        random_sequences(count, PIECE, seed=seed)
        if fasta is None
        else genome_pieces(Genome(fasta), count, PIECE, seed)
    )
    found = first_layer_motifs(model, sequences, motifs)
    text = filter_table(found)
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
    if html is not None:
        _write_page(html, found)
    named = sum(bool(f.matches) for f in found)
    click.echo(
        f"{len(found)} filters: {sum(f.motif is not None for f in found)} have a motif, "
        f"{named} of them a match with q < 0.1",
        err=True,
    )


def filter_table(found: list[FilterMotif]) -> str:
    """Write filters as tab-separated text: a line a match, or one for a filter without any."""
    lines = ["\t".join(COLUMNS)]
    for filter_ in found:
        consensus = filter_.motif.consensus if filter_.motif else ""
        head = (
            f"{filter_.filter}\t{filter_.windows}\t{filter_.maximum:.4g}\t{filter_.sign}\t"
            f"{filter_.information:.2f}\t{consensus}"
        )
        lines += [
            f"{head}\t{m.motif}\t{m.name}\t{m.strand}\t{m.offset}\t{m.p_value:.3g}\t{m.q_value:.3g}"
            for m in filter_.matches
        ] or [head + "\t" * (len(COLUMNS) - 6)]
    return "\n".join(lines) + "\n"


def genome_pieces(genome: Genome, count: int, length: int, seed: int) -> np.ndarray:
    """Draw pieces of a genome at random, each base as likely to be a piece's first as any other.

    Returns
    -------
    uint8 array, (count, length, 4)
    """
    starts = {name: max(0, size - length + 1) for name, size in genome.lengths.items()}
    ends = np.cumsum(list(starts.values()))
    if ends[-1] == 0:
        raise SighthoundError(f"{genome.path} has no chromosome of {length} bases")
    pieces = []
    for place in np.sort(np.random.default_rng(seed).integers(0, ends[-1], count)):
        index = int(np.searchsorted(ends, place, side="right"))
        name = list(starts)[index]
        at = int(place - ends[index] + starts[name])
        pieces.append(genome.one_hot(Interval(name, at, at + length)))
    return np.stack(pieces)


def _write_page(path: Path, found: list[FilterMotif]) -> None:
    from sighthound.app.figures.motifs import motif_sheet

    shown = sorted((f for f in found if f.motif is not None), key=lambda f: -f.information)
    figure = motif_sheet(
        [f.motif.probabilities for f in shown if f.motif is not None],
        [f"filter {f.filter}" for f in shown],
        [
            f"{f.information:.1f} bits " + ", ".join(m.name for m in f.matches[:MATCHES_SHOWN])
            for f in shown
        ],
    )
    figure.write_html(path, include_plotlyjs=True)
