"""Forms of whoever opens a consultation: the consultation itself, and codes to hand out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any, cast

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from colloque.consultations.actions.opening import SEEDS_NEEDED, Terms
from colloque.consultations.core.groups import (
    Anonymity,
    GroupOfPeople,
    ProfileQuestion,
)
from colloque.consultations.core.limits import CODES_AT_ONCE
from colloque.consultations.core.moderation import ModerationMode
from colloque.consultations.core.words import statement_words
from colloque.consultations.forms.fields import count_field
from colloque.consultations.labels import ANONYMITY, GROUPS, MODERATION, QUESTIONS
from colloque.kernel.errors import InvalidInputError

USUAL_DAYS = 21


class ConsultationForm(forms.Form):
    """A consultation in two minutes: a question, first statements, how people come in, until when. The rest has defaults."""

    question = forms.CharField(
        label=_("La question posée"),
        help_text=_("Une question ouverte, que tout le monde comprend. Exemple : « Que peut-on confier à l’IA ici ? »"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Écrivez la question que vous posez.")},
    )
    seeds = forms.CharField(
        label=_("Les premières affirmations, une par ligne"),
        help_text=_(
            "Trois au moins, dix c’est bien. Une idée par ligne, des avis différents. Chacun répondra « D’accord », "
            "« Pas d’accord » ou « Je passe », et pourra en ajouter."
        ),
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": _("Écrivez au moins trois affirmations, une par ligne.")},
    )
    anonymity = forms.ChoiceField(
        label=_("Comment participe-t-on ?"),
        choices=list(ANONYMITY.items()),
        initial=Anonymity.OPEN_LINK.value,
        widget=forms.RadioSelect,
        error_messages={"required": _("Dites comment on participe.")},
    )
    closes_on = forms.DateField(
        label=_("Dernier jour pour participer"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Choisissez le dernier jour."), "invalid": _("Cette date n’est pas lisible.")},
    )
    title = forms.CharField(
        label=_("Titre court"),
        help_text=_("Pour les listes et l’affiche. Sans titre, la question en tient lieu."),
        max_length=120,
        required=False,
    )
    about = forms.CharField(
        label=_("Pourquoi cette consultation, et ce que vous ferez du résultat"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    groups = forms.MultipleChoiceField(
        label=_("Groupes dont on compte la participation"),
        choices=list(GROUPS.items()),
        initial=[group.value for group in GroupOfPeople],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Cochez au moins un groupe.")},
    )
    moderation = forms.ChoiceField(
        label=_("Les affirmations que les gens ajoutent"),
        choices=list(MODERATION.items()),
        initial=ModerationMode.STRICT.value,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez.")},
    )
    moderation_policy = forms.CharField(
        label=_("Vos règles de publication, si vous en avez d’autres"),
        help_text=_("Tout le monde peut les lire. Celles de Colloque s’appliquent toujours."),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    profile_questions = forms.MultipleChoiceField(
        label=_("Questions sur la personne, toujours facultatives"),
        choices=list(QUESTIONS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    is_listed = forms.BooleanField(
        label=_("Montrer cette consultation sur la page publique de l’établissement"), required=False, initial=True
    )
    title_en = forms.CharField(label=_("Titre en anglais"), max_length=120, required=False)
    question_en = forms.CharField(
        label=_("Question en anglais"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    about_en = forms.CharField(
        label=_("Pourquoi, en anglais"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, data: Any = None, *, now: datetime, initial: Mapping[str, Any] | None = None) -> None:
        super().__init__(
            data, initial={"closes_on": timezone.localdate(now) + timedelta(days=USUAL_DAYS), **(initial or {})}
        )
        self.now = now
        for group in GroupOfPeople:
            self.fields[f"size_{group.value}"] = forms.IntegerField(
                label=str(GROUPS[group]), required=False, min_value=0, max_value=100_000_000,
                error_messages={"invalid": _("Écrivez un nombre."), "min_value": _("Écrivez un nombre positif."),
                                "max_value": _("Ce nombre est trop grand.")},
            )  # fmt: skip

    @property
    def sizes(self) -> list[forms.BoundField]:
        """How many people each group counts in the house: one field a group."""
        return [self[f"size_{group.value}"] for group in GroupOfPeople]

    def clean_seeds(self) -> list[str]:
        """One statement a line. Says which line does not hold."""
        lines = [line for line in self.cleaned_data["seeds"].splitlines() if line.strip()]
        words, problems = [], []
        for number, line in enumerate(lines, start=1):
            try:
                words.append(statement_words(line))
            except InvalidInputError as error:
                told = {
                    "empty": _("Ligne %(line)d : il n’y a pas de mots."),
                    "short": _("Ligne %(line)d : ce n’est pas une phrase."),
                    "long": _("Ligne %(line)d : plus de 280 signes. Gardez une seule idée."),
                }[error.code]
                problems.append(forms.ValidationError(told, params={"line": number}))
        distinct = list(dict.fromkeys(words))
        if not problems and len(distinct) < SEEDS_NEEDED:
            problems.append(forms.ValidationError(_("Écrivez au moins trois affirmations différentes, une par ligne.")))
        if problems:
            raise forms.ValidationError(problems)
        return distinct

    def clean_closes_on(self) -> datetime:
        """The end of that day, in the house."""
        day = self.cleaned_data["closes_on"]
        end = timezone.make_aware(datetime.combine(day, time(23, 59)))
        if end <= self.now:
            raise forms.ValidationError(_("Choisissez un jour à venir."))
        return end

    @property
    def terms(self) -> Terms:
        """What was written, as the action takes it. Only after `is_valid`."""
        said = self.cleaned_data
        return Terms(
            question=said["question"],
            title=said["title"],
            about=said["about"],
            title_en=said["title_en"],
            question_en=said["question_en"],
            about_en=said["about_en"],
            anonymity=Anonymity(said["anonymity"]),
            is_listed=said["is_listed"],
            moderation=ModerationMode(said["moderation"]),
            moderation_policy=said["moderation_policy"],
            groups=[GroupOfPeople(group) for group in said["groups"]],
            group_sizes={
                group.value: size for group in GroupOfPeople if (size := said.get(f"size_{group.value}")) is not None
            },
            profile_questions=[ProfileQuestion(question) for question in said["profile_questions"]],
            closes_at=said["closes_on"],
        )


class CodesForm(forms.Form):
    """How many codes, for whom."""

    group = forms.ChoiceField(
        label=_("Pour quel groupe ?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez un groupe."), "invalid_choice": _("Choisissez un des groupes.")},
    )
    count = count_field(
        _("Combien de codes ?"),
        needed=_("Écrivez combien de codes."),
        most=CODES_AT_ONCE,
        too_many=_("Pas plus de 2 000 à la fois."),
        help_text=_("Un par personne à inviter."),
    )

    def __init__(self, groups: Sequence[str], data: Any = None) -> None:
        super().__init__(data)
        cast(forms.ChoiceField, self.fields["group"]).choices = [(group, GROUPS[group]) for group in groups]
