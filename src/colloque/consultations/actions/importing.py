"""Bringing in a consultation that was held with Polis: its statements and votes, closed, counted and mapped like our own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from django.db import connection, transaction
from django.utils.text import slugify

from colloque.consultations.access import require_facilitating
from colloque.consultations.actions.held import next_number_of_house
from colloque.consultations.actions.mapping import map_now
from colloque.consultations.actions.voting import count_votes
from colloque.consultations.core.groups import Anonymity, JoinChannel, VoteChannel
from colloque.consultations.core.moderation import ModerationMode
from colloque.consultations.core.opinion.values import VoteTable
from colloque.consultations.core.polis_export import Comment, PolisExport, read_export
from colloque.consultations.core.receipts import MAX_STATEMENT
from colloque.consultations.core.state import ConsultationState, StatementState
from colloque.consultations.core.words import cleaned
from colloque.consultations.models import Consultation, Participant, Statement
from colloque.kernel.errors import InvalidInputError, NotFoundError
from colloque.ledger.actions import record
from colloque.people.models import Account, Establishment

LONGEST_IMPORTED = 1_000
LARGEST_NUMBER = 2**31 - 1


@dataclass(frozen=True)
class Imported:
    """The consultation, whether this call made it, and what it holds."""

    consultation: Consultation
    is_new: bool
    people: int
    statements: int
    votes: int


@transaction.atomic
def import_polis(
    establishment: Establishment, files: Mapping[str, bytes], *, by: Account, at: datetime, title: str = ""
) -> Imported:
    """A closed consultation made of a Polis export (name of a file → content). The same export again changes nothing.

    Numbers of people and statements stay those of the export; who wrote what and when each vote was cast is left behind.
    Raises `NotFoundError` for whoever does not animate here, `InvalidInputError` with file and line for what cannot be read.
    """
    require_facilitating(by, establishment, at)
    Establishment.objects.select_for_update(no_key=True).get(pk=establishment.pk)
    digest = sha256(
        b"".join(sha256(name.encode() + b"\0" + files[name]).digest() for name in sorted(files))
    ).hexdigest()
    mark = f"-polis-{digest[:12]}"
    before = Consultation.objects.filter(establishment=establishment, slug__endswith=mark).first()
    if before is not None:
        return _told(before, is_new=False)
    export = read_export(files)
    table = export.table()
    comments = _statements(export, table)
    first, last = _span(export, at)
    name = cleaned(title or export.summary.get("topic", "")) or "Consultation Polis"
    consultation = Consultation.objects.create(
        establishment=establishment,
        number=next_number_of_house(Consultation, establishment.id),
        slug=f"{slugify(name)[:50] or 'consultation'}{mark}",
        title=name[:120],
        question=cleaned(export.summary.get("conversation-description", ""))[:300] or name[:300],
        state=ConsultationState.CLOSED,
        anonymity=Anonymity.OPEN_LINK,
        moderation=ModerationMode.STRICT,
        is_listed=False,
        groups=[],
        created_by=by,
        created_at=at,
        opened_by=by,
        opens_at=first,
        closed_at=last,
    )
    Statement.objects.bulk_create([_statement(consultation, one, first) for one in comments], batch_size=1_000)
    Participant.objects.bulk_create(
        [
            Participant(consultation=consultation, number=number, channel=JoinChannel.LINK, joined_at=first)
            for number in table.people.tolist()
        ],
        batch_size=2_000,
    )
    _copy_votes(consultation, table, last)
    record(
        "consultation.imported",
        subject=establishment.id,
        payload={
            "consultation": str(consultation.id),
            "number": consultation.number,
            "export_sha256": digest,
            "by": str(by.id),
        },
    )
    count_votes(consultation)
    map_now(consultation, at=at)
    return _told(consultation, is_new=True)


def import_for(slug: str, email: str, files: Mapping[str, bytes], *, at: datetime, title: str = "") -> Imported:
    """As `import_polis`, for whoever operates the installation. Raises `NotFoundError` for an unknown house or account."""
    house = Establishment.objects.filter(slug=slug).first()
    if house is None:
        raise NotFoundError(f"There is no establishment {slug}. colloque people list shows them.")
    by = Account.objects.filter(email__iexact=email).first()
    if by is None:
        raise NotFoundError(f"There is no account {email}. colloque people list shows them.")
    return import_polis(house, files, by=by, at=at, title=title)


def _told(consultation: Consultation, *, is_new: bool) -> Imported:
    return Imported(
        consultation,
        is_new,
        consultation.participants.count(),
        consultation.statements.count(),
        consultation.votes.count(),
    )


def _statements(export: PolisExport, table: VoteTable) -> list[Comment]:
    """Every statement that has words or votes. Raises `InvalidInputError` for what our tables cannot hold."""
    known = {one.number: one for one in export.comments}
    voted = [number for number in table.statements.tolist() if number not in known]
    every = [*known.values(), *(Comment(number=number) for number in voted)]
    for one in every:
        if not 0 <= one.number <= MAX_STATEMENT:
            raise InvalidInputError(f"A statement has a number from 0 to {MAX_STATEMENT}, not {one.number}.")
        if len(one.text) > LONGEST_IMPORTED:
            raise InvalidInputError(
                f"comments.csv: statement {one.number} has {len(one.text)} characters; {LONGEST_IMPORTED} are the most."
            )
    if len(table.people) and not 0 <= int(table.people[0]) <= int(table.people[-1]) <= LARGEST_NUMBER:
        raise InvalidInputError("votes.csv: the number of a person is not between 0 and 2147483647.")
    return sorted(every, key=lambda one: one.number)


def _statement(consultation: Consultation, one: Comment, published: datetime) -> Statement:
    return Statement(
        consultation=consultation,
        number=one.number,
        text=cleaned(one.text) or f"(n° {one.number})",
        is_seed=one.is_seed,
        is_meta=one.is_meta,
        state=StatementState.REJECTED if one.moderated < 0 else StatementState.PUBLISHED,
        submitted_at=published,
        published_at=published,
    )


def _span(export: PolisExport, at: datetime) -> tuple[datetime, datetime]:
    """First and last moment of the votes; the moment of the import where the export has none, or impossible ones."""
    if not export.at:
        return at, at
    try:
        first, last = (datetime.fromtimestamp(moment / 1000, UTC) for moment in (min(export.at), max(export.at)))
    except (OverflowError, OSError, ValueError):
        return at, at
    return min(first, at), min(last, at)


def _copy_votes(consultation: Consultation, table: VoteTable, at: datetime) -> None:
    people, statements = table.people.tolist(), table.statements.tolist()
    columns = "consultation_id, participant_number, statement_number, value, at, channel, changes"
    with connection.cursor() as cursor, cursor.copy(f"COPY consultations_vote ({columns}) FROM STDIN") as copy:
        for row, person in enumerate(people):
            start, end = int(table.indptr[row]), int(table.indptr[row + 1])
            for column, value in zip(table.indices[start:end].tolist(), table.values[start:end].tolist(), strict=True):
                copy.write_row((consultation.id, person, statements[column], value, at, VoteChannel.SELF.value, 0))
