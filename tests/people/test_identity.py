"""Signing in with a real OpenID Connect provider, in another process: whose account it opens, what it cannot forge."""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from html import unescape
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.conf import LazySettings
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from colloque.config.environment import identity_providers
from colloque.kernel.vocabulary import Profession, Role
from colloque.people import actions, queries
from colloque.people.actions import OPERATOR, Offer
from colloque.people.models import Account, Membership, NationalIdentity
from colloque.people.sessions import SIGNED_IN_AT
from tests.people import oidc_provider
from tests.people.houses import Houses, member

pytestmark = pytest.mark.django_db
RPPS = "810000000009"
DOCTOR = {"sub": "f:psc:1", "SubjectNameID": RPPS, "acr": "eidas1", "given_name": "Claire", "family_name": "Morel"}
WITH_MAIL = {"sub": "m-1", "email": "nurse@example.org", "email_verified": True}


@dataclass(frozen=True)
class Running:
    """The provider's process, as the tests reach it."""

    address: str

    def answer(self, method: str, path: str, body: str = "") -> tuple[int, str]:
        """The status and where it sends the browser."""
        with closing(http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=10)) as connection:
            connection.request(method, path, body)
            response = connection.getresponse()
            response.read()
            return response.status, response.getheader("Location") or ""

    def is_asked_by(self, **persona: Any) -> None:
        """Say who stands before it, and what it does wrong."""
        assert self.answer("POST", "/persona", json.dumps(persona))[0] == 200

    def sends_back(self, address: str) -> str:
        """Where it sends a browser that follows the address."""
        return self.answer("GET", address.removeprefix(self.address))[1]


@pytest.fixture(scope="module")
def process() -> Iterator[Running]:
    started = subprocess.Popen([sys.executable, oidc_provider.__file__], stdout=subprocess.PIPE, text=True)
    assert started.stdout is not None
    with started, started.stdout:
        yield Running(started.stdout.readline().strip())
        started.terminate()


@pytest.fixture
def provider(process: Running, settings: LazySettings) -> Running:
    known = identity_providers(
        {
            "COLLOQUE_OIDC_SERVER": f"{process.address}/.well-known/wallet-openid-configuration",
            "COLLOQUE_OIDC_CLIENT_ID": oidc_provider.CLIENT_ID,
            "COLLOQUE_OIDC_CLIENT_SECRET": oidc_provider.CLIENT_SECRET,
            "COLLOQUE_OIDC_ID": "psc",
            "COLLOQUE_OIDC_NAME": "Pro Santé Connect",
            "COLLOQUE_OIDC_SCOPES": "openid scope_all",
            "COLLOQUE_OIDC_ACR_VALUES": "eidas1",
            "COLLOQUE_OIDC_SECOND_FACTOR_ACR": "eidas1",
        }
    )
    settings.COLLOQUE_IDENTITY_PROVIDERS = known
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [one.as_allauth() for one in known]}}
    return process


def leave(client: Client, path: str = "/people/identity/", **sent: str) -> str:
    """The provider's address that the page leads to."""
    page = client.post(path, {"provider": "psc", **sent})
    assert page.status_code == 200, page.content.decode()[:400]
    found = re.search(r'href="(http[^"]+/authorize[^"]+)"', page.content.decode())
    assert found, "the page does not lead to the provider"
    return unescape(found[1])


def come_back(provider: Running, client: Client, address: str) -> HttpResponse:
    """Go to the provider as a browser does, and back."""
    parts = urlsplit(provider.sends_back(address))
    assert parts.path == "/accounts/oidc/psc/callback/"
    return cast(HttpResponse, client.get(f"{parts.path}?{parts.query}"))


def sign_in(
    provider: Running, client: Client | None = None, path: str = "/people/identity/"
) -> tuple[Client, HttpResponse]:
    client = client or Client()
    return client, come_back(provider, client, leave(client, path))


def is_in(client: Client) -> bool:
    return client.get("/people/me/").status_code == 200


def invited(houses: Houses, rpps: str = "") -> str:
    offer = Offer(
        "claire@example.org",
        Role.CARER,
        "Claire",
        "Morel",
        Profession.DOCTOR,
        national_digest=queries.national_digest_of(rpps),
    )
    return (
        f"/people/invitation/{actions.invite(houses.tilleuls, offer, by=OPERATOR, at=timezone.now()).secret}/identity/"
    )


def test_the_request_holds_what_the_standard_asks(provider: Running) -> None:
    client = Client()
    assert "Continuer avec Pro Santé Connect" in client.get("/accounts/login/").content.decode()
    asked = {name: values[0] for name, values in parse_qs(urlsplit(leave(client)).query).items()}
    assert set(asked["scope"].split()) == {"openid", "scope_all"}
    assert (asked["acr_values"], asked["code_challenge_method"]) == ("eidas1", "S256")
    assert len(asked["nonce"]) >= 32
    assert asked["nonce"] != parse_qs(urlsplit(leave(client)).query)["nonce"][0]


def test_a_doctor_accepts_an_invitation_with_a_card_and_is_in_at_once(provider: Running, houses: Houses) -> None:
    provider.is_asked_by(claims=DOCTOR)
    client, answer = sign_in(provider, path=invited(houses, RPPS))
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    account = Account.objects.get()
    assert (account.email, account.full_name) == ("claire@example.org", "Claire Morel")
    assert not account.has_usable_password()
    assert Membership.objects.get(account=account).profession == Profession.DOCTOR
    assert is_in(client), "two factors checked by the provider did not count"
    again, _answer = sign_in(provider)
    assert is_in(again)
    assert NationalIdentity.objects.get(account=account)


def test_nothing_of_what_the_provider_tells_is_kept(provider: Running, houses: Houses) -> None:
    provider.is_asked_by(claims=DOCTOR)
    sign_in(provider, path=invited(houses))
    sign_in(provider)
    assert SocialAccount.objects.get().extra_data == {}
    assert not SocialToken.objects.exists()
    assert RPPS.encode() not in bytes(NationalIdentity.objects.get().digest)


def test_another_professional_does_not_take_the_invitation(provider: Running, houses: Houses) -> None:
    path = invited(houses, RPPS)
    provider.is_asked_by(claims={**DOCTOR, "SubjectNameID": "810000000017"})
    client, answer = sign_in(provider, path=path)
    assert answer.status_code == 404
    assert not Account.objects.exists()
    assert not SocialAccount.objects.exists()
    assert not is_in(client)
    provider.is_asked_by(claims=DOCTOR)
    assert is_in(sign_in(provider, path=path)[0])


def test_an_identity_nobody_invited_opens_nothing(provider: Running, houses: Houses) -> None:
    provider.is_asked_by(claims=DOCTOR)
    client, answer = sign_in(provider)
    assert answer.status_code == 403
    assert "invitation" in answer.content.decode()
    assert not Account.objects.exists()
    assert not is_in(client)


def test_a_verified_address_opens_the_account_it_belongs_to(provider: Running, houses: Houses) -> None:
    nurse = member("nurse@example.org", houses.tilleuls, Role.PATIENT)
    provider.is_asked_by(claims=WITH_MAIL)
    client, _answer = sign_in(provider)
    assert is_in(client)
    assert SocialAccount.objects.get().user == nurse


@pytest.mark.parametrize("verified", [False, None, "true", 1])
def test_an_address_not_verified_opens_nothing(provider: Running, houses: Houses, verified: object) -> None:
    member("nurse@example.org", houses.tilleuls, Role.PATIENT)
    provider.is_asked_by(claims={**WITH_MAIL, "email_verified": verified})
    client, answer = sign_in(provider)
    assert answer.status_code == 403
    assert not is_in(client)
    assert not SocialAccount.objects.exists()


def test_staff_without_two_factors_there_show_a_second_one_here(provider: Running, houses: Houses) -> None:
    member("nurse@example.org", houses.tilleuls, Role.CARER)
    for acr in (None, "eidas0", ["eidas1"]):
        provider.is_asked_by(claims={**WITH_MAIL, "acr": acr})
        client, _answer = sign_in(provider)
        assert client.get("/people/me/").headers["Location"].startswith("/people/second-factor/")


def test_a_closed_account_stays_closed(provider: Running, houses: Houses) -> None:
    nurse = member("nurse@example.org", houses.tilleuls, Role.PATIENT)
    provider.is_asked_by(claims=WITH_MAIL)
    sign_in(provider)
    actions.deactivate_account(nurse, houses.tilleuls, by=OPERATOR, at=timezone.now())
    client, answer = sign_in(provider)
    assert answer.headers["Location"] == "/accounts/inactive/"
    assert not is_in(client)


def test_one_professional_is_one_account(provider: Running, houses: Houses) -> None:
    provider.is_asked_by(claims=DOCTOR)
    sign_in(provider, path=invited(houses))
    member("nurse@example.org", houses.tilleuls, Role.PATIENT)
    provider.is_asked_by(claims={**WITH_MAIL, "SubjectNameID": RPPS})
    client, answer = sign_in(provider)
    assert answer.status_code == 403
    assert not is_in(client)
    assert SocialAccount.objects.count() == 1, "the identity stayed linked to the second account"


def with_password(houses: Houses, email: str) -> Client:
    """Somebody who has just signed in with a password."""
    account = member(email, houses.tilleuls, Role.PATIENT)
    account.set_password("une phrase qui se retient")
    account.save()
    client = Client()
    client.post("/accounts/login/", {"login": email, "password": "une phrase qui se retient"})
    return client


def test_an_account_with_a_password_links_its_card_by_itself(provider: Running, houses: Houses) -> None:
    provider.is_asked_by(claims=DOCTOR)
    client = with_password(houses, "claire@example.org")
    assert "Pas encore relié" in client.get("/people/me/").content.decode()
    _client, answer = sign_in(provider, client, "/people/me/identity/")
    assert answer.headers["Location"] == "/people/me/"
    assert "Relié à votre compte" in client.get("/people/me/").content.decode()
    assert is_in(sign_in(provider)[0])
    other = with_password(houses, "other@example.org")
    _client, answer = sign_in(provider, other, "/people/me/identity/")
    assert answer.status_code == 403, "a card was taken from its account"
    assert SocialAccount.objects.get().user.email == "claire@example.org"


def test_a_card_is_linked_only_by_whoever_has_just_shown_who_they_are(provider: Running, houses: Houses) -> None:
    provider.is_asked_by(claims=DOCTOR)
    client = with_password(houses, "claire@example.org")
    address = leave(client, "/people/me/identity/")
    client.post("/accounts/logout/")
    assert come_back(provider, client, address).status_code in {401, 403}
    assert not SocialAccount.objects.exists()
    client = with_password(houses, "late@example.org")
    session = client.session
    session[SIGNED_IN_AT] -= 700
    session.save()
    answer = client.post("/people/me/identity/", {"provider": "psc"})
    assert answer.headers["Location"].startswith("/accounts/reauthenticate/")


FORGERIES: dict[str, dict[str, Any]] = {
    "another key": {"signing": "wrong"},
    "a shared secret": {"signing": "shared-secret"},
    "no signature": {"signing": "none"},
    "no id_token": {"no_id_token": True},
    "another issuer": {"id_token": {"iss": "https://elsewhere.example"}},
    "another audience": {"id_token": {"aud": "somebody-else"}},
    "expired": {"id_token": {"exp": int(time.time()) - 120}},
    "from the future": {"id_token": {"iat": int(time.time()) + 3600}},
    "another nonce": {"id_token": {"nonce": "replayed"}},
    "no nonce": {"id_token": {"nonce": None}},
    "another person": {"userinfo": {"sub": "somebody-else"}},
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_what_is_forged_opens_nothing(provider: Running, houses: Houses, forgery: str) -> None:
    member("nurse@example.org", houses.tilleuls, Role.PATIENT)
    provider.is_asked_by(claims=WITH_MAIL, **FORGERIES[forgery])
    client, answer = sign_in(provider)
    assert answer.status_code == 401
    assert "n’a pas abouti" in answer.content.decode()
    assert not is_in(client)
    assert not SocialAccount.objects.exists()


def test_the_answer_serves_once_and_only_whoever_asked(provider: Running, houses: Houses) -> None:
    member("nurse@example.org", houses.tilleuls, Role.PATIENT)
    provider.is_asked_by(claims=WITH_MAIL)
    asking, other = Client(), Client()
    address = leave(asking)
    location = provider.sends_back(address)
    back = location[location.index("/accounts/") :]
    assert other.get(back).status_code == 401
    assert not is_in(other)
    assert asking.get(back).status_code == 302
    assert is_in(asking)
    assert other.get(back).status_code == 401
    assert not is_in(other)


def test_whoever_gives_up_is_back_at_the_sign_in_page(provider: Running, houses: Houses) -> None:
    provider.is_asked_by(refuses=True)
    _client, answer = sign_in(provider)
    assert answer.headers["Location"] == "/accounts/login/"


def test_a_provider_that_is_away_is_said(provider: Running, settings: LazySettings) -> None:
    away = identity_providers(
        {
            "COLLOQUE_OIDC_SERVER": "http://127.0.0.1:9",
            "COLLOQUE_OIDC_CLIENT_ID": "a",
            "COLLOQUE_OIDC_CLIENT_SECRET": "b",
            "COLLOQUE_OIDC_ID": "psc",
        }
    )
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [one.as_allauth() for one in away]}}
    assert Client().post("/people/identity/", {"provider": "psc"}).status_code == 503


def test_an_unknown_provider_is_nothing(provider: Running) -> None:
    assert Client().post("/people/identity/", {"provider": "other"}).status_code == 404
    assert Client().get("/accounts/oidc/other/callback/").status_code == 404


def test_settings_say_what_is_missing() -> None:
    assert identity_providers({}) == []
    for wrong in (
        {"COLLOQUE_OIDC_SERVER": "http://provider.example"},
        {"COLLOQUE_OIDC_SERVER": "https://provider.example"},
        {"COLLOQUE_OIDC_SERVER": "https://provider.example", "COLLOQUE_OIDC_CLIENT_ID": "a"},
    ):
        with pytest.raises(ValueError, match="COLLOQUE_OIDC"):
            identity_providers(wrong)
