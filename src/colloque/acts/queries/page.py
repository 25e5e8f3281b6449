"""One act's page: the person first, then what is asked, what was read, what the AI said if it may be shown, what was decided."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext, pgettext

from colloque.acts.access import act_for, carers_for
from colloque.acts.core.call import about_input
from colloque.acts.core.decision import HumanDecision, read_decision
from colloque.acts.core.reading import Conclusion, OwnReading, Sureness, read_reading, read_readings
from colloque.acts.core.state import ActState
from colloque.acts.models import Act, Decision, OwnAssessment
from colloque.acts.queries.answers import AnswerView, answers_of
from colloque.acts.queries.opening import opened
from colloque.acts.queries.persons import PersonCard, person_card
from colloque.acts.queries.rules import RuleWords, charter_number, rules_in_words
from colloque.acts.queries.worklist import facts_of, verdict_of
from colloque.acts.words import Outside, number, outside_sentences, problem_sentence, unit, withheld_sentence
from colloque.kernel.errors import TamperedError
from colloque.kernel.vocabulary import ACT_TRAITS, ActKind, ChoiceAnswer, Outcome, Profession, Requirement
from colloque.ledger.queries import open_one
from colloque.patients.queries import current_presences
from colloque.people.language import page_language
from colloque.people.models import Account
from colloque.projects.core.inputs import Input, Value, read_inputs, values_of

ASKING_LASTS = timedelta(hours=24)


@dataclass(frozen=True)
class OwnView:
    """An own reading, read back."""

    carer: str
    reading: str
    sureness: Sureness
    words: str
    at: datetime


@dataclass(frozen=True)
class DecisionView:
    """A decision, read back."""

    carer: str
    profession: Profession | None
    outcome: Outcome
    outcome_words: str
    retained: str
    reasons: tuple[str, ...]
    words: str
    patient_view: str
    at: datetime
    through_ehr: bool


@dataclass(frozen=True)
class HandoverView:
    """One handover."""

    taker: str
    by: str
    at: datetime


@dataclass(frozen=True)
class AccessView:
    """Somebody looked again at the suggestion."""

    name: str
    purpose: str
    words: str
    at: datetime


@dataclass(frozen=True)
class ActPage:
    """What one viewer may read of one act. `answers` is empty until that viewer may see them."""

    id: UUID
    title: str
    state: ActState
    act_kind: ActKind
    person: PersonCard
    service_title: str
    project_name: str
    project_url: str
    owner_name: str
    is_owner: bool
    requested_at: datetime
    answered_at: datetime | None
    expires_at: datetime
    step: Requirement | None
    presence_noted: bool
    readings: tuple[Conclusion, ...]
    rules: tuple[RuleWords, ...]
    problems: tuple[str, ...]
    charter_number: int
    choice_then: ChoiceAnswer | None
    data: tuple[tuple[str, str], ...] = ()
    own: OwnView | None = None
    answers: tuple[AnswerView, ...] = ()
    proposed: str = ""
    is_unlike_anything_learned: bool = False
    refused_since: bool = False
    decision: DecisionView | None = None
    withheld_words: str = ""
    outside: tuple[Outside, ...] = ()
    colleagues: tuple[tuple[UUID, str], ...] = ()
    handovers: tuple[HandoverView, ...] = ()
    accesses: tuple[AccessView, ...] = ()


def act_of(account: Account, act_id: UUID, at: datetime) -> Act:
    """The act itself, to hand to an action, for a carer who may see it. Raises `NotFoundError`."""
    return act_for(account, act_id, at)


def readings_of(act: Act) -> tuple[Conclusion, ...]:
    """The readings that the act's service declares."""
    return read_readings(act.service.readings)


def act_page(account: Account, act_id: UUID, at: datetime) -> ActPage:
    """One act as this account may read it. Raises `NotFoundError`.

    While undecided, what the AI said is opened for the owner alone, and only once their own reading is there if the act
    wants one. After the decision it is not opened here at all: see `acts.actions.access_suggestion`.
    """
    act = act_for(account, act_id, at)
    is_owner = act.owner_id == account.id
    kind, state, verdict = ActKind(act.act_kind), ActState(act.state), verdict_of(act)
    owner_of_reading = (
        act.owner_id if state in (ActState.DECIDED, ActState.ABSTAINED, ActState.WITHHELD) else account.id
    )
    found = own_reading_of(act, owner_of_reading)
    person = person_card(act.person, at, act_kind=kind, project=act.project_id)
    page = ActPage(
        id=act.id,
        title="",
        state=state,
        act_kind=kind,
        person=person,
        service_title=act.service.title,
        project_name=act.project.name,
        project_url=_project_url(act),
        owner_name=act.owner.full_name if act.owner is not None else "",
        is_owner=is_owner,
        requested_at=act.requested_at,
        answered_at=act.answered_at,
        expires_at=act.requested_at + ASKING_LASTS,
        step=step_for(act, account),
        presence_noted=state is ActState.ASKING and current_presences(act.person, at).exists(),
        readings=read_readings(act.service.readings),
        rules=rules_in_words(act.charter_id, verdict.rules, act.establishment.slug),
        problems=tuple(filter(None, (problem_sentence(code) for code in verdict.errors))),
        charter_number=charter_number(act.charter_id),
        choice_then=facts_of(act).person.choice,
        own=found[1] if found else None,
        handovers=tuple(
            HandoverView(taker=h.taker.full_name, by=h.by.full_name, at=h.at)
            for h in act.handovers.select_related("taker", "by").order_by("at")
        ),
    )
    page = replace(page, title=_title(page))
    if state not in (ActState.ASKING, ActState.OPEN) and person.choice is not page.choice_then:
        page = replace(page, person=replace(person, choice=page.choice_then, choice_since=None, is_choice_then=True))
    if state in (ActState.ASKING, ActState.OPEN) and is_owner:
        others = [m.account for m in carers_for(act, at) if m.account_id != account.id]
        page = replace(page, colleagues=tuple((other.id, other.full_name) for other in others))
    if state is ActState.ASKING and is_owner:
        return replace(page, data=_data_that_would_leave(act))
    if state is ActState.OPEN and is_owner and person.choice is ChoiceAnswer.NO:
        return replace(page, refused_since=True)
    if state is ActState.OPEN and is_owner and page.step is None:
        answers = answers_of(act, found[0] if found else None)
        proposed = next((a.label for a in answers if a.label), "")
        return replace(page, answers=answers, proposed=proposed)
    if state is ActState.ABSTAINED:
        answers = answers_of(act, None)
        return replace(page, answers=answers, is_unlike_anything_learned=any(a.is_outside for a in answers))
    if state is ActState.WITHHELD:
        return replace(page, withheld_words=withheld_sentence(act.withheld_because), outside=_outside(act))
    if state is ActState.DECIDED:
        return replace(page, decision=decision_view(act), accesses=accesses_of(act))
    return page


def step_for(act: Act, account: Account) -> Requirement | None:
    """What is asked first of this account: by the charter while asking; an own reading before an answer is shown to them."""
    if act.state == ActState.ASKING:
        asks = verdict_of(act).asks
        given = act.own_assessments.filter(carer=account).exists()
        return next((a for a in asks if not (a is Requirement.OWN_ASSESSMENT and given)), None)
    if act.state == ActState.OPEN and wants_own_reading(act) and not act.own_assessments.filter(carer=account).exists():
        return Requirement.OWN_ASSESSMENT
    return None


def wants_own_reading(act: Act) -> bool:
    """Whether nobody may see the answer before an own reading: by the kind of act, or because somebody gave one before."""
    return ACT_TRAITS[ActKind(act.act_kind)].own_assessment_first or act.own_assessments.exists()


def own_reading_of(act: Act, carer: UUID | None) -> tuple[OwnReading, OwnView] | None:
    """The own reading of one carer on an act, if it was given and opens still."""
    row = act.own_assessments.filter(carer_id=carer).select_related("carer").first()
    plain = None if row is None else opened(act.person, row.sealed, about_own_assessment(row))
    if row is None or plain is None:
        return None
    reading = read_reading(plain)
    language = page_language()
    return reading, OwnView(
        carer=row.carer.full_name,
        reading=reading.reading.words(language),
        sureness=reading.sureness,
        words=reading.words,
        at=row.made_at,
    )


def about_own_assessment(row: OwnAssessment) -> bytes:
    """What a sealed own assessment is about."""
    return f"own-assessment/{row.id}".encode()


def about_decision(act: UUID) -> bytes:
    """What a sealed decision is about."""
    return f"decision/{act}".encode()


def about_access(access: UUID) -> bytes:
    """What the sealed words of an access are about."""
    return f"suggestion-access/{access}".encode()


def opened_decision(act: Act) -> tuple[Decision, HumanDecision]:
    """The decision of a decided act; without words or view once the person's key was erased."""
    row = Decision.objects.select_related("carer").get(act=act)
    plain = opened(act.person, row.sealed, about_decision(act.id))
    if plain is None:
        return row, HumanDecision(outcome=Outcome(row.outcome), reasons=tuple(row.reasons))
    return row, read_decision(plain)


def decision_view(act: Act) -> DecisionView:
    """The decision of a decided act, read back."""
    row, decision = opened_decision(act)
    language = page_language()
    membership = row.carer.memberships.filter(establishment=act.establishment_id, profession__gt="").first()
    words = {
        Outcome.FOLLOWED: pgettext("avis de l’IA", "Suivi"),
        Outcome.ADAPTED: pgettext("avis de l’IA", "Adapté"),
        Outcome.SET_ASIDE: pgettext("avis de l’IA", "Écarté"),
    }
    return DecisionView(
        carer=row.carer.full_name,
        profession=Profession(membership.profession) if membership else None,
        outcome=decision.outcome,
        outcome_words=words[decision.outcome],
        retained=decision.retained.words(language) if decision.retained else "",
        reasons=decision.reasons,
        words=decision.words,
        patient_view=decision.patient_view,
        at=row.decided_at,
        through_ehr=row.through_ehr,
    )


def accesses_of(act: Act) -> tuple[AccessView, ...]:
    """Who looked again at the suggestion, and why; the latest first."""
    rows = act.accesses.select_related("account").order_by("-at")
    return tuple(
        AccessView(
            name=row.account.full_name,
            purpose=row.purpose,
            words=((opened(act.person, row.sealed, about_access(row.id)) or b"") if row.sealed else b"").decode(),
            at=row.at,
        )
        for row in rows
    )


def input_values(act: Act) -> tuple[tuple[Input, Value], ...]:
    """The declared values that wait to leave while an act asks for something; none once they were cleared or erased."""
    plain = None if act.sealed_input is None else opened(act.person, act.sealed_input, about_input(act.id))
    if plain is None:
        return ()
    body = msgspec.json.decode(plain)
    prefetch = body.get("prefetch", {}) if isinstance(body, dict) else {}
    inputs = read_inputs(act.service.inputs)
    values = values_of(inputs, prefetch)
    return tuple((one, values[one.key]) for one in inputs if one.key in values)


def _data_that_would_leave(act: Act) -> tuple[tuple[str, str], ...]:
    language = page_language()
    return tuple((one.label(language), _value_words(one, value, language)) for one, value in input_values(act))


def _value_words(one: Input, value: Value, language: str) -> str:
    if isinstance(value, bool):
        return gettext("oui") if value else gettext("non")
    if isinstance(value, str):
        option = next((o for o in one.options if o.code == value), None)
        return value if option is None else (option.en if language.startswith("en") else option.fr)
    return f"{number(value)} {unit(one.unit)}".strip()


def _outside(act: Act) -> tuple[Outside, ...]:
    """Which conditions of the intended use were not met, as the log keeps them."""
    try:
        event = open_one(act.entry).event
    except TamperedError:
        return ()
    withheld = event.payload.get("withheld", {}) if event is not None else {}
    if withheld.get("code") != "outside-intended-use":
        return ()
    return outside_sentences(str(withheld.get("path", "")), read_inputs(act.service.inputs))


def _project_url(act: Act) -> str:
    try:
        return reverse("projects:public-project", args=[act.establishment.slug, act.project.slug])
    except NoReverseMatch:
        return ""


def _title(page: ActPage) -> str:
    name = {"name": page.person.name}
    if page.state is ActState.OPEN:
        if not page.is_owner:
            return gettext("Une décision attend pour %(name)s") % name
        if page.step is None:
            return gettext("Votre décision pour %(name)s") % name
        return gettext("Votre lecture d’abord, pour %(name)s") % name
    if page.state is ActState.ASKING:
        return {
            Requirement.OWN_ASSESSMENT: gettext("Votre lecture d’abord, pour %(name)s"),
            Requirement.HUMAN_PRESENCE: gettext("La présence auprès de %(name)s est notée")
            if page.presence_noted
            else gettext("Il manque quelqu’un auprès de %(name)s"),
            Requirement.EXPLICIT_YES: gettext("Demandez d’abord à %(name)s"),
        }.get(page.step or Requirement.EXCHANGE_PLANNED, gettext("Une demande en attente pour %(name)s")) % name
    return {
        ActState.DECIDED: gettext("Décision prise pour %(name)s"),
        ActState.REFUSED: gettext("Pas d’IA pour %(name)s"),
        ActState.ABSTAINED: gettext("L’IA ne se prononce pas pour %(name)s"),
        ActState.WITHHELD: gettext("Pas de réponse de l’IA pour %(name)s"),
        ActState.EXPIRED: gettext("Demande effacée pour %(name)s"),
    }[page.state] % name
