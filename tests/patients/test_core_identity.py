"""Identity as a value, and age from the month of birth alone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colloque.kernel.errors import InvalidInputError, TamperedError
from colloque.patients.core.age import age_at, month_of
from colloque.patients.core.identity import Identity, Sex, identifier_text, identity_bytes, identity_of, read_identity

TODAY = date(2026, 3, 1)


def test_a_name_is_one_form_of_itself() -> None:
    jeanne = identity_of(
        given="  Jeanne   Élise ", family="Aubry", birth_date=date(1939, 5, 2), sex="female", today=TODAY
    )
    assert jeanne.full_name == "Jeanne Élise Aubry"
    assert jeanne.sex is Sex.FEMALE
    assert read_identity(identity_bytes(jeanne)) == jeanne


@pytest.mark.parametrize(
    ("given_name", "family", "born", "sex", "path"),
    [
        ("Jeanne", "", None, "female", "family"),
        ("Jeanne", "A" * 121, None, "female", "family"),
        ("Jea\x00nne", "Aubry", None, "female", "given"),
        ("Jeanne", "Aubry\u202e", None, "female", "family"),
        ("Jeanne", "Aubry", date(2026, 3, 2), "female", "birth_date"),
        ("Jeanne", "Aubry", date(1800, 1, 1), "female", "birth_date"),
        ("Jeanne", "Aubry", None, "F", "sex"),
    ],
)
def test_what_is_not_an_identity_is_refused_with_its_place(
    given_name: str, family: str, born: date | None, sex: str, path: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        identity_of(given=given_name, family=family, birth_date=born, sex=sex, today=TODAY)
    assert refused.value.path == path
    assert "Aubry" not in refused.value.message, "an error must not repeat a name"


def test_sealed_bytes_that_hold_something_else_are_not_read() -> None:
    with pytest.raises(TamperedError):
        read_identity(b'{"given": 3}')


@given(st.text(max_size=200))
def test_identifiers_have_one_form(text: str) -> None:
    try:
        once = identifier_text(text)
    except InvalidInputError:
        return
    assert identifier_text(f" {once} ") == once


def test_identity_does_not_compare_by_accident() -> None:
    assert Identity("A", "B") == Identity("A", "B") != Identity("A", "C")


days = st.dates(min_value=date(1900, 1, 1), max_value=date(2026, 12, 31))


@given(days, days)
def test_age_is_never_overstated_and_late_by_at_most_a_month(born: date, on: date) -> None:
    age = age_at(month_of(born), on)
    if born > on:
        assert age in (None, 0)
        return
    true_age = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    assert age is not None
    assert age in (true_age, true_age - 1)
    later = on + timedelta(days=31)
    truth_later = later.year - born.year - ((later.month, later.day) < (born.month, born.day))
    assert (age_at(month_of(born), later) or 0) >= min(true_age, truth_later)


def test_unknown_birth_is_unknown_age() -> None:
    assert age_at(None, TODAY) is None


def test_somebody_of_eighteen_counts_as_minor_until_the_month_is_over() -> None:
    assert age_at(date(2008, 2, 1), date(2026, 2, 27)) == 17
    assert age_at(date(2008, 2, 1), date(2026, 2, 28)) == 18
