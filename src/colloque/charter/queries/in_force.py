"""The charter in force: computed by its dates, so that a version decided for a later day takes effect with nobody present."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from colloque.charter.core.engine import Charter
from colloque.charter.core.history import timeline
from colloque.charter.models import CharterVersion


@lru_cache(maxsize=64)
def charter_of(version_id: UUID | None) -> Charter:
    """The charter of a version, kept compiled: its text never changes. Without a version, the constitution alone.

    Raises `CharterVersion.DoesNotExist`, and `InvalidCharterError` where the software has come to refuse its text.
    """
    if version_id is None:
        return Charter.compile(0, "")
    number, cedar = CharterVersion.objects.values_list("number", "cedar").get(pk=version_id)
    return Charter.compile(number, cedar)


def versions_in_force(establishment_id: UUID, at: datetime) -> QuerySet[CharterVersion]:
    """The adopted versions whose day has come, the one in force first. The governed act reads the same rule in SQL."""
    return CharterVersion.objects.filter(
        Q(applies_from__isnull=True) | Q(applies_from__lte=at),
        establishment_id=establishment_id,
        adopted_at__isnull=False,
    ).order_by("-number")


def scheduled_versions(establishment_id: UUID, at: datetime) -> list[CharterVersion]:
    """The adopted versions whose day is still to come, in the order of their days; those already overtaken are left out."""
    found = {v.number: v for v in CharterVersion.objects.filter(establishment_id=establishment_id, applies_from__gt=at)}
    return [found[number] for number in timeline((v.number, begins(v)) for v in found.values())]


def begins(version: CharterVersion) -> datetime:
    """From when an adopted version applies. Raises `ValueError` for one that is not adopted."""
    begin = version.applies_from or version.adopted_at
    if begin is None:
        raise ValueError("This version was never adopted.")
    return begin


def id_in_force(establishment_id: UUID, at: datetime | None = None) -> UUID | None:
    """The version in force at a moment, by default now, if any."""
    return versions_in_force(establishment_id, at or timezone.now()).values_list("pk", flat=True).first()


def charter_in_force(establishment_id: UUID, at: datetime | None = None) -> Charter:
    """The establishment's charter; where none is in force the constitution alone, which permits nothing."""
    return charter_of(id_in_force(establishment_id, at))
