"""Coming in, and saying something of one's own."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.core.cache import cache
from django.db import transaction
from django.utils.translation import gettext, ngettext

from colloque.consultations.access import account_digest
from colloque.consultations.actions.held import must_be_open, next_number
from colloque.consultations.core.codes import INVITATION_SIGNS, read_code
from colloque.consultations.core.groups import (
    PROFILE_ANSWERS,
    Anonymity,
    GroupOfPeople,
    HelperKind,
    JoinChannel,
    ProfileQuestion,
)
from colloque.consultations.core.limits import (
    CODES_TRIED,
    CODES_WITHIN,
    JOINS_FROM_ONE_PLACE,
    JOINS_WITHIN,
    STATEMENTS_FROM_ONE_PLACE,
    STATEMENTS_IN_ALL,
    WAITING_AT_MOST,
    WAITING_OF_ONE,
    wait_before_writing,
)
from colloque.consultations.core.moderation import ModerationDecision, ModerationMode, SignalKind
from colloque.consultations.core.personal_data import Personal, seems_to_name, warnings_of
from colloque.consultations.core.state import StatementState
from colloque.consultations.core.tickets import new_ticket, ticket_digest
from colloque.consultations.core.words import statement_words
from colloque.consultations.models import (
    Consultation,
    InvitationCode,
    ModerationEntry,
    Participant,
    Signal,
    Statement,
)
from colloque.consultations.queries.codes import code_digest
from colloque.consultations.queries.names import house_names, house_words
from colloque.kernel.errors import ConflictError, InvalidInputError, NotAllowedError
from colloque.ledger.actions import record
from colloque.ledger.queries import installation_keys
from colloque.people.access import current_memberships, nothing_here
from colloque.people.models import Account


@dataclass(frozen=True)
class Coming:
    """What somebody says of themselves when they begin: all of it optional, save a code where codes are asked for.

    `account` is who is signed in; it counts only where an account is asked for, or as the helper when `helper` is said.
    """

    code: str = field(default="", repr=False)
    group: GroupOfPeople | None = None
    helper: HelperKind | None = None
    account: Account | None = None
    profile: Mapping[str, str] = field(default_factory=dict)
    language: str = "fr"


@dataclass(frozen=True)
class Joined:
    """A participant, and the secret of their cookie, which is kept nowhere."""

    participant: Participant
    ticket: str = field(repr=False)


def join(consultation: Consultation, coming: Coming, *, place: str, at: datetime) -> Joined:
    """Let somebody begin. `place` is where they come from on the network; it is kept ten minutes, as a digest, to stop scripts.

    Raises `ConflictError` where the consultation is not open, `InvalidInputError` (path `code`) for a code that opens nothing,
    `NotAllowedError` for too many at once, or where an account of the house is asked for and there is none.
    """
    must_be_open(consultation, at)
    _hold_back(f"join/{consultation.id}", place, JOINS_FROM_ONE_PLACE, JOINS_WITHIN)
    ticket = new_ticket(secrets.token_bytes)
    try:
        with transaction.atomic():
            return Joined(_begin(consultation, coming, ticket, at), ticket)
    except InvalidInputError:
        _hold_back(f"wrong-code/{consultation.id}", place, CODES_TRIED, CODES_WITHIN)
        raise


def _begin(consultation: Consultation, coming: Coming, ticket: str, at: datetime) -> Participant:
    if consultation.anonymity == Anonymity.SIGNED_IN:
        return _with_account(consultation, coming, ticket, at)
    if consultation.anonymity == Anonymity.CODES:
        return _enter(consultation, coming, JoinChannel.CODE, _spend_code(consultation, coming.code), ticket, at)
    said = coming.group if coming.group in consultation.groups else None
    return _enter(consultation, coming, JoinChannel.LINK, said, ticket, at)


def _enter(
    consultation: Consultation,
    coming: Coming,
    channel: JoinChannel,
    group: GroupOfPeople | None,
    ticket: str,
    at: datetime,
    digest: bytes | None = None,
) -> Participant:
    return Participant.objects.create(
        consultation=consultation,
        number=next_number(Participant, consultation),
        channel=channel,
        group=group or "",
        token_digest=ticket_digest(ticket),
        account_digest=digest,
        helper=coming.helper or "",
        helped_by=coming.account if coming.helper and digest is None else None,
        profile=_profile(consultation, coming.profile),
        language=coming.language,
        joined_at=at,
    )


def _with_account(consultation: Consultation, coming: Coming, ticket: str, at: datetime) -> Participant:
    """The one participation of an account; coming back from another device gives it another ticket."""
    account = coming.account
    member = account and current_memberships(at).filter(account=account, establishment=consultation.establishment_id)
    if account is None or not member:
        raise NotAllowedError(
            gettext("Cette consultation demande un compte de l’établissement. Connectez-vous, puis revenez ici."),
            code="account-needed",
        )
    digest = account_digest(consultation.id, account)
    known = Participant.objects.select_for_update().filter(consultation=consultation, account_digest=digest).first()
    if known is not None:
        known.token_digest = ticket_digest(ticket)
        known.save(update_fields=["token_digest"])
        return known
    group = coming.group if coming.group in consultation.groups else None
    return _enter(consultation, coming, JoinChannel.SIGNED_IN, group, ticket, at, digest)


def _spend_code(consultation: Consultation, typed: str) -> GroupOfPeople:
    """The group of a code, which from now on opens nothing more. Raises `InvalidInputError` with path `code`."""
    try:
        digest = code_digest(consultation.id, read_code(typed, INVITATION_SIGNS))
    except InvalidInputError as error:
        said = (
            gettext("Un code a 10 signes. Regardez de nouveau votre papier.")
            if error.code == "code-length"
            else gettext("Un des signes de ce code n’est pas le bon. Regardez de nouveau votre papier.")
        )
        raise InvalidInputError(said, code=error.code, path="code") from error
    spent = InvitationCode.objects.filter(
        consultation=consultation, digest=digest, is_used=False, is_withdrawn=False
    ).update(is_used=True)
    code = InvitationCode.objects.filter(consultation=consultation, digest=digest).first()
    if spent and code is not None:
        return GroupOfPeople(code.group)
    if code is not None and code.is_used:
        raise InvalidInputError(
            gettext(
                "Ce code a déjà servi : un code sert une fois. Si c’était vous, reprenez sur le même appareil. "
                "Sinon, demandez un autre code à la personne qui vous l’a donné."
            ),
            code="code-spent",
            path="code",
        )
    raise InvalidInputError(
        gettext("Ce code n’est pas, ou n’est plus, un code de cette consultation. Demandez-en un autre."),
        code="code-unknown",
        path="code",
    )


def _profile(consultation: Consultation, answers: Mapping[str, str]) -> dict[str, str]:
    """The answers offered to the questions asked; anything else is dropped."""
    return {
        question: answers[question]
        for question in consultation.profile_questions
        if answers.get(question) in PROFILE_ANSWERS[ProfileQuestion(question)]
    }


def _hold_back(what: str, place: str, most: int, within: timedelta) -> None:
    """Count what comes from one place. Raises `NotAllowedError` past `most`."""
    if _counted(what, place, within) > most:
        raise NotAllowedError(
            gettext("Trop d’essais viennent du même endroit. Attendez dix minutes, puis recommencez."), code="too-many"
        )


def _counted(what: str, place: str, within: timedelta) -> int:
    """How often something came from one place, this time included; 0 where the count cannot be kept: that stops nobody."""
    key = f"consultations/{what}/{hashlib.sha256(place.encode()).hexdigest()[:32]}"
    cache.add(key, 0, timeout=within.total_seconds())
    try:
        return int(cache.incr(key))
    except ValueError:  # it ended between the two
        return 0


@dataclass(frozen=True)
class Submitted:
    """A statement somebody added, and whether people already vote on it."""

    statement: Statement
    is_published: bool


def submit_statement(
    consultation: Consultation, participant: Participant, text: str, *, language: str, at: datetime, place: str = ""
) -> Submitted:
    """Add a statement: read before it is shown, or shown at once where moderation is open and its form names nobody.

    `place` is where it comes from on the network, as with `join`; empty where nobody sent it over one.
    Raises `ConflictError` where the consultation is not open or too much waits, `InvalidInputError` (path `text`) for what is no
    statement or was said word for word, `NotAllowedError` for whoever writes too fast, has much waiting, or comes from a place
    from which very much came; that is also shown as a sign of abuse.
    """
    must_be_open(consultation, at)
    if place and any(
        _counted(f"write-{within.total_seconds():.0f}/{consultation.id}", place, within) > most
        for most, within in STATEMENTS_FROM_ONE_PLACE
    ):
        _note_flood(consultation, at)
        raise NotAllowedError(
            gettext(
                "Beaucoup d’affirmations viennent du même endroit : plus personne n’aurait le temps de les lire. Gardez votre "
                "phrase et revenez dans une heure, ou donnez-la à la personne qui anime la consultation."
            ),
            code="too-many-from-here",
        )
    return _submit(consultation, participant, text, language=language, at=at)


def _note_flood(consultation: Consultation, at: datetime) -> None:
    """Keep the sign that more came from one place than is taken: one an hour, with what waits by then."""
    since = at.replace(minute=0, second=0, microsecond=0)
    waiting = consultation.statements.filter(state=StatementState.WAITING, submitted_at__gte=since)
    told = {
        "until": at,
        "figures": {"statements": waiting.count(), "people": waiting.values("author").distinct().count()},
    }
    Signal.objects.update_or_create(
        consultation=consultation,
        kind=SignalKind.STATEMENTS,
        since=since,
        defaults=told,
        create_defaults={**told, "seen_at": at},
    )


@transaction.atomic
def _submit(
    consultation: Consultation, participant: Participant, text: str, *, language: str, at: datetime
) -> Submitted:
    words = _sayable(text)
    held = Participant.objects.select_for_update().filter(pk=participant.pk, consultation=consultation).first()
    if held is None:
        raise nothing_here()
    _not_too_fast(held, at)
    if consultation.statements.filter(text__iexact=words).exclude(state=StatementState.REJECTED).exists():
        raise InvalidInputError(
            gettext("Cette affirmation existe déjà, mot pour mot. Vous pouvez voter dessus."), code="said", path="text"
        )
    if consultation.statements.filter(state=StatementState.WAITING).count() >= WAITING_AT_MOST:
        raise ConflictError(
            gettext("Beaucoup d’affirmations attendent d’être relues. Revenez demain, gardez bien votre phrase."),
            code="too-many-waiting",
        )
    warnings = warnings_of(words, house_words(consultation.establishment), house_names(consultation.establishment, at))
    is_published = consultation.moderation == ModerationMode.OPEN and _names_nobody(words, consultation)
    statement = Statement.objects.create(
        consultation=consultation,
        number=next_number(Statement, consultation),
        text=words,
        language=language,
        author=held,
        state=StatementState.PUBLISHED if is_published else StatementState.WAITING,
        warnings=[kind.value for kind in warnings],
        submitted_at=at,
        published_at=at if is_published else None,
    )
    record(
        "statement.submitted",
        subject=consultation.establishment_id,
        payload={
            "consultation": str(consultation.id),
            "statement": statement.number,
            "words": _words_index(consultation, statement.number, words),
            "shown": is_published,
        },
    )
    if is_published:
        ModerationEntry.objects.create(
            consultation=consultation, statement=statement, decision=ModerationDecision.PUBLISHED, at=at
        )
    return Submitted(statement, is_published)


def _words_index(consultation: Consultation, number: int, words: str) -> str:
    """What the ledger keeps of somebody's words, in hexadecimal: enough for the house to show that they were not changed.

    The words themselves may name a person, and moderation can then erase them; from the ledger nothing is erased.
    """
    about = f"statement/{consultation.id}/{number}"
    return installation_keys().keyring.blind_index(words, about=about).hex()


_BY_FORM: Final = (Personal.PHONE, Personal.EMAIL, Personal.ROOM, Personal.NATIONAL_NUMBER, Personal.LINK)


def _names_nobody(words: str, consultation: Consultation) -> bool:
    """Whether a text may be shown unread. Its form alone decides: to try a name teaches nothing about who lives or works here."""
    return not seems_to_name(words, house_words(consultation.establishment)) and not set(warnings_of(words)) & set(
        _BY_FORM
    )


def _sayable(text: str) -> str:
    try:
        return statement_words(text)
    except InvalidInputError as error:
        said = {
            "empty": gettext("Écrivez une phrase."),
            "short": gettext("Écrivez une phrase entière : les autres doivent comprendre sans vous."),
            "long": gettext("C’est trop long : une affirmation tient en 280 signes. Gardez une seule idée."),
        }[error.code]
        raise InvalidInputError(said, code=error.code, path="text") from error


def _not_too_fast(participant: Participant, at: datetime) -> None:
    written = list(participant.statements.values_list("submitted_at", flat=True))
    if len(written) >= STATEMENTS_IN_ALL:
        raise NotAllowedError(
            gettext("Vous avez proposé %(most)d affirmations : c’est le maximum pour une personne.")
            % {"most": STATEMENTS_IN_ALL},
            code="enough",
        )
    if participant.statements.filter(state=StatementState.WAITING).count() >= WAITING_OF_ONE:
        raise NotAllowedError(
            gettext("%(most)d de vos affirmations attendent d’être lues. Vous en proposerez d’autres après.")
            % {"most": WAITING_OF_ONE},
            code="enough-waiting",
        )
    wait = wait_before_writing(written, at)
    if wait:
        minutes = -(-int(wait.total_seconds()) // 60)
        raise NotAllowedError(
            ngettext(
                "Vous avez écrit plusieurs affirmations de suite. Attendez %(count)d minute avant la prochaine.",
                "Vous avez écrit plusieurs affirmations de suite. Attendez %(count)d minutes avant la prochaine.",
                minutes,
            )
            % {"count": minutes},
            code="too-fast",
        )
