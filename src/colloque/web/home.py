"""What awaits whoever is signed in, most pressing first. One function per role; who holds several roles gets all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from itertools import chain

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from colloque.acts.queries import WorkLine, worklist
from colloque.charter.queries import awaiting
from colloque.consultations.queries.ideas import ideas_waiting
from colloque.consultations.queries.moderation import waiting_in
from colloque.consultations.queries.pages import public_list
from colloque.kernel.errors import NotFoundError
from colloque.kernel.vocabulary import ProjectStatus, Requirement, Role
from colloque.learning.queries import is_attested, learners
from colloque.ledger.queries import health
from colloque.patients.access import own_person, trusting_persons
from colloque.patients.core.erasure import ErasureState
from colloque.patients.core.trust import Power
from colloque.patients.queries import (
    erasure_requests_for,
    names_of,
    own_talk_requests,
    questions_for,
    talk_requests_for,
)
from colloque.people.access import Viewer
from colloque.people.queries import team
from colloque.projects.queries import projects_for
from colloque.web.labels import label_of
from colloque.web.templatetags.colloque import clock, grouped
from colloque.web.words import duration_words, elided


class Pressing(IntEnum):
    """How much a line presses; the smallest comes first."""

    SOMEBODY_WAITS_TOO_LONG = 0
    SOMEBODY_WAITS = 1
    A_DECISION_WAITS = 2
    SOMETHING_IS_ASKED = 3
    SOMETHING_IS_STOPPED = 4
    THE_CHARTER_WAITS = 5
    WORTH_A_LOOK = 6


@dataclass(frozen=True)
class Line:
    """One thing that awaits: what to do, a sentence, and one button."""

    pressing: Pressing
    what: str
    detail: str
    action: str
    url: str
    about: str = ""
    is_ai: bool = False
    since: datetime | None = None


@dataclass(frozen=True)
class Panel:
    """Something good to know beside what awaits: sentences, and where to read on."""

    title: str
    sentences: tuple[str, ...]
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Part:
    """What one role finds on its home. `tiles` are the few large doors of people who do not work here."""

    lines: tuple[Line, ...] = ()
    panels: tuple[Panel, ...] = ()
    tiles: tuple[Panel, ...] = ()


@dataclass(frozen=True)
class Home:
    """The home page of one person."""

    greeting: str
    lines: tuple[Line, ...]
    panels: tuple[Panel, ...]
    tiles: tuple[Panel, ...] = field(default=())


def home_of(viewer: Viewer, at: datetime) -> Home:
    """The home of whoever is signed in, in the establishment they are in now. Raises `EstablishmentNeededError`."""
    _house = viewer.house
    parts = [PARTS[role](viewer, at) for role in Role if role in viewer.roles]
    found = chain((line for part in parts for line in part.lines), _charter(viewer, at))
    lines = sorted(found, key=lambda line: (line.pressing, line.since or at))
    return Home(
        greeting=greeting(viewer.account.given_name, len(lines)),
        lines=tuple(lines),
        panels=_once(panel for part in parts for panel in part.panels),
        tiles=_once(panel for part in parts for panel in part.tiles),
    )


def greeting(name: str, count: int) -> str:
    """« Bonjour Sarah. Trois choses vous attendent. » Beyond ten, figures."""
    if count == 0:
        return _("Bonjour %(name)s. Rien ne vous attend.") % {"name": name}
    words = {
        1: _("Une chose vous attend."),
        2: _("Deux choses vous attendent."),
        3: _("Trois choses vous attendent."),
        4: _("Quatre choses vous attendent."),
        5: _("Cinq choses vous attendent."),
        6: _("Six choses vous attendent."),
        7: _("Sept choses vous attendent."),
        8: _("Huit choses vous attendent."),
        9: _("Neuf choses vous attendent."),
        10: _("Dix choses vous attendent."),
    }
    said = words.get(count) or ngettext("%(count)d chose vous attend.", "%(count)d choses vous attendent.", count) % {
        "count": count
    }
    return _("Bonjour %(name)s. %(said)s") % {"name": name, "said": said}


def _once(panels: Iterable[Panel]) -> tuple[Panel, ...]:
    return tuple({panel.title: panel for panel in panels}.values())


def _moment(moment: datetime) -> str:
    return _("le %(date)s à %(time)s") % {"date": date_format(localtime(moment), "j F"), "time": clock(moment)}


def _patient(viewer: Viewer, at: datetime) -> Part:
    try:
        person = own_person(viewer, at)
    except NotFoundError:  # the role outlives the stay
        return Part(tiles=_public_tiles(viewer.house.slug))
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
            (_("Vous l’avez demandé. C’est promis avant %(when)s.") % {"when": _moment(talk.deadline)},),
        )
        for talk in talks
    )
    mine = (
        _tile(
            _("Mes choix"),
            _("Ce que vous acceptez, ce que vous refusez. Vous changez d’avis quand vous voulez."),
            "patients:choices",
        ),
        _tile(_("Mon journal"), _("Quelle IA a approché vos soins, pourquoi, et qui a décidé."), "acts:journal"),
    )
    return Part(tuple(lines), promised, (*mine, *_public_tiles(viewer.house.slug)))


def _tile(title: str, sentence: str, name: str, *arguments: object) -> Panel:
    return Panel(title, (sentence,), ((title, reverse(name, args=arguments)),))


def _trusted_person(viewer: Viewer, at: datetime) -> Part:
    persons = trusting_persons(viewer, Power.SEE_CHOICES, at)
    names = names_of(persons)
    theirs = tuple(
        Panel(
            elided(_("Les choix de %(name)s") % {"name": names[person]}),
            (_("Ce que cette personne accepte de l’IA, et ce que vous pouvez répondre avec elle."),),
            (("", reverse("patients:choices-for", args=[person])),),
        )
        for person in persons
    )
    return Part(tiles=(*theirs, *_public_tiles(viewer.house.slug)))


def _public_tiles(slug: str) -> tuple[Panel, ...]:
    return (
        _tile(
            _("Consultations"),
            _("Donner votre avis, lire celui des autres et ce qui a été répondu."),
            "consultations:public",
            slug,
        ),
        _tile(
            _("La boîte à idées"), _("Dire où une IA aiderait, et où elle doit rester dehors."), "consultations:ideas"
        ),
        _tile(_("Notre charte"), _("Ce que nous avons décidé ensemble sur l’IA."), "charter:public", slug),
        _tile(_("Les IA chez nous"), _("Celles qui servent ici, celles qui sont arrêtées."), "projects:public", slug),
    )


def _carer(viewer: Viewer, at: datetime) -> Part:
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
    return Part(tuple(lines), (*panels, *_consulted(viewer, at), *_systems(viewer)))


def _consulted(viewer: Viewer, at: datetime) -> Iterator[Panel]:
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


def _facilitating(viewer: Viewer, at: datetime) -> Part:
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
    return Part(tuple(lines), (open_panel, *_consulted(viewer, at), *_systems(viewer)))


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
        when = {"when": _moment(talk.deadline)}
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


def _data_protection_officer(viewer: Viewer, at: datetime) -> Part:
    lines = [
        Line(
            Pressing.SOMEBODY_WAITS_TOO_LONG if request.deadline <= at else Pressing.SOMEBODY_WAITS,
            _("Répondre à une demande d’effacement"),
            _("%(name)s. Réponse due avant %(when)s.") % {"name": request.name, "when": _moment(request.deadline)},
            _("Voir la demande"),
            reverse("patients:erasure", args=[request.id]),
            about=request.name,
            since=request.deadline,
        )
        for request in erasure_requests_for(viewer)
        if request.state is ErasureState.ASKED
    ]
    return Part(tuple(lines), (*_systems(viewer), _ledger()))


def _systems(viewer: Viewer) -> Iterator[Panel]:
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


def _projects(viewer: Viewer, at: datetime) -> Part:  # noqa: ARG001
    return Part((), tuple(_systems(viewer)))


def _project_lead(viewer: Viewer, at: datetime) -> Part:  # noqa: ARG001
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
    return Part((*stopped, *drafts), tuple(_systems(viewer)))


def _administrator(viewer: Viewer, at: datetime) -> Part:
    found = team(viewer.house, at)
    unprotected = sum(one.is_staff and not one.has_second_factor for one in found.members)
    lines = [*_training(viewer, at)]
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


def _training(viewer: Viewer, at: datetime) -> Iterator[Line]:
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


def _ledger() -> Panel:
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


def _charter(viewer: Viewer, at: datetime) -> Iterator[Line]:
    """What of the charter waits for somebody of the committee, or for whoever signs."""
    language = "en" if (get_language() or "fr").startswith("en") else "fr"
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


def _director(viewer: Viewer, at: datetime) -> Part:
    watched = _oversight(viewer, at)
    return Part((*watched.lines, *_training(viewer, at)), watched.panels)


def _oversight(viewer: Viewer, at: datetime) -> Part:  # noqa: ARG001
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
    return Part(lines, (*_systems(viewer), _ledger()))


PARTS: dict[Role, Callable[[Viewer, datetime], Part]] = {
    Role.PATIENT: _patient,
    Role.TRUSTED_PERSON: _trusted_person,
    Role.CARER: _carer,
    Role.PROJECT_LEAD: _project_lead,
    Role.ETHICS_MEMBER: _facilitating,
    Role.FACILITATOR: _facilitating,
    Role.DIRECTOR: _director,
    Role.DATA_PROTECTION_OFFICER: _data_protection_officer,
    Role.AUDITOR: _oversight,
    Role.SYSTEM_EXPERT: _projects,
    Role.ADMINISTRATOR: _administrator,
}
