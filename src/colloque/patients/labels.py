"""Words of this room for its own values: answers to each kind of question, powers, sexes, what an identity may not be."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from colloque.kernel.vocabulary import ChoiceAnswer
from colloque.patients.core.identity import Sex
from colloque.patients.core.trust import Power
from colloque.patients.queries.choices import ALL_AI, LEARNING

NOT_SAID = "unknown"

ABOUT_ONE: dict[str, Promise] = {
    ChoiceAnswer.YES: _("Oui\nL’équipe peut s’en servir pour vous."),
    ChoiceAnswer.WITH_HUMAN: _("Oui, avec un humain à côté\nSeulement quand quelqu’un est près de vous."),
    ChoiceAnswer.ASK_EACH_TIME: _("Demandez-moi à chaque fois\nOn vous pose la question avant."),
    ChoiceAnswer.NO: _("Non\nUn soignant fait sans IA. Vos soins continuent."),
    NOT_SAID: _("Je ne sais pas encore\nNous ne supposons pas que c’est oui."),
}
ABOUT_ALL: dict[str, Promise] = {
    NOT_SAID: _("Je réponds au cas par cas\nVous répondez pour chaque aide, une par une."),
    ChoiceAnswer.WITH_HUMAN: _("Oui, avec un humain à côté\nSauf pour ce que vous refusez ensuite."),
    ChoiceAnswer.ASK_EACH_TIME: _("Demandez-moi à chaque fois\nOn vous pose la question avant."),
    ChoiceAnswer.NO: _("Non, aucune IA\nDes soignants font sans IA. Vos soins continuent."),
}
ABOUT_LEARNING: dict[str, Promise] = {
    ChoiceAnswer.YES: _("Oui\nDes IA peuvent apprendre de ce qui a été fait pour vous, sans votre nom."),
    ChoiceAnswer.NO: _("Non\nRien de ce qui vous concerne ne sert à apprendre."),
}


def answers_to(key: str) -> dict[str, Promise]:
    """The answers offered to a question, by its key."""
    return {ALL_AI: ABOUT_ALL, LEARNING: ABOUT_LEARNING}.get(key, ABOUT_ONE)


POWERS: dict[Power, Promise] = {
    Power.SEE_CHOICES: _("Voir mes choix"),
    Power.GIVE_CHOICES: _("Répondre à ma place"),
    Power.READ_JOURNAL: _("Lire mon journal"),
    Power.ASK_TO_TALK: _("Demander à parler à l’équipe pour moi"),
}

SEXES: dict[Sex, Promise] = {
    Sex.FEMALE: pgettext_lazy("sexe", "Féminin"),
    Sex.MALE: pgettext_lazy("sexe", "Masculin"),
    Sex.OTHER: pgettext_lazy("sexe", "Autre"),
    Sex.UNKNOWN: pgettext_lazy("sexe", "Non renseigné"),
}

CONTACT_ERRORS: dict[str, Promise] = {
    "contact-characters": _("Ce texte contient un caractère qu’on ne peut pas garder. Retapez-le."),
    "contact-length": _("C’est trop long."),
    "contact-name-missing": _("Écrivez le nom de cette personne."),
    "contact-telephone": _("Ce numéro n’est pas complet. Il ressemble à 06 12 34 56 78."),
}
"""The errors of `core.trust` about a contact, by code."""

IDENTITY_ERRORS: dict[str, Promise] = {
    "birth-date": _("Cette date de naissance n’est pas possible."),
    "name-characters": _("Un nom s’écrit avec des lettres, des espaces, des traits d’union et des apostrophes."),
    "name-missing": _("Écrivez le nom de la personne."),
    "name-length": _("Ce nom est trop long."),
}
"""The errors of `core.identity` that the fields of a form let through, by code."""
