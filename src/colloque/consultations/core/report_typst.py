"""The printed report as a Typst document, whose structure becomes the tags of an accessible PDF (PDF/UA-1, ISO 14289-1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec


class Section(msgspec.Struct, frozen=True):
    """A heading, paragraphs, and a table (its first row is the header) or none; `marks` are paragraphs set apart."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    table: tuple[tuple[str, ...], ...] = ()
    caption: str = ""
    widths: tuple[str, ...] = ()


class Printed(msgspec.Struct, frozen=True):
    """A report in words: `language` is « fr » or “en”; `svg` the drawing, `alt` what it shows, `caption` under it."""

    language: str
    title: str
    house: str
    lead: tuple[str, ...]
    svg: str
    alt: str
    caption: str
    sections: tuple[Section, ...]
    page_of: str


def literal(text: str) -> str:
    """Any text as a Typst string: it is shown, never run."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\r", " ").replace("\n", "\\n").replace("\t", " ")
    return f'"{"".join(sign for sign in escaped if sign >= " ")}"'


DRAWING: Final = "map.svg"

_HEAD: Final = """
#set page(paper: "a4", margin: (x: 22mm, top: 20mm, bottom: 22mm), footer: context align(center)[#text(size: 9pt,
  counter(page).display() + PAGE_OF + str(counter(page).final().first()))])
#set text(size: 11.5pt)
#set par(leading: 0.72em, spacing: 1.05em)
#show heading: set text(fill: rgb("#123f32"))
#show heading.where(level: 1): set block(below: 1em)
#show heading.where(level: 2): set block(above: 1.6em, below: 0.8em)
#set table(stroke: (x: none, y: 0.5pt + rgb("#857d6d")), inset: (x: 5pt, y: 5pt), align: left)
#show table.cell.where(y: 0): strong
#show figure.where(kind: table): set figure.caption(position: top)
#show figure: set block(breakable: true)
"""


def typst_source(report: Printed) -> str:
    """The document. Text from people stands in string literals only; the drawing is read from `map.svg` beside it."""
    parts = [
        f"#set document(title: {literal(report.title)}, author: {literal(report.house)})",
        f"#set text(lang: {literal(report.language)})",
        _HEAD.replace("PAGE_OF", literal(report.page_of)),
        f"#heading(level: 1, {literal(report.title)})",
        *(_paragraph(text) for text in report.lead),
    ]
    if report.svg:
        parts.append(
            f"#figure(image({literal(DRAWING)}, width: 100%, alt: {literal(report.alt)}), caption: {literal(report.caption)}, "
            f"supplement: none, numbering: none)"
        )
    for section in report.sections:
        parts.append(f"#heading(level: 2, {literal(section.heading)})")
        parts += [_paragraph(text) for text in section.paragraphs]
        if section.table:
            parts.append(_table(section))
    return "\n".join(parts) + "\n"


def _paragraph(text: str) -> str:
    return f"#par(text({literal(text)}))"


def _table(section: Section) -> str:
    header, *rows = section.table
    widths = section.widths or ("1fr",) * len(header)
    cells = ", ".join(_row(row) for row in rows)
    return (
        f"#figure(kind: table, supplement: none, numbering: none, caption: {literal(section.caption)}, "
        f"table(columns: ({', '.join(widths)},), table.header({_row(header)}), {cells}))"
    )


def _row(cells: Sequence[str]) -> str:
    return ", ".join(f"[#text({literal(cell)})]" for cell in cells)
