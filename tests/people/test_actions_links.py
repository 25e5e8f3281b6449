"""Links: one use, one person, a time; whoever holds another link, or the same one again, learns nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth import authenticate

from colloque.kernel.errors import ConflictError, InvalidInputError, NotFoundError
from colloque.kernel.vocabulary import Profession, Role
from colloque.ledger.models import Entry
from colloque.people import actions
from colloque.people.actions import OPERATOR, Offer, Sent
from colloque.people.core.links import ACCESS_LASTS, INVITATION_LASTS
from colloque.people.models import AccessLink, Account, Invitation, Membership
from colloque.people.signals import invitation_accepted
from tests.people.houses import NOW, Houses, member

pytestmark = pytest.mark.django_db
PASSWORD = "une phrase qui se retient"
NURSE = Offer("New@Example.org", Role.CARER, "Nina", "Novak", Profession.NURSE)


def sent(houses: Houses, offer: Offer = NURSE) -> Sent:
    return actions.invite(houses.tilleuls, offer, by=OPERATOR, at=NOW)


def dead(secret: str, **at: Any) -> str:
    with pytest.raises(NotFoundError) as closed:
        actions.accept_with_password(secret, PASSWORD, **at)
    assert closed.value.code == "dead-link"
    return closed.value.message


def test_an_invitation_makes_the_account_its_password_and_its_role(houses: Houses) -> None:
    invitation = sent(houses)
    assert not Account.objects.filter(email="new@example.org").exists()
    account = actions.accept_with_password(invitation.secret, PASSWORD, at=NOW)
    assert authenticate(None, email="new@example.org", password=PASSWORD) == account
    held = Membership.objects.get(account=account)
    assert (held.role, held.profession, held.establishment) == (Role.CARER, Profession.NURSE, houses.tilleuls)
    assert (held.valid_from, held.valid_until) == (NOW, None)


def test_the_database_does_not_hold_the_link(houses: Houses) -> None:
    secret = sent(houses).secret
    stored = str(list(Invitation.objects.values()))
    assert secret not in stored
    assert secret not in repr(sent(houses))


def test_a_link_serves_once(houses: Houses) -> None:
    secret = sent(houses).secret
    actions.accept_with_password(secret, PASSWORD, at=NOW)
    assert dead(secret, at=NOW) == dead("a" * 43, at=NOW), "a used link can be told from one that never was"


def test_a_link_serves_for_a_time(houses: Houses) -> None:
    secret = sent(houses).secret
    assert dead(secret, at=NOW + INVITATION_LASTS) == dead("a" * 43, at=NOW)
    assert actions.accept_with_password(secret, PASSWORD, at=NOW + INVITATION_LASTS - timedelta(seconds=1))


def test_a_second_invitation_replaces_the_first(houses: Houses) -> None:
    first, second = sent(houses), sent(houses)
    dead(first.secret, at=NOW)
    assert actions.accept_with_password(second.secret, PASSWORD, at=NOW)


def test_a_withdrawn_invitation_opens_nothing(houses: Houses) -> None:
    invitation = sent(houses)
    actions.withdraw_invitation(invitation.invitation, by=OPERATOR, at=NOW)
    dead(invitation.secret, at=NOW)
    with pytest.raises(ConflictError):
        actions.withdraw_invitation(invitation.invitation, by=OPERATOR, at=NOW)


def test_an_account_that_exists_keeps_its_password_and_accepts_by_itself(houses: Houses) -> None:
    alice = member("alice@example.org", houses.saint_roch, Role.CARER)
    bob = member("bob@example.org", houses.saint_roch, Role.CARER)
    secret = sent(houses, Offer("alice@example.org", Role.AUDITOR, "Autre", "Nom")).secret
    assert not Membership.objects.filter(account=alice, establishment=houses.tilleuls).exists()
    with pytest.raises(ConflictError):
        actions.accept_with_password(secret, PASSWORD, at=NOW)
    assert authenticate(None, email=alice.email, password=PASSWORD) is None
    with pytest.raises(NotFoundError):
        actions.accept_with_account(secret, bob, at=NOW)
    actions.accept_with_account(secret, alice, at=NOW)
    assert Membership.objects.filter(account=alice, establishment=houses.tilleuls, role=Role.AUDITOR).exists()
    alice.refresh_from_db()
    assert alice.given_name == "Alice", "an invitation renamed somebody"


def test_an_offer_holds_together(houses: Houses) -> None:
    for offer in (
        Offer("a@example.org", Role.CARER),
        Offer("a@example.org", Role.AUDITOR, profession=Profession.NURSE),
        Offer("a@example.org", Role.AUDITOR, valid_until=NOW),
        Offer("a@example.org", Role.AUDITOR, about=uuid4()),
    ):
        with pytest.raises(InvalidInputError):
            sent(houses, offer)


def test_rooms_above_are_told_in_the_same_transaction(houses: Houses) -> None:
    told: list[dict[str, Any]] = []

    def listen(**arguments: Any) -> None:
        told.append(arguments)
        if len(told) == 1:
            raise ConflictError("Something above does not fit.")

    about = uuid4()
    secret = sent(houses, Offer("p@example.org", Role.PATIENT, "Odile", "Petit", about=about)).secret
    entries = Entry.objects.count()
    invitation_accepted.connect(listen)
    try:
        with pytest.raises(ConflictError):
            actions.accept_with_password(secret, PASSWORD, at=NOW)
        assert not Account.objects.exists(), "an account outlived the refusal of what hangs on it"
        assert Entry.objects.count() == entries
        account = actions.accept_with_password(secret, PASSWORD, at=NOW)
    finally:
        invitation_accepted.disconnect(listen)
    assert (told[1]["account"], told[1]["role"], told[1]["about"]) == (account, Role.PATIENT, about)


def test_another_professional_does_not_take_an_invitation_meant_for_one(houses: Houses) -> None:
    meant = Offer("dr@example.org", Role.CARER, "Claire", "M", Profession.DOCTOR, national_digest=b"a" * 32)
    invitation = sent(houses, meant).invitation
    for digest in (None, b"b" * 32):
        with pytest.raises(NotFoundError):
            actions.accept_with_identity(invitation.id, at=NOW, national_digest=digest)
    account = actions.accept_with_identity(invitation.id, at=NOW, national_digest=b"a" * 32)
    assert not account.has_usable_password()
    with pytest.raises(NotFoundError):
        actions.accept_with_identity(invitation.id, at=NOW, national_digest=b"a" * 32)


def test_an_access_link_changes_the_password_once_and_ends_sessions(houses: Houses) -> None:
    alice = member("alice@example.org", houses.tilleuls, Role.CARER)
    first = actions.make_access_link(alice, houses.tilleuls, by=OPERATOR, at=NOW)
    second = actions.make_access_link(alice, houses.tilleuls, by=OPERATOR, at=NOW)
    for secret, at in ((first.secret, NOW), ("a" * 43, NOW), (second.secret, NOW + ACCESS_LASTS)):
        with pytest.raises(NotFoundError):
            actions.use_access_link(secret, PASSWORD, at=at)
    entries = Entry.objects.count()
    assert actions.use_access_link(second.secret, PASSWORD, at=NOW) == alice
    assert Entry.objects.count() == entries + 1
    assert authenticate(None, email=alice.email, password=PASSWORD) == alice
    alice.refresh_from_db()
    assert alice.sessions_from == NOW
    with pytest.raises(NotFoundError):
        actions.use_access_link(second.secret, PASSWORD, at=NOW)


def test_an_access_link_does_not_wake_a_closed_account(houses: Houses) -> None:
    alice = member("alice@example.org", houses.tilleuls, Role.CARER)
    made = actions.make_access_link(alice, houses.tilleuls, by=OPERATOR, at=NOW)
    actions.deactivate_account(alice, houses.tilleuls, by=OPERATOR, at=NOW)
    with pytest.raises(NotFoundError):
        actions.use_access_link(made.secret, PASSWORD, at=NOW)
    assert authenticate(None, email=alice.email, password=PASSWORD) is None


def test_a_link_made_in_one_house_opens_nothing_once_the_account_belongs_to_another(houses: Houses) -> None:
    alice = member("alice@example.org", houses.tilleuls, Role.CARER)
    made = actions.make_access_link(alice, houses.tilleuls, by=OPERATOR, at=NOW)
    same_house = Offer(alice.email, Role.AUDITOR)
    actions.accept_with_account(actions.invite(houses.tilleuls, same_house, by=OPERATOR, at=NOW).secret, alice, at=NOW)
    assert AccessLink.objects.get(pk=made.link.pk).withdrawn_at is None, (
        "another role in the same house changes nothing"
    )
    offer = Offer(alice.email, Role.DIRECTOR)
    actions.accept_with_account(actions.invite(houses.saint_roch, offer, by=OPERATOR, at=NOW).secret, alice, at=NOW)
    with pytest.raises(NotFoundError):
        actions.use_access_link(made.secret, PASSWORD, at=NOW)
