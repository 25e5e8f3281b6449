"""The address of a consultation, and its picture for a telephone."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings
from django.urls import reverse

from colloque.consultations.models import Consultation


def public_address(consultation: Consultation) -> str:
    """The whole address people open, type or scan."""
    return f"{settings.COLLOQUE_PUBLIC_URL}{reverse('consultations:join', args=[consultation.id])}"


def typed_address(consultation: Consultation) -> str:
    """The shortest address a hand can type: by the house and a number; of one that is not announced, the whole address."""
    if not consultation.is_listed:
        return public_address(consultation)
    path = reverse("consultations:short", args=[consultation.establishment.slug, consultation.number])
    return f"{settings.COLLOQUE_PUBLIC_URL}{path}"


@lru_cache(maxsize=256)
def qr_path(address: str) -> tuple[str, int]:
    """A QR code as the `d` of one SVG path, and its side in modules with the quiet zone (ISO/IEC 18004, level M)."""
    import segno

    code = segno.make(address, error="m", micro=False)
    rows = [list(row) for row in code.matrix_iter(border=4)]
    path = "".join(
        f"M{column} {line}h1v1h-1z" for line, row in enumerate(rows) for column, is_dark in enumerate(row) if is_dark
    )
    return path, len(rows)


def entry_address(consultation: Consultation, code: str) -> str:
    """Where a facilitator enters the sheet of this code; scanned, it opens on the right line."""
    return f"{settings.COLLOQUE_PUBLIC_URL}{reverse('consultations:enter', args=[consultation.id])}?code={code}"
