"""What every room's part of the REST API shares: who is signed in, and the shape of what went wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ninja.security import SessionAuth

from colloque.ledger.api import Problem

signed_in = SessionAuth()
"""The session of our own pages; a change also carries Django's `X-CSRFToken`."""


def problems(*statuses: int) -> Mapping[int, Any]:
    """The responses of an operation that may fail with these statuses."""
    return dict.fromkeys(statuses, Problem)


READ = problems(401, 403, 404, 422)
CHANGED = problems(400, 401, 403, 404, 409, 422, 503)
PUBLIC = problems(404, 422)
