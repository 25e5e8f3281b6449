"""The record of a decision, to keep in the care record: the human reasoning, and nothing of what the AI had said."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext

from colloque.acts.access import act_for
from colloque.acts.core.state import ActState
from colloque.acts.labels import words_of
from colloque.acts.models import Act
from colloque.acts.queries.page import DecisionView, OwnView, decision_view, own_reading_of
from colloque.acts.queries.persons import PersonCard, person_card
from colloque.fhir.decision import Section, ToldDecision, decision_document
from colloque.kernel.vocabulary import ActKind
from colloque.people.access import nothing_here
from colloque.people.language import page_language
from colloque.people.models import Account


@dataclass(frozen=True)
class DecisionRecord:
    """The record as people and programs read it."""

    act: UUID
    act_kind: ActKind
    person: PersonCard
    house: str
    title: str
    decision: DecisionView
    own: OwnView | None
    sections: tuple[Section, ...]
    entry: UUID
    fhir: str


def decision_record(account: Account, act_id: UUID, at: datetime) -> DecisionRecord:
    """The record of a decided act, for a carer who may see it. Raises `NotFoundError`, also before the decision."""
    act = act_for(account, act_id, at)
    if act.state != ActState.DECIDED:
        raise nothing_here()
    person = person_card(act.person, at)
    decision = decision_view(act)
    found = own_reading_of(act, act.owner_id)
    own = found[1] if found else None
    title = gettext("Compte rendu d’une décision de soin")
    sections = _sections(act, decision, own)
    told = ToldDecision(
        act=act.id,
        person=act.person_id,
        person_name=person.name,
        carer=_owner(act).id,
        carer_name=decision.carer,
        carer_profession=decision.profession.value if decision.profession else "",
        house=act.establishment_id,
        house_name=act.establishment.name,
        at=decision.at.astimezone(ZoneInfo(act.establishment.timezone)),
        title=title,
        kind=act.service.title,
        conclusion=capfirst(decision.retained),
        sections=sections,
        language=page_language(),
    )
    return DecisionRecord(
        act=act.id,
        act_kind=ActKind(act.act_kind),
        person=person,
        house=act.establishment.name,
        title=title,
        decision=decision,
        own=own,
        sections=sections,
        entry=act.entry,
        fhir=json.dumps(decision_document(told), ensure_ascii=False, indent=2),
    )


def _owner(act: Act) -> Account:
    if act.owner is None:
        raise nothing_here()
    return act.owner


def _sections(act: Act, decision: DecisionView, own: OwnView | None) -> tuple[Section, ...]:
    """The parts of the record. That the decision follows or departs from an AI is not told: it is not a norm."""
    when = date_format(decision.at.astimezone(ZoneInfo(act.establishment.timezone)), "j F Y, H:i")
    decided = [capfirst(decision.retained)] if decision.retained else []
    decided.append(gettext("Décidé par %(carer)s, le %(when)s.") % {"carer": decision.carer, "when": when})
    reasons = [words_of(code) for code in decision.reasons if not code.startswith("ai-")]
    sections = [Section(gettext("Décision"), tuple(decided))]
    if own is not None:
        reading = gettext("%(reading)s (confiance : %(sureness)s).") % {
            "reading": capfirst(own.reading),
            "sureness": words_of(own.sureness).lower(),
        }
        sections.append(Section(gettext("Lecture du soignant"), tuple(filter(None, (reading, own.words)))))
    if reasons or decision.words:
        sections.append(Section(gettext("Ce qui a décidé"), (*reasons, *filter(None, (decision.words,)))))
    sections.append(
        Section(
            gettext("Ce qu’en dit la personne"),
            (decision.patient_view or gettext("Rien n’a été noté."),),
        )
    )
    sections.append(
        Section(
            gettext("Place de l’intelligence artificielle"),
            (
                gettext(
                    "Une IA (« %(project)s ») a été consultée avant cette décision. Son avis est gardé à part de ce compte "
                    "rendu. Il n’est pas une norme : la décision est celle du soignant."
                )
                % {"project": act.project.name},
                gettext(
                    "Ce compte rendu laisse de côté ce que l’IA a proposé, ses raisons, et ce que le soignant a pensé d’elle. "
                    "Ainsi, personne ne juge une décision humaine en la comparant à une machine. Cela se lit à part, avec un "
                    "motif, et chaque lecture est notée."
                ),
            ),
        )
    )
    return tuple(sections)
