"""Everything that reads charters."""

from __future__ import annotations

from functools import lru_cache
from uuid import UUID

from colloque.charter.core.engine import Charter
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


def id_in_force(establishment_id: UUID) -> UUID | None:
    """The adopted version with the highest number, if any."""
    return (
        CharterVersion.objects.filter(establishment_id=establishment_id, adopted_at__isnull=False)
        .order_by("-number")
        .values_list("pk", flat=True)
        .first()
    )


def charter_in_force(establishment_id: UUID) -> Charter:
    """The establishment's charter; where none was adopted the constitution alone, which permits nothing."""
    return charter_of(id_in_force(establishment_id))
