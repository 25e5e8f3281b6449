"""The report of a closed consultation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from django.db.models import Count
from django.utils.translation import ngettext

from colloque.consultations.core.groups import JoinChannel
from colloque.consultations.core.state import ConsultationState
from colloque.consultations.core.tally import Tally
from colloque.consultations.models import Closing, Consultation
from colloque.consultations.queries.map import ResultPage, Told, result_page
from colloque.consultations.queries.open_data import FILES, open_data_of
from colloque.people.access import nothing_here


@dataclass(frozen=True)
class ReportPage:
    """Everything that came out: the result, the tally of the ledger, how people took part, replies given and owed."""

    consultation: Consultation
    result: ResultPage
    tally: Tally
    channels: Sequence[str]
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
        _channels(consultation),
        [one for one in outcomes if one.outcome is not None],
        [one for one in outcomes if one.outcome is None],
        data.coarsened,
        data.withheld,
        ("all.zip", *FILES),
    )


def _channels(consultation: Consultation) -> list[str]:
    """How many took part on paper and with help, in words; fewer than the threshold are not counted out."""
    counted = dict(consultation.participants.values("channel").annotate(n=Count("id")).values_list("channel", "n"))
    helped = consultation.participants.exclude(helper="").count()
    paper = counted.get(JoinChannel.PAPER.value, 0)
    lines = []
    if paper >= consultation.min_group_shown:
        told = ngettext(
            "%(count)d personne a répondu sur papier.", "%(count)d personnes ont répondu sur papier.", paper
        )
        lines.append(told % {"count": paper})
    if helped >= consultation.min_group_shown:
        told = ngettext(
            "%(count)d personne a répondu avec l’aide de quelqu’un.",
            "%(count)d personnes ont répondu avec l’aide de quelqu’un.",
            helped,
        )
        lines.append(told % {"count": helped})
    return lines
