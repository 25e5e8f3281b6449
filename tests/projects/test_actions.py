"""Declaring, starting, suspending, lifting: who may, what must be there, and at once everywhere."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.db import connection, transaction

from colloque.charter.core.constitution import packaged
from colloque.charter.core.engine import Charter
from colloque.charter.core.facts import (
    CarerFacts,
    EstablishmentFacts,
    Facts,
    MomentFacts,
    OwnAssessmentFacts,
    PersonFacts,
    PresenceFacts,
    ProjectFacts,
)
from colloque.kernel.errors import ColloqueError, ConflictError, InvalidInputError, NotAllowedError, NotFoundError
from colloque.kernel.vocabulary import (
    ActKind,
    Autonomy,
    ChoiceAnswer,
    Profession,
    ProjectStatus,
    Role,
    Track,
    VerdictKind,
)
from colloque.ledger.queries import entries_about
from colloque.people.access import Viewer, current_memberships
from colloque.people.models import Account
from colloque.projects.access import project_for, stoppable_projects
from colloque.projects.actions import (
    NotReadyError,
    change_project,
    declare_intended_use,
    declare_model_card,
    declare_project,
    declare_service,
    lift,
    make_live,
    suspend,
)
from colloque.projects.core.intended_use import IntendedUse
from colloque.projects.core.lifecycle import Requirement
from colloque.projects.core.model_card import ModelCard
from colloque.projects.models import Project, Suspension
from colloque.projects.queries import missing_of, projects_for, public_project, public_projects
from tests.people.houses import NOW, member
from tests.projects.consulted import consulted
from tests.projects.story import INPUTS, PREFETCH, Story, everybody_but, ready_project

LATER = NOW + timedelta(hours=1)


def viewer(account: Account) -> Viewer:
    memberships = tuple(current_memberships(LATER).filter(account=account).select_related("establishment", "unit"))
    return Viewer(account, memberships[0].establishment if memberships else None, memberships)


def a_verdict_on(project: Project) -> VerdictKind:
    facts = Facts(
        project=ProjectFacts(
            id=project.id,
            status=ProjectStatus(project.status),
            track=Track(project.track),
            autonomy=Autonomy(project.autonomy),
            acts=frozenset({ActKind.FALL_RISK}),
        ),
        act_kind=ActKind.FALL_RISK,
        person=PersonFacts(id=uuid4(), age=80, situations=frozenset(), choice=ChoiceAnswer.YES),
        carer=CarerFacts(id=uuid4(), profession=Profession.NURSE, attested=True),
        moment=MomentFacts(hour=10, weekday=1),
        establishment=EstablishmentFacts(id=project.establishment_id),
        presence=PresenceFacts(human_present=True, attested_by=uuid4()),
        own_assessment=OwnAssessmentFacts(made=True),
    )
    return Charter.compile(1, packaged("starter")).decide(facts).kind


def declared(story: Story, by: Account, **more: Any) -> Project:
    details: dict[str, Any] = {
        "slug": "robot",
        "name": "Robot de compagnie",
        "intention": "Parler avec qui s’ennuie.",
        "track": Track.BEDSIDE,
        "autonomy": Autonomy.ACTS_UNDER_WATCH,
        "lead": story.lead,
        **more,
    }
    return declare_project(story.house, by=by, at=LATER, **details)


def test_a_lead_declares_what_they_lead_and_the_director_what_others_lead(story: Story) -> None:
    assert declared(story, story.lead).status == ProjectStatus.DRAFT.value
    assert declared(story, story.director, slug="autre").lead == story.lead
    for account in everybody_but(story, story.lead, story.director):
        with pytest.raises(NotFoundError):
            declared(story, account, slug="tiers")
    with pytest.raises(InvalidInputError):
        declared(story, story.director, slug="tiers", lead=story.nurse)
    with pytest.raises(ConflictError):
        declared(story, story.director)
    assert Project.objects.count() == 3


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"name": " "}, "name"),
        ({"intention": ""}, "intention"),
        ({"endpoint": "http://127.0.0.1:9/"}, "endpoint"),
        ({"endpoint": "https://user:pw@ia.example.org"}, "endpoint"),
    ],
)
def test_what_cannot_be_declared_is_refused_with_its_place(story: Story, change: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        declared(story, story.director, **change)
    assert refused.value.path == path
    assert Project.objects.count() == 1


def test_an_ai_on_this_machine_is_for_the_demonstration_alone(story: Story, settings: LazySettings) -> None:
    settings.DEMO = True
    assert declared(story, story.director, endpoint="http://127.0.0.1:8101/").endpoint == "http://127.0.0.1:8101"


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"slug": "A b"}, "slug"),
        ({"remote_id": "../x"}, "remote_id"),
        ({"hook": "on-monday"}, "hook"),
        ({"title": ""}, "title"),
        ({"prefetch": {"signs": {**PREFETCH["signs"], "fields": ["Patient.name"]}}}, "prefetch.signs.fields.0"),
        ({"inputs": [{**INPUTS[0], "prefetch": "elsewhere"}]}, "inputs.0.prefetch"),
        ({"readings": [{"code": "a", "fr": "a"}]}, "readings"),
    ],
)
def test_a_service_that_could_not_keep_its_word_is_refused(story: Story, change: dict[str, Any], path: str) -> None:
    service: dict[str, Any] = {
        "slug": "autre",
        "remote_id": "x",
        "hook": "patient-view",
        "act_kind": ActKind.WEIGHT,
        "title": "t",
        "description": "d",
        "prefetch": PREFETCH,
        "inputs": INPUTS,
        **change,
    }
    with pytest.raises(InvalidInputError) as refused:
        declare_service(story.draft, by=story.lead, at=LATER, **service)
    assert refused.value.path == path


@pytest.mark.parametrize(
    ("lacking", "requirement"),
    [
        ({"endpoint": ""}, Requirement.ENDPOINT),
        ({"intention": " "}, Requirement.INTENTION),
        ({"intended_use": {}}, Requirement.INTENDED_USE),
        ({"model_card": {}}, Requirement.MODEL_CARD),
    ],
)
def test_a_project_that_lacks_something_does_not_go_live(
    story: Story, lacking: dict[str, Any], requirement: Requirement
) -> None:
    Project.objects.filter(id=story.draft.id).update(**lacking)
    with pytest.raises(NotReadyError) as refused:
        make_live(story.draft, by=story.director, at=LATER)
    assert refused.value.missing == (requirement,)
    story.draft.refresh_from_db()
    assert story.draft.status == ProjectStatus.DRAFT.value


def test_without_a_service_or_with_a_lead_who_left_it_does_not_go_live_either(story: Story) -> None:
    story.draft.services.all().delete()
    story.lead.memberships.update(valid_until=NOW)
    assert missing_of(story.draft, LATER) == (Requirement.LEAD, Requirement.SERVICES)
    with pytest.raises(NotReadyError):
        make_live(story.draft, by=story.director, at=LATER)


@pytest.mark.principle("E14")
def test_a_suspension_acts_at_once_everywhere_and_lifting_needs_the_director(story: Story) -> None:
    project = make_live(story.draft, by=story.director, at=LATER)
    assert a_verdict_on(project) is VerdictKind.PERMITTED
    before = project.version
    suspension = suspend(project, "Trois alertes fausses cette nuit.", by=story.ethics, at=LATER)
    project.refresh_from_db()
    assert a_verdict_on(project) is VerdictKind.REFUSED, "the next call is refused"
    assert project.version > before, "an answer under way was decided on an older version and is not shown"
    assert suspension.suspended_by == story.ethics
    for account in everybody_but(story, story.director):
        with pytest.raises((NotFoundError, NotAllowedError)):
            lift(project, "C’est réparé.", by=account, at=LATER)
    lift(project, "Le seuil a été corrigé, le comité est d’accord.", by=story.director, at=LATER)
    project.refresh_from_db()
    assert a_verdict_on(project) is VerdictKind.PERMITTED
    kinds = [entry.kind for entry in entries_about(story.house.id) if entry.kind.startswith("project.")]
    assert kinds[:3] == ["project.lifted", "project.suspended", "project.made-live"]


@pytest.mark.principle("E14")
def test_many_may_stop_an_ai_and_nobody_without_a_reason(story: Story) -> None:
    project = make_live(story.draft, by=story.director, at=LATER)
    with pytest.raises(InvalidInputError):
        suspend(project, "  ", by=story.director, at=LATER)
    for account in (story.nurse, story.other_lead):
        with pytest.raises(NotAllowedError):
            suspend(project, "…", by=account, at=LATER)
    for account in (story.patient, story.stranger):
        with pytest.raises(NotFoundError):
            suspend(project, "…", by=account, at=LATER)
    for account in (story.director, story.lead, story.ethics, story.officer):
        suspend(project, "Un doute.", by=account, at=LATER)
        with pytest.raises(ConflictError):
            suspend(project, "Encore.", by=account, at=LATER)
        lift(project, "Levé.", by=story.director, at=LATER)
    assert Suspension.objects.filter(lifted_at__isnull=False).count() == 4


def test_only_the_director_makes_live_and_only_once(story: Story) -> None:
    for account in everybody_but(story, story.director):
        with pytest.raises((NotFoundError, NotAllowedError)):
            make_live(story.draft, by=account, at=LATER)
    make_live(story.draft, by=story.director, at=LATER)
    with pytest.raises(ConflictError):
        make_live(story.draft, by=story.director, at=LATER)


def test_what_is_declared_of_a_live_ai_does_not_change_under_people(story: Story) -> None:
    project = make_live(story.draft, by=story.director, at=LATER)
    with pytest.raises(ConflictError):
        change_project(project, endpoint="https://ailleurs.example.org", by=story.lead, at=LATER)
    with pytest.raises(ConflictError):
        declare_intended_use(project, IntendedUse(), by=story.lead, at=LATER)
    with pytest.raises(ConflictError):
        declare_model_card(project, ModelCard(), by=story.lead, at=LATER)
    suspend(project, "On change d’adresse.", by=story.lead, at=LATER)
    change_project(project, endpoint="https://ailleurs.example.org", by=story.lead, at=LATER)
    declare_model_card(project, ModelCard(), by=story.lead, at=LATER)
    with pytest.raises(NotReadyError):
        lift(project, "Prêt.", by=story.director, at=LATER)
    for account in everybody_but(story, story.lead, story.director):
        with pytest.raises((NotFoundError, NotAllowedError)):
            change_project(project, name="Autre", by=account, at=LATER)


def test_a_suspension_and_its_ledger_entry_roll_back_together(
    story: Story, settings: LazySettings, tmp_path: Path
) -> None:
    project = make_live(story.draft, by=story.director, at=LATER)
    before = len(entries_about(story.house.id))
    with transaction.atomic():
        suspend(project, "Un doute.", by=story.director, at=LATER)
        transaction.set_rollback(True)
    project.refresh_from_db()
    assert project.status == ProjectStatus.LIVE.value
    assert len(entries_about(story.house.id)) == before
    settings.COLLOQUE_KEYS_DIR = tmp_path
    with pytest.raises(ColloqueError):
        suspend(project, "Un doute.", by=story.director, at=LATER)
    assert not Suspension.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_people_stop_the_same_ai_at_the_same_moment() -> None:
    from tests.projects.story import story as told

    story = told()
    project = make_live(story.draft, by=story.director, at=LATER)
    barrier, ends = threading.Barrier(3), []

    def stop(by: Account) -> None:
        try:
            barrier.wait(timeout=20)
            suspend(project, "Un doute.", by=by, at=LATER)
            ends.append("stopped")
        except ConflictError:
            ends.append("already stopped")
        finally:
            connection.close()

    threads = [threading.Thread(target=stop, args=(by,)) for by in (story.director, story.lead, story.ethics)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(ends) == ["already stopped", "already stopped", "stopped"]
    assert Suspension.objects.count() == 1


def test_staff_see_the_projects_of_their_house_and_nobody_else_does(story: Story) -> None:
    for account in everybody_but(story, story.patient, story.stranger):
        assert [system.name for system in projects_for(viewer(account))] == ["Aide aux chutes"]
        assert project_for(viewer(account), story.draft.id) == story.draft
    assert projects_for(viewer(story.stranger)) == []
    for account in (story.patient, story.stranger):
        with pytest.raises(NotFoundError):
            project_for(viewer(account), story.draft.id)
    with pytest.raises(NotFoundError):
        projects_for(viewer(story.patient))


def test_one_screen_shows_what_the_viewer_may_stop(story: Story) -> None:
    second = ready_project(story.house, story.other_lead, slug="memoire", name="Aide-mémoire")
    consulted(second, story.other_lead)
    for project in (story.draft, second):
        make_live(project, by=story.director, at=LATER)
    assert stoppable_projects(viewer(story.lead), LATER) == [story.draft]
    assert stoppable_projects(viewer(story.ethics), LATER) == [story.draft, second]
    with pytest.raises(NotFoundError):
        stoppable_projects(viewer(story.nurse), LATER)


def test_the_public_reads_every_ai_the_ones_in_preparation_too(story: Story) -> None:
    make_live(story.draft, by=story.director, at=LATER)
    suspend(story.draft, "Trois alertes fausses.", by=story.director, at=LATER)
    declared(story, story.director)
    stopped, thought_of = public_projects(story.house)
    assert (stopped.status, thought_of.status) == (ProjectStatus.SUSPENDED, ProjectStatus.DRAFT)
    assert stopped.stop is not None
    assert stopped.stop.reason == "Trois alertes fausses."
    assert public_project(story.house, "chutes").services[0].receives[0].words.fr == "Le poids des derniers mois"
    with pytest.raises(NotFoundError):
        public_project(story.houses.saint_roch, "chutes")


def test_a_role_in_one_unit_does_not_reach_the_whole_house(story: Story) -> None:
    partial = member("partial@example.org", story.house, Role.DIRECTOR, unit=story.houses.garden)
    with pytest.raises(NotFoundError):
        declared(story, partial, slug="tiers")
    with pytest.raises(NotAllowedError):
        make_live(story.draft, by=partial, at=LATER)
    with pytest.raises(NotAllowedError):
        change_project(story.draft, name="Autre", by=partial, at=LATER)
    make_live(story.draft, by=story.director, at=LATER)
    suspend(story.draft, "Trois alertes fausses dans notre jardin.", by=partial, at=LATER)
    with pytest.raises(NotAllowedError):
        lift(story.draft, "Tout va bien.", by=partial, at=LATER)
    story.draft.refresh_from_db()
    assert story.draft.status == ProjectStatus.SUSPENDED, "whoever may only stop cannot start again"
