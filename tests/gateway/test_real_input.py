"""Real input through real processes: synthetic patients with their whole records, and the official requests, through the
gateway to the reference AI, back to a human decision, and to a bundle that anyone can verify."""

from __future__ import annotations

import json
import random
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.conf import LazySettings
from django.utils import timezone

from colloque.acts.actions.deciding import decide
from colloque.acts.actions.starting import record_own_assessment
from colloque.acts.models import Act, Decision, Suggestion
from colloque.kernel.vocabulary import ActKind, ChoiceAnswer
from colloque.ledger.models import Entry, Leaf
from colloque.patients.actions.admission import admit_from_fhir
from colloque.patients.models import Person
from colloque.people.models import ClientSystem
from colloque.projects.models import Project, Service
from colloque.reference_ai.fall_checklist import CODE_SYSTEM, OBSERVATION_CODE, SIGNS
from colloque.reference_ai.score import Label, Model, load
from colloque.reference_ai.synthetic import draw, observation
from tests.acts.world import choose
from tests.gateway.ehr import PRACTITIONER, a_call, know_patient, know_practitioner
from tests.gateway.played_ai import PlayedAi
from tests.gateway.scenes import Scene, a_scene
from tests.gateway.test_core_calls import GOOD
from tests.journeys.server import Installation

CHILDREN = 1
"""How many of the twelve patients are under 18."""


def declared(server: Installation, service: str) -> Mapping[str, Any]:
    """What the reference AI says of one of its services."""
    found: Mapping[str, Any] = json.loads(server.run("-m", "colloque.reference_ai.declaration", service))
    return found


@cache
def model() -> Model:
    """The model of the breast-cytology aid."""
    return load()


@pytest.fixture
def reference_ai(server: Installation, rows: None, settings: LazySettings, tmp_path: Path) -> Iterator[str]:
    """The reference AI in its own process, which listens only to our own signed tokens; gives its address."""
    settings.COLLOQUE_PUBLIC_URL = server.url
    trust = tmp_path / "jwks.json"
    with urllib.request.urlopen(f"{server.url}/cds/jwks.json") as published:
        trust.write_bytes(published.read())
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-W", "ignore", "-m", "colloque.reference_ai", "--port", str(port)]
    command += ["--until-stdin-closes", "--trust", str(trust), "--issuer", server.url]
    for service in ("breast-cytology", "fall-checklist"):
        command += ["--audience", f"{url}/cds-services/{service}"]
    with subprocess.Popen(
        command, env=server.environment, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline(), "the reference AI did not start"
        yield url
        process.stdin.close()
        process.wait(10)


@pytest.fixture
def patients(shared_data: Path) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Id, Patient and whole record of each synthetic patient."""
    found = []
    for path in sorted((shared_data / "fhir" / "synthea").glob("*.json")):
        record = json.loads(path.read_text("utf-8"))
        patient = next(e["resource"] for e in record["entry"] if e["resource"]["resourceType"] == "Patient")
        found.append((patient["id"], patient, record))
    assert len(found) >= 10
    return found


def house_with(server: Installation, ai: PlayedAi, endpoint: str, kind: ActKind, service: str) -> Scene:
    """An establishment whose project is one of the reference AI's services, as it declares itself."""
    scene = a_scene(server, ai, kind=kind)
    said = declared(server, service)
    Project.objects.filter(id=scene.world.project.id).update(
        endpoint=endpoint, intended_use={**said["intended_use"], "age_from": 18}, model_card=said["model_card"]
    )
    Service.objects.filter(id=scene.world.service.id).update(
        remote_id=said["service"]["remote_id"],
        prefetch=said["service"]["prefetch"],
        inputs=said["service"]["inputs"],
        readings=said["service"]["readings"],
    )
    return scene


def admit(scene: Scene, patient: dict[str, Any]) -> Person:
    """The person a FHIR Patient describes, who says yes to AI."""
    now = timezone.now()
    system = ClientSystem.objects.get(id=scene.ehr.system)
    person = admit_from_fhir(
        scene.world.house, patient, system=system, unit=scene.world.unit, by=scene.world.carer, at=now
    )
    choose(person, ChoiceAnswer.YES, scene.world.carer, at=now)
    return person


def verified(scene: Scene, folder: Path) -> str:
    """What `colloque verify` says of the exported ledger, once everything is numbered."""
    until = time.monotonic() + 20
    while Leaf.objects.count() < Entry.objects.count():
        assert time.monotonic() < until, "the integrator is late"
        time.sleep(0.1)
    scene.installation.run("-m", "colloque", "ledger", "export", str(folder / "bundle"))
    return scene.installation.run("-m", "colloque", "verify", str(folder / "bundle"))


def signs(patient: str) -> dict[str, Any]:
    """Seven answers about a person, three of them yes."""
    components = [
        {"code": {"coding": [{"system": CODE_SYSTEM, "code": sign.code}]}, "valueBoolean": place < 3}
        for place, sign in enumerate(SIGNS)
    ]
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": CODE_SYSTEM, "code": OBSERVATION_CODE}]},
        "subject": {"reference": f"Patient/{patient}"},
        "component": components,
    }


@pytest.mark.principle("F1", "A1", "A8")
def test_patients_go_from_their_record_to_a_decision_and_a_verified_bundle(
    server: Installation,
    ai: PlayedAi,
    reference_ai: str,
    patients: list[tuple[str, dict[str, Any], dict[str, Any]]],
    tmp_path: Path,
) -> None:
    """The carer reads first: the record's call waits, the own reading lets the AI speak, a human decides."""
    scene = house_with(server, ai, reference_ai, ActKind.CYTOLOGY_READING, "breast-cytology")
    chance = random.Random(7)
    ended: dict[str, int] = {}
    for number, (patient, resource, record) in enumerate(patients):
        person = admit(scene, resource)
        label = Label.MALIGNANT if number % 3 == 0 else Label.BENIGN
        seen = observation(model(), draw(model(), label, chance), f"Patient/{patient}")
        call = a_call(
            context={"patientId": patient}, prefetch={"cytology": seen, "patient": resource, "record": record}
        )
        (card,) = scene.ehr.call(call).cards
        act = Act.objects.get(person=person)
        if act.state == "withheld":
            assert act.withheld_because == "outside-intended-use"
            ended["outside"] = ended.get("outside", 0) + 1
            continue
        assert act.state == "asking"
        assert card["links"][0]["url"].endswith(f"/acts/{act.id}/own-assessment/")
        record_own_assessment(act, reading="benign", sureness="rather-sure", by=scene.world.carer, at=timezone.now())
        act.refresh_from_db()
        if act.state == "open":
            assert Suggestion.objects.filter(act=act).count() == 1
            decide(act, outcome="set-aside", reasons=["seen-here"], by=scene.world.carer, at=timezone.now())
            act.refresh_from_db()
        ended[act.state] = ended.get(act.state, 0) + 1
    assert ended["outside"] == CHILDREN
    assert ended["decided"] == Decision.objects.filter(act__establishment=scene.world.house).count()
    assert ended["decided"] >= 7
    assert set(ended) <= {"outside", "decided", "abstained"}
    assert "intact" in verified(scene, tmp_path).lower()


@pytest.mark.principle("A7")
def test_patients_go_through_the_gateway_to_the_reference_ai_and_back(
    server: Installation,
    ai: PlayedAi,
    reference_ai: str,
    patients: list[tuple[str, dict[str, Any], dict[str, Any]]],
    tmp_path: Path,
) -> None:
    """An act that wants no own reading first is answered at once in the record, and the record reports what became of it."""
    scene = house_with(server, ai, reference_ai, ActKind.FALL_RISK, "fall-checklist")
    answered = 0
    for patient, resource, record in patients:
        person = admit(scene, resource)
        prefetch = {"signs": signs(patient), "patient": resource, "record": record}
        (card,) = scene.ehr.call(a_call(context={"patientId": patient}, prefetch=prefetch)).cards
        act = Act.objects.get(person=person)
        assert act.state in ("open", "withheld", "asking")
        if act.state != "open":
            continue
        answered += 1
        assert card["source"]["topic"]["code"] == "AIAST"
        assert "Ce qu’elle n’a jamais appris" in card["detail"]
        report = {"card": card["uuid"], "outcome": "overridden", "outcomeTimestamp": timezone.now().isoformat()}
        assert scene.ehr.feedback(report).json["recorded"] == 1
        assert Decision.objects.get(act=act).outcome == "set-aside"
    assert answered == len(patients) - CHILDREN
    assert "intact" in verified(scene, tmp_path).lower()


@pytest.mark.parametrize("name", GOOD)
def test_official_requests_are_answered(scene: Scene, shared_data: Path, name: str) -> None:
    """Byte for byte as HL7 publishes them, on a service of their hook."""
    body = (shared_data / "cds-hooks" / "test-cases" / name).read_bytes()
    sent = json.loads(body)
    if GOOD[name] != "patient-view":
        scene.world.service_of(ActKind.WEIGHT, hook=GOOD[name], slug="officiel", prefetch=A_LITTLE)
    else:
        Service.objects.filter(id=scene.world.service.id).update(slug="officiel", prefetch=A_LITTLE)
    know_patient(scene.ehr.system, sent["context"]["patientId"], scene.world.person)
    if sent["context"]["userId"] != PRACTITIONER:
        know_practitioner(scene.ehr.system, sent["context"]["userId"], scene.world.carer)
    (card,) = scene.ehr.call(body, service="aide.officiel").cards
    assert card["summary"] == "IA : Poids stable"
    received = msgspec.json.decode(scene.ai.received[0])
    assert received["hook"] == GOOD[name]
    assert sent["context"]["patientId"].encode() not in scene.ai.received[0]
    if GOOD[name] == "order-select":
        (order,) = received["context"]["draftOrders"]["entry"]
        assert received["context"]["selections"] == [f"MedicationRequest/{order['resource']['id']}"]


A_LITTLE = {
    "item1": {"query": "Patient/{{context.patientId}}", "fields": ["Patient.gender"], "required": False},
    "draftOrders": {
        "query": "MedicationRequest",
        "fields": ["MedicationRequest.id", "MedicationRequest.status", "MedicationRequest.medicationCodeableConcept"],
        "required": False,
    },
}
