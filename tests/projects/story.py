"""A house with whoever may start or stop an AI, and an AI that is ready to be started."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from colloque.kernel.vocabulary import ActKind, Autonomy, Role, Track
from colloque.people.models import Account, Establishment
from colloque.projects.actions import declare_intended_use, declare_model_card, declare_project, declare_service
from colloque.projects.core.intended_use import IntendedUse
from colloque.projects.core.model_card import Figure, ModelCard
from colloque.projects.core.words import Words
from colloque.projects.models import Project
from tests.people.houses import NOW, Houses, member, two_houses
from tests.projects.consulted import consulted

SAID = Words("Dit simplement.", "Said simply.")
CARD = ModelCard(
    maker="Atelier des Chutes",
    version="1.2",
    purpose=SAID,
    trained_on=SAID,
    population=SAID,
    labelled_by=SAID,
    never_taught=SAID,
    figures=(Figure("8 sur 100", SAID),),
)
USE = IntendedUse(purpose=SAID, age_from=65)
PREFETCH = {
    "signs": {
        "query": "Observation?patient={{context.patientId}}",
        "fields": ["Observation.code", "Observation.valueQuantity"],
        "fr": "Le poids des derniers mois",
        "en": "Weight over the last months",
    }
}
INPUTS: list[dict[str, Any]] = [
    {"key": "weight", "prefetch": "signs", "system": "http://loinc.org", "code": "29463-7", "fr": "Poids",
     "en": "Weight", "unit": "kg"},
]  # fmt: skip


@dataclass(frozen=True)
class Story:
    """`draft` lacks nothing and is not live."""

    houses: Houses
    draft: Project
    director: Account
    lead: Account
    other_lead: Account
    ethics: Account
    officer: Account
    nurse: Account
    patient: Account
    stranger: Account

    @property
    def house(self) -> Establishment:
        return self.houses.tilleuls


def story() -> Story:
    """Write it all."""
    houses = two_houses()
    house = houses.tilleuls
    lead = member("lead@example.org", house, Role.PROJECT_LEAD)
    draft = ready_project(house, lead)
    consulted(draft, lead)
    return Story(
        houses=houses,
        draft=draft,
        lead=lead,
        director=member("director@example.org", house, Role.DIRECTOR),
        other_lead=member("other-lead@example.org", house, Role.PROJECT_LEAD),
        ethics=member("ethics@example.org", house, Role.ETHICS_MEMBER),
        officer=member("officer@example.org", house, Role.DATA_PROTECTION_OFFICER),
        nurse=member("nurse@example.org", house, Role.CARER),
        patient=member("patient@example.org", house, Role.PATIENT),
        stranger=member("stranger@example.org", houses.saint_roch, Role.DIRECTOR),
    )


def ready_project(house: Establishment, lead: Account, slug: str = "chutes", **more: Any) -> Project:
    """A project of which everything is declared, in draft; nobody was asked about it yet."""
    details: dict[str, Any] = {
        "slug": slug,
        "name": "Aide aux chutes",
        "intention": "Prévenir les chutes la nuit.",
        "track": Track.BEDSIDE,
        "autonomy": Autonomy.INFORMS,
        "endpoint": "https://ia.example.org/cds",
        **more,
    }
    project = declare_project(house, lead=lead, by=lead, at=NOW, **details)
    declare_intended_use(project, USE, by=lead, at=NOW)
    declare_model_card(project, msgspec.structs.replace(CARD), by=lead, at=NOW)
    declare_service(
        project,
        slug="risque",
        remote_id="fall-risk",
        hook="patient-view",
        act_kind=ActKind.FALL_RISK,
        title="Prévenir les chutes",
        description="Regarde le poids et prévient l’équipe.",
        prefetch=PREFETCH,
        inputs=INPUTS,
        by=lead,
        at=NOW,
    )
    project.refresh_from_db()
    return project


def everybody_but(story: Story, *allowed: Account) -> list[Account]:
    """All accounts of the story except these."""
    accounts = [value for value in vars(story).values() if isinstance(value, Account)]
    return [account for account in accounts if account not in allowed]
