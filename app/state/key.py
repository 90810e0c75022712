"""The server's own secret: what it signed with it, nobody else can have made."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import logging
import os
import secrets
from pathlib import Path

_BYTES = 32
_log = logging.getLogger(__name__)


def server_key(file: Path) -> bytes:
    """Read the secret from its file, made at the first call, for its owner's eyes only.

    Where the file cannot be written the secret lasts as long as the process: what was signed before
    is then not known any more.
    """
    try:
        if not file.exists():
            _make(file)
        made = file.read_bytes()
    except OSError as error:
        _log.warning("%s cannot be written (%s); the server's secret is a new one", file, error)
        return secrets.token_bytes(_BYTES)
    if len(made) != _BYTES:
        _log.warning("%s is damaged; the server's secret is a new one", file)
        return secrets.token_bytes(_BYTES)
    return made


def _make(file: Path) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    with open(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as written:
        written.write(secrets.token_bytes(_BYTES))
    # Fails where another process was first, whose secret then holds.
    with contextlib.suppress(FileExistsError):
        os.link(part, file)
    part.unlink()


def signed(key: bytes, purpose: str, data: bytes) -> bytes:
    """Sign bytes for a purpose: HMAC with SHA-256, 32 bytes; no other purpose takes it."""
    return hmac.digest(key, hashlib.sha256(purpose.encode()).digest() + data, "sha256")


def is_signed(key: bytes, purpose: str, data: bytes, signature: bytes) -> bool:
    """Whether the signature is ours, for this purpose."""
    return hmac.compare_digest(signed(key, purpose, data), signature)
