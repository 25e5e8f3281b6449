"""A link opens once, for a time, and the database does not hold what opens it."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from colloque.people.core.links import LinkState, digest_of, new_secret, state_of

AT = datetime(2026, 3, 2, tzinfo=UTC)
MOMENTS = st.datetimes(timezones=st.just(UTC))


def test_a_secret_is_long_and_fits_an_address() -> None:
    secret = new_secret(os.urandom)
    assert len(secret) == 43
    assert secret.isascii()
    assert not set("+/=") & set(secret)
    assert secret not in digest_of(secret).hex()
    assert new_secret(os.urandom) != secret


@given(MOMENTS, MOMENTS, st.none() | MOMENTS, st.none() | MOMENTS)
def test_a_link_is_open_only_when_nothing_ended_it(
    at: datetime, expires_at: datetime, used_at: datetime | None, withdrawn_at: datetime | None
) -> None:
    state = state_of(at=at, expires_at=expires_at, used_at=used_at, withdrawn_at=withdrawn_at)
    assert (state is LinkState.OPEN) == (used_at is None and withdrawn_at is None and at < expires_at)


def test_a_link_dies_at_its_moment() -> None:
    ends = AT + timedelta(hours=1)
    assert state_of(at=ends, expires_at=ends, used_at=None, withdrawn_at=None) is LinkState.EXPIRED
    assert state_of(at=ends, expires_at=ends, used_at=AT, withdrawn_at=None) is LinkState.USED
