"""Nobody is heard by being few, and more agreement never closes what less of it opened."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from colloque.projects.core.gates import LEAST_TRUST_PERCENT, Barometer, Heard, is_doubted, is_trusted, were_heard

people = st.integers(0, 60)
least = st.integers(2, 12)
hearings = st.builds(Heard, is_answered=st.booleans(), patients=people, carers=people, least=least)


@st.composite
def barometers(draw: st.DrawFn) -> Barometer:
    """What carers may have answered."""
    answered = draw(people)
    return Barometer(answered, draw(st.integers(0, answered)), draw(least))


@given(st.lists(hearings, max_size=5))
def test_people_are_heard_together_by_a_house_that_replies_or_not_at_all(found: list[Heard]) -> None:
    enough = [one for one in found if one.is_answered and min(one.patients, one.carers) >= one.least]
    assert were_heard(found) == bool(enough)
    assert not were_heard([one for one in found if one not in enough])


@given(barometers(), st.integers(0, 60))
def test_more_agreement_never_closes_the_way(barometer: Barometer, more: int) -> None:
    agreeing = Barometer(barometer.answered + more, barometer.agreed + more, barometer.least)
    assert is_trusted(agreeing) or not is_trusted(barometer)


@given(barometers())
def test_trust_is_what_enough_people_say(barometer: Barometer) -> None:
    assume(barometer.answered)
    share = 100 * barometer.agreed / barometer.answered
    assert is_trusted(barometer) == (barometer.answered >= barometer.least and share >= LEAST_TRUST_PERCENT)
    assert not (is_trusted(barometer) and is_doubted(barometer))
    assert is_trusted(barometer) or is_doubted(barometer) or barometer.answered < barometer.least


def test_what_is_not_known_never_opens_the_way() -> None:
    assert not were_heard([])
    assert not is_trusted(None)
    assert not is_doubted(None), "nobody asked is no doubt"
    assert not is_trusted(Barometer(0, 0, 0))
    assert not were_heard([Heard(is_answered=True, patients=0, carers=0, least=0)])
