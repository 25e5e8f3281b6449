"""Accounts: made for the demonstration and the command line, given access again, closed, signed out everywhere."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.db.models import Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext

from colloque.kernel.errors import ConflictError, NotAllowedError
from colloque.kernel.vocabulary import Role
from colloque.ledger.actions import record
from colloque.people.access import nothing_here
from colloque.people.actions.invitations import dead_link
from colloque.people.actions.operator import By, account_of, must_administer, named
from colloque.people.core.links import ACCESS_LASTS, LinkState, digest_of, new_secret, state_of
from colloque.people.models import NOWHERE, AccessLink, Account, Establishment, Invitation, Membership, NationalIdentity

NOBODY: Final = f"nobody@{NOWHERE}"
"""An address that reaches nobody (RFC 2606), in place of one that was erased."""


@dataclass(frozen=True)
class Made:
    """A link made, and its secret, which is kept nowhere."""

    link: AccessLink
    secret: str = field(repr=False)


def create_account(email: str, *, given_name: str, family_name: str, language: str = "fr") -> Account:
    """An account without a password and without any role, for the operator. Raises `ConflictError` for an address in use."""
    with transaction.atomic():
        if Account.objects.filter(email=email.lower()).exists():
            raise ConflictError(gettext("Cette adresse a déjà un compte."), code="account-exists", path="email")
        return Account.objects.create_user(
            email, None, given_name=given_name, family_name=family_name, language=language
        )


def make_access_link(account: Account, establishment: Establishment, *, by: By, at: datetime) -> Made:
    """A link by which somebody who lost their password chooses another; earlier links die. A second factor stays.

    Raises `NotFoundError` as for any change, `NotAllowedError` for oneself and for somebody who also belongs to another
    establishment: an administrator here must not open doors there.
    """
    with transaction.atomic():
        _must_answer_for(account, establishment, by, at)
        AccessLink.objects.filter(account=account, used_at__isnull=True, withdrawn_at__isnull=True).update(
            withdrawn_at=at
        )
        secret = new_secret(secrets.token_bytes)
        link = AccessLink.objects.create(
            account=account,
            digest=digest_of(secret),
            made_by=account_of(by),
            made_at=at,
            expires_at=at + ACCESS_LASTS,
        )
        payload = {"account": str(account.id), "by": named(by)}
        record("access-link.made", subject=establishment.id, payload=payload)
    return Made(link, secret)


def use_access_link(secret: str, password: str, *, at: datetime) -> Account:
    """Choose a new password by a link; open sessions end. Raises `NotFoundError` for a link that opens nothing."""
    with transaction.atomic():
        link = AccessLink.objects.select_for_update().filter(digest=digest_of(secret)).first()
        if link is None or LinkState.OPEN is not state_of(
            at=at, expires_at=link.expires_at, used_at=link.used_at, withdrawn_at=link.withdrawn_at
        ):
            raise dead_link()
        account = Account.objects.select_for_update().get(pk=link.account_id)
        if not account.is_active:
            raise dead_link()
        account.set_password(password)
        account.sessions_from = at
        account.save(update_fields=["password", "sessions_from"])
        AccessLink.objects.filter(pk=link.pk).update(used_at=at)
        membership = Membership.objects.filter(account=account).order_by("-valid_from").first()
        if membership is not None:
            record("access-link.used", subject=membership.establishment_id, payload={"account": str(account.id)})
    return account


def forget_second_factor(account: Account, establishment: Establishment, *, by: By, at: datetime) -> None:
    """Remove the second factor of somebody who lost it; open sessions end. Raises as `make_access_link`."""
    with transaction.atomic():
        _must_answer_for(account, establishment, by, at)
        Authenticator.objects.filter(user=account).delete()
        Account.objects.filter(pk=account.pk).update(sessions_from=at)
        payload = {"account": str(account.id), "by": named(by)}
        record("second-factor.forgotten", subject=establishment.id, payload=payload)


def deactivate_account(account: Account, establishment: Establishment, *, by: By, at: datetime) -> None:
    """Close an account: it signs in nowhere any more. Raises as `make_access_link`."""
    with transaction.atomic():
        _must_answer_for(account, establishment, by, at)
        Account.objects.filter(pk=account.pk).update(is_active=False, sessions_from=at)
        payload = {"account": str(account.id), "by": named(by)}
        record("account.deactivated", subject=establishment.id, payload=payload)


def end_patient_access(account: Account | None, establishment: Establishment, about: UUID, *, at: datetime) -> None:
    """End what let an erased person in: their role as a patient here, and every invitation to speak for them.

    An account that has no other role anywhere is closed and loses name, address, password and second factor. The caller has
    checked who asks, and records it.
    """
    speaking = Invitation.objects.filter(establishment=establishment)
    speaking.filter(about=about, used_at__isnull=True, withdrawn_at__isnull=True).update(withdrawn_at=at)
    own = Q(about=about) | Q(email=account.email) if account is not None else Q(about=about)
    speaking.filter(own, role=Role.PATIENT.value).update(
        email=NOBODY, given_name="", family_name="", withdrawn_at=Coalesce("withdrawn_at", Value(at))
    )
    speaking.filter(about=about).update(about=None)
    if account is None:
        return
    held = Account.objects.select_for_update().get(pk=account.pk)
    theirs = Membership.objects.filter(account=held, establishment=establishment, role=Role.PATIENT.value)
    theirs.filter(valid_from__gte=at).delete()
    theirs.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=at)).update(valid_until=at)
    others = Membership.objects.filter(account=held).exclude(pk__in=theirs.values("pk"))
    if others.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=at)).exists() or held.is_superuser:
        return
    AccessLink.objects.filter(account=held).delete()
    Authenticator.objects.filter(user=held).delete()
    EmailAddress.objects.filter(user=held).delete()
    SocialAccount.objects.filter(user=held).delete()
    NationalIdentity.objects.filter(account=held).delete()
    held.email, held.given_name, held.family_name = f"{held.id}@{NOWHERE}", "", ""
    held.is_active, held.sessions_from = False, at
    held.set_unusable_password()
    held.save(update_fields=["email", "given_name", "family_name", "is_active", "sessions_from", "password"])


def sign_out_everywhere(*, by: Account, at: datetime) -> None:
    """End every session of one's own account, on whatever computer."""
    with transaction.atomic():
        Account.objects.filter(pk=by.pk).update(sessions_from=at)
        houses = Membership.objects.filter(account=by).values_list("establishment_id", flat=True).distinct()
        for house in houses:
            record("sessions.ended", subject=house, payload={"account": str(by.id), "by": str(by.id)})


def _must_answer_for(account: Account, establishment: Establishment, by: By, at: datetime) -> None:
    must_administer(by, establishment, at)
    if not isinstance(by, Account):
        return
    if by == account:
        raise NotAllowedError(gettext("Pour votre propre compte, passez par « Mon compte »."), code="own-account")
    houses = set(Membership.objects.filter(account=account).values_list("establishment_id", flat=True))
    if establishment.id not in houses:
        raise nothing_here()
    if houses != {establishment.id}:
        raise NotAllowedError(
            gettext(
                "Cette personne appartient aussi à un autre établissement. "
                "Demandez à la personne qui exploite l’installation."
            ),
            code="belongs-elsewhere",
        )
