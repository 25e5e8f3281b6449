"""Durations in words, and sentences in which a name was put."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from colloque.people.language import is_english
from colloque.web import typography


def duration_words(elapsed: timedelta) -> str:
    """How long, in the largest unit that says enough: minutes, hours, days, then months of 30 days and years."""
    minutes = max(0, int(elapsed.total_seconds() // 60))
    if minutes < 1:
        return _("moins d’une minute")
    if minutes < 60:
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    hours = minutes // 60
    if hours < 24:
        return ngettext("%(count)d heure", "%(count)d heures", hours) % {"count": hours}
    days = hours // 24
    if days < 60:
        return ngettext("%(count)d jour", "%(count)d jours", days) % {"count": days}
    months = days // 30
    if months < 24:
        return ngettext("%(count)d mois", "%(count)d mois", months) % {"count": months}
    years = days // 365
    return ngettext("%(count)d an", "%(count)d ans", years) % {"count": years}


def elided(sentence: str) -> str:
    """A sentence in which a name was put, as one says it in the language of the page: « auprès d’Odette »."""
    return typography.elided(sentence) if speaks_french() else sentence


def spaced(words: str) -> str:
    """Words from elsewhere than the catalogues (a rule, a declaration), with the spaces the page's language puts at signs."""
    return typography.spaced(words) if speaks_french() else typography.percents_joined(words)


def speaks_french() -> bool:
    """Whether the page is in French."""
    return not is_english()
