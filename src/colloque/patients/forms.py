"""The forms of a person's choices, of their data, and of the carers who look after them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from colloque.kernel.errors import InvalidInputError
from colloque.kernel.vocabulary import ChoiceAnswer, Situation
from colloque.patients.core.identity import LONGEST_NAME, Identity, identity_of
from colloque.patients.core.presence import LONGEST_MINUTES, USUAL_MINUTES
from colloque.patients.core.trust import Contact, Power, contact_of
from colloque.patients.labels import CONTACT_ERRORS, IDENTITY_ERRORS, NOT_SAID, POWERS, SEXES


class ChoiceForm(forms.Form):
    """One question, large answers, none of them chosen in advance unless it was the person's answer."""

    answer = forms.ChoiceField(
        label=_("Que répondez-vous ?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choisissez une réponse. Vous pourrez en changer quand vous voulez."),
            "invalid_choice": _("Choisissez une des réponses proposées."),
        },
    )

    def __init__(
        self, answers: Mapping[str, Promise], data: Any = None, initial: Any = None, *, label: str = ""
    ) -> None:
        super().__init__(data, initial=initial)
        self.fields["answer"].label = label or self.fields["answer"].label
        cast(forms.ChoiceField, self.fields["answer"]).choices = list(answers.items())

    @property
    def said(self) -> ChoiceAnswer | None:
        """The answer; nothing for « je ne sais pas encore ». Only after `is_valid`."""
        word = self.cleaned_data["answer"]
        return None if word == NOT_SAID else ChoiceAnswer(word)


class TrustForm(forms.Form):
    """Whom I trust, and how far."""

    email = forms.EmailField(
        label=_("Adresse électronique de cette personne"),
        help_text=_(
            "Celle avec laquelle elle se connecte à Colloque. Pas encore d’accès ? L’accueil peut lui en ouvrir un."
        ),
        error_messages={
            "required": _("Écrivez l’adresse de cette personne."),
            "invalid": _("Cette adresse n’est pas complète. Elle ressemble à nadia@exemple.fr."),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    powers = forms.MultipleChoiceField(
        label=_("Ce que cette personne peut faire pour vous"),
        choices=[(power.value, words) for power, words in POWERS.items()],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Cochez au moins une chose.")},
    )

    def clean_powers(self) -> list[Power]:
        """Answering in somebody's name brings seeing along."""
        powers = {Power(word) for word in self.cleaned_data["powers"]}
        if Power.GIVE_CHOICES in powers:
            powers.add(Power.SEE_CHOICES)
        return sorted(powers)


class ContactForm(forms.Form):
    """The trusted person by what one knows by heart: no address, no account."""

    name = forms.CharField(
        label=_("Nom de cette personne"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Écrivez le nom de cette personne.")},
    )
    relation = forms.CharField(
        label=_("Qui est-elle ?"),
        help_text=_("Par exemple : fille, voisin, ami."),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    telephone = forms.CharField(
        label=_("Son téléphone"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"}),
    )

    def contact(self) -> Contact:
        """Whom the person names. Only after `is_valid`."""
        return contact_of(**self.cleaned_data)

    def clean(self) -> dict[str, Any]:
        """Signs that can be kept, a number that can be called."""
        values = super().clean() or {}
        if not self.errors:
            try:
                self.contact()
            except InvalidInputError as error:
                self.add_error(error.path, str(CONTACT_ERRORS[error.code]))
        return values


class ErasureForm(forms.Form):
    """A last look before asking what cannot be undone."""

    understood = forms.BooleanField(
        label=_("J’ai compris que l’effacement ne peut pas être annulé."),
        error_messages={"required": _("Cochez la case pour dire que vous avez compris.")},
    )


class DeclineForm(forms.Form):
    """Why a request to be erased is declined, in words for the person."""

    reason = forms.CharField(
        label=_("Pourquoi ne pouvez-vous pas effacer ?"),
        help_text=_(
            "La personne lira ces mots. Dites la règle, et à qui elle peut s’adresser si elle n’est pas d’accord."
        ),
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Écrivez pourquoi, avec des mots pour la personne.")},
    )


class PresenceForm(forms.Form):
    """For how long I stay."""

    minutes = forms.TypedChoiceField(
        label=_("Combien de temps restez-vous ?"),
        coerce=int,
        choices=[
            (30, _("30 minutes")),
            (USUAL_MINUTES, _("1 heure")),
            (120, _("2 heures")),
            (LONGEST_MINUTES, _("4 heures")),
        ],
        initial=USUAL_MINUTES,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Dites combien de temps vous restez."),
            "invalid_choice": _("Choisissez une des durées proposées."),
        },
    )


class SituationForm(forms.Form):
    """What a person lives through, from today on or since an earlier day."""

    situation = forms.ChoiceField(
        label=_("Situation"),
        choices=[(situation.value, situation.value) for situation in Situation],
        error_messages={
            "required": _("Choisissez une situation."),
            "invalid_choice": _("Choisissez une des situations proposées."),
        },
    )
    since = forms.DateField(
        label=_("Depuis le"),
        help_text=_("Laissez vide pour aujourd’hui."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": _("Cette date n’est pas lisible.")},
    )

    @property
    def declared(self) -> Situation:
        """The situation chosen. Only after `is_valid`."""
        return Situation(self.cleaned_data["situation"])


class AdmissionForm(forms.Form):
    """Somebody comes: who they are and where they stay."""

    given = forms.CharField(label=_("Prénom"), required=False, max_length=LONGEST_NAME)
    family = forms.CharField(
        label=_("Nom"), max_length=LONGEST_NAME, error_messages={"required": _("Écrivez le nom de la personne.")}
    )
    birth_date = forms.DateField(
        label=_("Date de naissance"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": _("Cette date n’est pas lisible.")},
    )
    sex = forms.ChoiceField(
        label=_("Sexe"), choices=[(sex.value, words) for sex, words in SEXES.items()], initial="unknown"
    )
    unit = forms.ChoiceField(
        label=_("Unité"),
        error_messages={
            "required": _("Choisissez une unité."),
            "invalid_choice": _("Choisissez une des unités proposées."),
        },
    )

    def __init__(self, units: list[tuple[str, str]], today: date, data: Any = None) -> None:
        super().__init__(data)
        self.today = today
        cast(forms.ChoiceField, self.fields["unit"]).choices = units

    def identity(self) -> Identity:
        """Who the person is. Only after `is_valid`."""
        values = self.cleaned_data
        return identity_of(
            given=values["given"],
            family=values["family"],
            birth_date=values["birth_date"],
            sex=values["sex"],
            today=self.today,
        )

    def clean(self) -> dict[str, Any]:
        """Somebody who can be: a name with the signs of a name, a day of birth that has come."""
        values = super().clean() or {}
        if not self.errors:
            try:
                self.identity()
            except InvalidInputError as error:
                self.add_error(error.path, str(IDENTITY_ERRORS[error.code]))
        return values
