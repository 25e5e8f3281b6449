"""What comes back to the one who called: cards, what they rest on, and nothing that would act by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import msgspec
import pytest
from django.utils import timezone

from colloque.acts.models import Act, Suggestion
from colloque.gateway.cards import REASONS
from colloque.gateway.core.calls import HOOKS
from colloque.kernel.vocabulary import ActKind, Autonomy, ChoiceAnswer
from colloque.ledger.models import Entry
from colloque.ledger.queries import entries_about
from colloque.projects.models import Project
from tests.acts.world import PREFETCH, choose
from tests.gateway.ehr import PATIENT, a_call
from tests.gateway.played_ai import CARD, SUGGESTIONS
from tests.gateway.scenes import Scene, discovered


def members(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of some JSON, with its path."""
    yield path, value
    if isinstance(value, dict):
        for name, part in value.items():
            yield from members(part, f"{path}.{name}")
    if isinstance(value, list):
        for part in value:
            yield from members(part, f"{path}[]")


def nothing_null_or_empty(value: Any) -> None:
    for path, part in members(value):
        assert part is not None, f"{path} is null"
        assert part not in ("", {}), f"{path} is empty"
        assert not path.endswith(".extension"), "no extension was agreed with anybody"


@pytest.mark.cds_hooks("2.0-16")
@pytest.mark.parametrize("hook", HOOKS)
def test_a_service_answers_on_each_hook(scene: Scene, hook: str) -> None:
    prefetch = {
        **PREFETCH,
        "draftOrders": {"query": "MedicationRequest", "fields": ["MedicationRequest.id"], "required": False},
    }
    scene.world.service_of(ActKind.WEIGHT, hook=hook, slug="autre", prefetch=prefetch)
    assert {service["id"] for service in discovered(scene)} == {"aide.lecture", "aide.autre"}
    (card,) = scene.ehr.call(a_call(hook), service="aide.autre").cards
    assert card["summary"] == "IA\u00a0: Poids stable"
    sent = msgspec.json.decode(scene.ai.received[0])
    assert (sent["hook"], scene.ai.paths[0]) == (hook, "/cds-services/autre")
    if hook.startswith("order"):
        (entry,) = sent["context"]["draftOrders"]["entry"]
        assert entry["resource"]["id"] != "order-1", "ids leave as stand-ins"
    assert "draftOrders" not in next(s for s in discovered(scene) if s["id"] == "aide.autre")["prefetch"]


@pytest.mark.cds_hooks("2.0-74", "2.0-80", "2.0-83", "2.0-87", "2.0-88", "2.0-90", "2.0-105", "2.0-107", "2.0-115")
@pytest.mark.cds_hooks(
    "2.0-103", "2.0-138", "2.0-139", "2.0-141", "2.0-142", "2.0-147", "2.0-216", "2.0-217", "2.0-218"
)
@pytest.mark.principle("A1", "A7")
def test_an_answer_comes_back_labelled_and_recorded(scene: Scene) -> None:
    (card,) = scene.ehr.call().cards
    assert card["summary"] == "IA\u00a0: Poids stable"
    assert len(card["summary"]) < 140
    assert card["indicator"] == "info"
    assert card["source"] == {
        "label": "IA\u00a0: Aide à la lecture",
        "url": f"{scene.ehr.url}/e/{scene.ehr.slug}/ai/aide/",
        "topic": {
            "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
            "code": "AIAST",
            "display": "Artificial Intelligence asserted",
        },
    }
    act = Act.objects.get(establishment=scene.world.house)
    assert (act.state, act.owner_id) == ("open", scene.world.carer.id), "an open decision that a named carer owns"
    suggestion = Suggestion.objects.get(act=act)
    assert suggestion.id == UUID(card["uuid"])
    assert suggestion.shown_at is not None
    assert Entry.objects.filter(id=act.entry).exists()
    decide, why, rule = card["links"]
    assert decide == {
        "label": "Décider\u00a0: suivre, adapter, écarter",
        "url": f"{scene.ehr.url}/acts/{act.id}/",
        "type": "absolute",
    }
    assert why["url"] == f"{scene.ehr.url}/acts/{act.id}/why/"
    assert rule["url"].startswith(f"{scene.ehr.url}/e/{scene.ehr.slug}/charter/rules/")
    assert "Ce qu’elle a reçu" in card["detail"]
    assert "Pourquoi elle peut répondre" in card["detail"]
    assert "Vous décidez" in card["detail"]


@pytest.mark.cds_hooks("2.0-98", "2.0-100", "2.0-136", "2.0-219")
def test_the_reasons_to_set_aside_have_words(scene: Scene) -> None:
    (card,) = scene.ehr.call().cards
    assert [reason["code"] for reason in card["overrideReasons"]] == list(REASONS)
    assert len(REASONS) == 12
    for reason in card["overrideReasons"]:
        assert reason["display"]
        assert reason["system"] == "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"


def test_the_card_speaks_the_callers_language(scene: Scene) -> None:
    (card,) = scene.ehr.call(Accept_Language="en-GB,en;q=0.9,fr;q=0.5").cards
    assert card["links"][0]["label"] == "Decide: follow, adapt, set aside"
    assert "a machine’s opinion" in card["detail"]
    (card,) = scene.ehr.call(Accept_Language="fr-FR,fr;q=0.9,en;q=0.5").cards
    assert "C’est l’avis d’une machine" in card["detail"]


@pytest.mark.cds_hooks("2.0-3", "2.0-214")
def test_nothing_sent_is_null_or_empty(scene: Scene) -> None:
    nothing_null_or_empty(discovered(scene))
    nothing_null_or_empty(scene.ehr.call().json)
    choose(scene.world.person, ChoiceAnswer.NO, scene.world.carer, at=timezone.now())
    nothing_null_or_empty(scene.ehr.call().json)
    for answer in (scene.ehr.call(b"{"), scene.ehr.call(token=None), scene.ehr.call(service="none.none")):
        nothing_null_or_empty(answer.json)


@pytest.mark.cds_hooks("2.0-92", "2.0-93", "2.0-95", "2.0-96", "2.0-117", "2.0-119", "2.0-121", "2.0-124", "2.0-125")
@pytest.mark.cds_hooks("2.0-127", "2.0-128", "2.0-130", "2.0-131", "2.0-132", "2.0-133", "2.0-134", "2.0-135")
def test_suggestions_pass_with_ids_of_ours_and_nothing_chosen_beforehand(scene: Scene) -> None:
    def play(handler: Any) -> None:
        patient = msgspec.json.decode(scene.ai.received[-1])["context"]["patientId"]
        card = msgspec.json.decode(msgspec.json.encode(SUGGESTIONS))
        card["suggestions"][0]["actions"][0]["resource"]["subject"] = {"reference": f"Patient/{patient}"}
        handler.answer({"cards": [card]})

    scene.ai.play = play
    (card,) = scene.ehr.call().cards
    assert card["selectionBehavior"] == "at-most-one"
    (suggestion,) = card["suggestions"]
    assert suggestion["label"] == "Peser demain"
    assert UUID(suggestion["uuid"])
    assert "isRecommended" not in suggestion
    create, delete = suggestion["actions"]
    assert create["resource"]["subject"] == {"reference": f"Patient/{PATIENT}"}, "led back to the record's own id"
    assert delete == {"type": "delete", "description": "Retirer la pesée d’avant", "resourceId": "ServiceRequest/1"}
    row = Suggestion.objects.get(id=card["uuid"])
    assert row.stripped == ["suggestions.isRecommended"]


def test_an_ai_that_only_informs_suggests_nothing(scene: Scene) -> None:
    Project.objects.filter(id=scene.world.project.id).update(autonomy=Autonomy.INFORMS)
    scene.ai.answers({"cards": [SUGGESTIONS]})
    (card,) = scene.ehr.call().cards
    assert "suggestions" not in card
    assert Suggestion.objects.get(id=card["uuid"]).stripped == ["suggestions"]


@pytest.mark.cds_hooks("2.0-75")
@pytest.mark.principle("A1")
def test_what_would_act_by_itself_is_taken_out_and_recorded(scene: Scene) -> None:
    links = [{"label": "Ouvrir", "url": f"{scene.ai.url}/more", "type": "absolute", "autolaunchable": True}]
    action = {"type": "create", "description": "x", "resource": {"resourceType": "Task"}}
    scene.ai.answers({"cards": [{**CARD, "links": links}], "systemActions": [action]})
    answer = scene.ehr.call()
    (card,) = answer.cards
    assert set(answer.json) == {"cards"}
    assert "autolaunchable" not in card["links"][-1]
    assert card["links"][-1]["url"] == f"{scene.ai.url}/more"
    act = Act.objects.get(establishment=scene.world.house)
    told = next(told for told in entries_about(scene.world.person.id) if told.id == act.entry)
    assert told.event is not None
    assert told.event.payload["stripped"] == ["links.autolaunchable", "systemActions"]


@pytest.mark.cds_hooks("2.0-85", "2.0-111", "2.0-144")
def test_nothing_of_an_ais_card_calls_home_or_launches(scene: Scene) -> None:
    card_in = {
        **CARD,
        "detail": "Voir ![suivi](https://tracker.example/p.png) <img src=x> <script>alert(1)</script>",
        "source": {"label": "x", "url": "https://elsewhere.example", "icon": "https://tracker.example/i.png"},
        "links": [
            {"label": "Ailleurs", "url": "https://elsewhere.example/", "type": "absolute"},
            {"label": "SMART", "url": f"{scene.ai.url}/launch", "type": "smart", "appContext": "x"},
        ],
    }
    scene.ai.answers({"cards": [card_in]})
    (card,) = scene.ehr.call().cards
    text = msgspec.json.encode(card).decode()
    for stranger in ("icon", "elsewhere.example", "<script", "<img", "![", "appContext", "smart"):
        assert stranger not in text, stranger
    assert Suggestion.objects.get(id=card["uuid"]).stripped == [
        "source.url",
        "source.icon",
        "detail.image",
        "detail.html",
        "detail.link",
        "links",
    ]


def test_an_ai_that_has_nothing_to_say_leaves_the_screen_in_peace(scene: Scene) -> None:
    scene.ai.answers({"cards": []})
    assert scene.ehr.call().cards == []
    assert Act.objects.get(establishment=scene.world.house).state == "abstained"


@pytest.mark.principle("A7", "A8")
def test_an_ai_that_abstains_says_so_and_claims_nothing(scene: Scene) -> None:
    said = {"fr": "IA : pas de réponse.", "en": "AI: no answer."}
    word = {"v": 1, "status": "abstained", "possible": ["a", "b"], "level": 0.9, "summary": said}
    scene.ai.answers({"cards": [{**CARD, "extension": {"com.colloque.answer": word}}]})
    (card,) = scene.ehr.call().cards
    assert card["summary"] == "IA : pas de réponse."
    assert card["source"]["topic"]["code"] == "AIAST"
    assert "suggestions" not in card
    assert Act.objects.get(establishment=scene.world.house).state == "abstained"


@pytest.mark.principle("A7")
def test_what_an_answer_rests_on_is_on_the_card(scene: Scene) -> None:
    word = {
        "v": 1,
        "status": "answered",
        "label": "a",
        "possible": ["a"],
        "level": 0.95,
        "probability": 0.9,
        "like_cases": {"of": 100, "wrong": 8, "measured_on": 113},
        "contributions": [
            {"code": "r", "fr": "rayon", "en": "radius", "value": 12.5, "unit": "px", "points": 7, "max": 9},
            {
                "code": "p",
                "fr": "plaquettes",
                "en": "platelets",
                "value": 153400,
                "unit": "/mm³",
                "points": 2,
                "max": 9,
            },
        ],
        "never_taught": {"fr": "Rien d’un autre hôpital.", "en": "Nothing of another hospital."},
        "labelled_by": {"fr": "L’équipe d’origine.", "en": "The original team."},
        "summary": {"fr": "Plutôt bénin", "en": "Rather benign"},
    }
    scene.ai.answers({"cards": [{**CARD, "extension": {"com.colloque.answer": word}}]})
    (card,) = scene.ehr.call().cards
    assert card["summary"] == "IA\u00a0: Plutôt bénin"
    for part in (
        "rayon (12,5 px)",
        "plaquettes (153400 /mm³)",
        "sur 100 cas semblables, environ 8 fois",
        "Rien d’un autre hôpital",
        "L’équipe d’origine",
    ):
        assert part in card["detail"], part
