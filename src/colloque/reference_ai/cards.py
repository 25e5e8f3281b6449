"""Says an answer in words: the CDS Hooks card, its detail, and the structured answer beside it, in French and in English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from colloque.reference_ai.features import CODE_SYSTEM, OBSERVATION_CODE
from colloque.reference_ai.score import Answer, Band, Contribution, Label, Model, Status

Language = Literal["fr", "en"]
EXTENSION = "com.colloque.answer"

LABELS: Mapping[Language, Mapping[Label, str]] = {
    "fr": {Label.BENIGN: "plutôt bénin", Label.MALIGNANT: "plutôt malin"},
    "en": {Label.BENIGN: "rather benign", Label.MALIGNANT: "rather malignant"},
}
TITLES: Mapping[Language, str] = {"fr": "Aide à la cytologie du sein", "en": "Breast cytology aid"}
DESCRIPTIONS: Mapping[Language, str] = {
    "fr": "Cette IA lit des mesures de noyaux d’une ponction du sein et dit « plutôt bénin » ou « plutôt malin », ou se tait. "
    "IA de démonstration : elle ne remplace ni la lecture de la lame ni la décision du médecin.",
    "en": "This AI reads measurements of nuclei from a breast aspirate and says “rather benign” or “rather malignant”, or keeps "
    "silent. Demonstration AI: it replaces neither the reading of the slide nor the doctor’s decision.",
}
USAGE: Mapping[Language, str] = {
    "fr": "Ponction du sein d’une personne adulte, noyaux mesurés en pixels sur le montage d’origine des données.",
    "en": "Breast aspirate of an adult, nuclei measured in pixels on the data’s original set-up.",
}


def number(value: float, language: Language) -> str:
    """A number as people write it: four significant digits at most, a decimal comma in French."""
    text = f"{value:.4g}" if abs(value) < 10_000 else f"{value:.0f}"
    return text.replace(".", ",") if language == "fr" else text


def percent(share: float, language: Language) -> str:
    """A share as a percentage without needless decimals."""
    return f"{number(100 * share, language)} %" if language == "fr" else f"{number(100 * share, language)}%"


def _per_hundred(share: float) -> int:
    return round(100 * share)


def never_taught(model: Model) -> dict[Language, str]:
    """What the model never learned, with its measured blindness to a wrong scale."""
    figures = model.document["figures"]
    cases = model.document["data"]["cases"]
    enlarged = _per_hundred(1 - figures["scale_errors"]["1.3"]["refused"])
    reduced = _per_hundred(1 - figures["scale_errors"]["0.7692"]["refused"])
    worst = _per_hundred(1 - figures["scale_errors"]["0.7692"]["malignant_refused"])
    return {
        "fr": f"Elle n’a appris que sur {cases} ponctions d’un seul hôpital, avec un seul montage d’image. Elle ne voit ni la "
        "lame, ni l’âge, ni l’histoire, ni l’examen de la personne. Une image 1,3 fois trop grande lui échappe "
        f"{enlarged} fois sur 100 ; 1,3 fois trop petite, {reduced} fois sur 100, et {worst} fois sur 100 quand c’est un "
        "cancer. Là où le cancer est plus rare, ses alertes sont plus souvent fausses.",
        "en": f"It learned from only {cases} aspirates of one hospital, with one imaging set-up. It sees neither the slide, nor "
        "the person’s age, history or examination. An image 1.3 times too large escapes it "
        f"{enlarged} times in 100; 1.3 times too small, {reduced} times in 100, and {worst} times in 100 when it is a "
        "cancer. Where cancer is rarer, its alarms are more often false.",
    }


LABELLED_BY: Mapping[Language, str] = {
    "fr": "L’équipe de l’hôpital universitaire du Wisconsin (États-Unis), avant 1994 : le diagnostic de chaque cas est le "
    "leur. Nous ne l’avons pas revu.",
    "en": "The team of the University of Wisconsin hospital (United States), before 1994: each case’s diagnosis is theirs. We "
    "have not reviewed it.",
}
"""Who said what each training case was."""


def _errors(band: Band, language: Language) -> str:
    if band.wrong_per_100 == 0:
        if language == "fr":
            return f"Aucune erreur sur {band.measured_on} cas semblables mesurés."
        return f"No error on {band.measured_on} similar cases measured."
    if language == "fr":
        return f"Sur 100 cas semblables, elle se trompe environ {band.wrong_per_100} fois."
    times = "once" if band.wrong_per_100 == 1 else f"{band.wrong_per_100} times"
    return f"On 100 similar cases it is wrong about {times}."


def summary(answer: Answer, language: Language) -> str:
    """The card's one line, 140 characters at most."""
    if answer.label is not None and answer.band is not None:
        start = "IA : " if language == "fr" else "AI: "
        return f"{start}{LABELS[language][answer.label]}. {_errors(answer.band, language)}"
    if answer.status is Status.ABSTAINED:
        return {
            "fr": "IA : pas de réponse. Ces mesures ne lui permettent pas de trancher.",
            "en": "AI: no answer. It cannot decide from these measurements.",
        }[language]
    return {
        "fr": "IA : pas de réponse. Ces mesures ne ressemblent pas à celles qu’elle a apprises.",
        "en": "AI: no answer. These measurements are unlike those it learned from.",
    }[language]


def _row(contribution: Contribution, language: Language) -> str:
    name = getattr(contribution.feature, language)
    value = f"{number(contribution.value, language)} {contribution.feature.symbol}".strip()
    return f"| {name} | {value} | {contribution.points} / {contribution.maximum} | {contribution.reference} |"


def _weighed(answer: Answer, model: Model, language: Language) -> list[str]:
    heading, columns = {
        "fr": ("**Ce qui a pesé**", "| Mesure | Valeur | Points | Cas bénin courant |"),
        "en": ("**What weighed**", "| Measurement | Value | Points | Usual benign case |"),
    }[language]
    ordered = sorted(answer.contributions, key=lambda one: one.reference - one.points)
    total = {
        "fr": f"Total : {answer.total} points sur {model.maximum}.",
        "en": f"Total: {answer.total} points of {model.maximum}.",
    }[language]
    return [heading, "", columns, "| --- | --- | --- | --- |", *(_row(one, language) for one in ordered), "", total]


def _certainty(answer: Answer, model: Model, language: Language) -> str:
    band = answer.band
    if band is None:
        return ""
    level = percent(model.level, language)
    cases, errors, most = band.measured_on, number(band.errors, language), band.at_most_per_100
    if language == "fr":
        measured = f"{errors} sur {cases} cas mis de côté" if band.errors else "cas mis de côté pendant l’apprentissage"
        return (
            f"**Sa sûreté** : {_errors(band, 'fr')} Mesure : {measured} ; au plus {most} fois sur 100 si l’on compte le hasard. "
            f"Une seule réponse reste possible au niveau de {level}."
        )
    measured = f"{errors} of {cases} held-out cases" if band.errors else "cases held out while learning"
    return (
        f"**How sure**: {_errors(band, 'en')} Measure: {measured}; at most {most} in 100 allowing for chance. "
        f"A single answer remains possible at the {level} level."
    )


def _silence(answer: Answer, language: Language) -> str:
    if answer.status is Status.ABSTAINED:
        return {
            "fr": "L’aide ne tranche pas : à son niveau d’exigence, elle ne peut pas retenir une seule réponse. Fiez-vous à "
            "votre lecture et aux examens.",
            "en": "The aid does not decide: at its level of caution it cannot keep a single answer. Rely on your own reading "
            "and on the examinations.",
        }[language]
    named = ", ".join(getattr(feature, language) for feature in answer.beyond)
    if language == "fr":
        why = f" Hors de ce qu’elle a vu : {named}." if named else ""
        return (
            f"L’aide se tait : ces mesures sortent de ce qu’elle connaît.{why} Vérifiez l’échelle de l’image et la saisie ; "
            "sinon, ce cas n’est pas pour elle."
        )
    why = f" Beyond what it has seen: {named}." if named else ""
    return (
        f"The aid keeps silent: these measurements are outside what it knows.{why} Check the image scale and the typing; "
        "otherwise this case is not for it."
    )


def detail(answer: Answer, model: Model, language: Language) -> str:
    """The card's text in GitHub Flavored Markdown: what weighed, how sure, what it was never taught, who labelled."""
    if answer.status is Status.ANSWERED:
        parts = ["\n".join(_weighed(answer, model, language)), _certainty(answer, model, language)]
    else:
        parts = [_silence(answer, language)]
    unknown, labellers, made = {
        "fr": ("Ce qu’elle ne sait pas", "Qui a étiqueté", "IA de démonstration, ce n’est pas un dispositif médical."),
        "en": ("What it does not know", "Who labelled", "Demonstration AI, not a medical device."),
    }[language]
    colon = " :" if language == "fr" else ":"
    parts += [
        f"**{unknown}**{colon} {never_taught(model)[language]}",
        f"**{labellers}**{colon} {LABELLED_BY[language]}",
        f"{made} {model.name} {model.version}.",
    ]
    return "\n\n".join(parts)


def _contribution(one: Contribution) -> dict[str, Any]:
    return {
        "code": one.feature.code,
        "fr": one.feature.fr,
        "en": one.feature.en,
        "value": one.value,
        "unit": one.feature.symbol,
        "ucum": one.feature.unit,
        "points": one.points,
        "reference": one.reference,
        "max": one.maximum,
    }


def structured(answer: Answer, model: Model, values: Mapping[str, float]) -> dict[str, Any]:
    """The answer for programs. Without an answer it holds no label, probability, total or contribution: nothing to lean on."""
    band = answer.band
    like = None
    if band is not None:
        like = {
            "of": 100,
            "wrong": band.wrong_per_100,
            "at_most": band.at_most_per_100,
            "measured_on": band.measured_on,
            "errors": band.errors,
        }
    return {
        "v": 1,
        "status": answer.status.value,
        "label": answer.label.value if answer.label else None,
        "possible": [label.value for label in answer.possible],
        "level": model.level,
        "probability": answer.probability,
        "like_cases": like,
        "total": None if answer.total is None else {"points": answer.total, "max": model.maximum},
        "contributions": [_contribution(one) for one in answer.contributions],
        "measurements": [
            {
                "code": one.code,
                "fr": one.fr,
                "en": one.en,
                "value": values[one.code],
                "unit": one.symbol,
                "ucum": one.unit,
            }
            for one in model.measured
        ],
        "beyond": [feature.code for feature in answer.beyond],
        "never_taught": never_taught(model),
        "labelled_by": dict(LABELLED_BY),
        "model": {"name": model.name, "version": model.version},
        "summary": {"fr": summary(answer, "fr"), "en": summary(answer, "en")},
    }


def card(
    answer: Answer, model: Model, values: Mapping[str, float], language: Language, uuids: tuple[str, str]
) -> dict[str, Any]:
    """The CDS Hooks card; `uuids` are those of the card and of its suggestion. Suggestions carry no action."""
    made: dict[str, Any] = {
        "uuid": uuids[0],
        "summary": summary(answer, language),
        "detail": detail(answer, model, language),
        "indicator": "warning" if answer.label is Label.MALIGNANT else "info",
        "source": {
            "label": f"{TITLES[language]} ({'IA de démonstration' if language == 'fr' else 'demonstration AI'})",
            "topic": {"system": CODE_SYSTEM, "code": OBSERVATION_CODE, "display": TITLES[language]},
        },
        "extension": {EXTENSION: structured(answer, model, values)},
    }
    if answer.label is not None:
        said = LABELS[language][answer.label]
        wording = f"Retenir « {said} »" if language == "fr" else f"Keep “{said}”"
        made["suggestions"] = [{"label": wording, "uuid": uuids[1]}]
        made["selectionBehavior"] = "at-most-one"
    return made
