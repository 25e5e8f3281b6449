"""The form by which a rule is put together, one question after another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

import msgspec
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from colloque.charter.core import lexicon
from colloque.charter.core.builder import to_cedar
from colloque.charter.core.constitution import establishment_rules
from colloque.charter.core.draft import LONGEST_ASKED, MOST_TIMES, OLDEST_ASKED, Bounds, Condition, Draft, Effect, Flaw
from colloque.charter.core.draft import flaws as flaws_of
from colloque.charter.core.lexicon import Named
from colloque.charter.core.schema import groups_of
from colloque.charter.core.sentences import capital, sentence
from colloque.charter.forms.text import WhyForm, missing_words
from colloque.kernel.vocabulary import (
    ActGroup,
    ActKind,
    Autonomy,
    ChoiceAnswer,
    Profession,
    Requirement,
    Situation,
    Track,
)
from colloque.people.language import page_language

TRAITS = ("physical", "intimate", "standardised", "irreversible", "own-assessment-first", "fundamental-ethics")
HOURS = range(24)
LEVELS = range(2, 6)
Choice = tuple[str, str]
PROPOSING = ("origin", "origin_words", "purpose")
"""Questions that come last, and are only answered to propose the rule, not to read its sentence."""


def _several(label: Any, help_text: Any = "") -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        help_text=help_text,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages=missing_words(""),
    )


def _one(
    label: Any, choices: Sequence[tuple[str, Any]], *, initial: str = "", help_text: Any = "", missing: Any = ""
) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, help_text=help_text, choices=choices, widget=forms.RadioSelect, required=False, initial=initial,
        error_messages=missing_words(missing),
    )  # fmt: skip


def _number(label: Any, most: int) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=1, max_value=most)


class RuleForm(WhyForm):
    """One rule, question by question. `draft` is filled by validation; `flaws` say what the questions contradict."""

    effect = forms.ChoiceField(
        label=gettext_lazy("Que fait la règle ?"),
        choices=[
            (Effect.REFUSES.value, gettext_lazy("Elle ferme\nAucune IA n’intervient")),
            (
                Effect.ASKS.value,
                gettext_lazy("Elle pose une condition\nL’IA attend que quelque chose soit fait d’abord"),
            ),
            (Effect.PERMITS.value, gettext_lazy("Elle permet\nL’IA peut aider, tant qu’aucune règle ne ferme")),
        ],
        widget=forms.RadioSelect,
        error_messages=missing_words(gettext_lazy("Dites ce que fait la règle.")),
    )
    asks = _one(
        gettext_lazy("Que faut-il d’abord ?"),
        [
            (
                Requirement.HUMAN_PRESENCE.value,
                gettext_lazy("Quelqu’un à côté\nUn professionnel confirme qu’il est là"),
            ),
            (Requirement.EXPLICIT_YES.value, gettext_lazy("Un oui\nLa personne dit oui à cet acte")),
            (Requirement.OWN_ASSESSMENT.value, gettext_lazy("Un avis humain\nLe soignant note d’abord le sien")),
            (Requirement.EXCHANGE_PLANNED.value, gettext_lazy("Un échange\nUn moment pour en parler est prévu")),
        ],
        missing=gettext_lazy("Dites ce qu’il faut d’abord."),
    )
    acts = _several(gettext_lazy("Pour quels actes ?"), gettext_lazy("Si vous ne cochez rien : tous les actes."))
    age_under = _number(gettext_lazy("Elle a moins de"), OLDEST_ASKED)
    age_since = _number(gettext_lazy("Elle a au moins"), OLDEST_ASKED)
    situations = _several(gettext_lazy("Elle est dans une de ces situations"))
    people = _one(
        gettext_lazy("Si vous avez donné un âge et une situation"),
        [
            ("either", gettext_lazy("L’un ou l’autre suffit")),
            ("both", gettext_lazy("Il faut les deux à la fois")),
        ],
        initial="either",
    )
    choices = _several(gettext_lazy("Elle a répondu, dans ses choix"))
    weekdays = _several(gettext_lazy("Quels jours ?"))
    hour_from = forms.ChoiceField(label=gettext_lazy("À partir de"), required=False)
    hour_until = forms.ChoiceField(label=gettext_lazy("Jusqu’à"), required=False)
    human_under = _number(gettext_lazy("Moins de ce temps avec des humains"), LONGEST_ASKED)
    human_since = _number(gettext_lazy("Au moins ce temps avec des humains"), LONGEST_ASKED)
    machine_under = _number(gettext_lazy("Moins de ce temps avec une machine"), LONGEST_ASKED)
    machine_since = _number(gettext_lazy("Au moins ce temps avec une machine"), LONGEST_ASKED)
    autonomies = _several(gettext_lazy("Ce que fait l’IA"))
    track = _one(gettext_lazy("Quel genre d’IA ?"), [])
    human_value = forms.ChoiceField(label=gettext_lazy("Valeur humaine de l’acte, au moins"), required=False)
    hardship = forms.ChoiceField(label=gettext_lazy("Pénibilité de l’acte, au moins"), required=False)
    conditions = _several(gettext_lazy("Une de ces choses est là"))
    professions = _several(gettext_lazy("Le professionnel qui en répond est"))
    times = _number(gettext_lazy("Minutes avec des humains pour chaque minute avec une machine"), MOST_TIMES)
    needs = _one(
        gettext_lazy("Si vous avez choisi plusieurs choses"),
        [("any", gettext_lazy("Une seule suffit")), ("all", gettext_lazy("Il les faut toutes à la fois"))],
        initial="any",
    )
    other_situations = _several(gettext_lazy("Sauf si la personne est dans une de ces situations"))
    words_fr = forms.CharField(
        label=gettext_lazy("La règle avec vos mots, en français"),
        help_text=gettext_lazy(
            "La première phrase servira de titre. Si vous laissez vide, la phrase ci-dessus sera gardée."
        ),
        required=False,
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 3, "lang": "fr"}),
    )
    words_en = forms.CharField(
        label=gettext_lazy("La règle avec vos mots, en anglais"),
        required=False,
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 3, "lang": "en"}),
    )
    origin_words = forms.CharField(
        label=gettext_lazy("Laquelle, lequel ?"),
        help_text=gettext_lazy("La consultation et sa date, l’article de loi, l’avis. Ces mots suivront la règle."),
        max_length=300,
        error_messages=missing_words(gettext_lazy("Dites d’où vient la règle, en quelques mots.")),
    )

    draft: Draft | None = None
    flaws: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    def __init__(self, *args: Any, rule_id: str = "", taken: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rule_id, self._taken = rule_id, frozenset(taken)
        self.use_required_attribute = False
        self.fields["asks"].required = not self.is_bound or self.data.get("effect") == Effect.ASKS
        self.order_fields([*(name for name in self.fields if name not in PROPOSING), *PROPOSING])
        for name, choices in _choices(page_language()).items():
            cast(forms.ChoiceField, self.fields[name]).choices = choices

    def act_families(self) -> list[tuple[str, list[Any]]]:
        """The boxes of acts, family by family, traits last."""
        boxes = {str(box.data["value"]): box for box in self["acts"]}
        language = page_language()
        found: list[tuple[str, list[Any]]] = []
        for group in ActGroup:
            kinds = [kind.value for kind in ActKind if group.value in groups_of(kind)]
            found.append(
                (capital(lexicon.ACTS[group.value](language)), [boxes[name] for name in (group.value, *kinds)])
            )
        found.append((_("Des actes qui ont un point commun"), [boxes[name] for name in TRAITS]))
        return found

    @property
    def is_opened(self) -> dict[str, bool]:
        """Which folded questions hold an answer, so that none is hidden."""
        held = {
            "people": ("age_under", "age_since", "situations", "choices"),
            "moments": ("weekdays", "hour_from", "hour_until"),
            "unless": ("conditions", "professions", "times", "other_situations"),
            "time": ("human_under", "human_since", "machine_under", "machine_since"),
            "finely": ("autonomies", "track", "human_value", "hardship"),
        }
        return {fold: any(self[name].value() or self[name].errors for name in names) for fold, names in held.items()}

    def read_again(self) -> None:
        """Leave aside what is only wanted for proposing: the sentence is read before it is proposed."""
        for name in PROPOSING:
            self.errors.pop(name, None)

    def clean(self) -> dict[str, Any]:
        """Make the draft of what was answered; what the questions contradict goes to `flaws`."""
        given = super().clean() or {}
        if self.has_error("asks", "required"):
            self.flaws = (flaw_told(Flaw.ASKS),)
        if any(name in self.errors for name in self.fields if name not in PROPOSING):
            return given
        draft = self._drafted(given)
        self.flaws = tuple(flaw_told(flaw) for flaw in flaws_of(draft))
        if not self.flaws:
            self.draft = self._named(draft, given)
            problems = establishment_rules(to_cedar(self.draft))[1]
            self.problems = tuple(
                problem.words(page_language()) for problem in problems if problem.code != "origin-missing"
            )
        for words in (*self.flaws, *self.problems):
            self.add_error(None, words)
        return given

    def _drafted(self, given: dict[str, Any]) -> Draft:
        begin, end = given.get("hour_from"), given.get("hour_until")
        asks = Requirement(given["asks"]) if given.get("asks") and given["effect"] == Effect.ASKS else None
        conditions = frozenset(Condition(value) for value in given["conditions"])
        return Draft(
            self.rule_id or "draft",
            Effect(given["effect"]),
            acts=tuple(given["acts"]),
            autonomies=frozenset(Autonomy(value) for value in given["autonomies"]),
            track=Track(given["track"]) if given.get("track") else None,
            human_value=int(given["human_value"]) if given.get("human_value") else None,
            hardship=int(given["hardship"]) if given.get("hardship") else None,
            ages=Bounds(given.get("age_under"), given.get("age_since")),
            situations=frozenset(Situation(value) for value in given["situations"]),
            is_both=given.get("people") == "both"
            and bool(given["situations"])
            and _any(given, "age_under", "age_since"),
            other_situations=frozenset(Situation(value) for value in given["other_situations"]),
            choices=frozenset(ChoiceAnswer(value) for value in given["choices"]),
            human_minutes=Bounds(given.get("human_under"), given.get("human_since")),
            machine_minutes=Bounds(given.get("machine_under"), given.get("machine_since")),
            hours=(int(begin or 0), int(end or 0)) if begin or end else None,
            weekdays=frozenset(int(value) for value in given["weekdays"]),
            conditions=conditions - ({Condition(asks.value)} if asks else set()),
            professions=frozenset(Profession(value) for value in given["professions"]),
            times_more_people=given.get("times"),
            needs_all=given.get("needs") == "all" and self._holds_several(given, asks),
            asks=asks,
        )

    @staticmethod
    def _holds_several(given: dict[str, Any], asks: Requirement | None) -> bool:
        held = [value for value in given["conditions"] if asks is None or value != asks.value]
        return len(held) + bool(given["professions"]) + bool(given.get("times")) > 1

    def _named(self, draft: Draft, given: dict[str, Any]) -> Draft:
        words = {
            "fr": given.get("words_fr", "").strip() or sentence(draft, "fr"),
            "en": given.get("words_en", "").strip() or sentence(draft, "en"),
        }
        origin = given.get("origin_words", "").strip()
        named = self.rule_id or rule_id_for(draft, self._taken)
        return msgspec.structs.replace(draft, id=named, words=words, origin={"fr": origin, "en": origin})


def _any(given: dict[str, Any], *names: str) -> bool:
    return any(given.get(name) is not None for name in names)


def _choices(language: str) -> dict[str, list[Choice]]:
    def told(named: dict[Any, Named], order: Iterable[Any]) -> list[Choice]:
        return [(str(getattr(value, "value", value)), capital(named[value](language))) for value in order]

    situations = told({**lexicon.STATES, **lexicon.EVENTS}, Situation)
    hours = [("", "—"), *((str(hour), f"{hour} h" if language == "fr" else f"{hour}:00") for hour in HOURS)]
    levels = [("", "—"), *((str(level), _("%(level)d sur 5") % {"level": level}) for level in LEVELS)]
    return {
        "acts": [(name, capital(named(language))) for name, named in lexicon.ACTS.items()],
        "situations": situations,
        "other_situations": situations,
        "choices": told(dict(lexicon.CHOICES), ChoiceAnswer),
        "weekdays": [(str(day), capital(lexicon.DAYS[day - 1](language))) for day in range(1, 8)],
        "hour_from": hours,
        "hour_until": hours,
        "autonomies": told(dict(lexicon.REACHES), Autonomy),
        "track": [("", _("Peu importe")), *told({t: _track(t) for t in Track}, Track)],
        "human_value": levels,
        "hardship": levels,
        "conditions": told(dict(lexicon.PROVIDED), Condition),
        "professions": told(dict(lexicon.PROFESSIONS), Profession),
    }


def _track(track: Track) -> Named:
    return Named(f"une IA {lexicon.TRACKS[track].fr}", f"{lexicon.TRACKS[track].en} AI")


def flaw_told(flaw: Flaw) -> str:
    """What the answers contradict, for a person."""
    return {
        Flaw.UNKNOWN_ACT: _("Un de ces actes n’existe pas. Choisissez dans la liste."),
        Flaw.BOUNDS: _("Deux de vos nombres se contredisent : ils ne laissent personne, ou ils ne limitent rien."),
        Flaw.EVERYBODY: _("Vous avez tout coché dans une question : c’est comme ne rien cocher. Décochez tout."),
        Flaw.HOURS: _("Les deux heures sont les mêmes. Choisissez deux heures différentes, ou aucune."),
        Flaw.SITUATION_TWICE: _(
            "Une même situation est à la fois concernée et laissée de côté. Choisissez l’un des deux."
        ),
        Flaw.NOTHING_TO_COMBINE: _("Vous demandez plusieurs choses à la fois, mais il n’y en a qu’une."),
        Flaw.ASKS: _("Dites ce qu’il faut d’abord."),
        Flaw.RATIO_ALONE: _(
            "Dans une permission, le temps avec des humains pour chaque minute de machine ne se combine qu’avec "
            "« toutes à la fois »."
        ),
    }[flaw]


def rule_id_for(draft: Draft, taken: frozenset[str]) -> str:
    """A name nobody has yet, from the acts or the people the rule is about."""
    about = [*draft.acts, *(s.value for s in Situation if s in draft.situations)][:2]
    if not about and draft.ages:
        about = [f"age-{draft.ages.since or draft.ages.under}"]
    verb = {Effect.REFUSES: "closed", Effect.ASKS: str(draft.asks or "asks"), Effect.PERMITS: "allowed"}[draft.effect]
    name = "-".join([*(about or ["all-acts"]), verb])[:50].strip("-")
    found, number = name, 2
    while found in taken:
        found, number = f"{name}-{number}", number + 1
    return found


def answers_of(draft: Draft) -> dict[str, Any]:
    """A draft as the form's first answers."""

    def values(chosen: Iterable[Any]) -> list[str]:
        return [str(getattr(value, "value", value)) for value in chosen]

    same = draft.words.get("fr") == sentence(draft, "fr")
    return {
        "effect": draft.effect.value,
        "asks": draft.asks.value if draft.asks else "",
        "acts": list(draft.acts),
        "age_under": draft.ages.under,
        "age_since": draft.ages.since,
        "situations": values(draft.situations),
        "people": "both" if draft.is_both else "either",
        "choices": values(draft.choices),
        "weekdays": values(draft.weekdays),
        "hour_from": str(draft.hours[0]) if draft.hours else "",
        "hour_until": str(draft.hours[1]) if draft.hours else "",
        "human_under": draft.human_minutes.under,
        "human_since": draft.human_minutes.since,
        "machine_under": draft.machine_minutes.under,
        "machine_since": draft.machine_minutes.since,
        "autonomies": values(draft.autonomies),
        "track": draft.track.value if draft.track else "",
        "human_value": str(draft.human_value or ""),
        "hardship": str(draft.hardship or ""),
        "conditions": values(draft.conditions),
        "professions": values(draft.professions),
        "times": draft.times_more_people,
        "needs": "all" if draft.needs_all else "any",
        "other_situations": values(draft.other_situations),
        "words_fr": "" if same else draft.words.get("fr", ""),
        "words_en": "" if same else draft.words.get("en", ""),
        "origin_words": draft.origin.get("fr", ""),
    }
