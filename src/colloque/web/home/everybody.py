"""What stands on more than one home: consultations, the AI ai_panels, the ledger_panel, who is not trained yet, the charter."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from colloque.charter.queries import awaiting
from colloque.consultations.queries.pages import public_list
from colloque.kernel.vocabulary import ProjectStatus
from colloque.learning.queries import learners
from colloque.ledger.queries import health
from colloque.people.access import Viewer
from colloque.people.language import page_language
from colloque.projects.queries import projects_for
from colloque.web.home.line import Line, Panel, Pressing, tile
from colloque.web.templatetags.colloque import grouped
from colloque.web.words import duration_words


def public_tiles(slug: str) -> tuple[Panel, ...]:
    """The doors to what a house shows to anyone."""
    return (
        tile(
            _("Consultations"),
            _("Donner votre avis, lire celui des autres et ce qui a été répondu."),
            "consultations:public",
            slug,
        ),
        tile(
            _("La boîte à idées"), _("Dire où une IA aiderait, et où elle doit rester dehors."), "consultations:ideas"
        ),
        tile(_("Notre charte"), _("Ce que nous avons décidé ensemble sur l’IA."), "charter:public", slug),
        tile(_("Les IA chez nous"), _("Celles qui servent ici, celles qui sont arrêtées."), "projects:public", slug),
    )


def consultation_panels(viewer: Viewer, at: datetime) -> Iterator[Panel]:
    """What is asked of everybody now. Who already answered is not known here, and is not asked."""
    house = viewer.house
    asked = [line.consultation for line in public_list(house.slug, at).open]
    if asked:
        yield Panel(
            _("Votre avis est demandé"),
            tuple(consultation.question for consultation in asked),
            tuple(
                (consultation.title, reverse("consultations:join", args=[consultation.id])) for consultation in asked
            ),
        )
    yield Panel(
        _("La boîte à idées"),
        (_("Où une IA vous soulagerait-elle ? Où ne doit-elle pas entrer ?"),),
        ((_("Donner une idée"), reverse("consultations:ideas")),),
    )


def ai_panels(viewer: Viewer) -> Iterator[Panel]:
    """Where AI is stopped, and which AI are here."""
    systems = projects_for(viewer)
    links = ((_("Voir leurs fiches"), reverse("projects:public", args=[viewer.house.slug])),)
    stopped = [system for system in systems if system.stop is not None]
    if stopped:
        yield Panel(
            _("L’IA est arrêtée quelque part"),
            tuple(
                _("%(name)s : suspendue le %(date)s par %(by)s. %(reason)s")
                % {
                    "name": s.name,
                    "date": date_format(localtime(s.stop.since), "j F"),
                    "by": s.stop.by,
                    "reason": s.stop.reason,
                }
                for s in stopped
                if s.stop is not None
            ),
            links,
        )
    running = [system.name for system in systems if system.status is ProjectStatus.LIVE]
    coming = [system.name for system in systems if system.status is ProjectStatus.DRAFT]
    sentences = (
        _("En service : %(names)s.") % {"names": ", ".join(running)} if running else _("Aucune IA n’est en service."),
        *((_("En préparation : %(names)s.") % {"names": ", ".join(coming)},) if coming else ()),
    )
    yield Panel(_("Les IA chez nous"), sentences, () if stopped else links)


def training_lines(viewer: Viewer, at: datetime) -> Iterator[Line]:
    """How many carers are not attested yet, where there are any."""
    untrained = sum(not one.is_attested for one in learners(viewer.house, at))
    if untrained:
        yield Line(
            Pressing.WORTH_A_LOOK,
            _("Former ceux qui attendent"),
            ngettext(
                "%(count)d soignant n’est pas encore attesté. Aucune IA ne lui répond d’ici là.",
                "%(count)d soignants ne sont pas encore attestés. Aucune IA ne leur répond d’ici là.",
                untrained,
            )
            % {"count": untrained},
            _("Voir qui"),
            reverse("learning:list"),
        )


def ledger_panel() -> Panel:
    """How the ledger is, in a sentence."""
    state = health()
    if state.is_late:
        said = _(
            "Une ligne attend d’être signée depuis plus longtemps que promis. Rien n’est perdu ; le serveur est à regarder."
        )
    elif not state.size:
        said = _("Il est encore vide.")
    else:
        said = ngettext(
            "%(shown)s ligne signée. Personne ne peut la réécrire.",
            "%(shown)s lignes signées. Personne ne peut les réécrire.",
            state.size,
        ) % {"shown": grouped(state.size)}
    return Panel(_("Le registre"), (said,), ((_("Le vérifier"), reverse("ledger:home")),))


def charter_lines(viewer: Viewer, at: datetime) -> Iterator[Line]:
    """What of the charter waits for somebody of the committee, or for whoever signs."""
    language = page_language()
    told = {
        "vote": (Pressing.THE_CHARTER_WAITS, _("Une proposition attend votre voix"), _("Voter"), "charter:vote"),
        "decide": (Pressing.THE_CHARTER_WAITS, _("Le comité a donné son avis"), _("Décider"), "charter:decide"),
        "review": (Pressing.THE_CHARTER_WAITS, _("Une règle est à revoir"), _("La revoir"), "charter:review"),
    }
    for one in awaiting(viewer, at, language):
        pressing, what, action, name = told[one.what]
        title = one.title or _("Une charte entière")
        yield Line(
            pressing,
            what,
            _("« %(title)s ». Depuis %(duration)s.")
            % {"title": title, "duration": duration_words(max(at - one.since, timedelta()))},
            action,
            reverse(name, args=[one.proposal]),
            about=title,
            since=one.since,
        )
