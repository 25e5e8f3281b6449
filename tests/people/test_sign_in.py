"""Signing in: nothing told to who does not belong, no session taken over, no guessing, and sessions that end."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth import hashers
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from colloque.kernel.vocabulary import Role
from colloque.people import sessions
from colloque.people.models import Account
from tests.people.houses import Houses, member

pytestmark = pytest.mark.django_db
PASSWORD = "une phrase qui se retient"
LOGIN = "/accounts/login/"


@pytest.fixture
def patient(houses: Houses) -> Account:
    account = member("odile@example.org", houses.tilleuls, Role.PATIENT)
    account.set_password(PASSWORD)
    account.save()
    return account


def attempt(client: Client, email: str, password: str = PASSWORD, **more: Any) -> Any:
    return client.post(LOGIN, {"login": email, "password": password, **more})


def signed_in(client: Client) -> bool:
    return client.get("/people/me/").status_code == 200


def test_a_patient_signs_in_with_a_password_alone(patient: Account, client: Client) -> None:
    response = attempt(client, "Odile@Example.org")
    assert (response.status_code, response.headers["Location"]) == (302, "/")
    assert signed_in(client)


def test_there_is_no_way_to_sign_up(client: Client) -> None:
    for path in ("/accounts/signup/", "/accounts/email/", "/accounts/3rdparty/", "/accounts/3rdparty/signup/"):
        assert client.get(path).status_code == 404


def test_unknown_wrong_closed_and_passwordless_look_alike(patient: Account, houses: Houses) -> None:
    closed = member("closed@example.org", houses.tilleuls, Role.PATIENT)
    Account.objects.filter(pk=closed.pk).update(is_active=False)
    member("invited@example.org", houses.tilleuls, Role.PATIENT)
    pages = []
    for email in ("nobody@example.org", "odile@example.org", "closed@example.org", "invited@example.org"):
        response = attempt(Client(), email, "not the password")
        assert response.status_code == 200
        text = response.content.decode().replace(email, "…")
        pages.append(text[text.index("<main") :].split("csrfmiddlewaretoken")[0])
    assert len(set(pages)) == 1, "the answer tells whether an address has an account"


def test_checking_costs_as_much_whoever_asks(patient: Account, houses: Houses, settings: LazySettings) -> None:
    counted: list[str] = []

    class Counting(hashers.MD5PasswordHasher):
        def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
            counted.append(password)
            return super().encode(password, salt)

    settings.PASSWORD_HASHERS = [f"{__name__}.Counting"]
    globals()["Counting"] = Counting
    try:
        member("invited@example.org", houses.tilleuls, Role.PATIENT)
        costs = {}
        for email in ("nobody@example.org", "odile@example.org", "invited@example.org"):
            counted.clear()
            attempt(Client(), email, "not the password")
            costs[email] = len(counted)
    finally:
        del globals()["Counting"]
    assert set(costs.values()) == {1}, f"the number of password hashes tells who exists: {costs}"


def test_a_new_sign_in_is_a_new_session(patient: Account) -> None:
    victim = Client()
    victim.get(LOGIN)
    planted = victim.session
    planted["planted"] = "yes"
    planted.save()
    victim.cookies["sessionid"] = planted.session_key or ""
    attempt(victim, patient.email)
    assert victim.cookies["sessionid"].value != planted.session_key, "a session key known beforehand is signed in"
    assert not Session.objects.filter(session_key=planted.session_key).exists()


def test_guessing_is_stopped_for_one_account_and_for_one_computer(patient: Account) -> None:
    for _ in range(5):
        assert attempt(Client(), patient.email, "wrong").status_code == 200
    client = Client()
    assert attempt(client, patient.email).status_code == 200
    assert not signed_in(client), "the right password opens after five wrong ones"
    somebody_else = [attempt(Client(), f"nobody{n}@example.org", "wrong").status_code for n in range(60)]
    assert 429 in somebody_else


def test_a_shared_computer_forgets_sooner_than_my_own(patient: Account, settings: LazySettings) -> None:
    assert settings.COLLOQUE_IDLE_MINUTES < settings.COLLOQUE_OWN_DEVICE_IDLE_MINUTES
    ward, own = Client(), Client()
    attempt(ward, patient.email)
    attempt(own, patient.email, remember="on")
    assert ward.cookies["sessionid"]["max-age"] == ""
    assert own.cookies["sessionid"]["max-age"] == settings.SESSION_COOKIE_AGE
    for client in (ward, own):
        left_alone(client, minutes=settings.COLLOQUE_IDLE_MINUTES + 1)
    assert not signed_in(ward), "a session left alone on a ward computer is still open"
    assert signed_in(own)
    left_alone(own, minutes=settings.COLLOQUE_OWN_DEVICE_IDLE_MINUTES + 1)
    assert not signed_in(own)


def left_alone(client: Client, *, minutes: int) -> None:
    """Turn the clock of this session back: sign-in and last visit."""
    session = client.session
    session[sessions.SIGNED_IN_AT] = time.time() - minutes * 60
    session.save()
    client.cookies.pop(sessions.SEEN_COOKIE, None)


def test_an_ended_session_is_dead_on_the_server(patient: Account, settings: LazySettings) -> None:
    client = Client()
    attempt(client, patient.email)
    key = client.cookies["sessionid"].value
    left_alone(client, minutes=settings.COLLOQUE_IDLE_MINUTES + 1)
    assert not signed_in(client)
    assert not Session.objects.filter(session_key=key).exists()


def test_a_visit_keeps_a_session_alive_and_writes_nothing(patient: Account, settings: LazySettings) -> None:
    client = Client()
    attempt(client, patient.email)
    assert signed_in(client)
    session = client.session
    session[sessions.SIGNED_IN_AT] = time.time() - (settings.COLLOQUE_IDLE_MINUTES + 5) * 60
    session.save()
    with CaptureQueriesContext(connection) as captured:
        assert signed_in(client), "the visit a moment ago did not count"
    assert all(query["sql"].startswith("SELECT") for query in captured.captured_queries)


def test_the_visit_of_one_session_does_not_keep_another(patient: Account, settings: LazySettings) -> None:
    mine, stolen = Client(), Client()
    attempt(mine, patient.email)
    attempt(stolen, patient.email)
    left_alone(stolen, minutes=settings.COLLOQUE_IDLE_MINUTES + 1)
    assert signed_in(mine)
    stolen.cookies[sessions.SEEN_COOKIE] = mine.cookies[sessions.SEEN_COOKIE].value
    assert not signed_in(stolen)
    left_alone(mine, minutes=settings.COLLOQUE_IDLE_MINUTES + 1)
    mine.cookies[sessions.SEEN_COOKIE] = "forged"
    assert not signed_in(mine)


def test_what_a_page_fetches_by_itself_is_no_visit(patient: Account) -> None:
    client = Client()
    attempt(client, patient.email)
    client.cookies.pop(sessions.SEEN_COOKIE, None)
    client.get("/people/me/", headers={"HX-Request": "true"})
    assert sessions.SEEN_COOKIE not in client.cookies
    client.get("/people/me/")
    assert client.cookies[sessions.SEEN_COOKIE]["httponly"]


def test_sessions_end_everywhere_at_once(patient: Account) -> None:
    here, there = Client(), Client()
    attempt(here, patient.email)
    attempt(there, patient.email)
    assert here.post("/people/me/sessions/end/").status_code == 302
    assert not signed_in(here)
    assert not signed_in(there)
    attempt(here, patient.email)
    assert signed_in(here)


def test_a_closed_account_is_out_at_its_next_page(patient: Account) -> None:
    client = Client()
    attempt(client, patient.email)
    Account.objects.filter(pk=patient.pk).update(is_active=False)
    assert not signed_in(client)


def test_a_changed_password_ends_the_other_sessions(patient: Account) -> None:
    mine, other = Client(), Client()
    attempt(mine, patient.email)
    attempt(other, patient.email)
    new = "une autre phrase qui se retient"
    changed = mine.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert changed.status_code == 302
    assert signed_in(mine)
    assert not signed_in(other)


def test_asking_for_a_new_password_tells_nothing_and_mails_once(patient: Account, settings: LazySettings) -> None:
    settings.COLLOQUE_SENDS_MAIL = True
    answers = []
    for email in (patient.email, "nobody@example.org"):
        response = Client().post("/accounts/password/reset/", {"email": email}, follow=True)
        answers.append((response.redirect_chain, response.content.decode().split("<main")[1]))
    assert answers[0] == answers[1]
    assert [message.to for message in mail.outbox] == [[patient.email], ["nobody@example.org"]]
    assert "/accounts/password/reset/key/" in mail.outbox[0].body
    assert "/accounts/" not in mail.outbox[1].body


def test_a_reset_link_works_once(patient: Account, settings: LazySettings) -> None:
    settings.COLLOQUE_SENDS_MAIL = True
    client = Client()
    client.post("/accounts/password/reset/", {"email": patient.email})
    link = next(word for word in mail.outbox[0].body.split() if "/key/" in word)
    path = link[link.index("/accounts") :]
    form = client.get(path, follow=True).redirect_chain[-1][0]
    new = "encore une phrase à retenir"
    assert client.post(form, {"password1": new, "password2": new}).status_code == 302
    attempt(client, patient.email, new)
    assert signed_in(client)
    assert "ne sert plus" in Client().get(path, follow=True).content.decode()


def test_without_a_mail_server_nothing_is_promised(patient: Account, client: Client, settings: LazySettings) -> None:
    assert not settings.COLLOQUE_SENDS_MAIL
    assert "n’envoie pas de courrier" in client.get("/accounts/password/reset/").content.decode()
    client.post("/accounts/password/reset/", {"email": patient.email})
    assert mail.outbox == []


def test_a_sign_in_that_never_ends_does_not_exist(patient: Account, settings: LazySettings) -> None:
    client = Client()
    attempt(client, patient.email, remember="on")
    expires = Session.objects.get(session_key=client.cookies["sessionid"].value).expire_date
    assert expires - timezone.now() <= timedelta(hours=12, minutes=1)
