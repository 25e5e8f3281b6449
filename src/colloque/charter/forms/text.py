"""The forms by which a rule's or a charter's text is proposed, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from colloque.charter.core.constitution import establishment_rules
from colloque.charter.core.proposals import OriginKind
from colloque.charter.core.rules import Rule
from colloque.people.language import page_language


@dataclass(frozen=True)
class PlacedProblem:
    """A problem beside the line it was found on."""

    line: int
    column: int
    source: str
    rule: str
    words: str


def placed_problems(text: str) -> tuple[tuple[Rule, ...], tuple[PlacedProblem, ...]]:
    """The rules of a text, and each problem beside the line it was found on, in the reader's language."""
    language = page_language()
    rules, problems = establishment_rules(text)
    lines = text.split("\n")
    return rules, tuple(
        PlacedProblem(p.line, p.column, lines[p.line - 1].strip()[:200], p.rule, p.words(language)) for p in problems
    )


def _told(problems: Sequence[PlacedProblem]) -> list[str]:
    return [
        _("Ligne %(line)d, signe %(column)d : %(words)s") % {"line": p.line, "column": p.column, "words": p.words}
        for p in problems
    ]


def missing_words(words: Any) -> dict[str, Any]:
    """The messages of a field left empty, or filled with what is no choice."""
    return {"required": words, "invalid_choice": gettext_lazy("Choisissez une des réponses proposées.")}


class WhyForm(forms.Form):
    """Why something is proposed, and where it comes from."""

    purpose = forms.CharField(
        label=gettext_lazy("Pourquoi cette proposition ?"),
        help_text=gettext_lazy("Tout le monde pourra le lire, familles comprises. Ne nommez personne."),
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages=missing_words(gettext_lazy("Dites pourquoi, en quelques mots.")),
    )
    origin = forms.ChoiceField(
        label=gettext_lazy("D’où vient-elle ?"),
        choices=[
            (OriginKind.CONSULTATION.value, gettext_lazy("D’une consultation")),
            (OriginKind.LAW.value, gettext_lazy("De la loi")),
            (OriginKind.ETHICS_OPINION.value, gettext_lazy("D’un avis d’éthique")),
            (OriginKind.INCIDENT.value, gettext_lazy("D’un incident")),
            (OriginKind.OTHER.value, gettext_lazy("D’ailleurs")),
        ],
        widget=forms.RadioSelect,
        error_messages=missing_words(gettext_lazy("Dites d’où elle vient.")),
    )


class CharterForm(WhyForm):
    """A charter's text in Cedar, and the words that open it. `problems` is filled by validation."""

    preamble = forms.CharField(
        label=gettext_lazy("Quelques mots en tête"),
        help_text=gettext_lazy("Qui a débattu, quand, et pourquoi. Ils s’affichent en haut de la charte."),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    cedar = forms.CharField(
        label=gettext_lazy("Les règles, en Cedar"),
        help_text=gettext_lazy(
            "Chaque règle porte son nom, ses mots en français et en anglais, et son origine. "
            "Le socle s’ajoute tout seul : il n’est pas à recopier."
        ),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false", "lang": "en", "class": "code"}),
    )

    problems: tuple[PlacedProblem, ...] = ()
    field_order = ("preamble", "cedar", "purpose", "origin")

    def clean_cedar(self) -> str:
        """The text, if it can be a charter; else one error per problem, with its line."""
        text = str(self.cleaned_data["cedar"]).replace("\r\n", "\n")
        rules, self.problems = placed_problems(text)
        if self.problems:
            raise forms.ValidationError(_told(self.problems))
        if not rules:
            raise forms.ValidationError(_("Écrivez au moins une règle : sans règle, plus rien ne serait permis."))
        return text


class RuleTextForm(WhyForm):
    """One rule in Cedar."""

    cedar = forms.CharField(
        label=gettext_lazy("La règle, en Cedar"),
        help_text=gettext_lazy("Elle porte son nom, ses mots en français et en anglais, et son origine."),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 14, "spellcheck": "false", "lang": "en", "class": "code"}),
        error_messages=missing_words(gettext_lazy("Écrivez la règle.")),
    )

    problems: tuple[PlacedProblem, ...] = ()
    rule_id = ""
    field_order = ("cedar", "purpose", "origin")

    def clean_cedar(self) -> str:
        """The text, if it is one rule; else one error per problem, with its line."""
        text = str(self.cleaned_data["cedar"]).replace("\r\n", "\n")
        rules, self.problems = placed_problems(text)
        if self.problems:
            raise forms.ValidationError(_told(self.problems))
        if len(rules) != 1:
            raise forms.ValidationError(_("Écrivez une règle, et une seule."))
        self.rule_id = rules[0].id
        return text


class RepealForm(WhyForm):
    """Why a rule should go."""
