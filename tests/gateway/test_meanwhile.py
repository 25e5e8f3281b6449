"""What changes between the verdict and the answer counts: nothing decided on an old standing is shown."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from django.db import connection
from django.utils import timezone

from colloque.acts.models import Act, Suggestion
from colloque.charter.models import CharterVersion
from colloque.kernel.vocabulary import ChoiceAnswer, ProjectStatus
from colloque.ledger.queries import entries_about
from colloque.patients.models import SituationRecord
from colloque.people.models import Establishment
from colloque.projects.models import Project
from tests.acts.world import choose
from tests.gateway.ehr import Answer
from tests.gateway.played_ai import CARD, Handler
from tests.gateway.scenes import Scene


def called_while(scene: Scene, change: Callable[[], object]) -> Answer:
    """The answer to a call during which, while the AI thinks, something changes."""
    asked, changed = Event(), Event()

    def thinking(handler: Handler) -> None:
        asked.set()
        changed.wait(10)
        handler.answer({"cards": [CARD]})

    scene.ai.play = thinking
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(scene.ehr.call)
        assert asked.wait(10)
        change()
        changed.set()
        return call.result()


def refuse(scene: Scene) -> None:
    choose(scene.world.person, ChoiceAnswer.NO, scene.world.carer, at=timezone.now())


def suspend(scene: Scene) -> None:
    Project.objects.filter(id=scene.world.project.id).update(status=ProjectStatus.SUSPENDED)


def declare_palliative_care(scene: Scene) -> None:
    SituationRecord.objects.create(
        person=scene.world.person,
        situation="palliative-care",
        declared_by=scene.world.carer,
        since=timezone.now() - timedelta(seconds=1),
    )


def switch_ai_off(scene: Scene) -> None:
    Establishment.objects.filter(id=scene.world.house.id).update(ai_outage=True)


def adopt_another_charter(scene: Scene) -> None:
    now = timezone.now()
    CharterVersion.objects.create(
        establishment=scene.world.house,
        number=2,
        cedar="",
        proposed_by=scene.world.director,
        proposed_at=now,
        adopted_by=scene.world.director,
        adopted_at=now,
    )


@pytest.mark.principle("B5", "C1", "E14")
@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (refuse, "patient-refusal"),
        (suspend, "project-live"),
        (declare_palliative_care, "end-of-life-closed"),
        (switch_ai_off, "ai-outage"),
        (adopt_another_charter, "default-deny"),
    ],
)
def test_a_change_while_the_ai_thinks_is_decided_anew(scene: Scene, change: Callable[[Scene], None], rule: str) -> None:
    (card,) = called_while(scene, lambda: change(scene)).cards
    assert card["summary"].startswith("Pas d’IA pour cet acte")
    assert "sa réponse n’est pas montrée" in card["detail"]
    assert CARD["summary"] not in str(card)
    act = Act.objects.get(establishment=scene.world.house)
    assert act.state == "refused"
    assert rule in act.rules
    assert not Suggestion.objects.filter(act=act).exists()
    told = next(told for told in entries_about(scene.world.person.id) if told.id == act.entry)
    assert told.event is not None
    assert told.event.payload["ai_received"] is True, "the log says that the AI had received data"
    assert len(scene.ai.received) == 1


def test_a_change_that_alters_nothing_lets_the_answer_through_without_asking_twice(scene: Scene) -> None:
    def change() -> None:
        choose(scene.world.person, ChoiceAnswer.YES, scene.world.carer, kind="glucose", at=timezone.now())

    (card,) = called_while(scene, change).cards
    assert card["summary"] == "IA\u00a0: Poids stable"
    assert len(scene.ai.received) == 1


def test_a_declaration_narrowed_meanwhile_is_asked_anew_with_less(scene: Scene) -> None:
    narrow = {"patient": {"query": "Patient/{{context.patientId}}", "fields": ["Patient.birthDate"], "required": False}}

    def change() -> None:
        from colloque.projects.models import Service

        Service.objects.filter(id=scene.world.service.id).update(prefetch=narrow)

    assert called_while(scene, change).status == 200
    first, second = scene.ai.received
    assert b"gender" in first
    assert b"gender" not in second


def test_a_choice_waits_for_the_act_being_written_or_the_act_for_the_choice(scene: Scene) -> None:
    """A choice not yet committed holds the person's row: the act waits for it, then sees it."""
    scene.ehr.call()
    with ThreadPoolExecutor(1) as pool:
        from django.db import transaction

        with transaction.atomic():
            refuse(scene)
            call = pool.submit(scene.ehr.call)
            with pytest.raises(TimeoutError):
                call.result(timeout=1.0)
        (card,) = call.result(timeout=10).cards
    assert card["summary"].startswith("Pas d’IA pour cet acte")
    connection.close()
