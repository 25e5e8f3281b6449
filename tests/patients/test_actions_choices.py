"""Choices: who may give them, what wins, what is recorded, and two at the same moment."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection, transaction

from colloque.fhir.consent import ConsentAnswers, ConsentChoice, consent_answers
from colloque.kernel.errors import InvalidInputError, NotAllowedError, NotFoundError, UnavailableError
from colloque.kernel.vocabulary import ActKind, ChoiceAnswer, ProjectStatus
from colloque.ledger.queries import entries_about
from colloque.patients.actions import (
    accept_consent,
    discharge_person,
    give_choice,
    give_training_choice,
    trust,
    withdraw_choice,
)
from colloque.patients.core.choices import choice_that_holds
from colloque.patients.core.trust import Power
from colloque.patients.models import Choice
from colloque.patients.queries import questions_for, standing_choices
from colloque.projects.models import Project
from tests.patients.story import Story, everybody_but
from tests.people.houses import NOW

LATER = NOW + timedelta(hours=1)


def a_project(story: Story, slug: str = "chutes", **more: object) -> Project:
    return Project.objects.create(
        establishment=story.houses.tilleuls,
        slug=slug,
        name="Aide aux chutes",
        intention="…",
        track="bedside",
        autonomy="informs",
        status=ProjectStatus.LIVE.value,
        lead=story.director,
        **more,
    )


@pytest.mark.principle("C1", "B5")
def test_an_answer_holds_at_the_next_call_and_can_be_changed_at_any_moment(story: Story) -> None:
    project = a_project(story)

    def now_holds() -> ChoiceAnswer:
        return choice_that_holds(standing_choices(story.jeanne), ActKind.FALL_RISK, project.id)

    assert now_holds() is ChoiceAnswer.UNKNOWN
    for answer in (ChoiceAnswer.YES, ChoiceAnswer.WITH_HUMAN, ChoiceAnswer.NO, ChoiceAnswer.YES):
        before = type(story.jeanne).objects.get(id=story.jeanne.id).version
        give_choice(story.jeanne, answer, act_kind=ActKind.FALL_RISK, by=story.her_account, at=LATER)
        assert now_holds() is answer
        assert type(story.jeanne).objects.get(id=story.jeanne.id).version > before, "a verdict given before is stale"
    give_choice(story.jeanne, ChoiceAnswer.NO, by=story.her_account, at=LATER)
    assert now_holds() is ChoiceAnswer.NO, "no AI at all wins over a yes"
    withdraw_choice(story.jeanne, by=story.her_account, at=LATER)
    assert now_holds() is ChoiceAnswer.YES
    assert Choice.objects.filter(person=story.jeanne).count() == 5, "no answer is ever lost"


def test_each_change_is_in_the_ledger_and_can_be_told(story: Story) -> None:
    give_choice(story.jeanne, ChoiceAnswer.NO, act_kind=ActKind.WEIGHT, by=story.her_account, at=LATER)
    give_choice(story.jeanne, ChoiceAnswer.NO, act_kind=ActKind.WEIGHT, by=story.her_account, at=LATER)
    withdraw_choice(story.jeanne, act_kind=ActKind.WEIGHT, by=story.her_account, at=LATER)
    told = [entry for entry in entries_about(story.jeanne.id) if entry.kind.startswith("choice")]
    assert [entry.kind for entry in told] == ["choice.withdrawn", "choice.given"], "the same answer again is no change"
    given = told[1].event
    assert given is not None
    assert given.payload["answer"] == "no"
    assert given.payload["in_person"] is True


@pytest.mark.principle("G5")
def test_nobody_else_answers_for_a_person(story: Story) -> None:
    for account in everybody_but(story, story.her_account, story.sarah):
        with pytest.raises(NotFoundError):
            give_choice(story.jeanne, ChoiceAnswer.YES, by=account, at=LATER)
        with pytest.raises(NotFoundError):
            give_training_choice(story.jeanne, True, by=account, at=LATER)
    assert not Choice.objects.exists()


@pytest.mark.principle("B5")
def test_a_carer_may_note_more_caution_than_the_person_asked_for_but_never_less(story: Story) -> None:
    kind = ActKind.WEIGHT
    give_choice(story.jeanne, ChoiceAnswer.YES, act_kind=kind, by=story.sarah, at=LATER)
    give_choice(story.jeanne, ChoiceAnswer.NO, act_kind=kind, by=story.sarah, at=LATER)
    give_choice(story.jeanne, ChoiceAnswer.YES, act_kind=kind, by=story.sarah, at=LATER)
    give_choice(story.jeanne, ChoiceAnswer.WITH_HUMAN, act_kind=kind, by=story.her_account, at=LATER)
    with pytest.raises(NotAllowedError):
        give_choice(story.jeanne, ChoiceAnswer.YES, act_kind=kind, by=story.sarah, at=LATER)
    give_choice(story.jeanne, ChoiceAnswer.NO, act_kind=kind, by=story.sarah, at=LATER)
    give_choice(story.jeanne, ChoiceAnswer.NO, act_kind=kind, by=story.her_account, at=LATER)
    with pytest.raises(NotAllowedError):
        withdraw_choice(story.jeanne, act_kind=kind, by=story.sarah, at=LATER)
    assert [c.answer for c in standing_choices(story.jeanne)] == [ChoiceAnswer.NO]


@pytest.mark.principle("C12")
def test_a_trusted_person_answers_only_within_the_powers_given(story: Story) -> None:
    trust(story.jeanne, story.daughter, {Power.SEE_CHOICES}, by=story.her_account, at=NOW)
    with pytest.raises(NotFoundError):
        give_choice(story.jeanne, ChoiceAnswer.NO, by=story.daughter, at=LATER)
    trust(story.jeanne, story.daughter, {Power.SEE_CHOICES, Power.GIVE_CHOICES}, by=story.her_account, at=NOW)
    choice = give_choice(story.jeanne, ChoiceAnswer.NO, by=story.daughter, at=LATER)
    assert choice.given_by == story.daughter


def test_unknown_is_not_an_answer_and_another_houses_ai_is_not_a_question(story: Story) -> None:
    elsewhere = a_project(story, "ailleurs")
    elsewhere.establishment = story.houses.saint_roch
    elsewhere.save()
    with pytest.raises(InvalidInputError):
        give_choice(story.jeanne, ChoiceAnswer.UNKNOWN, by=story.her_account, at=LATER)
    with pytest.raises(NotFoundError):
        give_choice(story.jeanne, ChoiceAnswer.YES, project=elsewhere, by=story.her_account, at=LATER)
    with pytest.raises(NotFoundError):
        withdraw_choice(story.jeanne, by=story.her_account, at=LATER)


def test_a_choice_and_its_ledger_entry_roll_back_together(story: Story) -> None:
    before = len(entries_about(story.jeanne.id))
    with transaction.atomic():
        give_choice(story.jeanne, ChoiceAnswer.NO, by=story.her_account, at=LATER)
        transaction.set_rollback(True)
    assert not Choice.objects.exists()
    assert len(entries_about(story.jeanne.id)) == before


def test_a_choice_that_cannot_be_recorded_is_not_made(story: Story, settings: LazySettings, tmp_path: Path) -> None:
    settings.COLLOQUE_KEYS_DIR = tmp_path
    with pytest.raises(UnavailableError):
        give_choice(story.jeanne, ChoiceAnswer.YES, by=story.her_account, at=LATER)
    assert not Choice.objects.exists()


def test_somebody_who_left_can_still_refuse(story: Story) -> None:
    discharge_person(story.jeanne, by=story.sarah, at=LATER)
    give_choice(story.jeanne, ChoiceAnswer.NO, by=story.her_account, at=LATER)
    assert choice_that_holds(standing_choices(story.jeanne), ActKind.WEIGHT, a_project(story).id) is ChoiceAnswer.NO


def test_questions_are_those_of_this_house_and_tell_what_stays_stronger(story: Story) -> None:
    from colloque.projects.models import Service

    project = a_project(story)
    Service.objects.create(
        project=project, slug="s", remote_id="s", hook="patient-view", act_kind="fall-risk", title="t", description="d"
    )
    give_choice(story.jeanne, ChoiceAnswer.YES, act_kind=ActKind.FALL_RISK, by=story.her_account, at=LATER)
    give_choice(story.jeanne, ChoiceAnswer.NO, by=story.her_account, at=LATER)
    everything, falls, learning = questions_for(story.jeanne)
    assert (everything.key, falls.key, learning.key) == ("all", "fall-risk", "learning")
    assert everything.holds is ChoiceAnswer.NO
    assert falls.answered is not None
    assert falls.answered.answer is ChoiceAnswer.YES
    assert falls.holds is ChoiceAnswer.NO
    assert [choice.answer for choice in falls.overruled_by] == [ChoiceAnswer.NO]
    assert learning.answered is None
    assert falls.services[0].is_live


@pytest.mark.django_db(transaction=True)
def test_two_answers_at_the_same_moment_leave_one_and_lose_none() -> None:
    from tests.patients.story import story as told

    story = told()
    barrier, failures = threading.Barrier(4), []

    def answer(which: ChoiceAnswer) -> None:
        try:
            barrier.wait(timeout=20)
            for _ in range(5):
                give_choice(story.jeanne, which, act_kind=ActKind.WEIGHT, by=story.her_account, at=LATER)
        except Exception as error:  # noqa: BLE001 - whatever went wrong is shown by the assertion below
            failures.append(error)
        finally:
            connection.close()

    answers = [ChoiceAnswer.YES, ChoiceAnswer.NO, ChoiceAnswer.WITH_HUMAN, ChoiceAnswer.ASK_EACH_TIME]
    threads = [threading.Thread(target=answer, args=(which,)) for which in answers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failures == []
    assert Choice.objects.filter(person=story.jeanne, replaced_at__isnull=True).count() == 1
    given = [entry for entry in entries_about(story.jeanne.id) if entry.kind == "choice.given"]
    assert len(given) == Choice.objects.filter(person=story.jeanne).count()


@pytest.mark.principle("C1")
def test_a_consent_is_kept_whole_or_not_at_all(story: Story) -> None:
    answers = ConsentAnswers(
        "Patient/p1",
        NOW,
        (
            ConsentChoice(ChoiceAnswer.NO, ActKind.IMAGING_READING),
            ConsentChoice(ChoiceAnswer.WITH_HUMAN, ActKind.FALL_RISK, "Device/ai-y"),
        ),
        training=False,
    )
    with pytest.raises(InvalidInputError):
        accept_consent(story.jeanne, answers, {}, by=story.sarah, at=LATER)
    assert standing_choices(story.jeanne) == ()
    with pytest.raises(NotFoundError):
        accept_consent(story.jeanne, answers, {}, by=story.river_nurse, at=LATER)
    project = a_project(story)
    assert accept_consent(story.jeanne, answers, {"Device/ai-y": project}, by=story.sarah, at=LATER) == 3
    held = standing_choices(story.jeanne)
    assert choice_that_holds(held, ActKind.IMAGING_READING, project.id) is ChoiceAnswer.NO
    assert choice_that_holds(held, ActKind.FALL_RISK, project.id) is ChoiceAnswer.WITH_HUMAN
    assert questions_for(story.jeanne)[-1].holds is ChoiceAnswer.NO
    assert accept_consent(story.jeanne, answers, {"Device/ai-y": project}, by=story.sarah, at=LATER) == 0


@pytest.mark.principle("C1", "B5")
def test_the_three_shared_consents_become_choices_that_hold(story: Story, shared_data: Path) -> None:
    system = "https://example.org/fhir/CodeSystem/ai-act"
    codes = {
        (system, "imaging-read"): ActKind.IMAGING_READING,
        (system, "triage"): ActKind.CLINICAL_DIAGNOSIS_AID,
    }
    allowed, other = a_project(story), a_project(story, "autre")

    def holds(kind: ActKind, project: Project) -> ChoiceAnswer:
        return choice_that_holds(standing_choices(story.jeanne), kind, project.id)

    def accept(name: str) -> None:
        consent = json.loads((shared_data / "fhir" / "consent" / name).read_text(encoding="utf-8"))
        answers = consent_answers(consent, codes)
        accept_consent(story.jeanne, answers, {"Device/ai-y": allowed}, by=story.sarah, at=LATER)

    accept("refuse-all-ai-for-act-x.json")
    assert holds(ActKind.IMAGING_READING, allowed) is ChoiceAnswer.NO
    assert holds(ActKind.WEIGHT, allowed) is ChoiceAnswer.UNKNOWN
    accept("accept-ai-y-only-with-human.json")
    assert holds(ActKind.CLINICAL_DIAGNOSIS_AID, allowed) is ChoiceAnswer.WITH_HUMAN
    assert holds(ActKind.CLINICAL_DIAGNOSIS_AID, other) is ChoiceAnswer.ASK_EACH_TIME
    assert {holds(kind, allowed) for kind in ActKind if kind is not ActKind.CLINICAL_DIAGNOSIS_AID} == {ChoiceAnswer.NO}
    accept("no-training.json")
    assert questions_for(story.jeanne)[-1].holds is ChoiceAnswer.NO
