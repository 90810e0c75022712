"""What a `Lab` answers: values that know where on the genome they are, of what, and in which unit.

Positions in tables are 1-based and inclusive; an `Interval` is 0-based and half-open.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sighthound.core.bigwig.files import checked_bins, new_bigwig
from sighthound.core.errors import SighthoundError
from sighthound.core.genome.sequence import ALPHABET, Interval, one_hot
from sighthound.core.interpretation.attributions import contributions
from sighthound.core.project.layout import files_of_tracks
from sighthound.core.project.settings import Project
from sighthound.core.tracks import metrics

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

    from sighthound.core.motifs.naming import NamedMotif

_TRANSFORMS = ("", "log1p")


@dataclass(frozen=True, eq=False)
class TrackData:
    """Values along a stretch of a chromosome: a row a bin, a column a track.

    Attributes
    ----------
    values : float32 array, (bins, tracks)
        NaN where there are no data.
    interval : Interval
        From the first base of the first bin to the last of the last, which the chromosome's end
        may cut.
    bin : int
        Bases a bin; 1 for values of bases.
    tracks, units : tuples of str
        Ids, and what values of each are in.
    title : str
        What the values are.
    sequence : str
        The bases of `interval`, where a bin is one.
    """

    values: NDArray[np.float32] = field(repr=False)
    interval: Interval
    bin: int
    tracks: tuple[str, ...]
    units: tuple[str, ...]
    title: str
    project: Project = field(repr=False)
    sequence: str = field(default="", repr=False)

    @property
    def bins(self) -> tuple[Interval, ...]:
        """Where each bin is."""
        starts = range(self.interval.start, self.interval.end, self.bin)
        chrom, end = self.interval.chrom, self.interval.end
        return tuple(Interval(chrom, start, min(start + self.bin, end)) for start in starts)

    def strongest(self) -> Interval:
        """The bin whose value is furthest from zero, of any track.

        Raises
        ------
        SighthoundError
            There are no data.
        """
        return self.bins[int(self._by_strength()[0]) // len(self.tracks)]

    def top(self, n: int = 10) -> pd.DataFrame:
        """The values furthest from zero.

        Returns
        -------
        DataFrame
            chrom, start and end, track and value; of bases chrom, position and base.
        """
        frame = self.to_frame().melt(
            id_vars=list(self._places()), var_name="track", value_name="value"
        )
        rows = self._by_strength()[:n]
        count = len(self.values)
        return frame.iloc[rows % len(self.tracks) * count + rows // len(self.tracks)].reset_index(
            drop=True
        )

    def to_frame(self) -> pd.DataFrame:
        """A row a bin: chrom, start and end, or of bases position and base; a column a track."""
        import pandas as pd

        columns = dict(zip(self.tracks, self.values.T, strict=True))
        return pd.DataFrame({**self._places(), **columns})

    def to_bigwig(self, path: str | PathLike[str]) -> list[Path]:
        """Write a BigWig a track, to float32: PATH, or of several tracks NAME.TRACK.bw.

        Returns
        -------
        list of paths written

        Raises
        ------
        SighthoundError
            The path does not end in .bw or .bigwig.
        """
        path = Path(path)
        if path.suffix.lower() not in (".bw", ".bigwig"):
            raise SighthoundError(f"{path} is no name of a BigWig; expected .bw or .bigwig")
        paths = files_of_tracks(path, self.tracks)
        lengths, chrom = self.project.open_genome().lengths, self.interval.chrom
        path.parent.mkdir(parents=True, exist_ok=True)
        for file, values in zip(paths, self.values.T, strict=True):
            checked = checked_bins(chrom, values, lengths, self.bin, None)
            with new_bigwig(file, lengths, self.bin) as writer:
                writer.add_values(chrom, checked, self.interval.start // self.bin)
        return paths

    def plot(self) -> go.Figure:
        """Draw the tracks one above the other."""
        from sighthound.app.figures.binned_tracks import binned_tracks

        return binned_tracks(
            self.values, self.interval, self.bin, self.tracks, self.units, title=self.title
        )

    def _places(self) -> dict[str, object]:
        starts = np.arange(self.interval.start, self.interval.end, self.bin)
        if self.sequence:
            where = {"position": starts + 1, "base": list(self.sequence)}
        else:
            where = {"start": starts + 1, "end": np.minimum(starts + self.bin, self.interval.end)}
        return {"chrom": self.interval.chrom, **where}

    def _by_strength(self) -> NDArray[np.intp]:
        """Numbers of the values of `values.ravel()`, from the furthest from zero on."""
        size = np.abs(self.values).ravel()
        order = np.argsort(-np.nan_to_num(size, nan=-1.0), kind="stable")
        order = order[: int(np.isfinite(size).sum())]
        if not len(order):
            raise SighthoundError(f"{self.title} has no data in {self.interval}")
        return order


@dataclass(frozen=True, eq=False)
class Effects:
    """What every substitution of some bases does to the prediction at a target.

    Attributes
    ----------
    values : float32 array, (bases, 4, tracks), A C G T
        Alternative minus reference, summed over the target's bins; 0 at the reference base.
    interval, sequence : Interval, str
        The bases that are substituted.
    tracks, units : tuples of str
        Ids, and what values of each are in.
    reference : float32 array, (tracks,)
        What is predicted at the target.
    target : str
        Which prediction is changed.
    """

    values: NDArray[np.float32] = field(repr=False)
    interval: Interval
    sequence: str = field(repr=False)
    tracks: tuple[str, ...]
    units: tuple[str, ...]
    reference: NDArray[np.float32] = field(repr=False)
    target: str
    project: Project = field(repr=False)

    def attributions(self) -> TrackData:
        """What each base adds to the prediction: minus the mean effect of its changes; NaN at N."""
        bases = one_hot(self.sequence)
        values = contributions(bases, self.values)
        values[~bases.any(axis=1)] = np.nan
        title = f"contribution to {self.target}"
        return TrackData(
            values, self.interval, 1, self.tracks, self.units, title, self.project, self.sequence
        )

    def to_frame(self) -> pd.DataFrame:
        """A row an alternative base: chrom, position, ref, alt, and a column a track."""
        import pandas as pd

        letters = np.array([*self.sequence])
        row, base = np.nonzero(letters[:, None] != np.array([*ALPHABET]))
        return pd.DataFrame(
            {
                "chrom": self.interval.chrom,
                "position": self.interval.start + row + 1,
                "ref": letters[row],
                "alt": np.array([*ALPHABET])[base],
                **dict(zip(self.tracks, self.values[row, base].T, strict=True)),
            }
        )

    def to_bigwig(self, path: str | PathLike[str]) -> list[Path]:
        """Write the attributions, for a browser's dynseq tracks; as `TrackData.to_bigwig`."""
        return self.attributions().to_bigwig(path)

    def motifs(
        self,
        track: str | None = None,
        *,
        collection: str | None = None,
        tax_group: str | None = None,
    ) -> pd.DataFrame:
        """Name the motifs of one track's effects; the first comparison on a machine takes a minute.

        Parameters
        ----------
        track : str, optional
            Id; needed where there are several.
        collection, tax_group : str, optional
            Of JASPAR: CORE, and fungi say; as in the project's settings by default.

        Returns
        -------
        DataFrame
            name, motif (JASPAR's id), chrom, start, end, strand, q_value, and by: whether the
            "effects" look like it or the "sequence" matches. None overlap.
        """
        import pandas as pd

        found = self._named(self._index(track), collection, tax_group)
        columns = ["name", "motif", "chrom", "start", "end", "strand", "q_value", "by"]
        rows = [{**vars(m), "chrom": self.interval.chrom, "start": m.start + 1} for m in found]
        return pd.DataFrame(rows, columns=columns)

    def plot(self) -> go.Figure:
        """Draw logo, motifs, gain and loss, and heat map of each track, as the page does."""
        from sighthound.app.figures.mutagenesis import mutagenesis_figure
        from sighthound.app.figures.mutated_track import MutatedTrack

        drawn = [
            MutatedTrack(
                track, self.values[..., i], float(self.reference[i]), self.units[i],
                [vars(motif) for motif in self._named(i)],
            )
            for i, track in enumerate(self.tracks)
        ]  # fmt: skip
        place = self.interval
        return mutagenesis_figure(drawn, self.sequence, chrom=place.chrom, start=place.start)

    def _named(
        self, index: int, collection: str | None = None, tax_group: str | None = None
    ) -> list[NamedMotif]:
        from sighthound.core.motifs.jaspar import read_motifs
        from sighthound.core.motifs.naming import name_motifs

        settings = self.project.motifs
        known = read_motifs(
            settings.release,
            settings.collection if collection is None else collection,
            settings.tax_group if tax_group is None else tax_group,
        )
        effects = self.values[..., index]
        return name_motifs(self.project.open_genome(), self.interval, effects, known)

    def _index(self, track: str | None) -> int:
        if track is None and len(self.tracks) == 1:
            return 0
        if track not in self.tracks:
            given = "no track was named" if track is None else f"there is no track {track!r}"
            raise SighthoundError(f"{given}; these effects have {', '.join(self.tracks)}")
        return self.tracks.index(track)


@dataclass(frozen=True)
class Alleles:
    """What a haplotype does to the bins that it can change, which lie on the reference's."""

    reference: TrackData
    alternative: TrackData

    @property
    def difference(self) -> TrackData:
        """Alternative minus reference."""
        before, after = self.reference, self.alternative
        return TrackData(
            after.values - before.values, before.interval, before.bin, before.tracks, before.units,
            f"{after.title} minus reference", before.project,
        )  # fmt: skip


def pearson(one: TrackData, other: TrackData, *, transform: str = "") -> pd.Series:
    """Pearson correlation of two answers over their bins, track by track.

    Parameters
    ----------
    one, other : TrackData
        Of the same bins and tracks; bins without data in either do not count.
    transform : {"", "log1p"}
        "log1p" correlates log(1 + value).

    Returns
    -------
    Series of float64, by track; NaN where either is constant

    Raises
    ------
    SighthoundError
        They are of other bins or tracks, or the transform is unknown.
    """
    import pandas as pd

    if transform not in _TRANSFORMS:
        raise SighthoundError(f"the transform is {transform!r}; expected 'log1p' or none")
    for name in ("interval", "bin", "tracks"):
        left, right = getattr(one, name), getattr(other, name)
        if left != right:
            raise SighthoundError(
                f"{one.title} and {other.title} differ in their {name}: {left} and {right}; "
                "ask for the same region and tracks"
            )
    correlate = metrics.pearson_log1p if transform else metrics.pearson
    return pd.Series(correlate(one.values, other.values), index=list(one.tracks), name="pearson")
