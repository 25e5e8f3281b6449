"""Pages of taking part, opened as a browser without scripts opens them."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from colloque.consultations.actions.opening import make_codes
from colloque.consultations.core.groups import Anonymity, GroupOfPeople, VoteChannel
from colloque.consultations.core.state import ConsultationState
from colloque.consultations.core.tickets import cookie_name
from colloque.consultations.models import Participant, Statement, Vote
from tests.consultations.story import NOW, Story, consultation, statement

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_counts() -> None:
    cache.clear()


def address(name: str, about: object) -> str:
    return reverse(f"consultations:{name}", args=[about])


def begun(story: Story, **said: str) -> Client:
    client = Client()
    answer = client.post(address("join", story.consultation.id), said)
    assert answer.status_code == 302, answer.content.decode()[:2000]
    return client


@pytest.mark.principle("D4")
def test_a_person_answers_everything_without_a_script_and_without_an_account(story: Story) -> None:
    client = begun(story, group="residents")
    cookie = client.cookies[cookie_name(story.consultation.id)]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    vote = address("vote", story.consultation.id)
    said = []
    for value in ("1", "-1", "0"):
        page = client.get(vote)
        found = re.search(r'name="statement" value="(\d+)"', page.content.decode())
        assert found is not None
        said.append((int(found[1]), int(value)))
        answer = client.post(vote, {"statement": found[1], "value": value})
        assert answer.status_code == 302
        assert "C’est noté" in client.get(answer.headers["Location"]).content.decode()
    assert "Vous avez répondu à tout" in client.get(vote).content.decode()
    votes = Vote.objects.filter(consultation=story.consultation).values_list("statement_number", "value", "channel")
    assert sorted(votes) == sorted((number, value, VoteChannel.SELF) for number, value in said)
    mine = client.get(address("my-votes", story.consultation.id)).content.decode()
    assert mine.count("Ma réponse") == 3


def test_a_vote_is_changed_and_taken_back(story: Story) -> None:
    client = begun(story)
    vote = address("vote", story.consultation.id)
    client.post(vote, {"statement": "2", "value": "1"})
    assert "Vous aviez répondu" in client.get(f"{vote}?statement=2").content.decode()
    client.post(vote, {"statement": "2", "value": "-1"})
    assert Vote.objects.get().value == -1
    client.post(vote, {"statement": "2", "value": "none"})
    assert not Vote.objects.exists()


def test_a_helper_is_recorded_with_each_vote(story: Story) -> None:
    client = begun(story, group="residents", helper="family")
    client.post(address("vote", story.consultation.id), {"statement": "1", "value": "1"})
    assert Vote.objects.get().channel == VoteChannel.HELPER
    assert "Vous répondez pour quelqu’un" in client.get(address("vote", story.consultation.id)).content.decode()


@pytest.mark.parametrize("data", [{}, {"statement": "1"}, {"statement": "1", "value": "7"}, {"statement": "x", "value": "1"},
                                  {"statement": "99999999999", "value": "1"}])  # fmt: skip
def test_a_vote_that_is_none_changes_nothing(story: Story, data: dict[str, str]) -> None:
    client = begun(story)
    assert client.post(address("vote", story.consultation.id), data).status_code == 400
    assert not Vote.objects.exists()


def test_a_vote_on_a_statement_of_elsewhere_is_refused(story: Story) -> None:
    client = begun(story)
    assert client.post(address("vote", story.consultation.id), {"statement": "77", "value": "1"}).status_code == 409
    other = consultation(story.house, story.facilitator, number=2)
    statement(other, 1, "Une affirmation d’ailleurs.")
    answer = client.post(address("vote", other.id), {"statement": "1", "value": "1"})
    assert answer.headers["Location"] == address("join", other.id), "one begins in each consultation"
    assert not Vote.objects.exists()


def test_nothing_is_taken_once_it_is_closed_or_past_its_last_day(story: Story) -> None:
    client = begun(story)
    story.consultation.closes_at = NOW.replace(year=2026, month=5, day=12)
    story.consultation.save()
    vote = {"statement": "1", "value": "1"}
    assert client.post(address("vote", story.consultation.id), vote).status_code == 409
    assert client.get(address("vote", story.consultation.id)).status_code == 302
    assert "est terminée" in client.get(address("join", story.consultation.id)).content.decode()
    assert Client().post(address("join", story.consultation.id), {}).status_code == 409
    assert not Vote.objects.exists()


def test_a_draft_is_nowhere(story: Story) -> None:
    draft = consultation(story.house, story.facilitator, number=2, state=ConsultationState.DRAFT)
    for name in ("join", "vote", "statements", "my-votes", "moderation-log"):
        assert Client().get(address(name, draft.id)).status_code == 404
    assert draft.title not in Client().get(address("public", story.house.slug)).content.decode() or (
        Client().get(address("public", story.house.slug)).content.decode().count("lines card") == 1
    )


def test_the_address_of_the_poster_can_be_typed_unless_it_is_not_announced(story: Story) -> None:
    address_typed = reverse("consultations:short", args=[story.house.slug, story.consultation.number])
    assert len(address_typed) < 40
    assert Client().get(address_typed).headers["Location"] == address("join", story.consultation.id)
    story.consultation.is_listed = False
    story.consultation.save()
    assert Client().get(address_typed).status_code == 404
    assert Client().get(address("join", story.consultation.id)).status_code == 200
    draft = consultation(story.house, story.facilitator, number=2, state=ConsultationState.DRAFT)
    assert Client().get(reverse("consultations:short", args=[story.house.slug, draft.number])).status_code == 404


def test_a_code_opens_once_and_the_page_says_so(story: Story) -> None:
    held = consultation(story.house, story.facilitator, number=2, anonymity=Anonymity.CODES)
    code = make_codes(held, GroupOfPeople.FAMILIES, 1, by=story.facilitator, at=NOW).codes[0]
    assert Client().post(address("join", held.id), {"code": code}).status_code == 302
    again = Client().post(address("join", held.id), {"code": code})
    assert again.status_code == 400
    assert "déjà servi" in again.content.decode()
    assert Client().post(address("join", held.id), {}).status_code == 400
    assert Participant.objects.filter(consultation=held).count() == 1


def test_leaving_gives_the_device_to_somebody_else(story: Story) -> None:
    client = begun(story)
    client.post(address("vote", story.consultation.id), {"statement": "1", "value": "1"})
    client.post(address("leave", story.consultation.id))
    assert client.get(address("vote", story.consultation.id)).status_code == 302
    client.post(address("join", story.consultation.id), {})
    assert Participant.objects.count() == 2
    assert Vote.objects.count() == 1


def test_a_statement_with_markup_is_shown_as_words(story: Story) -> None:
    statement(story.consultation, 4, "<script>alert(1)</script> et <b>gras</b>")
    client = begun(story)
    for page in (f"{address('vote', story.consultation.id)}?statement=4", address("statements", story.consultation.id)):
        text = client.get(page).content.decode()
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
        assert "<script>alert" not in text


def test_ten_thousand_characters_are_refused_and_kept_in_the_form(story: Story) -> None:
    client = begun(story)
    answer = client.post(address("statements", story.consultation.id), {"text": "mot " * 2_500})
    assert answer.status_code == 400
    text = answer.content.decode()
    assert "280 signes" in text
    assert text.count("mot mot mot") > 10
    assert Statement.objects.filter(is_seed=False).count() == 0


def test_a_statement_is_added_and_said_to_wait(story: Story) -> None:
    client = begun(story)
    answer = client.post(
        address("statements", story.consultation.id), {"text": "On demande l’avis des résidents d’abord."}
    )
    assert answer.status_code == 302
    text = client.get(answer.headers["Location"]).content.decode()
    assert "Attend d’être relue" in text
    assert "On demande l’avis" not in Client().get(address("statements", story.consultation.id)).content.decode()


def test_easy_words_come_first_for_whoever_prefers_them(story: Story) -> None:
    Statement.objects.filter(number=1).update(easy="Je veux un humain.")
    client = begun(story)
    page = f"{address('vote', story.consultation.id)}?statement=1"
    assert '<h1 lang="fr">Je préfère attendre' in client.get(page).content.decode()
    client.post(address("easy", story.consultation.id), {"easy": "1", "statement": "1"})
    assert '<h1 lang="fr">Je veux un humain.' in client.get(page).content.decode()
    client.post(address("easy", story.consultation.id), {"easy": "0"})
    assert '<h1 lang="fr">Je préfère attendre' in client.get(page).content.decode()


def test_before_one_begins_it_is_said_what_becomes_of_the_votes(story: Story) -> None:
    text = Client().get(address("join", story.consultation.id)).content.decode()
    assert "Ce que deviennent vos réponses" in text
    assert "ni nom, ni compte, ni adresse" in text
    assert "moins de 5 personnes" in text
