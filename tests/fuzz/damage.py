"""Damage as disks, networks and enemies do it: bits, blocks, ends."""

from __future__ import annotations

from random import Random

# Bytes at the start that name the format, which damage leaves: it is told by them.
_MAGIC = 4


def damaged(data: bytes, chance: Random) -> bytes:
    """Give the bytes of a file with one kind of damage."""
    found, size = bytearray(data), len(data)
    kind = chance.randrange(6)
    if kind == 0:
        for _ in range(chance.choice((1, 1, 2, 8))):
            found[chance.randrange(_MAGIC, size)] ^= 1 << chance.randrange(8)
    elif kind == 1:
        del found[chance.randrange(_MAGIC, size) :]
    elif kind == 2:
        _overwrite(found, chance, bytes([chance.choice((0, 255))]) * chance.choice((4, 8, 500)))
    elif kind == 3:
        _overwrite(found, chance, chance.randbytes(chance.choice((4, 8, 16, 100))))
    elif kind == 4:
        # Headers and the trees behind them.
        found[chance.randrange(_MAGIC, min(size, 400))] ^= 1 << chance.randrange(8)
    else:
        at, length = chance.randrange(_MAGIC, size), chance.choice((8, 64, 300))
        found[at:at] = found[at : at + length]
    return bytes(found)


def _overwrite(found: bytearray, chance: Random, block: bytes) -> None:
    at = chance.randrange(_MAGIC, len(found))
    found[at : at + len(block)] = block[: len(found) - at]
