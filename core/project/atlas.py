"""An atlas: the predicted effect of every substitution of a genome, or of regions, in a folder.

The folder holds a manifest and, for every stretch of a chromosome, a file of packed tiles
(`core.project.packed`). A tile is some bases: which base stands there, and for each track and each
of the three other bases, in the order A C G T, one byte. A byte is a step of a logarithmic scale
below the tile's largest effect of its track, so that what it says is right to `RELATIVE_ERROR` of
the effect; what is smaller than `SMALLEST` of the largest is 0. Positions are 0-based here.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from sighthound.core.errors import SighthoundError
from sighthound.core.files import read_json, write_json
from sighthound.core.genome.sequence import ALPHABET, Interval
from sighthound.core.project.manifest import PredictionIdentity, manifest_file
from sighthound.core.project.packed import read_packed, write_packed
from sighthound.core.variants.variant import Variant

FORMAT = 1
STRETCH = 1 << 16  # bases of a file
RANKED_FILE = "ranked.tsv"  # in its folder: where one base matters most
_MAGIC = b"SHATLAS1"
_STEPS = 10  # of the scale of a byte for a factor of two
_MOST = 127
_ABSENT = np.int8(-128)
RELATIVE_ERROR = 2 ** (0.5 / _STEPS) - 1  # 3.5 %
SMALLEST = 2 ** (-(_MOST - 0.5) / _STEPS)  # 1 / 6,900
# Bytes of a tile before it is packed: looking a variant up unpacks one.
_TILE_BYTES = 1 << 18
_LEAST_TILE, _MOST_TILE = 16, 1 << 12
_LEVEL = 1  # of zlib: bytes of effects have little to gain
# Of the largest effect of a tile, what each step stands for; a code for nothing is taken out.
_SHARES = np.exp2((np.arange(_MOST + 2) - _MOST) / _STEPS).astype(np.float32)
_SHARES[0] = 0
# The three bases other than each of A C G T, and N, which has none.
_OTHERS = np.array([[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]])
_N = 4


@dataclass(frozen=True)
class AtlasManifest:
    """What an atlas is of.

    Attributes
    ----------
    identity : PredictionIdentity
        Model, genome, ensemble, and what was computed in.
    tracks : tuple of str
        Ids, in the order of the values.
    around : int
        Bins on either side of a changed base's own over which effects are summed.
    tile : int
        Bases of a tile, a power of two.
    regions : tuple of (str, int, int)
        Chromosome, start and end, ascending; empty for the whole genome.
    """

    identity: PredictionIdentity
    tracks: tuple[str, ...]
    around: int
    tile: int
    regions: tuple[tuple[str, int, int], ...] = ()

    def differences(self, now: AtlasManifest) -> list[str]:
        """Say in words in what this atlas is another than `now`."""
        found = self.identity.differences(now.identity)
        if self.tracks != now.tracks:
            found.append(f"choice of tracks ({len(self.tracks)}, now {len(now.tracks)})")
        if self.around != now.around:
            found.append(f"number of bins around a base ({self.around}, now {now.around})")
        if self.regions != now.regions:
            found.append("choice of regions")
        return found

    def write(self, directory: Path, *, is_complete: bool) -> None:
        """Write it into the folder of an atlas."""
        content = {
            "format": FORMAT,
            **self.identity.to_json(),
            **{k: v for k, v in asdict(self).items() if k != "identity"},
            "complete": is_complete,
        }
        write_json(manifest_file(directory), content)


def tile_bases(tracks: int) -> int:
    """Bases of a tile, of so many tracks, that is quickly unpacked.

    Examples
    --------
    >>> tile_bases(1), tile_bases(13), tile_bases(4229)
    (4096, 4096, 16)
    """
    bases = _MOST_TILE
    while bases > _LEAST_TILE and bases * 3 * tracks > _TILE_BYTES:
        bases //= 2
    return bases


def stretch_file(directory: Path, chrom: str, start: int) -> Path:
    """Where the tiles of the stretch of a chromosome lie that begins at a base."""
    return directory / f"{quote(chrom, safe='')}_{start}.tiles"


def write_stretch(file: Path, bases: np.ndarray, effects: Iterator[NDArray[np.float32]]) -> None:
    """Write the tiles of a stretch.

    Parameters
    ----------
    bases : int array, (stretch,)
        0 to 3 for A C G T, anything else for N.
    effects : iterable of float32 arrays, (bases of a tile, 4, tracks)
        Tile by tile; NaN: not in the atlas. What stands at the reference base is not kept.

    Raises
    ------
    SighthoundError
        An effect is infinite.
    """

    def packed() -> Iterator[bytes]:
        at = 0
        for tile in effects:
            raw = _encoded(bases[at : at + len(tile)], tile)
            yield zlib.compress(raw, _LEVEL) if raw else raw
            at += len(tile)

    write_packed(file, packed(), _MAGIC)


@dataclass(frozen=True)
class Atlas:
    """An atlas that is there, or a part of it; see `read_atlas`."""

    directory: Path
    manifest: AtlasManifest
    is_complete: bool

    @property
    def tracks(self) -> tuple[str, ...]:
        """Ids of its tracks."""
        return self.manifest.tracks

    @property
    def bytes(self) -> int:
        """Bytes that its tiles take on the disk."""
        return sum(file.stat().st_size for file in self.directory.glob("*.tiles"))

    def has(self, place: Interval) -> bool:
        """Whether there is a file that holds some of a place."""
        starts = range(place.start // STRETCH * STRETCH, place.end, STRETCH)
        return any(stretch_file(self.directory, place.chrom, at).is_file() for at in starts)

    def effects(self, place: Interval, tracks: Sequence[str] | None = None) -> NDArray[np.float32]:
        """Give the effects of every substitution of a place.

        Parameters
        ----------
        place : Interval
            Within its chromosome.
        tracks : sequence of str, optional
            Ids; all by default.

        Returns
        -------
        float32 array, (bases, 4, tracks)
            Predictions of the alternative minus those of the reference, in the tracks' units,
            summed over the bins around the base; 0 at the reference base, NaN where the atlas has
            nothing: N, other regions, and what is still to come.

        Raises
        ------
        SighthoundError
            A file is damaged, or a track is not in the atlas.
        """
        return self.read(place, tracks)[1]

    def columns(self, tracks: Sequence[str] | None) -> list[int]:
        """Where tracks stand among the values; all if None."""
        unknown = [track for track in tracks or () if track not in self.tracks]
        if unknown:
            raise SighthoundError(
                f"{unknown[0]} is not in the atlas of {self.directory}; it has "
                f"{', '.join(self.tracks)}"
            )
        return [self.tracks.index(track) for track in tracks or self.tracks]

    def lookup(self, variant: Variant) -> NDArray[np.float32]:
        """Give the effects of one substitution, (tracks,), in the tracks' units.

        Raises
        ------
        SighthoundError
            It is no substitution of one base, REF is not the genome's, or it is not in the atlas.
        """
        if len(variant.ref) != 1 or len(variant.alt) != 1:
            raise SighthoundError(
                f"{variant} is no substitution of one base, and an atlas has no others; ask "
                "'sighthound variants'"
            )
        place = Interval(variant.chrom, variant.position, variant.position + 1)
        (base,), (effects,) = self.read(place)
        found: NDArray[np.float32] = effects[ALPHABET.index(variant.alt)]
        if base == _N or np.isnan(found).all():
            raise SighthoundError(
                f"{variant} is not in the atlas of {self.directory}"
                + (
                    ""
                    if self.is_complete
                    else ", which is not complete: 'sighthound atlas' goes on"
                )
            )
        if ALPHABET[base] != variant.ref:
            raise SighthoundError(
                f"{variant} has REF {variant.ref}, but the genome has {ALPHABET[base]} there"
            )
        return found

    def read(
        self, place: Interval, tracks: Sequence[str] | None = None
    ) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """Give the bases of a place, 0 to 3 for A C G T and 4 for none, and its `effects`."""
        tile, columns = self.manifest.tile, self.columns(tracks)
        bases = np.full(len(place), _N, np.uint8)
        effects = np.full((len(place), 4, len(columns)), np.nan, np.float32)
        for start in range(place.start // STRETCH * STRETCH, place.end, STRETCH):
            file = stretch_file(self.directory, place.chrom, start)
            if not file.is_file():
                continue
            low, high = max(place.start, start), min(place.end, start + STRETCH)
            rows = range((low - start) // tile, (high - start - 1) // tile + 1)
            try:
                pieces = read_packed(file, rows, _MAGIC)
                tiles = [_decoded(piece, tile, len(self.tracks), columns) for piece in pieces]
            except (OSError, ValueError, zlib.error) as error:
                raise SighthoundError(
                    f"{file} is damaged ({error}); delete it, and run 'sighthound atlas' again"
                ) from None
            first = start + rows[0] * tile
            here = slice(low - first, high - first)
            to = slice(low - place.start, high - place.start)
            bases[to] = np.concatenate([t[0] for t in tiles])[here]
            effects[to] = np.concatenate([t[1] for t in tiles])[here]
        return bases, effects


def read_atlas(directory: Path) -> Atlas | None:
    """Read what an atlas is of; None where there is none.

    Raises
    ------
    SighthoundError
        It is of another format, or its manifest is not one of an atlas.
    """
    file = manifest_file(directory)
    said = read_json(file)
    if not said:
        return None
    if said.get("format") != FORMAT:
        raise SighthoundError(
            f"{file}: an atlas of format {said.get('format')!r}; this program reads format "
            f"{FORMAT}: make it again with 'sighthound atlas --replace'"
        )
    try:
        manifest = AtlasManifest(
            PredictionIdentity.of_json(said, file),
            tuple(map(str, said["tracks"])),
            int(said["around"]),
            int(said["tile"]),
            tuple((str(chrom), int(start), int(end)) for chrom, start, end in said["regions"]),
        )
    except (KeyError, TypeError, ValueError):
        raise SighthoundError(
            f"{file} is not the manifest of an atlas; give another folder, or delete it"
        ) from None
    return Atlas(directory, manifest, bool(said.get("complete")))


def _encoded(bases: np.ndarray, effects: NDArray[np.float32]) -> bytes:
    """Bases, largest effect a track, and bytes (tracks, 3, bases); nothing if there is nothing."""
    if np.isinf(effects).any():
        raise SighthoundError("the model predicts infinite effects; train it again, or use another")
    if np.isnan(effects).all():
        return b""
    known = np.where((bases >= 0) & (bases < _N), bases, _N).astype(np.uint8)
    others = _OTHERS[np.where(known == _N, 0, known)]
    values = np.take_along_axis(effects, others[:, :, None], 1).transpose(2, 1, 0)
    values = np.where(known == _N, np.nan, values)
    sizes = np.abs(values)
    largest = np.nan_to_num(sizes).max(axis=(1, 2)).astype("<f4")
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = _MOST + np.round(_STEPS * np.log2(sizes / largest[:, None, None]))
    steps = np.clip(np.nan_to_num(steps, nan=0.0, neginf=0.0), 0, _MOST)
    codes = (np.sign(np.nan_to_num(values)) * steps).astype(np.int8)
    codes[np.isnan(values)] = _ABSENT
    return known.tobytes() + largest.tobytes() + codes.tobytes()


def _decoded(
    piece: bytes, tile: int, tracks: int, columns: Sequence[int]
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Bases, and effects (bases, 4, columns)."""
    if not piece:
        return np.full(tile, _N, np.uint8), np.full((tile, 4, len(columns)), np.nan, np.float32)
    raw = zlib.decompress(piece)
    count, rest = divmod(len(raw) - 4 * tracks, 1 + 3 * tracks)
    if rest or count < 1:
        raise ValueError(f"{len(raw)} bytes are no tile of {tracks} tracks")
    known = np.frombuffer(raw, np.uint8, count)
    largest = np.frombuffer(raw, "<f4", tracks, count)[columns]
    codes = np.frombuffer(raw, np.int8, offset=count + 4 * tracks).reshape(tracks, 3, count)
    codes = codes[columns]
    steps = np.abs(codes.astype(np.int16))
    values = _SHARES[steps] * np.sign(codes) * largest[:, None, None]
    values[codes == _ABSENT] = np.nan
    effects = np.full((count, 4, len(columns)), np.nan, np.float32)
    is_known = known < _N
    at = np.flatnonzero(is_known)
    effects[at[:, None], _OTHERS[known[at]]] = values.transpose(2, 1, 0)[at]
    is_there = ~np.isnan(values[0, 0])[at]
    effects[at[is_there], known[at[is_there]]] = 0
    return known, effects
