"""`{% load opinion_map %}`: signs of groups and bars of votes, as SVG without inline style."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from colloque.consultations.core.map_svg import swatch
from colloque.consultations.core.reading import Shares

register = template.Library()


@register.simple_tag
def group_sign(index: int) -> SafeString:
    """The shape of a group, beside its letter."""
    return mark_safe(swatch(index))  # noqa: S308 - made of a number


@register.simple_tag
def votes_bar(shares: Shares) -> SafeString:
    """Agreement from the left, disagreement from the right, passes between; the figures must stand in words beside it."""
    agree, disagree = shares.agree_percent, shares.disagree_percent
    return format_html(
        '<svg class="votes-bar" aria-hidden="true" focusable="false"><rect class="track" width="100%" height="100%"/>'
        '<rect class="agree" width="{}%" height="100%"/><rect class="disagree" x="{}%" width="{}%" height="100%"/></svg>',
        agree,
        100 - disagree,
        disagree,
    )
