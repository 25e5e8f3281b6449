"""Forms of moderation: why a statement is turned away, and its words said otherwise."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from colloque.consultations.core.moderation import LONGEST_STATEMENT
from colloque.consultations.forms.fields import words_field
from colloque.consultations.labels import REASONS

USUAL_DAYS = 21


class RejectForm(forms.Form):
    """Why a statement is turned away."""

    reason = forms.ChoiceField(
        label=_("Pourquoi l’écarter ?"),
        choices=list(REASONS.items()),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez une raison. Tout le monde la lira.")},
    )
    words = words_field(
        _("Un mot d’explication"), most=500, help_text=_("Public. Ne répétez pas ce qui désigne une personne.")
    )


class OtherwiseForm(forms.Form):
    """A statement said in easy words and in English."""

    easy = words_field(
        _("En mots simples"),
        most=LONGEST_STATEMENT,
        help_text=_("Des mots courts, une idée, pas de négation double. Comme à un proche fatigué."),
    )
    text_en = words_field(_("En anglais"), most=LONGEST_STATEMENT, lang="en")
    easy_en = words_field(_("En anglais, en mots simples"), most=LONGEST_STATEMENT, lang="en")
