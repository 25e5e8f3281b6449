"""Random bytes for ids, salts and nonces: the system's own, fetched some kilobytes at a time."""

from __future__ import annotations

import os

FETCHED = 8_192


class Randomness:
    """Called with a number, gives so many bytes nobody had before. For one process and one thread."""

    def __init__(self) -> None:
        self._bytes = b""
        self._used = 0

    def __call__(self, count: int) -> bytes:
        end = self._used + count
        if end > len(self._bytes):
            if count > FETCHED:
                return os.urandom(count)
            self._bytes, end = os.urandom(FETCHED), count
        taken, self._used = self._bytes[end - count : end], end
        return taken
