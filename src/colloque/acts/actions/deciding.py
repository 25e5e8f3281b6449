"""The human end of an act: an own reading before seeing anything, a decision with its reasons, and who it belongs to."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

import msgspec
from django.db import transaction
from django.utils.translation import gettext

from colloque.acts.access import act_for, carers_for, require_owner
from colloque.acts.core.decision import AccessPurpose, decision_bytes, human_decision
from colloque.acts.core.reading import checked_words, own_reading, read_readings, reading_bytes
from colloque.acts.core.state import ActState
from colloque.acts.models import Act, Decision, Handover, OwnAssessment, SpokenAnswer, SuggestionAccess
from colloque.acts.queries.answers import AnswerView, answers_of, proposed_by
from colloque.acts.queries.page import about_access, about_decision, about_own_assessment, own_reading_of, step_for
from colloque.acts.queries.persons import choice_and_date
from colloque.acts.queries.worklist import asked_of
from colloque.kernel.errors import ConflictError, InvalidInputError
from colloque.kernel.sealing import seal
from colloque.kernel.vocabulary import ActKind, ChoiceAnswer, Outcome, Requirement
from colloque.ledger.actions import record, subject_key
from colloque.people.access import nothing_here
from colloque.people.models import Account


def held(act: Act, by: Account, at: datetime) -> Act:
    """The act as it is now, held against any other change, for a carer who may see it. Raises `NotFoundError`."""
    Act.objects.select_for_update().filter(id=act.id).values_list("id").first()
    return act_for(by, act.id, at)


@transaction.atomic
def note_own_assessment(
    act: Act, *, reading: str, sureness: str, words: str, by: Account, at: datetime
) -> OwnAssessment:
    """Record what the owner judges before seeing anything; it never changes afterwards.

    Raises `NotFoundError`, `NotAllowedError` for another than the owner, `InvalidInputError`, and `ConflictError` where it
    was given already or the act does not wait for it.
    """
    act = held(act, by, at)
    require_owner(act, by, gettext("Cet acte attend une autre personne. Prenez d’abord le relais."))
    if act.state not in (ActState.ASKING, ActState.OPEN):
        raise ConflictError(gettext("Cet acte n’attend plus de lecture. Rechargez la page."), code="act-closed")
    if act.own_assessments.filter(carer=by).exists():
        raise ConflictError(
            gettext("Votre lecture est déjà notée. Elle ne change plus une fois donnée."), code="assessment-given"
        )
    if step_for(act, by) is not Requirement.OWN_ASSESSMENT and Requirement.OWN_ASSESSMENT not in asked_of(act):
        raise ConflictError(
            gettext("Cet acte ne demande pas de lecture avant la réponse."), code="assessment-not-asked"
        )
    given = own_reading(read_readings(act.service.readings), reading=reading, sureness=sureness, words=words)
    row = OwnAssessment(id=uuid4(), act=act, carer=by, made_at=at)
    row.sealed = seal(
        subject_key(act.person_id),
        reading_bytes(given),
        about=about_own_assessment(row),
        random_bytes=secrets.token_bytes,
    )
    row.save(force_insert=True)
    act.entry = record(
        "assessment.recorded",
        subject=act.person_id,
        payload={"act": str(act.id), "carer": str(by.id), "assessment": msgspec.to_builtins(given)},
    )
    act.save(update_fields=["entry"])
    return row


@transaction.atomic
def note_spoken_answer(act: Act, *, said_yes: bool, by: Account, at: datetime) -> SpokenAnswer:
    """Record what the person said about this one act; no lasting choice changes.

    Raises `NotFoundError`, `NotAllowedError` for another than the owner, `ConflictError` where nothing is asked or an answer
    was noted already.
    """
    act = held(act, by, at)
    require_owner(act, by, gettext("Cet acte attend une autre personne. Prenez d’abord le relais."))
    if Requirement.EXPLICIT_YES not in asked_of(act):
        raise ConflictError(
            gettext("Cet acte n’attend pas la réponse de la personne. Rechargez la page."), code="yes-not-asked"
        )
    if SpokenAnswer.objects.filter(act=act).exists():
        raise ConflictError(gettext("La réponse de la personne est déjà notée."), code="answer-given")
    answer = SpokenAnswer.objects.create(act=act, said_yes=said_yes, heard_by=by, at=at)
    act.entry = record(
        "answer.heard",
        subject=act.person_id,
        payload={"act": str(act.id), "said_yes": said_yes, "heard_by": str(by.id)},
    )
    act.save(update_fields=["entry"])
    return answer


@transaction.atomic
def decide(
    act: Act,
    *,
    outcome: str,
    reasons: Sequence[str],
    words: str = "",
    retained: str = "",
    patient_view: str = "",
    by: Account,
    at: datetime,
    through_ehr: bool = False,
) -> Decision:
    """End an act by the decision of the named carer it belongs to: `followed`, `adapted` or `set-aside`.

    Nothing else in the house ends an open act. Of a person who was erased nothing is written any more. Where the person has
    said no since the AI answered, its word is no longer followed or adapted from our pages; an EHR tells what was done there
    (`through_ehr`) and that is kept as it was. Raises `NotFoundError`, `NotAllowedError` for another than the owner,
    `InvalidInputError` with `path`, and `ConflictError` where it was decided meanwhile, or the own reading has not been given.
    """
    act = held(act, by, at)
    require_owner(act, by, gettext("Cette décision revient à une autre personne. Prenez d’abord le relais."))
    if act.state == ActState.DECIDED:
        raise ConflictError(
            gettext("La décision est déjà prise. Rechargez la page pour la lire."), code="already-decided"
        )
    if act.state != ActState.OPEN:
        raise ConflictError(gettext("Cet acte n’attend pas de décision. Rechargez la page."), code="act-closed")
    if not through_ehr and step_for(act, by) is not None:
        raise ConflictError(gettext("Donnez d’abord votre propre lecture."), code="assessment-first")
    if act.person.erased_at is not None and (words.strip() or retained.strip() or patient_view.strip()):
        raise InvalidInputError(
            gettext("Cette personne est effacée d’ici, à sa demande. Décidez sans rien écrire d’elle."), path="words"
        )
    own = own_reading_of(act, by.id)
    decision = human_decision(
        outcome,
        reasons,
        words=words,
        retained=retained,
        patient_view=patient_view,
        proposed=proposed_by(act),
        own=own[0] if own else None,
        readings=read_readings(act.service.readings),
        through_ehr=through_ehr,
    )
    if not through_ehr and decision.outcome is not Outcome.SET_ASIDE and refused_since(act):
        raise ConflictError(
            gettext("La personne a dit non à l’IA depuis la demande. Décidez sans elle : choisissez « écarter »."),
            code="refused-since",
        )
    row = Decision.objects.create(
        act=act,
        carer=by,
        outcome=decision.outcome.value,
        reasons=list(decision.reasons),
        sealed=seal(
            subject_key(act.person_id),
            decision_bytes(decision),
            about=about_decision(act.id),
            random_bytes=secrets.token_bytes,
        ),
        through_ehr=through_ehr,
        decided_at=at,
    )
    act.state, act.closed_at = ActState.DECIDED.value, at
    act.entry = record(
        "decision.recorded",
        subject=act.person_id,
        payload={
            "act": str(act.id),
            "carer": str(by.id),
            "through_ehr": through_ehr,
            "decision": msgspec.to_builtins(decision),
        },
    )
    act.save(update_fields=["state", "closed_at", "entry"])
    return row


@transaction.atomic
def hand_over(act: Act, *, to: UUID, by: Account, at: datetime) -> Handover:
    """Pass an act that waits to another carer of the person; its owner may, and whoever takes it over themselves.

    Raises `NotFoundError`, `NotAllowedError` for another than the owner, `InvalidInputError` for somebody who may not own it,
    `ConflictError` where nothing waits any more.
    """
    act = held(act, by, at)
    if act.state not in (ActState.ASKING, ActState.OPEN):
        raise ConflictError(gettext("Cet acte n’attend plus personne. Rechargez la page."), code="act-closed")
    if to != by.id:
        require_owner(act, by, gettext("Seule la personne à qui cette décision revient peut la confier."))
    if to == act.owner_id:
        raise ConflictError(gettext("Cette décision est déjà la sienne."), code="already-owner")
    taker = next((m.account for m in carers_for(act, at) if m.account_id == to), None)
    if taker is None:
        raise InvalidInputError(gettext("Cette personne ne peut pas décider ici. Choisissez-en une autre."), path="to")
    handover = Handover.objects.create(act=act, giver=act.owner, taker=taker, by=by, at=at)
    act.owner = taker
    act.entry = record(
        "act.handed-over",
        subject=act.person_id,
        payload={
            "act": str(act.id),
            "from": str(handover.giver_id) if handover.giver_id else None,
            "to": str(to),
            "by": str(by.id),
        },
    )
    act.save(update_fields=["owner", "entry"])
    return handover


@transaction.atomic
def withdraw(act: Act, *, by: Account, at: datetime) -> None:
    """End an act that still asks for something and clear the data that waited: the AI has received nothing.

    Raises `NotFoundError`, `NotAllowedError` for another than the owner, `ConflictError` where the AI has answered or nothing
    waits any more.
    """
    act = held(act, by, at)
    require_owner(act, by, gettext("Cet acte attend une autre personne. Prenez d’abord le relais."))
    if act.state != ActState.ASKING:
        raise ConflictError(gettext("Cette demande ne peut plus être retirée. Rechargez la page."), code="act-closed")
    act.state, act.closed_at, act.sealed_input = ActState.EXPIRED.value, at, None
    act.entry = record("act.withdrawn", subject=act.person_id, payload={"act": str(act.id), "by": str(by.id)})
    act.save(update_fields=["state", "closed_at", "sealed_input", "entry"])


@transaction.atomic
def access_suggestion(act: Act, *, purpose: str, words: str = "", by: Account, at: datetime) -> tuple[AnswerView, ...]:
    """What the AI had said, once a human has decided, for a stated purpose that is recorded before anything opens.

    Raises `NotFoundError`, `InvalidInputError` for a purpose outside the list, `ConflictError` before the decision.
    """
    act = held(act, by, at)
    if act.person.erased_at is not None:
        raise nothing_here()
    if act.state != ActState.DECIDED:
        raise ConflictError(gettext("L’avis de l’IA ne se relit qu’une fois la décision prise."), code="not-decided")
    try:
        known = AccessPurpose(purpose)
    except ValueError as error:
        raise InvalidInputError(gettext("Dites pourquoi vous voulez relire l’avis de l’IA."), path="purpose") from error
    said = checked_words(words, "words")
    access = SuggestionAccess(id=uuid4(), act=act, account=by, purpose=known.value, at=at)
    if said:
        access.sealed = seal(
            subject_key(act.person_id), said.encode(), about=about_access(access.id), random_bytes=secrets.token_bytes
        )
    access.save(force_insert=True)
    record(
        "suggestion.accessed",
        subject=act.person_id,
        payload={"act": str(act.id), "access": str(access.id), "by": str(by.id), "purpose": known.value, "words": said},
    )
    own = own_reading_of(act, act.owner_id)
    return answers_of(act, own[0] if own and act.owner_id == by.id else None)


def refused_since(act: Act) -> bool:
    """Whether the person's answer has become a no since the AI answered."""
    answer, _since = choice_and_date(act.person, ActKind(act.act_kind), act.project_id)
    return answer is ChoiceAnswer.NO
