"""The report on paper: what its page shows, as an accessible PDF in the reader's language."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext

from colloque.consultations.core.reading import Shares
from colloque.consultations.core.report_typst import DRAWING, Printed, Section, typst_source
from colloque.consultations.labels import called
from colloque.consultations.queries.map import Told, drawing_for_print
from colloque.consultations.queries.report import ReportPage
from colloque.people.language import is_english, page_language

STANDARD: Final = "ua-1"


def printed(page: ReportPage) -> bytes:
    """The report as a tagged PDF that declares PDF/UA-1; the compiler refuses a document that would not hold it."""
    import typst

    report = _in_words(page)
    with tempfile.TemporaryDirectory(prefix="colloque-report-") as folder:
        place = Path(folder)
        if report.svg:
            (place / DRAWING).write_text(report.svg, encoding="utf-8")
        (place / "report.typ").write_text(typst_source(report), encoding="utf-8")
        made = typst.compile(str(place / "report.typ"), root=folder, format="pdf", pdf_standards=[STANDARD])
    return bytes(made)


def _in_words(page: ReportPage) -> Printed:
    consultation, result = page.consultation, page.result
    language = page_language()
    english = language == "en"
    question = (consultation.question_en if english else "") or consultation.question
    title = (consultation.title_en if english else "") or consultation.title
    assert consultation.opens_at is not None  # noqa: S101 - constraints of the table
    assert consultation.closed_at is not None  # noqa: S101
    opened, closed = (date_format(localtime(x), "j F Y") for x in (consultation.opens_at, consultation.closed_at))
    when = gettext("%(house)s, le %(day)s.") if opened == closed else gettext("%(house)s, du %(opened)s au %(closed)s.")
    lead = (
        result.title,
        *((question,) if question != title else ()),
        when % {"house": consultation.establishment.name, "day": closed, "opened": opened, "closed": closed},
        ngettext("%(count)d personne a pris part.", "%(count)d personnes ont pris part.", result.people)
        % {"count": result.people},
        *result.channels,
    )
    version = result.version
    svg = drawing_for_print(version, result.caption, consultation.min_group_shown) if version is not None else ""
    return Printed(
        language=language,
        title=title,
        house=consultation.establishment.name,
        lead=lead,
        svg=svg,
        alt=gettext("Carte des opinions : les tableaux de ce rapport disent la même chose en chiffres."),
        caption=result.caption,
        sections=tuple(_sections(page)),
        page_of=gettext(" sur "),
    )


def _sections(page: ReportPage) -> list[Section]:
    result = page.result
    sections = [
        Section(
            gettext("Qui a pris part, qui manque"),
            table=((gettext("Groupe"), gettext("Ont participé")), *_participation(page)),
            caption=gettext("Participation de chaque groupe"),
            widths=("2fr", "1fr"),
        )
    ]
    for heading, told in (
        (gettext("Ce qui unit"), (*result.agreed, *result.refused)),
        (gettext("Ce qui divise"), result.divides),
    ):
        if told:
            sections.append(_statements(page, heading, told))
    if page.replied:
        sections.append(Section(gettext("Ce que la maison répond"), tuple(_reply(one) for one in page.replied)))
    if page.owed:
        owed = tuple(f"{one.statement.number}. {one.text}" for one in page.owed)
        sections.append(Section(gettext("Ce qui attend une réponse"), owed))
    if result.every:
        sections.append(_statements(page, gettext("Toutes les affirmations"), result.every))
    checking = gettext("Le compte des votes est au registre. Empreinte de tous les bulletins : %(root)s.")
    sections.append(Section(gettext("Vérifier"), (checking % {"root": page.tally.ballots},)))
    return sections


def _participation(page: ReportPage) -> list[tuple[str, str]]:
    rows = []
    for line in page.result.participation:
        name = called(line.group, "group") if line.group else gettext("N’ont pas dit leur groupe")
        came = gettext("peu, ou non compté à part") if line.came is None else str(line.came)
        told = gettext("%(came)s sur %(size)d") % {"came": came, "size": line.size} if line.size else came
        rows.append((name, told))
    return rows


def _statements(page: ReportPage, heading: str, told: Sequence[Told]) -> Section:
    letters = tuple(group.label for group in page.result.groups)
    header = (gettext("N°"), gettext("Affirmation"), gettext("Tous"), *letters)
    rows = tuple(
        (
            str(one.statement.number),
            one.text,
            _percent(one.line.everyone),
            *(_percent(cell.shares) for cell in one.cells),
        )
        for one in told
    )
    return Section(
        heading,
        table=(header, *rows),
        caption=gettext("Part des personnes d’accord parmi celles qui ont vu l’affirmation"),
        widths=("auto", "1fr", "auto", *("auto",) * len(letters)),
    )


def _percent(shares: Shares | None) -> str:
    return gettext("non montré") if shares is None else gettext("%(share)d %%") % {"share": shares.agree_percent}


def _reply(told: Told) -> str:
    outcome = told.outcome
    assert outcome is not None  # noqa: S101 - only replied ones come here
    english = is_english()
    reasons = (outcome.reasons_en if english else "") or outcome.reasons
    answer, signed = called(outcome.answer, "outcome"), outcome.signed_by.get_full_name()
    return f"« {told.text} » {answer}. {reasons} ({signed}, {date_format(outcome.at, 'j F Y')})"
