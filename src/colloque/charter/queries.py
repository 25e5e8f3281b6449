"""Everything that reads charters."""

from __future__ import annotations

from functools import lru_cache
from uuid import UUID

from colloque.charter.core.engine import Charter
from colloque.charter.models import CharterVersion

NO_VERSION = 0


@lru_cache(maxsize=64)
def _compiled(version: UUID, number: int) -> Charter:
    """A version's text never changes once proposed (database trigger), so its id is enough of a key."""
    return Charter.compile(number, CharterVersion.objects.values_list("cedar", flat=True).get(pk=version))


@lru_cache(maxsize=1)
def _constitution_alone() -> Charter:
    return Charter.compile(NO_VERSION, "")


def version_in_force(establishment_id: UUID) -> CharterVersion | None:
    """The adopted version with the highest number, if any; without its text."""
    return (
        CharterVersion.objects.filter(establishment_id=establishment_id, adopted_at__isnull=False)
        .order_by("-number")
        .defer("cedar", "preamble")
        .first()
    )


def compiled(version_id: UUID, number: int) -> Charter:
    """The charter of one version, kept compiled. Raises `CharterVersion.DoesNotExist`, `InvalidCharterError`."""
    return _compiled(version_id, number)


def charter_in_force(establishment_id: UUID) -> Charter:
    """The establishment's charter; where none was adopted the constitution alone, which permits nothing."""
    version = version_in_force(establishment_id)
    return _constitution_alone() if version is None else _compiled(version.pk, version.number)
