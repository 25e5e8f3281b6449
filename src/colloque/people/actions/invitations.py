"""How somebody comes in: an invitation by link, accepted with a new password, one's account, or an identity provider."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext

from colloque.kernel.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError
from colloque.kernel.vocabulary import Profession, Role
from colloque.ledger.actions import record
from colloque.people.access import nothing_here
from colloque.people.actions.operator import By, account_of, must_administer, named
from colloque.people.actions.roles import begin_role
from colloque.people.core.links import INVITATION_LASTS, LinkState, digest_of, new_secret, state_of
from colloque.people.models import Account, Establishment, Invitation, Membership, NationalIdentity, Unit
from colloque.people.signals import invitation_accepted


@dataclass(frozen=True)
class Sent:
    """An invitation made, and the secret of its link, which is kept nowhere."""

    invitation: Invitation
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Offer:
    """What an invitation offers: a role, to whom, until when."""

    email: str
    role: Role
    given_name: str = ""
    family_name: str = ""
    profession: Profession | None = None
    unit: Unit | None = None
    valid_until: datetime | None = None
    about: UUID | None = None
    national_digest: bytes | None = None


def invite(establishment: Establishment, offer: Offer, *, by: By, at: datetime) -> Sent:
    """A link by which a person takes a role; an earlier open invitation to the same role is withdrawn.

    Whether the address already has an account changes nothing that the inviter sees. Raises `NotFoundError` for whoever is not
    an administrator, `NotAllowedError` for oneself, `InvalidInputError` for an offer that does not hold together.
    """
    email = offer.email.strip().lower()
    with transaction.atomic():
        must_administer(by, establishment, at)
        if isinstance(by, Account) and by.email == email:
            raise NotAllowedError(
                gettext("On ne se donne pas un rôle à soi-même. Demandez-le à un autre administrateur."),
                code="own-role",
            )
        _check(establishment, offer, at)
        open_ones = Invitation.objects.filter(
            establishment=establishment,
            email=email,
            role=offer.role,
            unit=offer.unit,
            used_at__isnull=True,
            withdrawn_at__isnull=True,
        )
        open_ones.update(withdrawn_at=at)
        secret = new_secret(secrets.token_bytes)
        invitation = Invitation.objects.create(
            establishment=establishment,
            email=email,
            given_name=offer.given_name,
            family_name=offer.family_name,
            role=offer.role,
            profession=offer.profession or "",
            unit=offer.unit,
            valid_until=offer.valid_until,
            about=offer.about,
            national_digest=offer.national_digest,
            digest=digest_of(secret),
            invited_by=account_of(by),
            invited_at=at,
            expires_at=at + INVITATION_LASTS,
        )
        record("invitation.sent", subject=establishment.id, payload=_told(invitation, named(by)))
    return Sent(invitation, secret)


def _check(establishment: Establishment, offer: Offer, at: datetime) -> None:
    if offer.unit is not None and offer.unit.establishment_id != establishment.id:
        raise nothing_here()
    if (offer.role is Role.CARER) != (offer.profession is not None):
        raise InvalidInputError(
            gettext("Indiquez la profession d’un soignant, et d’un soignant seulement."),
            code="profession",
            path="profession",
        )
    if offer.valid_until is not None and offer.valid_until <= at:
        raise InvalidInputError(gettext("Cette date est passée."), code="dates", path="valid_until")
    if offer.about is not None and offer.role not in {Role.PATIENT, Role.TRUSTED_PERSON}:
        raise InvalidInputError("Only a patient or a trusted person speaks for somebody.", code="about", path="about")


def withdraw_invitation(invitation: Invitation, *, by: By, at: datetime) -> None:
    """Make a link open nothing any more. Raises `NotFoundError` for whoever is not an administrator, `ConflictError` too late."""
    with transaction.atomic():
        must_administer(by, invitation.establishment, at)
        withdrawn = Invitation.objects.filter(pk=invitation.pk, used_at__isnull=True, withdrawn_at__isnull=True).update(
            withdrawn_at=at
        )
        if not withdrawn:
            raise ConflictError(gettext("Cette invitation a déjà servi, ou a déjà été retirée."), code="link-closed")
        record("invitation.withdrawn", subject=invitation.establishment_id, payload=_told(invitation, named(by)))


def dead_link() -> NotFoundError:
    """The one error of every link that opens nothing: unknown, used, withdrawn or out of date."""
    return NotFoundError(
        gettext(
            "Ce lien ne fonctionne pas, ou ne fonctionne plus : un lien sert une seule fois et pour un temps. "
            "Demandez-en un nouveau à la personne qui vous l’a donné."
        ),
        code="dead-link",
    )


def _open(secret: str, at: datetime) -> Invitation:
    found = (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("establishment", "unit", "invited_by")
        .filter(digest=digest_of(secret))
        .first()
    )
    return _still_open(found, at)


def _still_open(found: Invitation | None, at: datetime) -> Invitation:
    if found is None or LinkState.OPEN is not state_of(
        at=at, expires_at=found.expires_at, used_at=found.used_at, withdrawn_at=found.withdrawn_at
    ):
        raise dead_link()
    return found


def accept_with_password(secret: str, password: str, *, at: datetime, language: str = "fr") -> Account:
    """Take up an invitation with a new account and its password; the password was checked by the form.

    Raises `NotFoundError` for a dead link, `ConflictError` where the address already has an account: one signs in first.
    """
    with transaction.atomic():
        invitation = _open(secret, at)
        if Account.objects.filter(email=invitation.email).exists():
            raise ConflictError(
                gettext("Vous avez déjà un compte. Connectez-vous, puis rouvrez ce lien."), code="account-exists"
            )
        account = _new_account(invitation, password, language)
        _begin(invitation, account, at)
    return account


def accept_with_account(secret: str, account: Account, *, at: datetime) -> None:
    """Take up an invitation with the account one is signed in to. Raises `NotFoundError` for a dead link or somebody else's."""
    with transaction.atomic():
        invitation = _open(secret, at)
        if invitation.email != account.email:
            raise dead_link()
        _begin(invitation, account, at)


def accept_with_identity(invitation_id: UUID, *, at: datetime, national_digest: bytes | None) -> Account:
    """Take up an invitation with an identity provider's word: the account invited, made without a password if need be.

    Only for an invitation whose link the person opened before going to the provider. Raises `NotFoundError` for a dead link and
    for another professional than the one invited.
    """
    with transaction.atomic():
        found = (
            Invitation.objects.select_for_update(of=("self",))
            .select_related("establishment", "unit", "invited_by")
            .filter(pk=invitation_id)
            .first()
        )
        invitation = _still_open(found, at)
        if invitation.national_digest is not None and bytes(invitation.national_digest) != national_digest:
            raise dead_link()
        if Account.objects.filter(email=invitation.email).exists():
            raise ConflictError(
                gettext("Vous avez déjà un compte. Connectez-vous, puis rouvrez ce lien."), code="account-exists"
            )
        account = _new_account(invitation, None, "fr")
        if national_digest is not None:
            _take_identity(account, national_digest, at)
        _begin(invitation, account, at)
    return account


def verify_identity(account: Account, national_digest: bytes, *, at: datetime) -> None:
    """Keep that an identity provider named this account's owner as that professional; told twice, it is kept once.

    Raises `NotAllowedError` where the account or the professional is already somebody else.
    """
    with transaction.atomic():
        held = NationalIdentity.objects.filter(account=account).first()
        if held is not None and bytes(held.digest) == national_digest:
            return
        if held is not None:
            raise other_professional()
        _take_identity(account, national_digest, at)
        houses = Membership.objects.filter(account=account).values_list("establishment_id", flat=True).distinct()
        for house in houses:
            record("identity.verified", subject=house, payload={"account": str(account.id), "by": str(account.id)})


def _take_identity(account: Account, national_digest: bytes, at: datetime) -> None:
    if NationalIdentity.objects.filter(digest=national_digest).exists():
        raise other_professional()
    NationalIdentity.objects.create(account=account, digest=national_digest, verified_at=at)


def other_professional() -> NotAllowedError:
    """The error of an identity that is already somebody else's."""
    return NotAllowedError(
        gettext("Cette identité appartient déjà à un autre compte. Parlez-en à la gestion des accès."),
        code="other-professional",
    )


def _new_account(invitation: Invitation, password: str | None, language: str) -> Account:
    return Account.objects.create_user(
        invitation.email,
        password,
        given_name=invitation.given_name,
        family_name=invitation.family_name,
        language=language,
    )


def _begin(invitation: Invitation, account: Account, at: datetime) -> None:
    role = Role(invitation.role)
    begin_role(
        account,
        invitation.establishment,
        role,
        profession=Profession(invitation.profession) if invitation.profession else None,
        unit=invitation.unit,
        valid_from=at,
        valid_until=invitation.valid_until,
    )
    Invitation.objects.filter(pk=invitation.pk).update(used_at=at, account=account)
    payload = {**_told(invitation, str(account.id)), "account": str(account.id)}
    record("invitation.accepted", subject=invitation.establishment_id, payload=payload)
    invitation_accepted.send(
        sender=Invitation,
        account=account,
        establishment=invitation.establishment,
        role=role,
        about=invitation.about,
        by=invitation.invited_by,
        at=at,
    )


def _told(invitation: Invitation, by: str) -> dict[str, str | None]:
    return {
        "invitation": str(invitation.id),
        "role": invitation.role,
        "profession": invitation.profession or None,
        "unit": str(invitation.unit_id) if invitation.unit_id else None,
        "until": invitation.valid_until.isoformat() if invitation.valid_until else None,
        "by": by,
    }
