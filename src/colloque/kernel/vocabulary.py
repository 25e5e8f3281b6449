"""The words everyone shares: kinds of act and their traits, situations, autonomy, choices, verdicts, outcomes, roles.

Extend with an ADR, never fork. Values are the stable words written in the charter, the ledger and the API;
labels for people live in the catalogues and in `labels.py`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class ActGroup(StrEnum):
    """Families of acts; the charter can speak of a whole family."""

    DIAGNOSIS = "diagnosis"
    FOLLOWING = "following"
    TREATMENT = "treatment"
    ROBOT = "robot"
    ORGANISATION = "organisation"
    RELATION = "relation"
    CLOSED = "closed-by-nature"


class ActKind(StrEnum):
    """What an AI may be asked to take part in, and what it may never be asked."""

    IMAGING_READING = "imaging-reading"
    DENTAL_READING = "dental-reading"
    CYTOLOGY_READING = "cytology-reading"
    CLINICAL_DIAGNOSIS_AID = "clinical-diagnosis-aid"
    VITAL_SIGNS = "vital-signs"
    GLUCOSE = "glucose"
    WEIGHT = "weight"
    FALL_RISK = "fall-risk"
    COGNITION = "cognition"
    OVERLAP_CHECK = "overlap-check"
    DOSE_SUGGESTION = "dose-suggestion"
    PILL_PREPARATION = "pill-preparation"
    ADHERENCE_SUPPORT = "adherence-support"
    INFUSION_PUMP = "infusion-pump"
    INSULIN_LOOP = "insulin-loop"
    PACEMAKER_SETTING = "pacemaker-setting"
    SURGICAL_ASSISTANCE = "surgical-assistance"
    WALKING_AID = "walking-aid"
    FEEDING_AID = "feeding-aid"
    LIFTING_AID = "lifting-aid"
    COMPANION = "companion"
    APPOINTMENT_FINDING = "appointment-finding"
    HANDOVER_SUMMARY = "handover-summary"
    RECORD_COORDINATION = "record-coordination"
    TELECONSULTATION = "teleconsultation"
    EMOTIONAL_SUPPORT = "emotional-support"
    ANAESTHESIA = "anaesthesia"
    INTIMATE_CARE = "intimate-care"
    TREATMENT_LIMITATION = "treatment-limitation"
    RESULT_ANNOUNCEMENT = "result-announcement"
    OVERALL_HEALTH_JUDGEMENT = "overall-health-judgement"


class ActTraits(NamedTuple):
    """What the charter and the ethics review need to know of a kind of act.

    `human_value` and `hardship` run from 1 (little) to 5 (much): how much the act is worth being done by a human, and how
    hard and thankless it is for the one who does it.
    """

    group: ActGroup
    human_value: int
    hardship: int
    intimate: bool = False
    physical: bool = False
    standardised: bool = False
    reversible: bool = True
    own_assessment_first: bool = False
    fundamental_ethics: bool = False


_D, _F, _T, _R, _O, _L, _C = (
    ActGroup.DIAGNOSIS,
    ActGroup.FOLLOWING,
    ActGroup.TREATMENT,
    ActGroup.ROBOT,
    ActGroup.ORGANISATION,
    ActGroup.RELATION,
    ActGroup.CLOSED,
)

ACT_TRAITS: dict[ActKind, ActTraits] = {
    ActKind.IMAGING_READING: ActTraits(_D, 4, 3, standardised=True, own_assessment_first=True),
    ActKind.DENTAL_READING: ActTraits(_D, 3, 3, standardised=True, own_assessment_first=True),
    ActKind.CYTOLOGY_READING: ActTraits(_D, 4, 3, standardised=True, own_assessment_first=True),
    ActKind.CLINICAL_DIAGNOSIS_AID: ActTraits(_D, 5, 2, own_assessment_first=True),
    ActKind.VITAL_SIGNS: ActTraits(_F, 2, 3, standardised=True),
    ActKind.GLUCOSE: ActTraits(_F, 2, 3, standardised=True),
    ActKind.WEIGHT: ActTraits(_F, 2, 2, standardised=True),
    ActKind.FALL_RISK: ActTraits(_F, 3, 2, standardised=True),
    ActKind.COGNITION: ActTraits(_F, 4, 2, own_assessment_first=True),
    ActKind.OVERLAP_CHECK: ActTraits(_T, 2, 4, standardised=True),
    ActKind.DOSE_SUGGESTION: ActTraits(_T, 4, 2, own_assessment_first=True),
    ActKind.PILL_PREPARATION: ActTraits(_T, 1, 4, physical=True, standardised=True),
    ActKind.ADHERENCE_SUPPORT: ActTraits(_T, 3, 2),
    ActKind.INFUSION_PUMP: ActTraits(_T, 3, 3, physical=True, standardised=True, reversible=False),
    ActKind.INSULIN_LOOP: ActTraits(_T, 3, 3, physical=True, standardised=True, reversible=False),
    ActKind.PACEMAKER_SETTING: ActTraits(_T, 4, 2, physical=True, reversible=False, own_assessment_first=True),
    ActKind.SURGICAL_ASSISTANCE: ActTraits(_R, 5, 4, physical=True, standardised=True, reversible=False),
    ActKind.WALKING_AID: ActTraits(_R, 3, 4, physical=True),
    ActKind.FEEDING_AID: ActTraits(_R, 5, 3, physical=True),
    ActKind.LIFTING_AID: ActTraits(_R, 2, 5, physical=True, standardised=True),
    ActKind.COMPANION: ActTraits(_R, 5, 1, physical=True),
    ActKind.APPOINTMENT_FINDING: ActTraits(_O, 1, 3, standardised=True),
    ActKind.HANDOVER_SUMMARY: ActTraits(_O, 3, 3),
    ActKind.RECORD_COORDINATION: ActTraits(_O, 1, 4, standardised=True),
    ActKind.TELECONSULTATION: ActTraits(_L, 4, 1),
    ActKind.EMOTIONAL_SUPPORT: ActTraits(_L, 5, 3),
    ActKind.ANAESTHESIA: ActTraits(_C, 5, 3, physical=True, reversible=False),
    ActKind.INTIMATE_CARE: ActTraits(_C, 5, 4, intimate=True, physical=True),
    ActKind.TREATMENT_LIMITATION: ActTraits(_C, 5, 5, reversible=False, fundamental_ethics=True),
    ActKind.RESULT_ANNOUNCEMENT: ActTraits(_C, 5, 4, reversible=False),
    ActKind.OVERALL_HEALTH_JUDGEMENT: ActTraits(_C, 5, 2),
}


class Situation(StrEnum):
    """What a person is living through, as far as it bears on AI."""

    PALLIATIVE_CARE = "palliative-care"
    END_OF_LIFE = "end-of-life"
    BIRTH = "birth"
    MULTIPLE_DISABILITY = "multiple-disability"
    COMPLEX_SITUATION = "complex-situation"
    MINOR = "minor"
    CANNOT_EXPRESS_CHOICE = "cannot-express-choice"
    AFTER_GRAVE_EVENT = "after-grave-event"
    ISOLATED = "isolated"
    EMERGENCY = "emergency"


class Autonomy(StrEnum):
    """How far an AI goes by itself. There is no higher level."""

    INFORMS = "informs"
    SUGGESTS = "suggests"
    ACTS_UNDER_WATCH = "acts-under-watch"
    ACTS_WITHIN_ENVELOPE = "acts-within-envelope"


class ChoiceAnswer(StrEnum):
    """What a person said about an act of AI on them; `unknown` follows the charter's cautious default."""

    YES = "yes"
    WITH_HUMAN = "with-human"
    ASK_EACH_TIME = "ask-each-time"
    NO = "no"
    UNKNOWN = "unknown"


class VerdictKind(StrEnum):
    """What the charter says of one act."""

    PERMITTED = "permitted"
    ASKS = "asks"
    REFUSED = "refused"


class Requirement(StrEnum):
    """What can still be provided when the charter asks; the words of `@asks`."""

    HUMAN_PRESENCE = "human-presence"
    OWN_ASSESSMENT = "own-assessment"
    EXPLICIT_YES = "explicit-yes"
    EXCHANGE_PLANNED = "exchange-planned"


class Outcome(StrEnum):
    """How a suggestion ended. The first three are human decisions; nothing else ever counts as a yes."""

    FOLLOWED = "followed"
    ADAPTED = "adapted"
    SET_ASIDE = "set-aside"
    ABSTAINED = "abstained"
    WITHHELD = "withheld"
    EXPIRED = "expired"


class Track(StrEnum):
    """Two kinds of AI, reviewed by different people."""

    SYSTEM = "system"
    BEDSIDE = "bedside"


class ProjectStatus(StrEnum):
    """Where a project stands; only a live one may act."""

    DRAFT = "draft"
    LIVE = "live"
    SUSPENDED = "suspended"


class Role(StrEnum):
    """What a membership lets an account do in an establishment."""

    PATIENT = "patient"
    TRUSTED_PERSON = "trusted-person"
    CARER = "carer"
    PROJECT_LEAD = "project-lead"
    ETHICS_MEMBER = "ethics-member"
    FACILITATOR = "facilitator"
    DIRECTOR = "director"
    DATA_PROTECTION_OFFICER = "data-protection-officer"
    AUDITOR = "auditor"
    SYSTEM_EXPERT = "system-expert"
    ADMINISTRATOR = "administrator"


STAFF_ROLES = frozenset(Role) - {Role.PATIENT, Role.TRUSTED_PERSON}


class Profession(StrEnum):
    """The carer's profession."""

    DOCTOR = "doctor"
    NURSE = "nurse"
    CARE_ASSISTANT = "care-assistant"
    PHARMACIST = "pharmacist"
    PHYSIOTHERAPIST = "physiotherapist"
    MIDWIFE = "midwife"
    PSYCHOLOGIST = "psychologist"
    DENTIST = "dentist"
    OTHER = "other"
