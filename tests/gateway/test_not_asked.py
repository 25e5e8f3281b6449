"""When the AI is not asked: the charter, the person, the data or the carer say no, and the card says why."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from colloque.acts.models import Act
from colloque.kernel.vocabulary import ActKind, ChoiceAnswer, ProjectStatus
from colloque.ledger.models import Entry
from colloque.ledger.queries import entries_about
from colloque.patients.models import Presence
from colloque.people.models import Membership
from colloque.projects.models import Project
from tests.acts.world import choose, compiled
from tests.gateway.ehr import a_call, know_practitioner
from tests.gateway.played_ai import PlayedAi
from tests.gateway.scenes import Scene, a_scene
from tests.journeys.server import Installation


def said_by(rule: str, scene: Scene) -> str:
    """A rule in words, as the charter in force says it."""
    return compiled(scene.world).words(rule, "fr")


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
