"""The words people read for this room's own values."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from colloque.consultations.core.groups import Anonymity, GroupOfPeople, HelperKind, ProfileQuestion, VoteChannel
from colloque.consultations.core.moderation import ModerationDecision, ModerationMode, ModerationReason
from colloque.consultations.core.personal_data import Personal
from colloque.consultations.core.state import (
    BecameKind,
    ConsultationState,
    IdeaState,
    IdeaWish,
    OutcomeAnswer,
    StatementState,
)

GROUPS: Mapping[str, Promise] = {
    GroupOfPeople.RESIDENTS: _("Résidents et patients"),
    GroupOfPeople.FAMILIES: _("Familles et proches"),
    GroupOfPeople.CARERS: _("Soignants"),
    GroupOfPeople.DOCTORS: _("Médecins"),
    GroupOfPeople.OTHERS: _("Autres personnes"),
}
ME: Mapping[str, Promise] = {
    GroupOfPeople.RESIDENTS: _("Je vis ou je suis soigné ici"),
    GroupOfPeople.FAMILIES: _("Je suis de la famille, ou un proche"),
    GroupOfPeople.CARERS: _("Je suis soignant ou soignante"),
    GroupOfPeople.DOCTORS: _("Je suis médecin"),
    GroupOfPeople.OTHERS: _("Autre"),
}
VOTES: Mapping[int, Promise] = {
    1: _("D’accord"),
    -1: _("Pas d’accord"),
    0: _("Je passe"),
}
ANONYMITY: Mapping[str, Promise] = {
    Anonymity.OPEN_LINK: _("Par un lien ouvert\nToute personne qui a l’adresse participe, sans compte et sans nom."),
    Anonymity.CODES: _("Avec un code par personne\nLe code dit le groupe, jamais le nom. Un code sert une fois."),
    Anonymity.SIGNED_IN: _(
        "Avec un compte de l’établissement\nUne participation par compte. Les votes restent secrets."
    ),
}
MODERATION: Mapping[str, Promise] = {
    ModerationMode.STRICT: _(
        "Relire avant de publier\nChaque affirmation est lue par une personne avant d’être montrée."
    ),
    ModerationMode.OPEN: _("Publier tout de suite\nSauf ce qui semble nommer quelqu’un : cela attend une lecture."),
}
REASONS: Mapping[str, Promise] = {
    ModerationReason.PERSONAL_DATA: _("Elle désigne une personne"),
    ModerationReason.INSULT: _("Elle insulte ou menace"),
    ModerationReason.OFF_TOPIC: _("Elle parle d’autre chose"),
    ModerationReason.SEVERAL_IDEAS: _("Elle contient plusieurs idées"),
    ModerationReason.UNCLEAR: _("On ne la comprend pas sans son auteur"),
    ModerationReason.ADVERTISING: _("Elle fait de la publicité"),
    ModerationReason.DUPLICATE: _("Elle répète une autre affirmation"),
}
PERSONAL: Mapping[str, Promise] = {
    Personal.NAME: _("semble nommer quelqu’un"),
    Personal.PHONE: _("contient un numéro de téléphone"),
    Personal.EMAIL: _("contient une adresse électronique"),
    Personal.ROOM: _("contient un numéro de chambre"),
    Personal.NATIONAL_NUMBER: _("contient un numéro de sécurité sociale"),
    Personal.LINK: _("contient un lien"),
}
QUESTIONS: Mapping[str, Promise] = {
    ProfileQuestion.AGE: _("Votre âge"),
    ProfileQuestion.KNOWS_AI: _("Avez-vous déjà utilisé une IA ?"),
    ProfileQuestion.TIME_HERE: _("Depuis quand connaissez-vous l’établissement ?"),
}
ANSWERS: Mapping[str, Promise] = {
    "under-30": _("Moins de 30 ans"),
    "30-to-59": _("De 30 à 59 ans"),
    "60-to-79": _("De 60 à 79 ans"),
    "80-and-over": _("80 ans et plus"),
    "often": _("Souvent"),
    "a-little": _("Un peu"),
    "never": _("Jamais"),
    "under-a-year": _("Moins d’un an"),
    "one-to-five-years": _("De un à cinq ans"),
    "over-five-years": _("Plus de cinq ans"),
}
HELPERS: Mapping[str, Promise] = {
    HelperKind.CARER: _("Oui, je suis soignant ou soignante"),
    HelperKind.FAMILY: _("Oui, je suis de la famille, ou un proche"),
    HelperKind.OTHER: _("Oui, à un autre titre"),
}

_FAMILIES: Mapping[str, Mapping[str, Promise]] = {
    "group": GROUPS,
    "me": ME,
    "vote": {str(value): words for value, words in VOTES.items()},
    "anonymity": ANONYMITY,
    "moderation": MODERATION,
    "reason": REASONS,
    "personal": PERSONAL,
    "question": QUESTIONS,
    "answer": ANSWERS,
    "helper": {
        HelperKind.CARER: _("avec l’aide d’un soignant ou d’une soignante"),
        HelperKind.FAMILY: _("avec l’aide d’un proche"),
        HelperKind.OTHER: _("avec l’aide de quelqu’un"),
    },
    "channel": {
        VoteChannel.SELF: _("de sa main"),
        VoteChannel.HELPER: _("avec une aide"),
        VoteChannel.PAPER: _("sur papier"),
    },
    "consultation": {
        ConsultationState.DRAFT: pgettext_lazy("consultation", "En préparation"),
        ConsultationState.OPEN: pgettext_lazy("consultation", "Ouverte"),
        ConsultationState.CLOSED: pgettext_lazy("consultation", "Terminée, réponse attendue"),
        ConsultationState.ANSWERED: pgettext_lazy("consultation", "Terminée, réponse donnée"),
    },
    "statement": {
        StatementState.WAITING: pgettext_lazy("affirmation", "Attend d’être relue"),
        StatementState.PUBLISHED: pgettext_lazy("affirmation", "Publiée"),
        StatementState.REJECTED: pgettext_lazy("affirmation", "Écartée"),
        StatementState.MERGED: pgettext_lazy("affirmation", "Réunie à une autre"),
    },
    "decision": {
        ModerationDecision.PUBLISHED: pgettext_lazy("affirmation", "Publiée"),
        ModerationDecision.REJECTED: pgettext_lazy("affirmation", "Écartée"),
        ModerationDecision.MERGED: pgettext_lazy("affirmation", "Réunie à une autre"),
    },
    "idea": {
        IdeaState.WAITING: pgettext_lazy("idée", "Attend d’être lue"),
        IdeaState.PUBLISHED: pgettext_lazy("idée", "Publiée"),
        IdeaState.SET_ASIDE: pgettext_lazy("idée", "Non retenue"),
    },
    "wish": {
        IdeaWish.HELP: _("L’IA pourrait aider"),
        IdeaWish.STAY_OUT: _("L’IA devrait rester dehors"),
    },
    "became": {
        BecameKind.STATEMENT: _("une affirmation soumise au vote"),
        BecameKind.CONSULTATION: _("une consultation"),
        BecameKind.CHARTER_PROPOSAL: _("une proposition de règle"),
        BecameKind.PROJECT: _("un projet"),
    },
    "outcome": {
        OutcomeAnswer.ADOPTED: pgettext_lazy("réponse", "Adoptée"),
        OutcomeAnswer.AMENDED: pgettext_lazy("réponse", "Adoptée autrement"),
        OutcomeAnswer.DECLINED: pgettext_lazy("réponse", "Non retenue"),
    },
}


def called(value: StrEnum | str | int, family: str) -> str:
    """The word of a value in its family; a value nobody knows is given back as it is."""
    words = _FAMILIES[family].get(str(value))
    return str(words) if words is not None else str(value)
