"""Sheets: printed, read back, entered once, corrected without being counted twice."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from colloque.consultations.actions.paper import Printed, SheetDiffersError, enter_sheet, print_sheets
from colloque.consultations.core.codes import shown
from colloque.consultations.core.groups import GroupOfPeople, VoteChannel
from colloque.consultations.core.sheets import changed_lines, read_answers, typed_answers
from colloque.consultations.core.state import ConsultationState, StatementState
from colloque.consultations.models import PaperSheet, Participant, Statement, Vote
from colloque.kernel.errors import ConflictError, InvalidInputError, NotFoundError
from colloque.kernel.vocabulary import Role
from tests.consultations.story import NOW, Story, account, consultation, member, statement

ANSWERS = st.lists(st.sampled_from([1, 0, -1, None]), min_size=1, max_size=40)


@given(ANSWERS, st.integers(1, 7))
def test_a_row_of_figures_is_read_back_however_it_is_spaced(answers: list[int | None], every: int) -> None:
    typed = typed_answers(answers)
    spaced = " ".join(typed[place : place + every] for place in range(0, len(typed), every))
    assert read_answers(spaced, len(answers)) == answers
    assert changed_lines(answers, answers) == []


@given(ANSWERS)
def test_a_row_that_is_too_short_or_too_long_is_refused(answers: list[int | None]) -> None:
    for lines in (len(answers) - 1, len(answers) + 1):
        with pytest.raises(InvalidInputError) as refused:
            read_answers(typed_answers(answers), lines)
        assert refused.value.code == "sheet-length"


def test_a_sign_that_is_none_is_told_by_its_place() -> None:
    with pytest.raises(InvalidInputError) as refused:
        read_answers("11 4", 3)
    assert (refused.value.code, refused.value.path) == ("sheet-sign", "3")


def printed(story: Story, count: int = 1, group: GroupOfPeople | None = GroupOfPeople.RESIDENTS) -> Printed:
    return print_sheets(
        story.consultation, count, group=group, language="fr", is_easy=False, by=story.facilitator, at=NOW
    )


@pytest.mark.django_db
@pytest.mark.principle("D4")
def test_a_sheet_becomes_votes_on_paper_of_its_group(story: Story) -> None:
    [code] = printed(story).codes
    entered = enter_sheet(story.consultation, shown(code).lower(), [1, None, -1], by=story.facilitator, at=NOW)
    assert entered.is_first
    somebody = Participant.objects.get()
    assert (somebody.channel, somebody.group, somebody.token_digest) == ("paper", "residents", None)
    votes = Vote.objects.values_list("statement_number", "value", "channel", "helper_id")
    assert sorted(votes) == [
        (1, 1, VoteChannel.PAPER, story.facilitator.id),
        (3, -1, VoteChannel.PAPER, story.facilitator.id),
    ]


@pytest.mark.django_db
def test_a_sheet_entered_twice_counts_once_and_a_change_is_asked_for(story: Story) -> None:
    [code] = printed(story).codes
    enter_sheet(story.consultation, code, [1, None, -1], by=story.facilitator, at=NOW)
    again = enter_sheet(story.consultation, code, [1, None, -1], by=story.facilitator, at=NOW)
    assert (again.is_first, again.lines_changed, PaperSheet.objects.get().entries) == (False, (), 1)
    with pytest.raises(SheetDiffersError) as differs:
        enter_sheet(story.consultation, code, [None, 0, -1], by=story.facilitator, at=NOW)
    assert differs.value.lines == (1, 2)
    assert sorted(Vote.objects.values_list("statement_number", "value")) == [(1, 1), (3, -1)]
    enter_sheet(story.consultation, code, [None, 0, -1], replaces=True, by=story.facilitator, at=NOW)
    assert sorted(Vote.objects.values_list("statement_number", "value")) == [(2, 0), (3, -1)], (
        "what was emptied is gone"
    )
    assert Participant.objects.count() == 1


@pytest.mark.django_db
def test_codes_that_are_no_sheet_of_this_consultation_say_why(story: Story) -> None:
    other = consultation(story.house, story.facilitator, number=2)
    [code] = printed(story).codes
    for typed, why in ((code[:-1], "6 signes"), (code[:-1] + ("2" if code[-1] != "2" else "3"), "signes de ce code")):
        with pytest.raises(InvalidInputError, match=why):
            enter_sheet(story.consultation, typed, [1, 1, 1], by=story.facilitator, at=NOW)
    with pytest.raises(InvalidInputError, match="bonne consultation"):
        enter_sheet(other, code, [1, 1, 1], by=story.facilitator, at=NOW)
    assert not Vote.objects.exists()


@pytest.mark.django_db
def test_a_statement_withdrawn_since_is_told(story: Story) -> None:
    [code] = printed(story).codes
    Statement.objects.filter(number=2).update(state=StatementState.REJECTED)
    entered = enter_sheet(story.consultation, code, [1, 1, 1], by=story.facilitator, at=NOW)
    assert entered.lines_gone == (2,)
    assert entered.answers == (1, None, 1)


@pytest.mark.django_db
def test_nobody_else_prints_or_enters_and_nothing_after_the_end(story: Story) -> None:
    [code] = printed(story).codes
    nurse = member(story.house, account("sarah@tilleuls.example"), Role.CARER)
    with pytest.raises(NotFoundError):
        enter_sheet(story.consultation, code, [1, 1, 1], by=nurse, at=NOW)
    story.consultation.state, story.consultation.closed_at = ConsultationState.CLOSED, NOW
    story.consultation.save()
    with pytest.raises(ConflictError, match="terminée"):
        enter_sheet(story.consultation, code, [1, 1, 1], by=story.facilitator, at=NOW)
    with pytest.raises(ConflictError):
        printed(story)
    with pytest.raises(InvalidInputError):
        print_sheets(consultation(story.house, story.facilitator, number=2), 501, group=None, language="fr", is_easy=False,
                     by=story.facilitator, at=NOW)  # fmt: skip


@pytest.mark.django_db
@pytest.mark.principle("D4")
def test_the_pdf_is_tagged_and_says_its_language(story: Story) -> None:
    made = printed(story, 3)
    assert made.pdf.startswith(b"%PDF-")
    for mark in (b"/StructTreeRoot", b"/MarkInfo", b"/Lang", b"pdfuaid:part"):
        assert mark in made.pdf, f"{mark!r} is missing: a screen reader needs it"
    assert len(set(made.codes)) == 3


@pytest.mark.django_db
def test_the_facilitator_enters_a_sheet_in_a_few_keystrokes(story: Story) -> None:
    [code] = printed(story).codes
    client = Client()
    client.force_login(story.facilitator)
    page = reverse("consultations:enter", args=[story.consultation.id])
    wrong = client.post(page, {"code": code, "answers": "11"})
    assert wrong.status_code == 400
    assert "3 lignes, et vous avez tapé 2 réponses" in wrong.content.decode()
    assert "enregistrée" in client.post(page, {"code": code, "answers": "120"}).content.decode()
    assert "rien de nouveau" in client.post(page, {"code": code, "answers": "120"}).content.decode()
    differs = client.post(page, {"code": code, "answers": "121"})
    assert differs.status_code == 409
    assert "déjà été saisie, autrement" in differs.content.decode()
    assert "corrigée" in client.post(page, {"code": code, "answers": "121", "replaces": "1"}).content.decode()
    lines = client.post(page, {"code": code})
    assert lines.content.decode().count("<fieldset") == 3
    ticked = {"code": code, "replaces": "1", "line-1": "1", "line-2": "2", "line-3": "3"}
    assert "corrigée" in client.post(page, ticked).content.decode()


@pytest.mark.django_db
@pytest.mark.principle("D4")
def test_no_more_sheets_of_a_group_are_entered_than_it_has_people(story: Story) -> None:
    story.consultation.group_sizes = {"residents": 2}
    story.consultation.save()
    codes = printed(story, 3).codes
    for code in codes[:2]:
        enter_sheet(story.consultation, code, [1, 1, 1], by=story.facilitator, at=NOW)
    with pytest.raises(ConflictError, match="déjà saisies"):
        enter_sheet(story.consultation, codes[2], [1, 1, 1], by=story.facilitator, at=NOW)
    assert enter_sheet(
        story.consultation, codes[0], [0, 1, 1], replaces=True, by=story.facilitator, at=NOW
    ).lines_changed


@pytest.mark.django_db
def test_a_long_sheet_takes_several_pages_and_is_entered_whole(story: Story) -> None:
    for number in range(4, 91):
        statement(story.consultation, number, f"Une phrase de plus, la n° {number}, qui tient sur une ligne ou deux.")
    made = printed(story)
    answers: list[int | None] = [1, 0, -1] * 30
    entered = enter_sheet(story.consultation, made.codes[0], answers, by=story.facilitator, at=NOW)
    assert list(entered.answers) == answers


@pytest.mark.django_db
def test_more_lines_than_can_be_set_at_once_are_refused_with_how_many_can(client: Client, story: Story) -> None:
    for number in range(4, 41):
        statement(story.consultation, number, f"Une phrase de plus, la n° {number}.")
    client.force_login(story.facilitator)
    page = client.post(
        reverse("consultations:paper", args=[story.consultation.id]), {"count": 151, "group": "", "words": "fr"}
    )
    assert page.status_code == 400
    assert "pas plus de 150 feuilles à la fois" in page.content.decode()
    assert not PaperSheet.objects.exists()
