"""Fields that several forms of consultations share."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


def count_field(label: Any, *, needed: Any, most: int, too_many: Any, help_text: Any = "", initial: Any = None) -> Any:
    """How many, from one to `most`; `needed` and `too_many` say what to do for nothing written and for more."""
    return forms.IntegerField(
        label=label,
        help_text=help_text,
        min_value=1,
        max_value=most,
        initial=initial,
        error_messages={
            "required": needed,
            "invalid": _("Écrivez un nombre."),
            "min_value": _("Il en faut au moins un, ou une."),
            "max_value": too_many,
        },
    )


def words_field(label: Any, *, most: int, help_text: Any = "", rows: int = 2, lang: str = "") -> Any:
    """A few words that may be left out."""
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=most,
        required=False,
        widget=forms.Textarea(attrs={"rows": rows, **({"lang": lang} if lang else {})}),
    )


def code_field(label: Any, *, needed: Any, most: int, help_text: Any = "") -> Any:
    """A code that is typed from paper."""
    attrs = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "class": "short"}
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=most,
        widget=forms.TextInput(attrs=attrs),
        error_messages={"required": needed},
    )
