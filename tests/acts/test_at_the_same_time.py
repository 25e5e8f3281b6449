"""Two people at once, a choice that changes while the AI answers, an AI called outside any transaction: real commits."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction

from colloque.acts import actions
from colloque.acts.models import Act, Decision, OwnAssessment, Suggestion
from colloque.cli import main
from colloque.kernel.errors import ColloqueError
from colloque.kernel.vocabulary import ChoiceAnswer, ProjectStatus
from colloque.ledger.models import Entry
from colloque.patients.actions import give_choice
from colloque.projects.models import Project
from tests.acts.cytology import PlayedAI, Story, a_card, a_story
from tests.acts.world import NOW

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def story(transactional_db: None, played: PlayedAI) -> Story:
    played.says(a_card())
    return a_story(played.address)


def at_once(*tasks: Callable[[], object]) -> list[object]:
    """Run the tasks in threads that begin together; what each gave or raised."""
    gate = threading.Barrier(len(tasks))
    results: list[object] = [None] * len(tasks)

    def run(place: int, task: Callable[[], object]) -> None:
        gate.wait(10)
        try:
            results[place] = task()
        except ColloqueError as error:
            results[place] = error.code
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place, task)) for place, task in enumerate(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def test_of_two_decisions_at_once_one_wins_and_the_other_is_told(story: Story) -> None:
    act = story.opened()

    def deciding(outcome: str) -> Callable[[], object]:
        return lambda: actions.decide(act, outcome=outcome, reasons=["seen-here"], by=story.carer, at=NOW).outcome

    results = at_once(deciding("followed"), deciding("set-aside"))
    winner = Decision.objects.get().outcome
    assert sorted(map(str, results)) == sorted(["already-decided", winner])
    assert Entry.objects.filter(id=Act.objects.get().entry).exists()


def test_of_two_own_readings_at_once_one_is_kept_and_the_ai_is_called_once(story: Story, played: PlayedAI) -> None:
    act = story.started()

    def reading(what: str) -> Callable[[], object]:
        return lambda: actions.record_own_assessment(act, reading=what, sureness="sure", by=story.carer, at=NOW).id

    results = at_once(reading("benign"), reading("malignant"))
    assert "assessment-given" in results
    assert OwnAssessment.objects.count() == 1
    assert len(played.calls) == 1


def test_of_two_starts_at_once_one_waits_and_the_other_is_led_to_it(story: Story) -> None:
    world = story.world

    def starting(seed: int) -> Callable[[], object]:
        data = story.data(seed=seed)
        return lambda: actions.start_once(world.service, world.person, data=data, by=story.carer, at=NOW).id

    results = at_once(*(starting(seed) for seed in range(4)))
    assert results.count("act-waiting") == 3, results
    assert Act.objects.get().id in results
    with pytest.raises(actions.AlreadyWaitingError) as again:
        starting(9)()
    assert again.value.act == Act.objects.get().id
    other = story.data(seed=9)
    theirs = actions.start_once(world.service, world.person, data=other, by=story.colleague, at=NOW)
    assert theirs.owner_id == story.colleague.id, "another carer's own act waits for nobody else"
    actions.withdraw(Act.objects.exclude(id=theirs.id).get(), by=story.carer, at=NOW)
    assert isinstance(starting(9)(), type(theirs.id)), "once withdrawn, the way is free"


@pytest.mark.principle("B5", "C1")
def test_a_choice_changed_while_the_ai_answers_wins_over_the_answer(story: Story, played: PlayedAI) -> None:
    act, person = story.started(), story.world.person

    def changing(_call: dict[str, object]) -> tuple[int, str, bytes]:
        give_choice(person, ChoiceAnswer.NO, by=story.patient, at=NOW + timedelta(seconds=1))
        connection.close()
        return 200, "application/json", json.dumps(a_card()).encode()

    played.answer = changing
    actions.record_own_assessment(act, reading="benign", sureness="sure", by=story.carer, at=NOW)
    act.refresh_from_db()
    assert act.state == "refused"
    assert "patient-refusal" in act.rules
    assert not Suggestion.objects.exists(), "what the AI said meanwhile is kept nowhere"


@pytest.mark.principle("E14")
def test_a_project_suspended_while_the_ai_answers_shows_nothing(story: Story, played: PlayedAI) -> None:
    act = story.started()

    def suspending(_call: dict[str, object]) -> tuple[int, str, bytes]:
        Project.objects.filter(id=story.world.project.id).update(status=ProjectStatus.SUSPENDED.value)
        connection.close()
        return 200, "application/json", json.dumps(a_card()).encode()

    played.answer = suspending
    actions.record_own_assessment(act, reading="benign", sureness="sure", by=story.carer, at=NOW)
    act.refresh_from_db()
    assert act.state == "refused"
    assert not Suggestion.objects.exists()


def test_an_ai_is_never_called_inside_a_transaction(story: Story, played: PlayedAI) -> None:
    act = story.started()
    noted = OwnAssessment.objects.count()
    with pytest.raises(RuntimeError), transaction.atomic():
        actions.resume_act(act, by=story.carer, at=NOW)
    assert played.calls == []
    assert OwnAssessment.objects.count() == noted


def test_state_and_entry_of_the_log_are_undone_together(story: Story) -> None:
    act = story.opened()
    before = Entry.objects.count()

    with transaction.atomic():
        actions.decide(act, outcome="set-aside", reasons=["seen-here"], by=story.carer, at=NOW)
        transaction.set_rollback(True)
    act.refresh_from_db()
    assert (act.state, Entry.objects.count()) == ("open", before)
    assert not Decision.objects.exists()


def test_the_command_ends_what_waited_too_long(
    story: Story, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    act = story.started()
    assert main(["acts", "expire"]) == 0
    assert capsys.readouterr().out == "1 ended\n"
    act.refresh_from_db()
    assert act.state == "expired"
