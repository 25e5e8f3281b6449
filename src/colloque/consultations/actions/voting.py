"""Votes from our own pages: the same statement and the same rules as the hot path. And counting them at the end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import msgspec
import psycopg
from django.db import connection, transaction
from django.db.models import Sum
from django.utils.translation import gettext

from colloque.consultations.core.groups import VOTE_VALUES, JoinChannel, VoteChannel
from colloque.consultations.core.receipts import closing_leaves, salt_key, with_vote
from colloque.consultations.core.state import ConsultationState, StatementState
from colloque.consultations.core.tally import Tally, tally
from colloque.consultations.core.voting import VOTES_IN_A_ROW, VOTES_PER_SECOND
from colloque.consultations.models import Closing, Consultation, Participant, Statement, Vote
from colloque.consultations.queries.ballots import receipt_of
from colloque.consultations.sql import CHANNEL, WRITE_VOTES
from colloque.kernel.canonical import canonical_json
from colloque.kernel.errors import ConflictError, InvalidInputError, NotAllowedError
from colloque.ledger.actions import record
from colloque.ledger.queries import installation_keys
from colloque.people.models import Account

_A_ROW: Final = timedelta(seconds=VOTES_IN_A_ROW / VOTES_PER_SECOND)


@dataclass(frozen=True)
class Voted:
    """What was written of some votes: the statements' numbers, those no longer voted on, and the receipt of the ballot."""

    written: tuple[int, ...]
    gone: tuple[int, ...]
    receipt: str


@transaction.atomic
def vote(participant: Participant, statement: int, value: int | None, *, at: datetime) -> Voted:
    """Write a participant's answer to a statement, changed as often as they like; None takes it back.

    Raises `ConflictError` where the consultation or the statement takes no votes, `InvalidInputError` for another value,
    `NotAllowedError` for whoever votes faster than anybody reads. No ledger entry a vote: the tally's holds them all.
    """
    recent = Vote.objects.filter(
        consultation=participant.consultation_id, participant_number=participant.number, at__gt=at - _A_ROW
    )
    if recent.count() >= VOTES_IN_A_ROW:
        raise NotAllowedError(
            gettext("Prenez votre temps : attendez un moment avant le prochain vote."), code="too-fast"
        )
    done = vote_many(participant, {statement: value}, at=at)
    if done.gone:
        raise ConflictError(
            gettext("On ne vote plus sur cette affirmation. Votre vote n’a pas été enregistré : passez à la suivante."),
            code="statement-gone",
        )
    return done


@transaction.atomic
def vote_many(
    participant: Participant, votes: Mapping[int, int | None], *, at: datetime, by: Account | None = None
) -> Voted:
    """Write several answers at once, as from a paper sheet read by `by`; what is no longer voted on is left out and told.

    Raises `ConflictError` where the consultation is not open, `InvalidInputError` for a vote that is none.
    """
    if any(value is not None and value not in VOTE_VALUES for value in votes.values()):
        raise InvalidInputError(gettext("Un vote dit d’accord, pas d’accord ou passer."), code="vote-form")
    if participant.channel == JoinChannel.PAPER:
        channel, helper = VoteChannel.PAPER, by.id if by is not None else None
    elif participant.helper:
        channel, helper = VoteChannel.HELPER, participant.helped_by_id
    else:
        channel, helper = VoteChannel.SELF, None
    numbers = sorted(votes)
    count = len(numbers)
    columns = [
        list(range(count)),
        [participant.consultation_id] * count,
        [participant.number] * count,
        numbers,
        [votes[number] for number in numbers],
        at,
        [channel.value] * count,
        [helper] * count,
    ]
    connection.ensure_connection()
    with psycopg.RawCursor(connection.connection) as cursor:
        cursor.execute(WRITE_VOTES, columns)
        rows = cursor.fetchall()
        cursor.execute("SELECT pg_notify($1, $2)", [CHANNEL, f"{participant.consultation_id}/{participant.number}"])
    if any(not is_open for _, is_open, _ in rows):
        raise ConflictError(
            gettext("Cette consultation ne prend pas de votes : elle est terminée, ou n’a pas commencé."),
            code="consultation-closed",
        )
    written = tuple(numbers[place] for place, _, is_written in rows if is_written)
    gone = tuple(numbers[place] for place, _, is_written in rows if not is_written)
    return Voted(written, gone, receipt_of(participant, at))


def count_votes(consultation: Consultation) -> Tally:
    """Count a consultation that has just been closed in this transaction, and record the tally as `consultation.closed`.

    To be called once the consultation's row says it is closed: that waited for the votes under way, and none comes after.
    Raises `ConflictError` where it does not, or was counted already, `TransactionManagementError` outside a transaction.
    """
    state = Consultation.objects.select_for_update(no_key=True).values_list("state", flat=True).get(pk=consultation.pk)
    if (
        state in {ConsultationState.DRAFT, ConsultationState.OPEN}
        or Closing.objects.filter(consultation=consultation).exists()
    ):
        raise ConflictError("Votes are counted once, when a consultation closes.", code="not-to-count")
    ballots: dict[int, int] = defaultdict(int)
    rows = Vote.objects.filter(consultation=consultation)
    cast = rows.values_list("participant_number", "statement_number", "value")
    for participant, statement, value in cast.iterator(chunk_size=20_000):
        ballots[participant] = with_vote(ballots[participant], statement, value)
    standing = Statement.objects.filter(consultation=consultation, state=StatementState.PUBLISHED)
    leaves = closing_leaves(salt_key(installation_keys().keyring.master), consultation.id, ballots)
    changes = rows.aggregate(changes=Sum("changes"))["changes"] or 0
    counted = tally(consultation.id, ballots, standing.values_list("number", flat=True), leaves, changes)
    stored = canonical_json(counted)
    entry = record("consultation.closed", subject=consultation.establishment_id, payload=msgspec.to_builtins(counted))
    Closing.objects.create(consultation=consultation, tally=stored, leaves=b"".join(leaves), entry=entry)
    return counted
