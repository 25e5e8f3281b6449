"""What awaits whoever is signed in, most pressing first. One function per role; who holds several roles gets all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from colloque.kernel.vocabulary import Role
from colloque.people.access import Viewer
from colloque.web.home.care import carer, patient, trusted_person
from colloque.web.home.everybody import charter_lines
from colloque.web.home.line import Line, Panel, Part
from colloque.web.home.running import (
    administrator,
    data_protection_officer,
    director,
    facilitating,
    oversight,
    project_lead,
    system_expert,
)


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
    found = chain((line for part in parts for line in part.lines), charter_lines(viewer, at))
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


PARTS: dict[Role, Callable[[Viewer, datetime], Part]] = {
    Role.PATIENT: patient,
    Role.TRUSTED_PERSON: trusted_person,
    Role.CARER: carer,
    Role.PROJECT_LEAD: project_lead,
    Role.ETHICS_MEMBER: facilitating,
    Role.FACILITATOR: facilitating,
    Role.DIRECTOR: director,
    Role.DATA_PROTECTION_OFFICER: data_protection_officer,
    Role.AUDITOR: oversight,
    Role.SYSTEM_EXPERT: system_expert,
    Role.ADMINISTRATOR: administrator,
}
