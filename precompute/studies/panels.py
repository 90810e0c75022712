"""The panel that a study is made with: which people and variants of it, and which window."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sighthound.core.association.genotypes import read_panel, read_samples
from sighthound.core.association.panel import Panel
from sighthound.core.association.shrinkage import LinearShrinkage, MapShrinkage, Shrinkage
from sighthound.core.association.windows import block_ends, window_ends
from sighthound.core.errors import SighthoundError
from sighthound.core.files import no_file
from sighthound.core.genome.bed import read_bed
from sighthound.core.genome.chromosomes import Chromosomes
from sighthound.core.genome.regions import read_region

KILOBASES = 1_000.0  # each way, as LDSC's 1 cM is about
_UNBOUNDED = 1 << 40  # bases: a panel does not say how long its chromosomes are
BY_MAP = "map"


@dataclass(frozen=True)
class PanelChoice:
    """Genotypes, and what of them is looked at.

    Attributes
    ----------
    path : path
    samples : path, optional
        A list of the people.
    least_frequency : float
        Of the rarer allele; variants at which nobody differs are never looked at.
    region : str, optional
        Variants of it alone; 1-based, as people write regions.
    """

    path: Path
    samples: Path | None = None
    least_frequency: float = 0.0
    region: str | None = None

    def open(self) -> tuple[Panel, str]:
        """Open it, with what is to be said of it.

        Raises
        ------
        SighthoundError
            The files cannot be read, or nothing is left.
        """
        panel = read_panel(self.path)
        if self.samples is not None:
            panel = panel.of_samples(read_samples(self.samples))
        if self.region is not None:
            panel = _of_region(panel, self.region)
        looked_at = panel.common(self.least_frequency)
        missing = len(looked_at) * len(looked_at.samples) - int(looked_at.calls.sum())
        said = (
            f"{self.path.name}: {len(looked_at):,} of {len(panel):,} variants "
            f"{'differ' if not self.least_frequency else 'are frequent enough'} among "
            f"{len(looked_at.samples):,} people"
        )
        return looked_at, said + (f"; {missing:,} calls are missing" if missing else "")


@dataclass(frozen=True)
class WindowChoice:
    """Which variants are held against which; of the distances given, the nearest counts."""

    kilobases: float | None = None
    variants: int | None = None
    centimorgans: float | None = None
    blocks: Path | None = None

    def ends(self, panel: Panel) -> np.ndarray:
        """Give the window of each variant, as `core.association.windows` has it."""
        if self.blocks is not None:
            if (self.kilobases, self.variants, self.centimorgans) != (None, None, None):
                raise SighthoundError("give LD blocks or a window, not both")
            return block_ends(panel.sites, read_blocks(self.blocks, panel))
        kilobases = self.kilobases
        if kilobases is None and self.variants is None and self.centimorgans is None:
            kilobases = KILOBASES
        return window_ends(
            panel.sites,
            bases=None if kilobases is None else round(kilobases * 1000),
            variants=self.variants,
            centimorgans=self.centimorgans,
        )

    def words(self) -> str:
        """Say it, as a file's notes have it."""
        if self.blocks is not None:
            return f"blocks of {self.blocks.name}"
        parts = (
            (self.kilobases, "kb"), (self.variants, "variants"), (self.centimorgans, "cM")
        )  # fmt: skip
        return " and ".join(f"{n:g} {unit}" for n, unit in parts if n is not None) or "1000 kb"


def read_blocks(path: Path, panel: Panel) -> dict[str, list[tuple[int, int]]]:
    """Read LD blocks from BED, by the panel's names of chromosomes.

    Raises
    ------
    SighthoundError
        The file is missing or no BED, or has no block on these chromosomes.
    """
    if not path.is_file():
        raise SighthoundError(f"{path} {no_file(path)}; expected LD blocks as a BED file")
    chroms = dict.fromkeys(map(str, panel.sites.chromosomes()), _UNBOUNDED)
    found: dict[str, list[tuple[int, int]]] = {}
    for interval in read_bed(path, Chromosomes(chroms, panel.source.name)):
        found.setdefault(interval.chrom, []).append((interval.start, interval.end))
    if not found:
        raise SighthoundError(
            f"{path} has no block on {', '.join(chroms)}, the chromosomes of {panel.source.name}"
        )
    return found


def asked_shrinkage(text: str | None, panel: Panel) -> Shrinkage | None:
    """Read what is asked of r: a share from 0 to 1, or "map".

    Raises
    ------
    SighthoundError
        It is neither, or the panel has no map.
    """
    if text is None:
        return None
    if text == BY_MAP:
        return MapShrinkage.of_panel(panel)
    try:
        return LinearShrinkage(float(text))
    except ValueError:
        raise SighthoundError(
            f"shrinkage {text!r}; expected a share from 0 to below 1, or {BY_MAP!r}"
        ) from None


def _of_region(panel: Panel, text: str) -> Panel:
    parts = panel.sites.chromosomes()
    chroms = Chromosomes(dict.fromkeys(parts, _UNBOUNDED), panel.source.name)
    for typed in read_region(text):
        if typed.chrom is None:
            continue
        try:
            part = parts[chroms.resolve(typed.chrom)]
        except SighthoundError:
            continue
        start = (typed.start or 1) - 1
        end = _UNBOUNDED if typed.start is None else (typed.end or typed.start)
        first, after = part.start + np.searchsorted(panel.sites.position[part], [start, end])
        if first == after:
            raise SighthoundError(f"{panel.source} has no variant in {text}")
        return panel.take(np.arange(first, after))
    raise SighthoundError(
        f"{text!r} is no region of {panel.source}, whose chromosomes are {', '.join(parts)}; write "
        "chromosome:start-end"
    )
