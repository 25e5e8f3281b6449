"""A second small service: seven known signs of a risk of falling, counted. It learned nothing and says so.

The signs are those that guidelines for older people agree on (Montero-Odasso and others, "World guidelines for falls
prevention and management for older adults", Age and Ageing, 2022). The threshold is a convention of the demonstration.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from colloque.reference_ai.measurements import MeasurementError, components_of, find_coded

SERVICE_ID = "fall-checklist"
CODE_SYSTEM = "urn:uuid:9d2b7d0e-5b43-4b53-8f0f-52b1f6f9a0c4"
OBSERVATION_CODE = "fall-signs"
PREFETCH_KEY = "signs"
PREFETCH = f"Observation?patient={{{{context.patientId}}}}&code={CODE_SYSTEM}|{OBSERVATION_CODE}&_sort=-date&_count=1"
VERSION = "1.0"
HIGHER_FROM = 3
"""From this many signs on, the aid says "rather high"."""

Language = Literal["fr", "en"]


class Sign(NamedTuple):
    """One question, answered by yes or no."""

    code: str
    fr: str
    en: str


SIGNS = (
    Sign("fallen-this-year", "Est tombée dans l’année", "Fell during the past year"),
    Sign("unsteady", "Marche ou se lève avec difficulté", "Walks or rises with difficulty"),
    Sign("afraid", "A peur de tomber", "Is afraid of falling"),
    Sign("dizzy", "A des vertiges en se levant", "Is dizzy on standing up"),
    Sign("sedatives", "Prend un somnifère ou un calmant", "Takes a sleeping pill or a sedative"),
    Sign("sees-poorly", "Voit mal, même avec ses lunettes", "Sees poorly, even with glasses"),
    Sign("rises-at-night", "Se lève plusieurs fois la nuit", "Gets up several times a night"),
)

TITLES = {"fr": "Aide aux chutes", "en": "Fall-risk aid"}
DESCRIPTIONS = {
    "fr": "Cette IA compte sept signes qui annoncent souvent une chute et dit combien elle en voit. "
    "Elle ne calcule aucune probabilité.",
    "en": "This AI counts seven signs that often announce a fall and says how many it sees. It computes no probability.",
}
USAGE = {
    "fr": "Personne de 65 ans ou plus qui vit en établissement, signes relevés par un soignant.",
    "en": "Person of 65 or more living in an establishment, signs noted by a carer.",
}
NEVER_TAUGHT = {
    "fr": "Elle n’a rien appris : c’est une liste. Personne n’a mesuré combien de fois elle se trompe. Elle ne voit ni le "
    "logement, ni les chaussures, ni l’envie de marcher. Le seuil de trois signes est une convention de la démonstration.",
    "en": "It learned nothing: it is a list. Nobody has measured how often it is wrong. It sees neither the room, nor the "
    "shoes, nor the wish to walk. The threshold of three signs is a convention of the demonstration.",
}
TRAINED_ON = {"fr": "Sur rien : une liste écrite à la main.", "en": "On nothing: a list written by hand."}
LABELLED_BY = {"fr": "Personne : rien n’a été étiqueté.", "en": "Nobody: nothing was labelled."}
LABELS = {
    "higher": {"fr": "risque plutôt élevé", "en": "rather high risk"},
    "lower": {"fr": "risque plutôt faible", "en": "rather low risk"},
}


def read(prefetched: Any) -> dict[str, bool] | None:
    """The seven answers by code, or None without an observation. Raises `MeasurementError`."""
    observation = find_coded(prefetched, CODE_SYSTEM, OBSERVATION_CODE)
    if observation is None:
        return None
    known = {sign.code for sign in SIGNS}
    answers: dict[str, bool] = {}
    for code, component, where in components_of(observation, CODE_SYSTEM, known):
        value = component.get("valueBoolean")
        if not isinstance(value, bool):
            raise MeasurementError("not-a-boolean", f"{code} must be true or false.", f"{where}.valueBoolean")
        answers[code] = value
    absent = [sign.code for sign in SIGNS if sign.code not in answers]
    if absent:
        raise MeasurementError("missing", f"Missing: {', '.join(absent)}.", ".component", missing=True)
    return answers


def summary(count: int, language: Language) -> str:
    """The card's one line."""
    label = LABELS["higher" if count >= HIGHER_FROM else "lower"][language]
    if language == "fr":
        signs = "aucun signe" if count == 0 else "1 signe" if count == 1 else f"{count} signes"
        return f"IA : {signs} sur {len(SIGNS)}, {label}."
    signs = "no sign" if count == 0 else "1 sign" if count == 1 else f"{count} signs"
    return f"AI: {signs} of {len(SIGNS)}, {label}."


def card(answers: dict[str, bool], language: Language, uuids: tuple[str, str]) -> dict[str, Any]:
    """The CDS Hooks card; `uuids` are those of the card and of its suggestion."""
    count = sum(answers.values())
    label = "higher" if count >= HIGHER_FROM else "lower"
    said = LABELS[label][language]
    seen = [getattr(sign, language) for sign in SIGNS if answers[sign.code]]
    heading = {"fr": "**Signes présents**", "en": "**Signs present**"}[language]
    nothing = {"fr": "Aucun.", "en": "None."}[language]
    return {
        "uuid": uuids[0],
        "summary": summary(count, language),
        "detail": "\n\n".join(
            [heading, "\n".join(f"- {name}" for name in seen) or nothing, NEVER_TAUGHT[language]],
        ),
        "indicator": "warning" if label == "higher" else "info",
        "source": {
            "label": f"{TITLES[language]} ({'IA de démonstration' if language == 'fr' else 'demonstration AI'})",
            "topic": {"system": CODE_SYSTEM, "code": OBSERVATION_CODE, "display": TITLES[language]},
        },
        "suggestions": [
            {"label": f"Retenir « {said} »" if language == "fr" else f"Keep “{said}”", "uuid": uuids[1]},
        ],
        "selectionBehavior": "at-most-one",
        "extension": {"com.colloque.answer": structured(answers, label, count)},
    }


def structured(answers: dict[str, bool], label: str, count: int) -> dict[str, Any]:
    """The answer for programs: no probability and no rate of error, because none was ever measured."""
    return {
        "v": 1,
        "status": "answered",
        "label": label,
        "possible": [label],
        "contributions": [
            {
                "code": sign.code,
                "fr": sign.fr,
                "en": sign.en,
                "value": "oui" if answers[sign.code] else "non",
                "points": int(answers[sign.code]),
                "reference": 0,
                "max": 1,
            }
            for sign in SIGNS
        ],
        "never_taught": NEVER_TAUGHT,
        "labelled_by": LABELLED_BY,
        "model": {"name": SERVICE_ID, "version": VERSION},
        "summary": {"fr": summary(count, "fr"), "en": summary(count, "en")},
    }


def model_card() -> dict[str, Any]:
    """What the aid is, as data, in the shape in which a project of Colloque declares it."""
    return {
        "maker": "Colloque",
        "version": VERSION,
        "purpose": DESCRIPTIONS,
        "trained_on": TRAINED_ON,
        "population": USAGE,
        "labelled_by": LABELLED_BY,
        "never_taught": NEVER_TAUGHT,
        "figures": [
            {
                "value": "0",
                "words": {
                    "fr": "mesure de sa justesse : personne n’a vérifié combien de fois elle se trompe.",
                    "en": "measurements of how right it is: nobody has checked how often it is wrong.",
                },
            }
        ],
    }


def declaration() -> dict[str, Any]:
    """What a project declares of this aid: service, data that may leave, intended use, model card."""
    codes = [sign.code for sign in SIGNS]
    return {
        "service": {
            "slug": SERVICE_ID,
            "remote_id": SERVICE_ID,
            "hook": "patient-view",
            "title": {"fr": "Bilan du risque de chute", "en": "Fall-risk review"},
            "description": DESCRIPTIONS,
            "prefetch": {
                PREFETCH_KEY: {
                    "query": PREFETCH,
                    "fields": [
                        "Observation.status",
                        "Observation.code",
                        "Observation.component.code",
                        "Observation.component.valueBoolean",
                    ],
                    "required": True,
                    "fr": "Sept réponses par oui ou par non, sans rien qui dise qui est la personne",
                    "en": "Seven answers, yes or no, with nothing that tells who the person is",
                }
            },
            "inputs": [
                {
                    "key": sign.code,
                    "prefetch": PREFETCH_KEY,
                    "system": CODE_SYSTEM,
                    "code": sign.code,
                    "observation": OBSERVATION_CODE,
                    "fr": sign.fr,
                    "en": sign.en,
                    "kind": "boolean",
                }
                for sign in SIGNS
            ],
            "readings": [
                {"code": code, "fr": words["fr"].capitalize(), "en": words["en"].capitalize()}
                for code, words in LABELS.items()
            ],
        },
        "intended_use": {"purpose": USAGE, "age_from": 65, "data_required": codes},
        "model_card": model_card(),
    }
