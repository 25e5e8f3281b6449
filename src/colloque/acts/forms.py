"""The forms by which a carer gives an own reading, decides, hands over, starts an act, and says why they look again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from django import forms
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from colloque.acts.core.decision import DecisionReason
from colloque.acts.core.reading import LONGEST_READING, LONGEST_WORDS, Conclusion
from colloque.acts.labels import PURPOSES, REASONS, SURENESS
from colloque.acts.words import number, unit
from colloque.kernel.vocabulary import Outcome
from colloque.people.language import page_language
from colloque.projects.core.inputs import Input, InputKind, Value


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "autocomplete": "off"})


class OwnAssessmentForm(forms.Form):
    """What I read before seeing anything. With declared `readings` one is chosen; without, it is written."""

    reading: forms.Field
    sureness = forms.ChoiceField(
        label=_("Quelle confiance avez-vous dans cette lecture ?"),
        choices=[(value.value, words) for value, words in SURENESS.items()],
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Dites votre confiance : forte, moyenne ou faible."),
            "invalid_choice": _("Choisissez une des trois réponses : forte, moyenne ou faible."),
        },
    )
    words = forms.CharField(
        label=_("Ce qui vous le fait dire"),
        help_text=_("Ce que vous voyez, ce qui vous gêne, ce que la machine ne peut pas savoir."),
        required=False,
        max_length=LONGEST_WORDS,
        widget=_area(3),
    )
    field_order = ["reading", "sureness", "words"]

    def __init__(self, data: Any = None, *, readings: Sequence[Conclusion] = ()) -> None:
        super().__init__(data)
        label = _("Que lisez-vous ?")
        missing = _("Donnez votre propre lecture : l’IA ne répond qu’après vous.")
        if readings:
            self.fields["reading"] = forms.ChoiceField(
                label=label,
                choices=[(named.code, capfirst(named.words(page_language()))) for named in readings],
                widget=forms.RadioSelect,
                error_messages={"required": missing, "invalid_choice": _("Choisissez une des réponses proposées.")},
            )
        else:
            self.fields["reading"] = forms.CharField(
                label=label,
                help_text=_("En quelques mots, comme vous le diriez à un ou une collègue."),
                max_length=LONGEST_READING,
                error_messages={"required": missing},
            )
        self.order_fields(self.field_order)


class DecisionForm(forms.Form):
    """Follow, adapt or set aside: three answers alike, none chosen in advance, and the same reasons for each."""

    outcome = forms.ChoiceField(
        label=_("Que décidez-vous ?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Dites ce que vous décidez : suivre, adapter ou écarter."),
            "invalid_choice": _("Choisissez une des trois réponses : suivre, adapter ou écarter."),
        },
    )
    retained = forms.CharField(
        label=_("Ce que vous retenez à la place"),
        help_text=_("Si vous adaptez, dites-le ici. Si vous écartez, vous pouvez laisser vide."),
        required=False,
        max_length=LONGEST_READING,
    )
    reasons = forms.MultipleChoiceField(
        label=_("Ce qui vous décide"),
        help_text=_(
            "Cochez ce qui a compté, que vous suiviez l’IA ou non. Ces raisons ne servent jamais à vous juger."
        ),
        choices=[(reason.value, words) for reason, words in REASONS.items()],
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Dites ce qui vous décide : cochez au moins une raison."),
            "invalid_choice": _("Une des raisons cochées n’existe pas dans la liste."),
        },
    )
    words = forms.CharField(
        label=_("Ce que je vois ici"),
        help_text=_("Un détail, une impression, le contexte. Vos mots comptent autant que les cases."),
        required=False,
        max_length=LONGEST_WORDS,
        widget=_area(3),
    )
    patient_view = forms.CharField(
        label=_("Ce qu’en dit la personne"),
        help_text=_("Avec ses mots si possible. Si vous n’avez pas encore pu lui en parler, dites-le."),
        required=False,
        max_length=LONGEST_WORDS,
        widget=_area(2),
    )

    def __init__(self, data: Any = None, *, proposed: str = "", own: str = "", only_without_ai: bool = False) -> None:
        super().__init__(data)
        self.say(proposed=proposed, own=own, only_without_ai=only_without_ai)

    def say(self, *, proposed: str, own: str, only_without_ai: bool) -> None:
        """Put the words of this act beside each answer; `only_without_ai` where the person has said no meanwhile."""
        follow = gettext("Je retiens « %s »") % proposed if proposed else gettext("Je retiens ce qu’elle propose")
        keep = gettext("Je garde « %s »") % own if own else gettext("Je fais sans elle")
        options = [
            (Outcome.FOLLOWED.value, _option(gettext("Suivre"), follow)),
            (Outcome.ADAPTED.value, _option(gettext("Adapter"), gettext("J’en retiens une partie, ou autre chose"))),
            (Outcome.SET_ASIDE.value, _option(gettext("Écarter"), keep)),
        ]
        choices = options[2:] if only_without_ai else options
        cast(forms.ChoiceField, self.fields["outcome"]).choices = choices

    def clean(self) -> dict[str, object]:
        """Adapting says what is kept; another reason says which."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("outcome") == Outcome.ADAPTED.value and not cleaned.get("retained", "").strip():
            self.add_error("retained", gettext("Vous adaptez : dites en quelques mots ce que vous retenez."))
        if DecisionReason.OTHER.value in cleaned.get("reasons", ()) and not cleaned.get("words", "").strip():
            self.add_error("words", gettext("Vous avez coché « une autre raison » : dites-la en quelques mots."))
        return cleaned


class HandOverForm(forms.Form):
    """To whom an act is handed over."""

    to = forms.ChoiceField(
        label=_("À qui confiez-vous cette décision ?"),
        error_messages={
            "required": _("Choisissez la personne à qui vous confiez cette décision."),
            "invalid_choice": _("Cette personne ne peut pas décider ici. Choisissez-en une autre dans la liste."),
        },
    )

    def __init__(self, data: Any = None, *, colleagues: Sequence[tuple[UUID, str]] = ()) -> None:
        super().__init__(data)
        named = [(str(account), name) for account, name in colleagues]
        cast(forms.ChoiceField, self.fields["to"]).choices = [("", gettext("Choisir…")), *named]


class SuggestionAccessForm(forms.Form):
    """Why somebody looks again at what the AI said."""

    purpose = forms.ChoiceField(
        label=_("Pourquoi voulez-vous relire l’avis de l’IA ?"),
        choices=[(purpose.value, words) for purpose, words in PURPOSES.items()],
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Dites pourquoi : la consultation sera notée avec son motif."),
            "invalid_choice": _("Choisissez un des motifs de la liste."),
        },
    )
    words = forms.CharField(
        label=_("Précisez si vous le souhaitez"), required=False, max_length=LONGEST_WORDS, widget=_area(2)
    )


class SpokenAnswerForm(forms.Form):
    """What the person answered when asked about this one act."""

    said = forms.ChoiceField(
        label=_("Que vous a répondu la personne ?"),
        choices=[
            ("yes", _("Elle a dit oui\nPour cet acte seulement. Ses choix ne changent pas.")),
            ("no", _("Elle a dit non, ou n’a pas répondu\nL’IA ne recevra rien. Les soins continuent sans elle.")),
        ],
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Notez ce que la personne a répondu."),
            "invalid_choice": _("Choisissez une des deux réponses."),
        },
    )


class StartForm(forms.Form):
    """The data a service needs, where there is no electronic record to send it."""

    def __init__(self, data: Any = None, *, inputs: Sequence[Input]) -> None:
        super().__init__(data)
        self.inputs = tuple(inputs)
        language = page_language()
        for one in self.inputs:
            self.fields[one.key] = _input_field(one, language)

    def values(self) -> dict[str, Value]:
        """The values given, by key; what was left empty is absent."""
        return {key: value for key, value in self.cleaned_data.items() if value not in (None, "")}

    def groups(self) -> list[tuple[str, list[tuple[forms.BoundField, str]]]]:
        """The fields with their units, under their headings, in the declared order."""
        language = page_language()
        grouped: dict[str, list[tuple[forms.BoundField, str]]] = {}
        for one in self.inputs:
            grouped.setdefault(one.group(language), []).append((self[one.key], unit(one.unit)))
        return list(grouped.items())


def _input_field(one: Input, language: str) -> forms.Field:
    label = one.label(language)
    required = {"required": format_lazy(_("« {label} » manque."), label=label)}
    if one.kind is InputKind.BOOLEAN:
        return forms.TypedChoiceField(
            label=label,
            required=one.required,
            choices=[("yes", _("Oui")), ("no", _("Non"))],
            coerce=lambda given: given == "yes",
            empty_value=None,
            widget=forms.RadioSelect,
            error_messages=required,
        )
    if one.kind is InputKind.CHOICE:
        return forms.ChoiceField(
            label=label,
            required=one.required,
            choices=[
                ("", _("Choisir…")),
                *[(o.code, o.en if language.startswith("en") else o.fr) for o in one.options],
            ],
            error_messages={
                **required,
                "invalid_choice": format_lazy(_("« {label} » : choisissez dans la liste."), label=label),
            },
        )
    bounds = _bounds_words(one)
    return forms.FloatField(
        label=label,
        required=one.required,
        localize=False,
        min_value=one.minimum,
        max_value=one.maximum,
        help_text=bounds,
        widget=_NumberText(),
        error_messages={
            **required,
            "invalid": format_lazy(_("« {label} » : écrivez un nombre, par exemple 14,2."), label=label),
            "min_value": format_lazy(
                _("« {label} » : {bounds}. Vérifiez la valeur et l’unité."), label=label, bounds=bounds
            ),
            "max_value": format_lazy(
                _("« {label} » : {bounds}. Vérifiez la valeur et l’unité."), label=label, bounds=bounds
            ),
        },
    )


class _NumberText(forms.TextInput):
    """A number as people write it: a comma or a point, the phone's number keys, no accidental change by scrolling."""

    def __init__(self) -> None:
        super().__init__(attrs={"inputmode": "decimal", "autocomplete": "off", "class": "short"})

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """The text typed, with a point for the decimals and without spaces between thousands."""
        typed = super().value_from_datadict(data, files, name)
        if not isinstance(typed, str):
            return typed
        plain = "".join(typed.split()).replace("\u202f", "")
        return plain.replace(",", ".") if plain.count(",") == 1 and "." not in plain else plain


def _option(answer: str, explanation: str) -> str:
    return f"{answer}\n{explanation}"


def _bounds_words(one: Input) -> str:
    if one.minimum is not None and one.maximum is not None:
        return gettext("entre %(least)s et %(most)s") % {
            "least": number(one.minimum),
            "most": number(one.maximum),
        }
    if one.minimum is not None:
        return gettext("au moins %s") % number(one.minimum)
    if one.maximum is not None:
        return gettext("au plus %s") % number(one.maximum)
    return ""
