"""An error of a declaration is read in the language of the page, wherever in core/ it was raised."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils.translation import override

from colloque.kernel.errors import InvalidInputError
from colloque.projects.core.declared_data import Declaration
from colloque.projects.core.inputs import read_inputs
from colloque.projects.core.intended_use import read_intended_use
from colloque.projects.labels import ERRORS, words_of_error

CORE = Path(__file__).parents[2] / "src/colloque/projects/core"


def test_every_error_of_a_declaration_has_words_of_the_page() -> None:
    raised = [
        call
        for file in CORE.glob("*.py")
        for call in re.findall(r"InvalidInputError\((.+?)\n? *\)", file.read_text("utf-8"), re.S)
    ]
    without = [call for call in raised if "code=" not in call]
    assert not without, f"these would be read in English on a French page: {without}"
    codes = {code for call in raised for code in re.findall(r'code="([a-z-]+)"', call)}
    assert codes <= set(ERRORS), f"without words: {codes - set(ERRORS)}"


@pytest.mark.parametrize(
    ("refused", "french"),
    [
        (lambda: Declaration([]), "Cette déclaration n’a pas la forme attendue"),
        (lambda: read_inputs([{"key": 3}]), "[0].key"),
        (lambda: read_intended_use({"age_from": 40, "age_to": 20}), "Les âges vont du plus jeune au plus âgé."),
    ],
)
def test_a_refused_declaration_is_told_in_french(refused: Callable[[], object], french: str) -> None:
    with pytest.raises(InvalidInputError) as raised, override("fr"):
        refused()
    with override("fr"):
        assert french in words_of_error(raised.value)
