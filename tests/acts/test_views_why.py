"""« Pourquoi ? » is one click away: what counted, what would have changed it, and nothing the reader may not know."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from colloque.acts import actions
from colloque.acts.core.erasure import without_person
from colloque.kernel.vocabulary import ChoiceAnswer, Situation
from colloque.patients.models import Opening, SituationRecord
from colloque.people.models import Account
from tests.acts import cytology, world
from tests.acts.cytology import PlayedAI, Story, a_card
from tests.acts.world import choose

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """The story happens now: pages read the clock."""
    cytology.happen_now(monkeypatch)


@pytest.fixture
def story(today: None, db: None, played: PlayedAI) -> Story:
    """One act's people, today, with an AI that the test plays."""
    played.says(a_card())
    return cytology.a_story(played.address)


def page(account: Account, name: str, *arguments: object) -> Any:
    client = Client()
    client.force_login(account)
    return client.get(reverse(name, args=arguments))


def told(response: Any) -> str:
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(html.unescape(text).split())


@pytest.mark.principle("C13")
def test_the_person_reads_what_counted_and_what_would_have_changed_it(story: Story) -> None:
    choose(story.world.person, ChoiceAnswer.NO, story.patient, at=timezone.now())
    act = story.started()
    journal = page(story.patient, "acts:journal")
    assert reverse("acts:journal-why", args=[act.id]) in journal.content.decode()
    text = told(page(story.patient, "acts:journal-why", act.id))
    assert "Le non de la personne passe avant tout" in text
    assert "Votre réponse : non" in text
    assert "Vous avez dit non. Vous seul pouvez changer votre réponse" in text
    for name in (story.carer.family_name, story.carer.given_name):
        assert name not in text, "whoever cared is named in the journal, not in the reasons"


@pytest.mark.principle("C13")
def test_what_waits_says_what_would_let_it_go_on(story: Story) -> None:
    act = story.started()
    text = told(page(story.carer, "acts:why", act.id))
    assert "L’IA attend." in text
    assert "L’avis du soignant, pas encore noté" in text
    assert "L’IA pourrait aider si le soignant notait d’abord son propre avis." in text
    assert "la charte a décidé à nouveau avec ce changement" in text
    for place in (page(story.carer, "acts:act", act.id), page(story.carer, "acts:worklist")):
        assert reverse("acts:why", args=[act.id]) in place.content.decode()


def test_the_way_leads_from_the_decision_to_the_rule(story: Story) -> None:
    act = story.opened()
    actions.decide(act, outcome="set-aside", reasons=["seen-here"], by=story.carer, at=timezone.now())
    for name in ("acts:act", "acts:record"):
        assert reverse("acts:why", args=[act.id]) in page(story.carer, name, act.id).content.decode()
    why = page(story.carer, "acts:why", act.id)
    assert reverse("charter:rule", args=["tilleuls", "diagnosis-allowed"]) in why.content.decode()
    assert "Le non de la personne l’aurait arrêtée." in told(why)


@pytest.mark.principle("G5")
def test_only_who_may_see_the_act_reads_why(story: Story) -> None:
    act = story.started()
    for account in (story.river_nurse, story.director, story.stranger, story.patient):
        assert page(account, "acts:why", act.id).status_code == 404, account
    for account in (story.river_nurse, story.director, story.stranger, story.carer):
        assert page(account, "acts:journal-why", act.id).status_code == 404, account
    assert Client().get(reverse("acts:why", args=[act.id])).status_code == 302


def test_a_reason_that_somebody_tells_is_not_told_by_a_page(story: Story) -> None:
    SituationRecord.objects.create(
        person=story.world.person, situation=Situation.END_OF_LIFE.value, declared_by=story.carer, since=world.LONG_AGO
    )
    act = story.started()
    text = told(page(story.patient, "acts:journal-why", act.id))
    assert "La raison se dit de vive voix." in text
    assert "fin de vie" not in text.lower()
    carers = told(page(story.carer, "acts:why", act.id))
    assert "Sa situation : la personne est en fin de vie" in carers


def test_that_a_carer_looked_is_told_to_the_person(story: Story) -> None:
    act = story.started()
    page(story.colleague, "acts:why", act.id)
    assert Opening.objects.filter(account=story.colleague, person=story.world.person).count() == 1


def test_the_page_is_whole_in_english(story: Story) -> None:
    act = story.started()
    client = Client(headers={"accept-language": "en"})
    client.force_login(story.carer)
    client.cookies["django_language"] = "en"
    text = told(client.get(reverse("acts:why", args=[act.id])))
    assert "AI could help if the carer first noted their own opinion." in text


def test_what_is_no_longer_kept_is_not_made_up(story: Story) -> None:
    choose(story.world.person, ChoiceAnswer.NO, story.patient, at=timezone.now())
    act = story.started()
    act.facts = without_person(bytes(act.facts))
    act.save(update_fields=["facts"])
    text = told(page(story.carer, "acts:why", act.id))
    assert "Ce que l’on savait alors n’est plus gardé" in text
    assert "Ce qui a compté" not in text
    assert "L’IA pourrait aider" not in text
