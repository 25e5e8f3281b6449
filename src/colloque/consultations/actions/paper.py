"""Paper sheets: printed with a code each, entered by hand, corrected without being counted twice."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext

from colloque.consultations.access import require_facilitating
from colloque.consultations.actions.held import hold, must_be_open, next_number
from colloque.consultations.actions.voting import vote_many
from colloque.consultations.core.codes import SHEET_SIGNS, new_code, shown
from colloque.consultations.core.groups import GroupOfPeople, JoinChannel
from colloque.consultations.core.limits import LINES_AT_ONCE, SHEETS_AT_ONCE
from colloque.consultations.core.sheets import STATEMENTS_ON_A_SHEET, changed_lines
from colloque.consultations.core.state import StatementState
from colloque.consultations.models import Consultation, PaperSheet, Participant
from colloque.consultations.queries.links import entry_address
from colloque.consultations.queries.sheets import answers_of, sheet_of
from colloque.consultations.sheets import SheetPrint, sheets_pdf
from colloque.kernel.errors import ConflictError, InvalidInputError
from colloque.ledger.actions import record
from colloque.people.models import Account


@dataclass(frozen=True)
class Printed:
    """Sheets just made: their codes and the PDF that holds them."""

    codes: tuple[str, ...]
    pdf: bytes = field(repr=False)


@transaction.atomic
def print_sheets(
    consultation: Consultation,
    count: int,
    *,
    group: GroupOfPeople | None,
    language: str,
    is_easy: bool,
    by: Account,
    at: datetime,
) -> Printed:
    """Sheets with the statements voted on now (the first two hundred), for one group or for whoever takes one.

    Raises `ConflictError` where the consultation is not open, `InvalidInputError` (path `count`) for none, more than 500, or more
    lines than can be set at once.
    """
    held = hold(consultation)
    require_facilitating(by, held.establishment, at)
    must_be_open(held, at)
    if not 1 <= count <= SHEETS_AT_ONCE:
        raise InvalidInputError(gettext("De 1 à %(most)d feuilles à la fois.") % {"most": SHEETS_AT_ONCE}, path="count")
    if group is not None and group not in held.groups:
        raise InvalidInputError(gettext("Choisissez un groupe de cette consultation."), path="group")
    statements = list(held.statements.filter(state=StatementState.PUBLISHED).order_by("number")[:STATEMENTS_ON_A_SHEET])
    most = LINES_AT_ONCE // max(1, len(statements))
    if count > most:
        raise InvalidInputError(
            gettext("Avec %(lines)d affirmations, pas plus de %(most)d feuilles à la fois. Imprimez en plusieurs fois.")
            % {"lines": len(statements), "most": most},
            code="too-many-lines",
            path="count",
        )
    taken = set(held.sheets.values_list("code", flat=True))
    codes: list[str] = []
    while len(codes) < count:
        code = new_code(SHEET_SIGNS, secrets.token_bytes)
        if code not in taken:
            taken.add(code)
            codes.append(code)
    PaperSheet.objects.bulk_create(
        [
            PaperSheet(
                consultation=held,
                code=code,
                group=group or "",
                statements=[statement.number for statement in statements],
                printed_by=by,
                printed_at=at,
            )
            for code in codes
        ]
    )
    record(
        "consultation.sheets-printed",
        subject=held.establishment_id,
        payload={"consultation": str(held.id), "count": count, "group": group or "", "by": str(by.id)},
    )
    with translation.override(language):
        is_english = language == "en"
        said = [
            ((one.easy_en if is_english else one.easy) if is_easy else "")
            or ((one.text_en if is_english else "") or one.text)
            for one in statements
        ]
        pdf = sheets_pdf(
            [SheetPrint(shown(code), entry_address(held, code)) for code in codes],
            title=(held.title_en if is_english else "") or held.title,
            house=held.establishment.name,
            question=(held.question_en if is_english else "") or held.question,
            statements=said,
            language=language,
            words=_words(held),
        )
    return Printed(tuple(codes), pdf)


def _words(consultation: Consultation) -> dict[str, object]:
    return {
        "sheet": gettext("Feuille"),
        "page": gettext("page"),
        "how": gettext(
            "Une croix par ligne, dans la case qui dit ce que vous pensez. Vous pouvez laisser des lignes vides."
        ),
        "qr": gettext("QR code de cette feuille, pour la personne qui la saisit"),
        "statement": gettext("Affirmation"),
        "agree": gettext("D’accord"),
        "disagree": gettext("Pas d’accord"),
        "pass": gettext("Je passe"),
        "promise-title": gettext("Ce que devient cette feuille"),
        "promise": [
            gettext("N’écrivez pas votre nom. Le code est celui de la feuille, pas le vôtre."),
            gettext("Une personne de l’équipe recopie vos croix. Elles comptent comme les autres."),
            gettext("Un groupe de moins de %(count)d personnes n’est jamais montré à part.")
            % {"count": consultation.min_group_shown},
        ],
    }


class SheetDiffersError(ConflictError):
    """The sheet was entered before with other answers; `lines` are those that differ."""

    code = "sheet-differs"

    def __init__(self, message: str, lines: Sequence[int]) -> None:
        super().__init__(message)
        self.lines = tuple(lines)


@dataclass(frozen=True)
class Entered:
    """A sheet as it stands now. `lines_gone` are lines, from 1, whose statement is no longer voted on."""

    sheet: PaperSheet
    answers: tuple[int | None, ...]
    is_first: bool
    lines_changed: tuple[int, ...]
    lines_gone: tuple[int, ...]


def _room_for_another(consultation: Consultation, group: str) -> None:
    """Let through while fewer sheets of a group were entered than it has people. Raises `ConflictError`."""
    size = int(consultation.group_sizes.get(group, 0)) if group else 0
    if size and consultation.sheets.filter(group=group, entries__gt=0).count() >= size:
        raise ConflictError(
            gettext(
                "Autant de feuilles de ce groupe sont déjà saisies qu’il compte de personnes : %(size)d. "
                "Vérifiez ce nombre dans la consultation, ou les feuilles."
            )
            % {"size": size},
            code="more-sheets-than-people",
        )


@transaction.atomic
def enter_sheet(
    consultation: Consultation,
    code: str,
    answers: Sequence[int | None],
    *,
    replaces: bool = False,
    by: Account,
    at: datetime,
) -> Entered:
    """Count the answers of a sheet, once, as votes on paper; entered again alike it changes nothing.

    Raises `SheetDiffersError` where it was entered before otherwise and `replaces` does not say to correct it,
    `InvalidInputError` (path `code`) for a code that is no sheet of this consultation, `ConflictError` where it is not open or a
    group would have more sheets than people.
    """
    held = hold(consultation)
    require_facilitating(by, held.establishment, at)
    must_be_open(held, at)
    found = sheet_of(held, code)
    sheet = PaperSheet.objects.select_for_update(of=("self",)).select_related("participant").get(pk=found.pk)
    if len(answers) != len(sheet.statements):
        raise InvalidInputError(gettext("Le nombre de réponses n’est pas celui de la feuille."), path="answers")
    before = answers_of(sheet)
    is_first = sheet.participant is None
    changed = changed_lines(before, answers)
    if not is_first and changed and not replaces:
        raise SheetDiffersError(gettext("Cette feuille a déjà été saisie, avec d’autres réponses."), changed)
    if not is_first and not changed:
        return Entered(sheet, tuple(before), False, (), ())
    if is_first:
        _room_for_another(held, sheet.group)
    participant = sheet.participant or Participant.objects.create(
        consultation=held,
        number=next_number(Participant, held),
        channel=JoinChannel.PAPER,
        group=sheet.group,
        joined_at=at,
    )
    said = dict(zip(sheet.statements, answers, strict=True))
    was = dict(zip(sheet.statements, before, strict=True))
    votes = {number: answer for number, answer in said.items() if answer is not None or was[number] is not None}
    gone = vote_many(participant, votes, at=at, by=by).gone if votes else ()
    sheet.participant, sheet.entered_by, sheet.entered_at, sheet.entries = participant, by, at, sheet.entries + 1
    sheet.save(update_fields=["participant", "entered_by", "entered_at", "entries"])
    record(
        "consultation.sheet-entered",
        subject=held.establishment_id,
        payload={"consultation": str(held.id), "corrected": not is_first, "by": str(by.id)},
    )
    lines_gone = tuple(sheet.statements.index(number) + 1 for number in gone)
    return Entered(sheet, tuple(answers_of(sheet)), is_first, tuple(changed), lines_gone)
