"""Identifiers: UUID version 7 (RFC 9562), ordered by time, made from a time and randomness given as arguments."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from colloque.kernel.sealing import RandomBytes


def new_id(at: datetime, random_bytes: RandomBytes) -> UUID:
    """A UUIDv7 for the moment `at` (timezone-aware), with 74 random bits."""
    milliseconds = int(at.timestamp() * 1000)
    value = milliseconds << 80 | int.from_bytes(random_bytes(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)
