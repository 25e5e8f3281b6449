"""The forms of a project: what is declared, and what stops or starts it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from colloque.kernel.errors import InvalidInputError
from colloque.kernel.vocabulary import ActKind, Autonomy, Situation, Track
from colloque.projects.core.endpoint import checked_endpoint
from colloque.projects.core.inputs import Input
from colloque.projects.core.intended_use import IntendedUse, ValueRange
from colloque.projects.core.model_card import Figure, ModelCard
from colloque.projects.core.service import HOOKS
from colloque.projects.core.words import Words
from colloque.projects.labels import words_of_error

_RANGE = re.compile(r"\s*(\S+)\s+(-?[\d.,]+|\*)\s+(-?[\d.,]+|\*)\s*\Z")


def _area(rows: int = 4) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


def _missing(words: Any) -> dict[str, Any]:
    return {"required": words, "invalid_choice": _("Choisissez une des réponses proposées.")}


class StopForm(forms.Form):
    """Which AI is stopped, and why. Everywhere, at once."""

    project = forms.ChoiceField(
        label=_("Quelle IA arrêtez-vous ?"),
        widget=forms.RadioSelect,
        error_messages=_missing(_("Choisissez l’IA à arrêter.")),
    )
    reason = forms.CharField(
        label=_("Pourquoi ?"),
        help_text=_("Tout le monde pourra lire cette raison, familles comprises. Ne nommez personne."),
        widget=_area(),
        error_messages=_missing(_("Écrivez pourquoi, en quelques mots.")),
    )

    def __init__(self, projects: Sequence[tuple[str, str]], data: Any = None, chosen: str = "") -> None:
        super().__init__(data, initial={"project": chosen})
        cast(forms.ChoiceField, self.fields["project"]).choices = list(projects)


class AttachForm(forms.Form):
    """The project that a statement of a consultation is attached to."""

    project = forms.ChoiceField(
        label=_("À quel projet ?"),
        widget=forms.RadioSelect,
        error_messages=_missing(_("Choisissez un projet.")),
    )
    asks_for_trust = forms.BooleanField(
        label=_("C’est le baromètre de confiance"),
        help_text=_("L’affirmation demande aux soignants s’ils acceptent de travailler avec cette IA."),
        required=False,
    )

    def __init__(self, projects: Sequence[tuple[str, str]], data: Any = None) -> None:
        super().__init__(data)
        cast(forms.ChoiceField, self.fields["project"]).choices = list(projects)


class LiftForm(forms.Form):
    """Why an AI may act again."""

    reason = forms.CharField(
        label=_("Pourquoi peut-elle reprendre ?"),
        help_text=_("Ce qui a été vérifié ou changé, et par qui. Tout le monde pourra le lire."),
        widget=_area(),
        error_messages=_missing(_("Écrivez pourquoi, en quelques mots.")),
    )


class ProjectForm(forms.Form):
    """What an AI is, why we want it, who answers for it, where it answers."""

    name = forms.CharField(
        label=_("Comment appelle-t-on cette IA ?"), max_length=200, error_messages=_missing(_("Donnez-lui un nom."))
    )
    intention = forms.CharField(
        label=_("Pourquoi la voulons-nous ?"),
        help_text=_("L’intention, en mots que tout le monde lit. Elle est publique dès maintenant."),
        widget=_area(),
        error_messages=_missing(_("Écrivez pourquoi.")),
    )
    track = forms.ChoiceField(
        label=_("Où agit-elle ?"),
        choices=[(track.value, track.value) for track in Track],
        error_messages=_missing(_("Dites où elle agit.")),
    )
    autonomy = forms.ChoiceField(
        label=_("Jusqu’où va-t-elle seule ?"),
        choices=[(level.value, level.value) for level in Autonomy],
        error_messages=_missing(_("Dites jusqu’où elle va seule.")),
    )
    lead = forms.ChoiceField(
        label=_("Qui en répond ?"), error_messages=_missing(_("Choisissez la personne qui en répond."))
    )
    endpoint = forms.CharField(
        label=_("Son adresse"),
        help_text=_("Elle commence par https://. Rien n’est envoyé ailleurs, même si l’IA le demande."),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )
    timeout_ms = forms.IntegerField(
        label=_("Combien de temps attend-on sa réponse ?"),
        help_text=_("En millièmes de seconde. Passé ce temps, le soin continue sans elle."),
        min_value=50,
        max_value=30_000,
        initial=3000,
    )

    def __init__(
        self, leads: Sequence[tuple[str, str]], data: Any = None, initial: Any = None, *, is_new: bool = True
    ) -> None:
        super().__init__(data, initial=initial)
        cast(forms.ChoiceField, self.fields["lead"]).choices = list(leads)
        if not is_new:
            del self.fields["track"]

    def clean_endpoint(self) -> str:
        """An address where an AI may stand."""
        endpoint: str = self.cleaned_data["endpoint"].strip()
        if not endpoint:
            return ""
        try:
            return checked_endpoint(endpoint, loopback_allowed=settings.DEMO)
        except InvalidInputError as error:
            raise forms.ValidationError(words_of_error(error)) from error


class IntendedUseForm(forms.Form):
    """For whom the AI was made, as conditions that are checked at each act."""

    purpose_fr = forms.CharField(
        label=_("À quoi sert-elle, en une phrase ?"),
        widget=_area(2),
        error_messages=_missing(_("Dites à quoi elle sert.")),
    )
    purpose_en = forms.CharField(label=_("La même phrase en anglais"), required=False, widget=_area(2))
    age_from = forms.IntegerField(label=_("À partir de quel âge ?"), required=False, min_value=0, max_value=130)
    age_to = forms.IntegerField(label=_("Jusqu’à quel âge ?"), required=False, min_value=0, max_value=130)
    sexes = forms.MultipleChoiceField(
        label=_("Pour qui ?"),
        help_text=_("Rien de coché : pour tout le monde."),
        required=False,
        choices=[("female", _("Les femmes")), ("male", _("Les hommes")), ("other", _("Autre"))],
        widget=forms.CheckboxSelectMultiple,
    )
    situations_excluded = forms.MultipleChoiceField(
        label=_("Situations où elle n’est pas faite pour servir"),
        required=False,
        choices=[(situation.value, situation.value) for situation in Situation],
        widget=forms.CheckboxSelectMultiple,
    )
    data_required = forms.MultipleChoiceField(
        label=_("Valeurs sans lesquelles elle ne sait rien dire"), required=False, widget=forms.CheckboxSelectMultiple
    )
    ranges = forms.CharField(
        label=_("Valeurs entre lesquelles elle sait ce qu’elle dit"),
        help_text=_("Une par ligne : la clé, la plus petite, la plus grande. Une étoile pour « sans limite »."),
        required=False,
        widget=_area(6),
    )

    def __init__(self, inputs: Sequence[Input], data: Any = None, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.keys = {one.key for one in inputs}
        cast(forms.MultipleChoiceField, self.fields["data_required"]).choices = [(one.key, one.fr) for one in inputs]

    def clean_ranges(self) -> tuple[ValueRange, ...]:
        """The limits, one input a line."""
        found = []
        for line in self.cleaned_data["ranges"].splitlines():
            if not line.strip():
                continue
            match = _RANGE.match(line)
            if match is None or (self.keys and match[1] not in self.keys):
                raise forms.ValidationError(
                    _("Cette ligne ne se lit pas : « %(line)s »."), params={"line": line.strip()[:80]}
                )
            found.append(ValueRange(match[1], _limit(match[2]), _limit(match[3])))
        return tuple(found)

    def clean(self) -> dict[str, Any]:
        """Conditions somebody could meet."""
        values = super().clean() or {}
        if not self.errors:
            use = IntendedUse(
                purpose=Words(values["purpose_fr"].strip(), values["purpose_en"].strip()),
                age_from=values["age_from"],
                age_to=values["age_to"],
                sexes=tuple(values["sexes"]),
                situations_excluded=tuple(Situation(word) for word in values["situations_excluded"]),
                data_required=tuple(values["data_required"]),
                ranges=values["ranges"],
            )
            if use.age_from is not None and use.age_to is not None and use.age_from > use.age_to:
                self.add_error("age_to", _("Le plus grand âge est sous le plus petit."))
            elif any(r.minimum is not None and r.maximum is not None and r.minimum > r.maximum for r in use.ranges):
                self.add_error("ranges", _("Une plus grande valeur est sous la plus petite."))
            elif not use.is_declared:
                self.add_error(None, _("Donnez au moins une condition qui puisse être vérifiée."))
            values["use"] = use
        return values

    @staticmethod
    def told(use: IntendedUse) -> dict[str, Any]:
        """The form as it was last filled."""
        return {
            "purpose_fr": use.purpose.fr,
            "purpose_en": use.purpose.en,
            "age_from": use.age_from,
            "age_to": use.age_to,
            "sexes": list(use.sexes),
            "situations_excluded": [s.value for s in use.situations_excluded],
            "data_required": list(use.data_required),
            "ranges": "\n".join(f"{r.key} {_said(r.minimum)} {_said(r.maximum)}" for r in use.ranges),
        }


def _limit(text: str) -> float | None:
    if text == "*":
        return None
    try:
        return float(text.replace(",", "."))
    except ValueError as error:
        raise forms.ValidationError(_("« %(text)s » n’est pas un nombre."), params={"text": text[:20]}) from error


def _said(limit: float | None) -> str:
    return "*" if limit is None else repr(float(limit)).removesuffix(".0")


class ModelCardForm(forms.Form):
    """What the maker says of the AI, in French and in English."""

    maker = forms.CharField(label=_("Qui l’a faite ?"), error_messages=_missing(_("Dites qui l’a faite.")))
    version = forms.CharField(label=_("Quelle version ?"), error_messages=_missing(_("Dites quelle version.")))
    figures = forms.CharField(
        label=_("Chiffres mesurés"),
        help_text=_(
            "Un par ligne : le chiffre | ce qu’il dit, sur combien de cas | la même chose en anglais. "
            "Exemple : 4 sur 100 | se trompe, sur 569 cas | wrong, on 569 cases."
        ),
        widget=_area(5),
        error_messages=_missing(_("Donnez au moins un chiffre mesuré.")),
    )
    TOLD = (
        ("purpose", _("À quoi sert-elle ?")),
        ("trained_on", _("Sur quoi a-t-elle appris ?")),
        ("population", _("De quelles personnes venaient ces cas ?")),
        ("labelled_by", _("Qui a donné les réponses dont elle a appris ?")),
        ("never_taught", _("Qu’est-ce qu’elle n’a jamais appris ?")),
    )

    def __init__(self, data: Any = None, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        for name, label in self.TOLD:
            self.fields[f"{name}_fr"] = forms.CharField(
                label=label, widget=_area(3), error_messages=_missing(_("Répondez à cette question."))
            )
            self.fields[f"{name}_en"] = forms.CharField(
                label=_("La même chose en anglais"), required=False, widget=_area(3)
            )
        self.order_fields(
            ["maker", "version", *(f"{n}_{lang}" for n, _l in self.TOLD for lang in ("fr", "en")), "figures"]
        )

    def clean_figures(self) -> tuple[Figure, ...]:
        """The figures, one a line."""
        figures = []
        for line in self.cleaned_data["figures"].splitlines():
            if not line.strip():
                continue
            value, _bar, rest = line.partition("|")
            french, _bar, english = rest.partition("|")
            if not value.strip() or not french.strip():
                raise forms.ValidationError(
                    _("Cette ligne ne dit pas ce que mesure son chiffre : « %(line)s »."),
                    params={"line": line.strip()[:80]},
                )
            figures.append(Figure(value.strip(), Words(french.strip(), english.strip())))
        return tuple(figures)

    def card(self) -> ModelCard:
        """The card. Only after `is_valid`."""
        values = self.cleaned_data
        told = {name: Words(values[f"{name}_fr"].strip(), values[f"{name}_en"].strip()) for name, _label in self.TOLD}
        return ModelCard(maker=values["maker"], version=values["version"], figures=values["figures"], **told)

    @classmethod
    def told(cls, card: ModelCard) -> dict[str, Any]:
        """The form as it was last filled."""
        words = {name: cast(Words, getattr(card, name)) for name, _label in cls.TOLD}
        return {
            "maker": card.maker,
            "version": card.version,
            "figures": "\n".join(f"{f.value} | {f.words.fr} | {f.words.en}" for f in card.figures),
            **{f"{name}_fr": said.fr for name, said in words.items()},
            **{f"{name}_en": said.en for name, said in words.items()},
        }


class JsonField(forms.CharField):
    """A declaration written as JSON; an error names the line where it stops being readable."""

    widget = forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "class": "code"})

    def to_python(self, value: Any) -> Any:
        """The value."""
        try:
            return json.loads(value) if value else {}
        except json.JSONDecodeError as error:
            raise forms.ValidationError(
                _("Ce n’est plus lisible à la ligne %(line)s."), params={"line": error.lineno}
            ) from error

    def prepare_value(self, value: Any) -> Any:
        """The text that is shown."""
        return value if isinstance(value, str) else json.dumps(value, indent=1, ensure_ascii=False)


class ServiceForm(forms.Form):
    """One thing the AI does, and the data that may leave for it."""

    title = forms.CharField(
        label=_("Que fait-elle, en quelques mots ?"),
        max_length=200,
        error_messages=_missing(_("Dites ce qu’elle fait.")),
    )
    description = forms.CharField(
        label=_("Expliquez-le à un résident"),
        help_text=_("Deux ou trois phrases. Il les lira avant de dire oui ou non."),
        widget=_area(),
        error_messages=_missing(_("Expliquez ce qu’elle fait.")),
    )
    act_kind = forms.ChoiceField(
        label=_("Quel acte est-ce ?"),
        choices=[(kind.value, kind.value) for kind in ActKind],
        error_messages=_missing(_("Choisissez un acte.")),
    )
    hook = forms.ChoiceField(
        label=_("À quel moment le dossier informatisé la demande-t-il ?"), choices=[(hook, hook) for hook in HOOKS]
    )
    slug = forms.SlugField(
        label=_("Nom court, pour son adresse ici"),
        error_messages=_missing(_("Donnez un nom court, sans accent ni espace.")),
    )
    remote_id = forms.CharField(
        label=_("Son nom à l’adresse de l’IA"), max_length=100, error_messages=_missing(_("Donnez ce nom."))
    )
    prefetch = JsonField(
        label=_("Les données qui peuvent sortir"),
        help_text=_(
            "Par clé : la requête FHIR, et les champs qui peuvent partir. "
            "Tout le reste est retiré. Les noms, numéros et textes libres ne peuvent pas être déclarés."
        ),
    )
    inputs = JsonField(label=_("Le formulaire, là où il n’y a pas de dossier informatisé"), required=False)
    readings = JsonField(label=_("Les lectures possibles"), required=False)
