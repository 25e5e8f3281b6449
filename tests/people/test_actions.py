"""Each change of people is one permission, one transaction, one ledger entry; whoever may not make it does not learn of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from joserfc.jwk import ECKey

from colloque.kernel.errors import (
    ConflictError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    UnavailableError,
)
from colloque.kernel.vocabulary import Profession, Role
from colloque.ledger.models import Entry
from colloque.ledger.queries import entries_about
from colloque.people import actions
from colloque.people.access import current_memberships
from colloque.people.actions import OPERATOR, By, Offer, SystemDetails
from colloque.people.models import (
    Account,
    ClientSystem,
    Establishment,
    Invitation,
    Membership,
    PractitionerIdentifier,
    Unit,
)
from tests.people.houses import NOW, Houses, member

pytestmark = pytest.mark.django_db

JWKS = {"keys": [ECKey.generate_key("P-384", {"kid": "k"}).as_dict(private=False)]}
DETAILS = SystemDetails("Dossier", "https://ehr.example", JWKS, ("https://ehr.example",))


@dataclass(frozen=True)
class World:
    """Les Tilleuls with an administrator, a nurse, a patient, an invitation and a client system."""

    houses: Houses
    administrator: Account
    nurse: Account
    nursing: Membership
    invitation: Invitation
    system: ClientSystem
    identifier: PractitionerIdentifier


@pytest.fixture
def world(houses: Houses) -> World:
    administrator = member("admin@example.org", houses.tilleuls, Role.ADMINISTRATOR)
    nurse = member("nurse@example.org", houses.tilleuls, Role.CARER)
    system = actions.register_client_system(houses.tilleuls, DETAILS, by=administrator, at=NOW)
    actions.link_practitioner(system, "nurse-1", nurse, by=administrator, at=NOW)
    return World(
        houses,
        administrator,
        nurse,
        Membership.objects.get(account=nurse),
        actions.invite(houses.tilleuls, Offer("new@example.org", Role.AUDITOR), by=administrator, at=NOW).invitation,
        system,
        PractitionerIdentifier.objects.get(),
    )


def by_administrator(world: World) -> dict[str, Callable[[By], object]]:
    """Each change an administrator makes, ready to be made by somebody."""
    here, other = world.houses.tilleuls, SystemDetails("Autre", "https://other.example", JWKS)
    same = SystemDetails("Dossier 2", DETAILS.issuer, JWKS)
    return {
        "add_unit": lambda by: actions.add_unit(here, "Patio", by=by, at=NOW),
        "rename_unit": lambda by: actions.rename_unit(world.houses.garden, "Verger", by=by, at=NOW),
        "invite": lambda by: actions.invite(here, Offer("x@example.org", Role.AUDITOR), by=by, at=NOW),
        "withdraw_invitation": lambda by: actions.withdraw_invitation(world.invitation, by=by, at=NOW),
        "give_role": lambda by: actions.give_role(world.nurse, here, Role.ETHICS_MEMBER, by=by, at=NOW),
        "end_role": lambda by: actions.end_role(world.nursing, by=by, at=NOW),
        "make_access_link": lambda by: actions.make_access_link(world.nurse, here, by=by, at=NOW),
        "forget_second_factor": lambda by: actions.forget_second_factor(world.nurse, here, by=by, at=NOW),
        "deactivate_account": lambda by: actions.deactivate_account(world.nurse, here, by=by, at=NOW),
        "register_client_system": lambda by: actions.register_client_system(here, other, by=by, at=NOW),
        "change_client_system": lambda by: actions.change_client_system(world.system, same, by=by, at=NOW),
        "admit_client_system": lambda by: actions.admit_client_system(world.system, is_active=False, by=by, at=NOW),
        "link_practitioner": lambda by: actions.link_practitioner(world.system, "n-2", world.nurse, by=by, at=NOW),
        "unlink_practitioner": lambda by: actions.unlink_practitioner(world.identifier, by=by, at=NOW),
    }


NOT_ADMINISTRATION = {
    "create_account",
    "open_establishment",
    "accept_with_account",
    "accept_with_identity",
    "accept_with_password",
    "use_access_link",
    "sign_out_everywhere",
    "dead_link",
    "other_professional",
    "verify_identity",
}
ADMINISTRATION = sorted(name for name in actions.__all__ if name[0].islower() and name not in NOT_ADMINISTRATION)


def rows() -> list[Any]:
    """Everything the actions of people can change, and the ledger."""
    tables = (Establishment, Unit, Account, Membership, Invitation, ClientSystem, PractitionerIdentifier, Entry)
    return [list(table.objects.order_by("pk").values()) for table in tables]


@pytest.mark.parametrize("name", ADMINISTRATION)
def test_an_administrators_change_is_one_entry_of_the_ledger(world: World, name: str) -> None:
    before = Entry.objects.count()
    by_administrator(world)[name](world.administrator)
    assert Entry.objects.count() == before + 1, f"{name} recorded {Entry.objects.count() - before} entries"
    newest = entries_about(world.houses.tilleuls.id, limit=1)[0].event
    assert newest is not None
    assert newest.payload["by"] == str(world.administrator.id)


@pytest.mark.principle("G5")
@pytest.mark.parametrize("name", ADMINISTRATION)
def test_nobody_else_makes_it_nor_learns_of_it(world: World, name: str) -> None:
    verb = by_administrator(world)[name]
    houses = world.houses
    others = [member(f"{role}@example.org", houses.tilleuls, role) for role in Role if role is not Role.ADMINISTRATOR]
    others.append(member("elsewhere@example.org", houses.saint_roch, Role.ADMINISTRATOR))
    others.append(member("one-unit@example.org", houses.tilleuls, Role.ADMINISTRATOR, unit=houses.garden))
    others.append(member("former@example.org", houses.tilleuls, Role.ADMINISTRATOR, until=NOW))
    closed = member("closed@example.org", houses.tilleuls, Role.ADMINISTRATOR)
    Account.objects.filter(pk=closed.pk).update(is_active=False)
    before = rows()
    for account in [*others, closed]:
        with pytest.raises(NotFoundError):
            verb(account)
    assert rows() == before, f"{name} changed something for somebody who may not"


@pytest.mark.parametrize("name", ADMINISTRATION)
def test_without_the_ledger_nothing_changes(world: World, name: str, settings: LazySettings, tmp_path: Path) -> None:
    before = rows()
    settings.COLLOQUE_KEYS_DIR = tmp_path
    with pytest.raises(UnavailableError):
        by_administrator(world)[name](world.administrator)
    assert rows() == before, f"{name} left a change that the ledger does not tell"


def test_nobody_gives_a_role_to_themselves(world: World) -> None:
    here = world.houses.tilleuls
    with pytest.raises(NotAllowedError):
        actions.give_role(world.administrator, here, Role.ETHICS_MEMBER, by=world.administrator, at=NOW)
    with pytest.raises(NotAllowedError):
        actions.invite(here, Offer(" ADMIN@example.org", Role.DIRECTOR), by=world.administrator, at=NOW)


def test_an_account_unknown_here_cannot_be_given_a_role(world: World) -> None:
    stranger = member("stranger@example.org", world.houses.saint_roch, Role.CARER)
    with pytest.raises(NotFoundError):
        actions.give_role(stranger, world.houses.tilleuls, Role.AUDITOR, by=world.administrator, at=NOW)
    assert actions.give_role(stranger, world.houses.tilleuls, Role.AUDITOR, by=OPERATOR, at=NOW).valid_from == NOW


def test_a_role_has_sound_dates_a_profession_where_needed_and_a_unit_of_the_house(world: World) -> None:
    here, by = world.houses.tilleuls, world.administrator
    elsewhere = Unit.objects.create(establishment=world.houses.saint_roch, slug="u", name="Ailleurs")
    give = actions.give_role
    with pytest.raises(InvalidInputError):
        give(world.nurse, here, Role.AUDITOR, by=by, at=NOW, valid_until=NOW)
    with pytest.raises(InvalidInputError):
        give(world.nurse, here, Role.CARER, by=by, at=NOW, unit=world.houses.garden)
    with pytest.raises(InvalidInputError):
        give(world.nurse, here, Role.AUDITOR, by=by, at=NOW, profession=Profession.NURSE)
    with pytest.raises(NotFoundError):
        give(world.nurse, here, Role.AUDITOR, by=by, at=NOW, unit=elsewhere)
    with pytest.raises(ConflictError):
        give(world.nurse, here, Role.CARER, by=by, at=NOW, profession=Profession.DOCTOR)


def test_a_role_ends_at_once_later_or_before_it_began(world: World) -> None:
    by = world.administrator
    tomorrow = NOW + timedelta(days=1)
    actions.end_role(world.nursing, by=by, at=NOW, until=tomorrow)
    assert current_memberships(NOW).filter(pk=world.nursing.pk).exists()
    assert not current_memberships(tomorrow).filter(pk=world.nursing.pk).exists()
    actions.end_role(world.nursing, by=by, at=NOW)
    assert not current_memberships(NOW).filter(pk=world.nursing.pk).exists()
    with pytest.raises(ConflictError):
        actions.end_role(world.nursing, by=by, at=NOW)
    to_come = actions.give_role(world.nurse, world.houses.tilleuls, Role.AUDITOR, by=by, at=NOW, valid_from=tomorrow)
    with pytest.raises(InvalidInputError):
        actions.end_role(to_come, by=by, at=NOW, until=NOW - timedelta(days=1))
    actions.end_role(to_come, by=by, at=NOW)
    assert not Membership.objects.filter(pk=to_come.pk).exists()


def test_the_last_administrator_stays(world: World) -> None:
    here, by = world.houses.tilleuls, world.administrator
    mine = Membership.objects.get(account=by)
    with pytest.raises(ConflictError):
        actions.end_role(mine, by=by, at=NOW)
    actions.give_role(world.nurse, here, Role.ADMINISTRATOR, by=by, at=NOW)
    actions.end_role(mine, by=by, at=NOW)
    with pytest.raises(NotFoundError):
        actions.add_unit(here, "Patio", by=by, at=NOW)


def test_an_administrator_here_opens_no_door_elsewhere(world: World) -> None:
    here = world.houses.tilleuls
    member("", world.houses.saint_roch, Role.DIRECTOR, account=world.nurse)
    for verb in (actions.make_access_link, actions.forget_second_factor, actions.deactivate_account):
        with pytest.raises(NotAllowedError):
            verb(world.nurse, here, by=world.administrator, at=NOW)
        with pytest.raises(NotAllowedError):
            verb(world.administrator, here, by=world.administrator, at=NOW)
    stranger = member("stranger@example.org", world.houses.saint_roch, Role.CARER)
    with pytest.raises(NotFoundError):
        actions.make_access_link(stranger, here, by=world.administrator, at=NOW)


def test_units_and_issuers_are_told_apart(world: World) -> None:
    here, by = world.houses.tilleuls, world.administrator
    for verb in (
        lambda: actions.add_unit(here, "JARDIN", by=by, at=NOW),
        lambda: actions.rename_unit(world.houses.river, "Jardin", by=by, at=NOW),
        lambda: actions.register_client_system(here, DETAILS, by=by, at=NOW),
        lambda: actions.link_practitioner(world.system, "nurse-1", world.administrator, by=by, at=NOW),
        lambda: actions.open_establishment("tilleuls", "Autre", world.houses.tilleuls.kind),  # type: ignore[arg-type]
    ):
        with pytest.raises(ConflictError):
            verb()
    actions.rename_unit(world.houses.garden, "jardin", by=by, at=NOW)
    assert actions.add_unit(here, "Jàrdin !", by=by, at=NOW).slug == "jardin-2"


def test_a_patient_is_nobodys_practitioner(world: World) -> None:
    patient = member("patient@example.org", world.houses.tilleuls, Role.PATIENT)
    with pytest.raises(NotFoundError):
        actions.link_practitioner(world.system, "p-9", patient, by=world.administrator, at=NOW)


def test_the_ledger_names_nobody_in_words(world: World) -> None:
    for name, verb in by_administrator(world).items():
        if name not in {"end_role", "deactivate_account"}:
            verb(world.administrator)
    told = [entry.event.payload for entry in entries_about(world.houses.tilleuls.id) if entry.event is not None]
    assert len(told) > 10
    for word in ("example.org", "Nurse", "Admin", "nurse-1"):
        assert word not in str(told), f"the ledger repeats {word}"
