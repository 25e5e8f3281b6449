"""Words of this room: what a project still lacks, what FHIR elements are called, why an address was refused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from colloque.kernel.errors import InvalidInputError
from colloque.people.language import page_language
from colloque.projects.core.declared_data import DeclaredKey
from colloque.projects.core.inputs import Input
from colloque.projects.core.lifecycle import Requirement

LACKING: dict[Requirement, Promise] = {
    Requirement.LEAD: _("Une personne responsable, avec ce rôle dans l’établissement."),
    Requirement.INTENTION: _("L’intention : pourquoi cette IA, en mots que tout le monde lit."),
    Requirement.ENDPOINT: _("L’adresse à laquelle l’IA répond."),
    Requirement.SERVICES: _("Au moins une chose qu’elle fait, avec les données qu’elle reçoit."),
    Requirement.INTENDED_USE: _("Pour qui elle est faite : un but, et au moins une condition vérifiable."),
    Requirement.MODEL_CARD: _("La fiche du fabricant, complète."),
    Requirement.CONSULTATION: _(
        "Une consultation close, à laquelle la maison a répondu, et dont une affirmation est rattachée à cette IA. "
        "Des résidents ou patients et des soignants y ont répondu."
    ),
    Requirement.TRUST: _(
        "Le baromètre de confiance : une consultation close demande aux soignants s’ils acceptent de travailler avec cette IA. "
        "Au moins 6 sur 10 sont d’accord. L’affirmation est rattachée ici comme baromètre."
    ),
}

ERRORS: dict[str, Promise] = {
    "endpoint-characters": _("Cette adresse contient des caractères qui n’ont pas leur place dans une adresse."),
    "endpoint-unreadable": _("Ce n’est pas une adresse. Elle ressemble à https://ia.hopital.example/cds."),
    "endpoint-credentials": _("Cette adresse contient un nom ou un mot de passe. Enlevez-les."),
    "endpoint-query": _("L’adresse s’arrête à son chemin : rien après un ? ou un #."),
    "endpoint-path": _("Le chemin de cette adresse contient des caractères qui n’y ont pas leur place."),
    "endpoint-loopback": _("Une IA sur cette machine même ne sert qu’à la démonstration."),
    "endpoint-scheme": _("L’adresse commence par https://."),
    "endpoint-host": _("Il faut un nom de machine complet, comme ia.hopital.example."),
    "endpoint-network": _("Aucune IA ne peut se trouver à cette adresse du réseau."),
    "not-declarable": _("Un des champs ne peut pas être déclaré : il n’est pas dans la liste de ce qui peut sortir."),
    "slug-characters": _("Le nom court s’écrit en minuscules sans accent, avec des chiffres et des traits d’union."),
    "remote-id-characters": _("Ce nom chez l’IA s’écrit avec des lettres, des chiffres, et . _ ~ -"),
    "hook-unknown": _("Ce moment du soin n’est pas de ceux où une IA peut être appelée ici."),
    "unreadable": _("Cette déclaration n’a pas la forme attendue. Relisez-la, puis enregistrez à nouveau."),
    "ages-order": _("Les âges vont du plus jeune au plus âgé."),
    "sex-unknown": _("Le sexe est l’un de ceux de la liste."),
    "range-empty": _("Il faut une plus petite ou une plus grande valeur."),
    "range-order": _("La plus petite valeur dépasse la plus grande."),
    "too-many": _("Il y en a trop. Gardez ce dont l’IA a vraiment besoin."),
    "same-key": _("Deux éléments portent le même nom. Changez-en un."),
    "input-words": _("Chaque valeur a une clé, et ses mots dans les deux langues."),
    "input-options": _("Un choix a des réponses possibles, et lui seul."),
    "key-characters": _("Une clé s’écrit avec des lettres, des chiffres, - et _."),
    "query-unknown": _("La demande au dossier ne se lit pas, ou porte sur ce qui ne peut pas être déclaré."),
    "fields-count": _("Déclarez au moins un champ qui peut sortir, et pas plus que nécessaire."),
}

_RESOURCES: dict[str, Promise] = {
    "Patient": _("la personne"),
    "Observation": _("des mesures"),
    "Condition": _("des problèmes de santé"),
    "MedicationRequest": _("des prescriptions"),
    "MedicationStatement": _("des traitements pris"),
    "AllergyIntolerance": _("des allergies"),
    "Procedure": _("des actes déjà faits"),
    "Encounter": _("le séjour"),
    "DiagnosticReport": _("des comptes rendus, sans leur texte"),
    "ServiceRequest": _("des demandes d’examen"),
    "Immunization": _("des vaccins"),
    "Specimen": _("des prélèvements"),
    "QuestionnaireResponse": _("des réponses à un questionnaire, sans texte libre"),
    "Appointment": _("des rendez-vous"),
}
_OF_THE_PERSON: dict[str, Promise] = {
    "Patient.gender": _("son sexe"),
    "Patient.birthDate": _("son année de naissance"),
}

NEVER: tuple[Promise, ...] = (
    _("votre nom, votre adresse, votre téléphone"),
    _("votre numéro de sécurité sociale et vos numéros de dossier"),
    _("votre date de naissance complète"),
    _("les textes libres, les photos, les noms des soignants"),
)


@dataclass(frozen=True)
class Received:
    """One piece of data an AI receives: in words, and exactly."""

    words: str
    fields: tuple[str, ...]
    is_required: bool


def received(keys: Sequence[DeclaredKey]) -> list[Received]:
    """What an AI receives, in the language of the page: the project's own words, else those of the FHIR elements."""
    language = page_language()
    return [Received(key.words.said_in(language) or _words_of(key.fields), key.fields, key.required) for key in keys]


def _words_of(fields: Sequence[str]) -> str:
    parts: dict[str, None] = {}
    for field in fields:
        resource = field.partition(".")[0]
        parts[str(_OF_THE_PERSON.get(field) or _RESOURCES.get(resource) or resource)] = None
    return ", ".join(parts)


def named(key: str, inputs: Sequence[Input]) -> str:
    """What people call an input; its key where it has no words."""
    language = page_language()
    return next((one.label(language) for one in inputs if one.key == key), key)


_PLACE = re.compile(r" - at `\$([^`]*)`")
"""Where the decoder stopped, at the end of what it says."""


def words_of_error(error: InvalidInputError) -> str:
    """An error of a declaration in the language of the page, with the place where it stands in the declaration."""
    words = str(ERRORS.get(error.code, error.message))
    place = _PLACE.search(error.message) if error.code == "unreadable" else None
    where = error.path + (place[1] if place else "")
    return f"{words} ({where})" if "." in where or "[" in where else words
