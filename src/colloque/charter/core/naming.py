"""The name that was probably meant, for one nobody knows: by how few letters differ, in the rule's own words or in ours.

Somebody may write `Situation::"fin-de-vie"` or `resource.âge`: the words people read lead to the name as well as the name.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache

from colloque.charter.core.lexicon import ACTS, CHOICES, EVENTS, PROFESSIONS, REACHES, STATES, TRACKS, Named
from colloque.charter.core.schema import ACTIONS, ATTRIBUTES, ENUMERATIONS, Path
from colloque.kernel.vocabulary import Requirement

SHORTEST_WORD = 4
LETTERS_PER_SLIP = 3
SLIPS_IN_A_PATH = 2
_TYPES_SAID = {
    "Acte": "Action",
    "Autonomie": "Autonomy",
    "Choix": "Choice",
    "Métier": "Profession",
    "Statut": "ProjectStatus",
    "Voie": "Track",
    "SystemeIA": "AiSystem",
}
_VALUES_SAID: Mapping[str, Mapping[str, str]] = {
    "Choice": {
        "oui": "yes",
        "non": "no",
        "avec un humain": "with-human",
        "demander à chaque fois": "ask-each-time",
        "inconnu": "unknown",
        "sans réponse": "unknown",
    },
    "ProjectStatus": {
        "brouillon": "draft",
        "en préparation": "draft",
        "en service": "live",
        "suspendu": "suspended",
    },
    "Profession": {"aide soignant": "care-assistant", "kiné": "physiotherapist", "autre": "other"},
}
_REQUIREMENTS_SAID = {
    "présence humaine": Requirement.HUMAN_PRESENCE,
    "présence": Requirement.HUMAN_PRESENCE,
    "propre avis": Requirement.OWN_ASSESSMENT,
    "avis": Requirement.OWN_ASSESSMENT,
    "oui": Requirement.EXPLICIT_YES,
    "accord": Requirement.EXPLICIT_YES,
    "échange prévu": Requirement.EXCHANGE_PLANNED,
    "échange": Requirement.EXCHANGE_PLANNED,
}
_ANNOTATIONS_SAID = {"nom": "id", "français": "fr", "anglais": "en", "origine": "origin", "demande": "asks"}
_ATTRIBUTES_SAID: Mapping[str, Path] = {
    "situation": ("resource", "situations"),
    "choix": ("resource", "choice"),
    "réponse": ("resource", "choice"),
    "minutes humaines": ("resource", "human_minutes_today"),
    "minutes avec des humains": ("resource", "human_minutes_today"),
    "minutes machine": ("resource", "robot_minutes_today"),
    "minutes robot": ("resource", "robot_minutes_today"),
    "statut": ("principal", "status"),
    "autonomie": ("principal", "autonomy"),
    "actes": ("principal", "acts"),
    "valeur humaine": ("context", "act", "human_value"),
    "pénibilité": ("context", "act", "hardship"),
    "métier": ("context", "carer", "profession"),
    "formé": ("context", "carer", "attested"),
    "trained": ("context", "carer", "attested"),
    "en service": ("context", "carer", "on_duty"),
    "heure": ("context", "moment", "hour"),
    "jour": ("context", "moment", "weekday"),
    "présence": ("context", "presence", "human_present"),
    "présent": ("context", "presence", "human_present"),
    "avis donné": ("context", "own_assessment", "made"),
    "oui": ("context", "explicit_yes", "given"),
    "échange prévu": ("context", "exchange", "planned"),
    "panne": ("context", "establishment", "outage"),
}


def folded(word: str) -> str:
    """Lower case, without accents, with spaces for whatever holds words together."""
    plain = unicodedata.normalize("NFKD", word.replace("’", " ").replace("'", " "))
    letters = "".join(c if c.isalnum() or c == "." else " " for c in plain if not unicodedata.combining(c))
    return " ".join(letters.lower().split())


def slips(one: str, other: str) -> int:
    """How many letters were added, left out, changed or swapped with their neighbour (optimal string alignment)."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]


def meant(word: str, known: Iterable[str], said: Mapping[str, str] | None = None, *, most: int | None = None) -> str:
    """The known name the word was probably meant for, or nothing; `said` gives names for other words.

    At most `most` letters may differ, by default one in three.
    """
    wanted = folded(word)
    names = [(folded(name), name) for name in known] + [(folded(told), name) for told, name in (said or {}).items()]
    allowed = most if most is not None else max(1, len(wanted) // LETTERS_PER_SLIP)
    close = [(slips(wanted, told), name) for told, name in names if abs(len(told) - len(wanted)) <= allowed]
    best = min(close, default=(allowed + 1, ""), key=lambda found: found[0])
    return best[1] if best[0] <= allowed else ""


def _told(phrases: Mapping[str, Named]) -> dict[str, str]:
    """Each phrase, without its article or verb, and each word that one phrase alone holds."""
    told: dict[str, str] = {}
    words: dict[str, set[str]] = {}
    for name, phrase in phrases.items():
        for language in (phrase.fr, phrase.en):
            parts = folded(language).split()
            for start in range(len(parts)):
                told.setdefault(" ".join(parts[start:]), name)
            for part in parts:
                words.setdefault(part, set()).add(name)
    alone = {word: names.pop() for word, names in words.items() if len(names) == 1 and len(word) >= SHORTEST_WORD}
    return {**alone, **told}


@cache
def _said(kind: str) -> Mapping[str, str]:
    phrases: dict[str, Mapping[str, Named]] = {
        "Action": ACTS,
        "Situation": {value.value: named for value, named in (*STATES.items(), *EVENTS.items())},
        "Choice": {value.value: named for value, named in CHOICES.items()},
        "Autonomy": {value.value: named for value, named in REACHES.items()},
        "Track": {value.value: named for value, named in TRACKS.items()},
        "Profession": {value.value: named for value, named in PROFESSIONS.items()},
    }
    return {**_told(phrases.get(kind, {})), **_VALUES_SAID.get(kind, {})}


def likely_action(name: str) -> str:
    """The kind of act or group that was probably meant, or nothing."""
    return meant(name, sorted(ACTIONS), _said("Action"))


def likely_value(kind: str, name: str) -> str:
    """The value of an enumeration that was probably meant, or nothing."""
    return meant(name, [value.value for value in ENUMERATIONS[kind]], _said(kind))


def likely_type(name: str, known: Iterable[str]) -> str:
    """The entity type that was probably meant, or nothing."""
    return meant(name, known, _TYPES_SAID)


def likely_requirement(name: str) -> str:
    """What can be asked for and was probably meant, or nothing."""
    return meant(
        name, [one.value for one in Requirement], {said: one.value for said, one in _REQUIREMENTS_SAID.items()}
    )


def likely_annotation(name: str, known: Iterable[str]) -> str:
    """The annotation that was probably meant, or nothing."""
    return meant(name, known, _ANNOTATIONS_SAID)


def likely_attribute(path: Path) -> str:
    """The fact that was probably meant, dotted as in a rule, or nothing."""
    known = {".".join(other): other for other in ATTRIBUTES}
    whole = meant(".".join(path), known, most=SLIPS_IN_A_PATH)
    if whole:
        return whole
    by_name = {other[-1].replace("_", " "): dotted for dotted, other in known.items()}
    said = {told: ".".join(other) for told, other in _ATTRIBUTES_SAID.items()}
    return meant(path[-1], (), {**by_name, **said})
