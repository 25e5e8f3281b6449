"""`{% load acts %}`: the words of this room."""

from __future__ import annotations

from enum import StrEnum

from django import template

from colloque.acts.labels import words_of

register = template.Library()


@register.filter
def words(value: StrEnum | str) -> str:
    """The word people read for a reason, a sureness, a purpose."""
    return words_of(value)
