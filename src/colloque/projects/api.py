"""Projects in the REST API: the AI systems of an establishment, public."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema

from colloque.kernel.vocabulary import ActKind, Autonomy, ProjectStatus, Track
from colloque.people.api import PUBLIC
from colloque.people.language import page_language
from colloque.projects.queries import AiSystem, public_house, public_project, public_projects


class ServiceOut(Schema):
    """One thing an AI does, and the data it receives for it."""

    id: UUID
    title: str
    description: str
    act_kind: ActKind
    hook: str
    receives: list[str]


class SuspensionOut(Schema):
    """When a system was stopped, why, and when that ended."""

    since: datetime
    reason: str
    lifted_at: datetime | None


class AiSystemOut(Schema):
    """An AI system as anyone may read it."""

    slug: str
    name: str
    intention: str
    track: Track
    autonomy: Autonomy
    status: ProjectStatus
    lead: str
    live_since: datetime | None
    maker: str
    version: str
    never_taught: str
    labelled_by: str
    services: list[ServiceOut]
    suspensions: list[SuspensionOut]


router = Router(tags=["AI systems"])


@router.get(
    "/establishments/{slug:slug}/ai",
    response={200: list[AiSystemOut], **PUBLIC},
    summary="The AI systems of an establishment",
)
def ai_systems(request: HttpRequest, slug: str) -> list[AiSystemOut]:  # noqa: ARG001 - ninja hands it over
    """All of them, those in preparation too: no AI arrives unannounced."""
    return [_told(system) for system in public_projects(public_house(slug))]


@router.get(
    "/establishments/{slug:slug}/ai/{slug:project}",
    response={200: AiSystemOut, **PUBLIC},
    summary="One AI system of an establishment",
)
def ai_system(request: HttpRequest, slug: str, project: str) -> AiSystemOut:  # noqa: ARG001 - ninja hands it over
    """What it is for, what it receives, who answers for it, where it stands."""
    return _told(public_project(public_house(slug), project))


def _told(system: AiSystem) -> AiSystemOut:
    language = page_language()
    card = system.model_card
    return AiSystemOut(
        slug=system.slug,
        name=system.name,
        intention=system.intention,
        track=system.track,
        autonomy=system.autonomy,
        status=system.status,
        lead=system.lead,
        live_since=system.live_since,
        maker=card.maker,
        version=card.version,
        never_taught=card.never_taught.said_in(language),
        labelled_by=card.labelled_by.said_in(language),
        services=[
            ServiceOut(
                id=service.id,
                title=service.title,
                description=service.description,
                act_kind=service.act_kind,
                hook=service.hook,
                receives=[key.words.said_in(language) or key.query for key in service.receives],
            )
            for service in system.services
        ],
        suspensions=[
            SuspensionOut(since=stop.since, reason=stop.reason, lifted_at=stop.lifted_at) for stop in system.stops
        ],
    )
