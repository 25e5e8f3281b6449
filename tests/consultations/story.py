"""A house that consults its people: one consultation, its statements, its participants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from colloque.consultations.core.groups import Anonymity, GroupOfPeople, JoinChannel
from colloque.consultations.core.moderation import ModerationMode
from colloque.consultations.core.state import ConsultationState, StatementState
from colloque.consultations.models import Consultation, Participant, Statement
from colloque.kernel.vocabulary import Profession, Role
from colloque.people.models import Account, Establishment, EstablishmentKind, Membership

NOW = datetime(2026, 5, 11, 10, 0, tzinfo=UTC)


def account(email: str, given: str = "", family: str = "") -> Account:
    """Somebody who can sign in."""
    return Account.objects.create_user(email, "correct horse battery", given_name=given, family_name=family)


def house(slug: str = "les-tilleuls", name: str = "Résidence Les Tilleuls") -> Establishment:
    """A nursing home."""
    return Establishment.objects.create(slug=slug, name=name, kind=EstablishmentKind.NURSING_HOME, city="Rivebelle")


def member(establishment: Establishment, who: Account, role: Role) -> Account:
    """Somebody with a role in the whole house; a carer is a nurse."""
    Membership.objects.create(
        account=who,
        establishment=establishment,
        role=role,
        profession=Profession.NURSE if role is Role.CARER else "",
        valid_from=NOW.replace(year=2025),
    )
    return who


def consultation(
    establishment: Establishment,
    by: Account,
    *,
    number: int = 1,
    state: ConsultationState = ConsultationState.OPEN,
    anonymity: Anonymity = Anonymity.OPEN_LINK,
    moderation: ModerationMode = ModerationMode.STRICT,
) -> Consultation:
    """A consultation in a state."""
    is_draft = state is ConsultationState.DRAFT
    return Consultation.objects.create(
        establishment=establishment,
        number=number,
        slug=f"soins-{number}",
        title="Que confier à l’IA ?",
        question="Qu’est-ce qui peut être confié à l’IA dans les soins ?",
        state=state,
        anonymity=anonymity,
        moderation=moderation,
        groups=[group.value for group in GroupOfPeople],
        created_by=by,
        created_at=NOW,
        opened_by=None if is_draft else by,
        opens_at=None if is_draft else NOW,
        closed_at=NOW if state in {ConsultationState.CLOSED, ConsultationState.ANSWERED} else None,
    )


def statement(
    about: Consultation, number: int, text: str, state: StatementState = StatementState.PUBLISHED
) -> Statement:
    """A statement of the house itself."""
    return Statement.objects.create(
        consultation=about,
        number=number,
        text=text,
        is_seed=True,
        state=state,
        submitted_at=NOW,
        published_at=NOW if state is StatementState.PUBLISHED else None,
    )


def participant(about: Consultation, number: int, group: GroupOfPeople | None = None) -> Participant:
    """Somebody who came by the link."""
    return Participant.objects.create(
        consultation=about, number=number, channel=JoinChannel.LINK, group=group or "", joined_at=NOW
    )


@dataclass(frozen=True)
class Story:
    """One house, its facilitator, and an open consultation with three statements."""

    house: Establishment
    facilitator: Account
    consultation: Consultation
    statements: tuple[Statement, ...]


SENTENCES = (
    "Je préfère attendre un humain plutôt qu’être levée par un robot.",
    "L’IA peut préparer les piluliers si quelqu’un vérifie.",
    "Une IA ne doit jamais annoncer un résultat grave.",
)


def story() -> Story:
    """The house as the tests find it."""
    establishment = house()
    facilitator = member(establishment, account("paul@tilleuls.example", "Paul", "Garnier"), Role.FACILITATOR)
    held = consultation(establishment, facilitator)
    sentences = tuple(statement(held, place, text) for place, text in enumerate(SENTENCES, start=1))
    return Story(establishment, facilitator, held, sentences)
