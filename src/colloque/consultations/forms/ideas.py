"""Forms of the ideas box."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from colloque.consultations.core.state import IdeaWish
from colloque.consultations.forms.fields import words_field

USUAL_DAYS = 21


class IdeaForm(forms.Form):
    """An idea: where AI would help, or where it should stay out."""

    wish = forms.ChoiceField(
        label=_("Votre idée"),
        choices=[
            (
                IdeaWish.HELP.value,
                _("Ici, une IA pourrait aider\nUne tâche pénible, un temps perdu, un risque oublié."),
            ),
            (
                IdeaWish.STAY_OUT.value,
                _("Ici, l’IA devrait rester dehors\nUn moment, un geste, une décision à garder."),
            ),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Dites si l’IA pourrait aider, ou devrait rester dehors.")},
    )
    text = forms.CharField(
        label=_("Racontez en quelques phrases"),
        help_text=_("Où, quand, pour qui. Sans nommer personne. Votre nom ne sera pas montré."),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": _("Écrivez votre idée en une phrase ou deux.")},
    )
    act_kind = forms.ChoiceField(label=_("À quel soin pensez-vous ?"), required=False)

    def __init__(self, kinds: Sequence[tuple[str, str]], data: Any = None) -> None:
        super().__init__(data)
        cast(forms.ChoiceField, self.fields["act_kind"]).choices = [
            ("", _("Je ne sais pas, ou plusieurs")),
            *kinds,
        ]


class IdeaAnswerForm(forms.Form):
    """What the house answers to an idea."""

    answer = words_field(
        _("Votre réponse, en quelques mots"),
        most=2_000,
        help_text=_("Publique. Elle dit ce que vous allez en faire, ou pourquoi vous n’en ferez rien."),
        rows=3,
    )


class IdeaVoteForm(forms.Form):
    """An idea put to the vote: where, and in which words."""

    consultation = forms.ChoiceField(
        label=_("Dans quelle consultation ?"),
        error_messages={
            "required": _("Choisissez une consultation ouverte."),
            "invalid_choice": _("Choisissez une consultation ouverte."),
        },
    )
    text = forms.CharField(
        label=_("L’affirmation à voter"),
        help_text=_("Une phrase, une idée, 280 signes au plus."),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Écrivez l’affirmation.")},
    )

    def __init__(self, consultations: Sequence[tuple[str, str]], data: Any = None, initial: Any = None) -> None:
        super().__init__(data, initial=initial, prefix="vote")
        cast(forms.ChoiceField, self.fields["consultation"]).choices = list(consultations)
