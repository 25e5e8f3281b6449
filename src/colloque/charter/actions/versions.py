"""A version proposed and adopted whole, by the director or the administrator."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext

from colloque.charter.core.constitution import establishment_rules
from colloque.charter.core.problems import InvalidCharterError
from colloque.charter.core.rules import Rule
from colloque.charter.models import CharterVersion
from colloque.kernel.errors import ConflictError, InvalidInputError
from colloque.kernel.vocabulary import Role
from colloque.ledger.actions import record
from colloque.people.access import require_role
from colloque.people.models import Account, Establishment

ADOPTING_ROLES = (Role.DIRECTOR, Role.ADMINISTRATOR)


def _checked(cedar: str) -> tuple[Rule, ...]:
    rules, problems = establishment_rules(cedar)
    if problems:
        raise InvalidCharterError(problems)
    if not rules:
        raise InvalidInputError(
            gettext("Cette charte ne contient aucune règle : plus rien ne serait permis."),
            code="charter-empty",
            path="cedar",
        )
    return rules


def _record(kind: str, version: CharterVersion, by: Account) -> None:
    record(
        kind,
        subject=version.establishment_id,
        payload={
            "version": str(version.id),
            "number": version.number,
            "cedar_sha256": sha256(version.cedar.encode()).hexdigest(),
            "by": str(by.id),
        },
    )


@transaction.atomic
def propose_charter(
    establishment: Establishment, cedar: str, *, by: Account, at: datetime, preamble: str = ""
) -> CharterVersion:
    """A version to debate, numbered after the last one. By the director or the administrator.

    Raises `NotFoundError` for anybody else, `InvalidCharterError` with what to correct, `InvalidInputError` without any rule,
    `ConflictError` when the text is the one in force.
    """
    require_role(by, establishment, *ADOPTING_ROLES, at=at)
    text = cedar.replace("\r\n", "\n").strip() + "\n"
    _checked(text)
    Establishment.objects.select_for_update().get(pk=establishment.pk)
    versions = CharterVersion.objects.filter(establishment=establishment)
    in_force = versions.filter(adopted_at__isnull=False).order_by("-number").first()
    if in_force is not None and in_force.cedar == text:
        raise ConflictError(
            gettext("Ce texte est déjà celui qui est en vigueur."), code="charter-unchanged", path="cedar"
        )
    last = versions.aggregate(last=Max("number"))["last"] or 0
    version = CharterVersion.objects.create(
        establishment=establishment,
        number=last + 1,
        cedar=text,
        preamble=preamble.strip(),
        proposed_by=by,
        proposed_at=at,
    )
    _record("charter.proposed", version, by)
    return version


@transaction.atomic
def adopt_charter(version: CharterVersion, *, by: Account, at: datetime) -> CharterVersion:
    """Put a version in force, from the next act on. By the director or the administrator.

    Raises `NotFoundError` for anybody else, `ConflictError` where it was adopted already or a later one is in force,
    `InvalidCharterError` where the software has since come to refuse its text.
    """
    require_role(by, version.establishment, *ADOPTING_ROLES, at=at)
    Establishment.objects.select_for_update().get(pk=version.establishment_id)
    held = CharterVersion.objects.select_for_update().select_related("establishment").get(pk=version.pk)
    if held.adopted_at is not None:
        raise ConflictError(gettext("Cette version est déjà adoptée."), code="charter-adopted")
    if CharterVersion.objects.filter(
        establishment=held.establishment_id, number__gt=held.number, adopted_at__isnull=False
    ).exists():
        raise ConflictError(
            gettext("Une version plus récente est en vigueur. Proposez de nouveau ce texte pour y revenir."),
            code="charter-superseded",
        )
    _checked(held.cedar)
    held.adopted_by = by
    held.adopted_at = at
    held.save(update_fields=["adopted_by", "adopted_at"])
    _record("charter.adopted", held, by)
    return held
