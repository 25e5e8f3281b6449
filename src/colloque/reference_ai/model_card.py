"""The model card as data: what the aid is for, what it is not for, what it learned from, and what was measured."""

from __future__ import annotations

from typing import Any

from colloque.reference_ai.cards import DESCRIPTIONS, LABELLED_BY, TITLES, USAGE, never_taught, unit
from colloque.reference_ai.features import CODE_SYSTEM, OBSERVATION_CODE
from colloque.reference_ai.score import Model


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
        "population": {
            "fr": f"{document['data']['cases']} ponctions du sein consécutives d’un hôpital des États-Unis, avant 1994. "
            "L’âge, le sexe et l’origine des personnes ne sont pas dans les données.",
            "en": f"{document['data']['cases']} consecutive breast aspirates of one hospital in the United States, before 1994. "
            "Age, sex and origin of the people are not in the data.",
        },
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
                "unit": feature.unit,
                "unit_fr": unit(feature, "fr"),
                "unit_en": unit(feature, "en"),
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
