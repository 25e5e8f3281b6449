"""How rules name the words of the vocabulary, in French and in English.

Acts come as what follows "intervient pour" and "takes part in"; situations and choices as what follows "la personne" and
"the person".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from colloque.charter.core.draft import Condition
from colloque.kernel.vocabulary import Autonomy, ChoiceAnswer, Profession, Situation, Track


class Named(NamedTuple):
    """The same thing in the two languages."""

    fr: str
    en: str

    def __call__(self, language: str) -> str:
        return self.fr if language == "fr" else self.en


ACTS: Mapping[str, Named] = {
    "diagnosis": Named("l’aide au diagnostic", "helping with diagnosis"),
    "following": Named("le suivi de l’état d’une personne", "following how a person is doing"),
    "treatment": Named("la préparation et le suivi des traitements", "preparing and following treatments"),
    "robot": Named("l’aide d’un robot", "a robot’s help"),
    "organisation": Named("l’organisation", "organisation"),
    "relation": Named("la relation avec la personne", "the relation with the person"),
    "closed-by-nature": Named("les actes réservés aux humains", "acts kept for humans"),
    "physical": Named("les actes qu’un robot ou un appareil exécute", "acts that a robot or a device carries out"),
    "intimate": Named("les actes intimes", "intimate acts"),
    "standardised": Named("les actes codifiés", "codified acts"),
    "irreversible": Named("les actes sur lesquels on ne peut pas revenir", "acts that cannot be undone"),
    "own-assessment-first": Named(
        "les actes qui demandent d’abord un avis humain", "acts that call for a human opinion first"
    ),
    "fundamental-ethics": Named("les décisions éthiques fondamentales", "fundamental ethical decisions"),
    "imaging-reading": Named("la lecture d’une image médicale", "reading a medical image"),
    "dental-reading": Named("la lecture d’une radio dentaire", "reading a dental X-ray"),
    "cytology-reading": Named("la lecture d’une ponction", "reading a cell sample"),
    "clinical-diagnosis-aid": Named("la recherche d’un diagnostic", "looking for a diagnosis"),
    "vital-signs": Named("le suivi de la tension et du pouls", "following blood pressure and pulse"),
    "glucose": Named("le suivi du sucre dans le sang", "following blood sugar"),
    "weight": Named("le suivi du poids", "following weight"),
    "fall-risk": Named("la prévention des chutes", "preventing falls"),
    "cognition": Named("le suivi de la mémoire et de l’attention", "following memory and attention"),
    "overlap-check": Named("la recherche de doublons dans les traitements", "looking for overlaps between treatments"),
    "dose-suggestion": Named("une proposition de dose", "suggesting a dose"),
    "pill-preparation": Named("la préparation du pilulier", "preparing the pill organiser"),
    "adherence-support": Named("l’aide à suivre un traitement", "helping to keep to a treatment"),
    "infusion-pump": Named("la conduite d’une pompe à perfusion", "running an infusion pump"),
    "insulin-loop": Named("la conduite d’une pompe à insuline", "running an insulin pump"),
    "pacemaker-setting": Named("le réglage d’un stimulateur cardiaque", "setting a pacemaker"),
    "surgical-assistance": Named("l’assistance à la chirurgie", "assisting surgery"),
    "walking-aid": Named("l’aide à la marche", "helping to walk"),
    "feeding-aid": Named("l’aide au repas", "helping with meals"),
    "lifting-aid": Named("l’aide au lever", "helping to get up"),
    "companion": Named("la compagnie d’un robot", "keeping company with a robot"),
    "appointment-finding": Named("la recherche d’un rendez-vous", "finding an appointment"),
    "handover-summary": Named("le résumé pour la relève", "summing up a handover"),
    "record-coordination": Named("la mise en ordre du dossier", "putting a record in order"),
    "teleconsultation": Named("une téléconsultation", "a remote consultation"),
    "emotional-support": Named("le soutien moral", "emotional support"),
    "anaesthesia": Named("une anesthésie", "anaesthesia"),
    "intimate-care": Named("les soins intimes", "intimate care"),
    "treatment-limitation": Named("la limitation ou l’arrêt d’un traitement", "limiting or stopping a treatment"),
    "result-announcement": Named("l’annonce d’un résultat", "telling a result"),
    "overall-health-judgement": Named(
        "un jugement sur la santé dans son ensemble", "judging a person’s health as a whole"
    ),
}
STATES: Mapping[Situation, Named] = {
    Situation.PALLIATIVE_CARE: Named("en soins palliatifs", "in palliative care"),
    Situation.END_OF_LIFE: Named("en fin de vie", "at the end of life"),
    Situation.MULTIPLE_DISABILITY: Named("polyhandicapée", "living with multiple disabilities"),
    Situation.COMPLEX_SITUATION: Named("dans une situation complexe", "in a complex situation"),
    Situation.MINOR: Named("mineure", "a minor"),
    Situation.ISOLATED: Named("isolée", "isolated"),
    Situation.EMERGENCY: Named("en situation d’urgence", "in an emergency"),
}
EVENTS: Mapping[Situation, Named] = {
    Situation.BIRTH: Named("vit une naissance", "is living through a birth"),
    Situation.CANNOT_EXPRESS_CHOICE: Named("ne peut pas dire son choix", "cannot say what they choose"),
    Situation.AFTER_GRAVE_EVENT: Named("vient de vivre un événement grave", "has just lived through a grave event"),
}
CHOICES: Mapping[ChoiceAnswer, Named] = {
    ChoiceAnswer.YES: Named("a déjà dit oui", "has already said yes"),
    ChoiceAnswer.WITH_HUMAN: Named("veut un humain à côté d’elle", "wants a human beside them"),
    ChoiceAnswer.ASK_EACH_TIME: Named("veut qu’on lui demande à chaque fois", "wants to be asked each time"),
    ChoiceAnswer.NO: Named("a déjà dit non", "has already said no"),
    ChoiceAnswer.UNKNOWN: Named("n’a pas encore répondu", "has not answered yet"),
}
REACHES: Mapping[Autonomy, Named] = {
    Autonomy.INFORMS: Named("informe", "informs"),
    Autonomy.SUGGESTS: Named("propose", "suggests"),
    Autonomy.ACTS_UNDER_WATCH: Named("agit sous le regard d’une personne", "acts under someone’s eyes"),
    Autonomy.ACTS_WITHIN_ENVELOPE: Named(
        "agit dans des limites fixées par un médecin", "acts within limits set by a doctor"
    ),
}
TRACKS: Mapping[Track, Named] = {
    Track.SYSTEM: Named("du système d’information", "information-system"),
    Track.BEDSIDE: Named("au chevet", "bedside"),
}
PROFESSIONS: Mapping[Profession, Named] = {
    Profession.DOCTOR: Named("un médecin", "a doctor"),
    Profession.NURSE: Named("un infirmier ou une infirmière", "a nurse"),
    Profession.CARE_ASSISTANT: Named("un aide-soignant ou une aide-soignante", "a care assistant"),
    Profession.PHARMACIST: Named("un pharmacien ou une pharmacienne", "a pharmacist"),
    Profession.PHYSIOTHERAPIST: Named("un ou une kinésithérapeute", "a physiotherapist"),
    Profession.MIDWIFE: Named("une sage-femme", "a midwife"),
    Profession.PSYCHOLOGIST: Named("un ou une psychologue", "a psychologist"),
    Profession.DENTIST: Named("un ou une dentiste", "a dentist"),
    Profession.OTHER: Named("quelqu’un d’un autre métier du soin", "someone of another care profession"),
}
PROVIDED: Mapping[Condition, Named] = {
    Condition.HUMAN_PRESENCE: Named(
        "un professionnel est présent et l’a confirmé avec son nom",
        "a professional is present and has confirmed it by name",
    ),
    Condition.OWN_ASSESSMENT: Named(
        "le soignant a d’abord noté son propre avis", "the carer has first noted their own opinion"
    ),
    Condition.EXPLICIT_YES: Named("la personne dit oui à cet acte", "the person says yes to this act"),
    Condition.EXCHANGE_PLANNED: Named("un moment pour en parler est prévu", "a time to talk about it is planned"),
    Condition.ON_DUTY: Named(
        "le professionnel qui en répond est en service", "the professional who answers for it is on duty"
    ),
}
DAYS: tuple[Named, ...] = (
    Named("lundi", "Monday"),
    Named("mardi", "Tuesday"),
    Named("mercredi", "Wednesday"),
    Named("jeudi", "Thursday"),
    Named("vendredi", "Friday"),
    Named("samedi", "Saturday"),
    Named("dimanche", "Sunday"),
)
