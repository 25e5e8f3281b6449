"""`{% load consultations %}`: words of this room, and a statement in the reader's language."""

from __future__ import annotations

from enum import StrEnum

from django import template

from colloque.consultations.labels import called as word_of
from colloque.people.language import is_english

register = template.Library()


@register.filter
def called(value: StrEnum | str | int, family: str) -> str:
    """The word people read: `{{ group|called:"group" }}`."""
    return word_of(value, family)


@register.filter
def told(thing: object, name: str) -> str:
    """A text that has an English twin, in the reader's language where it exists: `{{ consultation|told:"question" }}`."""
    twin: object = getattr(thing, f"{name}_en", "")
    return str(twin if is_english() and twin else getattr(thing, name))


@register.filter
def tongue(thing: object, name: str) -> str:
    """The language of what `told` gives, for `lang`."""
    has_twin = bool(getattr(thing, f"{name}_en", ""))
    return "en" if is_english() and has_twin else str(getattr(thing, "language", "fr"))
