"""The three AI systems of the story: a cytology aid in service, a fall-risk aid suspended, a companion robot still a draft.

What the two real ones are is told by themselves, in their own declaration.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from colloque.demo.houses import World
from colloque.demo.story import HOSPITAL, NURSING_HOME
from colloque.kernel.vocabulary import ActKind, Autonomy, Track
from colloque.projects.actions import (
    declare_intended_use,
    declare_model_card,
    declare_project,
    declare_service,
    make_live,
)
from colloque.projects.core.intended_use import read_intended_use
from colloque.projects.core.model_card import read_model_card
from colloque.projects.models import Project, Service


@dataclass(frozen=True)
class System:
    """One AI system as its house presents it."""

    house: str
    slug: str
    name: str
    intention: str
    autonomy: Autonomy
    act_kind: ActKind
    remote_id: str
    thought_of_on: int


CYTOLOGY = System(
    HOSPITAL,
    "aide-cytologie",
    "Aide à la cytologie du sein",
    "Aider à ne pas passer à côté d’un cancer du sein quand la lecture hésite. Le médecin lit d’abord seul ; le temps gagné "
    "sert à annoncer les résultats de vive voix.",
    Autonomy.SUGGESTS,
    ActKind.CYTOLOGY_READING,
    "breast-cytology",
    14,
)
FALL_RISK = System(
    NURSING_HOME,
    "aide-chutes",
    "Aide aux chutes",
    "Repérer plus tôt qui risque de tomber, pour marcher davantage avec cette personne, pas pour l’en empêcher.",
    Autonomy.INFORMS,
    ActKind.FALL_RISK,
    "fall-checklist",
    13,
)
COMPANION = System(
    NURSING_HOME,
    "robot-compagnie",
    "Robot de compagnie",
    "Savoir, avec les résidents, si une présence artificielle peut adoucir certains après-midi sans remplacer une visite.",
    Autonomy.ACTS_UNDER_WATCH,
    ActKind.COMPANION,
    "",
    60,
)


def ai_address() -> str:
    """Where the reference AI of the demonstration listens."""
    return os.environ["COLLOQUE_DEMO_AI"]


def told_by_the_ai(module: str, *arguments: str) -> str:
    """What one of the reference AI's own programs prints."""
    command = [sys.executable, "-m", f"colloque.reference_ai.{module}", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8").stdout


def declare(world: World, system: System) -> Project:
    """A project in draft, with what its lead says of it."""
    lead = world.accounts["project-lead"]
    return declare_project(
        world.houses[system.house],
        slug=system.slug,
        name=system.name,
        intention=system.intention,
        track=Track.BEDSIDE,
        autonomy=system.autonomy,
        lead=lead,
        endpoint=ai_address() if system.remote_id else "",
        by=lead,
        at=world.begins + timedelta(days=system.thought_of_on),
    )


def declare_whole(world: World, system: System) -> Service:
    """A project in draft, with everything declared about it."""
    lead, at = world.accounts["project-lead"], world.begins + timedelta(days=system.thought_of_on, hours=3)
    project = declare(world, system)
    declared: Mapping[str, Any] = json.loads(told_by_the_ai("declaration", system.remote_id))
    declare_intended_use(project, read_intended_use(declared["intended_use"]), by=lead, at=at)
    declare_model_card(project, read_model_card(declared["model_card"]), by=lead, at=at)
    said = declared["service"]
    return declare_service(
        project,
        slug=said["slug"],
        remote_id=said["remote_id"],
        hook=said["hook"],
        act_kind=system.act_kind,
        title=said["title"]["fr"],
        description=said["description"]["fr"],
        prefetch=said["prefetch"],
        inputs=said["inputs"],
        readings=said["readings"],
        by=lead,
        at=at,
    )


def put_in_service(world: World, service: Service) -> None:
    """Let an AI begin, two days after it was declared; people were heard about it before."""
    thought_of_on = next(one.thought_of_on for one in (CYTOLOGY, FALL_RISK) if one.slug == service.project.slug)
    at = world.begins + timedelta(days=thought_of_on + 2, hours=3)
    make_live(service.project, by=world.accounts["director"], at=at)
    service.project.refresh_from_db()
