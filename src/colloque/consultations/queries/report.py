"""The report of a closed consultation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from colloque.consultations.core.state import ConsultationState
from colloque.consultations.core.tally import Tally
from colloque.consultations.models import Closing, Consultation
from colloque.consultations.queries.map import ResultPage, Told, result_page
from colloque.consultations.queries.open_data import FILES, open_data_of
from colloque.people.access import nothing_here


@dataclass(frozen=True)
class ReportPage:
    """Everything that came out: the result, the tally of the ledger, replies given and owed."""

    consultation: Consultation
    result: ResultPage
    tally: Tally
    replied: Sequence[Told]
    owed: Sequence[Told]
    coarsened: int
    withheld: int
    files: Sequence[str]


def report_page(consultation: Consultation) -> ReportPage:
    """The report. Raises `NotFoundError` while the consultation is not closed."""
    closing = Closing.objects.filter(consultation=consultation).first()
    if closing is None or consultation.state not in {ConsultationState.CLOSED, ConsultationState.ANSWERED}:
        raise nothing_here()
    result = result_page(consultation)
    data = open_data_of(consultation)
    outcomes = result.outcomes
    return ReportPage(
        consultation,
        result,
        msgspec.json.decode(bytes(closing.tally), type=Tally),
        [one for one in outcomes if one.outcome is not None],
        [one for one in outcomes if one.outcome is None],
        data.coarsened,
        data.withheld,
        ("all.zip", *FILES),
    )
