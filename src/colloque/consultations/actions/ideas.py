"""Ideas from the field: given, read, answered, and led on to what they become."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext

from colloque.consultations.access import require_facilitating
from colloque.consultations.actions.held import hold, must_be_open, next_number, next_number_of_house
from colloque.consultations.core.groups import GroupOfPeople
from colloque.consultations.core.personal_data import warnings_of
from colloque.consultations.core.state import BecameKind, IdeaState, IdeaWish, StatementState
from colloque.consultations.core.words import cleaned, statement_words
from colloque.consultations.models import Consultation, Idea, ModerationEntry, Statement
from colloque.consultations.queries.names import house_names, house_words
from colloque.kernel.errors import ConflictError, InvalidInputError, NotAllowedError
from colloque.kernel.vocabulary import ActKind, Profession, Role
from colloque.ledger.actions import record
from colloque.people.access import ANY_UNIT, nothing_here, require_role
from colloque.people.models import Account, Establishment, Membership

LONGEST_IDEA = 1_000
IDEAS_A_DAY = 10


@transaction.atomic
def give_idea(
    establishment: Establishment,
    text: str,
    wish: IdeaWish,
    *,
    act_kind: ActKind | None,
    by: Account,
    at: datetime,
    language: str = "fr",
) -> Idea:
    """An idea of anybody of the house; it is read before it is public, without its author's name.

    Raises `NotFoundError` for whoever has no role here, `InvalidInputError` (path `text`), `NotAllowedError` past ten in a day.
    """
    membership = require_role(by, establishment, *Role, at=at, unit=ANY_UNIT)
    words = cleaned(text)
    if len(words) < 10 or not any(sign.isalpha() for sign in words):
        raise InvalidInputError(gettext("Écrivez votre idée en une phrase ou deux."), path="text")
    if len(words) > LONGEST_IDEA:
        raise InvalidInputError(gettext("C’est trop long : 1 000 signes au plus."), path="text")
    if Idea.objects.filter(author=by, given_at__gt=at - timedelta(days=1)).count() >= IDEAS_A_DAY:
        raise NotAllowedError(gettext("Vous avez donné dix idées aujourd’hui. Merci ! Revenez demain."), code="enough")
    idea = Idea.objects.create(
        establishment=establishment,
        number=next_number_of_house(Idea, establishment.id),
        wish=wish,
        act_kind=act_kind or "",
        text=words,
        language=language,
        group=group_of(membership),
        author=by,
        given_at=at,
        warnings=[
            kind.value for kind in warnings_of(words, house_words(establishment), house_names(establishment, at))
        ],
    )
    record(
        "idea.given",
        subject=establishment.id,
        payload={"idea": str(idea.id), "wish": wish.value, "act": idea.act_kind, "group": idea.group},
    )
    return idea


def group_of(membership: Membership) -> str:
    """The group an idea is said to come from."""
    if membership.role == Role.PATIENT:
        return GroupOfPeople.RESIDENTS.value
    if membership.role == Role.TRUSTED_PERSON:
        return GroupOfPeople.FAMILIES.value
    if membership.profession == Profession.DOCTOR:
        return GroupOfPeople.DOCTORS.value
    return GroupOfPeople.CARERS.value if membership.role == Role.CARER else GroupOfPeople.OTHERS.value


@transaction.atomic
def publish_idea(idea: Idea, *, by: Account, at: datetime, answer: str = "") -> Idea:
    """Show an idea to everybody, with a first answer or none."""
    return _answer(idea, IdeaState.PUBLISHED, answer, by, at)


@transaction.atomic
def set_idea_aside(idea: Idea, answer: str, *, by: Account, at: datetime) -> Idea:
    """Do not follow an idea, and say why. Raises `InvalidInputError` (path `answer`) without words."""
    if not cleaned(answer):
        raise InvalidInputError(gettext("Dites pourquoi : la personne lira ces mots."), path="answer")
    return _answer(idea, IdeaState.SET_ASIDE, answer, by, at)


@transaction.atomic
def idea_becomes_statement(
    idea: Idea, consultation: Consultation, text: str, *, by: Account, at: datetime
) -> Statement:
    """Put an idea to the vote in an open consultation of the house, in the words of a statement.

    Raises `InvalidInputError` (path `text`), `ConflictError` where the consultation is not open.
    """
    held = hold(consultation)
    if held.establishment_id != idea.establishment_id:
        raise nothing_here()
    require_facilitating(by, held.establishment, at)
    must_be_open(held, at)
    try:
        words = statement_words(text)
    except InvalidInputError as error:
        raise InvalidInputError(gettext("Écrivez une phrase, de 280 signes au plus."), path="text") from error
    if held.statements.filter(text__iexact=words).exclude(state=StatementState.REJECTED).exists():
        raise InvalidInputError(gettext("Cette affirmation existe déjà, mot pour mot."), path="text")
    statement = Statement.objects.create(
        consultation=held,
        number=next_number(Statement, held),
        text=words,
        language=idea.language,
        state=StatementState.PUBLISHED,
        submitted_at=at,
        published_at=at,
    )
    ModerationEntry.objects.create(
        consultation=held, statement=statement, decision=StatementState.PUBLISHED.value, by=by, at=at
    )
    idea_became(idea, BecameKind.STATEMENT, statement.id, by=by, at=at)
    return statement


@transaction.atomic
def idea_became(idea: Idea, kind: BecameKind, became: UUID, *, by: Account, at: datetime) -> Idea:
    """Say what an idea became: a statement, a consultation, a proposal of rule, a project. Called by the room that made it."""
    held = _held(idea)
    require_role(by, held.establishment, *Role, at=at, unit=ANY_UNIT)
    held.state, held.became_kind, held.became_id = IdeaState.PUBLISHED, kind, became
    held.answered_by, held.answered_at = by, at
    held.save(update_fields=["state", "became_kind", "became_id", "answered_by", "answered_at"])
    record(
        "idea.became",
        subject=held.establishment_id,
        payload={"idea": str(held.id), "kind": kind.value, "became": str(became), "by": str(by.id)},
    )
    return held


def _answer(idea: Idea, state: IdeaState, answer: str, by: Account, at: datetime) -> Idea:
    held = _held(idea)
    require_facilitating(by, held.establishment, at)
    if held.became_kind and state is IdeaState.SET_ASIDE:
        raise ConflictError(gettext("Cette idée est déjà devenue autre chose : elle reste publique."))
    held.state, held.answer, held.answered_by, held.answered_at = state, answer.strip()[:2000], by, at
    held.save(update_fields=["state", "answer", "answered_by", "answered_at"])
    record(
        "idea.answered",
        subject=held.establishment_id,
        payload={"idea": str(held.id), "state": state.value, "answer": held.answer, "by": str(by.id)},
    )
    return held


def _held(idea: Idea) -> Idea:
    held = Idea.objects.select_for_update(of=("self",)).select_related("establishment").filter(pk=idea.pk).first()
    if held is None:
        raise nothing_here()
    return held
