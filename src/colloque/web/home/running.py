"""The homes of whoever runs the house: consultations, projects, data, accounts, oversight."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from colloque.consultations.queries.ideas import ideas_waiting
from colloque.consultations.queries.moderation import waiting_in
from colloque.kernel.vocabulary import ProjectStatus
from colloque.ledger.queries import health
from colloque.patients.core.erasure import ErasureState
from colloque.patients.queries import (
    erasure_requests_for,
)
from colloque.people.access import Viewer
from colloque.people.queries import team
from colloque.projects.queries import projects_for
from colloque.web.home.everybody import ai_panels, consultation_panels, ledger_panel, training_lines
from colloque.web.home.line import Line, Panel, Part, Pressing, moment_words, tile


def facilitating(viewer: Viewer, at: datetime) -> Part:
    """What whoever runs consultations finds."""
    lines = [
        Line(
            Pressing.A_DECISION_WAITS,
            _("Relire pour « %(title)s »") % {"title": consultation.title},
            ngettext(
                "%(count)d affirmation attend d’être relue. Personne ne peut y répondre d’ici là.",
                "%(count)d affirmations attendent d’être relues. Personne ne peut y répondre d’ici là.",
                count,
            )
            % {"count": count},
            _("Relire"),
            reverse("consultations:moderate", args=[consultation.id]),
            about=consultation.title,
            since=since,
        )
        for consultation, count, since in waiting_in(viewer.house)
    ]
    ideas, oldest = ideas_waiting(viewer.house)
    if ideas:
        lines.append(
            Line(
                Pressing.A_DECISION_WAITS,
                _("Répondre aux idées du terrain"),
                ngettext("%(count)d idée attend une réponse.", "%(count)d idées attendent une réponse.", ideas)
                % {"count": ideas},
                _("Lire"),
                reverse("consultations:ideas"),
                since=oldest,
            )
        )
    open_panel = Panel(
        _("Ouvrir une consultation"),
        (_("Une question, quelques affirmations, un lien : deux minutes."),),
        ((_("Préparer"), reverse("consultations:new")),),
    )
    return Part(tuple(lines), (open_panel, *consultation_panels(viewer, at), *ai_panels(viewer)))


def data_protection_officer(viewer: Viewer, at: datetime) -> Part:
    """What whoever protects data finds."""
    lines = [
        Line(
            Pressing.SOMEBODY_WAITS_TOO_LONG if request.deadline <= at else Pressing.SOMEBODY_WAITS,
            _("Répondre à une demande d’effacement"),
            _("%(name)s. Réponse due avant %(when)s.") % {"name": request.name, "when": moment_words(request.deadline)},
            _("Voir la demande"),
            reverse("patients:erasure", args=[request.id]),
            about=request.name,
            since=request.deadline,
        )
        for request in erasure_requests_for(viewer)
        if request.state is ErasureState.ASKED
    ]
    return Part(tuple(lines), (*ai_panels(viewer), ledger_panel()))


def system_expert(viewer: Viewer, at: datetime) -> Part:  # noqa: ARG001
    """What an expert of the information system finds."""
    return Part((), tuple(ai_panels(viewer)))


def project_lead(viewer: Viewer, at: datetime) -> Part:  # noqa: ARG001
    """What whoever leads projects finds."""
    systems = projects_for(viewer)
    stopped = [
        Line(
            Pressing.SOMETHING_IS_STOPPED,
            _("Suivre l’arrêt de « %(name)s »") % {"name": system.name},
            system.stop.reason,
            _("Voir le projet"),
            reverse("projects:project", args=[system.id]),
            about=system.name,
            since=system.stop.since,
        )
        for system in systems
        if system.stop is not None
    ]
    drafts = [
        Line(
            Pressing.WORTH_A_LOOK,
            _("Préparer « %(name)s »") % {"name": system.name},
            _("Elle n’agit pas encore. Sa fiche dit ce qui manque."),
            _("Voir le projet"),
            reverse("projects:project", args=[system.id]),
            about=system.name,
        )
        for system in systems
        if system.status is ProjectStatus.DRAFT
    ]
    return Part((*stopped, *drafts), tuple(ai_panels(viewer)))


def administrator(viewer: Viewer, at: datetime) -> Part:
    """What whoever manages accounts finds."""
    found = team(viewer.house, at)
    unprotected = sum(one.is_staff and not one.has_second_factor for one in found.members)
    lines = [*training_lines(viewer, at)]
    if unprotected:
        lines.append(
            Line(
                Pressing.WORTH_A_LOOK,
                _("Aider l’équipe à protéger ses comptes"),
                ngettext(
                    "%(count)d personne de l’équipe n’a pas encore de seconde preuve pour se connecter.",
                    "%(count)d personnes de l’équipe n’ont pas encore de seconde preuve pour se connecter.",
                    unprotected,
                )
                % {"count": unprotected},
                _("Voir l’équipe"),
                reverse("people:list"),
            )
        )
    waiting = len(found.invitations)
    said = (
        ngettext(
            "%(count)d invitation attend d’être acceptée.",
            "%(count)d invitations attendent d’être acceptées.",
            waiting,
        )
        % {"count": waiting}
        if waiting
        else _("Aucune invitation n’attend.")
    )
    return Part(tuple(lines), (Panel(_("L’équipe"), (said,), ((_("Voir l’équipe"), reverse("people:list")),)),))


def director(viewer: Viewer, at: datetime) -> Part:
    """What the direction finds."""
    watched = oversight(viewer, at)
    return Part((*watched.lines, *training_lines(viewer, at)), watched.panels)


def oversight(viewer: Viewer, at: datetime) -> Part:  # noqa: ARG001
    """What whoever watches over the house finds."""
    lines: tuple[Line, ...] = ()
    if health().is_late:
        lines = (
            Line(
                Pressing.SOMETHING_IS_STOPPED,
                _("Regarder le registre"),
                _("Une ligne attend d’être signée depuis plus longtemps que promis."),
                _("Voir"),
                reverse("ledger:home"),
            ),
        )
    slug = viewer.house.slug
    doors = (
        tile(
            _("Notre charte"),
            _("Chaque règle, qui l’a voulue, depuis quand, et les versions d’avant."),
            "charter:public",
            slug,
        ),
        tile(
            _("Les propositions"),
            _("Ce qui a été proposé, rejoué, voté et signé, et où la décision s’écarte de l’avis."),
            "charter:proposals",
        ),
        tile(
            _("Consultations"),
            _("Ce qu’on a demandé, ce que les gens ont répondu, et ce qu’on leur a répondu."),
            "consultations:public",
            slug,
        ),
    )
    return Part(lines, (*ai_panels(viewer), ledger_panel()), doors)
