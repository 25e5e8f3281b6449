"""Preparing and opening a consultation, and what is refused on the way."""

from __future__ import annotations

from datetime import timedelta

import pytest

from colloque.consultations.actions.opening import (
    Terms,
    change_consultation,
    delete_draft,
    make_codes,
    open_consultation,
    prepare_consultation,
    withdraw_codes,
)
from colloque.consultations.core.groups import Anonymity, GroupOfPeople
from colloque.consultations.core.state import ConsultationState, StatementState
from colloque.consultations.models import Consultation
from colloque.consultations.queries.codes import codes_by_group
from colloque.kernel.errors import ConflictError, InvalidInputError, NotFoundError
from colloque.kernel.vocabulary import Role
from colloque.ledger.models import Entry
from tests.consultations.story import NOW, SENTENCES, Story, account, house, member

pytestmark = pytest.mark.django_db
TERMS = Terms(question="Qu’est-ce qui peut être confié à l’IA ?")


def draft(story: Story, **more: object) -> Consultation:
    terms = Terms(question=TERMS.question, **more)  # type: ignore[arg-type]
    return prepare_consultation(story.house, terms, SENTENCES, by=story.facilitator, at=NOW)


def test_a_draft_becomes_an_open_consultation_with_its_statements(story: Story) -> None:
    made = draft(story)
    assert (made.number, made.state, made.title) == (2, ConsultationState.DRAFT, TERMS.question)
    before = Entry.objects.count()
    opened = open_consultation(made, by=story.facilitator, at=NOW)
    assert opened.state == ConsultationState.OPEN
    assert [s.text for s in opened.statements.order_by("number")] == list(SENTENCES)
    assert {s.state for s in opened.statements.all()} == {StatementState.PUBLISHED}
    assert Entry.objects.count() == before + 1, "one action, one line of the ledger"


@pytest.mark.parametrize(
    "role", [role for role in Role if role not in {Role.FACILITATOR, Role.DIRECTOR, Role.ETHICS_MEMBER}]
)
def test_only_those_who_animate_open(story: Story, role: Role) -> None:
    other = member(story.house, account(f"{role}@tilleuls.example"), role)
    with pytest.raises(NotFoundError):
        prepare_consultation(story.house, TERMS, SENTENCES, by=other, at=NOW)
    with pytest.raises(NotFoundError):
        open_consultation(draft(story), by=other, at=NOW)


def test_a_facilitator_of_another_house_opens_nothing_here(story: Story) -> None:
    stranger = member(house("saint-roch", "Hôpital Saint-Roch"), account("z@roch.example"), Role.FACILITATOR)
    with pytest.raises(NotFoundError):
        open_consultation(draft(story), by=stranger, at=NOW)


def test_what_people_answer_is_not_changed_once_it_is_open(story: Story) -> None:
    with pytest.raises(ConflictError, match="ne les change plus"):
        change_consultation(story.consultation, TERMS, SENTENCES, by=story.facilitator, at=NOW)
    with pytest.raises(ConflictError):
        delete_draft(story.consultation, by=story.facilitator, at=NOW)
    with pytest.raises(ConflictError):
        open_consultation(story.consultation, by=story.facilitator, at=NOW)


def test_a_draft_keeps_what_was_said_of_the_statements_that_stay(story: Story) -> None:
    made = draft(story)
    made.statements.filter(number=2).update(easy="Quelqu’un vérifie.")
    changed = change_consultation(
        made, TERMS, ["Une nouvelle affirmation.", SENTENCES[1], SENTENCES[1]], by=story.facilitator, at=NOW
    )
    assert [(s.number, s.text, s.easy) for s in changed.statements.order_by("number")] == [
        (1, "Une nouvelle affirmation.", ""),
        (2, SENTENCES[1], "Quelqu’un vérifie."),
    ]
    with pytest.raises(ConflictError, match="au moins 3 affirmations"):
        open_consultation(changed, by=story.facilitator, at=NOW)
    delete_draft(changed, by=story.facilitator, at=NOW)
    assert not Consultation.objects.filter(pk=made.pk).exists()


@pytest.mark.parametrize(
    "more",
    [{"groups": ()}, {"closes_at": NOW - timedelta(days=1)}, {"group_sizes": {"residents": -1}}],
    ids=["no group", "over before it begins", "less than nobody"],
)
def test_terms_that_do_not_hold_are_refused(story: Story, more: dict[str, object]) -> None:
    with pytest.raises(InvalidInputError):
        draft(story, **more)


def test_codes_are_given_by_group_and_kept_nowhere(story: Story) -> None:
    made = draft(story, anonymity=Anonymity.CODES)
    given = make_codes(made, GroupOfPeople.FAMILIES, 40, by=story.facilitator, at=NOW)
    assert len(set(given.codes)) == 40
    assert given.codes[0] not in repr(given)
    assert not any(
        code.replace("-", "").encode() in bytes(row.digest) for code in given.codes for row in made.codes.all()
    )
    assert withdraw_codes(made, GroupOfPeople.FAMILIES, by=story.facilitator, at=NOW) == 40
    assert [line.given for line in codes_by_group(made) if line.group is GroupOfPeople.FAMILIES] == [0]
    with pytest.raises(ConflictError):
        make_codes(story.consultation, GroupOfPeople.FAMILIES, 1, by=story.facilitator, at=NOW)
    with pytest.raises(InvalidInputError):
        make_codes(made, GroupOfPeople.FAMILIES, 100_000, by=story.facilitator, at=NOW)
