"""The model card as data: what the aid is for, what it is not for, what it learned from, and what was measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from colloque.reference_ai.cards import DESCRIPTIONS, LABELLED_BY, TITLES, USAGE, Language, never_taught
from colloque.reference_ai.features import CODE_SYSTEM, OBSERVATION_CODE
from colloque.reference_ai.score import Model

POPULATION: Mapping[Language, str] = {
    "fr": "Des patients consécutifs d’un hôpital des États-Unis, avant 1994, chez qui on a ponctionné une masse du sein. L’âge, "
    "le sexe et l’origine des personnes ne sont pas dans les données.",
    "en": "Consecutive patients of one hospital in the United States, before 1994, who had a breast mass aspirated. Age, "
    "sex and origin of the people are not in the data.",
}


def trained_on(model: Model) -> dict[Language, str]:
    """What it learned from, counted."""
    data = model.document["data"]
    return {
        "fr": f"{data['cases']} ponctions du sein : {data['benign']} bénignes, {data['malignant']} malignes. "
        f"Données « {data['name']} », {data['licence']}.",
        "en": f"{data['cases']} breast aspirates: {data['benign']} benign, {data['malignant']} malignant. "
        f"Data “{data['name']}”, {data['licence']}.",
    }


def model_card(model: Model) -> dict[str, Any]:
    """Every figure comes from the model file; nothing is measured or written twice."""
    document = model.document
    return {
        "name": model.name,
        "version": model.version,
        "title": dict(TITLES),
        "description": dict(DESCRIPTIONS),
        "intended_use": dict(USAGE),
        "not_for": {
            "fr": "Un usage clinique réel ; une ponction sans mesure de noyaux ; une autre échelle d’image ; un autre organe ; "
            "décider seule.",
            "en": "Real clinical use; an aspirate without measured nuclei; another image scale; another organ; deciding alone.",
        },
        "trained_on": trained_on(model),
        "population": dict(POPULATION),
        "never_taught": never_taught(model),
        "labelled_by": dict(LABELLED_BY),
        "kind": {
            "fr": "Score de points croissant : plus une mesure est pathologique, plus elle apporte de points.",
            "en": "Monotone points score: the more pathological a measurement, the more points it brings.",
        },
        "observation": {"system": CODE_SYSTEM, "code": OBSERVATION_CODE},
        "measurements": [
            {
                "code": feature.code,
                "fr": feature.fr,
                "en": feature.en,
                "unit": feature.symbol,
                "ucum": feature.unit,
                "lowest": low,
                "highest": high,
                "scored": any(table.feature.code == feature.code for table in model.tables),
            }
            for feature, low, high in zip(model.measured, model.lowest, model.highest, strict=True)
        ],
        "points": document["features"],
        "maximum": model.maximum,
        "level": model.level,
        "malignant_from": model.malignant_from,
        "benign_to": model.benign_to,
        "bands": document["bands"],
        "data": document["data"],
        "figures": document["figures"],
    }
