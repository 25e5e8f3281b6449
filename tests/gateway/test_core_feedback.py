"""What a batch of feedback must be."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colloque.acts.core.report import ReportedAs
from colloque.gateway.core.feedback import MAX_REPORTS, read_feedback
from colloque.gateway.core.problems import CallError

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def accepted(**changes: Any) -> dict[str, Any]:
    return {
        "card": str(uuid4()),
        "outcome": "accepted",
        "acceptedSuggestions": [{"id": str(uuid4())}],
        "outcomeTimestamp": "2026-03-02T09:29:00Z",
        **changes,
    }


def problems(*reports: Any) -> dict[str, str]:
    with pytest.raises(CallError) as error:
        read_feedback(msgspec.json.encode({"feedback": list(reports)}), NOW)
    assert error.value.status == 400
    return {problem.path: problem.code for problem in error.value.problems}


def test_both_outcomes_are_read_with_what_came_along() -> None:
    overridden = accepted(outcome="overridden", acceptedSuggestions=[])
    overridden["overrideReason"] = {
        "reason": {"code": "patient-refuses", "system": "http://example.org"},
        "userComment": "Elle ne veut pas.\x00",
    }
    one, other = read_feedback(msgspec.json.encode({"feedback": [accepted(), overridden]}), NOW)
    assert (one.outcome, len(one.accepted)) == (ReportedAs.ACCEPTED, 1)
    assert (other.outcome, other.reason, other.words) == (
        ReportedAs.OVERRIDDEN,
        "patient-refuses",
        "Elle ne veut pas.",
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"card": "x"}, {"feedback[0].card": "not-a-uuid"}),
        ({"outcome": "ignored"}, {"feedback[0].outcome": "wrong-type"}),
        ({"acceptedSuggestions": []}, {"feedback[0].acceptedSuggestions": "missing"}),
        ({"acceptedSuggestions": [{"id": "x"}]}, {"feedback[0].acceptedSuggestions[0].id": "not-a-uuid"}),
        ({"outcomeTimestamp": "yesterday"}, {"feedback[0].outcomeTimestamp": "not-a-moment"}),
        ({"outcomeTimestamp": "2026-03-02T09:29:00"}, {"feedback[0].outcomeTimestamp": "not-a-moment"}),
        ({"outcomeTimestamp": "2026-03-02T10:30:00Z"}, {"feedback[0].outcomeTimestamp": "from-the-future"}),
        ({"outcomeTimestamp": "0001-01-01T00:00:00Z"}, {"feedback[0].outcomeTimestamp": "not-a-moment"}),
        ({"overrideReason": {"userComment": "x" * 4001}}, {"feedback[0].overrideReason.userComment": "too-long"}),
    ],
)
def test_each_thing_that_is_wrong_has_its_place(changes: dict[str, Any], expected: dict[str, str]) -> None:
    found = problems(accepted(**changes))
    assert {path.replace("[...]", "[0]"): code for path, code in found.items()} == expected


def test_nothing_of_a_batch_counts_when_one_report_is_wrong() -> None:
    assert problems(accepted(), accepted(card="x")) == {"feedback[1].card": "not-a-uuid"}


def test_a_batch_has_an_end() -> None:
    assert problems(*[accepted()] * (MAX_REPORTS + 1)) == {"feedback": "too-many"}
    assert problems() == {"feedback": "too-many"}


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_in_peace(body: bytes) -> None:
    with pytest.raises(CallError):
        read_feedback(body, NOW)
