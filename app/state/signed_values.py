"""Values for a cache that others may reach: signed, so that nothing is read that is not ours.

Answers hold arrays and dataclasses, which cachelib pickles; and whoever may change a pickle runs
code where it is read. So each is signed with the server's own secret, together with the name that
it is kept under: what others wrote, and what was moved from another name, counts as not there.
"""

from __future__ import annotations

import logging
import pickle
from typing import IO, Any, BinaryIO

from cachelib.serializers import BaseSerializer

from sighthound.app.state.key import is_signed, signed

_SIGNATURE = 32  # bytes
_PURPOSE = "kept answer"
_log = logging.getLogger(__name__)


class SignedValues(BaseSerializer):
    """A serializer for backends of cachelib, of values that `named` bound to theirs.

    Parameters
    ----------
    key : bytes
        The server's own secret.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def dumps(self, value: Any, protocol: int = pickle.HIGHEST_PROTOCOL) -> bytes:
        """Write a value with its signature in front."""
        data = pickle.dumps(value, protocol)
        return signed(self._key, _PURPOSE, data) + data

    def loads(self, bvalue: bytes | None) -> Any:
        """Read a value that is signed; None for any other."""
        if bvalue is None:
            return None
        signature, data = bvalue[:_SIGNATURE], bvalue[_SIGNATURE:]
        if not is_signed(self._key, _PURPOSE, data, signature):
            _log.warning("an answer in the cache is not signed by this server, and is not read")
            return None
        return pickle.loads(data)

    def dump(self, value: Any, f: IO[bytes], protocol: int = pickle.HIGHEST_PROTOCOL) -> None:
        """Write a value into a file."""
        f.write(self.dumps(value, protocol))

    def load(self, f: BinaryIO) -> Any:
        """Read a value out of a file."""
        return self.loads(f.read())


def named(key: str, value: Any) -> tuple[str, Any]:
    """Bind a value to the name that it is kept under."""
    return key, value


def of_name(key: str, kept: Any) -> Any:
    """Give a value that was bound to this name; None for what was bound to another."""
    return kept[1] if isinstance(kept, tuple) and len(kept) == 2 and kept[0] == key else None
