"""What a test of the gateway plays in: an establishment of its own, its record system, its AI."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from colloque.kernel.vocabulary import ActKind, ChoiceAnswer
from tests.acts.world import World, a_world
from tests.gateway.ehr import Ehr, register
from tests.gateway.played_ai import PlayedAi
from tests.journeys.server import Installation


@dataclass
class Scene:
    """One establishment with its record system and its AI."""

    world: World
    ehr: Ehr
    ai: PlayedAi
    installation: Installation


def a_scene(
    server: Installation,
    ai: PlayedAi,
    *,
    kind: ActKind = ActKind.WEIGHT,
    choice: ChoiceAnswer | None = ChoiceAnswer.YES,
) -> Scene:
    """An establishment of its own, whatever the test before left."""
    world = a_world(kind=kind, endpoint=ai.url, choice=choice, slug=f"house-{uuid4().hex[:12]}")
    ehr = register(server.url, world.house, "aide.lecture", world.person, world.carer)
    return Scene(world, ehr, ai, server)


def discovered(scene: Scene) -> list[dict[str, Any]]:
    """The services that discovery tells of."""
    answer = scene.ehr.request("GET", f"/cds/{scene.ehr.slug}/cds-services")
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    services: list[dict[str, Any]] = answer.json["services"]
    return services
