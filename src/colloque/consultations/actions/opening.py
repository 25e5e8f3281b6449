"""Preparing a consultation and opening it: the question, the first statements, who comes in and how."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import F
from django.utils.text import slugify
from django.utils.translation import gettext

from colloque.consultations.access import require_facilitating
from colloque.consultations.actions.held import hold, next_number_of_house
from colloque.consultations.actions.ideas import idea_became
from colloque.consultations.core.codes import INVITATION_SIGNS, new_code, shown
from colloque.consultations.core.groups import Anonymity, GroupOfPeople, ProfileQuestion
from colloque.consultations.core.limits import CODES_AT_ONCE
from colloque.consultations.core.moderation import ModerationMode
from colloque.consultations.core.state import (
    BecameKind,
    ConsultationMove,
    ConsultationState,
    StatementState,
    consultation_after,
)
from colloque.consultations.core.words import statement_words
from colloque.consultations.models import Consultation, Idea, InvitationCode, Statement
from colloque.consultations.queries.codes import code_digest
from colloque.kernel.errors import ConflictError, InvalidInputError
from colloque.ledger.actions import record
from colloque.people.models import Account, Establishment

SEEDS_NEEDED: Final = 3
"""Statements a consultation has before it opens: with fewer, the first visitor has nothing to answer."""


@dataclass(frozen=True)
class Terms:
    """What a consultation asks and how people come in; the fields of `Consultation` that its facilitator decides."""

    question: str
    title: str = ""
    about: str = ""
    title_en: str = ""
    question_en: str = ""
    about_en: str = ""
    anonymity: Anonymity = Anonymity.OPEN_LINK
    is_listed: bool = True
    moderation: ModerationMode = ModerationMode.STRICT
    moderation_policy: str = ""
    moderation_policy_en: str = ""
    groups: Sequence[GroupOfPeople] = tuple(GroupOfPeople)
    group_sizes: Mapping[str, int] = field(default_factory=dict)
    profile_questions: Sequence[ProfileQuestion] = ()
    min_group_shown: int = 5
    closes_at: datetime | None = None


@transaction.atomic
def prepare_consultation(
    establishment: Establishment,
    terms: Terms,
    seeds: Sequence[str],
    *,
    by: Account,
    at: datetime,
    idea: Idea | None = None,
) -> Consultation:
    """A draft with its first statements, seen by nobody but those who animate; `idea` is the one it comes from.

    Raises `NotFoundError` for whoever does not animate here, `InvalidInputError` for terms or statements that do not hold.
    """
    require_facilitating(by, establishment, at)
    checked = _checked(terms, at)
    number = next_number_of_house(Consultation, establishment.id)
    consultation = Consultation.objects.create(
        establishment=establishment,
        number=number,
        slug=f"{slugify(checked['title'])[:60] or 'consultation'}-{number}",
        created_by=by,
        created_at=at,
        **checked,
    )
    _write_seeds(consultation, seeds, at)
    record("consultation.prepared", subject=establishment.id, payload=_told(consultation, by))
    if idea is not None:
        idea_became(idea, BecameKind.CONSULTATION, consultation.id, by=by, at=at)
    return consultation


@transaction.atomic
def change_consultation(
    consultation: Consultation, terms: Terms, seeds: Sequence[str], *, by: Account, at: datetime
) -> Consultation:
    """Change a draft and its first statements. Raises `ConflictError` once it is open: people answer what they read."""
    held = hold(consultation)
    require_facilitating(by, held.establishment, at)
    _must_be_draft(held)
    for name, value in _checked(terms, at).items():
        setattr(held, name, value)
    held.save()
    _write_seeds(held, seeds, at)
    record("consultation.changed", subject=held.establishment_id, payload=_told(held, by))
    return held


@transaction.atomic
def open_consultation(consultation: Consultation, *, by: Account, at: datetime) -> Consultation:
    """From now on people take part. Raises `ConflictError` where it is not a draft, or has too few statements to answer."""
    held = hold(consultation)
    require_facilitating(by, held.establishment, at)
    state = consultation_after(ConsultationState(held.state), ConsultationMove.OPEN)
    seeds = held.statements.count()
    if seeds < SEEDS_NEEDED:
        raise ConflictError(
            gettext("Il faut au moins %(needed)d affirmations pour ouvrir. Ajoutez-en, puis ouvrez.")
            % {"needed": SEEDS_NEEDED},
            code="too-few-statements",
        )
    if held.closes_at is not None and held.closes_at <= at:
        raise ConflictError(gettext("La date de fin est passée. Choisissez-en une autre, puis ouvrez."), code="dates")
    held.state, held.opened_by, held.opens_at = state, by, at
    held.save(update_fields=["state", "opened_by", "opens_at"])
    held.statements.filter(state=StatementState.WAITING).update(state=StatementState.PUBLISHED, published_at=at)
    record(
        "consultation.opened",
        subject=held.establishment_id,
        payload={
            **_told(held, by),
            "question": held.question,
            "anonymity": held.anonymity,
            "moderation": held.moderation,
            "statements": [
                {"number": statement.number, "text": statement.text} for statement in held.statements.order_by("number")
            ],
        },
    )
    return held


@transaction.atomic
def delete_draft(consultation: Consultation, *, by: Account, at: datetime) -> None:
    """Throw a draft away. Raises `ConflictError` once it was opened."""
    held = hold(consultation)
    require_facilitating(by, held.establishment, at)
    _must_be_draft(held)
    record("consultation.discarded", subject=held.establishment_id, payload=_told(held, by))
    held.statements.all().delete()
    held.delete()


@dataclass(frozen=True)
class MadeCodes:
    """Codes just made, as they are printed; they are kept nowhere."""

    group: GroupOfPeople
    codes: tuple[str, ...] = field(repr=False)


@transaction.atomic
def make_codes(consultation: Consultation, group: GroupOfPeople, count: int, *, by: Account, at: datetime) -> MadeCodes:
    """New one-time codes for a group. Raises `InvalidInputError` for another group or more than 2 000 at once."""
    held = hold(consultation)
    require_facilitating(by, held.establishment, at)
    _must_take_codes(held)
    if group not in held.groups or not 1 <= count <= CODES_AT_ONCE:
        raise InvalidInputError(
            gettext("Choisissez un groupe de cette consultation, et de 1 à %(most)d codes.") % {"most": CODES_AT_ONCE},
            path="count",
        )
    codes = {new_code(INVITATION_SIGNS, secrets.token_bytes) for _ in range(count)}
    InvitationCode.objects.bulk_create(
        [InvitationCode(consultation=held, digest=code_digest(held.id, code), group=group) for code in codes],
        batch_size=1_000,
    )
    record(
        "consultation.codes-made",
        subject=held.establishment_id,
        payload={**_told(held, by), "group": group, "count": len(codes)},
    )
    return MadeCodes(group, tuple(shown(code) for code in sorted(codes, key=lambda _: secrets.token_bytes(8))))


@transaction.atomic
def withdraw_codes(consultation: Consultation, group: GroupOfPeople, *, by: Account, at: datetime) -> int:
    """Make the codes of a group that nobody used open nothing any more; gives how many."""
    held = hold(consultation)
    require_facilitating(by, held.establishment, at)
    withdrawn = held.codes.filter(group=group, is_used=False, is_withdrawn=False).update(is_withdrawn=True)
    if withdrawn:
        record(
            "consultation.codes-withdrawn",
            subject=held.establishment_id,
            payload={**_told(held, by), "group": group, "count": withdrawn},
        )
    return withdrawn


def _must_take_codes(consultation: Consultation) -> None:
    if consultation.anonymity != Anonymity.CODES:
        raise ConflictError(gettext("On entre sans code dans cette consultation."), code="no-codes")
    if consultation.state not in {ConsultationState.DRAFT, ConsultationState.OPEN}:
        raise ConflictError(gettext("Cette consultation est terminée."), code="closed")


def _must_be_draft(consultation: Consultation) -> None:
    if consultation.state != ConsultationState.DRAFT:
        raise ConflictError(
            gettext("Cette consultation est déjà ouverte : des gens répondent à ces mots. On ne les change plus."),
            code="already-open",
        )


def _checked(terms: Terms, at: datetime) -> dict[str, Any]:
    """The terms as columns. Raises `InvalidInputError`."""
    if not terms.question.strip():
        raise InvalidInputError(gettext("Écrivez la question."), path="question")
    if terms.closes_at is not None and terms.closes_at <= at:
        raise InvalidInputError(gettext("Choisissez une date de fin à venir."), path="closes_at")
    if not terms.groups:
        raise InvalidInputError(gettext("Choisissez au moins un groupe."), path="groups")
    if any(size < 0 or size > 100_000_000 for size in terms.group_sizes.values()):
        raise InvalidInputError(gettext("Un groupe ne peut pas compter tant de personnes."), path="groups")
    columns = asdict(terms)
    title = terms.title.strip() or _shortened(terms.question.strip())
    return {
        **columns,
        "title": title,
        "question": terms.question.strip(),
        "groups": [group.value for group in terms.groups],
        "group_sizes": {group: size for group, size in terms.group_sizes.items() if group in terms.groups},
        "profile_questions": [question.value for question in terms.profile_questions],
    }


def _shortened(question: str) -> str:
    if len(question) <= 120:
        return question
    return question[:119].rsplit(" ", 1)[0] + "…"


def _write_seeds(consultation: Consultation, seeds: Sequence[str], at: datetime) -> None:
    """Make the first statements those given, in their order; what was said in easy words of an unchanged one stays."""
    known = {statement.text: statement for statement in consultation.statements.all()}
    wanted = list(dict.fromkeys(statement_words(seed) for seed in seeds))
    consultation.statements.exclude(text__in=wanted).delete()
    consultation.statements.update(number=F("number") + _FAR)
    for number, text in enumerate(wanted, start=1):
        if text in known:
            Statement.objects.filter(pk=known[text].pk).update(number=number)
        else:
            Statement.objects.create(consultation=consultation, number=number, text=text, is_seed=True, submitted_at=at)


_FAR: Final = 1_000_000
"""Out of the way while statements are numbered anew: two rows never share a number, even for a moment."""


def _told(consultation: Consultation, by: Account) -> dict[str, object]:
    return {"consultation": str(consultation.id), "number": consultation.number, "by": str(by.id)}
