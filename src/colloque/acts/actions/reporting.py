"""What record systems report of the cards they showed. Every report is kept; the first one that closes an act decides it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

import msgspec
from django.db import transaction

from colloque.acts.actions.deciding import decide
from colloque.acts.core.report import OUTCOMES, Kept, Report, Reported, about_report
from colloque.acts.core.state import ActState
from colloque.acts.models import Act, ReportedOutcome, Suggestion, UsedToken
from colloque.kernel.canonical import canonical_json
from colloque.kernel.errors import ConflictError, InvalidInputError, NotFoundError
from colloque.kernel.sealing import seal
from colloque.ledger.actions import record, subject_key


@transaction.atomic
def record_reports(
    reports: Sequence[Report], *, system: UUID, service: UUID, token: tuple[str, datetime], at: datetime
) -> Reported:
    """Keep the reports of one call by a client system about cards of one service, and decide the acts they close.

    An act that is open is decided in the name of the carer who was shown it; an act decided already keeps its decision, and the
    report beside it. The same report again changes nothing. `token` is the call's `jti` and its end. Raises `ConflictError`
    (`token-used`) for a token used before.
    """
    _, is_first = UsedToken.objects.get_or_create(system_id=system, jti=token[0], defaults={"expires_at": token[1]})
    if not is_first:
        raise ConflictError("This token was already used.", code="token-used")
    recorded = repeated = 0
    unknown = []
    for report in reports:
        suggestion = (
            Suggestion.objects.select_related("act__owner", "act__person")
            .filter(id=report.card, act__system_id=system, act__service_id=service)
            .first()
        )
        if suggestion is None:
            if Act.objects.filter(id=report.card, system_id=system, service_id=service).exists():
                repeated += 1
            else:
                unknown.append(f"{report.path}.card")
        elif _keep(report, suggestion, at):
            recorded += 1
        else:
            repeated += 1
    return Reported(recorded, repeated, tuple(unknown))


def _keep(report: Report, suggestion: Suggestion, at: datetime) -> bool:
    """Whether the report is new."""
    act = Act.objects.select_for_update(of=("self",)).select_related("owner", "person").get(id=suggestion.act_id)
    if act.person.erased_at is not None:
        report = msgspec.structs.replace(report, words="")
    kept = Kept(tuple(map(str, report.accepted)), report.reason, report.reason_system, report.words)
    row = ReportedOutcome(id=uuid4(), suggestion=suggestion, outcome=report.outcome.value, reported_at=report.at)
    row.received_at = at
    row.sealed = seal(
        subject_key(act.person_id), canonical_json(kept), about=about_report(row.id), random_bytes=secrets.token_bytes
    )
    if ReportedOutcome.objects.filter(suggestion=suggestion, outcome=row.outcome, reported_at=row.reported_at).exists():
        return False
    row.save(force_insert=True)
    record(
        "outcome.reported",
        subject=act.person_id,
        payload={
            "act": str(act.id),
            "suggestion": str(suggestion.id),
            "outcome": report.outcome.value,
            "reported_at": report.at.isoformat(),
        },
    )
    _decide(report, act, at)
    return True


def _decide(report: Report, act: Act, at: datetime) -> None:
    """Decide an open act as reported, where its carer may still decide it; otherwise it stays open for somebody.

    A report names nobody: it is about whoever was shown the card. An act that has since passed to somebody else is theirs to
    decide, and stays open.
    """
    if act.state != ActState.OPEN or act.owner is None or act.handovers.exists():
        return
    try:
        with transaction.atomic():
            decide(
                act,
                outcome=OUTCOMES[report.outcome].value,
                reasons=[report.reason] if report.reason else [],
                words=report.words,
                retained="",
                patient_view="",
                by=act.owner,
                at=at,
                through_ehr=True,
            )
    except (NotFoundError, ConflictError, InvalidInputError):
        return
