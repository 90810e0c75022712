"""Tracks as other browsers see them: which BigWigs a track has, their colours and their range.

Hubs and IGV sessions are written from a list of `SharedTrack`; where its addresses point to, the
server or a folder to copy out, is for the caller to say.
"""

from __future__ import annotations

import functools
import math
import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sighthound.core.bigwig.structure import byte_order
from sighthound.core.errors import SighthoundError
from sighthound.core.files import Stamp, file_stamp
from sighthound.core.project.layout import (
    contributions_folder,
    saliency_folder,
    track_bigwig,
)
from sighthound.core.project.settings import Project
from sighthound.core.tracks.track import Track

# What a person reads, in the order in which rows are drawn. The alleles are predictions of a
# haplotype that somebody asks about; the others are files of the project.
LABELS = {
    "experiment": "Experiment",
    "prediction": "Prediction",
    "reference": "Reference allele",
    "alternative": "Alternative allele",
    "difference": "Difference of alleles",
    "saliency": "Saliency",
    "contribution": "Contribution of bases",
}
ALLELES = ("reference", "alternative", "difference")
KINDS = {kind: label for kind, label in LABELS.items() if kind not in ALLELES}
# Kinds that are drawn on one scale, and over one another: the first behind.
PAIRS = (("experiment", "prediction"), ("reference", "alternative"))
# Kinds with values below zero.
SIGNED = ("difference", "saliency", "contribution")
# As assets/ui/palette.js has them: a dark and a light shade an assay (experiment, prediction),
# and a colour for what raises a prediction and what lowers it.
ASSAY_COLOURS = (
    ("#0b5c97", "#86bce2"),
    ("#b0530c", "#f0b47c"),
    ("#0a7757", "#7fcbb0"),
    ("#8b3a75", "#dca0c8"),
    ("#84690a", "#dfc45c"),
    ("#414f96", "#a9b4e4"),
    ("#7c3d2d", "#d9a797"),
    ("#47535f", "#b3bec9"),
)
POSITIVE, NEGATIVE = "#0067a8", "#cc4d00"
# Of the alternative allele of every assay, over the light shade of the reference allele.
ALTERNATIVE = "#3a3f47"
# Of the project's VCF, which is no track's own; `VARIANTS` stands for it among kinds.
VARIANTS, VARIANTS_LABEL = "variants", "Variants"
# A few towers are far above all else: drawn from zero to the highest, the rest would be flat.
_DRAWN_DEVIATIONS = 10


@dataclass(frozen=True)
class SharedTrack:
    """One BigWig of a track.

    Attributes
    ----------
    kind : str
        One of `LABELS`.
    url : str
        Of the BigWig, absolute or relative to the file that names it.
    colour : str
        "#rrggbb"; of values below zero, `NEGATIVE`.
    extent, limits : (float, float)
        The least and the largest value, None where not known beforehand; what to draw where no
        automatic scale is wanted.
    variants : str
        Of alleles: what they are of, as people read it.
    """

    track: Track
    kind: str
    url: str
    colour: str
    extent: tuple[float, float] | None
    limits: tuple[float, float]
    variants: str = ""

    @property
    def scale(self) -> str:
        """What it can be drawn on one scale with: BigWigs of the same name here; "" is none.

        Where bins are sums of bases (aggregation "sum"), a predicted BigWig holds sums and the
        experiment's single bases: on one scale, the experiment would be a line at zero.
        """
        is_in_bases = self.kind == "experiment" and self.track.aggregation == "sum"
        return "" if self.kind in SIGNED or is_in_bases else self.track.id

    @property
    def label(self) -> str:
        """What a person reads: the track's name and what this is of it."""
        if self.kind in ALLELES:
            return f"{self.track.name} {self.kind}, {self.variants}"
        kind = LABELS[self.kind]
        return f"{self.track.name} {kind[0].lower()}{kind[1:]}"


def track_file(project: Project, track: Track, kind: str) -> Path | None:
    """Give the BigWig of a track, or None where there is none.

    Saliency is where `sighthound saliency PROJECT --genes ...` writes it; contributions of bases
    are the dynseq BigWigs of `sighthound mutagenesis`, kept as PROJECT/contributions/ID.bw.
    """
    if kind == "experiment":
        path = track.experiment
    else:
        folders = {
            "prediction": project.predictions.directory,
            "saliency": saliency_folder(project),
            "contribution": contributions_folder(project),
        }
        path = track_bigwig(folders[kind], track.id)
    return path if path is not None and path.is_file() else None


def shared_tracks(
    project: Project,
    chosen: Iterable[Track],
    every: Sequence[Track],
    url: Callable[[Track, str], str],
    kinds: Iterable[str] = tuple(KINDS),
    variants: str = "",
) -> list[SharedTrack]:
    """List the BigWigs of tracks.

    Parameters
    ----------
    chosen, every : tracks
        Those to list, and all of the table: its order gives the colours.
    url : callable
        Gives the address of a track's BigWig of a kind.
    kinds : iterable of str
        Only these.
    variants : str
        Haplotype whose alleles are among the BigWigs; without it there are none.

    Raises
    ------
    SighthoundError
        An unknown kind, or a file that is no BigWig.
    """
    wanted = set(kinds)
    known = [kind for kind in LABELS if variants or kind in KINDS]
    for kind in sorted(wanted - set(known)):
        raise SighthoundError(f"unknown kind {kind!r}; there are {', '.join(known)}")
    assays = {assay: n for n, assay in enumerate(dict.fromkeys(t.assay for t in every))}
    found = []
    for track in chosen:
        dark, light = ASSAY_COLOURS[assays[track.assay] % len(ASSAY_COLOURS)]
        colours = {
            "experiment": dark, "prediction": light, "reference": light, "alternative": ALTERNATIVE,
        }  # fmt: skip
        for kind in (kind for kind in known if kind in wanted):
            colour = colours.get(kind, POSITIVE)
            if kind in ALLELES:
                limits = _allele_limits(project, track, kind)
                found.append(
                    SharedTrack(track, kind, url(track, kind), colour, None, limits, variants)
                )
            elif (path := track_file(project, track, kind)) is not None:
                extent, limits = value_range(path)
                found.append(SharedTrack(track, kind, url(track, kind), colour, extent, limits))
    return found


def _allele_limits(project: Project, track: Track, kind: str) -> tuple[float, float]:
    """Limits of a prediction that is made when it is fetched: those of the genome-wide one."""
    path = track_file(project, track, "prediction")
    low, high = (0.0, 1.0) if path is None else value_range(path)[1]
    most = max(-low, high)
    return (-most, most) if kind == "difference" else (low, high)


def value_range(path: Path) -> tuple[tuple[float, float], tuple[float, float]]:
    """Read the least and largest value of a BigWig, and limits that show most of it.

    The limits reach ten standard deviations from the mean, no further than the values, and contain
    zero.

    Raises
    ------
    SighthoundError
        Not a BigWig.
    """
    return _value_range(path, file_stamp(path))


@functools.lru_cache(maxsize=65_536)
def _value_range(path: Path, _stamp: Stamp) -> tuple[tuple[float, float], tuple[float, float]]:
    # The total summary, whose place stands at byte 44 (Kent et al. 2010, supplement, table 5).
    with path.open("rb") as file:
        head = file.read(52)
        order = byte_order(head)
        if len(head) < 52 or order is None:
            raise SighthoundError(f"{path} is not a BigWig")
        (place,) = struct.unpack(f"{order}Q", head[44:])
        file.seek(place)
        summary = file.read(40) if place else b""
    if len(summary) < 40:
        return (0.0, 1.0), (0.0, 1.0)
    bases, least, most, total, squares = struct.unpack(f"{order}Q4d", summary)
    if not bases or not all(map(math.isfinite, (least, most, total, squares))):
        return (0.0, 1.0), (0.0, 1.0)
    mean = total / bases
    reach = _DRAWN_DEVIATIONS * math.sqrt(max(squares / bases - mean**2, 0.0))
    low = min(0.0, max(least, mean - reach))
    high = max(0.0, min(most, mean + reach))
    return (least, most), (low, high if high > low else low + 1.0)
