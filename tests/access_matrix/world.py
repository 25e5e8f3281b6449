"""A house with one of everything: somebody of every role, of another unit, of another house, and somebody who left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from django.test import Client
from django.utils import timezone
from joserfc.jwk import ECKey

from colloque.acts.models import Act
from colloque.charter.actions import argue
from colloque.charter.core.proposals import Side
from colloque.charter.models import CommitteeSeat
from colloque.consultations.actions.closing import close_consultation
from colloque.consultations.actions.ideas import give_idea
from colloque.consultations.actions.opening import Terms, open_consultation, prepare_consultation
from colloque.consultations.actions.taking_part import Coming, join
from colloque.consultations.actions.voting import vote_many
from colloque.consultations.core.state import IdeaWish
from colloque.consultations.models import Consultation
from colloque.kernel.vocabulary import Profession, Role, Situation
from colloque.learning.actions import attest
from colloque.learning.models import Attestation
from colloque.ledger.actions import integrate
from colloque.ledger.models import Leaf
from colloque.patients.actions import ask_erasure, ask_to_talk, declare_situation, trust
from colloque.patients.core.trust import Power
from colloque.people import actions
from colloque.people.actions import OPERATOR, Offer, SystemDetails
from colloque.people.models import Account, Establishment, Membership, PractitionerIdentifier, Unit
from tests.acts.cytology import Story, a_story
from tests.charter.committee import SCALES, Committee, proposed, seated, voted
from tests.consultations.story import SENTENCES


class Who(StrEnum):
    """Each way of being somebody, or nobody, to a page of the house."""

    ANONYMOUS = "anonymous"
    PATIENT = "patient"
    TRUSTED_PERSON = "trusted-person"
    CARER = "carer"
    PROJECT_LEAD = "project-lead"
    ETHICS_MEMBER = "ethics-member"
    FACILITATOR = "facilitator"
    DIRECTOR = "director"
    DATA_PROTECTION_OFFICER = "data-protection-officer"
    AUDITOR = "auditor"
    SYSTEM_EXPERT = "system-expert"
    ADMINISTRATOR = "administrator"
    OTHER_UNIT = "carer-of-another-unit"
    ELSEWHERE = "every-role-in-another-house"
    FORMER = "every-role-until-yesterday"


ROLES: Final = {Who(role.value): role for role in Role}
HERE: Final = frozenset(ROLES) | {Who.OTHER_UNIT}
STAFF_HERE: Final = HERE - {Who.PATIENT, Who.TRUSTED_PERSON}
SIGNED_IN: Final = frozenset(Who) - {Who.ANONYMOUS}
EVERYBODY: Final = frozenset(Who)


@dataclass(frozen=True)
class World:
    """The accounts by who they are, and what pages are about."""

    story: Story
    accounts: dict[Who, Account]
    act: Act
    attestation: Attestation
    membership: Membership
    invitation: actions.Sent
    access_link: actions.Made
    identifier: PractitionerIdentifier
    of_the_person: dict[str, object]

    @property
    def house(self) -> Establishment:
        """The house everything belongs to."""
        return self.story.world.house

    @property
    def unit(self) -> Unit:
        """The unit of the person cared for."""
        return self.story.world.unit

    def client(self, who: Who) -> Client:
        """A browser in which that somebody is signed in, with both factors."""
        client = Client(raise_request_exception=True)
        if who is not Who.ANONYMOUS:
            client.force_login(self.accounts[who])
        return client

    def ids(self) -> dict[str, object]:
        """What each parameter of an address means in this house."""
        integrate(timezone.now())
        return {
            "account_id": self.accounts[Who.CARER].id,
            "membership_id": self.membership.id,
            "invitation_id": self.invitation.invitation.id,
            "unit_id": self.unit.id,
            "system_id": self.identifier.system_id,
            "identifier_id": self.identifier.id,
            "attestation_id": self.attestation.id,
            "person_id": self.story.world.person.id,
            "service_id": self.story.world.service.id,
            "act_id": self.act.id,
            "entry_id": self.act.entry,
            "slug": self.house.slug,
            "rule_id": "patient-refusal",
            "secret": self.invitation.secret,
            "access_secret": self.access_link.secret,
            "provider_id": "oidc",
            "uidb36": "1",
            "reset_key": "no-such-key",
            "pk": 1,
            "path": f"tile/entries/000.p/{Leaf.objects.count()}",
            "project_id": self.story.world.project.id,
            "project": self.story.world.project.slug,
            "number": self.story.world.charter.number,
            **self.of_the_person,
        }


def _closed(house: Establishment, facilitator: Account) -> Consultation:
    """A consultation that is over, whose first statement united everybody."""
    now = timezone.now()
    draft = prepare_consultation(house, Terms(question="Et hier ?"), SENTENCES, by=facilitator, at=now)
    consultation = open_consultation(draft, by=facilitator, at=now)
    for place in range(6):
        joined = join(consultation, Coming(), place=f"place-{place}", at=now)
        vote_many(joined.participant, {1: 1, 2: 1 if place < 3 else -1, 3: 0}, at=now)
    return close_consultation(consultation, by=facilitator, at=now).consultation


def _holds(account: Account, house: Establishment, role: Role, unit: Unit | None, *, over: bool = False) -> None:
    now = timezone.now()
    Membership.objects.create(
        account=account,
        establishment=house,
        unit=unit,
        role=role,
        profession=Profession.DOCTOR if role is Role.CARER else "",
        valid_from=now - timedelta(days=300),
        valid_until=now - timedelta(days=1) if over else None,
    )


def _debated(story: Story, thinker: Account) -> dict[str, object]:
    """A rule put to the vote of a committee: the patient, the carer, and the thinker who wrote it."""
    now = timezone.now()
    sitting = seated(Committee(story.world.house, story.director, story.patient, story.carer, thinker), now)
    proposal = voted(sitting, proposed(sitting, SCALES, at=now), at=now)
    argument = argue(proposal, Side.FOR, "On regarde la personne.", by=story.carer, at=now)
    return {
        "proposal_id": proposal.id,
        "argument_id": argument.id,
        "seat_id": CommitteeSeat.objects.get(account=story.patient).id,
        "own_rule_id": "anaesthesia-closed",
    }


def a_whole_world() -> World:
    """Make it; nothing in it calls an AI."""
    story = a_story("http://127.0.0.1:9/")
    house = story.world.house
    elsewhere = Establishment.objects.get(slug="saint-roch")
    accounts: dict[Who, Account] = {
        Who.PATIENT: story.patient,
        Who.CARER: story.carer,
        Who.DIRECTOR: story.director,
        Who.OTHER_UNIT: story.river_nurse,
    }
    for who, role in ROLES.items():
        if who not in accounts:
            accounts[who] = Account.objects.create_user(f"{role}@example.org", given_name=role.title(), family_name="X")
            _holds(accounts[who], house, role, None)
    for who in (Who.ELSEWHERE, Who.FORMER):
        accounts[who] = Account.objects.create_user(f"{who}@example.org", given_name=who.title(), family_name="Y")
        for role in Role:
            _holds(accounts[who], elsewhere if who is Who.ELSEWHERE else house, role, None, over=who is Who.FORMER)
    now, administrator = timezone.now(), accounts[Who.ADMINISTRATOR]
    key = ECKey.generate_key("P-384", {"kid": "k"}).as_dict(private=False)
    system = actions.register_client_system(
        house, SystemDetails("Dossier", "https://ehr.example", {"keys": [key]}), by=administrator, at=now
    )
    actions.link_practitioner(system, "p-1", story.carer, by=administrator, at=now)
    person, nurse = story.world.person, story.carer
    of_the_person: dict[str, object] = {
        "link_id": trust(person, accounts[Who.TRUSTED_PERSON], list(Power), by=story.patient, at=now).id,
        "record_id": declare_situation(person, Situation.ISOLATED, by=nurse, at=now).id,
        "talk_id": ask_to_talk(person, by=story.patient, at=now).id,
        "erasure_id": ask_erasure(person, by=story.patient, at=now).id,
        "key": "all",
        **_debated(story, accounts[Who.ETHICS_MEMBER]),
    }
    facilitator = accounts[Who.FACILITATOR]
    opened = prepare_consultation(house, Terms(question="Que confier à l’IA ?"), SENTENCES, by=facilitator, at=now)
    open_consultation(opened, by=facilitator, at=now)
    draft = prepare_consultation(house, Terms(question="Et demain ?"), SENTENCES, by=facilitator, at=now)
    idea = give_idea(house, "Que l’IA range les stocks.", IdeaWish.HELP, act_kind=None, by=nurse, at=now)
    of_the_person |= {
        "consultation_id": opened.id,
        "draft_id": draft.id,
        "consultation_number": opened.number,
        "statement_id": opened.statements.get(number=1).id,
        "idea_id": idea.id,
        "closed_id": _closed(house, facilitator).id,
        "outcome_number": 1,
        "file": "votes.csv",
    }
    return World(
        story=story,
        accounts=accounts,
        act=story.started(),
        attestation=attest(story.carer, house, by=administrator, at=now, until=now + timedelta(days=365)),
        membership=Membership.objects.get(account=story.carer, establishment=house),
        invitation=actions.invite(house, Offer("new@example.org", Role.AUDITOR, "N", "M"), by=OPERATOR, at=now),
        access_link=actions.make_access_link(accounts[Who.AUDITOR], house, by=OPERATOR, at=now),
        identifier=PractitionerIdentifier.objects.get(),
        of_the_person=of_the_person,
    )
