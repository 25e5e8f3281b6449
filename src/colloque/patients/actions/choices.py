"""A person's answers about AI: given, changed, taken back, at any moment and without a reason."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from colloque.fhir.consent import ConsentAnswers
from colloque.kernel.errors import InvalidInputError, NotAllowedError
from colloque.kernel.vocabulary import ActKind, ChoiceAnswer
from colloque.ledger.actions import record
from colloque.patients.access import may_care, may_speak, require_caring, require_speaking
from colloque.patients.actions.held import hold
from colloque.patients.core.choices import CAUTION
from colloque.patients.core.trust import Power
from colloque.patients.models import Choice, Person, TrainingChoice
from colloque.patients.queries.choices import LEARNING, Question
from colloque.people.access import nothing_here
from colloque.people.models import Account
from colloque.projects.models import Project


def answer_question(
    person: Person, question: Question, said: ChoiceAnswer | None, *, by: Account, at: datetime
) -> None:
    """Note what was said to one of a person's questions; `None` takes back what was said before, if anything was.

    Raises as `give_choice`, `give_training_choice` and `withdraw_choice`.
    """
    if question.key == LEARNING:
        give_training_choice(person, said is ChoiceAnswer.YES, by=by, at=at)
    elif said is not None:
        give_choice(person, said, act_kind=question.act_kind, by=by, at=at)
    elif question.answered is not None:
        withdraw_choice(person, act_kind=question.act_kind, by=by, at=at)


@transaction.atomic
def give_choice(
    person: Person,
    answer: ChoiceAnswer,
    *,
    act_kind: ActKind | None = None,
    project: Project | None = None,
    by: Account,
    at: datetime,
) -> Choice:
    """Record what a person answers about a kind of act, a project, or all AI; the next call sees it.

    Given by the person, by whom they trust this far, or noted by one of their carers (`given_by` says who). The same answer
    again changes nothing, unless the person now says it themselves. Raises `NotFoundError` for anybody else,
    `InvalidInputError` for `unknown`, `NotAllowedError` where a carer would note less caution than the person asked for.
    """
    held = hold(person)
    _require_answering(by, held, at)
    if answer is ChoiceAnswer.UNKNOWN:
        raise InvalidInputError(gettext("Choisissez une réponse."), path="answer")
    if project is not None and project.establishment_id != held.establishment_id:
        raise nothing_here()
    return _answer(held, answer, act_kind, project, by, at)


@transaction.atomic
def withdraw_choice(
    person: Person, *, act_kind: ActKind | None = None, project: Project | None = None, by: Account, at: datetime
) -> None:
    """Take an answer back: for this question the person has said nothing any more. Raises `NotFoundError` without one."""
    held = hold(person)
    _require_answering(by, held, at)
    current = _current(held, act_kind, project)
    if current is None:
        raise nothing_here()
    _keep_what_they_said(held, current, ChoiceAnswer.YES, by, at)
    current.replaced_at = at
    current.save(update_fields=["replaced_at"])
    record(
        "choice.withdrawn",
        subject=held.id,
        payload={"choice": str(current.id), **_scope(act_kind, project), "by": str(by.id)},
    )


@transaction.atomic
def give_training_choice(person: Person, allowed: bool, *, by: Account, at: datetime) -> TrainingChoice:
    """Record whether a person lets an AI learn from their data. Raises `NotFoundError` for anybody else."""
    held = hold(person)
    _require_answering(by, held, at)
    return _training(held, allowed, by, at)


@transaction.atomic
def accept_consent(
    person: Person, answers: ConsentAnswers, projects: dict[str, Project], *, by: Account, at: datetime
) -> int:
    """Record what a FHIR Consent says about AI and give how many answers changed; all of it or nothing.

    `projects` leads from the consent's device references to projects of the person's establishment. Only a carer of the
    person brings in a consent. Raises `InvalidInputError` for a device that leads to no project.
    """
    held = hold(person)
    require_caring(by, held, at)
    changed = 0
    for said in answers.choices:
        project = projects.get(said.device) if said.device else None
        if said.device and (project is None or project.establishment_id != held.establishment_id):
            raise InvalidInputError(
                gettext("Ce consentement parle d’une IA que l’établissement ne connaît pas. Rien n’a été enregistré."),
                path="provision.actor",
            )
        current = _current(held, said.act_kind, project)
        if current is None or current.answer != said.answer:
            changed += 1
        _answer(held, said.answer, said.act_kind, project, by, at)
    if answers.training is not None:
        learning = _current_training(held)
        changed += learning is None or learning.allowed != answers.training
        _training(held, answers.training, by, at)
    return changed


def _require_answering(by: Account, person: Person, at: datetime) -> None:
    if not may_care(by, person, at):
        require_speaking(by, person, Power.GIVE_CHOICES, at)


def _keep_what_they_said(
    person: Person, current: Choice | None, answer: ChoiceAnswer, by: Account, at: datetime
) -> None:
    """A carer may note more caution than the person asked for themselves, never less. Raises `NotAllowedError`."""
    if current is None or CAUTION[answer] >= CAUTION[ChoiceAnswer(current.answer)]:
        return
    if may_care(current.given_by, person, at) and current.given_by_id != person.account_id:
        return
    if not may_speak(by, person, Power.GIVE_CHOICES, at):
        raise _their_own_answer()


def _their_own_answer() -> NotAllowedError:
    return NotAllowedError(
        gettext(
            "Cette personne a répondu elle-même. Vous pouvez noter plus de prudence, pas moins : "
            "elle seule, ou sa personne de confiance, peut revenir sur sa réponse."
        ),
        code="their-own-answer",
    )


def _current(person: Person, act_kind: ActKind | None, project: Project | None) -> Choice | None:
    return Choice.objects.filter(
        person=person, act_kind=act_kind or "", project=project, replaced_at__isnull=True
    ).first()


def _scope(act_kind: ActKind | None, project: Project | None) -> dict[str, Any]:
    return {"act_kind": act_kind.value if act_kind else "", "project": str(project.id) if project else ""}


def _answer(
    person: Person,
    answer: ChoiceAnswer,
    act_kind: ActKind | None,
    project: Project | None,
    by: Account,
    at: datetime,
) -> Choice:
    current = _current(person, act_kind, project)
    if current is not None:
        if current.answer == answer and (current.given_by_id == by.id or by.id != person.account_id):
            return current
        _keep_what_they_said(person, current, answer, by, at)
        current.replaced_at = at
        current.save(update_fields=["replaced_at"])
    choice = Choice.objects.create(
        person=person, act_kind=act_kind or "", project=project, answer=answer.value, given_by=by, given_at=at
    )
    record(
        "choice.given",
        subject=person.id,
        payload={
            "choice": str(choice.id),
            "answer": answer.value,
            "before": current.answer if current is not None else ChoiceAnswer.UNKNOWN.value,
            **_scope(act_kind, project),
            "by": str(by.id),
            "in_person": by.id == person.account_id,
        },
    )
    return choice


def _current_training(person: Person) -> TrainingChoice | None:
    return TrainingChoice.objects.filter(person=person, replaced_at__isnull=True).first()


def _training(person: Person, allowed: bool, by: Account, at: datetime) -> TrainingChoice:
    current = _current_training(person)
    if current is not None:
        if current.allowed == allowed and (current.given_by_id == by.id or by.id != person.account_id):
            return current
        if allowed and not may_care(current.given_by, person, at) and not may_speak(by, person, Power.GIVE_CHOICES, at):
            raise _their_own_answer()
        current.replaced_at = at
        current.save(update_fields=["replaced_at"])
    choice = TrainingChoice.objects.create(person=person, allowed=allowed, given_by=by, given_at=at)
    record(
        "training-choice.given",
        subject=person.id,
        payload={"choice": str(choice.id), "allowed": allowed, "by": str(by.id)},
    )
    return choice
