"""The options of coverage that go together or do not, checked by name before anything is read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sighthound.core.errors import SighthoundError
from sighthound.precompute.reads.assays import NO_SHIFT, Position, Shift

_TAG = re.compile("[A-Za-z][A-Za-z0-9]")  # of the SAM specification, section 1.5
_POSITIONS = ("5prime", "center", "fragment", "aligned")
_NORMALISATIONS = ("none", "cpm", "rpgc")


@dataclass(frozen=True)
class CountingOptions:
    """Where reads count, and how they are shared; written as the command takes them."""

    position: Position
    smoothing_sd: float
    iterations: int
    mate: int | None
    shift: Shift
    fragment_length: int | None
    fragment_sizes: tuple[int, int] | None

    def __str__(self) -> str:
        parts = [f"--position {self.position}"]
        if self.shift != NO_SHIFT:
            parts.append(f"--shift {self.shift}")
        if self.mate is not None:
            parts.append(f"--mate {self.mate}")
        if self.fragment_length is not None:
            parts.append(f"--fragment-length {self.fragment_length}")
        if self.fragment_sizes is not None:
            parts.append("--fragment-sizes {}-{}".format(*self.fragment_sizes))
        return " ".join(parts)

    def check(
        self,
        multi: str,
        strand: str | None,
        clip: int | None,
        clip_multi: float | None,
        normalise: str,
        scale_by: object,
    ) -> None:
        """Refuse what is out of range, or does not go together, by name."""
        at_5_prime = self.position == "5prime"
        by_fragment = self.position in ("center", "fragment")
        sd, length, sizes = self.smoothing_sd, self.fragment_length, self.fragment_sizes
        rules = [
            ("multi", multi, multi in ("em", "fraction", "unique"), "em, fraction or unique"),
            ("smoothing_sd", sd, 0 < sd <= 100_000, "bases, more than 0"),
            ("iterations", self.iterations, self.iterations >= 1, "1 or more"),
            ("position", self.position, self.position in _POSITIONS, ", ".join(_POSITIONS)),
            ("mate", self.mate, self.mate in (None, 1, 2), "1 or 2, or nothing for both"),
            (
                "strand", strand, strand in (None, "+", "-", "both"),
                "+, - or both, or nothing for both together",
            ),
            ("fragment_length", length, length is None or length > 0, "bases, 1 or more"),
            (
                "fragment_length", length, length is None or by_fragment,
                f"nothing with position {self.position}; it goes with center and fragment",
            ),
            (
                "fragment_sizes", sizes, sizes is None or 0 <= sizes[0] <= sizes[1],
                "the least and the most bases, as 0-120",
            ),
            (
                "mate", self.mate, self.mate is None or not by_fragment,
                "nothing: a fragment has both; use position 5prime",
            ),
            (
                "shift", str(self.shift), self.shift == NO_SHIFT or at_5_prime,
                "0: only 5' ends are shifted; use position 5prime",
            ),
            ("clip", clip, clip is None or clip >= 2, "2 or more reads a base"),
            ("clip_multi", clip_multi, clip_multi is None or clip_multi > 0, "reads, above 0"),
            (
                "clip_multi", clip_multi, clip_multi is None or multi != "unique",
                "nothing with multi unique, which leaves such reads out",
            ),
            ("normalise", normalise, normalise in _NORMALISATIONS, ", ".join(_NORMALISATIONS)),
            (
                "scale_by", scale_by, scale_by is None or normalise == "none",
                f"nothing beside normalise {normalise!r}; choose one",
            ),
            (
                "scale_by", scale_by,
                not isinstance(scale_by, int | float) or 0 < scale_by < float("inf"),
                "a factor above 0",
            ),
        ]  # fmt: skip
        _hold(rules)


@dataclass(frozen=True)
class ChoosingOptions:
    """Which reads count; written as the command takes them."""

    min_mapq: int
    keep_duplicates: bool
    umi_tag: str | None
    max_places: int | None
    blacklist: Path | None

    def __str__(self) -> str:
        parts = [f"--min-mapq {self.min_mapq}"] if self.min_mapq else []
        if self.keep_duplicates:
            parts.append("--keep-duplicates")
        if self.umi_tag is not None:
            parts.append(f"--umi-tag {self.umi_tag}")
        if self.max_places is not None:
            parts.append(f"--max-places {self.max_places}")
        if self.blacklist is not None:
            parts.append(f"--blacklist {self.blacklist.name}")
        return " ".join(parts)

    def check(self, texts: Sequence[Path]) -> None:
        """Refuse what is out of range, or asked of fragments as text, which do not say it."""
        tag, most = self.umi_tag, self.max_places
        rules = [
            ("umi_tag", tag, tag is None or _TAG.fullmatch(tag), "a tag of two signs, as RX"),
            (
                "umi_tag", tag, tag is None or not self.keep_duplicates,
                "nothing beside keep_duplicates",
            ),
            ("max_places", most, most is None or most >= 1, "1 or more"),
        ]  # fmt: skip
        if texts:
            said = f"nothing with {texts[0]}: fragments as text have none"
            rules += [
                ("umi_tag", tag, tag is None, said),
                ("min_mapq", self.min_mapq, not self.min_mapq, said),
            ]
        _hold(rules)


def _hold(rules: Sequence[tuple[str, object, object, str]]) -> None:
    """Refuse the first option whose rule does not hold: name, value, whether, what is expected."""
    for name, value, valid, expected in rules:
        if not valid:
            raise SighthoundError(f"{name} is {value!r}; expected {expected}")
