"""The forms of a proposal's life: argued, put to the vote, voted, decided, reviewed; and who sits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from colloque.charter.core.proposals import BallotValue, College, Side, Step
from colloque.charter.forms.text import missing_words


class DayField(forms.DateField):
    """A day, chosen with the browser's own calendar."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            input_formats=["%Y-%m-%d"],
            error_messages={"invalid": gettext_lazy("Donnez une date, comme 2027-01-31.")},
            **kwargs,
        )


class ArgueForm(forms.Form):
    """An argument for or against."""

    side = forms.ChoiceField(
        label=gettext_lazy("Votre argument est"),
        choices=[
            (Side.FOR.value, gettext_lazy("Pour cette proposition")),
            (Side.AGAINST.value, gettext_lazy("Contre cette proposition")),
        ],
        widget=forms.RadioSelect,
        error_messages=missing_words(gettext_lazy("Dites si vous êtes pour ou contre.")),
    )
    words = forms.CharField(
        label=gettext_lazy("Votre argument"),
        help_text=gettext_lazy(
            "Une idée, dite simplement. La maison verra votre nom, le public votre fonction. Ne nommez personne."
        ),
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages=missing_words(gettext_lazy("Écrivez votre argument.")),
    )


class HideForm(forms.Form):
    """Why an argument is hidden."""

    reason = forms.CharField(
        label=gettext_lazy("Pourquoi masquer cet argument ?"),
        help_text=gettext_lazy("Tout le monde lira cette raison à la place de l’argument. Ne nommez personne."),
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages=missing_words(gettext_lazy("Dites pourquoi, en quelques mots.")),
    )


class OpenVoteForm(forms.Form):
    """Until when the committee votes. `closes_on` is cleaned into the end of that day in the house."""

    closes_on = DayField(
        label=gettext_lazy("Dernier jour du vote"),
        help_text=gettext_lazy("Le vote se ferme tout seul à la fin de ce jour. Il dure au moins un jour et une nuit."),
    )

    def __init__(self, *args: Any, house: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.house = house

    def clean_closes_on(self) -> datetime:
        """The end of the day."""
        day: date = self.cleaned_data["closes_on"]
        return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(self.house.timezone))


class BallotForm(forms.Form):
    """One voice. Nothing is preselected."""

    value = forms.ChoiceField(
        label=gettext_lazy("Votre voix"),
        choices=[
            (BallotValue.YES.value, gettext_lazy("Oui\nQue cette règle soit adoptée")),
            (BallotValue.NO.value, gettext_lazy("Non\nQu’elle ne le soit pas")),
            (BallotValue.ABSTAIN.value, gettext_lazy("Je m’abstiens\nMa présence compte, pas mon avis")),
        ],
        widget=forms.RadioSelect,
        error_messages=missing_words(gettext_lazy("Choisissez une réponse.")),
    )
    words = forms.CharField(
        label=gettext_lazy("Quelques mots pour expliquer votre voix"),
        help_text=gettext_lazy("La maison les lira après le vote, sans votre nom."),
        required=False,
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class SometimesField(forms.CharField):
    """Words that some answers need: the label says when, so nothing calls them optional, and an action asks for them."""

    def validate(self, value: Any) -> None:
        """Empty words pass."""


class DecideForm(forms.Form):
    """Adopt or decline, from when, until which review; a reason where the committee said otherwise."""

    use_required_attribute = False

    decision = forms.ChoiceField(
        label=gettext_lazy("Votre décision"),
        widget=forms.RadioSelect,
        error_messages=missing_words(gettext_lazy("Choisissez une des deux réponses.")),
    )
    adopted_from = DayField(
        label=gettext_lazy("Si vous adoptez : à partir de quel jour ?"),
        help_text=gettext_lazy("Aujourd’hui, ou un jour à venir. La règle s’appliquera d’elle-même ce jour-là."),
        required=False,
    )
    review_on = DayField(
        label=gettext_lazy("Si vous adoptez : quel jour la revoir ?"),
        help_text=gettext_lazy("Ce jour-là, l’accueil de la direction demandera si elle est encore juste."),
        required=False,
    )
    reason = SometimesField(
        label=gettext_lazy("Si vous ne suivez pas l’avis du comité : pourquoi ?"),
        help_text=gettext_lazy(
            "Cette raison sera publiée avec votre fonction. Sans elle, on ne s’écarte pas de l’avis."
        ),
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, page: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = {
            Step.ADOPT.value: _("Adopter"),
            Step.DECLINE.value: _("Écarter"),
        }
        choices = [(value, told) for value, told in words.items() if value in page.steps]
        cast(forms.ChoiceField, self.fields["decision"]).choices = choices or list(words.items())


class ReviewForm(forms.Form):
    """What a review showed, and when the next is due."""

    words = forms.CharField(
        label=gettext_lazy("Qu’a montré la revue ?"),
        help_text=gettext_lazy("Tout le monde pourra le lire. Pour changer la règle ou la retirer, proposez-le."),
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages=missing_words(gettext_lazy("Dites ce que la revue a montré.")),
    )
    next_review_on = DayField(label=gettext_lazy("Prochaine revue"))


class SeatForm(forms.Form):
    """Who sits, for whom, until when."""

    account = forms.ChoiceField(
        label=gettext_lazy("Qui ?"), error_messages=missing_words(gettext_lazy("Choisissez une personne."))
    )
    college = forms.ChoiceField(
        label=gettext_lazy("Au titre de"),
        choices=[
            (College.PATIENTS.value, gettext_lazy("Patients, résidents et proches")),
            (College.CARERS.value, gettext_lazy("Soignants")),
            (
                College.OUTSIDE_THINKER.value,
                gettext_lazy("Un regard extérieur au soin\nPhilosophe, juriste, sociologue…"),
            ),
            (College.DIRECTION.value, gettext_lazy("Direction")),
        ],
        widget=forms.RadioSelect,
        error_messages=missing_words(gettext_lazy("Choisissez un collège.")),
    )
    until = DayField(
        label=gettext_lazy("Jusqu’à quel jour ?"),
        help_text=gettext_lazy("Laissez vide si rien n’est fixé."),
        required=False,
    )

    def __init__(self, people: Sequence[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["account"]).choices = [("", "—"), *people]

    def clean_until(self) -> datetime | None:
        """The end of the day."""
        day: date | None = self.cleaned_data["until"]
        return timezone.make_aware(datetime.combine(day + timedelta(days=1), time())) if day is not None else None
