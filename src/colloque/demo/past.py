"""A year of acts through the real spine, dense in its last ninety days: asked for, decided by the charter, answered, ended."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from random import Random
from typing import Any

from colloque.acts.actions import decide, record_own_assessment, record_spoken_answer, resume_act, start_act
from colloque.acts.core.decision import DecisionReason
from colloque.acts.core.state import ActState
from colloque.acts.models import Act
from colloque.acts.queries.worklist import asked_of
from colloque.demo.houses import World
from colloque.demo.story import DAYS, EARLIER, HOSPITAL, NURSING_HOME, SEED, Patient
from colloque.demo.systems import told_by_the_ai
from colloque.kernel.errors import ColloqueError
from colloque.kernel.vocabulary import Outcome, Requirement
from colloque.patients.actions import attest_presence
from colloque.patients.models import Person
from colloque.people.models import Account
from colloque.projects.core.inputs import prefetch_of, read_inputs
from colloque.projects.models import Service

CYTOLOGY_ACTS = 150
FALL_ACTS = 170
EARLIER_ACTS = 40
"""Acts of each kind before the dense days."""
FALL_SUSPENDED_AFTER = DAYS - 5


class Until(Enum):
    """How far people went with an act before the visitor came."""

    ASKED = auto()
    ANSWERED = auto()
    DECIDED = auto()


@dataclass(frozen=True)
class Request:
    """One act somebody will ask for."""

    at: datetime
    service: Service
    patient: Patient
    person: Person
    carer: Account
    data: Mapping[str, Any]
    truth: str


def cytology_requests(world: World, service: Service, random: Random) -> Iterator[Request]:
    """Aspirates read at the hospital, with made-up measurements that look like real ones."""
    cases = [
        json.loads(line)
        for line in told_by_the_ai(
            "synthetic", "--seed", str(SEED), "--count", str(CYTOLOGY_ACTS + EARLIER_ACTS)
        ).splitlines()
    ]
    people = world.of(HOSPITAL)
    carers = [world.accounts["doctor"]] * 3 + [world.accounts["nurse"]]
    for number, case in enumerate(cases):
        patient, person = people[number % len(people)]
        observation = {**case["observation"], "subject": {"reference": f"Patient/{person.id}"}}
        at = _moment(world, _day(number, CYTOLOGY_ACTS, random), random)
        yield Request(at, service, patient, person, random.choice(carers), {"cytology": observation}, case["label"])


def fall_requests(world: World, service: Service, random: Random) -> Iterator[Request]:
    """Fall-risk reviews of the residents, until the aid was suspended, and a few asked for since."""
    inputs = read_inputs(service.inputs)
    people = world.of(NURSING_HOME)
    for number in range(EARLIER_ACTS + FALL_ACTS):
        patient, person = people[number % len(people)]
        frailty = 0.15 + 0.5 * random.random()
        values = {one.key: random.random() < frailty for one in inputs}
        at = _moment(world, _day(number, FALL_ACTS, random), random)
        truth = "higher" if sum(values.values()) >= 3 else "lower"
        data = prefetch_of(inputs, values, f"Patient/{person.id}")
        yield Request(at, service, patient, person, world.accounts["nurse"], data, truth)


def _day(number: int, dense: int, random: Random) -> float:
    """The day of an act since the house opened: the first ones spread over the earlier days, `dense` ones over the last."""
    if number < EARLIER_ACTS:
        return 20 + EARLIER * (number + random.random()) / EARLIER_ACTS
    return 20 + EARLIER + (DAYS - 1) * (number - EARLIER_ACTS + random.random()) / dense


def _moment(world: World, day: float, random: Random) -> datetime:
    begin = world.begins + timedelta(days=int(day))
    return begin.replace(hour=8, minute=0) + timedelta(minutes=random.randrange(9 * 60))


def live_through(request: Request, random: Random, *, until: Until = Until.DECIDED) -> Act:
    """Ask for one act and go as far as people go: provide what the charter asks for, then decide."""
    at, carer = request.at, request.carer
    act = start_act(request.service, request.person, data=request.data, by=carer, at=at)
    if until is Until.ASKED:
        return act
    for _ in range(4):
        if act.state != ActState.ASKING:
            break
        at += timedelta(minutes=2 + random.randrange(6))
        if not _provide(act, request, random, at):
            return act
        act.refresh_from_db()
    if act.state == ActState.OPEN and until is Until.DECIDED:
        _decide(act, request, random, at + timedelta(minutes=3 + random.randrange(25)))
        act.refresh_from_db()
    return act


def _provide(act: Act, request: Request, random: Random, at: datetime) -> bool:
    """Give the first thing that is asked for; false when nobody gives it."""
    asked = asked_of(act)
    if Requirement.EXPLICIT_YES in asked:
        record_spoken_answer(act, said_yes=random.random() < 0.8, by=request.carer, at=at)
    elif Requirement.HUMAN_PRESENCE in asked:
        if random.random() < 0.12:
            return False
        attest_presence(request.person, by=request.carer, at=at, minutes=30)
        resume_act(act, by=request.carer, at=at + timedelta(seconds=20))
    elif Requirement.OWN_ASSESSMENT in asked:
        record_own_assessment(
            act,
            reading=_own_reading(request.truth, random),
            sureness=random.choices(["sure", "rather-sure", "unsure"], [4, 5, 2])[0],
            words=random.choice(OWN_WORDS.get(request.truth, ("",))),
            by=request.carer,
            at=at,
        )
    else:
        return False
    return True


OWN_WORDS = {
    "benign": ("Noyaux réguliers.", "Rien d’inquiétant ici.", "Cellules bien rangées.", ""),
    "malignant": ("Contours irréguliers.", "Un amas dense en bas à gauche.", "Noyaux de tailles très différentes.", ""),
}
_OTHER = {"benign": "malignant", "malignant": "benign", "higher": "lower", "lower": "higher"}


def _own_reading(truth: str, random: Random) -> str:
    return truth if random.random() < 0.9 else _OTHER[truth]


DECIDED_WORDS = {
    Outcome.FOLLOWED: ("Cela va dans le sens de ce que je vois.", "Même avis après relecture.", ""),
    Outcome.ADAPTED: (
        "Je retiens la prudence : à revoir dans trois mois.",
        "En partie : j’ajoute ce que dit la famille.",
    ),
    Outcome.SET_ASIDE: ("Ce que je vois ici ne ressemble pas à cela.", "Elle ne connaît pas son histoire.", ""),
}
PATIENT_VIEWS = (
    "",
    "",
    "Préfère attendre avant un autre examen.",
    "D’accord, après explication.",
    "Veut en parler à sa fille.",
)


def _decide(act: Act, request: Request, random: Random, at: datetime) -> None:
    outcome = random.choices([Outcome.FOLLOWED, Outcome.ADAPTED, Outcome.SET_ASIDE], [14, 3, 3])[0]
    reason = {
        Outcome.FOLLOWED: random.choice([DecisionReason.OWN_READING, DecisionReason.AI_GROUNDS]),
        Outcome.ADAPTED: random.choice([DecisionReason.PERSON_WISH, DecisionReason.OTHER_DATA]),
        Outcome.SET_ASIDE: random.choice([DecisionReason.SEEN_HERE, DecisionReason.AI_LIMITS]),
    }[outcome]
    words = random.choice(DECIDED_WORDS[outcome])
    view = random.choice(PATIENT_VIEWS)
    retained = "Surveillance rapprochée, sans geste de plus" if outcome is Outcome.ADAPTED else ""
    try:
        decide(
            act,
            outcome=outcome.value,
            reasons=[reason.value],
            words=words,
            retained=retained,
            patient_view=view,
            by=request.carer,
            at=at,
        )
    except ColloqueError:
        decide(
            act,
            outcome=Outcome.SET_ASIDE.value,
            reasons=[DecisionReason.SEEN_HERE.value],
            words=DECIDED_WORDS[Outcome.SET_ASIDE][0],
            patient_view=view,
            by=request.carer,
            at=at,
        )
