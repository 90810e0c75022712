"""The certificate by which web servers and inference workers of one lab know each other.

Whoever holds it can run code as the worker's user, so the file is for its owner's eyes only. Who
needs it first makes it, in a folder that both see or from which it is copied.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from distributed.security import Security

from sighthound.app.inference.worker import encrypted
from sighthound.core.errors import SighthoundError

FILE = "inference.pem"
_BEGIN = "-----BEGIN "


def shared_keys(folder: Path) -> Security:
    """Read the certificate and its key in a folder, made when there are none.

    Parameters
    ----------
    folder : path
        Made when missing.

    Raises
    ------
    SighthoundError
        The folder cannot be read or written, or its file is no certificate and key.
    """
    file = folder / FILE
    try:
        if not file.exists():
            _make(file)
        text = file.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise SighthoundError(
            f"{file} cannot be read or made ({error}); name a folder of the user who runs this"
        ) from None
    parts = [f"{_BEGIN}{part}" for part in text.split(_BEGIN)[1:]]
    if len(parts) != 2 or "CERTIFICATE" not in parts[0] or "PRIVATE KEY" not in parts[1]:
        raise SighthoundError(
            f"{file} is not a certificate and its key; remove it, and restart web server and "
            "inference: the first makes another"
        )
    return encrypted(*parts)


def _make(file: Path) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = Security.temporary()
    part = file.with_name(f"{FILE}.{secrets.token_hex(8)}.part")
    with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as written:
        written.write(f"{made.tls_ca_file.strip()}\n{made.tls_client_key.strip()}\n")
    try:
        # Not renamed: another process may have made one meanwhile, which then holds.
        with contextlib.suppress(FileExistsError):
            os.link(part, file)
    finally:
        part.unlink()
