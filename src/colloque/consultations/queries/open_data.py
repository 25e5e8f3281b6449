"""The open data of a closed consultation, as files to download."""

from __future__ import annotations

import hmac
import io
import zipfile
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from django.conf import settings
from django.db.models import Max
from django.urls import reverse

from colloque.consultations.core import open_data
from colloque.consultations.core.open_data import Ballot, OpenData, StatementRow
from colloque.consultations.core.opinion.values import OpinionMap, Placements
from colloque.consultations.core.state import ConsultationState, StatementState
from colloque.consultations.models import Consultation, Vote
from colloque.consultations.queries.map import latest_map
from colloque.ledger.queries import installation_keys
from colloque.people.access import nothing_here

FRANCE: Final = ZoneInfo("Europe/Paris")
_MODERATED: Final = {StatementState.PUBLISHED: 1, StatementState.WAITING: 0}


@dataclass(frozen=True)
class File:
    """A file to download."""

    name: str
    content_type: str
    data: bytes


def open_data_of(consultation: Consultation) -> OpenData:
    """What everybody may have of a consultation. Raises `NotFoundError` while it is not closed.

    Only the last state is published, never one while people vote: two exports could be compared.
    """
    if consultation.state not in {ConsultationState.CLOSED, ConsultationState.ANSWERED} or not consultation.closed_at:
        raise nothing_here()
    moderated = consultation.moderation_entries.aggregate(last=Max("id"))["last"] or 0
    return _published(consultation.pk, consultation.min_group_shown, moderated)


@lru_cache(maxsize=8)
def _published(key: UUID, least: int, moderated: int) -> OpenData:  # noqa: ARG001 - another decision, another edition
    """Votes of a closed consultation change no more; only moderation can still withdraw a statement."""
    consultation = Consultation.objects.get(pk=key)
    votes: dict[int, dict[int, int]] = defaultdict(dict)
    cast = Vote.objects.filter(consultation=consultation).values_list("participant_number", "statement_number", "value")
    for participant, statement, value in cast:
        votes[participant][statement] = value
    letters = _letters(consultation)
    ballots = [
        Ballot(
            one.id.bytes,
            one.joined_at.astimezone(FRANCE).date(),
            one.group,
            one.profile,
            letters.get(one.number, ""),
            votes.get(one.number, {}),
        )
        for one in consultation.participants.all()
    ]
    statements = [
        StatementRow(
            one.number,
            one.text,
            _MODERATED.get(StatementState(one.state), -1),
            one.is_seed,
            (one.published_at or one.submitted_at).astimezone(FRANCE).date(),
        )
        for one in consultation.statements.exclude(state__in=[StatementState.REJECTED, StatementState.WAITING])
    ]
    assert consultation.closed_at is not None  # noqa: S101 - a constraint of the table
    return open_data.publish(
        ballots,
        statements,
        questions=list(consultation.profile_questions),
        least=least,
        secret=hmac.digest(installation_keys().keyring.master, b"open-data/" + key.bytes, sha256),
        closed=consultation.closed_at.astimezone(FRANCE).date(),
    )


def _letters(consultation: Consultation) -> dict[int, str]:
    version = latest_map(consultation)
    if version is None or not version.placements:
        return {}
    made = msgspec.convert(version.result, OpinionMap, strict=False)
    placed = Placements.from_bytes(bytes(version.placements))
    return {
        int(number): made.groups[group].label
        for number, group in zip(placed.people, placed.group, strict=True)
        if group >= 0
    }


def _summary(consultation: Consultation, data: OpenData) -> str:
    address = f"{settings.COLLOQUE_PUBLIC_URL}{reverse('consultations:map', args=[consultation.id])}"
    groups = len({person.opinion_group for person in data.people} - {""})
    return open_data.summary_csv(data, consultation.title, consultation.question, address, groups)


_CSV: Final = "text/csv; charset=utf-8"
_PARQUET: Final = "application/vnd.apache.parquet"
FILES: Final[dict[str, tuple[str, Callable[[Consultation, OpenData], bytes]]]] = {
    "comments.csv": (_CSV, lambda _, data: open_data.comments_csv(data).encode()),
    "votes.csv": (_CSV, lambda _, data: open_data.votes_csv(data).encode()),
    "participants-votes.csv": (_CSV, lambda _, data: open_data.participants_csv(data).encode()),
    "summary.csv": (_CSV, lambda consultation, data: _summary(consultation, data).encode()),
    "votes.parquet": (_PARQUET, lambda _, data: open_data.votes_parquet(data)),
    "participants.parquet": (_PARQUET, lambda _, data: open_data.participants_parquet(data)),
    "statements.parquet": (_PARQUET, lambda _, data: open_data.statements_parquet(data)),
}


def read_file(consultation: Consultation, name: str) -> File:
    """One file of the open data, or all of them as `all.zip`. Raises `NotFoundError` for another name or before closing."""
    data = open_data_of(consultation)
    if name == "all.zip":
        sheet = io.BytesIO()
        with zipfile.ZipFile(sheet, "w", zipfile.ZIP_DEFLATED) as archive:
            for part, (_, written) in FILES.items():
                archive.writestr(zipfile.ZipInfo(f"{consultation.slug}/{part}"), written(consultation, data))
        return File(f"{consultation.slug}.zip", "application/zip", sheet.getvalue())
    if name not in FILES:
        raise nothing_here()
    content_type, written = FILES[name]
    return File(name, content_type, written(consultation, data))
