"""Alice is a nurse at Les Tilleuls, Bob only in its garden unit, Charlie works elsewhere."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.test import RequestFactory

from colloque.kernel.errors import NotFoundError
from colloque.kernel.vocabulary import Profession, Role
from colloque.people.access import (
    ANY_UNIT,
    ESTABLISHMENT_IN_SESSION,
    EstablishmentNeededError,
    SignInNeededError,
    Viewer,
    require,
    require_role,
    viewer_of,
)
from colloque.people.models import Account
from tests.people.houses import LONG_AGO, NOW, Houses, member, two_houses

pytestmark = pytest.mark.django_db


@pytest.fixture
def houses() -> Houses:
    return two_houses()


def viewer_for(account: Account | None, chosen: str = "") -> Viewer:
    request = RequestFactory().get("/")
    request.user = account or AnonymousUser()
    request.session = SessionBase()
    if chosen:
        request.session[ESTABLISHMENT_IN_SESSION] = chosen
    return viewer_of(request, NOW)


def test_a_viewer_knows_role_unit_and_profession_here(houses: Houses) -> None:
    bob = viewer_for(member("bob@example.org", houses.tilleuls, Role.CARER, unit=houses.garden))
    assert (bob.establishment, bob.roles, bob.units) == (
        houses.tilleuls,
        frozenset({Role.CARER}),
        frozenset({houses.garden.id}),
    )
    assert bob.profession is Profession.NURSE
    assert bob.covers(houses.garden.id, Role.CARER)
    assert not bob.covers(houses.river.id, Role.CARER), "a role in one unit reaches another"
    assert not bob.covers(None, Role.CARER), "a role in one unit reaches the whole house"


def test_nobody_signed_in_is_led_to_the_sign_in_page(houses: Houses) -> None:
    nobody = viewer_for(None)
    assert nobody.is_anonymous
    with pytest.raises(SignInNeededError):
        require(nobody, Role.CARER)


@pytest.mark.principle("G5")
def test_each_role_opens_its_own_doors_and_no_other(houses: Houses) -> None:
    for held in Role:
        viewer = viewer_for(member(f"{held}@example.org", houses.tilleuls, held))
        for asked in Role:
            if asked is held:
                require(viewer, asked)
            else:
                with pytest.raises(NotFoundError):
                    require(viewer, asked)


def test_a_refusal_does_not_say_what_it_hides(houses: Houses) -> None:
    charlie = viewer_for(member("charlie@example.org", houses.saint_roch, Role.CARER))
    with pytest.raises(NotFoundError) as hidden:
        require(charlie, Role.ADMINISTRATOR)
    with pytest.raises(NotFoundError) as elsewhere:
        require_role(charlie.account, houses.tilleuls, Role.CARER, at=NOW)
    assert hidden.value.as_json() == elsewhere.value.as_json()


def test_a_role_counts_only_between_its_dates(houses: Houses) -> None:
    account = member("past@example.org", houses.tilleuls, Role.CARER, until=NOW)
    member("", houses.tilleuls, Role.AUDITOR, since=NOW + timedelta(seconds=1), account=account)
    assert viewer_for(account).memberships == ()
    for role in (Role.CARER, Role.AUDITOR):
        with pytest.raises(NotFoundError):
            require_role(account, houses.tilleuls, role, at=NOW)
    assert require_role(account, houses.tilleuls, Role.CARER, at=NOW - timedelta(seconds=1)).valid_until == NOW
    assert require_role(account, houses.tilleuls, Role.AUDITOR, at=NOW + timedelta(seconds=1))


def test_a_deactivated_account_may_do_nothing(houses: Houses) -> None:
    account = member("gone@example.org", houses.tilleuls, Role.CARER)
    Account.objects.filter(pk=account.pk).update(is_active=False)
    with pytest.raises(NotFoundError):
        require_role(account, houses.tilleuls, Role.CARER, at=NOW)
    assert viewer_for(account).memberships == ()


def test_a_unit_bounds_a_role(houses: Houses) -> None:
    bob = member("bob@example.org", houses.tilleuls, Role.CARER, unit=houses.garden)
    assert require_role(bob, houses.tilleuls, Role.CARER, at=NOW, unit=houses.garden)
    assert require_role(bob, houses.tilleuls, Role.CARER, at=NOW, unit=houses.garden.id)
    assert require_role(bob, houses.tilleuls, Role.CARER, at=NOW, unit=ANY_UNIT)
    for unit in (houses.river, None):
        with pytest.raises(NotFoundError):
            require_role(bob, houses.tilleuls, Role.CARER, at=NOW, unit=unit)
    alice = member("alice@example.org", houses.tilleuls, Role.CARER)
    assert require_role(alice, houses.tilleuls, Role.CARER, at=NOW, unit=houses.river)


def test_someone_in_two_houses_says_where_they_are(houses: Houses) -> None:
    account = member("both@example.org", houses.tilleuls, Role.CARER)
    member("", houses.saint_roch, Role.AUDITOR, account=account)
    undecided = viewer_for(account)
    assert undecided.establishment is None
    assert set(undecided.elsewhere) == {houses.tilleuls, houses.saint_roch}
    with pytest.raises(EstablishmentNeededError):
        require(undecided, Role.CARER)
    there = viewer_for(account, str(houses.saint_roch.id))
    assert (there.roles, there.elsewhere) == (frozenset({Role.AUDITOR}), (houses.tilleuls,))
    with pytest.raises(NotFoundError):
        require(there, Role.CARER)


def test_a_house_left_meanwhile_is_not_kept_by_the_session(houses: Houses) -> None:
    account = member("moved@example.org", houses.tilleuls, Role.CARER, since=LONG_AGO, until=NOW)
    member("", houses.saint_roch, Role.CARER, account=account)
    assert viewer_for(account, str(houses.tilleuls.id)).establishment == houses.saint_roch


def test_the_page_of_a_viewer_costs_one_query(houses: Houses, django_assert_num_queries: object) -> None:
    account = member("alice@example.org", houses.tilleuls, Role.CARER)
    with django_assert_num_queries(1):  # type: ignore[operator]
        viewer = viewer_for(account)
        assert viewer.house.name == "Les Tilleuls"
