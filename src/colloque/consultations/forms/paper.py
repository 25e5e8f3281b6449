"""Forms of paper: sheets to print, and a sheet that came back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from colloque.consultations.core.limits import SHEETS_AT_ONCE
from colloque.consultations.core.sheets import STATEMENTS_ON_A_SHEET
from colloque.consultations.forms.fields import code_field, count_field
from colloque.consultations.labels import GROUPS

USUAL_DAYS = 21


class SheetsForm(forms.Form):
    """How many sheets, for whom, in which words."""

    count = count_field(
        _("Combien de feuilles ?"),
        needed=_("Écrivez combien de feuilles."),
        most=SHEETS_AT_ONCE,
        too_many=_("Pas plus de 500 à la fois."),
        initial=20,
    )
    group = forms.ChoiceField(label=_("Pour quel groupe ?"), required=False, widget=forms.RadioSelect)
    words = forms.ChoiceField(
        label=_("Dans quels mots ?"),
        choices=[
            ("fr", _("En français")),
            ("fr-easy", _("En français, en mots simples quand ils existent")),
            ("en", _("En anglais quand il existe")),
        ],
        initial="fr",
        widget=forms.RadioSelect,
    )

    def __init__(self, groups: Sequence[str], data: Any = None) -> None:
        super().__init__(data)
        cast(forms.ChoiceField, self.fields["group"]).choices = [
            ("", _("Sans groupe")),
            *((group, GROUPS[group]) for group in groups),
        ]


class SheetCodeForm(forms.Form):
    """The code of a sheet, and its answers typed in one go, or nothing to tick them one by one."""

    code = code_field(_("Code de la feuille"), needed=_("Écrivez le code qui est en bas de la feuille."), most=20)
    answers = forms.CharField(
        label=_("Les réponses, ligne par ligne"),
        help_text=_(
            "Tapez le numéro de la case cochée : 1 d’accord, 2 pas d’accord, 3 je passe, 0 rien. Exemple : 1123 0112. "
            "Laissez vide pour cocher ligne par ligne."
        ),
        max_length=2 * STATEMENTS_ON_A_SHEET,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric", "spellcheck": "false"}),
    )
