"""The words people read for what only this room knows: reasons, sureness, purposes, what a decision or a reading lacks."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from colloque.acts.core.decision import AccessPurpose, DecisionReason
from colloque.acts.core.reading import LONGEST_READING, LONGEST_WORDS, Agreement, Sureness
from colloque.kernel.errors import ColloqueError

SURENESS: Mapping[Sureness, Promise] = {
    Sureness.SURE: pgettext_lazy("confiance", "Forte"),
    Sureness.RATHER_SURE: pgettext_lazy("confiance", "Moyenne"),
    Sureness.UNSURE: pgettext_lazy("confiance", "Faible"),
}

REASONS: Mapping[DecisionReason, Promise] = {
    DecisionReason.SEEN_HERE: _("Ce que je vois ici, auprès de la personne"),
    DecisionReason.OWN_READING: _("Ma propre lecture"),
    DecisionReason.OTHER_DATA: _("D’autres examens, ou l’histoire de la personne"),
    DecisionReason.PERSON_WISH: _("Ce que souhaite la personne"),
    DecisionReason.COLLEAGUE: _("L’avis d’un ou d’une collègue"),
    DecisionReason.GUIDELINE: _("Une recommandation ou un protocole"),
    DecisionReason.AI_GROUNDS: _("Ce sur quoi l’IA s’appuie"),
    DecisionReason.AI_LIMITS: _("Ce que l’IA ne sait pas"),
    DecisionReason.OTHER: _("Une autre raison, dite plus bas"),
}

PURPOSES: Mapping[AccessPurpose, Promise] = {
    AccessPurpose.CARE: _("Poursuivre les soins de cette personne"),
    AccessPurpose.EXCHANGE: _("En parler avec la personne"),
    AccessPurpose.SECOND_OPINION: _("Préparer un deuxième avis humain"),
    AccessPurpose.INCIDENT: _("Comprendre un incident"),
    AccessPurpose.TEAM_REVIEW: _("En discuter en équipe"),
}

AGREEMENT: Mapping[Agreement, Promise] = {
    Agreement.SAME: _("Votre lecture et la sienne se rejoignent."),
    Agreement.DIFFERENT: _("Votre lecture et la sienne diffèrent."),
    Agreement.UNKNOWN: _("À vous de comparer avec votre propre lecture."),
}

ERRORS: Mapping[str, Promise] = {
    "outcome-unknown": _("Dites ce que vous décidez : suivre, adapter ou écarter."),
    "outcome-not-human": _("Seule une décision humaine termine un acte : suivre, adapter ou écarter."),
    "reasons-missing": _("Dites ce qui vous décide : cochez au moins une raison."),
    "reason-unsaid": _("Vous avez coché « une autre raison » : dites laquelle, en quelques mots."),
    "reason-unknown": _("Une des raisons cochées n’existe pas dans la liste."),
    "retained-missing": _("Vous adaptez : dites en quelques mots ce que vous retenez."),
    "reading-missing": _("Donnez votre propre lecture : l’IA ne répond qu’après vous."),
    "reading-unknown": _("Choisissez une des réponses proposées."),
    "reading-too-long": format_lazy(_("Votre lecture tient en {most} signes au plus."), most=LONGEST_READING),
    "sureness-missing": _("Dites votre confiance : forte, moyenne ou faible."),
    "words-too-long": format_lazy(_("C’est trop long : {most} signes au plus."), most=LONGEST_WORDS),
    "words-characters": _("Ce texte contient un caractère qu’on ne peut pas garder. Retapez-le."),
}
"""The errors of `core.decision` and `core.reading`, by code."""

_ALL: dict[StrEnum, Promise] = {}
for _family in (SURENESS, REASONS, PURPOSES, AGREEMENT):
    _ALL.update({value: words for value, words in _family.items()})  # noqa: C416 - each family has its own key type
_BY_CODE: Mapping[str, Promise] = {
    **{reason.value: words for reason, words in REASONS.items()},
    **{purpose.value: words for purpose, words in PURPOSES.items()},
}


def words_of(value: StrEnum | str) -> str:
    """The word for a value of this room; a code that came from elsewhere (an EHR's reason) is given back as it is."""
    if isinstance(value, StrEnum) and value in _ALL:
        return str(_ALL[value])
    return str(_BY_CODE.get(str(value), value))


def words_of_error(error: ColloqueError) -> str:
    """An error of this room in the language of the page; whatever else is wrong keeps the words it came with."""
    return str(ERRORS.get(error.code, error.message))
