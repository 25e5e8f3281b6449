"""A small house in which one AI reads cytologies: as rows, for tests of the spine and of the gateway."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import uuid4

from colloque.charter.core.constitution import packaged
from colloque.charter.core.engine import Charter
from colloque.charter.models import CharterVersion
from colloque.kernel.sealing import seal
from colloque.kernel.vocabulary import ActKind, Autonomy, ChoiceAnswer, Profession, ProjectStatus, Role, Track
from colloque.learning.models import Attestation
from colloque.ledger.actions import subject_key
from colloque.patients.core.identity import Identity, about_identity, identity_bytes
from colloque.patients.models import Choice, Person
from colloque.patients.models import Identity as IdentityRow
from colloque.people.models import Account, Establishment, Membership, Unit
from colloque.projects.models import Project, Service

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=400)
LATER = NOW + timedelta(days=400)

PREFETCH: dict[str, Any] = {
    "patient": {"query": "Patient/{{context.patientId}}", "fields": ["Patient.gender", "Patient.birthDate"]},
    "observations": {
        "query": "Observation?patient={{context.patientId}}",
        "fields": ["Observation.code", "Observation.valueQuantity", "Observation.subject"],
        "required": False,
    },
}


@dataclass
class World:
    """Who and what lives in the house."""

    house: Establishment
    unit: Unit
    director: Account
    carer: Account
    person: Person
    project: Project
    service: Service
    charter: CharterVersion

    def service_of(self, kind: ActKind, *, hook: str = "patient-view", slug: str = "", **fields: Any) -> Service:
        """Another service of the same project."""
        return Service.objects.create(
            project=self.project,
            slug=slug or kind.value,
            remote_id=slug or kind.value,
            hook=hook,
            act_kind=kind,
            title="Un autre service",
            description="Un autre service, pour les tests.",
            **{"prefetch": PREFETCH, **fields},
        )


def choose(person: Person, answer: ChoiceAnswer, by: Account, *, kind: str = "", at: datetime = NOW) -> Choice:
    """A person's answer, replacing the one before."""
    Choice.objects.filter(person=person, act_kind=kind, project=None, replaced_at=None).update(replaced_at=at)
    return Choice.objects.create(person=person, act_kind=kind, answer=answer, given_by=by, given_at=at)


def a_person(world_house: Establishment, unit: Unit | None = None, *, born: date = date(1960, 5, 12)) -> Person:
    """A person with an identity sealed under a key of their own."""
    person = Person.objects.create(id=uuid4(), establishment=world_house, unit=unit, birth_month=born.replace(day=1))
    identity = identity_bytes(Identity(given="Jeanne", family="Aubry", birth_date=born))
    sealed = seal(subject_key(person.id), identity, about=about_identity(person.id), random_bytes=secrets.token_bytes)
    IdentityRow.objects.create(person=person, sealed=sealed)
    return person


def a_carer(house: Establishment, by: Account, *, email: str = "nurse@example.org", attested: bool = True) -> Account:
    """A nurse of the house, attested unless said otherwise."""
    carer = Account.objects.create_user(email, given_name="Sarah", family_name="Benali")
    Membership.objects.create(
        account=carer, establishment=house, role=Role.CARER, profession=Profession.NURSE, valid_from=LONG_AGO
    )
    if attested:
        Attestation.objects.create(
            account=carer, establishment=house, attested_by=by, valid_from=LONG_AGO, valid_until=LATER
        )
    return carer


def a_world(
    *,
    kind: ActKind = ActKind.WEIGHT,
    endpoint: str = "https://ai.example.org",
    choice: ChoiceAnswer | None = ChoiceAnswer.YES,
    slug: str = "tilleuls",
) -> World:
    """The house with the starter charter adopted, one live project with one service, a trained nurse and one person."""
    house = Establishment.objects.create(slug=slug, name="Les Tilleuls", kind="nursing-home")
    unit = Unit.objects.create(establishment=house, slug="jardin", name="Jardin")
    director = Account.objects.create_user(f"director@{slug}.example.org", given_name="Hélène", family_name="Vasseur")
    carer = a_carer(house, director, email=f"nurse@{slug}.example.org")
    project = Project.objects.create(
        establishment=house,
        slug="aide",
        name="Aide à la lecture",
        intention="Relire à deux.",
        track=Track.BEDSIDE,
        autonomy=Autonomy.SUGGESTS,
        status=ProjectStatus.LIVE,
        lead=director,
        endpoint=endpoint,
        intended_use={"purpose": {"fr": "Lire", "en": "Read"}, "age_from": 18, "age_to": 110},
        live_since=LONG_AGO,
    )
    service = Service.objects.create(
        project=project,
        slug="lecture",
        remote_id="reading",
        hook="patient-view",
        act_kind=kind,
        title="Lecture",
        description="Une lecture, pour les tests.",
        prefetch=PREFETCH,
    )
    charter = CharterVersion.objects.create(
        establishment=house,
        number=1,
        cedar=packaged("starter"),
        proposed_by=director,
        proposed_at=LONG_AGO,
        adopted_by=director,
        adopted_at=LONG_AGO,
    )
    person = a_person(house, unit)
    if choice is not None:
        choose(person, choice, carer)
    person.refresh_from_db()
    project.refresh_from_db()
    return World(house, unit, director, carer, person, project, service, charter)


_compile = cache(Charter.compile)


def compiled(world: World) -> Charter:
    """The charter in force, ready to decide."""
    return _compile(world.charter.number, world.charter.cedar)
