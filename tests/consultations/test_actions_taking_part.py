"""Coming in by link, by code or signed in; saying something; and everything that is refused on the way."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from colloque.consultations.access import participant_of
from colloque.consultations.actions.opening import make_codes
from colloque.consultations.actions.taking_part import Coming, join, submit_statement
from colloque.consultations.core.groups import Anonymity, GroupOfPeople, HelperKind
from colloque.consultations.core.limits import (
    CODES_TRIED,
    JOINS_FROM_ONE_PLACE,
    STATEMENTS_FROM_ONE_PLACE,
    WAITING_OF_ONE,
)
from colloque.consultations.core.moderation import ModerationMode
from colloque.consultations.core.state import ConsultationState, StatementState
from colloque.consultations.models import InvitationCode, Participant
from colloque.consultations.queries.moderation import signals
from colloque.kernel.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError
from colloque.kernel.vocabulary import Role
from colloque.ledger.queries import entries_about, installation_keys
from colloque.people.access import Viewer
from tests.consultations.story import NOW, Story, account, consultation, house, member, participant, statement

pytestmark = pytest.mark.django_db
NOBODY = Viewer(None, None)
HERE = "192.0.2.7"


@pytest.fixture(autouse=True)
def fresh_counts() -> None:
    cache.clear()


@pytest.mark.principle("D4")
def test_nobody_needs_an_account_to_take_part(story: Story) -> None:
    joined = join(story.consultation, Coming(group=GroupOfPeople.RESIDENTS), place=HERE, at=NOW)
    found = participant_of(story.consultation, joined.ticket, NOBODY)
    assert found == joined.participant
    assert found is not None
    assert (found.number, found.group, found.account_digest) == (1, "residents", None)
    assert participant_of(story.consultation, joined.ticket[:-1] + "_", NOBODY) is None
    assert joined.ticket not in repr(joined)


def test_a_ticket_opens_one_consultation_only(story: Story) -> None:
    joined = join(story.consultation, Coming(), place=HERE, at=NOW)
    other = consultation(story.house, story.facilitator, number=2)
    assert participant_of(other, joined.ticket, NOBODY) is None


@pytest.mark.parametrize("state", [ConsultationState.CLOSED, ConsultationState.ANSWERED])
def test_nobody_comes_in_once_it_is_over(story: Story, state: ConsultationState) -> None:
    over = consultation(story.house, story.facilitator, number=2, state=state)
    with pytest.raises(ConflictError, match="terminée"):
        join(over, Coming(), place=HERE, at=NOW)
    draft = consultation(story.house, story.facilitator, number=3, state=ConsultationState.DRAFT)
    with pytest.raises(NotFoundError):
        join(draft, Coming(), place=HERE, at=NOW)


@pytest.mark.principle("D4")
def test_a_code_says_the_group_and_serves_once(story: Story) -> None:
    held = consultation(story.house, story.facilitator, number=2, anonymity=Anonymity.CODES)
    code = make_codes(held, GroupOfPeople.FAMILIES, 1, by=story.facilitator, at=NOW).codes[0]
    joined = join(held, Coming(code=code.lower(), group=GroupOfPeople.DOCTORS), place=HERE, at=NOW)
    assert joined.participant.group == GroupOfPeople.FAMILIES, "the code says the group, not the person"
    assert InvitationCode.objects.get().is_used
    with pytest.raises(InvalidInputError, match="déjà servi") as spent:
        join(held, Coming(code=code), place=HERE, at=NOW)
    assert spent.value.path == "code"
    assert Participant.objects.filter(consultation=held).count() == 1


@pytest.mark.parametrize(
    ("typed", "code"),
    [("", "code-length"), ("ABC", "code-length"), ("22222-22223", "code-slip"), ("22222-22222", "code-unknown")],
)
def test_a_code_that_opens_nothing_says_why(story: Story, typed: str, code: str) -> None:
    held = consultation(story.house, story.facilitator, number=2, anonymity=Anonymity.CODES)
    with pytest.raises(InvalidInputError) as refused:
        join(held, Coming(code=typed), place=HERE, at=NOW)
    assert refused.value.code == code


def test_a_code_of_another_consultation_opens_nothing(story: Story) -> None:
    one, other = (consultation(story.house, story.facilitator, number=n, anonymity=Anonymity.CODES) for n in (2, 3))
    code = make_codes(one, GroupOfPeople.CARERS, 1, by=story.facilitator, at=NOW).codes[0]
    with pytest.raises(InvalidInputError, match="n’est pas"):
        join(other, Coming(code=code), place=HERE, at=NOW)
    assert not InvitationCode.objects.get().is_used


def test_guessing_codes_is_stopped(story: Story) -> None:
    held = consultation(story.house, story.facilitator, number=2, anonymity=Anonymity.CODES)
    for _ in range(CODES_TRIED):
        with pytest.raises(InvalidInputError):
            join(held, Coming(code="22222-22222"), place=HERE, at=NOW)
    with pytest.raises(NotAllowedError, match="même endroit"):
        join(held, Coming(code="22222-22222"), place=HERE, at=NOW)


def test_a_full_room_comes_in_and_a_script_does_not(story: Story) -> None:
    for _ in range(JOINS_FROM_ONE_PLACE):
        join(story.consultation, Coming(), place=HERE, at=NOW)
    with pytest.raises(NotAllowedError, match="même endroit"):
        join(story.consultation, Coming(), place=HERE, at=NOW)
    join(story.consultation, Coming(), place="192.0.2.8", at=NOW)


def test_where_an_account_is_asked_for_it_counts_once_whatever_the_device(story: Story) -> None:
    held = consultation(story.house, story.facilitator, number=2, anonymity=Anonymity.SIGNED_IN)
    nurse = member(story.house, account("sarah@tilleuls.example"), Role.CARER)
    nurse_here = Viewer(nurse, story.house)
    first = join(held, Coming(account=nurse), place=HERE, at=NOW)
    second = join(held, Coming(account=nurse), place=HERE, at=NOW)
    assert first.participant == second.participant
    assert participant_of(held, None, nurse_here) == first.participant
    assert participant_of(held, first.ticket, NOBODY) is None, "a cookie left on a shared device is nobody's"
    assert nurse.id.bytes not in bytes(first.participant.account_digest or b"")
    stranger = member(house("saint-roch", "Hôpital Saint-Roch"), account("z@roch.example"), Role.CARER)
    for who in (None, stranger):
        with pytest.raises(NotAllowedError, match="compte"):
            join(held, Coming(account=who), place=HERE, at=NOW)


@pytest.mark.principle("D4")
def test_a_helper_is_recorded_as_such(story: Story) -> None:
    nurse = member(story.house, account("sarah@tilleuls.example"), Role.CARER)
    helped = join(
        story.consultation,
        Coming(group=GroupOfPeople.RESIDENTS, helper=HelperKind.CARER, account=nurse),
        place=HERE,
        at=NOW,
    ).participant
    assert (helped.group, helped.helper, helped.helped_by) == ("residents", "carer", nurse)
    alone = join(story.consultation, Coming(account=nurse), place=HERE, at=NOW).participant
    assert alone.helped_by is None, "being signed in is not kept when nobody asked for it"


def test_only_offered_answers_to_asked_questions_are_kept(story: Story) -> None:
    story.consultation.profile_questions = ["age"]
    story.consultation.save()
    profile = {"age": "80-and-over", "knows-ai": "never", "name": "Jeanne"}
    assert join(story.consultation, Coming(profile=profile), place=HERE, at=NOW).participant.profile == {
        "age": "80-and-over"
    }


def test_a_statement_waits_to_be_read_where_moderation_is_strict(story: Story) -> None:
    me = join(story.consultation, Coming(), place=HERE, at=NOW).participant
    said = submit_statement(story.consultation, me, "  L’IA  ne remplace\u202e personne. ", language="fr", at=NOW)
    assert not said.is_published
    assert (said.statement.text, said.statement.state) == ("L’IA ne remplace personne.", StatementState.WAITING)


def test_the_ledger_keeps_no_words_that_moderation_could_not_erase(story: Story) -> None:
    me = join(story.consultation, Coming(), place=HERE, at=NOW).participant
    said = submit_statement(story.consultation, me, "Mme Aubry ne veut pas du robot.", language="fr", at=NOW)
    entry = entries_about(story.house.id, limit=1)[0].event
    assert entry is not None
    assert entry.kind == "statement.submitted"
    assert "Aubry" not in str(entry.payload)
    about = f"statement/{story.consultation.id}/{said.statement.number}"
    kept = installation_keys().keyring.blind_index(said.statement.text, about=about).hex()
    assert entry.payload["words"] == kept, "the house can show that the words were not changed"


@pytest.mark.parametrize(
    ("text", "is_published"),
    [
        ("L’IA ne remplace personne.", True),
        ("Mme Aubry ne veut pas du robot.", False),
        ("Appelez-moi au 06 12 34 56 78.", False),
        ("la dame aubry ne veut pas du robot", True),
    ],
)
def test_open_moderation_shows_at_once_what_names_nobody(story: Story, text: str, is_published: bool) -> None:
    member(story.house, account("aubry@tilleuls.example", "Jeanne", "Aubry"), Role.PATIENT)
    held = consultation(story.house, story.facilitator, number=2, moderation=ModerationMode.OPEN)
    me = join(held, Coming(), place=HERE, at=NOW).participant
    said = submit_statement(held, me, text, language="fr", at=NOW)
    assert said.is_published is is_published
    assert held.moderation_entries.count() == int(is_published), "the public log says what was shown unread"
    if "aubry" in text:
        assert said.statement.warnings == ["name"], "whoever moderates is warned, whoever tries learns nothing"


def test_writing_is_limited_and_words_are_not_said_twice(story: Story) -> None:
    me = join(story.consultation, Coming(), place=HERE, at=NOW).participant
    for number in range(3):
        submit_statement(story.consultation, me, f"Une idée de plus, la {number}.", language="fr", at=NOW)
    with pytest.raises(NotAllowedError, match="Attendez 10 minutes"):
        submit_statement(story.consultation, me, "Une idée de trop, vraiment.", language="fr", at=NOW)
    later = NOW + timedelta(minutes=10)
    with pytest.raises(InvalidInputError, match="existe déjà"):
        submit_statement(story.consultation, me, "une IDÉE de plus, la 1.", language="fr", at=later)
    with pytest.raises(InvalidInputError, match="280 signes"):
        submit_statement(story.consultation, me, "a" * 10_000, language="fr", at=later)


def test_nothing_is_said_in_a_closed_or_foreign_consultation(story: Story) -> None:
    me = join(story.consultation, Coming(), place=HERE, at=NOW).participant
    over = consultation(story.house, story.facilitator, number=2, state=ConsultationState.CLOSED)
    other = consultation(story.house, story.facilitator, number=3)
    with pytest.raises(ConflictError):
        submit_statement(over, me, "Trop tard pour le dire.", language="fr", at=NOW)
    with pytest.raises(NotFoundError):
        submit_statement(other, me, "Ailleurs, je ne suis personne.", language="fr", at=NOW)
    assert statement(other, 1, "Une affirmation.").author is None


@pytest.mark.principle("D3")
def test_one_author_cannot_fill_what_is_to_be_read(story: Story) -> None:
    me = participant(story.consultation, 1)
    for number in range(WAITING_OF_ONE):
        submit_statement(
            story.consultation,
            me,
            f"Une idée de plus, la {number}.",
            language="fr",
            at=NOW + number * timedelta(minutes=11),
        )
    later = NOW + timedelta(hours=3)
    with pytest.raises(NotAllowedError, match="attendent d’être lues"):
        submit_statement(story.consultation, me, "Et encore une autre idée.", language="fr", at=later)
    me.statements.filter(text__endswith="la 0.").update(state=StatementState.REJECTED)
    assert submit_statement(story.consultation, me, "Et encore une autre idée.", language="fr", at=later).statement.pk


@pytest.mark.principle("D3")
def test_one_place_cannot_fill_what_is_to_be_read_and_that_shows(story: Story) -> None:
    """A script that begins anew for each sentence: forty are taken in an hour, the rest refused with words and shown."""
    most = STATEMENTS_FROM_ONE_PLACE[0][0]
    for number in range(most):
        said = f"Une phrase de script, la {number}."
        somebody = participant(story.consultation, 500 + number)
        submit_statement(story.consultation, somebody, said, language="fr", at=NOW, place="203.0.113.9")
    other = participant(story.consultation, 900)
    for _ in range(2):
        with pytest.raises(NotAllowedError, match="même endroit"):
            submit_statement(
                story.consultation, other, "Une de trop, vraiment.", language="fr", at=NOW, place="203.0.113.9"
            )
    [sign] = signals(story.consultation)
    assert (sign.kind, sign.figures) == ("statements", {"statements": most, "people": most})
    assert submit_statement(
        story.consultation, other, "Une voix d’ailleurs compte.", language="fr", at=NOW, place="198.51.100.7"
    ).statement.pk
    html = Client().get(reverse("consultations:moderation-log", args=[story.consultation.id])).content.decode()
    assert "venues d’un même endroit" in html
