"""Records as they exist, through the real gateway to the real reference AI and back: decided by people, and proved.

The patients are Synthea's; the requests and answers are those with which HL7 tests CDS Hooks.
"""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from colloque.acts.ai import read_signer
from colloque.acts.models import Act, Decision, Suggestion
from colloque.kernel.errors import InvalidInputError
from colloque.kernel.vocabulary import ActKind, Autonomy, ChoiceAnswer, ProjectStatus, Role, Track
from colloque.ledger.models import Leaf
from colloque.ledger.queries import entries_about
from colloque.patients.actions import admit_from_fhir, give_choice
from colloque.patients.models import Person
from colloque.people.models import ClientSystem, Membership
from colloque.projects.actions import suspend
from colloque.projects.models import Project, Service
from tests.acts.world import LONG_AGO, World, a_world
from tests.gateway.ehr import PRACTITIONER, Ehr, know_patient, know_practitioner, public_jwks
from tests.gateway.played_ai import Handler, PlayedAi
from tests.journeys.server import Installation
from tests.shared import SHARED

SYNTHEA = SHARED / "data" / "fhir" / "synthea"
OFFICIAL = SHARED / "data" / "cds-hooks" / "test-cases"
needs_patients = pytest.mark.skipif(not SYNTHEA.is_dir(), reason="Synthea's patients are not on this machine")
needs_cases = pytest.mark.skipif(not OFFICIAL.is_dir(), reason="the official CDS Hooks cases are not on this machine")

CYTOLOGY, FALLS = "breast-cytology", "fall-checklist"
GENDER = {"query": "Patient/{{context.patientId}}", "fields": ["Patient.gender"], "required": False}
VITALS = {
    "query": "Observation?patient={{context.patientId}}&category=vital-signs",
    "fields": ["Observation.code", "Observation.valueQuantity", "Observation.subject", "Observation.encounter"],
    "required": False,
}


@dataclass
class Ward:
    """A house with two live aids of the real reference AI, which is reached through a wire that keeps what passed."""

    world: World
    ehr: Ehr
    wire: PlayedAi
    installation: Installation
    falls: Project
    headers: list[str] = field(default_factory=list)

    def received(self) -> str:
        """Every byte that went to the AI."""
        return "\n".join([*self.wire.paths, *self.headers, *(body.decode() for body in self.wire.received)])


def declared(installation: Installation, service: str) -> dict[str, Any]:
    """What the reference AI says a project must declare of it."""
    told: dict[str, Any] = json.loads(installation.run("-m", "colloque.reference_ai.declaration", service))
    return told


def furnish_service(project: Project, service: Service, told: dict[str, Any], kind: ActKind) -> None:
    """Declare a service of the reference AI, and beside its own data some of the patient's record."""
    described = told["service"]
    service.slug = service.remote_id = described["slug"]
    service.hook, service.act_kind = described["hook"], kind
    service.title, service.description = described["title"]["fr"], described["description"]["fr"]
    service.prefetch = {**described["prefetch"], "patient": GENDER, "vitals": VITALS}
    service.inputs, service.readings = described["inputs"], described["readings"]
    service.save()
    project.intended_use, project.timeout_ms = told["intended_use"], 5_000
    project.save()


@pytest.fixture
def ward(server: Installation, rows: None, ai: PlayedAi, settings: LazySettings) -> Iterator[Ward]:
    """The ward, and the reference AI in a process of its own that listens to our signed tokens only."""
    settings.COLLOQUE_PUBLIC_URL = server.url
    world = a_world(kind=ActKind.CYTOLOGY_READING, endpoint=ai.url, choice=None, slug=f"ward-{uuid4().hex[:12]}")
    Membership.objects.create(
        account=world.director, establishment=world.house, role=Role.DIRECTOR, valid_from=LONG_AGO
    )
    furnish_service(world.project, world.service, declared(server, CYTOLOGY), ActKind.CYTOLOGY_READING)
    falls = Project.objects.create(
        establishment=world.house,
        slug="chutes",
        name="Risque de chute",
        intention="Ne rien oublier.",
        track=Track.BEDSIDE,
        autonomy=Autonomy.SUGGESTS,
        status=ProjectStatus.LIVE,
        lead=world.director,
        endpoint=ai.url,
        live_since=LONG_AGO,
    )
    told = declared(server, FALLS)
    told["intended_use"]["age_from"] = 18  # Synthea's adults are all younger than the 65 years of the aid
    furnish_service(falls, Service(project=falls), told, ActKind.FALL_RISK)
    issuer = f"https://ehr.example.org/{world.house.slug}"
    system = ClientSystem.objects.create(
        establishment=world.house, name="DPI", issuer=issuer, jwks=public_jwks(), origins=[]
    )
    know_practitioner(system.id, PRACTITIONER, world.carer)
    ehr = Ehr(server.url, world.house.slug, issuer, system.id, f"aide.{CYTOLOGY}")
    here = Ward(world, ehr, ai, server, falls)
    trust = server.folder / f"{world.house.slug}.jwks"
    trust.write_text(json.dumps(read_signer(server.folder / "keys", server.url).jwks()), encoding="utf-8")
    audiences = [part for name in (CYTOLOGY, FALLS) for part in ("--audience", f"{ai.url}/cds-services/{name}")]
    process = subprocess.Popen(
        [
            sys.executable, "-m", "colloque.reference_ai", "--port", "0", "--until-stdin-closes",
            "--trust", str(trust), "--issuer", server.url, *audiences,
        ],
        env=server.environment, cwd=server.folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        address = process.stdout.readline().decode().strip().rpartition("http://")[2]
        ai.play = lambda handler: pass_on(here, address, handler)
        yield here
    finally:
        process.communicate(timeout=20)


def pass_on(ward: Ward, address: str, handler: Handler) -> None:
    """Give a call to the reference AI as it is, and its answer back as it is."""
    ward.headers.append(str(handler.headers))
    passed = {name: value for name, value in handler.headers.items() if name.lower() not in ("host", "connection")}
    connection = http.client.HTTPConnection(address, timeout=10)
    try:
        connection.request("POST", handler.path, body=ward.wire.received[-1], headers=passed)
        response = connection.getresponse()
        handler.answer(response.read(), response.getheader("content-type", ""), response.status)
    finally:
        connection.close()


def bundles() -> list[dict[str, Any]]:
    """The patients' whole records, in the order of their files."""
    return [json.loads(path.read_text("utf-8")) for path in sorted(SYNTHEA.glob("*.json"))]


def of_type(bundle: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """The resources of one type in a record, with references as a server sends them."""
    (patient,) = [e["resource"]["id"] for e in bundle["entry"] if e["resource"]["resourceType"] == "Patient"]
    text = json.dumps([e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == kind])
    found: list[dict[str, Any]] = json.loads(text.replace(f"urn:uuid:{patient}", f"Patient/{patient}"))
    return found


def searchset(resources: list[dict[str, Any]]) -> dict[str, Any]:
    """A FHIR search result."""
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": r} for r in resources]}


def personal(bundle: dict[str, Any]) -> set[str]:
    """What tells who somebody is: ids, names, birth, addresses, numbers, places, and the ids of everything in the record."""
    (patient,) = of_type(bundle, "Patient")
    found = {patient["id"], patient["birthDate"], patient["birthDate"][:7]}
    for name in patient["name"]:
        found |= {name["family"], *name["given"]}
    found |= {one["value"] for one in [*patient["identifier"], *patient["telecom"]]}
    for address in patient["address"]:
        found |= {*address["line"], address["city"], address.get("postalCode", "")}
    found |= {one["valueString"].split()[-1] for one in patient["extension"] if "MaidenName" in one["url"]}
    found |= {e["resource"]["id"] for e in bundle["entry"] if "id" in e["resource"]}
    for resource in of_type(bundle, "Practitioner"):
        found |= {name["family"] for name in resource.get("name", [])}
    for resource in of_type(bundle, "Organization"):
        found.add(resource["name"])
    return {one for one in found if len(one) >= 4}


def synthetic(installation: Installation, count: int, **options: str) -> list[dict[str, Any]]:
    """Cases that the reference AI makes up, one a line."""
    chosen = [part for name, value in options.items() for part in (f"--{name}", value)]
    arguments = ["-m", "colloque.reference_ai.synthetic", "--seed", "11", "--count", str(count), *chosen]
    return [json.loads(line) for line in installation.run(*arguments).splitlines()]


def signs(fall_signs: list[dict[str, Any]], observation: str, yes: int) -> dict[str, Any]:
    """The checklist's Observation, made from the declared form."""
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": fall_signs[0]["system"], "code": observation}]},
        "component": [
            {"code": {"coding": [{"system": one["system"], "code": one["code"]}]}, "valueBoolean": place < yes}
            for place, one in enumerate(fall_signs)
        ],
    }


def a_view(bundle: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A patient-view call of a record system that sends more than was asked for."""
    (patient,) = of_type(bundle, "Patient")
    return {
        "hook": "patient-view",
        "hookInstance": str(uuid4()),
        "fhirServer": "https://ehr.example.org/fhir",
        "context": {"userId": PRACTITIONER, "patientId": patient["id"]},
        "prefetch": {
            "patient": patient,
            "vitals": searchset(of_type(bundle, "Observation")),
            "conditions": searchset(of_type(bundle, "Condition")),
            "encounters": searchset(of_type(bundle, "Encounter")),
            **more,
        },
    }


def only_declared(ward: Ward) -> None:
    """Each resource that the AI received holds declared elements alone, of declared types alone."""
    services = {s.remote_id: s for s in Service.objects.filter(project__establishment=ward.world.house)}
    for path, body in zip(ward.wire.paths, ward.wire.received, strict=True):
        call = msgspec.json.decode(body)
        assert set(call) == {"hook", "hookInstance", "context", "prefetch"}
        assert set(call["context"]) == {"userId", "patientId"}
        may = services[path.rpartition("/")[2]].prefetch
        for key, resource in call["prefetch"].items():
            assert key in may, key
            held = [e["resource"] for e in resource["entry"]] if resource["resourceType"] == "Bundle" else [resource]
            for one in held:
                allowed = {f.split(".")[1] for f in may[key]["fields"] if f.startswith(f"{one['resourceType']}.")}
                assert set(one) - {"resourceType"} <= allowed, (key, set(one))


def admitted(ward: Ward, record: dict[str, Any], answer: ChoiceAnswer | None) -> Person:
    """The person of a record, admitted by the carer with the real actions, with the choice they gave."""
    (patient,) = of_type(record, "Patient")
    world, now = ward.world, timezone.now()
    system = ClientSystem.objects.get(id=ward.ehr.system)
    person = admit_from_fhir(world.house, patient, system=system, unit=world.unit, by=world.carer, at=now)
    if answer is not None:
        give_choice(person, answer, by=world.carer, at=now)
    return person


def has_died(record: dict[str, Any]) -> bool:
    """Whether the record says that its patient is dead."""
    (patient,) = of_type(record, "Patient")
    return "deceasedDateTime" in patient or patient.get("deceasedBoolean") is True


def is_child(person: Person) -> bool:
    """Whether a person of these records was born too late for aids meant for adults."""
    return person.birth_month is not None and person.birth_month.year > 2010


def own_reading_then_decision(ward: Ward, browser: Client, act_id: UUID, reading: str, outcome: str) -> str:
    """What the carer does on our pages from the card's link on; gives the state in which the act ends."""
    given = {"reading": reading, "sureness": "rather-sure", "words": "Des noyaux serrés."}
    assert browser.post(f"/acts/{act_id}/own-assessment/", given).status_code == 302
    page = browser.get(f"/acts/{act_id}/")
    assert page.status_code == 200
    state = Act.objects.get(id=act_id).state
    if state == "open":
        decision = {
            "outcome": outcome, "reasons": ["seen-here"], "words": "Vu ici.", "patient_view": "D’accord.",
            "retained": "Un second avis." if outcome == "adapted" else "",
        }  # fmt: skip
        assert browser.post(f"/acts/{act_id}/decide/", decision).status_code == 302
        state = Act.objects.get(id=act_id).state
    return state


@needs_patients
@pytest.mark.principle("B5", "E14")
def test_real_records_to_the_reference_ai_and_back_to_decisions_and_a_verified_bundle(
    ward: Ward, tmp_path: Path
) -> None:
    everybody = bundles()
    records = [record for record in everybody if not has_died(record)]
    assert len(records) >= 10
    for record in everybody:
        if has_died(record):
            with pytest.raises(InvalidInputError) as refused:
                admitted(ward, record, None)
            assert refused.value.code == "deceased"
    answers: list[ChoiceAnswer | None] = [ChoiceAnswer.NO, None] + [ChoiceAnswer.YES] * (len(records) - 2)
    persons = [admitted(ward, record, answer) for record, answer in zip(records, answers, strict=True)]
    assert len({person.id for person in persons}) == len(records)
    again = admitted(ward, records[3], None)
    assert again == persons[3], "the same record is the same person"
    cases = synthetic(ward.installation, len(records), status="answered")
    cases[5], cases[6] = (synthetic(ward.installation, 1, status=status)[0] for status in ("abstained", "outside"))
    browser = Client()
    browser.force_login(ward.world.carer)
    outcomes = ["followed", "adapted", "set-aside"]
    expected_calls, states = 0, {}

    for number, (record, person, case) in enumerate(zip(records, persons, cases, strict=True)):
        (card,) = ward.ehr.call(a_view(record, cytology=case["observation"])).cards
        act = Act.objects.get(person=person)
        assert str(act.id) == card["uuid"]
        assert len(ward.wire.received) == expected_calls, "whatever comes first, the AI has not been called yet"
        if answers[number] is ChoiceAnswer.NO:
            assert act.state == "refused"
            assert "L’IA n’a rien reçu" in card["detail"]
            continue
        if act.state == "withheld":
            assert act.withheld_because == "outside-intended-use"
            assert is_child(person) or case["status"] == "outside", case
            states[number] = act.state
            continue
        assert act.state == "asking"
        assert not is_child(person)
        if answers[number] is None:
            continue
        state = own_reading_then_decision(ward, browser, act.id, case["label"], outcomes[number % 3])
        expected_calls += 1
        assert state == {"answered": "decided", "abstained": "abstained", "outside": "abstained"}[case["status"]]
        states[number] = state
        assert len(ward.wire.received) == expected_calls
    assert list(states.values()).count("decided") >= 6, states
    assert {"abstained", "withheld"} <= set(states.values()), (
        "one nobody can read, and a child outside the declared use"
    )

    form = declared(ward.installation, FALLS)["service"]
    observation, key = form["inputs"][0]["observation"], next(iter(form["prefetch"]))
    service = f"chutes.{FALLS}"
    decided_by_feedback = 0
    for number, (record, person) in enumerate(zip(records, persons, strict=True)):
        call = a_view(record, **{key: signs(form["inputs"], observation, number % 8)})
        (card,) = ward.ehr.call(call, service=service).cards
        act = Act.objects.filter(person=person, project=ward.falls).get()
        if act.state != "open":
            assert len(ward.wire.received) == expected_calls
            no, unsaid = answers[number] is ChoiceAnswer.NO, answers[number] is None
            assert act.state == ("refused" if no else "asking" if unsaid else "withheld")
            continue
        expected_calls += 1
        assert len(ward.wire.received) == expected_calls
        assert card["source"]["topic"]["code"] == "AIAST"
        report = {
            "card": card["uuid"],
            "outcome": "overridden",
            "outcomeTimestamp": timezone.now().isoformat(),
            "overrideReason": {"reason": {"code": "patient-refuses"}, "userComment": "Pas aujourd’hui."},
        }
        assert ward.ehr.feedback(report, service=service).status == 200
        assert Act.objects.get(id=act.id).state == "decided"
        decided_by_feedback += 1
    assert decided_by_feedback >= 8

    suspend(ward.falls, "Un doute sur ses réponses.", by=ward.world.director, at=timezone.now())
    call = a_view(records[4], **{key: signs(form["inputs"], observation, 3)})
    ward.ehr.call(call, service=service)
    stopped = Act.objects.filter(person=persons[4], project=ward.falls).latest("requested_at")
    assert stopped.state == "refused"
    assert len(ward.wire.received) == expected_calls, "a suspended project receives nothing"

    nothing_personal_left(ward, records)
    only_declared(ward)
    everything_is_in_the_ledger(ward, persons)
    the_bundle_verifies(ward, tmp_path)


def nothing_personal_left(ward: Ward, records: list[dict[str, Any]]) -> None:
    """No name, number, address, birth or id of any record in anything that went to the AI, nor in the server's log."""
    received, log = ward.received(), ward.installation.log()
    assert "valueQuantity" in received, "declared data did go"
    for record in records:
        for one in personal(record):
            assert not re.search(rf"(?<![A-Za-z]){re.escape(one)}(?![A-Za-z])", received), one
            assert one not in log
    assert PRACTITIONER not in received
    assert ward.world.carer.email not in received
    assert not any(str(person) in received for person in Person.objects.values_list("id", flat=True))


def everything_is_in_the_ledger(ward: Ward, persons: list[Person]) -> None:
    """Each step of each act is told in the ledger of the person it is about."""
    for person in persons:
        told = entries_about(person.id)
        by_act: dict[str, set[str]] = {}
        for one in told:
            assert one.event is not None
            if "act" in one.event.payload:
                by_act.setdefault(str(one.event.payload["act"]), set()).add(one.kind)
        known = {one.id for one in told}
        for act in Act.objects.filter(person=person):
            assert act.entry in known
            kinds = by_act[str(act.id)]
            if act.state == "refused":
                assert "act.refused" in kinds
                assert "act.answered" not in kinds
                assert not Suggestion.objects.filter(act=act).exists()
            if act.state == "decided":
                assert {"act.answered", "decision.recorded"} <= kinds
                assert Decision.objects.get(act=act).carer_id == ward.world.carer.id


def the_bundle_verifies(ward: Ward, folder: Path) -> None:
    """Exported and checked by the command anyone can run; one flipped byte and it says no."""
    ward.installation.run("-m", "colloque", "ledger", "integrate")
    entries = set(Act.objects.filter(establishment=ward.world.house).values_list("entry", flat=True))
    assert entries <= set(Leaf.objects.values_list("entry_id", flat=True)), "each act stands in the numbered log"
    out = folder / "bundle"
    ward.installation.run("-m", "colloque", "ledger", "export", str(out))
    ward.installation.run("-m", "colloque", "verify", str(out))
    tile = next(path for path in sorted(out.rglob("*")) if path.is_file() and "entries" in path.parts)
    data = bytearray(tile.read_bytes())
    data[len(data) // 2] ^= 1
    tile.write_bytes(bytes(data))
    done = subprocess.run(
        [sys.executable, "-m", "colloque", "verify", str(out)],
        env=ward.installation.environment, capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1


VALIDATORS_BUSINESS = {
    "must have a fullUrl": "an invariant of Bundle; the order is found by its Type/id, as the hook's context names it",
    "Bundle entry missing fullUrl": "the same invariant, told a second time",
    "Relative Reference appears inside Bundle": "what a relative reference leads to without a fullUrl; none is followed here",
    "The extension": "looking up the definition of an extension; only declared elements are read, so it never gets further",
    "The System URI could not be determined": "terminology: the codes of a value set",
    "was not found in the value set": "terminology: the codes of a value set",
    "Unrecognized property": "CDS Hooks 2.0.1 lets a client send extensions that a service does not know, which it ignores",
}
"""Expected errors that only a FHIR validator with profiles and terminology can find, and why a service does not owe them."""

OWED = {
    r"id value '.*' is not valid": "not-an-id",
    r"Unable to find resourceType property": "not-a-resource",
    r"Constraint failed: ord-1: 'Must be in the format {type}/{id}'": "not-a-reference",
    r"Not a valid date format": "not-a-date",
    r"CDSHookOrderSelectContext.draftOrders: minimum required = 1": "missing",
}
"""Expected errors that a service owes, by the words of the official expectation, with our code for each."""


def official(form: str) -> list[Any]:
    """The official cases of one form, each with its name as the test's."""
    if not OFFICIAL.is_dir():
        return []
    cases = json.loads((OFFICIAL / "EXPECTED.json").read_text("utf-8"))
    return [pytest.param(case, id=case["name"]) for case in cases if case["format"].endswith(form)]


def owed(case: dict[str, Any], request: dict[str, Any]) -> dict[str, str]:
    """Path in the request → code, of the expected errors that a service owes."""
    problems = {}
    for _level, (path, *_), message in case["errors"]:
        code = next((code for words, code in OWED.items() if re.match(words, message)), None)
        if code is None:
            assert any(words in message for words in VALIDATORS_BUSINESS), f"nobody answers for: {message}"
            continue
        place = re.sub(r"/\*.*?\*/", "", path).removeprefix("CDSHooksRequest.")
        if code == "missing":
            place += ".draftOrders"
        for number, key in enumerate(request.get("prefetch", {})):
            place = place.replace(f"prefetch[{number}].value", f"prefetch.{key}")
        problems[place] = code
    return problems


@pytest.fixture
def desk(server: Installation, rows: None, ai: PlayedAi) -> Ward:
    """A house with a service on each hook of the official requests, which asks for their data."""
    world = a_world(kind=ActKind.WEIGHT, endpoint=ai.url, slug=f"desk-{uuid4().hex[:12]}")
    fields = ["Patient.gender", "Patient.birthDate", "MedicationRequest.status", "CarePlan.status"]
    prefetch = {
        key: {"query": "Patient/{{context.patientId}}", "fields": fields[:2], "required": False}
        for key in ("item1", "patientToGreet")
    }
    orders = {"draftOrders": {"query": "MedicationRequest", "fields": fields[2:3], "required": False}}
    for hook in ("patient-view", "order-select", "order-sign"):
        world.service_of(ActKind.WEIGHT, hook=hook, slug=hook, prefetch=prefetch | (orders if "order" in hook else {}))
    issuer = f"https://ehr.example.org/{world.house.slug}"
    system = ClientSystem.objects.create(
        establishment=world.house, name="DPI", issuer=issuer, jwks=public_jwks(), origins=[]
    )
    know_practitioner(system.id, "Practitioner/example", world.carer)
    ehr = Ehr(server.url, world.house.slug, issuer, system.id, "aide.patient-view")
    return Ward(world, ehr, ai, server, world.project)


@needs_cases
@pytest.mark.parametrize("case", official("CDSHooksRequest"))
def test_an_official_request_passes_or_gets_each_error_that_a_service_owes(desk: Ward, case: dict[str, Any]) -> None:
    body = (OFFICIAL / case["file"]).read_bytes()
    request = json.loads(body)
    patient = request["context"]["patientId"].removeprefix("Patient/")
    know_patient(desk.ehr.system, patient, desk.world.person)
    answer = desk.ehr.call(body, service=f"aide.{request['hook']}")
    expected = owed(case, request)
    assert bool(expected) == bool(case["errors"]), "each bad request is bad for a service too"
    if expected:
        assert (answer.status, answer.problems) == (400, expected)
        assert desk.wire.received == []
        assert not Act.objects.filter(establishment=desk.world.house).exists()
        return
    (card,) = answer.cards
    assert card["summary"] == "IA\u00a0: Poids stable"
    (received,) = desk.wire.received
    assert patient.encode() not in received
    assert Act.objects.get(establishment=desk.world.house).state == "open"
    sent = msgspec.json.decode(received)
    assert sent["prefetch"] or "order" in request["hook"]
    if "order" in request["hook"]:
        (order,) = sent["context"]["draftOrders"]["entry"]
        assert order == {"resource": {"resourceType": "MedicationRequest", "status": "active"}}


STRICTER = {"cdshooks-response-source-link": "its link has no type, which CDS Hooks 2.0.1 requires of every link"}
"""Answers that the official validator lets pass and the specification's own words do not."""


@needs_cases
@pytest.mark.parametrize("case", official("CDSHooksResponse"))
def test_an_official_response_of_an_ai_is_shown_or_withheld(desk: Ward, case: dict[str, Any]) -> None:
    """As an AI's answer: what breaks the standard is withheld, and a person is told so."""
    desk.wire.answers((OFFICIAL / case["file"]).read_bytes())
    know_patient(desk.ehr.system, "1288992", desk.world.person)
    body = (OFFICIAL / "cdshooks-request-pv-good.json").read_bytes()
    cards = desk.ehr.call(body).cards
    act = Act.objects.get(establishment=desk.world.house)
    sent = json.loads((OFFICIAL / case["file"]).read_text("utf-8")).get("cards")
    if case["errors"] or case["name"] in STRICTER:
        assert act.state == "withheld", "an answer that breaks the standard is not shown"
        (card,) = cards
        assert card["summary"].startswith("Pas d’avis de l’IA")
        assert not Suggestion.objects.filter(act=act).exists()
    elif sent:
        assert act.state == "open"
        assert len(cards) == len(sent)
        assert all(card["source"]["topic"]["code"] == "AIAST" for card in cards)
    else:
        assert (act.state, cards) == ("abstained", [])
