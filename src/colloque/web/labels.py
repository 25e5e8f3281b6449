"""The words people read for each value of the shared vocabulary."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from colloque.acts.core.state import ActState
from colloque.charter.core.proposals import BallotValue, College, OriginKind
from colloque.kernel.vocabulary import (
    ActGroup,
    ActKind,
    Autonomy,
    ChoiceAnswer,
    Outcome,
    Profession,
    ProjectStatus,
    Requirement,
    Role,
    Situation,
    Track,
    VerdictKind,
)

LABELS: Mapping[type[Enum], Mapping[Enum, Promise]] = {
    ActGroup: {
        ActGroup.DIAGNOSIS: _("Aide au diagnostic"),
        ActGroup.FOLLOWING: _("Suivi"),
        ActGroup.TREATMENT: _("Traitement"),
        ActGroup.ROBOT: _("Robots et appareils"),
        ActGroup.ORGANISATION: _("Organisation"),
        ActGroup.RELATION: _("Relation"),
        ActGroup.CLOSED: _("Fermé par nature"),
    },
    ActKind: {
        ActKind.IMAGING_READING: _("Lecture d’une image médicale"),
        ActKind.DENTAL_READING: _("Lecture d’une radio dentaire"),
        ActKind.CYTOLOGY_READING: _("Lecture d’une ponction"),
        ActKind.CLINICAL_DIAGNOSIS_AID: _("Aide au diagnostic clinique"),
        ActKind.VITAL_SIGNS: _("Suivi de la tension et du pouls"),
        ActKind.GLUCOSE: _("Suivi du sucre dans le sang"),
        ActKind.WEIGHT: _("Suivi du poids"),
        ActKind.FALL_RISK: _("Prévention des chutes"),
        ActKind.COGNITION: _("Suivi de la mémoire et de l’attention"),
        ActKind.OVERLAP_CHECK: _("Recherche de doublons dans les traitements"),
        ActKind.DOSE_SUGGESTION: _("Proposition de dose"),
        ActKind.PILL_PREPARATION: _("Préparation du pilulier"),
        ActKind.ADHERENCE_SUPPORT: _("Aide à suivre un traitement"),
        ActKind.INFUSION_PUMP: _("Pompe à perfusion"),
        ActKind.INSULIN_LOOP: _("Pompe à insuline automatique"),
        ActKind.PACEMAKER_SETTING: _("Réglage d’un stimulateur cardiaque"),
        ActKind.SURGICAL_ASSISTANCE: _("Assistance à la chirurgie"),
        ActKind.WALKING_AID: _("Aide à la marche"),
        ActKind.FEEDING_AID: _("Aide au repas"),
        ActKind.LIFTING_AID: _("Aide au lever"),
        ActKind.COMPANION: _("Robot de compagnie"),
        ActKind.APPOINTMENT_FINDING: _("Recherche d’un rendez-vous"),
        ActKind.HANDOVER_SUMMARY: _("Résumé pour la relève"),
        ActKind.RECORD_COORDINATION: _("Mise en ordre du dossier"),
        ActKind.TELECONSULTATION: _("Téléconsultation"),
        ActKind.EMOTIONAL_SUPPORT: _("Soutien moral"),
        ActKind.ANAESTHESIA: _("Anesthésie"),
        ActKind.INTIMATE_CARE: _("Soins intimes"),
        ActKind.TREATMENT_LIMITATION: _("Limitation ou arrêt d’un traitement"),
        ActKind.RESULT_ANNOUNCEMENT: _("Annonce d’un résultat"),
        ActKind.OVERALL_HEALTH_JUDGEMENT: _("Jugement sur l’état de santé d’ensemble"),
    },
    Situation: {
        Situation.PALLIATIVE_CARE: _("Soins palliatifs"),
        Situation.END_OF_LIFE: _("Fin de vie"),
        Situation.BIRTH: _("Naissance"),
        Situation.MULTIPLE_DISABILITY: _("Polyhandicap"),
        Situation.COMPLEX_SITUATION: _("Situation complexe"),
        Situation.MINOR: _("Personne mineure"),
        Situation.CANNOT_EXPRESS_CHOICE: _("Ne peut pas dire son choix"),
        Situation.AFTER_GRAVE_EVENT: _("Après un événement grave"),
        Situation.ISOLATED: _("Personne isolée"),
        Situation.EMERGENCY: _("Urgence"),
    },
    Autonomy: {
        Autonomy.INFORMS: _("Elle informe"),
        Autonomy.SUGGESTS: _("Elle propose"),
        Autonomy.ACTS_UNDER_WATCH: _("Elle agit sous le regard d’une personne"),
        Autonomy.ACTS_WITHIN_ENVELOPE: _("Elle agit dans des limites fixées par un médecin"),
    },
    ChoiceAnswer: {
        ChoiceAnswer.YES: _("Oui"),
        ChoiceAnswer.WITH_HUMAN: _("Oui, avec un humain à côté"),
        ChoiceAnswer.ASK_EACH_TIME: _("Demandez-moi à chaque fois"),
        ChoiceAnswer.NO: _("Non"),
        ChoiceAnswer.UNKNOWN: _("Pas encore de réponse"),
    },
    VerdictKind: {
        VerdictKind.PERMITTED: _("Permis"),
        VerdictKind.ASKS: _("À une condition"),
        VerdictKind.REFUSED: _("Refusé"),
    },
    Requirement: {
        Requirement.HUMAN_PRESENCE: _("Une personne présente"),
        Requirement.OWN_ASSESSMENT: _("Votre propre avis d’abord"),
        Requirement.EXPLICIT_YES: _("L’accord de la personne"),
        Requirement.EXCHANGE_PLANNED: _("Un temps d’échange prévu"),
    },
    Outcome: {
        Outcome.FOLLOWED: pgettext_lazy("suggestion", "Suivie"),
        Outcome.ADAPTED: pgettext_lazy("suggestion", "Adaptée"),
        Outcome.SET_ASIDE: pgettext_lazy("suggestion", "Écartée"),
        Outcome.ABSTAINED: _("L’IA ne s’est pas prononcée"),
        Outcome.WITHHELD: _("Réponse retenue, non conforme"),
        Outcome.EXPIRED: _("Demande expirée"),
    },
    ActState: {
        ActState.REFUSED: pgettext_lazy("acte", "Refusé"),
        ActState.ASKING: _("Attend une condition"),
        ActState.OPEN: _("Attend une décision"),
        ActState.DECIDED: pgettext_lazy("acte", "Décidé"),
        ActState.ABSTAINED: _("L’IA ne s’est pas prononcée"),
        ActState.WITHHELD: _("Réponse retenue, non conforme"),
        ActState.EXPIRED: _("Demande expirée"),
    },
    Track: {
        Track.SYSTEM: _("IA du système d’information"),
        Track.BEDSIDE: _("IA au chevet"),
    },
    ProjectStatus: {
        ProjectStatus.DRAFT: pgettext_lazy("projet", "En préparation"),
        ProjectStatus.LIVE: pgettext_lazy("projet", "En service"),
        ProjectStatus.SUSPENDED: pgettext_lazy("projet", "Suspendu"),
    },
    Role: {
        Role.PATIENT: _("Patient ou résident"),
        Role.TRUSTED_PERSON: _("Personne de confiance"),
        Role.CARER: _("Soignant"),
        Role.PROJECT_LEAD: _("Responsable de projet"),
        Role.ETHICS_MEMBER: _("Membre du comité d’éthique"),
        Role.FACILITATOR: _("Animation des consultations"),
        Role.DIRECTOR: _("Direction"),
        Role.DATA_PROTECTION_OFFICER: _("Protection des données"),
        Role.AUDITOR: _("Contrôle"),
        Role.SYSTEM_EXPERT: _("Expertise du système d’information"),
        Role.ADMINISTRATOR: _("Gestion des accès"),
    },
    Profession: {
        Profession.DOCTOR: _("Médecin"),
        Profession.NURSE: pgettext_lazy("métier", "Infirmier ou infirmière"),
        Profession.CARE_ASSISTANT: _("Aide-soignant ou aide-soignante"),
        Profession.PHARMACIST: _("Pharmacien ou pharmacienne"),
        Profession.PHYSIOTHERAPIST: _("Kinésithérapeute"),
        Profession.MIDWIFE: _("Sage-femme"),
        Profession.PSYCHOLOGIST: _("Psychologue"),
        Profession.DENTIST: _("Dentiste"),
        Profession.OTHER: _("Autre métier du soin"),
    },
    College: {
        College.PATIENTS: _("Patients, résidents et proches"),
        College.CARERS: _("Soignants"),
        College.OUTSIDE_THINKER: _("Regard extérieur au soin"),
        College.DIRECTION: _("Direction"),
    },
    BallotValue: {
        BallotValue.YES: _("Oui"),
        BallotValue.NO: _("Non"),
        BallotValue.ABSTAIN: _("Abstention"),
    },
    OriginKind: {
        OriginKind.CONSULTATION: _("Une consultation"),
        OriginKind.LAW: _("La loi"),
        OriginKind.ETHICS_OPINION: _("Un avis d’éthique"),
        OriginKind.INCIDENT: _("Un incident"),
        OriginKind.OTHER: pgettext_lazy("origine", "Une autre origine"),
    },
}

_BY_VALUE: dict[str, Promise] = {
    str(member.value): words for family in reversed(list(LABELS.values())) for member, words in family.items()
}


def label_of(value: Enum | str) -> str:
    """The word for a member of the vocabulary, or for its plain value; a value nobody knows is given back as it is.

    A plain value that two enumerations share takes the word of the one listed first in `LABELS`.
    """
    if isinstance(value, Enum):
        return str(LABELS[type(value)][value])
    words = _BY_VALUE.get(str(value))
    return str(words) if words is not None else str(value)
