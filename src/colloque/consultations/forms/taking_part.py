"""Forms of whoever takes part: beginning, a sentence of one’s own, a receipt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from colloque.consultations.actions.taking_part import Coming
from colloque.consultations.core.groups import (
    PROFILE_ANSWERS,
    GroupOfPeople,
    HelperKind,
    ProfileQuestion,
)
from colloque.consultations.core.moderation import LONGEST_STATEMENT
from colloque.consultations.core.receipts import MAX_RECEIPT_CHARACTERS
from colloque.consultations.forms.fields import code_field
from colloque.consultations.labels import ANSWERS, HELPERS, ME, QUESTIONS

USUAL_DAYS = 21


class JoinForm(forms.Form):
    """What somebody says before they begin: nothing at all is enough, save a code where codes are asked for."""

    code = code_field(
        _("Votre code"),
        needed=_("Écrivez le code qui est sur votre papier."),
        most=40,
        help_text=_("Il est écrit sur le papier qu’on vous a donné. Majuscules ou minuscules, avec ou sans tiret."),
    )
    group = forms.ChoiceField(label=_("Qui êtes-vous ?"), required=False, widget=forms.RadioSelect)
    helper = forms.ChoiceField(
        label=_("Aidez-vous quelqu’un à répondre ?"),
        choices=[("", _("Non, je réponds pour moi")), *HELPERS.items()],
        required=False,
        widget=forms.RadioSelect,
    )

    def __init__(
        self, data: Any = None, *, needs_code: bool, groups: Sequence[str], questions: Sequence[str], may_help: bool
    ) -> None:
        super().__init__(data)
        if not needs_code:
            del self.fields["code"]
        if needs_code or not groups:
            del self.fields["group"]
        else:
            cast(forms.ChoiceField, self.fields["group"]).choices = [
                *((group, ME[group]) for group in groups),
                ("", _("Je préfère ne pas le dire")),
            ]
        if not may_help:
            del self.fields["helper"]
        self.questions = list(questions)
        for question in questions:
            self.fields[f"profile_{question}"] = forms.ChoiceField(
                label=str(QUESTIONS[question]),
                required=False,
                widget=forms.RadioSelect,
                choices=[
                    *((answer, ANSWERS[answer]) for answer in PROFILE_ANSWERS[ProfileQuestion(question)]),
                    ("", _("Je préfère ne pas le dire")),
                ],
            )

    @property
    def profile(self) -> list[forms.BoundField]:
        """The questions about the person."""
        return [self[f"profile_{question}"] for question in self.questions]

    @property
    def coming(self) -> Coming:
        """What was said, as the action takes it, without the account. Only after `is_valid`."""
        said = self.cleaned_data
        return Coming(
            code=said.get("code", ""),
            group=GroupOfPeople(said["group"]) if said.get("group") else None,
            helper=HelperKind(said["helper"]) if said.get("helper") else None,
            profile={question: said.get(f"profile_{question}", "") for question in self.questions},
        )


class StatementForm(forms.Form):
    """One sentence of one's own."""

    text = forms.CharField(
        label=_("Votre affirmation"),
        help_text=_("Une phrase, une idée, sans nommer personne. Les autres diront s’ils sont d’accord."),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3, "data-most": LONGEST_STATEMENT}),
        error_messages={
            "required": _("Écrivez une phrase."),
            "max_length": _("C’est trop long : une affirmation tient en 280 signes. Gardez une seule idée."),
        },
    )


class ReceiptForm(forms.Form):
    """A receipt, pasted."""

    receipt = forms.CharField(
        label=_("Votre reçu"),
        help_text=_("Collez toutes ses lignes. Les espaces et les retours à la ligne ne comptent pas."),
        max_length=MAX_RECEIPT_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 5, "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Collez votre reçu.")},
    )
