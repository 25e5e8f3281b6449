"""Attacks on the gateway, over HTTP: deciding for somebody else, and an AI that slips more into a card than it may."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.utils import timezone

from colloque.acts import actions
from colloque.acts.core.state import ActState
from colloque.acts.models import Act, Decision, ReportedOutcome
from colloque.people.models import Membership
from tests.acts.world import a_carer
from tests.gateway.played_ai import CARD
from tests.gateway.scenes import Scene


def accepted(card: str) -> dict[str, object]:
    """The feedback of somebody who accepted a suggestion of a card."""
    return {
        "card": card,
        "outcome": "accepted",
        "acceptedSuggestions": [{"id": str(uuid4())}],
        "outcomeTimestamp": timezone.now().isoformat(),
    }


@pytest.mark.principle("A1")
def test_a_record_system_does_not_decide_in_the_name_of_who_took_the_act_over(scene: Scene) -> None:
    """Feedback names nobody: it is about whoever was shown the card, not about whoever the act belongs to since."""
    (card,) = scene.ehr.call().cards
    act = Act.objects.get(suggestions=card["uuid"])
    colleague = a_carer(scene.world.house, scene.world.director, email=f"{uuid4().hex}@example.org")
    assert Membership.objects.filter(account=colleague).exists()
    actions.hand_over(act, to=colleague.id, by=colleague, at=timezone.now())
    assert scene.ehr.feedback(accepted(card["uuid"])).json["recorded"] == 1
    act.refresh_from_db()
    assert (act.state, act.owner_id) == (ActState.OPEN, colleague.id)
    assert not Decision.objects.filter(act=act).exists(), "decided in the name of somebody who saw nothing"
    assert ReportedOutcome.objects.filter(suggestion=card["uuid"]).count() == 1, "the report is kept all the same"


def test_feedback_decides_for_whoever_was_shown_the_card(scene: Scene) -> None:
    (card,) = scene.ehr.call().cards
    assert scene.ehr.feedback(accepted(card["uuid"])).json["recorded"] == 1
    assert Decision.objects.get(act__suggestions=card["uuid"]).carer == scene.world.carer


SMUGGLED = "![x](https://tracker.example/x.png) <img src=https://tracker.example/y.png> [suite](javascript:alert(1))"


def test_an_ai_slips_no_image_tag_or_link_into_a_card_by_what_it_says_of_its_answer(scene: Scene) -> None:
    words = {"fr": SMUGGLED, "en": SMUGGLED}
    said = {
        "v": 1,
        "status": "answered",
        "contributions": [{"code": "x", "fr": SMUGGLED, "en": SMUGGLED, "points": 1.0, "unit": SMUGGLED, "value": 1}],
        "never_taught": [words],
        "labelled_by": words,
    }
    scene.ai.answers({"cards": [{**CARD, "extension": {"com.colloque.answer": said}}]})
    (card,) = scene.ehr.call().cards
    for opening in ("![", "<img", "](", "]: "):
        assert opening not in card["detail"], (opening, card["detail"])


@pytest.mark.parametrize(
    "link", ["[ici](https://elsewhere.example/)", "[ici](javascript:alert(1))", "[ici]: https://a.example"]
)
def test_an_ai_slips_no_link_into_the_markdown_of_a_card(scene: Scene, link: str) -> None:
    scene.ai.answers({"cards": [{**CARD, "detail": f"Voir {link}."}]})
    (card,) = scene.ehr.call().cards
    assert "](" not in card["detail"]
    assert "]:" not in card["detail"]
    assert "ici" in card["detail"]
