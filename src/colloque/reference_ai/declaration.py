"""What a project of Colloque declares of this aid: `python -m colloque.reference_ai.declaration` prints it as JSON.

The shapes are those an establishment fills in for any AI: the service with its data, its form and its readings, the intended
use as conditions that can be checked, and the model card.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from colloque.reference_ai import fall_checklist
from colloque.reference_ai.cards import DESCRIPTIONS, LABELLED_BY, LABELS, TITLES, USAGE, never_taught
from colloque.reference_ai.features import CODE_SYSTEM, NO_UNIT, OBSERVATION_CODE
from colloque.reference_ai.model_card import POPULATION, trained_on
from colloque.reference_ai.score import Label, Model, load
from colloque.reference_ai.service import HOOK, PREFETCH, PREFETCH_KEY, SERVICE_ID

ADULT = 18
FIELDS = ("Observation.status", "Observation.code", "Observation.component.code", "Observation.component.valueQuantity")


def _form(model: Model) -> list[dict[str, Any]]:
    """One field for each measurement; nothing negative can be typed, and the intended use judges the rest."""
    return [
        {
            "key": feature.code,
            "prefetch": PREFETCH_KEY,
            "system": CODE_SYSTEM,
            "code": feature.code,
            "observation": OBSERVATION_CODE,
            "fr": feature.fr,
            "en": feature.en,
            "kind": "quantity",
            "unit": feature.unit,
            "minimum": 0,
            "step": 0.00001 if feature.unit == NO_UNIT else 0.01,
            "group_fr": "Noyaux mesurés sur l’image",
            "group_en": "Nuclei measured on the image",
        }
        for feature in model.measured
    ]


def _service(model: Model) -> dict[str, Any]:
    return {
        "slug": SERVICE_ID,
        "remote_id": SERVICE_ID,
        "hook": HOOK,
        "title": dict(TITLES),
        "description": dict(DESCRIPTIONS),
        "prefetch": {
            PREFETCH_KEY: {
                "query": PREFETCH,
                "fields": list(FIELDS),
                "required": True,
                "fr": "Neuf mesures de noyaux, sans rien qui dise qui est la personne",
                "en": "Nine measurements of nuclei, with nothing that tells who the person is",
            }
        },
        "inputs": _form(model),
        "readings": [
            {"code": label.value, "fr": LABELS["fr"][label].capitalize(), "en": LABELS["en"][label].capitalize()}
            for label in Label
        ],
    }


def _whole(share: float) -> str:
    return f"{round(100 * share)} %"


def _figures(model: Model) -> list[dict[str, Any]]:
    figures = model.document["figures"]
    answers, protocol = figures["answers"], figures["protocol"]
    cases = protocol["cases"]
    share, wrong = _whole(answers["share_answered"]), _whole(answers["answered_wrong_share"])
    sensitivity, scale = _whole(answers["answered_sensitivity"]), figures["scale_errors"]["0.7692"]
    return [
        {
            "value": share,
            "words": {
                "fr": f"de ses {cases} cas, mis de côté tour à tour, reçoivent une réponse ; les autres, elle les laisse.",
                "en": f"of its {cases} cases, each held out in turn, get an answer; it leaves the others.",
            },
        },
        {
            "value": wrong,
            "words": {
                "fr": "de ces réponses sont fausses.",
                "en": "of these answers are wrong.",
            },
        },
        {
            "value": sensitivity,
            "words": {
                "fr": "des cancers auxquels elle répond sont reconnus.",
                "en": "of the cancers it answers on are recognised.",
            },
        },
        {
            "value": _whole(scale["malignant_called_benign"]),
            "words": {
                "fr": "des cancers sont dits bénins si l’image est 1,3 fois trop petite sans que personne le voie.",
                "en": "of the cancers are called benign if the image is 1.3 times too small and nobody notices.",
            },
        },
    ]


def declaration(model: Model) -> dict[str, Any]:
    """The declaration; figures come from the model file."""
    codes = [feature.code for feature in model.measured]
    return {
        "service": _service(model),
        "intended_use": {
            "purpose": dict(USAGE),
            "age_from": ADULT,
            "data_required": codes,
            "ranges": [
                {"key": code, "minimum": low, "maximum": high}
                for code, low, high in zip(codes, model.lowest, model.highest, strict=True)
            ],
        },
        "model_card": {
            "maker": "Colloque",
            "version": model.version,
            "purpose": dict(DESCRIPTIONS),
            "trained_on": trained_on(model),
            "population": dict(POPULATION),
            "labelled_by": dict(LABELLED_BY),
            "never_taught": never_taught(model),
            "figures": _figures(model),
        },
    }


def main(given: list[str]) -> int:
    """Prints the declaration of one service as JSON; 0 when done."""
    parser = argparse.ArgumentParser(prog="python -m colloque.reference_ai.declaration", description=main.__doc__)
    parser.add_argument("service", nargs="?", choices=(SERVICE_ID, fall_checklist.SERVICE_ID), default=SERVICE_ID)
    chosen = parser.parse_args(given).service
    made = fall_checklist.declaration() if chosen == fall_checklist.SERVICE_ID else declaration(load())
    sys.stdout.write(json.dumps(made, ensure_ascii=False, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
