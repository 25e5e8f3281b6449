"""Sheets as a tagged PDF (PDF/UA-1), set by typst from plain values."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from io import BytesIO
from typing import Any

import msgspec


class SheetPrint(msgspec.Struct, frozen=True):
    """One sheet: the code as people read it, and the address its QR code holds."""

    code: str
    address: str


def sheets_pdf(
    sheets: Sequence[SheetPrint],
    *,
    title: str,
    house: str,
    question: str,
    statements: Sequence[str],
    language: str,
    words: Mapping[str, Any],
) -> bytes:
    """The PDF of the sheets, one after the other, each with its code and QR code on it."""
    import typst

    data = {
        "title": title,
        "house": house,
        "question": question,
        "statements": list(statements),
        "language": language,
        "words": dict(words),
        "sheets": [{"code": sheet.code, "qr": _qr_svg(sheet.address)} for sheet in sheets],
    }
    source = files("colloque.consultations").joinpath("typst/sheet.typ").read_bytes()
    made = typst.compile(
        source, sys_inputs={"data": json.dumps(data)}, pdf_standards=["ua-1"], ignore_system_fonts=True
    )
    return bytes(made)


def _qr_svg(address: str) -> str:
    import segno

    out = BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="svg", border=2, xmldecl=False, svgns=True)
    return out.getvalue().decode()
