"""Staff pass a second factor before anything else; patients and trusted persons do not have to."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import LazySettings
from django.db import connection
from django.test import Client, RequestFactory

from colloque.kernel.errors import NotAllowedError
from colloque.kernel.vocabulary import STAFF_ROLES, Role
from colloque.people import actions, second_factor
from colloque.people.models import Account
from tests.people.houses import Houses, member
from tests.people.telephone import code

pytestmark = pytest.mark.django_db
PASSWORD = "une phrase qui se retient"
ASK = "/people/second-factor/"


@pytest.fixture
def nurse(houses: Houses) -> Account:
    account = member("nurse@example.org", houses.tilleuls, Role.CARER, unit=houses.garden)
    account.set_password(PASSWORD)
    account.save()
    return account


def enter(account: Account, password: str = PASSWORD) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": account.email, "password": password})
    return client


def where(client: Client, path: str = "/people/me/") -> str:
    response = client.get(path)
    return str(response.headers.get("Location", response.status_code)).partition("?")[0]


@pytest.mark.principle("G5")
@pytest.mark.parametrize("role", list(Role))
def test_staff_are_led_to_a_second_factor_and_the_others_are_not(houses: Houses, role: Role) -> None:
    account = member("someone@example.org", houses.tilleuls, role)
    account.set_password(PASSWORD)
    account.save()
    client = enter(account)
    expected = ASK if role in STAFF_ROLES else "200"
    assert where(client) == expected
    assert client.get("/", headers={"accept": "application/json"}).status_code == (403 if role in STAFF_ROLES else 200)


def test_no_page_opens_before_it_but_those_that_set_it_up(nurse: Account) -> None:
    client = enter(nurse)
    for path in ("/", "/people/establishment/", "/accounts/password/change/", "/accounts/2fa/", "/people/"):
        assert where(client, path) in {ASK, "404"}, f"{path} opened without a second factor"
    assert client.post("/people/me/sessions/end/").headers["Location"].startswith(ASK)
    for path in (ASK, "/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/add/", "/accounts/logout/"):
        assert where(client, path) == "200", f"{path} is closed to somebody who must enrol"


def test_a_role_of_staff_elsewhere_counts_too(houses: Houses, nurse: Account) -> None:
    member("", houses.saint_roch, Role.PATIENT, account=nurse)
    client = enter(nurse)
    client.post("/people/establishment/", {"establishment": str(houses.saint_roch.id)})
    assert where(client) == ASK


def enrol(client: Client) -> str:
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    found = re.search(r"<code>([A-Z2-7]+)</code>", page)
    assert found, "the page does not show the key in letters"
    response = client.post("/accounts/2fa/totp/activate/", {"code": code(found[1])})
    assert response.headers["Location"] == "/accounts/2fa/recovery-codes/"
    return str(found[1])


@pytest.mark.django_db(transaction=True)
def test_enrolling_opens_the_house_and_gives_codes_once(nurse: Account, houses: Houses) -> None:
    client = enter(nurse)
    enrol(client)
    first = client.get("/accounts/2fa/recovery-codes/").content.decode()
    assert len(re.findall(r"<li><code>[0-9A-Za-z-]{6,}</code>", first)) == 10
    assert "<li><code>" not in client.get("/accounts/2fa/recovery-codes/").content.decode()
    assert where(client) == "200"


@pytest.mark.django_db(transaction=True)
def test_the_key_of_an_application_is_sealed_in_the_database(nurse: Account) -> None:
    secret = enrol(enter(nurse))
    with connection.cursor() as cursor:
        cursor.execute("SELECT data::text FROM mfa_authenticator WHERE type = 'totp'")
        stored = cursor.fetchone()[0]
    assert secret not in stored
    assert secret not in str(json.loads(stored))


def with_application(account: Account) -> str:
    secret: str = generate_totp_secret()
    TOTP.activate(account, secret)
    RecoveryCodes.activate(account)
    return secret


def test_the_next_sign_in_asks_for_the_code(nurse: Account) -> None:
    secret = with_application(nurse)
    client = enter(nurse)
    assert where(client) == "/accounts/login/", "a password alone signed in"
    assert client.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert where(client) == "/accounts/login/"
    assert client.post("/accounts/2fa/authenticate/", {"code": code(secret)}).status_code == 302
    assert where(client) == "200"


def test_a_code_serves_once(nurse: Account) -> None:
    secret = with_application(nurse)
    first, second = enter(nurse), enter(nurse)
    used = code(secret)
    assert first.post("/accounts/2fa/authenticate/", {"code": used}).status_code == 302
    assert second.post("/accounts/2fa/authenticate/", {"code": used}).status_code == 200, (
        "a code seen over a shoulder opens"
    )


def test_codes_cannot_be_guessed(nurse: Account) -> None:
    secret = with_application(nurse)
    client = enter(nurse)
    for _ in range(6):
        client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert client.post("/accounts/2fa/authenticate/", {"code": code(secret)}).status_code == 200
    assert where(client) == "/accounts/login/"


def test_a_recovery_code_opens_once(nurse: Account) -> None:
    with_application(nurse)
    spare = Authenticator.objects.get(user=nurse, type="recovery_codes").wrap().get_unused_codes()[0]
    client = enter(nurse)
    assert client.post("/accounts/2fa/authenticate/", {"code": spare}).status_code == 302
    assert where(client) == "200"
    again = enter(nurse)
    assert again.post("/accounts/2fa/authenticate/", {"code": spare}).status_code == 200


def test_a_session_that_skipped_it_is_asked_again(nurse: Account) -> None:
    secret = with_application(nurse)
    client = Client()
    client.force_login(nurse)
    session = client.session
    del session[second_factor.IN_SESSION]
    session.save()
    assert where(client) == ASK
    assert "/accounts/2fa/reauthenticate/" in client.get(ASK).content.decode()
    assert client.post("/accounts/2fa/reauthenticate/", {"code": code(secret)}).status_code == 302
    assert where(client) == "200"


def test_a_mark_left_by_somebody_else_does_not_count(nurse: Account, houses: Houses) -> None:
    client = Client()
    client.force_login(nurse)
    session = client.session
    session[second_factor.IN_SESSION] = str(houses.garden.id)
    session.save()
    assert where(client) == ASK


@pytest.mark.django_db(transaction=True)
def test_staff_cannot_take_away_their_last_factor(nurse: Account) -> None:
    client = enter(nurse)
    enrol(client)
    page = client.post("/accounts/2fa/totp/deactivate/")
    assert page.status_code == 200
    assert "seule seconde preuve" in page.content.decode()
    assert Authenticator.objects.filter(user=nurse, type="totp").exists()


@pytest.mark.django_db(transaction=True)
def test_a_patient_may_set_one_and_take_it_away(houses: Houses) -> None:
    patient = member("odile@example.org", houses.tilleuls, Role.PATIENT)
    patient.set_password(PASSWORD)
    patient.save()
    client = enter(patient)
    enrol(client)
    assert client.post("/accounts/2fa/totp/deactivate/").status_code == 302
    assert not Authenticator.objects.filter(user=patient).exists()
    assert where(client) == "200"


def test_a_factor_forgotten_by_an_administrator_is_set_up_anew(nurse: Account, houses: Houses) -> None:
    with_application(nurse)
    client = Client()
    client.force_login(nurse)
    assert where(client) == "200"
    actions.forget_second_factor(nurse, houses.tilleuls, by=actions.OPERATOR, at=_now())
    assert where(client) == "/accounts/login/", "a session survived the loss of the second factor"
    assert where(enter(nurse)) == ASK


def _now() -> Any:
    from django.utils import timezone

    return timezone.now()


def test_the_demonstrations_link_stands_for_both_only_in_the_demonstration(
    nurse: Account, settings: LazySettings
) -> None:
    request = RequestFactory().get("/")
    request.session = {}  # type: ignore[assignment]
    with pytest.raises(NotAllowedError):
        second_factor.note_demonstration_link(request, nurse)
    settings.DEMO = True
    second_factor.note_demonstration_link(request, nurse)
    assert second_factor.has_passed(request, nurse)
