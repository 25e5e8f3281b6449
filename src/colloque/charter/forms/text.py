"""The form by which a version is proposed."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from colloque.charter.core.constitution import establishment_rules


@dataclass(frozen=True)
class PlacedProblem:
    """A problem beside the line it was found on."""

    line: int
    column: int
    source: str
    rule: str
    words: str


class CharterForm(forms.Form):
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

    def clean_cedar(self) -> str:
        """The text, if it can be a charter; else one error per problem, with its line."""
        text = str(self.cleaned_data["cedar"]).replace("\r\n", "\n")
        language = (get_language() or "fr")[:2]
        rules, problems = establishment_rules(text)
        lines = text.split("\n")
        self.problems = tuple(
            PlacedProblem(p.line, p.column, lines[p.line - 1].strip()[:200], p.rule, p.words(language))
            for p in problems
        )
        if problems:
            raise forms.ValidationError(
                [
                    _("Ligne %(line)d, signe %(column)d : %(words)s")
                    % {"line": p.line, "column": p.column, "words": p.words}
                    for p in self.problems
                ]
            )
        if not rules:
            raise forms.ValidationError(_("Écrivez au moins une règle : sans règle, plus rien ne serait permis."))
        return text
