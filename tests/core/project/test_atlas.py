"""An atlas says in a byte what a substitution does, and finds it without the others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sighthound.core import SighthoundError
from sighthound.core.genome.sequence import Interval, base_codes
from sighthound.core.project.atlas import (
    RELATIVE_ERROR,
    SMALLEST,
    STRETCH,
    Atlas,
    AtlasManifest,
    read_atlas,
    stretch_file,
    tile_bases,
    write_stretch,
)
from sighthound.core.project.manifest import PredictionIdentity
from sighthound.core.variants.variant import Variant

SEQUENCE = "ACGTNACGTACGTACGTTTG"
TRACKS = ("a", "b")
TILE = 16


def effects_of(sequence: str, seed: int = 0) -> np.ndarray:
    """Effects of many sizes, 0 at the reference base."""
    rng = np.random.default_rng(seed)
    shape = (len(sequence), 4, len(TRACKS))
    effects = (rng.choice([-1, 1], shape) * 10 ** rng.uniform(-3, 2, shape)).astype(np.float32)
    for at, base in enumerate(base_codes(sequence)):
        if 0 <= base < 4:
            effects[at, base] = 0
    return effects


def write(directory: Path, effects: np.ndarray, chrom: str = "chr/1", start: int = 0) -> Atlas:
    manifest = AtlasManifest(PredictionIdentity(model="m", bin=64), TRACKS, 8, TILE)
    manifest.write(directory, is_complete=True)
    tiles = (effects[at : at + TILE] for at in range(0, len(effects), TILE))
    write_stretch(stretch_file(directory, chrom, start), base_codes(SEQUENCE), tiles)
    atlas = read_atlas(directory)
    assert atlas is not None
    return atlas


def test_a_value_is_right_to_its_stated_error_or_too_small_to_be_told(tmp_path: Path) -> None:
    effects = effects_of(SEQUENCE)
    read = write(tmp_path, effects).effects(Interval("chr/1", 0, len(SEQUENCE)))
    for first in range(0, len(SEQUENCE), TILE):
        tile = slice(first, first + TILE)
        known = np.isfinite(read[tile])
        largest = np.abs(np.where(known, effects[tile], 0)).max(axis=(0, 1))
        wrong = np.abs(read[tile] - effects[tile])
        allowed = np.maximum(
            1.001 * RELATIVE_ERROR * np.abs(effects[tile]), 1.001 * SMALLEST * largest
        )
        assert (wrong <= allowed)[known].all()
    assert np.isnan(read[4]).all()  # N
    assert (read[0, 0] == 0).all()  # the reference base


def test_what_an_atlas_is_of_is_read_as_it_was_written(tmp_path: Path) -> None:
    atlas = write(tmp_path, effects_of(SEQUENCE))
    assert atlas.manifest == AtlasManifest(PredictionIdentity(model="m", bin=64), TRACKS, 8, TILE)
    assert atlas.is_complete
    assert read_atlas(tmp_path / "nothing") is None


def test_a_place_across_tiles_and_beyond_what_is_there_is_read(tmp_path: Path) -> None:
    atlas = write(tmp_path, effects_of(SEQUENCE), start=STRETCH)
    whole = atlas.effects(Interval("chr/1", STRETCH, STRETCH + len(SEQUENCE)))
    part = atlas.effects(Interval("chr/1", STRETCH - 5, STRETCH + 18))
    np.testing.assert_array_equal(part[5:], whole[:18])
    assert np.isnan(part[:5]).all()


def test_a_variant_is_looked_up_and_checked_against_the_genome(tmp_path: Path) -> None:
    effects = effects_of(SEQUENCE)
    atlas = write(tmp_path, effects)
    found = atlas.lookup(Variant("chr/1", 2, "G", "T"))
    np.testing.assert_allclose(found, effects[2, 3], rtol=0.04, atol=0.03)
    with pytest.raises(SighthoundError, match="REF A, but the genome has G there"):
        atlas.lookup(Variant("chr/1", 2, "A", "T"))
    with pytest.raises(SighthoundError, match="no substitution of one base"):
        atlas.lookup(Variant("chr/1", 2, "GT", "T"))
    with pytest.raises(SighthoundError, match="is not in the atlas"):
        atlas.lookup(Variant("chr2", 2, "A", "T"))
    with pytest.raises(SighthoundError, match="is not in the atlas"):
        atlas.lookup(Variant("chr/1", 4, "A", "T"))


def test_a_damaged_file_is_told_by_its_name(tmp_path: Path) -> None:
    atlas = write(tmp_path, effects_of(SEQUENCE))
    file = stretch_file(tmp_path, "chr/1", 0)
    file.write_bytes(file.read_bytes()[:-30])
    with pytest.raises(SighthoundError, match=r"_0\.tiles is damaged .*; delete it, and run"):
        atlas.effects(Interval("chr/1", 0, 4))


def test_an_infinite_effect_is_refused_and_leaves_no_file(tmp_path: Path) -> None:
    effects = effects_of(SEQUENCE)
    effects[3, 0, 1] = np.inf
    with pytest.raises(SighthoundError, match="infinite effects"):
        write(tmp_path, effects)
    assert not list(tmp_path.glob("*.tiles*"))


@pytest.mark.parametrize("text", ['{"format": 2}', '{"format": 1, "tracks": 3}'])
def test_another_manifest_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(SighthoundError, match=r"manifest\.json"):
        read_atlas(tmp_path)


def test_a_value_takes_at_most_a_byte_and_what_a_tile_says_besides(tmp_path: Path) -> None:
    sequence = "".join(np.random.default_rng(0).choice(list("ACGT"), 8192))
    effects = effects_of(sequence)
    tile = tile_bases(len(TRACKS))
    file = tmp_path / "x.tiles"
    tiles = (effects[at : at + tile] for at in range(0, len(effects), tile))
    write_stretch(file, base_codes(sequence), tiles)
    assert file.stat().st_size < 3 * len(TRACKS) * len(sequence) + len(sequence) / 2
