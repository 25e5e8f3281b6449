"""What a decision or a reading lacks is said by code, in the language of whoever reads."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils.translation import override

from colloque.acts.core.reading import LONGEST_READING, LONGEST_WORDS, Conclusion, own_reading
from colloque.acts.labels import ERRORS, words_of_error
from colloque.kernel.errors import InvalidInputError
from tests.acts.test_decision_rules import READINGS, decided

WRONG: dict[str, Callable[[], object]] = {
    "outcome-unknown": lambda: decided("perhaps"),
    "outcome-not-human": lambda: decided("expired"),
    "reasons-missing": lambda: decided("followed", reasons=[]),
    "reason-unsaid": lambda: decided("followed", reasons=["other"]),
    "reason-unknown": lambda: decided("followed", reasons=["because"]),
    "retained-missing": lambda: decided("adapted"),
    "words-too-long": lambda: decided("followed", words="a" * (LONGEST_WORDS + 1)),
    "words-characters": lambda: decided("followed", words="a\x00b"),
    "reading-missing": lambda: own_reading(READINGS, reading=" ", sureness="sure", words=""),
    "reading-unknown": lambda: own_reading(READINGS, reading="neither", sureness="sure", words=""),
    "reading-too-long": lambda: own_reading((), reading="a" * (LONGEST_READING + 1), sureness="sure", words=""),
    "sureness-missing": lambda: own_reading((Conclusion(fr="a", code="a"),), reading="a", sureness="", words=""),
}


@pytest.mark.parametrize("code", WRONG)
def test_each_error_is_said_in_both_languages(code: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        WRONG[code]()
    assert refused.value.code == code
    said = []
    for language in ("fr", "en"):
        with override(language):
            said.append(words_of_error(refused.value))
    assert said[0] != said[1], f"{code} is said in one language only: {said[0]}"
    assert refused.value.message not in said[0], "a French reader reads English"


def test_no_error_is_left_out() -> None:
    assert set(WRONG) == set(ERRORS)
