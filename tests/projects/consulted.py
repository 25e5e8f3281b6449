"""Consultations behind a project, as they stand once they closed: who answered, and what carers said of trust."""

from __future__ import annotations

from datetime import datetime, timedelta

from colloque.consultations.core.groups import GroupOfPeople
from colloque.consultations.core.state import ConsultationState
from colloque.consultations.models import Consultation, Statement, Vote
from colloque.people.models import Account
from colloque.projects.actions import attach_statement
from colloque.projects.models import Project
from tests.consultations.story import consultation, participant, statement
from tests.people.houses import NOW

NEED, TRUST = 1, 2
ENOUGH = 5


def said(
    project: Project,
    by: Account,
    *,
    residents: int = ENOUGH,
    carers: int = ENOUGH,
    agree: int = ENOUGH,
    state: ConsultationState = ConsultationState.ANSWERED,
    closed_at: datetime = NOW,
) -> Consultation:
    """A consultation of the project's house: everybody says there is a need, `agree` of the carers that they trust the AI."""
    number = Consultation.objects.filter(establishment=project.establishment).count() + 1
    held = consultation(project.establishment, by, number=number, state=state)
    if state is not ConsultationState.OPEN:
        Consultation.objects.filter(pk=held.pk).update(closed_at=closed_at)
    statement(held, NEED, "Les chutes de la nuit nous inquiètent.")
    statement(held, TRUST, "J’accepte de travailler avec cette IA.")
    groups = [GroupOfPeople.RESIDENTS] * residents + [GroupOfPeople.CARERS] * carers
    for place, group in enumerate(groups, start=1):
        participant(held, place, group)
        answers = (
            {NEED: 1} if group is GroupOfPeople.RESIDENTS else {NEED: 1, TRUST: 1 if place - residents <= agree else -1}
        )
        Vote.objects.bulk_create(
            Vote(consultation=held, participant_number=place, statement_number=number, value=value, at=NOW)
            for number, value in answers.items()
        )
    return held


def attached(
    project: Project, held: Consultation, number: int, *, by: Account, asks_for_trust: bool = False
) -> Statement:
    """One of its statements attached to the project, as its lead does."""
    found = held.statements.get(number=number)
    attach_statement(project, found.id, asks_for_trust=asks_for_trust, by=by, at=NOW + timedelta(minutes=5))
    return found


def consulted(project: Project, by: Account) -> Consultation:
    """People were heard about this project, and its carers trust it."""
    held = said(project, by)
    attached(project, held, NEED, by=by)
    attached(project, held, TRUST, by=by, asks_for_trust=True)
    return held
