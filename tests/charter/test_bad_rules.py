"""Each way a rule can be wrong is said, before adoption, with what it is and where."""

from __future__ import annotations

import pytest

from colloque.charter.core.analysis import Trouble, analyse
from colloque.charter.core.constitution import establishment_rules, packaged
from colloque.charter.core.engine import Charter
from colloque.charter.core.rules import LONGEST_TEXT

STARTER = packaged("starter")
WORDS = '@fr("Des mots.") @en("Words.") @origin("essai")'
HEAD = f'@id("x") {WORDS} forbid (principal, action, resource)'


def _nested(depth: int) -> str:
    return f"{HEAD} when {{ {'(' * depth}true{')' * depth} }};"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param(f"{HEAD} when {{ resource.age > 55 }};", "unguarded", id="errs on a missing attribute"),
        pytest.param(
            f'@id("x") {WORDS} forbid (principal, action == Action::"weaving", resource);', "unknown-action", id="act"
        ),
        pytest.param(f"{HEAD} when {{ resource.mood == 1 }};", "unknown-attribute", id="an attribute nobody has"),
        pytest.param(_nested(25), "too-deep", id="nesting beyond brackets"),
        pytest.param(_nested(1_000), "too-deep", id="very deep nesting"),
        pytest.param(f"{HEAD} when {{ {'!' * 500}true }};", "cannot-parse", id="deep without brackets"),
        pytest.param(
            '@id("x") @fr("Des mots.") @origin("essai") forbid (principal, action, resource);',
            "words-missing",
            id="words in one language",
        ),
        pytest.param(HEAD.replace("Des mots.", " ") + ";", "words-missing", id="empty"),
        pytest.param(
            f'@id("patient-refusal") {WORDS} permit (principal, action, resource);', "id-reserved", id="lifting the no"
        ),
        pytest.param(
            "".join(f'@id("r{n}") {WORDS} forbid (principal, action, resource);\n' for n in range(10_000)),
            "too-long",
            id="ten thousand rules",
        ),
        pytest.param(f'{HEAD} when {{ "Anne" == "Anne" }};', "names-a-person", id="naming somebody"),
        pytest.param(f"{HEAD} when {{ 9223372036854775807 + context.moment.hour > 0 }};", "too-large", id="overflow"),
    ],
)
def test_what_is_wrong_has_a_name_and_a_line(text: str, code: str) -> None:
    rules, problems = establishment_rules(text)
    assert code in [problem.code for problem in problems]
    for problem in problems:
        assert problem.line >= 1
        for language in ("fr", "en"):
            assert problem.words(language)
    assert len(text) > LONGEST_TEXT or "x" not in [rule.id for rule in rules]


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        pytest.param(f"{HEAD} unless {{ true }};", Trouble.DEAD, id="never applies"),
        pytest.param(f"{HEAD};", Trouble.CLOSES_EVERYTHING, id="refuses everything"),
        pytest.param(
            f'@id("x") {WORDS} permit (principal, action, resource) when {{ resource.choice == Choice::"no" }};',
            Trouble.CONTRADICTED,
            id="lifting the person's no",
        ),
        pytest.param(
            f'@id("x") {WORDS} permit (principal, action == Action::"treatment-limitation", resource);',
            Trouble.CONTRADICTED,
            id="lifting fundamental ethics",
        ),
        pytest.param(
            f'@id("x") {WORDS} permit (principal, action, resource) when {{ context.establishment.outage }};',
            Trouble.CONTRADICTED,
            id="lifting the outage",
        ),
    ],
)
def test_a_rule_that_reads_well_and_does_nothing_good_is_found(text: str, trouble: Trouble) -> None:
    found = {found.rule: found for found in analyse(Charter.compile(1, STARTER + text)).found}
    assert found["x"].trouble is trouble


def test_many_rules_are_analysed_within_the_time_that_is_given() -> None:
    """A text as long as a charter may be; once the time is over, what is left is unknown."""
    one = '@id("r{n}") {words} forbid (principal, action, resource) unless {{ resource has age && resource.age < {n} }};\n'
    many = "".join(one.format(n=n, words=WORDS) for n in range(1_000, 2_000))
    charter = Charter.compile(1, STARTER + many)
    asked = iter(range(30))
    told = analyse(charter, has_time=lambda: next(asked, None) is not None)
    unknown = [found for found in told.found if found.trouble is Trouble.UNKNOWN]
    assert len(unknown) > 900
