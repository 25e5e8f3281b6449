"""Whatever changes about a person or a project, its version grows."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from colloque.patients.models import Choice, Person
from colloque.people.models import Account, Establishment
from colloque.projects.models import Project, Service

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)


@pytest.fixture
def house() -> Establishment:
    return Establishment.objects.create(slug="tilleuls", name="Les Tilleuls", kind="nursing-home")


def test_a_new_choice_makes_the_person_newer(house: Establishment) -> None:
    somebody = Account.objects.create_user("a@example.org")
    person = Person.objects.create(establishment=house)
    Choice.objects.create(person=person, act_kind="weight", answer="no", given_by=somebody, given_at=NOW)
    person.refresh_from_db()
    assert person.version == 2


def test_two_open_answers_to_one_question_cannot_exist(house: Establishment) -> None:
    from django.db import IntegrityError

    somebody = Account.objects.create_user("a@example.org")
    person = Person.objects.create(establishment=house)
    Choice.objects.create(person=person, answer="no", given_by=somebody, given_at=NOW)
    with pytest.raises(IntegrityError):
        Choice.objects.create(person=person, answer="yes", given_by=somebody, given_at=NOW)


def test_a_changed_service_makes_its_project_newer(house: Establishment) -> None:
    lead = Account.objects.create_user("lead@example.org")
    project = Project.objects.create(
        establishment=house, slug="p", name="P", intention="…", track="bedside", autonomy="suggests", lead=lead
    )
    Service.objects.create(
        project=project, slug="s", remote_id="s", hook="patient-view", act_kind="weight", title="t", description="d"
    )
    project.refresh_from_db()
    assert project.version == 2
    project.save()
    project.refresh_from_db()
    assert project.version == 3
