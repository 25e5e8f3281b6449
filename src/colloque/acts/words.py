"""Sentences people read about what an AI answered, why nothing of it is shown, and what the charter could not decide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from colloque.acts.core.answer import AnswerWord, Contribution, LikeCases, WithheldCode
from colloque.acts.core.reading import Conclusion
from colloque.kernel.vocabulary import Situation
from colloque.people.language import is_english, page_language
from colloque.projects.core.inputs import Input

FEW_CASES = 50
"""Below this many cases, a share of errors is said to be uncertain."""

WITHHELD: Mapping[WithheldCode, Promise] = {
    WithheldCode.OUTSIDE_INTENDED_USE: _(
        "Cette IA n’a pas été prévue pour cette personne ou pour ces données. Colloque ne l’a pas appelée."
    ),
    WithheldCode.TIMEOUT: _("L’IA n’a pas répondu à temps. Les soins n’attendent pas : poursuivez sans elle."),
    WithheldCode.UNREACHABLE: _("L’IA n’a pas pu être jointe."),
    WithheldCode.REDIRECT: _(
        "L’IA a voulu envoyer la demande ailleurs qu’à l’adresse déclarée. Colloque ne l’a pas suivie."
    ),
    WithheldCode.STATUS: _("L’IA a signalé une erreur de son côté."),
    WithheldCode.CONTENT_TYPE: _("L’IA a répondu dans un format qui n’est pas celui annoncé."),
    WithheldCode.TOO_LARGE: _("L’IA a répondu beaucoup trop long pour être vérifié."),
    WithheldCode.TRUNCATED: _("La réponse de l’IA est arrivée incomplète."),
    WithheldCode.NOT_UTF8: _("La réponse de l’IA est illisible."),
    WithheldCode.NOT_JSON: _("La réponse de l’IA est illisible."),
    WithheldCode.INVALID_ANSWER: _("La réponse de l’IA n’a pas la forme attendue. On ne peut pas s’y fier."),
    WithheldCode.TOO_MANY_CARDS: _("L’IA a répondu trop de choses à la fois pour que quelqu’un les lise vraiment."),
    WithheldCode.NO_SOURCE: _("L’IA ne dit pas d’où vient sa réponse."),
    WithheldCode.BUSY: _("Trop de demandes à la fois : celle-ci n’a pas pu partir."),
}

PROBLEMS: Mapping[str, Promise] = {
    "nobody-answers": _("Aucun soignant nommé ne répond de cet acte."),
    "standing-kept-changing": _(
        "Pendant la demande, la situation n’a pas cessé de changer. Dans le doute, l’IA n’intervient pas."
    ),
}


def number(value: float) -> str:
    """A number as one writes it in the language of the page, without useless zeros."""
    text = f"{value:.6g}"
    if "e" in text:
        text = f"{Decimal(repr(value)).normalize():f}"
    return text if is_english() else text.replace(".", ",").replace("-", "−")


def unit(code: str) -> str:
    """A UCUM unit as one reads it; annotations in braces are words already."""
    known = {
        "1": "",
        "{pixel}": "px",
        "{square_pixel}": "px²",
        "{grey_level}": gettext("niveaux de gris"),
        "mm[Hg]": "mmHg",
        "Cel": "°C",
        "/min": gettext("par minute"),
        "a": gettext("ans"),
    }
    return known.get(code, code.replace("{", "").replace("}", "").replace("_", " "))


def withheld_sentence(code: str) -> str:
    """Why nothing of an answer is shown."""
    try:
        return str(WITHHELD[WithheldCode(code)])
    except ValueError:
        return gettext("La réponse de l’IA n’a pas pu être vérifiée.")


def problem_sentence(code: str) -> str:
    """Why a verdict fell without a rule of the charter; empty for what the rules already say."""
    return str(PROBLEMS.get(code, ""))


@dataclass(frozen=True)
class Outside:
    """One condition of an intended use that was not met; `situation` where it is one, to be named by its word."""

    sentence: str
    situation: Situation | None = None


def outside_sentences(path: str, inputs: Sequence[Input]) -> tuple[Outside, ...]:
    """The conditions of an intended use that were not met, from the codes of `IntendedUse.check` joined by commas."""
    language = page_language()
    names = {one.key: one.label(language) for one in inputs}
    return tuple(_outside(code, names) for code in path.split(",") if code)


def _outside(code: str, names: Mapping[str, str]) -> Outside:
    kind, _colon, what = code.partition(":")
    if kind == "situation" and what in set(Situation):
        return Outside(gettext("Elle n’est pas prévue pour cette situation :"), Situation(what))
    name = names.get(what, what)
    sentences = {
        "age-unknown": gettext("L’âge de la personne n’est pas connu."),
        "age-below": gettext("Elle n’est prévue qu’à partir de %s ans.") % what,
        "age-above": gettext("Elle n’est prévue que jusqu’à %s ans.") % what,
        "sex": gettext("Elle n’est pas prévue pour le sexe de cette personne."),
        "sex-unknown": gettext("Le sexe de la personne n’est pas connu."),
        "situations-unknown": gettext("La situation de la personne n’est pas connue."),
        "missing": gettext("« %s » manque.") % name,
        "below": gettext("« %s » est plus bas que tout ce qu’elle connaît.") % name,
        "above": gettext("« %s » est plus haut que tout ce qu’elle connaît.") % name,
        "unreadable": gettext("« %s » ne se lit pas comme un nombre.") % name,
    }
    return Outside(sentences.get(kind, gettext("Une condition de son usage prévu n’est pas remplie.")))


@dataclass(frozen=True)
class Sure:
    """How sure an AI is: in words and figures, and on what it was counted."""

    sentence: str
    measured: str


def how_sure(cases: LikeCases | None) -> Sure | None:
    """How often the AI errs in cases like this one, out of 100, and on how many cases this was counted."""
    if cases is None or cases.of <= 0:
        return None
    share = 100 * cases.wrong / cases.of
    figures = {"times": round(share)}
    if figures["times"] < 1:
        sentence = gettext("Elle se trompe très rarement : sur 100 cas semblables, moins d’une fois.")
    elif share < 3:
        sentence = gettext("Elle se trompe rarement : sur 100 cas semblables, environ %(times)d fois.") % figures
    elif share < 10:
        sentence = gettext("Elle se trompe parfois : sur 100 cas semblables, environ %(times)d fois.") % figures
    elif share < 25:
        sentence = gettext("Elle se trompe souvent : sur 100 cas semblables, environ %(times)d fois.") % figures
    else:
        sentence = gettext("Elle se trompe très souvent : sur 100 cas semblables, environ %(times)d fois.") % figures
    return Sure(sentence, " ".join(_measured_on(cases)))


def _measured_on(cases: LikeCases) -> Iterator[str]:
    count = cases.measured_on if isinstance(cases.measured_on, int) else cases.of
    counted = {"count": number(count)}
    if isinstance(cases.measured_on, str) and cases.measured_on.strip():
        yield gettext("Mesuré sur %(count)s cas : %(where)s.") % {**counted, "where": cases.measured_on.strip(" .")}
    elif isinstance(cases.measured_on, int):
        yield gettext("Mesuré sur %(count)s cas semblables qu’elle n’avait jamais vus.") % counted
    else:
        yield gettext("Mesuré sur %(count)s cas semblables.") % counted
    if cases.at_most is not None:
        yield gettext("Avec la part du hasard, au plus %(times)s fois sur 100.") % {
            "times": number(round(100 * cases.at_most / cases.of))
        }
    if count < FEW_CASES:
        yield gettext("C’est peu : ce chiffre lui-même est incertain.")


def what_stays_possible(word: AnswerWord, readings: Sequence[Conclusion]) -> str:
    """What the AI keeps as possible at its declared level; empty where it declares none."""
    if word.level is None or not word.possible:
        return ""
    language = page_language()
    names = {named.code: named.words(language) for named in readings}
    level = {"level": number(round(100 * word.level, 1))}
    how = (
        gettext("Elle dresse une liste de réponses possibles, réglée pour contenir la bonne %(level)s fois sur 100.")
        % level
    )
    if len(word.possible) == 1:
        return how + " " + gettext("Ici, la liste n’en contient qu’une.")
    listed = ", ".join(names.get(code, code) for code in word.possible)
    return how + " " + gettext("Ici, la liste en contient plusieurs (%s) : elle ne tranche pas.") % listed


@dataclass(frozen=True)
class Weight:
    """One line of what weighed. `pull` is its points beyond those of a usual case, drawn against `most`; below it, `against`
    says so.
    """

    name: str
    value: str
    points: str
    usual: str
    pull: float
    most: float
    against: str


def what_weighed(contributions: Sequence[Contribution]) -> tuple[Weight, ...]:
    """The contributions, those that pull most first."""
    language = page_language()
    pulls = [one.points - (one.reference if _is_number(one.reference) else 0) for one in contributions]  # type: ignore[operator]
    most = max((abs(pull) for pull in pulls), default=0) or 1
    weights = [
        Weight(
            name=(one.en or one.fr) if language.startswith("en") else (one.fr or one.en),
            value=_measured(one.value, one.unit),
            points=_points(one),
            usual=number(one.reference) if isinstance(one.reference, int | float) else (one.reference or ""),
            pull=pull,
            most=most,
            against="" if pull >= 0 else _against(one),
        )
        for one, pull in zip(contributions, pulls, strict=True)
    ]
    return tuple(sorted(weights, key=lambda weight: -abs(weight.pull)))


def _against(one: Contribution) -> str:
    return gettext("moins qu’un cas courant") if _is_number(one.reference) else gettext("va dans l’autre sens")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)


def _points(one: Contribution) -> str:
    points = number(round(one.points, 1))
    if one.max:
        return gettext("%(points)s sur %(most)s") % {"points": points, "most": number(one.max)}
    return f"+{points}" if one.points > 0 else points


def _measured(value: float | str | None, code: str) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else f"{number(value)} {unit(code)}".strip()
