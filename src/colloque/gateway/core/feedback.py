"""A batch of feedback as a service must find it. Source: CDS Hooks 2.0.1, "Feedback"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

import msgspec

from colloque.acts.core.report import Report, ReportedAs
from colloque.gateway.core.calls import where_msgspec_complains
from colloque.gateway.core.problems import CallError, Problem, refuse

MAX_REPORTS: Final = 100
MAX_WORDS: Final = 4_000
MAX_ACCEPTED: Final = 20
CLOCKS_DIFFER: Final = timedelta(minutes=5)
_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class _Accepted(msgspec.Struct):
    id: str


class _Coding(msgspec.Struct):
    code: str
    system: str = ""


class _Override(msgspec.Struct, rename={"comment": "userComment"}):
    reason: _Coding | None = None
    comment: str | None = None


class _Feedback(
    msgspec.Struct,
    rename={"accepted": "acceptedSuggestions", "override": "overrideReason", "timestamp": "outcomeTimestamp"},
):
    card: str
    outcome: Literal["accepted", "overridden"]
    timestamp: str
    accepted: list[_Accepted] = []
    override: _Override | None = None


class _Batch(msgspec.Struct):
    feedback: list[_Feedback]


_decoder = msgspec.json.Decoder(_Batch)


def read_feedback(body: bytes, now: datetime) -> tuple[Report, ...]:
    """The reports of a call to a feedback endpoint. Raises `CallError` 400 with everything that is wrong; then none counts."""
    try:
        batch = _decoder.decode(body)
    except msgspec.ValidationError as error:
        code, path = where_msgspec_complains(error)
        raise refuse(400, code, "A member is missing or of another type.", path) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise refuse(400, "not-json", "The body is not JSON in UTF-8.") from None
    if not batch.feedback or len(batch.feedback) > MAX_REPORTS:
        raise refuse(400, "too-many", f"Between 1 and {MAX_REPORTS} reports.", "feedback")
    reports, problems = [], []
    for place, feedback in enumerate(batch.feedback):
        wrong = list(_problems(feedback, f"feedback[{place}]", now))
        problems += wrong
        if not wrong:
            reports.append(_report(feedback, f"feedback[{place}]"))
    if problems:
        raise CallError(400, *problems[:MAX_REPORTS])
    return tuple(reports)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if len(text) == 36 else None
    except ValueError:
        return None


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo is not None and moment.utcoffset() is not None else None
    except ValueError:
        return None


def _problems(feedback: _Feedback, path: str, now: datetime) -> Iterator[Problem]:
    if _uuid(feedback.card) is None:
        yield Problem("not-a-uuid", "The uuid of a card.", f"{path}.card")
    moment = _moment(feedback.timestamp)
    if moment is None:
        yield Problem("not-a-moment", "A moment in ISO 8601, with its offset.", f"{path}.outcomeTimestamp")
    elif moment > now + CLOCKS_DIFFER:
        yield Problem("from-the-future", "A moment that has come.", f"{path}.outcomeTimestamp")
    elif moment.year < 2000:
        yield Problem("not-a-moment", "A moment since this exists.", f"{path}.outcomeTimestamp")
    if feedback.outcome == "accepted" and not feedback.accepted:
        yield Problem("missing", "Which suggestions were accepted.", f"{path}.acceptedSuggestions")
    if len(feedback.accepted) > MAX_ACCEPTED:
        yield Problem("too-many", f"At most {MAX_ACCEPTED} suggestions.", f"{path}.acceptedSuggestions")
    for place, accepted in enumerate(feedback.accepted[:MAX_ACCEPTED]):
        if _uuid(accepted.id) is None:
            yield Problem("not-a-uuid", "The uuid of a suggestion.", f"{path}.acceptedSuggestions[{place}].id")
    if feedback.override is not None and len(feedback.override.comment or "") > MAX_WORDS:
        yield Problem("too-long", f"At most {MAX_WORDS} characters.", f"{path}.overrideReason.userComment")


def _report(feedback: _Feedback, path: str) -> Report:
    override = feedback.override
    reason = override.reason if override is not None and override.reason is not None else _Coding("")
    moment = _moment(feedback.timestamp)
    if moment is None:
        raise ValueError(path)
    return Report(
        card=UUID(feedback.card),
        outcome=ReportedAs(feedback.outcome),
        at=moment,
        path=path,
        accepted=tuple(UUID(accepted.id) for accepted in feedback.accepted),
        reason=reason.code if _CODE.fullmatch(reason.code) else "",
        reason_system=_CONTROL.sub("", reason.system)[:200],
        words=_CONTROL.sub("", (override.comment or "") if override is not None else "").strip(),
    )
