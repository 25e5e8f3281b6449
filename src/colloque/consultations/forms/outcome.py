"""The form of a reply."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from colloque.consultations.core.state import OutcomeAnswer
from colloque.consultations.forms.fields import words_field


class ReplyForm(forms.Form):
    """Adopted, adopted otherwise, declined; and why."""

    answer = forms.ChoiceField(
        label=_("Que répond la maison ?"),
        choices=[
            (OutcomeAnswer.ADOPTED.value, _("Adoptée\nNous la faisons nôtre telle quelle.")),
            (OutcomeAnswer.AMENDED.value, _("Adoptée autrement\nNous en gardons l’idée, changée.")),
            (OutcomeAnswer.DECLINED.value, _("Non retenue\nNous ne la suivons pas, et nous disons pourquoi.")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez une des trois réponses.")},
    )
    reasons = forms.CharField(
        label=_("Pourquoi ?"),
        help_text=_("Parlez à ceux qui ont voté : ce que vous ferez, quand, ou ce qui vous en empêche."),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Dites pourquoi.")},
    )
    reasons_en = words_field(_("La même réponse en anglais"), most=4000, rows=4, lang="en")
