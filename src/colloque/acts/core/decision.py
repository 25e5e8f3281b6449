"""The human end of a governed act: what a named carer decides, why, and what the person says of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

import msgspec

from colloque.acts.core.reading import Conclusion, OwnReading, checked_words
from colloque.kernel.canonical import canonical_json
from colloque.kernel.errors import InvalidInputError, TamperedError
from colloque.kernel.vocabulary import Outcome

HUMAN_OUTCOMES = (Outcome.FOLLOWED, Outcome.ADAPTED, Outcome.SET_ASIDE)

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)


class DecisionReason(StrEnum):
    """What weighed in the decision; one list for the three outcomes, so that none is easier to justify than another."""

    SEEN_HERE = "seen-here"
    OWN_READING = "own-reading"
    OTHER_DATA = "other-data"
    PERSON_WISH = "person-wish"
    COLLEAGUE = "colleague"
    GUIDELINE = "guideline"
    AI_GROUNDS = "ai-grounds"
    AI_LIMITS = "ai-limits"
    OTHER = "other"


class AccessPurpose(StrEnum):
    """Why somebody looks again at what the AI said, once a human has decided."""

    CARE = "care"
    EXCHANGE = "exchange"
    SECOND_OPINION = "second-opinion"
    INCIDENT = "incident"
    TEAM_REVIEW = "team-review"


class HumanDecision(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is kept of a decision. `retained` is the conclusion or the action the carer keeps, in human words."""

    outcome: Outcome
    reasons: tuple[str, ...] = ()
    words: str = ""
    retained: Conclusion | None = None
    patient_view: str = ""
    v: int = 1


def human_decision(
    outcome: str,
    reasons: Sequence[str],
    *,
    words: str,
    retained: str,
    patient_view: str,
    proposed: Conclusion | None,
    own: OwnReading | None,
    readings: Sequence[Conclusion] = (),
    through_ehr: bool = False,
) -> HumanDecision:
    """A checked decision.

    Following keeps what was `proposed`. Adapting says what is kept: the code of one of the service's `readings`, or free
    words. Setting aside may say it too; otherwise it keeps the `own` reading where there is one. From our pages each of the
    three outcomes asks for one coded reason at least. An EHR may send none, and may send its own codes (`through_ehr`).
    Raises `InvalidInputError` with a code of its own and `path` `outcome`, `reasons`, `words`, `retained` or `patient_view`.
    """
    try:
        chosen = Outcome(outcome)
    except ValueError as error:
        raise InvalidInputError(
            "Say whether you follow, adapt or set aside.", code="outcome-unknown", path="outcome"
        ) from error
    if chosen not in HUMAN_OUTCOMES:
        raise InvalidInputError(
            "Only a human decision ends an act: follow, adapt or set aside.", code="outcome-not-human", path="outcome"
        )
    coded = _checked_reasons(reasons, through_ehr=through_ehr)
    if not coded and not through_ehr:
        raise InvalidInputError(
            "Say what weighed in your decision: tick at least one reason.", code="reasons-missing", path="reasons"
        )
    free = checked_words(words, "words")
    if DecisionReason.OTHER in coded and not free and not through_ehr:
        raise InvalidInputError(
            "You ticked “another reason”: say which, in a few words.", code="reason-unsaid", path="words"
        )
    return HumanDecision(
        outcome=chosen,
        reasons=coded,
        words=free,
        retained=_retained(
            chosen, checked_words(retained, "retained"), proposed, own, readings, through_ehr=through_ehr
        ),
        patient_view=checked_words(patient_view, "patient_view"),
    )


def _checked_reasons(reasons: Sequence[str], *, through_ehr: bool) -> tuple[str, ...]:
    known = {reason.value for reason in DecisionReason}
    for reason in reasons:
        if reason not in known and not (through_ehr and _CODE.fullmatch(reason)):
            raise InvalidInputError("This reason is not one we know.", code="reason-unknown", path="reasons")
    return tuple(dict.fromkeys(reasons))


def _retained(
    outcome: Outcome,
    text: str,
    proposed: Conclusion | None,
    own: OwnReading | None,
    readings: Sequence[Conclusion],
    *,
    through_ehr: bool,
) -> Conclusion | None:
    if outcome is Outcome.FOLLOWED:
        return proposed
    if text:
        return next((named for named in readings if named.code == text), None) or Conclusion(fr=text)
    if outcome is Outcome.SET_ASIDE:
        return own.reading if own is not None else None
    if through_ehr:
        return None
    raise InvalidInputError("You adapt: say in a few words what you keep.", code="retained-missing", path="retained")


def decision_bytes(decision: HumanDecision) -> bytes:
    """What is sealed: canonical JSON."""
    return canonical_json(decision)


def read_decision(opened: bytes) -> HumanDecision:
    """The decision again. Raises `TamperedError` if the bytes are not one."""
    try:
        return msgspec.json.decode(opened, type=HumanDecision)
    except msgspec.MsgspecError as error:
        raise TamperedError("The sealed decision cannot be read.", code="unreadable-decision") from error
