"""Sheets as a tagged PDF (PDF/UA-1), set by typst from plain values, in a process of its own.

typst keeps what it set for the next time: some four megabytes a sheet, which end with the process.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.resources import files
from io import BytesIO
from typing import Any, Final

import msgspec
from django.utils.translation import gettext

from colloque.kernel.errors import UnavailableError

log = logging.getLogger(__name__)

SECONDS: Final = 60.0
_SET: Final = """
import json, sys, typst
asked = json.load(sys.stdin.buffer)
source, said = asked["source"].encode(), {"data": asked["data"]}
sys.stdout.buffer.write(typst.compile(source, sys_inputs=said, pdf_standards=["ua-1"], ignore_system_fonts=True))
"""


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
    """The PDF of the sheets, one after the other, each with its code and QR code on it.

    A thousand lines take about half a second. Raises `UnavailableError` where they cannot be set in a minute.
    """
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
    asked = json.dumps({"source": source.decode(), "data": json.dumps(data)}).encode()
    try:
        made = subprocess.run(
            [sys.executable, "-c", _SET], input=asked, capture_output=True, check=True, timeout=SECONDS
        )
    except (subprocess.SubprocessError, OSError) as error:
        log.error("Sheets were not set: %s", getattr(error, "stderr", b"") or error)  # noqa: TRY400 - it says its cause
        raise UnavailableError(
            gettext("Les feuilles n’ont pas pu être préparées. Rien n’a été enregistré. Demandez-en moins à la fois."),
            code="sheets-not-set",
        ) from error
    return made.stdout


def _qr_svg(address: str) -> str:
    import segno

    out = BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="svg", border=2, xmldecl=False, svgns=True)
    return out.getvalue().decode()
