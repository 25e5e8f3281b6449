"""The form of an attestation."""

from __future__ import annotations

from datetime import date, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from colloque.people.forms.administration import DateField


class AttestationForm(forms.Form):
    """Until when, and that whoever attests saw it done."""

    until = DateField(label=_("Jusqu’au"), help_text=_("D’ici là, prévoyez une nouvelle formation. Trois ans au plus."))
    seen = forms.BooleanField(
        label=_("J’ai constaté que cette personne a suivi la formation et sait l’appliquer"),
        error_messages={"required": _("Cochez cette case si vous l’avez constaté.")},
    )

    def clean_until(self) -> date:
        """A day to come, within three years."""
        day: date = self.cleaned_data["until"]
        today = timezone.localdate()
        if not today < day <= today + timedelta(days=3 * 365):
            raise forms.ValidationError(_("Choisissez une date à venir, dans les trois ans."))
        return day
