"""Discovery and service calls, over HTTP, with a real server and a real database."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from django.utils import timezone

from colloque.acts.models import Act, Suggestion, UsedToken
from colloque.gateway.cards import REASONS
from colloque.gateway.core.calls import HOOKS
from colloque.kernel.vocabulary import ActKind, Autonomy, ChoiceAnswer, ProjectStatus
from colloque.ledger.models import Entry
from colloque.ledger.queries import entries_about
from colloque.patients.models import Presence
from colloque.people.models import ClientSystem, Membership
from colloque.projects.models import Project, Service
from tests.acts.world import PREFETCH, choose, compiled
from tests.gateway.ehr import ORIGIN, PATIENT, a_call, know_practitioner, public_jwks
from tests.gateway.played_ai import CARD, PlayedAi
from tests.gateway.scenes import Scene, a_scene
from tests.journeys.server import Installation


def discovered(scene: Scene) -> list[dict[str, Any]]:
    answer = scene.ehr.request("GET", f"/cds/{scene.ehr.slug}/cds-services")
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    services: list[dict[str, Any]] = answer.json["services"]
    return services


def members(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of some JSON, with its path."""
    yield path, value
    if isinstance(value, dict):
        for name, part in value.items():
            yield from members(part, f"{path}.{name}")
    if isinstance(value, list):
        for part in value:
            yield from members(part, f"{path}[]")


def said_by(rule: str, scene: Scene) -> str:
    """A rule in words, as the charter in force says it."""
    return compiled(scene.world).words(rule, "fr")


def nothing_null_or_empty(value: Any) -> None:
    for path, part in members(value):
        assert part is not None, f"{path} is null"
        assert part not in ("", {}), f"{path} is empty"
        assert not path.endswith(".extension"), "no extension was agreed with anybody"


@pytest.mark.cds_hooks("2.0-1", "2.0-4", "2.0-5", "2.0-6", "2.0-7", "2.0-9", "2.0-10", "2.0-13", "2.0-29", "2.0-36")
def test_discovery_describes_the_services_of_live_projects(scene: Scene) -> None:
    (service,) = discovered(scene)
    assert service == {
        "hook": "patient-view",
        "title": "Lecture",
        "description": "Une lecture, pour les tests.",
        "id": "aide.lecture",
        "prefetch": {
            "patient": "Patient/{{context.patientId}}",
            "observations": "Observation?patient={{context.patientId}}",
        },
    }


@pytest.mark.principle("E14")
@pytest.mark.parametrize("status", [ProjectStatus.SUSPENDED, ProjectStatus.DRAFT])
def test_what_is_not_live_is_not_discovered(scene: Scene, status: ProjectStatus) -> None:
    assert len(discovered(scene)) == 1
    Project.objects.filter(id=scene.world.project.id).update(status=status)
    assert discovered(scene) == []


def test_discovery_of_an_unknown_establishment_is_a_404(scene: Scene) -> None:
    for slug in ("nowhere", "..", "%2e%2e", "a" * 60, "é"):
        answer = scene.ehr.request("GET", f"/cds/{slug}/cds-services".encode("ascii", "ignore").decode())
        assert answer.status == 404, slug


@pytest.mark.cds_hooks("lib-16", "lib-32", "lib-89", "lib-93", "2.0-55", "2.0-56", "2.0-57", "2.0-59")
@pytest.mark.parametrize(
    "token",
    [
        "context.draftOrders",
        "context.selections",
        "context.appointments",
        "draftOrders",
        "patientId",
        "user",
        "context",
    ],
)
def test_a_template_with_a_token_no_client_fills_is_not_offered(scene: Scene, token: str) -> None:
    prefetch = {**PREFETCH, "more": {"query": f"Observation?x={{{{{token}}}}}", "fields": ["Observation.code"]}}
    Service.objects.filter(id=scene.world.service.id).update(prefetch=prefetch)
    assert discovered(scene) == []
    assert scene.ehr.call().status == 404


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


SUGGESTIONS = {
    **CARD,
    "selectionBehavior": "at-most-one",
    "suggestions": [
        {
            "label": "Peser demain",
            "uuid": "theirs",
            "isRecommended": True,
            "actions": [
                {
                    "type": "create",
                    "description": "Demander une pesée",
                    "resource": {"resourceType": "ServiceRequest", "status": "draft", "intent": "proposal"},
                },
                {"type": "delete", "description": "Retirer la pesée d’avant", "resourceId": "ServiceRequest/1"},
            ],
        }
    ],
}


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


@pytest.mark.principle("B5", "C1")
def test_a_refusal_says_why_and_the_ai_receives_nothing(scene: Scene) -> None:
    scene.ehr.call()
    choose(scene.world.person, ChoiceAnswer.NO, scene.world.carer, at=timezone.now())
    received = len(scene.ai.received)
    (card,) = scene.ehr.call().cards
    assert card["indicator"] == "info"
    assert card["summary"].startswith("Pas d’IA pour cet acte")
    assert said_by("patient-refusal", scene) in card["detail"]
    assert "L’IA n’a rien reçu" in card["detail"]
    assert "topic" not in card["source"], "this is no AI speaking"
    assert len(scene.ai.received) == received
    act = Act.objects.filter(establishment=scene.world.house).latest("requested_at")
    assert (act.state, card["uuid"]) == ("refused", str(act.id))
    assert Entry.objects.filter(id=act.entry).exists()


@pytest.mark.principle("E14")
def test_a_suspended_project_answers_that_it_is_stopped(scene: Scene) -> None:
    scene.ehr.call()
    Project.objects.filter(id=scene.world.project.id).update(status=ProjectStatus.SUSPENDED)
    received = len(scene.ai.received)
    (card,) = scene.ehr.call().cards
    assert said_by("project-live", scene) in card["detail"]
    assert len(scene.ai.received) == received


def test_a_draft_does_not_exist(scene: Scene) -> None:
    Project.objects.filter(id=scene.world.project.id).update(status=ProjectStatus.DRAFT)
    assert scene.ehr.call().status == 404
    assert not Act.objects.filter(establishment=scene.world.house).exists()


@pytest.mark.principle("A12")
def test_fundamental_decisions_never_reach_an_ai(server: Installation, rows: None, ai: PlayedAi) -> None:
    scene = a_scene(server, ai, kind=ActKind.TREATMENT_LIMITATION)
    (card,) = scene.ehr.call().cards
    assert said_by("fundamental-ethics", scene) in card["detail"]
    assert ai.received == []


@pytest.mark.principle("F1")
def test_own_reading_comes_first_with_no_hint_of_the_answer(server: Installation, rows: None, ai: PlayedAi) -> None:
    scene = a_scene(server, ai, kind=ActKind.CYTOLOGY_READING)
    (card,) = scene.ehr.call().cards
    act = Act.objects.get(establishment=scene.world.house)
    assert act.state == "asking"
    assert card["links"][0] == {
        "label": "Donner mon avis",
        "url": f"{scene.ehr.url}/acts/{act.id}/own-assessment/",
        "type": "absolute",
    }
    assert ai.received == [], "an answer that does not exist cannot be hinted at"


def test_a_presence_asked_for_leads_to_the_page_that_attests_it(server: Installation, rows: None, ai: PlayedAi) -> None:
    scene = a_scene(server, ai, choice=ChoiceAnswer.WITH_HUMAN)
    (card,) = scene.ehr.call().cards
    assert card["links"][0]["url"] == f"{scene.ehr.url}/presence/{scene.world.person.id}/"
    assert card["links"][0]["label"] == "Je suis là"
    now = timezone.now()
    Presence.objects.create(
        person=scene.world.person, carer=scene.world.carer, since=now, until=now + timedelta(minutes=30)
    )
    (card,) = scene.ehr.call().cards
    assert card["summary"] == "IA\u00a0: Poids stable"


def test_an_answer_asked_of_the_person_leads_to_the_act(server: Installation, rows: None, ai: PlayedAi) -> None:
    scene = a_scene(server, ai, choice=None)
    (card,) = scene.ehr.call().cards
    act = Act.objects.get(establishment=scene.world.house)
    assert card["links"][0]["url"] == f"{scene.ehr.url}/acts/{act.id}/"
    assert ai.received == []


@pytest.mark.cds_hooks("2.0-54", "2.0-61")
@pytest.mark.parametrize("prefetch", [{}, {"patient": None}, {"observations": {"resourceType": "Observation"}}])
def test_required_data_that_did_not_come_is_a_412(scene: Scene, prefetch: dict[str, Any]) -> None:
    record: dict[str, Any] = {
        "fhirServer": "https://ehr.example.org/fhir",
        "fhirAuthorization": {"access_token": "secret"},
    }
    answer = scene.ehr.call(a_call(prefetch=prefetch, **record))
    assert answer.status == 412
    assert answer.problems == {"prefetch.patient": "data-missing"}
    assert scene.ai.received == []
    assert b"secret" not in answer.body


def test_an_authorization_for_the_record_goes_nowhere(scene: Scene) -> None:
    token = {"access_token": "secret-of-the-record", "token_type": "Bearer", "expires_in": 300, "scope": "user/*.read"}
    answer = scene.ehr.call(a_call(fhirServer="https://ehr.example.org/fhir", fhirAuthorization=token))
    assert answer.status == 200
    assert b"secret-of-the-record" not in b"".join([*scene.ai.received, answer.body])
    assert "secret-of-the-record" not in scene.installation.log()


@pytest.mark.parametrize(
    ("context", "words"),
    [
        ({"patientId": "a-stranger"}, "ce patient n’est pas connu"),
        ({"userId": "Practitioner/a-stranger"}, "ne vous connaît pas comme soignant"),
        ({"userId": "Patient/patient-1"}, "ne vous connaît pas comme soignant"),
        ({"userId": "PractitionerRole/nurse-1"}, "ne vous connaît pas comme soignant"),
    ],
)
def test_strangers_get_a_clear_card_and_no_ai(scene: Scene, context: dict[str, str], words: str) -> None:
    call = a_call(context=context, prefetch={})
    (card,) = scene.ehr.call(call).cards
    assert words in card["summary"]
    assert scene.ai.received == []
    assert not Act.objects.filter(establishment=scene.world.house).exists()
    (told,) = entries_about(scene.world.house.id)
    assert told.kind in ("call.unknown-patient", "call.unknown-practitioner")
    assert "stranger" not in str(told.event)


def test_a_carer_whose_membership_ended_is_nobody(scene: Scene) -> None:
    assert scene.ehr.call().status == 200
    Membership.objects.filter(account=scene.world.carer).update(valid_until=timezone.now())
    (card,) = scene.ehr.call().cards
    assert "ne vous connaît pas comme soignant" in card["summary"]


def test_an_untrained_carer_is_told_so(scene: Scene) -> None:
    from tests.acts.world import a_carer

    other = a_carer(scene.world.house, scene.world.director, email=f"{uuid4()}@example.org", attested=False)
    know_practitioner(scene.ehr.system, "Practitioner/untrained", other)
    (card,) = scene.ehr.call(a_call(context={"userId": "Practitioner/untrained"})).cards
    assert said_by("carer-trained", scene) in card["detail"]
    assert scene.ai.received == []


@pytest.mark.principle("A8")
def test_outside_the_declared_use_the_ai_is_not_called(scene: Scene) -> None:
    Project.objects.filter(id=scene.world.project.id).update(
        intended_use={"purpose": {"fr": "Lire", "en": "Read"}, "age_from": 90}
    )
    (card,) = scene.ehr.call().cards
    assert "n’a pas été prévue pour cette personne" in card["detail"]
    assert scene.ai.received == []
    act = Act.objects.get(establishment=scene.world.house)
    assert (act.state, act.withheld_because) == ("withheld", "outside-intended-use")


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
            {"code": "r", "fr": "rayon", "en": "radius", "value": 12.5, "unit": "px", "points": 7, "max": 9}
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
        "sur 100 cas semblables, environ 8 fois",
        "Rien d’un autre hôpital",
        "L’équipe d’origine",
    ):
        assert part in card["detail"], part


@pytest.mark.cds_hooks("2.0-208")
def test_pages_of_declared_origins_may_call_and_no_others(scene: Scene) -> None:
    path = scene.ehr.path()
    for origin, allowed in ((ORIGIN, True), ("https://evil.example", False), ("null", False)):
        asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        preflight = scene.ehr.request("OPTIONS", path, headers=asked)
        assert preflight.status == 204
        assert ("access-control-allow-origin" in preflight.headers) is allowed
        if allowed:
            assert preflight.headers["access-control-allow-origin"] == ORIGIN
            assert "Authorization" in preflight.headers["access-control-allow-headers"]
        answer = scene.ehr.call(Origin=origin)
        assert (answer.headers.get("access-control-allow-origin") == origin) is allowed
        assert answer.headers["vary"] == "Origin"
        assert "access-control-allow-credentials" not in answer.headers
    refused = scene.ehr.call(b"{", Origin=ORIGIN)
    assert refused.headers["access-control-allow-origin"] == ORIGIN, "a page must be able to read what went wrong"


@pytest.mark.cds_hooks("2.0-176", "2.0-199")
def test_every_call_brings_a_token_of_a_registered_system(scene: Scene) -> None:
    assert scene.ehr.call(token=None).problems == {"Authorization": "token-missing"}
    answer = scene.ehr.call(token=scene.ehr.token(scene.ehr.path(), iss="https://unknown.example"))
    assert (answer.status, answer.problems) == (401, {"Authorization": "token-issuer"})
    assert answer.headers["www-authenticate"] == "Bearer"
    for alg in ("RS384", "ES384"):
        assert scene.ehr.call(token=scene.ehr.token(scene.ehr.path(), alg=alg)).status == 200


def test_a_token_counts_once_even_in_a_crowd(scene: Scene) -> None:
    from concurrent.futures import ThreadPoolExecutor

    token = scene.ehr.token(scene.ehr.path())
    with ThreadPoolExecutor(8) as crowd:
        statuses = sorted(answer.status for answer in crowd.map(lambda _: scene.ehr.call(token=token), range(8)))
    assert statuses == [200, *[401] * 7]
    assert scene.ehr.call(token=token).problems == {"Authorization": "token-used"}
    assert len(scene.ai.received) == 1
    assert Act.objects.filter(establishment=scene.world.house).count() == 1


@pytest.mark.parametrize("body", [b"{", b'{"hook":"order-sign"}', msgspec.json.encode(a_call(prefetch={}))])
def test_a_token_is_used_up_by_a_call_that_comes_to_nothing(scene: Scene, body: bytes) -> None:
    token = scene.ehr.token(scene.ehr.path())
    assert scene.ehr.call(body, token=token).status in (400, 412)
    assert scene.ehr.call(token=token).problems == {"Authorization": "token-used"}
    assert scene.ai.received == []
    assert UsedToken.objects.filter(system_id=scene.ehr.system).count() == 1


def test_a_token_for_another_service_or_for_feedback_does_not_count(scene: Scene) -> None:
    for path in (
        scene.ehr.path("aide.autre"),
        scene.ehr.path(feedback=True),
        "/cds/elsewhere/cds-services/aide.lecture",
    ):
        assert scene.ehr.call(token=scene.ehr.token(path)).problems == {"Authorization": "token-audience"}


def test_a_system_or_a_key_withdrawn_counts_at_the_next_call(scene: Scene) -> None:
    assert scene.ehr.call().status == 200
    only_ec = {"keys": [key for key in public_jwks()["keys"] if key["kid"] == "ec-1"]}
    ClientSystem.objects.filter(id=scene.ehr.system).update(jwks=only_ec)
    assert scene.ehr.call().problems == {"Authorization": "token-key-unknown"}
    assert scene.ehr.call(token=scene.ehr.token(scene.ehr.path(), alg="ES384")).status == 200
    ClientSystem.objects.filter(id=scene.ehr.system).update(is_active=False)
    answer = scene.ehr.call(token=scene.ehr.token(scene.ehr.path(), alg="ES384"))
    assert (answer.status, answer.problems) == (401, {"Authorization": "token-issuer"})
    assert len(scene.ai.received) == 2


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content_Type": "text/plain"}, 415),
        ({"Content_Type": "application/xml"}, 415),
        ({"Content_Encoding": "gzip"}, 415),
        ({"Content_Type": "application/json; charset=utf-8"}, 200),
    ],
)
def test_only_plain_json_is_read(scene: Scene, headers: dict[str, str], status: int) -> None:
    assert scene.ehr.call(**headers).status == status


def test_a_body_of_ten_megabytes_is_refused(scene: Scene) -> None:
    with contextlib.suppress(
        BrokenPipeError, ConnectionResetError
    ):  # the server may hang up before everything was sent
        assert scene.ehr.call(b"x" * 10_000_000).problems == {"": "too-large"}
    assert scene.ehr.call().status == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/cds/{slug}/cds-services/aide.lecture", 405),
        ("POST", "/cds/{slug}/cds-services", 405),
        ("PUT", "/cds/{slug}/cds-services/aide.lecture", 405),
        ("DELETE", "/cds/{slug}/cds-services", 405),
        ("GET", "/cds/{slug}/", 404),
        ("GET", "/cds/{slug}/cds-services/a/b/c", 404),
        ("POST", "/cds/{slug}/cds-services/aide.lecture/other", 404),
        ("GET", "/cds/", 404),
    ],
)
def test_other_ways_to_ask_are_refused_in_the_standards_shape(
    scene: Scene, method: str, path: str, status: int
) -> None:
    answer = scene.ehr.request(method, path.format(slug=scene.ehr.slug))
    assert answer.status == status
    assert answer.json["resourceType"] == "OperationOutcome"


def test_our_own_public_key_is_published_for_ai_services(scene: Scene) -> None:
    from joserfc import jwt
    from joserfc.jwk import KeySet

    (key,) = scene.ehr.request("GET", "/cds/jwks.json").json["keys"]
    assert "d" not in key
    scene.ehr.call()
    token = scene.ai.tokens[0].removeprefix("Bearer ")
    claims = jwt.decode(token, KeySet.import_key_set({"keys": [key]}), algorithms=["ES256"]).claims
    assert claims["aud"] == f"{scene.ai.url}/cds-services/reading"
    assert claims["iss"] == scene.ehr.url
    assert claims["exp"] - claims["iat"] <= 300


@pytest.mark.principle("G5")
def test_errors_and_logs_hold_nothing_that_was_sent(scene: Scene) -> None:
    secret = "Aubry-1960-05-12"
    bodies = [
        b'{"hook": "%s"}' % secret.encode(),
        msgspec.json.encode(a_call(context={"patientId": f"{secret}/x"})),
        msgspec.json.encode(a_call(context={"patientId": secret}, prefetch={})),
        msgspec.json.encode(a_call(hookInstance=secret)),
        msgspec.json.encode({**a_call(), "prefetch": {secret + "/": {"resourceType": secret}}}),
    ]
    for body in bodies:
        answer = scene.ehr.call(body)
        assert secret.encode() not in answer.body
    answer = scene.ehr.call(token=f"{secret}.a.b")
    assert secret.encode() not in answer.body
    assert secret not in scene.installation.log()
