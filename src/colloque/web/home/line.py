"""What a home is made of: lines that await, panels beside them, and the few large doors of people who do not work here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from colloque.web.templatetags.colloque import clock


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


def tile(title: str, sentence: str, name: str, *arguments: object) -> Panel:
    """A door to the page of this `name`."""
    return Panel(title, (sentence,), ((title, reverse(name, args=arguments)),))


def moment_words(moment: datetime) -> str:
    """« le 3 mars à 18 h »."""
    return _("le %(date)s à %(time)s") % {"date": date_format(localtime(moment), "j F"), "time": clock(moment)}
