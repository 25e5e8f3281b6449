"""Sentences and figures about what an AI answered."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from colloque.acts.words import number


@pytest.mark.parametrize(
    ("value", "french", "english"),
    [
        (3750.0, "3750", "3750"),
        (0.12, "0,12", "0.12"),
        (-2.5, "−2,5", "-2.5"),
        (1_234_567.0, "1234567", "1234567"),
        (0.00001, "0,00001", "0.00001"),
    ],
)
def test_a_number_is_written_out_in_the_language_of_the_page(value: float, french: str, english: str) -> None:
    with override("fr"):
        assert number(value) == french
    with override("en"):
        assert number(value) == english
