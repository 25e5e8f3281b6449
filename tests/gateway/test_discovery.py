"""What discovery tells of the services of an establishment."""

from __future__ import annotations

import pytest

from colloque.kernel.vocabulary import ProjectStatus
from colloque.projects.models import Project, Service
from tests.acts.world import PREFETCH
from tests.gateway.scenes import Scene, discovered


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
