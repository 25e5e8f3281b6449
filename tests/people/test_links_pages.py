"""The pages behind links: an invitation, a lost access."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from colloque.kernel.vocabulary import Profession, Role
from colloque.people import actions
from colloque.people.actions import OPERATOR, Offer
from colloque.people.models import Account, Invitation, Membership
from tests.people.houses import Houses, member

pytestmark = pytest.mark.django_db
PASSWORD = "une phrase qui se retient"
BOTH = {"password1": PASSWORD, "password2": PASSWORD}


def invited(houses: Houses, role: Role = Role.PATIENT, email: str = "odile@example.org") -> str:
    offer = Offer(email, role, "Odile", "Petit", Profession.NURSE if role is Role.CARER else None)
    secret = actions.invite(houses.tilleuls, offer, by=OPERATOR, at=timezone.now()).secret
    return f"/people/invitation/{secret}/"


def test_a_patient_accepts_and_is_in(houses: Houses, client: Client) -> None:
    path = invited(houses)
    page = client.get(path)
    assert "Bonjour Odile" in page.content.decode()
    assert (page.headers["Referrer-Policy"], "no-store" in page.headers["Cache-Control"]) == ("strict-origin", True)
    assert not Account.objects.exists(), "reading an invitation made an account"
    assert client.post(path, BOTH).headers["Location"] == "/"
    assert client.get("/people/me/").status_code == 200
    assert Membership.objects.get().role == Role.PATIENT


def test_a_nurse_accepts_and_sets_a_second_factor_up(houses: Houses, client: Client) -> None:
    client.post(invited(houses, Role.CARER), BOTH)
    assert client.get("/").headers["Location"].startswith("/people/second-factor/")
    assert client.get("/accounts/2fa/totp/activate/").status_code == 200, "the password is asked twice in a row"


@pytest.mark.parametrize(
    ("first", "second"),
    [("court", "court"), ("123456789012", "123456789012"), (PASSWORD, "une autre phrase"), ("", "")],
)
def test_a_weak_or_mistyped_password_is_asked_again(houses: Houses, client: Client, first: str, second: str) -> None:
    path = invited(houses)
    page = client.post(path, {"password1": first, "password2": second})
    assert page.status_code == 200
    assert "data-errors" in page.content.decode()
    assert not Account.objects.exists()


def test_links_that_open_nothing_all_look_the_same(houses: Houses, client: Client) -> None:
    used, expired = invited(houses), invited(houses, email="other@example.org")
    Client().post(used, BOTH)
    Invitation.objects.filter(email="other@example.org").update(
        invited_at=timezone.now() - timedelta(days=9), expires_at=timezone.now()
    )
    never = "/people/invitation/" + "a" * 43 + "/"
    pages = set()
    for path in (used, expired, never, never.replace("invitation", "access")):
        for answer in (client.get(path), client.post(path, BOTH)):
            assert answer.status_code == 404
            pages.add(answer.content.decode().split("<main")[1])
    assert len(pages) == 1


def test_somebody_with_an_account_signs_in_first_and_nobody_else_accepts(houses: Houses) -> None:
    alice = member("alice@example.org", houses.saint_roch, Role.PATIENT)
    bob = member("bob@example.org", houses.saint_roch, Role.PATIENT)
    path = invited(houses, Role.TRUSTED_PERSON, alice.email)
    anonymous, wrong, right = Client(), Client(), Client()
    wrong.force_login(bob)
    right.force_login(alice)
    assert f"/accounts/login/?next={path}" in anonymous.get(path).content.decode()
    for client in (anonymous, wrong):
        client.post(path, BOTH)
    assert not Membership.objects.filter(establishment=houses.tilleuls).exists()
    assert not alice.check_password(PASSWORD)
    assert right.post(path).status_code == 302
    assert Membership.objects.filter(account=alice, establishment=houses.tilleuls).exists()


def test_a_lost_access_is_found_again_and_the_second_factor_still_asked(houses: Houses, client: Client) -> None:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    nurse = member("nurse@example.org", houses.tilleuls, Role.CARER)
    TOTP.activate(nurse, generate_totp_secret())
    made = actions.make_access_link(nurse, houses.tilleuls, by=OPERATOR, at=timezone.now())
    path = f"/people/access/{made.secret}/"
    assert client.get(path).status_code == 200
    assert client.post(path, BOTH).headers["Location"] == "/accounts/2fa/authenticate/"
    assert client.get("/people/me/").headers["Location"].startswith("/accounts/login/")
    assert client.post(path, BOTH).status_code == 404
