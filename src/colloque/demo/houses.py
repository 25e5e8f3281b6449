"""Opens the two houses of the story: units, staff, roles, training, charters, and the people cared for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from colloque.charter import actions as charter
from colloque.charter.core.constitution import packaged
from colloque.charter.core.proposals import BallotValue, College, OriginKind, ProposalKind
from colloque.demo.story import (
    COMMITTEES,
    HOSPITAL,
    HOUSES,
    JEANNE,
    MARCEL,
    NURSING_HOME,
    STAFF,
    TRUSTED,
    House,
    Patient,
    Somebody,
    hospital_patients,
    residents,
)
from colloque.kernel.vocabulary import ActKind, ChoiceAnswer, Role
from colloque.learning.actions import attest
from colloque.patients.actions import admit_person, declare_situation, give_choice, trust
from colloque.patients.core.identity import identity_of
from colloque.patients.core.trust import Power
from colloque.patients.models import Person
from colloque.people.actions.accounts import create_account
from colloque.people.actions.establishments import add_unit, open_establishment
from colloque.people.actions.operator import OPERATOR
from colloque.people.actions.roles import give_role
from colloque.people.models import Account, Establishment, EstablishmentKind, Unit


@dataclass
class World:
    """What was built so far, by the words of the story."""

    today: date
    begins: datetime
    houses: dict[str, Establishment] = field(default_factory=dict)
    units: dict[tuple[str, str], Unit] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    persons: list[tuple[Patient, Person]] = field(default_factory=list)

    def of(self, house: str) -> list[tuple[Patient, Person]]:
        """The people cared for in one house."""
        return [(patient, person) for patient, person in self.persons if patient.house == house]


def open_houses(world: World) -> None:
    """Establishments, units, and the accounts of the staff with their roles and training."""
    for house in HOUSES:
        _open(world, house)
    for somebody in (*STAFF, TRUSTED):
        _account(world, somebody)
        for post in somebody.posts:
            give_role(
                world.accounts[somebody.entry],
                world.houses[post.house],
                post.role,
                by=OPERATOR,
                at=world.begins,
                profession=post.profession,
            )
    trainer = world.accounts["administrator"]
    for somebody in STAFF:
        for post in somebody.posts:
            if post.role is Role.CARER and somebody.trained:
                attest(
                    world.accounts[somebody.entry],
                    world.houses[post.house],
                    by=trainer,
                    at=world.begins + timedelta(days=2),
                    until=world.begins + timedelta(days=500),
                )


def _open(world: World, house: House) -> None:
    establishment = open_establishment(house.slug, house.name, EstablishmentKind(house.kind), city=house.city)
    world.houses[house.slug] = establishment
    for slug, name in house.units:
        world.units[house.slug, slug] = add_unit(establishment, name, by=OPERATOR, at=world.begins, slug=slug)


def _account(world: World, somebody: Somebody) -> None:
    world.accounts[somebody.entry] = create_account(
        somebody.email, given_name=somebody.given, family_name=somebody.family
    )


def seat_committees(world: World) -> None:
    """Each house seats its charter committee a few days after opening; residents and patients have come to sit in it."""
    at = world.begins + timedelta(days=9)
    for entry, house, given, family in (
        (MARCEL, NURSING_HOME, "Marcel", "Lenoir"),
        (JEANNE, HOSPITAL, "Jeanne", "Aubry"),
    ):
        email = Somebody(entry, given, family, ()).email
        world.accounts[entry] = create_account(email, given_name=given, family_name=family)
        give_role(world.accounts[entry], world.houses[house], Role.PATIENT, by=OPERATOR, at=at)
    for house, seats in COMMITTEES.items():
        for entry, college in seats:
            charter.give_seat(
                world.houses[house], world.accounts[entry], College(college), by=world.accounts["director"], at=at
            )


def adopt_charters(world: World) -> None:
    """Each house adopts the charter to start from: proposed ten days after opening, voted, signed two days later."""
    at = world.begins + timedelta(days=10)
    preambles = {
        NURSING_HOME: "Née de deux soirées de discussion entre résidents, familles et équipe.",
    }
    for slug, establishment in world.houses.items():
        proposal = charter.propose(
            establishment,
            kind=ProposalKind.WHOLE,
            cedar=packaged("starter"),
            preamble=preambles.get(slug, "Née de l’avis des équipes et de représentants des patients."),
            purpose="Avoir une première charte avant la première IA.",
            origin=OriginKind.OTHER,
            by=world.accounts["facilitator"],
            at=at,
        )
        charter.open_vote(proposal, closes_at=at + timedelta(days=1), by=world.accounts["facilitator"], at=at)
        for entry, _college in COMMITTEES[slug]:
            charter.cast_ballot(proposal, BallotValue.YES, by=world.accounts[entry], at=at + timedelta(hours=5))
        day = (at + timedelta(days=2)).date()
        charter.adopt(
            proposal,
            adopted_from=day,
            review_on=day + timedelta(days=540),
            by=world.accounts["director"],
            at=at + timedelta(days=2),
        )


def admit_everybody(world: World, random: Random) -> None:
    """The people cared for, with their situations and what they answered about AI."""
    for patient in (*residents(random, world.today), *hospital_patients(random, world.today)):
        world.persons.append((patient, _admit(world, patient, random)))
    jeanne = next(person for patient, person in world.persons if patient.entry == "patient")
    trust(
        jeanne,
        world.accounts["trusted-person"],
        [Power.SEE_CHOICES, Power.READ_JOURNAL, Power.ASK_TO_TALK],
        by=world.accounts["patient"],
        at=world.begins + timedelta(days=21),
    )


def _admit(world: World, patient: Patient, random: Random) -> Person:
    nurse, establishment = world.accounts["nurse"], world.houses[patient.house]
    at = world.begins + timedelta(days=12 + random.random() * 4)
    account = world.accounts[patient.entry] if patient.entry else None
    person = admit_person(
        establishment,
        identity_of(
            given=patient.given, family=patient.family, birth_date=patient.born, sex=patient.sex, today=world.today
        ),
        unit=world.units[patient.house, patient.unit],
        by=nurse,
        at=at,
        account=account,
        referent=nurse,
    )
    for situation in patient.situations:
        declare_situation(person, situation, by=nurse, at=at + timedelta(hours=1))
    for kind, answer in patient.choices:
        _answer(world, person, kind, answer, account, at + timedelta(hours=2 + random.random() * 40))
    return person


def _answer(
    world: World, person: Person, kind: ActKind | None, answer: ChoiceAnswer, account: Account | None, at: datetime
) -> None:
    give_choice(person, answer, act_kind=kind, by=account or world.accounts["nurse"], at=at)
