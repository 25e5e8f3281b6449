"""What a record system reports of a card: what became of it there. Ignored cards are never reported.

Source: CDS Hooks 2.0.1, "Feedback".
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from colloque.kernel.vocabulary import Outcome


class ReportedAs(StrEnum):
    """The standard's two outcomes."""

    ACCEPTED = "accepted"
    OVERRIDDEN = "overridden"


OUTCOMES = {ReportedAs.ACCEPTED: Outcome.FOLLOWED, ReportedAs.OVERRIDDEN: Outcome.SET_ASIDE}


class Report(msgspec.Struct, frozen=True):
    """One outcome of one card; `path` is where it stood in the request. Accepted suggestions by the uuids we gave."""

    card: UUID
    outcome: ReportedAs
    at: datetime
    path: str = ""
    accepted: tuple[UUID, ...] = ()
    reason: str = ""
    reason_system: str = ""
    words: str = ""


class Kept(msgspec.Struct, frozen=True, omit_defaults=True):
    """What lies sealed of a report (JSON, about `report`)."""

    accepted: tuple[str, ...] = ()
    reason: str = ""
    reason_system: str = ""
    words: str = ""
    v: int = 1


class Reported(msgspec.Struct, frozen=True):
    """What became of a batch of reports: how many are new, how many were known already, and where no card was found."""

    recorded: int
    repeated: int
    unknown: tuple[str, ...]


def about_report(report: UUID) -> bytes:
    """What a sealed report is about."""
    return f"report/{report}".encode()
