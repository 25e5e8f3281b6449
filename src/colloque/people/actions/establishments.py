"""Opening an establishment, and its units."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext

from colloque.kernel.errors import ConflictError, InvalidInputError
from colloque.ledger.actions import record
from colloque.people.actions.operator import By, must_administer, named
from colloque.people.models import Establishment, EstablishmentKind, Unit


def open_establishment(
    slug: str, name: str, kind: EstablishmentKind, *, city: str = "", timezone: str = "Europe/Paris"
) -> Establishment:
    """A new establishment; only the operator opens one. Raises `ConflictError` for a slug already taken."""
    if slugify(slug) != slug or not slug:
        raise InvalidInputError("A slug holds lower-case letters, digits and hyphens.", code="slug", path="slug")
    with transaction.atomic():
        if Establishment.objects.filter(slug=slug).exists():
            raise ConflictError(gettext("Un établissement porte déjà ce nom court."), code="slug-taken", path="slug")
        opened = Establishment.objects.create(slug=slug, name=name, kind=kind, city=city, timezone=timezone)
        record("establishment.opened", subject=opened.id, payload={"establishment": str(opened.id), "by": "operator"})
    return opened


def add_unit(establishment: Establishment, name: str, *, by: By, at: datetime, slug: str = "") -> Unit:
    """A new unit. Raises `NotFoundError` for whoever is not an administrator, `ConflictError` for a name already taken."""
    with transaction.atomic():
        must_administer(by, establishment, at)
        _refuse_taken(establishment, name, but=None)
        unit = Unit.objects.create(establishment=establishment, name=name, slug=slug or _free_slug(establishment, name))
        record("unit.added", subject=establishment.id, payload={"unit": str(unit.id), "name": name, "by": named(by)})
    return unit


def rename_unit(unit: Unit, name: str, *, by: By, at: datetime) -> None:
    """Another name for a unit. Raises as `add_unit`."""
    with transaction.atomic():
        must_administer(by, unit.establishment, at)
        _refuse_taken(unit.establishment, name, but=unit)
        Unit.objects.filter(pk=unit.pk).update(name=name)
        payload = {"unit": str(unit.id), "name": name, "by": named(by)}
        record("unit.renamed", subject=unit.establishment_id, payload=payload)


def _refuse_taken(establishment: Establishment, name: str, *, but: Unit | None) -> None:
    others = Unit.objects.filter(establishment=establishment, name__iexact=name)
    if but is not None:
        others = others.exclude(pk=but.pk)
    if others.exists():
        raise ConflictError(gettext("Une unité porte déjà ce nom."), code="unit-taken", path="name")


def _free_slug(establishment: Establishment, name: str) -> str:
    wanted = slugify(name)[:40] or "unite"
    taken = set(
        Unit.objects.filter(establishment=establishment, slug__startswith=wanted).values_list("slug", flat=True)
    )
    numbered = (f"{wanted}-{number}" for number in range(2, len(taken) + 3))
    return wanted if wanted not in taken else next(slug for slug in numbered if slug not in taken)
