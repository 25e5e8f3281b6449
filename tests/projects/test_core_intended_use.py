"""Inside or outside the declared use: what is not known counts as outside."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colloque.kernel.errors import InvalidInputError
from colloque.kernel.vocabulary import Situation
from colloque.projects.core.intended_use import IntendedUse, ValueRange, read_intended_use
from colloque.projects.core.model_card import ModelCard, read_model_card
from colloque.projects.core.words import Words

USE = IntendedUse(
    purpose=Words("Aider à lire une ponction.", "Help read an aspirate."),
    age_from=18,
    age_to=90,
    sexes=("female",),
    situations_excluded=(Situation.BIRTH,),
    data_required=("radius",),
    ranges=(ValueRange("radius", 5, 40),),
)


@pytest.mark.principle("A8")
@pytest.mark.parametrize(
    ("age", "sex", "situations", "data", "reasons"),
    [
        (40, "female", frozenset(), {"radius": 12.0}, ()),
        (18, "female", frozenset({Situation.ISOLATED}), {"radius": 5}, ()),
        (17, "female", frozenset(), {"radius": 12.0}, ("age-below:18",)),
        (91, "female", frozenset(), {"radius": 12.0}, ("age-above:90",)),
        (None, "female", frozenset(), {"radius": 12.0}, ("age-unknown",)),
        (40, "male", frozenset(), {"radius": 12.0}, ("sex",)),
        (40, None, frozenset(), {"radius": 12.0}, ("sex-unknown",)),
        (40, "female", frozenset({Situation.BIRTH}), {"radius": 12.0}, ("situation:birth",)),
        (40, "female", None, {"radius": 12.0}, ("situations-unknown",)),
        (40, "female", frozenset(), {}, ("missing:radius",)),
        (40, "female", frozenset(), {"radius": 4.9}, ("below:radius",)),
        (40, "female", frozenset(), {"radius": 41}, ("above:radius",)),
        (40, "female", frozenset(), {"radius": float("nan")}, ("unreadable:radius",)),
        (40, "female", frozenset(), {"radius": "12"}, ("unreadable:radius",)),
        (None, "male", None, {}, ("age-unknown", "sex", "situations-unknown", "missing:radius")),
    ],
)
def test_the_reasons_outside_are_named(
    age: int | None,
    sex: str | None,
    situations: frozenset[Situation] | None,
    data: dict[str, object],
    reasons: tuple[str, ...],
) -> None:
    assert USE.check(age, sex, situations, data) == reasons


@given(st.integers(0, 130), st.integers(0, 130), st.integers(0, 130))
def test_inside_means_between_both_ends(a: int, b: int, age: int) -> None:
    use = IntendedUse(age_from=min(a, b), age_to=max(a, b))
    assert (use.check(age, None, None, {}) == ()) == (min(a, b) <= age <= max(a, b))


def test_no_condition_is_not_a_declared_use() -> None:
    assert not read_intended_use({}).is_declared
    assert not IntendedUse(purpose=Words("Tout", "All")).is_declared
    assert USE.is_declared


@pytest.mark.parametrize(
    "stored",
    [
        {"age_from": 90, "age_to": 18},
        {"age_from": -1},
        {"age_from": "18"},
        {"sexes": ["F"]},
        {"situations_excluded": ["tired"]},
        {"ranges": [{"key": "radius"}]},
        {"ranges": [{"key": "radius", "minimum": 3, "maximum": 2}]},
        {"surprise": True},
        [],
    ],
)
def test_conditions_nobody_could_meet_are_refused(stored: object) -> None:
    with pytest.raises(InvalidInputError):
        read_intended_use(stored)


def test_a_card_says_what_it_leaves_out() -> None:
    assert read_model_card({}).unsaid == ModelCard.__struct_fields__
    assert "never_taught" not in read_model_card({"never_taught": {"fr": "L’histoire de la personne"}}).unsaid
    with pytest.raises(InvalidInputError):
        read_model_card({"maker": 3})
