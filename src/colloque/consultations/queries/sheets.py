"""Sheets: found by their code, with what was read on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils.translation import gettext

from colloque.consultations.core.codes import SHEET_SIGNS, read_code, shown
from colloque.consultations.models import Consultation, PaperSheet, Statement, Vote
from colloque.kernel.errors import InvalidInputError


def sheet_of(consultation: Consultation, typed: str) -> PaperSheet:
    """The sheet of this consultation whose code somebody typed. Raises `InvalidInputError` (path `code`) saying what is wrong."""
    try:
        code = read_code(typed, SHEET_SIGNS)
    except InvalidInputError as error:
        said = (
            gettext("Le code d’une feuille a 6 signes.")
            if error.code == "code-length"
            else gettext("Un des signes de ce code n’est pas le bon. Regardez de nouveau la feuille.")
        )
        raise InvalidInputError(said, code=error.code, path="code") from error
    sheet = PaperSheet.objects.select_related("participant").filter(consultation=consultation, code=code).first()
    if sheet is None:
        raise InvalidInputError(
            gettext("Aucune feuille de cette consultation ne porte ce code. Est-ce la bonne consultation ?"),
            code="sheet-unknown",
            path="code",
        )
    return sheet


def answers_of(sheet: PaperSheet) -> list[int | None]:
    """What was entered of a sheet, line by line; nothing anywhere while it was not entered."""
    if sheet.participant is None:
        return [None] * len(sheet.statements)
    votes = Vote.objects.filter(consultation=sheet.consultation_id, participant_number=sheet.participant.number)
    held = dict(votes.values_list("statement_number", "value"))
    return [held.get(number) for number in sheet.statements]


@dataclass(frozen=True)
class SheetLine:
    """One line of a sheet: its place from 1, the statement, and the answer read there."""

    place: int
    statement: Statement
    answer: int | None
    earlier: int | None = None


@dataclass(frozen=True)
class SheetToEnter:
    """A sheet on the way in: its code as kept and as printed, how many lines it has, and what was entered before."""

    code: str
    shown: str
    lines: int
    answers: list[int | None]
    was_entered: bool


def sheet_to_enter(consultation: Consultation, typed: str) -> SheetToEnter:
    """The sheet whose code somebody typed. Raises `InvalidInputError` (path `code`)."""
    sheet = sheet_of(consultation, typed)
    return SheetToEnter(
        sheet.code, shown(sheet.code), len(sheet.statements), answers_of(sheet), sheet.participant is not None
    )


def lines_of(consultation: Consultation, code: str, answers: Sequence[int | None]) -> list[SheetLine]:
    """The lines of a sheet with a reading of it, beside what was entered before."""
    sheet = sheet_of(consultation, code)
    statements = {
        one.number: one for one in Statement.objects.filter(consultation=consultation, number__in=sheet.statements)
    }
    before = answers_of(sheet)
    return [
        SheetLine(place, statements[number], answer, earlier)
        for place, (number, answer, earlier) in enumerate(zip(sheet.statements, answers, before, strict=True), start=1)
    ]


@dataclass(frozen=True)
class SheetCounts:
    """How many sheets were printed, and how many came back."""

    printed: int
    entered: int


def sheet_counts(consultation: Consultation) -> SheetCounts:
    """Printed and entered sheets of a consultation."""
    counted = consultation.sheets.aggregate(printed=Count("pk"), entered=Count("pk", filter=Q(entries__gt=0)))
    return SheetCounts(counted["printed"], counted["entered"])
