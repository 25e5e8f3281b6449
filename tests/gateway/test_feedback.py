"""What a record system reports of its cards: kept, once each, and the act it closes decided in its carer's name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from django.utils import timezone

from colloque.acts.core.report import Kept, about_report
from colloque.acts.models import Act, Decision, ReportedOutcome, UsedToken
from colloque.kernel.sealing import unseal
from colloque.kernel.vocabulary import ChoiceAnswer
from colloque.ledger.actions import subject_key
from colloque.ledger.queries import entries_about
from colloque.people.models import Membership
from tests.acts.world import choose
from tests.gateway.played_ai import CARD, SUGGESTIONS
from tests.gateway.scenes import Scene, a_scene


def overridden(card: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "card": card["uuid"],
        "outcome": "overridden",
        "outcomeTimestamp": timezone.now().isoformat(),
        "overrideReason": {
            "reason": {"code": "patient-refuses", "system": "http://example.org"},
            "userComment": "Elle préfère attendre.",
        },
        **changes,
    }


def accepted(card: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "card": card["uuid"],
        "outcome": "accepted",
        "acceptedSuggestions": [{"id": card["suggestions"][0]["uuid"]}],
        "outcomeTimestamp": timezone.now().isoformat(),
        **changes,
    }


def the_act(scene: Scene) -> Act:
    return Act.objects.get(establishment=scene.world.house)


@pytest.mark.principle("A1")
def test_a_card_set_aside_is_a_decision_of_its_carer_with_the_reason(scene: Scene) -> None:
    (card,) = scene.ehr.call().cards
    answer = scene.ehr.feedback(overridden(card))
    assert (answer.status, answer.json) == (200, {"recorded": 1, "repeated": 0, "unknown": []})
    decision = Decision.objects.get(act=the_act(scene))
    assert (decision.outcome, decision.carer_id, decision.through_ehr) == ("set-aside", scene.world.carer.id, True)
    assert decision.reasons == ["patient-refuses"]
    assert the_act(scene).state == "decided"
    report = ReportedOutcome.objects.get(suggestion=card["uuid"])
    opened = unseal(subject_key(scene.world.person.id), bytes(report.sealed), about=about_report(report.id))
    assert msgspec.json.decode(opened, type=Kept).words == "Elle préfère attendre."
    kinds = [told.kind for told in entries_about(scene.world.person.id)]
    assert {"act.answered", "outcome.reported", "decision.recorded"} <= set(kinds)


def test_an_accepted_suggestion_is_followed(scene: Scene) -> None:
    scene.ai.answers({"cards": [SUGGESTIONS]})
    (card,) = scene.ehr.call().cards
    assert scene.ehr.feedback(accepted(card)).status == 200
    assert Decision.objects.get(act=the_act(scene)).outcome == "followed"


def test_accepted_then_set_aside_keeps_both(scene: Scene) -> None:
    scene.ai.answers({"cards": [SUGGESTIONS]})
    (card,) = scene.ehr.call().cards
    earlier = (timezone.now() - timedelta(seconds=5)).isoformat()
    scene.ehr.feedback(accepted(card, outcomeTimestamp=earlier))
    answer = scene.ehr.feedback(overridden(card))
    assert answer.json["recorded"] == 1
    reports = ReportedOutcome.objects.filter(suggestion=card["uuid"]).order_by("reported_at")
    assert [report.outcome for report in reports] == ["accepted", "overridden"]
    assert Decision.objects.filter(act=the_act(scene)).count() == 1
    kinds = [told.kind for told in entries_about(scene.world.person.id)]
    assert kinds.count("outcome.reported") == 2


def test_the_same_report_again_changes_nothing(scene: Scene) -> None:
    (card,) = scene.ehr.call().cards
    report = overridden(card)
    assert scene.ehr.feedback(report).json["recorded"] == 1
    assert scene.ehr.feedback(report, report).json == {"recorded": 0, "repeated": 2, "unknown": []}
    assert ReportedOutcome.objects.filter(suggestion=card["uuid"]).count() == 1


def test_a_batch_speaks_of_several_cards(scene: Scene) -> None:
    scene.ai.answers({"cards": [CARD, {**CARD, "summary": "Autre chose"}]})
    one, other = scene.ehr.call().cards
    answer = scene.ehr.feedback(overridden(one), overridden(other), overridden({"uuid": str(uuid4())}))
    assert answer.json == {"recorded": 2, "repeated": 0, "unknown": ["feedback[2].card"]}


def test_a_card_nobody_sent_is_a_404_that_says_which(scene: Scene) -> None:
    scene.ehr.call()
    answer = scene.ehr.feedback(overridden({"uuid": str(uuid4())}))
    assert (answer.status, answer.problems) == (404, {"feedback[0].card": "unknown-card"})


def test_cards_of_another_record_system_are_unknown(scene: Scene) -> None:
    (card,) = scene.ehr.call().cards
    stranger = a_scene(scene.installation, scene.ai)
    assert stranger.ehr.feedback(overridden(card)).status == 404
    assert not ReportedOutcome.objects.filter(suggestion=card["uuid"]).exists()
    assert the_act(scene).state == "open"


def test_a_card_that_explained_a_refusal_may_be_dismissed(scene: Scene) -> None:
    choose(scene.world.person, ChoiceAnswer.NO, scene.world.carer, at=timezone.now())
    (card,) = scene.ehr.call().cards
    assert scene.ehr.feedback(overridden(card)).json == {"recorded": 0, "repeated": 1, "unknown": []}
    assert the_act(scene).state == "refused"


def test_an_act_whose_carer_left_stays_open_for_somebody(scene: Scene) -> None:
    (card,) = scene.ehr.call().cards
    Membership.objects.filter(account=scene.world.carer).update(valid_until=timezone.now())
    assert scene.ehr.feedback(overridden(card)).json["recorded"] == 1
    assert the_act(scene).state == "open"
    assert ReportedOutcome.objects.filter(suggestion=card["uuid"]).exists()


def test_feedback_needs_a_token_for_the_feedback_endpoint_and_uses_it_up(scene: Scene) -> None:
    (card,) = scene.ehr.call().cards
    assert scene.ehr.feedback(overridden(card), token=None).problems == {"Authorization": "token-missing"}
    for_the_service = scene.ehr.token(scene.ehr.path())
    assert scene.ehr.feedback(overridden(card), token=for_the_service).problems == {"Authorization": "token-audience"}
    token = scene.ehr.token(scene.ehr.path(feedback=True))
    assert scene.ehr.feedback(overridden(card), token=token).status == 200
    assert scene.ehr.feedback(overridden(card), token=token).problems == {"Authorization": "token-used"}
    used = UsedToken.objects.filter(system_id=scene.ehr.system).count()
    wrong = scene.ehr.token(scene.ehr.path(feedback=True))
    assert scene.ehr.post(scene.ehr.path(feedback=True), b"{", token=wrong).status == 400
    assert UsedToken.objects.filter(system_id=scene.ehr.system).count() == used + 1
    assert scene.ehr.feedback(overridden(card), token=wrong).problems == {"Authorization": "token-used"}


def test_nothing_of_a_batch_counts_when_one_report_is_malformed(scene: Scene) -> None:
    (card,) = scene.ehr.call().cards
    answer = scene.ehr.feedback(overridden(card), overridden(card, outcome="ignored"))
    assert answer.status == 400
    assert not ReportedOutcome.objects.filter(suggestion=card["uuid"]).exists()
    assert the_act(scene).state == "open"
