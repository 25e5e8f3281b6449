"""A cytology service with the real reference AI or an AI the test plays over HTTP, and the people around one act."""

from __future__ import annotations

import json
import random
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

import pytest
from django.utils import timezone

from colloque.acts import actions
from colloque.acts.models import Act
from colloque.kernel.vocabulary import ActKind, ChoiceAnswer, Profession, Role
from colloque.learning.models import Attestation
from colloque.people.models import Account, Establishment, Membership, Unit
from colloque.projects.core.inputs import prefetch_of, read_inputs
from colloque.reference_ai.features import CODE_SYSTEM, OBSERVATION_CODE
from colloque.reference_ai.score import Label, Model, Status, load
from colloque.reference_ai.synthetic import case
from tests.acts import world
from tests.acts.world import LATER, LONG_AGO, NOW, World, a_world

READINGS = [
    {"code": "benign", "fr": "plutôt bénin", "en": "rather benign"},
    {"code": "malignant", "fr": "plutôt malin", "en": "rather malignant"},
]
PREFETCH = {
    "cytology": {
        "query": f"Observation?patient={{{{context.patientId}}}}&code={CODE_SYSTEM}|{OBSERVATION_CODE}",
        "fields": ["Observation.code", "Observation.status", "Observation.component"],
        "fr": "Les mesures des noyaux",
        "en": "The measurements of nuclei",
    }
}


def inputs_of(model: Model) -> list[dict[str, Any]]:
    """The form of the measurements, as a project declares it."""
    return [
        {
            "key": one.code,
            "prefetch": "cytology",
            "system": CODE_SYSTEM,
            "code": one.code,
            "observation": OBSERVATION_CODE,
            "fr": one.fr,
            "en": one.en,
            "unit": one.unit,
            "minimum": 0.0,
            "maximum": 10_000.0,
        }
        for one in model.measured
    ]


@dataclass
class Story:
    """One act's people: `carer` asks and decides; `colleague` cares in the same unit; the others may see nothing."""

    world: World
    carer: Account
    colleague: Account
    river_nurse: Account
    director: Account
    stranger: Account
    patient: Account

    def values(self, label: str = "malignant", status: str = "answered", seed: int = 7) -> dict[str, float]:
        """Measurements on which the reference AI ends so."""
        return dict(case(load(), Label(label), Status(status), random.Random(seed)).values)

    def data(self, label: str = "malignant", status: str = "answered", seed: int = 7) -> dict[str, Any]:
        """The same as FHIR, by prefetch key."""
        inputs = read_inputs(self.world.service.inputs)
        return dict(prefetch_of(inputs, cast(Any, self.values(label, status, seed)), f"Patient/{self.world.person.id}"))

    def started(self, **data: Any) -> Act:
        """An act that the carer has just asked for."""
        return actions.start_act(
            self.world.service, self.world.person, data=self.data(**data), by=self.carer, at=NOW, language="fr"
        )

    def opened(self, reading: str = "benign", **data: Any) -> Act:
        """An act whose own reading is given; it is where the AI's answer leads."""
        act = self.started(**data)
        actions.record_own_assessment(
            act, reading=reading, sureness="rather-sure", words="Un amas dense en bas.", by=self.carer, at=NOW
        )
        act.refresh_from_db()
        return act


def a_carer_of(
    house: Establishment, unit: Unit | None, email: str, given: str, family: str, *, attested_by: Account | None
) -> Account:
    """A doctor of a unit, or of the whole house."""
    account = Account.objects.create_user(email, given_name=given, family_name=family)
    Membership.objects.create(
        account=account,
        establishment=house,
        unit=unit,
        role=Role.CARER,
        profession=Profession.DOCTOR,
        valid_from=LONG_AGO,
    )
    if attested_by is not None:
        Attestation.objects.create(
            account=account, establishment=house, attested_by=attested_by, valid_from=LONG_AGO, valid_until=LATER
        )
    return account


def a_story(endpoint: str, *, choice: ChoiceAnswer | None = ChoiceAnswer.YES) -> Story:
    """Jeanne Aubry of the garden unit, her carers, and everybody else."""
    world = a_world(kind=ActKind.CYTOLOGY_READING, endpoint=endpoint, choice=choice)
    Membership.objects.filter(account=world.carer).delete()
    world.service.prefetch, world.service.readings = PREFETCH, READINGS
    world.service.inputs = inputs_of(load())
    world.service.remote_id = "breast-cytology"
    world.service.save()
    world.project.timeout_ms = 2000
    world.project.save()
    house, director = world.house, world.director
    Membership.objects.create(account=director, establishment=house, role=Role.DIRECTOR, valid_from=LONG_AGO)
    river = Unit.objects.create(establishment=house, slug="riviere", name="Rivière")
    elsewhere = Establishment.objects.create(slug="saint-roch", name="Saint-Roch", kind="hospital")
    patient = Account.objects.create_user("jeanne@example.org", given_name="Jeanne", family_name="Aubry")
    Membership.objects.create(account=patient, establishment=house, role=Role.PATIENT, valid_from=LONG_AGO)
    world.person.account = patient
    world.person.save(update_fields=["account"])
    return Story(
        world=world,
        carer=a_carer_of(house, world.unit, "claire@example.org", "Claire", "Morel", attested_by=director),
        colleague=a_carer_of(house, world.unit, "paul@example.org", "Paul", "Lenoir", attested_by=director),
        river_nurse=a_carer_of(house, river, "river@example.org", "Rita", "Fleuve", attested_by=director),
        director=director,
        stranger=a_carer_of(elsewhere, None, "stranger@example.org", "Sam", "Ailleurs", attested_by=None),
        patient=patient,
    )


@dataclass
class PlayedAI:
    """An AI over HTTP that answers what the test says and remembers what it received."""

    address: str = ""
    answer: Callable[[dict[str, Any]], tuple[int, str, bytes]] = lambda _call: (
        200,
        "application/json",
        b'{"cards": []}',
    )
    calls: list[dict[str, Any]] = field(default_factory=list)

    def says(self, content: object, *, status: int = 200, kind: str = "application/json") -> None:
        """Answer this from now on."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.answer = lambda _call: (status, kind, body)


@contextmanager
def playing() -> Iterator[PlayedAI]:
    """The AI on a free loopback port until the block ends."""
    played = PlayedAI()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            played.calls.append(call)
            status, kind, body = played.answer(call)
            try:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except (BrokenPipeError, ConnectionResetError):
                return

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    played.address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield played
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def a_card(label: str | None = "malignant", **word: Any) -> dict[str, Any]:
    """An answer with a word only this AI would use."""
    return {
        "cards": [
            {
                "summary": "IA : quelque chose de très particulier",
                "indicator": "info",
                "source": {"label": "Une IA de test"},
                "detail": "Détail zyxwv.",
                "extension": {
                    "com.colloque.answer": {
                        "v": 1,
                        "status": "answered",
                        "label": label,
                        "possible": [label] if label else [],
                        "level": 0.937,
                        "probability": 0.8642,
                        "like_cases": {"of": 100, "wrong": 4, "measured_on": 214, "errors": 8.6, "at_most": 7},
                        "contributions": [
                            {"code": "a", "fr": "Concavités", "en": "Dents", "points": 31, "value": 0.7531, "max": 40},
                            {"code": "b", "fr": "Symétrie", "en": "Symmetry", "points": -9, "value": 0.1928},
                        ],
                        "never_taught": {"fr": "Elle n’a vu qu’un hôpital.", "en": "It saw one hospital only."},
                        "labelled_by": {"fr": "Ses médecins.", "en": "Its doctors."},
                        "model": {"name": "zorglub", "version": "9.8.7"},
                        "summary": {"fr": "IA : plutôt malin.", "en": "AI: rather malignant."},
                        **word,
                    }
                },
            }
        ]
    }


def happen_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stories made from here on happen today: pages and the API read the clock."""
    now = timezone.now()
    for module in (world, sys.modules[__name__]):
        monkeypatch.setattr(module, "NOW", now)
        monkeypatch.setattr(module, "LONG_AGO", now - timedelta(days=400))
        monkeypatch.setattr(module, "LATER", now + timedelta(days=400))
