"""The governed act from asking to record, over a real database."""

from __future__ import annotations

import msgspec
import pytest

from colloque.acts.core.answer import Answer, AnswerStatus, Withheld, WithheldCode
from colloque.acts.core.call import Call
from colloque.acts.core.spine import KEPT_CHANGING, UnknownCarerError, UnknownPersonError
from colloque.acts.core.state import ActState
from colloque.acts.models import Act, Suggestion
from colloque.kernel.vocabulary import ActKind, ChoiceAnswer, ProjectStatus, Requirement, VerdictKind
from colloque.learning.models import Attestation
from colloque.ledger.actions import erase_subject
from colloque.ledger.models import Entry
from colloque.people.models import Establishment, Membership
from colloque.projects.models import Project
from tests.acts.drive import ANSWER, a_request, answering, run
from tests.acts.world import NOW, a_world, choose

pytestmark = pytest.mark.django_db


class Listening:
    """An AI that remembers what it received."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def __call__(self, call: Call) -> bytes:
        self.calls.append(call)
        return msgspec.json.encode(ANSWER)


def test_a_permitted_act_is_answered_and_recorded_before_anything_is_shown() -> None:
    world, ai = a_world(), Listening()
    governed = run(a_request(world), world, ai)
    assert governed.state is ActState.OPEN
    act = Act.objects.get()
    assert (act.state, act.owner_id, act.charter_id) == ("open", world.carer.id, world.charter.id)
    assert Suggestion.objects.get().act_id == act.id
    assert Entry.objects.filter(id=act.entry, subject=world.person.id).count() == 1
    assert len(ai.calls) == 1


def test_the_ai_gets_declared_data_only_and_no_name_we_know_the_person_by() -> None:
    world, ai = a_world(), Listening()
    patient = {
        "resourceType": "Patient",
        "id": str(world.person.id),
        "gender": "female",
        "birthDate": "1960-05-12",
        "name": [{"family": "Aubry"}],
    }
    observation = {
        "resourceType": "Observation",
        "subject": {"reference": f"Patient/{world.person.id}", "display": "Jeanne Aubry"},
        "code": {"coding": [{"code": "29463-7"}], "text": "poids de Jeanne"},
        "note": [{"text": "secret"}],
    }
    run(a_request(world, data={"patient": patient, "observations": observation, "other": patient}), world, ai)
    body = ai.calls[0].body
    sent = msgspec.json.decode(body)
    assert sent["prefetch"]["patient"] == {"resourceType": "Patient", "gender": "female", "birthDate": "1960"}
    assert set(sent["prefetch"]) == {"patient", "observations"}
    assert sent["prefetch"]["observations"]["subject"]["reference"] == f"Patient/{sent['context']['patientId']}"
    for secret in (str(world.person.id), "Aubry", "Jeanne", "secret", "1960-05", str(world.carer.id)):
        assert secret.encode() not in body, f"{secret} left the house"


def test_a_refusal_calls_nobody() -> None:
    world, ai = a_world(choice=ChoiceAnswer.NO), Listening()
    governed = run(a_request(world), world, ai)
    assert governed.state is ActState.REFUSED
    assert "patient-refusal" in governed.verdict.rules
    assert ai.calls == []
    act = Act.objects.get()
    assert act.state == "refused"
    assert act.sealed_input is None
    assert Entry.objects.filter(id=act.entry).exists()


def test_an_act_that_asks_calls_nobody_and_waits_sealed_then_resumes() -> None:
    world, ai = a_world(choice=ChoiceAnswer.ASK_EACH_TIME), Listening()
    request = a_request(world)
    governed = run(request, world, ai)
    assert governed.state is ActState.ASKING
    assert governed.verdict.asks == (Requirement.EXPLICIT_YES,)
    assert ai.calls == []
    act = Act.objects.get()
    assert act.sealed_input is not None
    choose(world.person, ChoiceAnswer.YES, world.carer)
    resumed = run(a_request(world, id=act.id, data={}, waiting=bytes(act.sealed_input)), world, ai)
    assert resumed.state is ActState.OPEN
    act.refresh_from_db()
    assert act.state == "open"
    assert act.sealed_input is None
    assert len(ai.calls) == 1
    assert msgspec.json.decode(ai.calls[0].body)["prefetch"]["patient"]["gender"] == "female"
    assert Entry.objects.filter(subject=world.person.id).count() == 2


def test_a_refusal_given_while_the_ai_thinks_wins() -> None:
    world, ai = a_world(), Listening()
    changed = iter([True])

    def meanwhile() -> None:
        if next(changed, None):
            choose(world.person, ChoiceAnswer.NO, world.carer)

    governed = run(a_request(world), world, ai, before_write=meanwhile)
    assert governed.state is ActState.REFUSED
    assert governed.answer is None
    assert Act.objects.get().state == "refused"
    assert not Suggestion.objects.exists(), "nothing of the answer was kept"


def test_an_unrelated_change_meanwhile_does_not_call_the_ai_twice() -> None:
    world, ai = a_world(), Listening()
    changed = iter([True])

    def meanwhile() -> None:
        if next(changed, None):
            choose(world.person, ChoiceAnswer.YES, world.carer, kind="glucose")

    assert run(a_request(world), world, ai, before_write=meanwhile).state is ActState.OPEN
    assert len(ai.calls) == 1


def test_what_keeps_changing_is_refused_and_that_is_recorded() -> None:
    world = a_world()

    def meanwhile() -> None:
        choose(world.person, ChoiceAnswer.YES, world.carer)

    governed = run(a_request(world), world, before_write=meanwhile)
    assert governed.state is ActState.REFUSED
    assert governed.verdict.errors == (KEPT_CHANGING,)
    assert Act.objects.get().state == "refused"


@pytest.mark.principle("E14")
def test_a_project_suspended_meanwhile_shows_nothing() -> None:
    world = a_world()

    def meanwhile() -> None:
        Project.objects.exclude(status=ProjectStatus.SUSPENDED).update(status=ProjectStatus.SUSPENDED)

    governed = run(a_request(world), world, before_write=meanwhile)
    assert governed.state is ActState.REFUSED
    assert "project-live" in governed.verdict.rules


def test_a_person_erased_meanwhile_leaves_nothing_unreadable_behind() -> None:
    world = a_world()

    def meanwhile() -> None:
        erase_subject(world.person.id)

    before = Entry.objects.filter(subject=world.person.id).count()
    with pytest.raises(UnknownPersonError):
        run(a_request(world), world, before_write=meanwhile)
    assert Entry.objects.filter(subject=world.person.id).count() == before
    assert not Act.objects.exists()


def test_an_outage_declared_meanwhile_shows_nothing() -> None:
    world = a_world()

    def meanwhile() -> None:
        Establishment.objects.update(ai_outage=True)

    governed = run(a_request(world), world, before_write=meanwhile)
    assert (governed.state, governed.verdict.rules) == (ActState.REFUSED, ("ai-outage",))


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (WithheldCode.TIMEOUT, "timeout"),
        (b"\xff\xfe", "not-utf-8"),
        (b"<html>", "not-json"),
        (b'{"cards": 3}', "invalid-answer"),
        ({"cards": [ANSWER["cards"][0]] * 1000}, "too-many-cards"),
        ({"cards": [{"summary": "x" * 1_000_000, "indicator": "info", "source": {"label": "x"}}]}, "too-large"),
        ({"cards": [{"summary": "x" * 141, "indicator": "info", "source": {"label": "x"}}]}, "invalid-answer"),
        ({"cards": [{"summary": "x", "indicator": "info", "source": {}}]}, "no-source"),
    ],
)
def test_an_answer_that_cannot_be_trusted_is_withheld_and_recorded(answer: object, code: str) -> None:
    world = a_world()
    governed = run(a_request(world), world, answering(answer))
    assert governed.state is ActState.WITHHELD
    assert isinstance(governed.answer, Withheld)
    act = Act.objects.get()
    assert (act.state, act.withheld_because) == ("withheld", code)
    assert not Suggestion.objects.exists()


@pytest.mark.principle("A8")
def test_outside_its_intended_use_the_ai_is_not_called() -> None:
    world, ai = a_world(), Listening()
    Project.objects.update(intended_use={"purpose": {"fr": "Lire", "en": "Read"}, "age_from": 80})
    governed = run(a_request(world), world, ai)
    assert governed.state is ActState.WITHHELD
    assert isinstance(governed.answer, Withheld)
    assert (governed.answer.code, governed.answer.path) == (WithheldCode.OUTSIDE_INTENDED_USE, "age-below:80")
    assert ai.calls == []


def test_silence_ends_the_act_without_a_suggestion() -> None:
    world = a_world()
    governed = run(a_request(world), world, answering({"cards": []}))
    assert governed.state is ActState.ABSTAINED
    assert isinstance(governed.answer, Answer)
    assert governed.answer.status is AnswerStatus.SILENT


def test_system_actions_are_taken_out_and_recorded() -> None:
    world = a_world()
    governed = run(
        a_request(world),
        world,
        answering({**ANSWER, "systemActions": [{"type": "delete", "description": "x", "resourceId": "A/1"}]}),
    )
    assert governed.state is ActState.OPEN
    assert isinstance(governed.answer, Answer)
    assert governed.answer.stripped == ("systemActions",)


@pytest.mark.principle("A12")
@pytest.mark.parametrize("kind", [ActKind.TREATMENT_LIMITATION, ActKind.INTIMATE_CARE, ActKind.ANAESTHESIA])
def test_closed_acts_never_reach_an_ai(kind: ActKind) -> None:
    world, ai = a_world(kind=kind), Listening()
    governed = run(a_request(world), world, ai)
    assert governed.verdict.kind is VerdictKind.REFUSED
    assert ai.calls == []


def test_own_assessment_comes_first() -> None:
    world, ai = a_world(kind=ActKind.CYTOLOGY_READING), Listening()
    governed = run(a_request(world), world, ai)
    assert governed.state is ActState.ASKING
    assert governed.verdict.asks == (Requirement.OWN_ASSESSMENT,)
    assert ai.calls == []


def test_an_untrained_carer_gets_no_suggestion() -> None:
    world, ai = a_world(), Listening()
    Attestation.objects.all().delete()
    governed = run(a_request(world), world, ai)
    assert "carer-trained" in governed.verdict.rules
    assert ai.calls == []


def test_unknown_people_stop_the_act_before_anything() -> None:
    world = a_world()
    with pytest.raises(UnknownPersonError):
        run(a_request(world, person=world.carer.id), world)
    Membership.objects.update(valid_until=NOW)
    with pytest.raises(UnknownCarerError):
        run(a_request(world), world)
    assert not Act.objects.exists()
