"""The homes of people who are cared for, of whom they trust, and of carers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from colloque.acts.queries import WorkLine, worklist
from colloque.kernel.errors import NotFoundError
from colloque.kernel.vocabulary import Requirement
from colloque.learning.queries import is_attested
from colloque.patients.access import own_person, trusting_persons
from colloque.patients.core.trust import Power
from colloque.patients.queries import (
    names_of,
    own_talk_requests,
    questions_for,
    talk_requests_for,
)
from colloque.people.access import Viewer
from colloque.web.home.everybody import ai_panels, consultation_panels, public_tiles
from colloque.web.home.line import Line, Panel, Part, Pressing, moment_words, tile
from colloque.web.labels import label_of
from colloque.web.words import duration_words, elided


def patient(viewer: Viewer, at: datetime) -> Part:
    """What a person who is cared for finds."""
    try:
        person = own_person(viewer, at)
    except NotFoundError:  # the role outlives the stay
        return Part(tiles=public_tiles(viewer.house.slug))
    questions = questions_for(person)
    left = [question for question in questions if question.answered is None]
    talks = own_talk_requests(person, at)
    lines = []
    if left:
        lines.append(
            Line(
                Pressing.A_DECISION_WAITS,
                _("Dire ce que vous acceptez"),
                ngettext(
                    "Une question sur l’IA attend votre réponse. Vos soins continuent, quoi que vous répondiez.",
                    "%(count)d questions sur l’IA attendent votre réponse. Vos soins continuent, quoi que vous répondiez.",
                    len(left),
                )
                % {"count": len(left)},
                _("Répondre"),
                reverse("patients:choices"),
            )
        )
    promised = tuple(
        Panel(
            _("%(carer)s va vous parler") % {"carer": talk.carer},
            (_("Vous l’avez demandé. C’est promis avant %(when)s.") % {"when": moment_words(talk.deadline)},),
        )
        for talk in talks
    )
    mine = (
        tile(
            _("Mes choix"),
            _("Ce que vous acceptez, ce que vous refusez. Vous changez d’avis quand vous voulez."),
            "patients:choices",
        ),
        tile(_("Mon journal"), _("Quelle IA a approché vos soins, pourquoi, et qui a décidé."), "acts:journal"),
    )
    return Part(tuple(lines), promised, (*mine, *public_tiles(viewer.house.slug)))


def trusted_person(viewer: Viewer, at: datetime) -> Part:
    """What somebody whom others trust finds."""
    persons = trusting_persons(viewer, Power.SEE_CHOICES, at)
    names = names_of(persons)
    journals = trusting_persons(viewer, Power.READ_JOURNAL, at)
    names |= names_of(journals)
    theirs = tuple(
        Panel(
            elided(_("Les choix de %(name)s") % {"name": names[person]}),
            (_("Ce que cette personne accepte de l’IA, et ce qu’elle refuse."),),
            (("", reverse("patients:choices-for", args=[person])),),
        )
        for person in persons
    )
    told = tuple(
        Panel(
            elided(_("Le journal de %(name)s") % {"name": names[person]}),
            (_("Quelle IA a approché ses soins, pourquoi, et qui a décidé."),),
            (("", reverse("acts:journal-for", args=[person])),),
        )
        for person in journals
    )
    return Part(tiles=(*theirs, *told, *public_tiles(viewer.house.slug)))


def carer(viewer: Viewer, at: datetime) -> Part:
    """What a carer finds."""
    work = worklist(viewer.account, at)
    lines = [*map(_decision, work.open), *map(_asked, work.asking), *map(_adrift, work.adrift), *_talks(viewer, at)]
    panels = []
    if not is_attested(viewer.account, viewer.house, at):
        panels.append(
            Panel(
                _("Votre formation n’est pas encore attestée"),
                (
                    _("D’ici là, aucune IA ne vous répond. Tout le reste fonctionne."),
                    _("Parlez-en à la personne qui gère les accès."),
                ),
            )
        )
    return Part(tuple(lines), (*panels, *consultation_panels(viewer, at), *ai_panels(viewer)))


def _decision(work: WorkLine) -> Line:
    return Line(
        Pressing.A_DECISION_WAITS,
        _("Décider pour %(name)s") % {"name": work.person},
        _("%(act)s. Attend votre décision depuis %(duration)s.") % _told(work),
        _("Donner mon avis"),
        reverse("acts:act", args=[work.id]),
        about=work.person,
        is_ai=True,
        since=work.since,
    )


def _asked(work: WorkLine) -> Line:
    what, action = {
        Requirement.OWN_ASSESSMENT: (_("Donner votre lecture pour %(name)s"), _("Donner ma lecture")),
        Requirement.HUMAN_PRESENCE: (_("Être auprès de %(name)s"), _("Je suis là")),
        Requirement.EXPLICIT_YES: (_("Demander son accord à %(name)s"), _("Noter sa réponse")),
    }.get(work.step or Requirement.EXCHANGE_PLANNED, (_("Compléter la demande pour %(name)s"), _("Continuer")))
    return Line(
        Pressing.SOMETHING_IS_ASKED,
        elided(what % {"name": work.person}),
        _("%(act)s. Demandé il y a %(duration)s. L’IA n’a encore rien reçu.") % _told(work),
        action,
        reverse("acts:act", args=[work.id]),
        about=work.person,
        since=work.since,
    )


def _adrift(work: WorkLine) -> Line:
    return Line(
        Pressing.SOMEBODY_WAITS_TOO_LONG,
        _("Prendre le relais pour %(name)s") % {"name": work.person},
        _("%(act)s. %(owner)s n’est plus dans l’équipe, et personne ne décide depuis %(duration)s.") % _told(work),
        _("Voir"),
        reverse("acts:act", args=[work.id]),
        about=work.person,
        is_ai=True,
        since=work.since,
    )


def _told(work: WorkLine) -> dict[str, str]:
    elapsed = timezone.now() - work.since
    return {"act": label_of(work.act_kind), "duration": duration_words(elapsed), "owner": work.owner}


def _talks(viewer: Viewer, at: datetime) -> Iterator[Line]:
    for talk in talk_requests_for(viewer, at):
        when = {"when": moment_words(talk.deadline)}
        detail = _("Le sujet : %(subject)s.") % {
            "subject": label_of(talk.act_kind) if talk.act_kind else _("l’IA en général")
        }
        detail += (
            " " + (_("Promis avant %(when)s : c’est passé.") if talk.is_late else _("Promis avant %(when)s.")) % when
        )
        if not talk.is_mine:
            detail += " " + _("%(carer)s devait le faire.") % {"carer": talk.carer}
        yield Line(
            Pressing.SOMEBODY_WAITS_TOO_LONG if talk.is_late else Pressing.SOMEBODY_WAITS,
            _("Parler avec %(name)s") % {"name": talk.name},
            detail,
            _("Voir la demande"),
            reverse("patients:person", args=[talk.person]),
            about=talk.name,
            since=talk.deadline,
        )
