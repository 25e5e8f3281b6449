"""Discovery and service calls, over HTTP, with a real server and a real database."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from colloque.acts.models import Act, Suggestion
from colloque.kernel.vocabulary import ChoiceAnswer, ProjectStatus
from colloque.ledger.models import Entry
from colloque.projects.models import Project
from tests.acts.world import choose
from tests.gateway.scenes import Scene


def discovered(scene: Scene) -> list[dict[str, Any]]:
    answer = scene.ehr.request("GET", f"/cds/{scene.ehr.slug}/cds-services")
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    services: list[dict[str, Any]] = answer.json["services"]
    return services


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
    Project.objects.filter(id=scene.world.project.id).update(status=ProjectStatus.SUSPENDED)
    assert discovered(scene) == []


def test_an_answer_comes_back_labelled_and_recorded(scene: Scene) -> None:
    (card,) = scene.ehr.call().cards
    assert card["summary"] == "IA : Poids stable"
    assert card["source"]["topic"]["code"] == "AIAST"
    assert len(card["overrideReasons"]) == 12
    act = Act.objects.get(establishment=scene.world.house)
    assert (act.state, act.owner_id) == ("open", scene.world.carer.id)
    suggestion = Suggestion.objects.get(act=act)
    assert str(suggestion.id) == card["uuid"]
    assert suggestion.shown_at is not None
    assert Entry.objects.filter(id=act.entry).exists()
    assert card["links"][0] == {
        "label": "Décider : suivre, adapter, écarter",
        "url": f"{scene.ehr.url}/acts/{act.id}/",
        "type": "absolute",
    }


def test_a_refusal_says_why_and_the_ai_receives_nothing(scene: Scene) -> None:
    choose(scene.world.person, ChoiceAnswer.NO, scene.world.carer, at=timezone.now())
    (card,) = scene.ehr.call().cards
    assert card["indicator"] == "info"
    assert "Le non de la personne passe avant tout" in card["detail"]
    assert scene.ai.received == []
    assert Act.objects.get(establishment=scene.world.house).state == "refused"
