"""Each role's home starts with what awaits it; a visitor reads what was decided here."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone, translation

from colloque.kernel.vocabulary import Role
from colloque.patients.actions import ask_erasure, ask_to_talk
from colloque.people.models import Account
from colloque.projects import actions as projects
from colloque.web.home import PARTS, greeting
from tests.acts.cytology import PlayedAI, a_card, a_story, playing
from tests.patients.story import Story, story
from tests.people.houses import member

pytestmark = pytest.mark.django_db


@pytest.fixture
def told() -> Story:
    return story()


def signed_in(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


def home(account: Account) -> str:
    answer = signed_in(account).get("/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_every_role_has_a_home(told: Story) -> None:
    assert set(PARTS) == set(Role)
    for role in Role:
        account = member(f"{role.value}@example.net", told.houses.tilleuls, role)
        assert "Bonjour" in home(account), role


def test_every_line_of_every_menu_opens(told: Story) -> None:
    for role in Role:
        account = (
            told.her_account
            if role is Role.PATIENT
            else member(f"menu-{role.value}@example.net", told.houses.tilleuls, role)
        )
        if role is Role.TRUSTED_PERSON:
            continue  # what it opens depends on who trusts them: see the patients' own tests
        client = signed_in(account)
        page = client.get("/").content.decode()
        links = re.findall(r'href="([^"]+)"', page[page.index('<ul class="nav">') : page.index('<div class="who">')])
        assert len(links) >= 3, role
        for link in links:
            assert client.get(link).status_code == 200, f"{role} is led to {link}, which does not open"


def test_nothing_waiting_is_said_kindly(told: Story) -> None:
    page = home(member("ethics@example.org", told.houses.tilleuls, Role.ETHICS_MEMBER))
    assert "Rien ne vous attend." in page
    assert "Profitez-en." in page


def test_an_auditor_finds_what_can_be_checked_and_every_door_opens(told: Story) -> None:
    client = signed_in(member("audit@example.net", told.houses.tilleuls, Role.AUDITOR))
    doors = re.findall(r'class="card door" href="([^"]+)"', client.get("/").content.decode())
    assert len(doors) == 3, doors
    assert {door: client.get(door).status_code for door in doors} == dict.fromkeys(doors, 200)


def test_a_carer_starts_with_whoever_waits_longest(told: Story) -> None:
    now = timezone.now()
    ask_to_talk(told.jeanne, by=told.her_account, at=now)
    page = home(told.sarah)
    assert "Votre formation n’est pas encore attestée" in page


def test_a_decision_awaits_its_carer_and_nobody_else() -> None:
    with playing() as ai:
        scene = a_story(ai.address)
        assert isinstance(ai, PlayedAI)
        ai.says(a_card())
        scene.opened()
    page = home(scene.carer)
    assert "Une chose vous attend." in page
    assert "Décider pour" in page
    assert "malignant" not in page, "the home says nothing of what the AI said"
    assert "plutôt malin" not in page
    assert "Rien ne vous attend." in home(scene.colleague)


def test_a_stopped_ai_is_said_to_staff_with_its_reason() -> None:
    with playing() as ai:
        scene = a_story(ai.address)
    projects.suspend(scene.world.project, "Trop de fausses alertes.", by=scene.director, at=timezone.now())
    page = home(scene.director)
    assert "L’IA est arrêtée quelque part" in page
    assert "Trop de fausses alertes." in page


def test_a_request_to_be_erased_awaits_the_officer(told: Story) -> None:
    now = timezone.now()
    ask_erasure(told.jeanne, by=told.her_account, at=now - timedelta(days=1))
    page = home(told.officer)
    assert "Protection des données" in page


def test_somebody_in_two_houses_is_asked_where_they_are(told: Story) -> None:
    member("both@example.org", told.houses.saint_roch, Role.AUDITOR)
    account = Account.objects.get(email="both@example.org")
    member("both@example.org", told.houses.tilleuls, Role.AUDITOR, account=account)
    answer = signed_in(account).get("/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/people/establishment/")


def test_a_home_left_open_shows_nothing_once_the_session_has_ended(client: Client) -> None:
    answer = client.get("/", headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert answer.headers["HX-Refresh"] == "true"


def test_a_visitor_reads_which_houses_are_here(told: Story, client: Client) -> None:
    page = client.get("/").content.decode()
    assert "Les Tilleuls" in page
    assert "/e/tilleuls/" in page


def test_the_public_face_says_what_was_decided_and_how_to_refuse(told: Story, client: Client) -> None:
    page = client.get("/e/tilleuls/").content.decode()
    assert "Nous n’avons pas encore adopté de charte." in page
    assert "Comment refuser" in page
    assert client.get("/e/nowhere/").status_code == 404


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "Rien ne vous attend."), (1, "Une chose"), (10, "Dix choses"), (11, "11 choses vous attendent.")],
)
def test_a_greeting_counts_in_words(count: int, words: str, settings: LazySettings) -> None:
    with translation.override("fr"):
        assert words in greeting("Sarah", count)
