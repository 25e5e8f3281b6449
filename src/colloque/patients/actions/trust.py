"""Whom a person trusts to see or answer in their name, and how far."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from colloque.kernel.errors import InvalidInputError, NotAllowedError
from colloque.kernel.sealing import seal
from colloque.ledger.actions import record, subject_key
from colloque.patients.access import may_care
from colloque.patients.actions.held import hold
from colloque.patients.core.trust import Contact, Power, contact_bytes, powers_of
from colloque.patients.models import Person, TrustedContact, TrustedLink
from colloque.patients.queries.trust import about_contact
from colloque.people.access import nothing_here
from colloque.people.models import Account


@transaction.atomic
def trust(
    person: Person,
    account: Account,
    powers: Iterable[Power],
    *,
    by: Account,
    at: datetime,
    until: datetime | None = None,
) -> TrustedLink:
    """Let somebody see or answer in one's name, within these powers. Only the person; said again, it replaces what was said.

    Raises `NotFoundError` for anybody else, `InvalidInputError` for no power, for oneself, or for an end already past.
    """
    held = hold(person)
    _require_themselves(held, by)
    if account.id == by.id:
        raise InvalidInputError(gettext("Vous ne pouvez pas vous désigner vous-même."), path="account")
    if until is not None and until <= at:
        raise InvalidInputError(gettext("Cette date est déjà passée."), path="until")
    given = sorted(powers_of([power.value for power in powers]))
    TrustedLink.objects.filter(person=held, account=account, until__isnull=True).update(until=at)
    link = TrustedLink.objects.create(
        person=held, account=account, powers=[power.value for power in given], since=at, until=until
    )
    record(
        "trust.given",
        subject=held.id,
        payload={"link": str(link.id), "to": str(account.id), "powers": link.powers, "by": str(by.id)},
    )
    return link


@transaction.atomic
def end_trust(link: TrustedLink, *, by: Account, at: datetime) -> None:
    """Take the powers back; effective at once. Only the person, or the trusted person who gives them up."""
    held = hold(link.person)
    if by.id != link.account_id:
        _require_themselves(held, by)
    current = TrustedLink.objects.select_for_update().get(id=link.id)
    if current.until is not None and current.until <= at:
        raise nothing_here()
    current.until = at
    current.save(update_fields=["until"])
    record("trust.ended", subject=held.id, payload={"link": str(current.id), "by": str(by.id)})


@transaction.atomic
def name_contact(person: Person, contact: Contact, *, by: Account, at: datetime) -> None:
    """Note whom the person names as their trusted person; it replaces what was noted and opens no access.

    The person may, and a carer of theirs who writes down what they say. Raises `NotFoundError` for anybody else,
    `NotAllowedError` for a carer where the person wrote it themselves.
    """
    held = hold(person)
    _require_writing(held, by, at)
    TrustedContact.objects.update_or_create(
        person=held,
        defaults={
            "sealed": seal(
                subject_key(held.id),
                contact_bytes(contact),
                about=about_contact(held.id),
                random_bytes=secrets.token_bytes,
            ),
            "noted_by": by,
            "noted_at": at,
        },
    )
    record("trusted-contact.named", subject=held.id, payload={"by": str(by.id)})


@transaction.atomic
def remove_contact(person: Person, *, by: Account, at: datetime) -> None:
    """Forget whom the person had named. Raises `NotFoundError` where nobody was, and what `name_contact` raises."""
    held = hold(person)
    _require_writing(held, by, at)
    gone, _rows = TrustedContact.objects.filter(person=held).delete()
    if not gone:
        raise nothing_here()
    record("trusted-contact.removed", subject=held.id, payload={"by": str(by.id)})


def _require_writing(person: Person, by: Account, at: datetime) -> None:
    if person.account_id is not None and person.account_id == by.id:
        return
    if not may_care(by, person, at):
        raise nothing_here()
    if (
        person.account_id is not None
        and TrustedContact.objects.filter(person=person, noted_by=person.account_id).exists()
    ):
        raise NotAllowedError(
            gettext("Cette personne a écrit elle-même en qui elle a confiance. Elle seule peut le changer."),
            code="contact-theirs",
        )


def _require_themselves(person: Person, by: Account) -> None:
    if person.account_id is None or person.account_id != by.id:
        raise nothing_here()
