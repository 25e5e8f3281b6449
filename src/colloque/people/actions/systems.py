"""Client systems: which electronic health records may call, with which public keys, and whom they mean by a practitioner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from colloque.kernel.errors import ConflictError
from colloque.kernel.vocabulary import STAFF_ROLES
from colloque.ledger.actions import record
from colloque.ledger.queries import installation_keys
from colloque.people.access import ANY_UNIT, require_role
from colloque.people.actions.operator import By, must_administer, named
from colloque.people.core.identifiers import practitioner_digest
from colloque.people.models import Account, ClientSystem, Establishment, PractitionerIdentifier


@dataclass(frozen=True)
class SystemDetails:
    """What a client system is known by; `jwks`, `issuer` and `origins` as `people.core.client_keys` gives them."""

    name: str
    issuer: str
    jwks: Mapping[str, Any]
    origins: Sequence[str] = ()


def register_client_system(
    establishment: Establishment, details: SystemDetails, *, by: By, at: datetime
) -> ClientSystem:
    """A system that may call from now on. Raises `NotFoundError`, and `ConflictError` for an issuer already there."""
    with transaction.atomic():
        must_administer(by, establishment, at)
        _refuse_taken(establishment, details.issuer, but=None)
        system = ClientSystem.objects.create(
            establishment=establishment,
            name=details.name,
            issuer=details.issuer,
            jwks=dict(details.jwks),
            origins=list(details.origins),
        )
        record("client-system.registered", subject=establishment.id, payload=_told(system, by))
    return system


def change_client_system(system: ClientSystem, details: SystemDetails, *, by: By, at: datetime) -> None:
    """Other keys, origins, name or issuer, from the next call on. Raises as `register_client_system`."""
    with transaction.atomic():
        must_administer(by, system.establishment, at)
        held = ClientSystem.objects.select_for_update().get(pk=system.pk)
        _refuse_taken(system.establishment, details.issuer, but=held)
        held.name, held.issuer = details.name, details.issuer
        held.jwks, held.origins = dict(details.jwks), list(details.origins)
        held.save(update_fields=["name", "issuer", "jwks", "origins"])
        record("client-system.changed", subject=system.establishment_id, payload=_told(held, by))


def admit_client_system(system: ClientSystem, *, is_active: bool, by: By, at: datetime) -> None:
    """Let a system call, or stop it from the next call on. Raises `NotFoundError`."""
    with transaction.atomic():
        must_administer(by, system.establishment, at)
        held = ClientSystem.objects.select_for_update().get(pk=system.pk)
        held.is_active = is_active
        held.save(update_fields=["is_active"])
        kind = "client-system.admitted" if is_active else "client-system.stopped"
        record(kind, subject=system.establishment_id, payload=_told(held, by))


def link_practitioner(system: ClientSystem, practitioner: str, account: Account, *, by: By, at: datetime) -> None:
    """Whom a system means by `Practitioner/…`; only somebody with a staff role there.

    Raises `NotFoundError`, and `ConflictError` where the id already means somebody else.
    """
    with transaction.atomic():
        must_administer(by, system.establishment, at)
        require_role(account, system.establishment, *STAFF_ROLES, at=at, unit=ANY_UNIT)
        digest = practitioner_digest(installation_keys().keyring, system.id, practitioner)
        found, is_new = PractitionerIdentifier.objects.get_or_create(
            system=system, digest=digest, defaults={"account": account}
        )
        if not is_new:
            raise ConflictError(
                gettext("Cet identifiant désigne déjà quelqu’un dans ce système."), code="practitioner-taken"
            )
        payload = {"system": str(system.id), "account": str(found.account_id), "by": named(by)}
        record("practitioner.linked", subject=system.establishment_id, payload=payload)


def unlink_practitioner(identifier: PractitionerIdentifier, *, by: By, at: datetime) -> None:
    """Forget whom a system meant by an id. Raises `NotFoundError`."""
    with transaction.atomic():
        must_administer(by, identifier.system.establishment, at)
        payload = {"system": str(identifier.system_id), "account": str(identifier.account_id), "by": named(by)}
        PractitionerIdentifier.objects.filter(pk=identifier.pk).delete()
        record("practitioner.unlinked", subject=identifier.system.establishment_id, payload=payload)


def _refuse_taken(establishment: Establishment, issuer: str, *, but: ClientSystem | None) -> None:
    others = ClientSystem.objects.filter(establishment=establishment, issuer=issuer)
    if but is not None:
        others = others.exclude(pk=but.pk)
    if others.exists():
        raise ConflictError(gettext("Un système a déjà cet émetteur."), code="issuer-taken", path="issuer")


def _told(system: ClientSystem, by: By) -> dict[str, Any]:
    return {
        "system": str(system.id),
        "issuer": system.issuer,
        "keys": [key["kid"] for key in system.jwks.get("keys", [])],
        "origins": list(system.origins),
        "active": system.is_active,
        "by": named(by),
    }
