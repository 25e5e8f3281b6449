"""The public face of an establishment: what was decided, which AI are here, how to refuse, how to verify."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from colloque.charter.queries import charter_page
from colloque.kernel.vocabulary import ProjectStatus
from colloque.ledger.queries import latest_checkpoint
from colloque.people.language import page_language
from colloque.people.models import Establishment
from colloque.projects.queries import AiSystem, public_projects


@dataclass(frozen=True)
class Face:
    """What the page shows. Rules are titles in the reader's language; without an adopted charter `number` is 0."""

    house: Establishment
    number: int
    adopted_at: datetime | None
    adopted_by: str
    closed: tuple[str, ...]
    on_condition: tuple[str, ...]
    permitted: int
    debated: int
    systems: tuple[AiSystem, ...]
    signed_lines: int

    @property
    def rules(self) -> int:
        """How many of the house's own rules hold."""
        return len(self.closed) + len(self.on_condition) + self.permitted

    @property
    def live(self) -> int:
        """How many AI may act."""
        return sum(system.status is ProjectStatus.LIVE for system in self.systems)


def face_of(slug: str) -> Face:
    """The public face of a house. Raises `NotFoundError`."""
    page = charter_page(slug, page_language())
    latest = latest_checkpoint()
    return Face(
        house=page.establishment,
        number=page.version.number if page.version else 0,
        adopted_at=page.version.adopted_at if page.version else None,
        adopted_by=page.version.adopted_by if page.version else "",
        closed=tuple(rule.title for rule in page.sections.closed),
        on_condition=tuple(rule.title for rule in page.sections.asking),
        permitted=len(page.sections.permitted),
        debated=len(page.debated),
        systems=tuple(public_projects(page.establishment)),
        signed_lines=latest.size if latest else 0,
    )
