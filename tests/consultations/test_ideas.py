"""The ideas box: from somebody of the house to a vote, a consultation, or an answer that says why not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from colloque.consultations.actions.ideas import (
    IDEAS_A_DAY,
    give_idea,
    idea_became,
    idea_becomes_statement,
    publish_idea,
    set_idea_aside,
)
from colloque.consultations.core.state import BecameKind, ConsultationState, IdeaState, IdeaWish
from colloque.consultations.models import Consultation, Idea
from colloque.kernel.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError
from colloque.kernel.vocabulary import ActKind, Role
from tests.consultations.story import NOW, Story, account, consultation, house, member

pytestmark = pytest.mark.django_db
WORDS = "L’IA pourrait ranger les stocks, cela nous prend une heure par jour."


def idea(story: Story, role: Role = Role.CARER, words: str = WORDS) -> Idea:
    by = member(story.house, account(f"{role}-{Idea.objects.count()}@tilleuls.example", "Sarah", "Lemoine"), role)
    return give_idea(story.house, words, IdeaWish.HELP, act_kind=ActKind.PILL_PREPARATION, by=by, at=NOW)


@pytest.mark.principle("D7")
@pytest.mark.parametrize(
    ("role", "group"), [(Role.CARER, "carers"), (Role.PATIENT, "residents"), (Role.TRUSTED_PERSON, "families")]
)
def test_carers_and_patients_propose_and_what_became_of_it_is_public(story: Story, role: Role, group: str) -> None:
    one = idea(story, role)
    assert one.group == group
    page = reverse("consultations:public-ideas", args=[story.house.slug])
    assert WORDS not in Client().get(page).content.decode(), "it is read before it is public"
    statement = idea_becomes_statement(
        one, story.consultation, "L’IA peut ranger les stocks.", by=story.facilitator, at=NOW
    )
    text = Client().get(page).content.decode()
    assert WORDS in text
    assert "une affirmation soumise au vote" in text
    assert f"#statement-{statement.number}" in text
    assert "Sarah" not in text
    assert "Lemoine" not in text


def test_an_idea_becomes_a_consultation_through_its_page(story: Story) -> None:
    one = idea(story)
    client = Client()
    client.force_login(story.facilitator)
    page = f"{reverse('consultations:new')}?idea={one.id}"
    assert WORDS in client.get(page).content.decode()
    said = {
        "question": "Où l’IA nous aiderait-elle ?",
        "seeds": f"{WORDS}\nL’IA peut écrire les comptes rendus.\nL’IA ne doit pas entrer dans les chambres.",
        "anonymity": "open-link",
        "closes_on": "2099-01-01",
        "groups": ["residents", "carers"],
        "moderation": "strict",
        "size_residents": "45",
        "is_listed": "on",
    }
    assert client.post(page, said).status_code == 302
    made = Consultation.objects.get(number=2)
    one.refresh_from_db()
    assert (one.became_kind, one.became_id, made.state) == (BecameKind.CONSULTATION, made.id, ConsultationState.DRAFT)
    assert made.group_sizes == {"residents": 45}
    public = reverse("consultations:public-ideas", args=[story.house.slug])
    joining = reverse("consultations:join", args=[made.id])
    assert joining not in Client().get(public).content.decode(), "a draft is nowhere"
    client.post(reverse("consultations:open", args=[made.id]))
    assert joining in Client().get(public).content.decode()


def test_what_is_not_followed_says_why(story: Story) -> None:
    one = idea(story)
    with pytest.raises(InvalidInputError, match="pourquoi"):
        set_idea_aside(one, "  ", by=story.facilitator, at=NOW)
    set_idea_aside(one, "Le logiciel existe déjà.", by=story.facilitator, at=NOW)
    text = Client().get(reverse("consultations:public-ideas", args=[story.house.slug])).content.decode()
    assert "Le logiciel existe déjà." in text


def test_what_designates_somebody_and_is_set_aside_stays_with_its_author(story: Story) -> None:
    one = idea(story, words="Que l’IA surveille Mme Durand la nuit, dans la chambre 12.")
    assert set(one.warnings) == {"name", "room"}
    set_idea_aside(one, "On ne surveille personne.", by=story.facilitator, at=NOW)
    assert "Durand" not in Client().get(reverse("consultations:public-ideas", args=[story.house.slug])).content.decode()


def test_only_those_of_the_house_give_and_only_those_who_animate_answer(story: Story) -> None:
    one = idea(story)
    stranger = member(house("saint-roch", "Hôpital Saint-Roch"), account("z@roch.example"), Role.FACILITATOR)
    with pytest.raises(NotFoundError):
        give_idea(story.house, WORDS, IdeaWish.HELP, act_kind=None, by=stranger, at=NOW)
    for who in (stranger, member(story.house, account("b@tilleuls.example"), Role.CARER)):
        with pytest.raises(NotFoundError):
            publish_idea(one, by=who, at=NOW)
    elsewhere = consultation(house("autre", "Autre"), stranger)
    with pytest.raises(NotFoundError):
        idea_becomes_statement(one, elsewhere, "L’IA peut ranger les stocks.", by=story.facilitator, at=NOW)


def test_ten_a_day_and_words_that_say_something(story: Story) -> None:
    sarah = member(story.house, account("sarah@tilleuls.example"), Role.CARER)
    for number in range(IDEAS_A_DAY):
        give_idea(story.house, f"{WORDS} {number}", IdeaWish.HELP, act_kind=None, by=sarah, at=NOW)
    with pytest.raises(NotAllowedError):
        give_idea(story.house, WORDS, IdeaWish.HELP, act_kind=None, by=sarah, at=NOW)
    tomorrow = NOW + timedelta(days=1, seconds=1)
    for words in ("", "???????????????", "a" * 1_001):
        with pytest.raises(InvalidInputError):
            give_idea(story.house, words, IdeaWish.HELP, act_kind=None, by=sarah, at=tomorrow)


def test_an_idea_is_put_to_the_vote_once_and_only_where_people_vote(story: Story) -> None:
    one = idea(story)
    with pytest.raises(InvalidInputError, match="existe déjà"):
        idea_becomes_statement(one, story.consultation, story.statements[0].text, by=story.facilitator, at=NOW)
    closed = consultation(story.house, story.facilitator, number=2, state=ConsultationState.CLOSED)
    with pytest.raises(ConflictError):
        idea_becomes_statement(one, closed, "L’IA peut ranger les stocks.", by=story.facilitator, at=NOW)
    idea_became(one, BecameKind.PROJECT, story.consultation.id, by=story.facilitator, at=NOW)
    with pytest.raises(ConflictError, match="reste publique"):
        set_idea_aside(one, "Non.", by=story.facilitator, at=NOW)
    assert Idea.objects.get(pk=one.pk).state == IdeaState.PUBLISHED
