"""A real bundle to look at: made through the real actions, in as many rounds as wanted."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.db import transaction

from colloque.ledger.actions import cosign, integrate, record
from colloque.ledger.core.entries import HOUSE
from colloque.ledger.export import export_bundle
from tests.ledger.conftest import NOW

PERSON = UUID("018f0000-0000-7000-8000-00000000000a")


def make_bundle(folder: Path, rounds: list[int], *, opened: bool = False) -> Path:
    """Export a log that grew in these steps, cosigned after each; every fourth entry is about `PERSON`."""
    total = 0
    for step, number in enumerate(rounds):
        with transaction.atomic():
            for _ in range(number):
                subject = PERSON if total % 4 == 0 else HOUSE
                record("act-permitted", subject=subject, payload={"n": total}, rules=("rule-a",))
                total += 1
        integrate(NOW + timedelta(minutes=step))
        cosign(NOW + timedelta(minutes=step))
    arguments = {"subject": PERSON, "purpose": "asked by the person"} if opened else {}
    export_bundle(folder, made=NOW + timedelta(hours=1), **arguments)  # type: ignore[arg-type]
    return folder


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file of a bundle by its path in it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
