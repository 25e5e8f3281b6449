"""Trust, talk and erasure: the small rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colloque.kernel.errors import ConflictError, InvalidInputError
from colloque.patients.core.erasure import ErasureState, ended
from colloque.patients.core.erasure import deadline_of as erasure_deadline
from colloque.patients.core.talk import deadline_of as talk_deadline
from colloque.patients.core.trust import Power, Trust, powers_of

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
minutes = st.integers(0, 4 * 365 * 24 * 60)


@given(st.frozensets(st.sampled_from(Power)), st.sampled_from(Power), st.integers(-3, 3), st.integers(1, 3) | st.none())
def test_a_power_holds_only_if_given_and_only_while_it_lasts(
    powers: frozenset[Power], power: Power, hours: int, lasts: int | None
) -> None:
    trust = Trust(powers, NOW, None if lasts is None else NOW + lasts * HOUR)
    expected = power in powers and hours >= 0 and (lasts is None or hours < lasts)
    assert trust.lets(power, NOW + hours * HOUR) == expected


@pytest.mark.parametrize("words", [[], ["everything"], ["give-choices"]])
def test_powers_that_make_no_sense_are_refused(words: list[str]) -> None:
    with pytest.raises(InvalidInputError):
        powers_of(words)


def test_powers_are_kept_as_given() -> None:
    assert powers_of(["see-choices", "give-choices"]) == {Power.SEE_CHOICES, Power.GIVE_CHOICES}


def test_a_request_ends_once() -> None:
    for state in ErasureState:
        for end in ErasureState:
            if state is ErasureState.ASKED and end is not ErasureState.ASKED:
                assert ended(state, end) is end
            else:
                with pytest.raises(ConflictError):
                    ended(state, end)


@given(minutes)
def test_an_answer_to_erasure_comes_within_a_month(minute: int) -> None:
    asked = NOW + timedelta(minutes=minute)
    following = asked.replace(year=asked.year + asked.month // 12, month=asked.month % 12 + 1, day=1)
    assert asked < erasure_deadline(asked) <= following + timedelta(days=asked.day - 1)


@given(minutes)
def test_one_is_called_back_within_a_day_and_at_a_decent_hour(minute: int) -> None:
    asked = (NOW + timedelta(minutes=minute)).astimezone(ZoneInfo("Europe/Paris"))
    by = talk_deadline(asked)
    assert timedelta(hours=2) < by - asked.replace(tzinfo=by.tzinfo) <= HOUR * 24
    assert by.hour in (12, 18)
