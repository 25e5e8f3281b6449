"""What the charter may read about one governed act. `None` means unknown, and what a rule needs and does not know refuses."""

from __future__ import annotations

from uuid import UUID

import msgspec

from colloque.kernel.vocabulary import ActKind, Autonomy, ChoiceAnswer, Profession, ProjectStatus, Situation, Track


class ProjectFacts(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The AI system that asks to take part."""

    id: UUID
    status: ProjectStatus
    track: Track
    autonomy: Autonomy
    acts: frozenset[ActKind]


class PersonFacts(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The person cared for; `age` in completed years, minutes since local midnight."""

    id: UUID
    age: int | None = None
    situations: frozenset[Situation] | None = None
    choice: ChoiceAnswer = ChoiceAnswer.UNKNOWN
    human_minutes_today: int | None = None
    robot_minutes_today: int | None = None


class CarerFacts(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The named human answerable now. No id: nobody answers for the act."""

    id: UUID | None = None
    profession: Profession | None = None
    attested: bool | None = None
    on_duty: bool | None = None


class MomentFacts(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Local time of the establishment: `hour` 0–23, `weekday` 1 (Monday) – 7 (Sunday)."""

    hour: int
    weekday: int


class PresenceFacts(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Whether a human beside the person is attested, and by whom."""

    human_present: bool | None = None
    attested_by: UUID | None = None


class OwnAssessmentFacts(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Whether the carer recorded an own assessment before seeing anything."""

    made: bool = False


class ExchangeFacts(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Whether a human exchange about the result is planned."""

    planned: bool | None = None


class ExplicitYesFacts(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Whether the person, or who may speak for them, said yes to this very act, and the named human who heard it."""

    given: bool = False
    heard_by: UUID | None = None


class EstablishmentFacts(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The place; `outage` is the planned or suffered absence of AI."""

    id: UUID
    outage: bool = False


class Facts(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Everything the charter may read about one act; stored with the act as canonical JSON, version `v`."""

    project: ProjectFacts
    act_kind: ActKind
    person: PersonFacts
    carer: CarerFacts
    moment: MomentFacts
    establishment: EstablishmentFacts
    presence: PresenceFacts = PresenceFacts()
    own_assessment: OwnAssessmentFacts = OwnAssessmentFacts()
    exchange: ExchangeFacts = ExchangeFacts()
    explicit_yes: ExplicitYesFacts = ExplicitYesFacts()
    v: int = 1
