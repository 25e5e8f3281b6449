"""What became of rules from one version to the next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from colloque.charter.core.history import Adopted, Change, changes, in_force_since, life
from colloque.charter.core.rules import Rule, read_rules

DAY = datetime(2026, 3, 2, tzinfo=UTC)


def _rules(text: str) -> tuple[Rule, ...]:
    rules, problems = read_rules(text)
    assert not problems
    return rules


def _rule(name: str, *, words: str = "Des mots.", body: str = "forbid (principal, action, resource);") -> str:
    return f'@id("{name}") @fr("{words}") @en("Words.") @origin("essai") {body}\n'


A, B = _rules(_rule("a") + _rule("b"))
(A_AGAIN,) = _rules("// a comment\n" + _rule("a").replace(") @en", ")\n\n  @en"))
(A_REWORDED,) = _rules(_rule("a", words="D’autres mots."))
(A_STRICTER,) = _rules(_rule("a", body='forbid (principal, action in Action::"robot", resource);'))


def test_spacing_and_comments_change_nothing() -> None:
    assert A.cedar != A_AGAIN.cedar
    assert changes((A, B), (A_AGAIN, B)).are_none


def test_words_and_decisions_change_something() -> None:
    for other in (A_REWORDED, A_STRICTER, msgspec.structs.replace(A, origin={"fr": "loi", "en": "law"})):
        assert changes((A,), (other,)).changed == ((A, other),)
    found = changes((A,), (B,))
    assert (found.added, found.removed, found.changed) == ((B,), (A,), ())
    assert not found.are_none


def test_a_life_has_its_moments() -> None:
    versions = [
        Adopted(number, DAY + timedelta(days=number), rules)
        for number, rules in ((1, (B,)), (2, (A, B)), (3, (A_AGAIN,)), (5, (A_REWORDED,)), (6, (B,)), (8, (A, B)))
    ]
    assert [(step.change, step.number) for step in life("a", versions)] == [
        (Change.ADDED, 2),
        (Change.CHANGED, 5),
        (Change.REMOVED, 6),
        (Change.ADDED, 8),
    ]
    assert life("a", versions)[2].rule == A_REWORDED
    assert in_force_since("a", versions) == DAY + timedelta(days=8)
    assert in_force_since("b", versions) == DAY + timedelta(days=6)
    assert in_force_since("a", versions[:4]) == DAY + timedelta(days=2), "a change of words does not begin it anew"
    assert in_force_since("a", versions[:5]) is None
    assert life("c", versions) == ()
