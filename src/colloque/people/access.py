"""Who is looking, where, and with which roles. Everything else asks here before it shows or changes anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext

from colloque.kernel.errors import NotFoundError
from colloque.kernel.vocabulary import STAFF_ROLES, Profession, Role
from colloque.people.models import (
    Account,
    ClientSystem,
    Establishment,
    Invitation,
    Membership,
    PractitionerIdentifier,
    Unit,
)

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

_Row = TypeVar("_Row", bound=Model)

ESTABLISHMENT_IN_SESSION: Final = "establishment"


def nothing_here() -> NotFoundError:
    """The error of what does not exist and of what one may not know of: the same words for both."""
    return NotFoundError(gettext("Il n’y a rien à cette adresse, ou rien que vous puissiez voir."))


class SignInNeededError(NotFoundError):
    """Nobody is signed in; pages lead to the sign-in page, whatever lies behind."""

    code = "sign-in-needed"


class EstablishmentNeededError(NotFoundError):
    """The account works in several establishments and has not said in which one it is now."""

    code = "establishment-needed"


class AnyUnit:
    """Says that a role in any one unit of the establishment is enough."""


ANY_UNIT: Final = AnyUnit()


OVERSEEING = (Role.AUDITOR.value, Role.DATA_PROTECTION_OFFICER.value)
"""Who may take the proof of any entry of their house: a proof shows that a line is in the log, and nothing of what it says."""


@dataclass(frozen=True)
class Viewer:
    """Who is looking: the account, the establishment it is in now, and the memberships that count there now.

    A role of staff anywhere makes a second factor needed everywhere.
    """

    signed_in: Account | None
    establishment: Establishment | None
    memberships: tuple[Membership, ...] = ()
    elsewhere: tuple[Establishment, ...] = ()
    needs_second_factor: bool = False

    @property
    def is_anonymous(self) -> bool:
        """Nobody is signed in."""
        return self.signed_in is None

    @property
    def account(self) -> Account:
        """The account. Raises `SignInNeededError` where nobody is signed in."""
        if self.signed_in is None:
            raise SignInNeededError(gettext("Connectez-vous pour voir cette page."))
        return self.signed_in

    @property
    def house(self) -> Establishment:
        """The establishment. Raises `SignInNeededError`, `EstablishmentNeededError` or `NotFoundError`."""
        _ = self.account
        if self.establishment is not None:
            return self.establishment
        if self.elsewhere:
            raise EstablishmentNeededError(gettext("Choisissez d’abord l’établissement où vous êtes."))
        raise nothing_here()

    @property
    def roles(self) -> frozenset[Role]:
        """The roles held here now."""
        return frozenset(Role(membership.role) for membership in self.memberships)

    @property
    def units(self) -> frozenset[UUID]:
        """The units that memberships name. A role in the whole establishment names none: see `covers`."""
        return frozenset(m.unit_id for m in self.memberships if m.unit_id is not None)

    @property
    def profession(self) -> Profession | None:
        """The profession of whoever is a carer here."""
        return next((Profession(m.profession) for m in self.memberships if m.profession), None)

    @property
    def is_staff(self) -> bool:
        """Whether one of the roles here is a role of staff."""
        return bool(self.roles & STAFF_ROLES)

    def has(self, *roles: Role) -> bool:
        """Whether one of these roles is held here, in the establishment or in one of its units."""
        return not self.roles.isdisjoint(roles)

    def covers(self, unit: UUID | None, *roles: Role) -> bool:
        """Whether one of these roles reaches this unit; without a unit, only a role in the whole establishment does."""
        return any(m.role in roles and (m.unit_id is None or m.unit_id == unit) for m in self.memberships)


class Request(HttpRequest):
    """A request as our views receive it."""

    viewer: Viewer
    htmx: HtmxDetails


def current_memberships(at: datetime) -> QuerySet[Membership]:
    """Memberships that count at a moment: begun, not ended, of an active account."""
    return Membership.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=at), valid_from__lte=at, account__is_active=True
    )


def viewer_of(request: HttpRequest, at: datetime) -> Viewer:
    """The viewer of a request: one query for whoever is signed in, none for the others."""
    user = request.user
    if not isinstance(user, Account):
        return Viewer(None, None)
    session = cast("Mapping[str, Any]", request.session)
    return _viewer(user, session.get(ESTABLISHMENT_IN_SESSION), at)


def _viewer(account: Account, chosen: object, at: datetime) -> Viewer:
    memberships = tuple(
        current_memberships(at)
        .filter(account=account)
        .select_related("establishment", "unit")
        .order_by("establishment__name", "role", "id")
    )
    houses = {m.establishment_id: m.establishment for m in memberships}
    here = next((house for key, house in houses.items() if str(key) == chosen), None)
    if here is None and len(houses) == 1:
        here = next(iter(houses.values()))
    return Viewer(
        account,
        here,
        tuple(m for m in memberships if here is not None and m.establishment_id == here.id),
        tuple(house for house in houses.values() if here is None or house.id != here.id),
        any(m.role in STAFF_ROLES for m in memberships),
    )


def require(viewer: Viewer, *roles: Role) -> None:
    """Let nobody through without one of these roles here.

    Raises `SignInNeededError` where nobody is signed in, `EstablishmentNeededError` where the establishment is not chosen yet,
    and `NotFoundError` (a 404, never a 403) otherwise.
    """
    _ = viewer.house
    if not viewer.has(*roles):
        raise nothing_here()


def account_in(viewer: Viewer, account_id: UUID, *roles: Role) -> Account:
    """An account that has or had a role in the viewer's establishment. Raises as `require`, and `NotFoundError`."""
    require(viewer, *roles)
    return _or_nothing(Account.objects.filter(pk=account_id, memberships__establishment=viewer.house).distinct())


def membership_in(viewer: Viewer, membership_id: UUID) -> Membership:
    """A role held in the establishment the viewer administers. Raises as `require`, and `NotFoundError`."""
    require(viewer, Role.ADMINISTRATOR)
    found = Membership.objects.filter(pk=membership_id, establishment=viewer.house)
    return _or_nothing(found.select_related("account", "unit", "establishment"))


def invitation_in(viewer: Viewer, invitation_id: UUID) -> Invitation:
    """An invitation to the establishment the viewer administers. Raises as `require`, and `NotFoundError`."""
    require(viewer, Role.ADMINISTRATOR)
    found = Invitation.objects.filter(pk=invitation_id, establishment=viewer.house)
    return _or_nothing(found.select_related("establishment"))


def unit_in(viewer: Viewer, unit_id: UUID) -> Unit:
    """A unit of the establishment the viewer administers. Raises as `require`, and `NotFoundError`."""
    require(viewer, Role.ADMINISTRATOR)
    return _or_nothing(Unit.objects.filter(pk=unit_id, establishment=viewer.house).select_related("establishment"))


def client_system_in(viewer: Viewer, system_id: UUID) -> ClientSystem:
    """A client system of the establishment the viewer administers. Raises as `require`, and `NotFoundError`."""
    require(viewer, Role.ADMINISTRATOR)
    found = ClientSystem.objects.filter(pk=system_id, establishment=viewer.house)
    return _or_nothing(found.select_related("establishment"))


def practitioner_in(viewer: Viewer, identifier_id: int) -> PractitionerIdentifier:
    """Whom a client system of the establishment means by an id. Raises as `require`, and `NotFoundError`."""
    require(viewer, Role.ADMINISTRATOR)
    found = PractitionerIdentifier.objects.filter(pk=identifier_id, system__establishment=viewer.house)
    return _or_nothing(found.select_related("system__establishment", "account"))


def _or_nothing(found: QuerySet[_Row]) -> _Row:
    row = found.first()
    if row is None:
        raise nothing_here()
    return row


def may_know_entry(visitor: object, entry_id: UUID, subject: UUID, at: datetime) -> bool:  # noqa: ARG001
    """Whether somebody audits, or protects the data of, the house an entry of the ledger is about."""
    return isinstance(visitor, Account) and oversees(visitor, subject, at)


def oversees(account: Account, establishment: UUID, at: datetime) -> bool:
    """Whether an account audits, or protects data, in the whole house."""
    return (
        current_memberships(at)
        .filter(account=account, establishment=establishment, unit__isnull=True, role__in=OVERSEEING)
        .exists()
    )


def require_role(
    account: Account,
    establishment: Establishment,
    *roles: Role,
    at: datetime,
    unit: Unit | UUID | AnyUnit | None = None,
) -> Membership:
    """The membership by which an account may act with one of these roles. Raises `NotFoundError`.

    Without a unit the role must hold in the whole establishment; with a unit, there or in that unit; with `ANY_UNIT`, anywhere.
    """
    found = current_memberships(at).filter(
        account=account, establishment=establishment, role__in=[role.value for role in roles]
    )
    if not isinstance(unit, AnyUnit):
        found = found.filter(Q(unit__isnull=True) | (Q(unit=unit) if unit is not None else Q(pk=None)))
    membership = found.select_related("unit").order_by("role", "id").first()
    if membership is None:
        raise nothing_here()
    return membership
