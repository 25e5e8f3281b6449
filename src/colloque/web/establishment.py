"""The public face of an establishment: what was decided, which AI are here, how to refuse, how to verify."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import get_language

from colloque.charter.core.rules import Rule
from colloque.charter.queries import charter_in_force
from colloque.ledger.queries import latest_checkpoint
from colloque.people.models import Establishment
from colloque.projects.queries import AiSystem, public_house, public_projects


@dataclass(frozen=True)
class Face:
    """What the page shows. Rules are titles in the reader's language; `number` is 0 under the constitution alone."""

    house: Establishment
    number: int
    closed: tuple[str, ...]
    on_condition: tuple[str, ...]
    systems: tuple[AiSystem, ...]
    signed_lines: int


def face_of(slug: str) -> Face:
    """The public face of a house. Raises `NotFoundError`."""
    house = public_house(slug)
    language = "en" if (get_language() or "fr").startswith("en") else "fr"
    charter = charter_in_force(house.id)
    refusals = [rule for rule in charter.rules if rule.effect == "forbid"]
    latest = latest_checkpoint()
    return Face(
        house=house,
        number=charter.number,
        closed=_titles([rule for rule in refusals if rule.asks is None and not rule.is_constitution], language),
        on_condition=_titles([rule for rule in refusals if rule.asks is not None], language),
        systems=tuple(public_projects(house)),
        signed_lines=latest.size if latest else 0,
    )


def _titles(rules: list[Rule], language: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(rule.title(language) for rule in rules))
