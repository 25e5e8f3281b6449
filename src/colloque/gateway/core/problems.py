"""What a client program is told when a call cannot be answered: an OperationOutcome (FHIR R4), never a value it sent.

Each issue has a stable code, a sentence, and where in the request it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

CODE_SYSTEM: Final = "https://colloque.invalid/fhir/CodeSystem/gateway-problem"

ISSUE_TYPES: Final = {
    400: "invalid",
    401: "login",
    404: "not-found",
    405: "not-supported",
    409: "conflict",
    412: "required",
    413: "too-long",
    415: "not-supported",
    422: "processing",
    500: "exception",
    503: "transient",
}


class Problem(msgspec.Struct, frozen=True):
    """One thing that is wrong: `code` is stable, `path` points into the request."""

    code: str
    message: str
    path: str = ""


class CallError(Exception):
    """The call is not answered. `status` is the HTTP status; 401 asks for a token."""

    def __init__(self, status: int, *problems: Problem) -> None:
        super().__init__(problems[0].code)
        self.status = status
        self.problems = problems


def refuse(status: int, code: str, message: str, path: str = "") -> CallError:
    """An error with one problem."""
    return CallError(status, Problem(code, message, path))


def operation_outcome(status: int, problems: Sequence[Problem]) -> bytes:
    """The body of an error."""
    issues: list[dict[str, Any]] = []
    for problem in problems:
        issue: dict[str, Any] = {
            "severity": "error",
            "code": ISSUE_TYPES.get(status, "processing"),
            "details": {"coding": [{"system": CODE_SYSTEM, "code": problem.code}], "text": problem.message},
        }
        if problem.path:
            issue["expression"] = [problem.path]
        issues.append(issue)
    return msgspec.json.encode({"resourceType": "OperationOutcome", "issue": issues})
