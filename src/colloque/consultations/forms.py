"""Forms of consultations: short, each with defaults that hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any, cast

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from colloque.consultations.actions.opening import SEEDS_NEEDED, Terms
from colloque.consultations.actions.taking_part import Coming
from colloque.consultations.core.groups import (
    PROFILE_ANSWERS,
    Anonymity,
    GroupOfPeople,
    HelperKind,
    ProfileQuestion,
)
from colloque.consultations.core.limits import CODES_AT_ONCE, SHEETS_AT_ONCE
from colloque.consultations.core.moderation import LONGEST_STATEMENT, ModerationMode
from colloque.consultations.core.receipts import MAX_RECEIPT_CHARACTERS
from colloque.consultations.core.state import IdeaWish
from colloque.consultations.core.words import statement_words
from colloque.consultations.labels import ANONYMITY, ANSWERS, GROUPS, HELPERS, ME, MODERATION, QUESTIONS, REASONS
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
    count = forms.IntegerField(
        label=_("Combien de codes ?"),
        help_text=_("Un par personne à inviter."),
        min_value=1,
        max_value=CODES_AT_ONCE,
        error_messages={
            "required": _("Écrivez combien de codes."),
            "invalid": _("Écrivez un nombre."),
            "min_value": _("Il en faut au moins un."),
            "max_value": _("Pas plus de 2 000 à la fois."),
        },
    )

    def __init__(self, groups: Sequence[str], data: Any = None) -> None:
        super().__init__(data)
        cast(forms.ChoiceField, self.fields["group"]).choices = [(group, GROUPS[group]) for group in groups]


class JoinForm(forms.Form):
    """What somebody says before they begin: nothing at all is enough, save a code where codes are asked for."""

    code = forms.CharField(
        label=_("Votre code"),
        help_text=_("Il est écrit sur le papier qu’on vous a donné. Majuscules ou minuscules, avec ou sans tiret."),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "class": "short"}
        ),
        error_messages={"required": _("Écrivez le code qui est sur votre papier.")},
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


class RejectForm(forms.Form):
    """Why a statement is turned away."""

    reason = forms.ChoiceField(
        label=_("Pourquoi l’écarter ?"),
        choices=list(REASONS.items()),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez une raison. Tout le monde la lira.")},
    )
    words = forms.CharField(
        label=_("Un mot d’explication"),
        help_text=_("Public. Ne répétez pas ce qui désigne une personne."),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class OtherwiseForm(forms.Form):
    """A statement said in easy words and in English."""

    easy = forms.CharField(
        label=_("En mots simples"),
        help_text=_("Des mots courts, une idée, pas de négation double. Comme à un proche fatigué."),
        max_length=280,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    text_en = forms.CharField(
        label=_("En anglais"), max_length=280, required=False, widget=forms.Textarea(attrs={"rows": 2, "lang": "en"})
    )
    easy_en = forms.CharField(
        label=_("En anglais, en mots simples"),
        max_length=280,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "lang": "en"}),
    )


class SheetsForm(forms.Form):
    """How many sheets, for whom, in which words."""

    count = forms.IntegerField(
        label=_("Combien de feuilles ?"),
        min_value=1,
        max_value=SHEETS_AT_ONCE,
        initial=20,
        error_messages={
            "required": _("Écrivez combien de feuilles."),
            "invalid": _("Écrivez un nombre."),
            "min_value": _("Il en faut au moins une."),
            "max_value": _("Pas plus de 500 à la fois."),
        },
    )
    group = forms.ChoiceField(label=_("Pour quel groupe ?"), required=False, widget=forms.RadioSelect)
    words = forms.ChoiceField(
        label=_("Dans quels mots ?"),
        choices=[
            ("fr", _("En français")),
            ("fr-easy", _("En français, en mots simples quand ils existent")),
            ("en", _("En anglais quand il existe")),
        ],
        initial="fr",
        widget=forms.RadioSelect,
    )

    def __init__(self, groups: Sequence[str], data: Any = None) -> None:
        super().__init__(data)
        cast(forms.ChoiceField, self.fields["group"]).choices = [
            ("", _("Sans groupe")),
            *((group, GROUPS[group]) for group in groups),
        ]


class SheetCodeForm(forms.Form):
    """The code of a sheet, and its answers typed in one go, or nothing to tick them one by one."""

    code = forms.CharField(
        label=_("Code de la feuille"),
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "class": "short"}
        ),
        error_messages={"required": _("Écrivez le code qui est en bas de la feuille.")},
    )
    answers = forms.CharField(
        label=_("Les réponses, ligne par ligne"),
        help_text=_(
            "Tapez le numéro de la case cochée : 1 d’accord, 2 pas d’accord, 3 je passe, 0 rien. Exemple : 1123 0112. "
            "Laissez vide pour cocher ligne par ligne."
        ),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric", "spellcheck": "false"}),
    )


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

    answer = forms.CharField(
        label=_("Votre réponse, en quelques mots"),
        help_text=_("Publique. Elle dit ce que vous allez en faire, ou pourquoi vous n’en ferez rien."),
        max_length=2_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
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


class ReceiptForm(forms.Form):
    """A receipt, pasted."""

    receipt = forms.CharField(
        label=_("Votre reçu"),
        help_text=_("Collez toutes ses lignes. Les espaces et les retours à la ligne ne comptent pas."),
        max_length=MAX_RECEIPT_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 5, "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Collez votre reçu.")},
    )
