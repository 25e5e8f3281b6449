"""Two forms of a rule, two versions of a charter: what changed, question by question."""

from __future__ import annotations

import msgspec
from hypothesis import given, settings

from colloque.charter.core.builder import to_cedar
from colloque.charter.core.constitution import establishment_rules, packaged
from colloque.charter.core.difference import Shift, answers, compared, difference, shifts
from colloque.charter.core.draft import Draft, flaws
from colloque.charter.core.history import Change
from colloque.charter.core.rules import Rule, read_rules
from tests.charter.drafts import drafts

STARTER = packaged("starter")
RULES = establishment_rules(STARTER)[0]


def rules_of(text: str) -> tuple[Rule, ...]:
    rules, problems = establishment_rules(text)
    assert not problems
    return rules


def test_the_same_charter_has_no_difference() -> None:
    assert difference(RULES, rules_of(STARTER + "\n// a comment\n"), "fr") == ()


def test_what_was_added_removed_and_changed_is_told_question_by_question() -> None:
    changed = STARTER.replace("context.moment.hour >= 8 &&", "context.moment.hour >= 10 &&")
    changed = changed.replace('@id("birth-closed")', '@id("births-closed")')
    found = difference(RULES, rules_of(changed), "fr")
    assert [(one.change, one.rule.id) for one in found] == [
        (Change.CHANGED, "machine-hours"),
        (Change.ADDED, "births-closed"),
        (Change.REMOVED, "birth-closed"),
    ]
    assert found[0].shifts == (Shift("Les moments", "entre 20 h et 8 h", "entre 20 h et 10 h"),)
    assert not found[0].has_new_words
    assert found[0].sentence_after.startswith("Entre 20 h et 10 h, aucune IA")
    assert found[1].sentence_after.startswith("Aucune IA n’intervient, quel que soit l’acte, quand la personne vit une")
    english = difference(RULES, rules_of(changed), "en")
    assert english[0].shifts == (Shift("The moments", "between 20:00 and 8:00", "between 20:00 and 10:00"),)


def test_words_and_origin_alone_are_told_as_such() -> None:
    before = next(rule for rule in RULES if rule.id == "anaesthesia-closed")
    after = msgspec.structs.replace(before, words={"fr": "Autrement dit.", "en": "In other words."})
    found = compared(before, after, "fr")
    assert found.has_new_words
    assert not found.has_new_origin
    assert found.shifts == ()
    assert not found.is_text


def test_a_rule_the_questions_cannot_show_is_read_as_text() -> None:
    head = '@id("by-hand") @fr("Des mots.") @en("Words.") @origin("essai") forbid (principal, action, resource) '
    one, other = (
        read_rules(
            head + f"unless {{ context.presence has attested_by && context.carer has id && "
            f"context.presence.attested_by {operator} context.carer.id }};"
        )[0][0]
        for operator in ("==", "!=")
    )
    assert compared(one, other, "fr").is_text
    assert not compared(one, msgspec.structs.replace(one, words={"fr": "Autre.", "en": "Other."}), "fr").is_text


@settings(max_examples=150, deadline=None)
@given(drafts())
def test_every_answer_taken_back_shows_as_one_shift(draft: Draft) -> None:
    nothing = Draft("one", draft.effect)
    for name in set(draft.__struct_fields__) - {"id", "effect", "words", "origin", "asks", "is_both", "needs_all"}:
        other = msgspec.structs.replace(draft, **{name: getattr(nothing, name)}, is_both=False, needs_all=False)
        base = msgspec.structs.replace(draft, is_both=False, needs_all=False)
        if other != base and not flaws(other) and not flaws(base):
            for language in ("fr", "en"):
                assert len(shifts(base, other, language)) == 1, name


@settings(max_examples=100, deadline=None)
@given(drafts(), drafts())
def test_two_forms_of_a_rule_differ_where_their_answers_do(one: Draft, other: Draft) -> None:
    (before,), (after,) = (read_rules(to_cedar(draft))[0] for draft in (one, other))
    found = compared(before, after, "fr")
    assert not found.is_text
    told, again = dict(answers(one, "fr")), dict(answers(other, "fr"))
    assert {shift.question for shift in found.shifts} == {q for q in told if told[q] != again[q]}
