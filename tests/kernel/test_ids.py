"""Ids are UUIDs of version 7, ordered by time."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from colloque.kernel.ids import new_id


@given(st.integers(0, 10_000_000_000_000), st.integers(1, 10**6))
def test_later_ids_sort_later(since_epoch: int, milliseconds: int) -> None:
    at = datetime.fromtimestamp(since_epoch / 1000, UTC)
    first = new_id(at, secrets.token_bytes)
    second = new_id(at + timedelta(milliseconds=milliseconds), secrets.token_bytes)
    assert first < second
    assert (first.version, first.variant) == (7, "specified in RFC 4122")
