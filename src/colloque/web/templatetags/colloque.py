"""`{% load colloque %}`: words for durations and vocabulary, bars without inline style, pieces of form fields."""

from __future__ import annotations

from datetime import datetime, time
from decimal import Decimal
from enum import Enum

from django import forms, template
from django.forms.boundfield import BoundField
from django.utils import timezone
from django.utils.formats import number_format, time_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from colloque.web import words
from colloque.web.labels import label_of
from colloque.web.typography import NO_BREAK
from colloque.web.words import duration_words

register = template.Library()


@register.filter
def label(value: Enum | str) -> str:
    """The word people read for a value of the vocabulary."""
    return label_of(value)


register.filter("act_kind", label)


@register.filter
def since(moment: datetime | None, now: datetime | None = None) -> str:
    """« depuis 12 jours »; empty for no moment."""
    if moment is None:
        return ""
    return _("depuis %(duration)s") % {"duration": duration_words((now or timezone.now()) - moment)}


@register.filter
def ago(moment: datetime | None, now: datetime | None = None) -> str:
    """« il y a 12 jours »; empty for no moment."""
    if moment is None:
        return ""
    return _("il y a %(duration)s") % {"duration": duration_words((now or timezone.now()) - moment)}


@register.filter
def clock(moment: datetime | time | None) -> str:
    """The hour as one says it: « 18 h », « 14 h 02 »; empty for no moment."""
    if moment is None:
        return ""
    local = timezone.localtime(moment) if isinstance(moment, datetime) and timezone.is_aware(moment) else moment
    with_minutes = pgettext("heure avec minutes, format de Django", r"G \h i")
    alone = pgettext("heure ronde, format de Django", r"G \h")
    return time_format(local, with_minutes if local.minute else alone).replace(" ", NO_BREAK)


@register.filter(is_safe=True)
def elided(sentence: str) -> str:
    """`{% filter elided %}` around a sentence in which a name follows « de » or « que »: « auprès d’Odette »."""
    return words.elided(str(sentence))


@register.filter(is_safe=True)
def spaced(text: str) -> str:
    """French words that come from no catalogue, with the no-break spaces of their signs."""
    return words.spaced(str(text))


@register.filter
def grouped(number: float) -> str:
    """A number as the language writes it, thousands set apart, without useless zeros: « 1 155 », « 0,5 », “1,155”."""
    return str(number_format(Decimal(repr(number)).normalize(), use_l10n=True, force_grouping=True))


@register.filter
def percent(value: int) -> str:
    """A share in whole percent as the language writes it: « 34 % », “34%”."""
    return _("%(share)d %%") % {"share": value}


@register.simple_tag
def meter(value: float | Decimal, maximum: float | Decimal = 100, css: str = "") -> SafeString:
    """A bar as SVG attributes; the figure itself must stand in words beside it. Negative values are drawn as `against`."""
    share = 0.0 if not maximum else min(1.0, abs(float(value)) / float(maximum))
    classes = " ".join(part for part in ("meter", css, "against" if value < 0 else "") if part)
    return format_html(
        '<svg class="{}" aria-hidden="true" focusable="false"><rect class="track" width="100%" height="100%" rx="5"/>'
        '<rect class="value" width="{}%" height="100%" rx="5"/></svg>',
        classes,
        f"{100 * share:.1f}",
    )


@register.filter
def is_checkbox(field: BoundField) -> bool:
    """Whether the field is one box to tick."""
    return isinstance(field.field.widget, forms.CheckboxInput)


@register.filter
def target_id(field: BoundField) -> str:
    """The id to which the summary of errors leads: the control itself, or the group it belongs to."""
    return f"{field.auto_id}_group" if field.use_fieldset else field.id_for_label


@register.filter
def first_line(text: str) -> str:
    """What stands before the first line break."""
    return str(text).partition("\n")[0]


@register.filter
def other_lines(text: str) -> str:
    """What stands after the first line break."""
    return str(text).partition("\n")[2]
