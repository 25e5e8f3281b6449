"""Everything that reads people: the team of an establishment, its units and systems, what a link opens, what is mine."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from colloque.kernel.vocabulary import STAFF_ROLES, Role
from colloque.ledger.queries import installation_keys
from colloque.people.access import current_memberships
from colloque.people.actions.invitations import dead_link
from colloque.people.core.identifiers import national_digest
from colloque.people.core.links import LinkState, digest_of, state_of
from colloque.people.models import (
    AccessLink,
    Account,
    ClientSystem,
    Establishment,
    Invitation,
    Membership,
    PractitionerIdentifier,
    Unit,
)

SECOND_FACTORS: Final = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


@dataclass(frozen=True)
class TeamMember:
    """Somebody of an establishment: the roles that count now or will, those that ended, and whether a second factor is set."""

    account: Account
    roles: tuple[Membership, ...]
    past: tuple[Membership, ...] = ()
    has_second_factor: bool = False
    practitioners: tuple[PractitionerIdentifier, ...] = ()
    belongs_elsewhere: bool = False

    @property
    def is_staff(self) -> bool:
        """Whether one of the roles is a role of staff."""
        return any(role.role in STAFF_ROLES for role in self.roles)


@dataclass(frozen=True)
class Team:
    """The people of an establishment, by family name, and the invitations that wait."""

    members: Sequence[TeamMember]
    invitations: Sequence[Invitation]
    roles: Sequence[Role] = field(default=tuple(Role))


def team(establishment: Establishment, at: datetime, *, words: str = "", role: str = "") -> Team:
    """Who has a role here now or later, and who is invited; `words` looks in names and addresses."""
    open_roles = _open_roles(establishment, at)
    if role in Role.__members__.values():
        open_roles = open_roles.filter(role=role)
    people = Account.objects.filter(is_active=True, memberships__in=open_roles).distinct()
    for word in words.split():
        people = people.filter(
            Q(given_name__icontains=word) | Q(family_name__icontains=word) | Q(email__icontains=word)
        )
    people = people.prefetch_related(
        Prefetch("memberships", _open_roles(establishment, at).select_related("unit"), to_attr="open_here")
    ).order_by("family_name", "given_name", "id")
    found = list(people)
    with_factor = set(
        Authenticator.objects.filter(user__in=found, type__in=SECOND_FACTORS).values_list("user_id", flat=True)
    )
    return Team(
        [TeamMember(one, tuple(one.open_here), has_second_factor=one.id in with_factor) for one in found],
        list(
            Invitation.objects.filter(
                establishment=establishment, used_at__isnull=True, withdrawn_at__isnull=True, expires_at__gt=at
            )
            .select_related("unit")
            .order_by("invited_at")
        ),
    )


def _open_roles(establishment: Establishment, at: datetime) -> QuerySet[Membership]:
    return Membership.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=at), establishment=establishment
    ).order_by("role", "valid_from")


def one_of_the_team(establishment: Establishment, account: Account, at: datetime) -> TeamMember:
    """Everything an administrator sees of one person here."""
    held = list(
        Membership.objects.filter(establishment=establishment, account=account)
        .select_related("unit")
        .order_by("-valid_from")
    )
    return TeamMember(
        account,
        tuple(m for m in held if m.valid_until is None or m.valid_until > at),
        tuple(m for m in held if m.valid_until is not None and m.valid_until <= at),
        has_second_factor(account),
        tuple(
            PractitionerIdentifier.objects.filter(account=account, system__establishment=establishment)
            .select_related("system")
            .order_by("id")
        ),
        Membership.objects.filter(account=account).exclude(establishment=establishment).exists(),
    )


def has_second_factor(account: Account) -> bool:
    """Whether an application or a key is set; recovery codes alone are none."""
    return bool(Authenticator.objects.filter(user=account, type__in=SECOND_FACTORS).exists())


def has_identity(account: Account) -> bool:
    """Whether the account signs in with an identity provider."""
    return bool(SocialAccount.objects.filter(user=account).exists())


def is_last_second_factor_of_staff(authenticator: Authenticator) -> bool:
    """Whether removing it would leave somebody with a role of staff without a second factor."""
    if authenticator.type not in SECOND_FACTORS:
        return False
    others = Authenticator.objects.filter(user=authenticator.user, type__in=SECOND_FACTORS).exclude(pk=authenticator.pk)
    if others.exists():
        return False
    staff = current_memberships(timezone.now()).filter(account=authenticator.user_id, role__in=STAFF_ROLES)
    return bool(staff.exists())


def units_of(establishment: Establishment) -> list[Unit]:
    """The units, by name."""
    return list(Unit.objects.filter(establishment=establishment).order_by("name"))


def client_systems_of(establishment: Establishment) -> list[ClientSystem]:
    """The client systems, by name, those that may call first."""
    return list(ClientSystem.objects.filter(establishment=establishment).order_by("-is_active", "name"))


def client_system_as_typed(system: ClientSystem) -> dict[str, str]:
    """A client system as its form shows it."""
    return {
        "name": system.name,
        "issuer": system.issuer,
        "jwks": json.dumps(system.jwks, indent=2),
        "origins": "\n".join(system.origins),
    }


def national_digest_of(identifier: str) -> bytes | None:
    """The blind index of a national identifier as `people.core.identifiers` gives it; none for an empty one."""
    return national_digest(installation_keys().keyring, identifier) if identifier else None


def practitioners_of(system: ClientSystem) -> list[PractitionerIdentifier]:
    """Whom a system can mean, by family name."""
    return list(
        PractitionerIdentifier.objects.filter(system=system)
        .select_related("account")
        .order_by("account__family_name", "account__given_name", "id")
    )


def staff_of(establishment: Establishment, at: datetime) -> list[Account]:
    """Everybody with a role of staff here now, by family name."""
    return list(
        Account.objects.filter(
            pk__in=current_memberships(at)
            .filter(establishment=establishment, role__in=STAFF_ROLES)
            .values_list("account_id", flat=True)
        ).order_by("family_name", "given_name", "id")
    )


def carers_of(establishment: Establishment, at: datetime) -> list[Membership]:
    """The memberships of carers here now, by family name; somebody in two units stands twice."""
    return list(
        current_memberships(at)
        .filter(establishment=establishment, role=Role.CARER)
        .select_related("account", "unit")
        .order_by("account__family_name", "account__given_name", "account_id", "valid_from")
    )


def open_invitation(secret: str, at: datetime) -> Invitation:
    """The invitation that a link opens. Raises `NotFoundError` for every link that opens nothing."""
    found = (
        Invitation.objects.select_related("establishment", "unit", "invited_by")
        .filter(digest=digest_of(secret))
        .first()
    )
    if found is None or LinkState.OPEN is not state_of(
        at=at, expires_at=found.expires_at, used_at=found.used_at, withdrawn_at=found.withdrawn_at
    ):
        raise dead_link()
    return found


def open_access_link(secret: str, at: datetime) -> AccessLink:
    """The access link that opens. Raises `NotFoundError` for every link that opens nothing."""
    found = AccessLink.objects.select_related("account").filter(digest=digest_of(secret)).first()
    if (
        found is None
        or not found.account.is_active
        or LinkState.OPEN
        is not state_of(at=at, expires_at=found.expires_at, used_at=found.used_at, withdrawn_at=found.withdrawn_at)
    ):
        raise dead_link()
    return found


def has_account(email: str) -> bool:
    """Whether an address has an account; only for somebody who holds an invitation to that address."""
    return Account.objects.filter(email=email).exists()


def my_memberships(account: Account, at: datetime) -> list[Membership]:
    """The roles one holds now, everywhere."""
    return list(
        current_memberships(at)
        .filter(account=account)
        .select_related("establishment", "unit")
        .order_by("establishment__name", "role")
    )


def establishments_and_people() -> list[tuple[Establishment, list[Membership]]]:
    """For the operator: each establishment with everybody who holds or held a role there."""
    houses = Establishment.objects.order_by("slug")
    return [
        (
            house,
            list(
                Membership.objects.filter(establishment=house)
                .select_related("account", "unit")
                .order_by("account__email", "role", "valid_from")
            ),
        )
        for house in houses
    ]


def public_establishments() -> list[Establishment]:
    """Every establishment of this installation, by name, for anyone."""
    return list(Establishment.objects.order_by("name"))


def establishment_named(slug: str) -> Establishment | None:
    """An establishment by its slug, for the operator."""
    return Establishment.objects.filter(slug=slug).first()


def account_at(email: str) -> Account | None:
    """An account by its address, for the operator and for an identity provider's verified address."""
    return Account.objects.filter(email=email.strip().lower(), is_active=True).first()


def account_and_a_house(email: str) -> tuple[Account, Establishment] | None:
    """An open account by its address, and the establishment it was last given a role in, for the operator."""
    newest = (
        Membership.objects.filter(account__email=email.strip().lower(), account__is_active=True)
        .select_related("account", "establishment")
        .order_by("-valid_from")
        .first()
    )
    return (newest.account, newest.establishment) if newest else None
