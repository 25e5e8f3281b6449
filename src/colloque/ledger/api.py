"""The ledger in the REST API: its newest checkpoint. Tiles and proofs have their own standard paths under `/ledger/`."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from django.utils.translation import gettext
from ninja import Router, Schema
from pydantic import Field

from colloque.kernel.errors import NotFoundError
from colloque.ledger.queries import latest_checkpoint


class Problem(Schema):
    """What went wrong, in every room's part of the API: a stable code for programs, a sentence for people, and the place in
    the input where there is one.
    """

    code: str = Field(examples=["not-found"])
    message: str
    path: str = ""


class CheckpointOut(Schema):
    """A checkpoint in the C2SP form: `note` is what a witness or a verifier reads; `root` is hexadecimal."""

    size: int
    root: str
    note: str
    is_cosigned: bool
    at: datetime


router = Router(tags=["ledger"])


@router.get(
    "/ledger/checkpoint",
    response={200: CheckpointOut, 404: Problem},
    summary="The newest signed checkpoint of the ledger",
)
def checkpoint(request: HttpRequest) -> CheckpointOut:  # noqa: ARG001 - ninja hands it over
    """The size and root of the log, signed; anyone may keep it and ask later whether the log still holds it."""
    latest = latest_checkpoint()
    if latest is None:
        raise NotFoundError(gettext("Rien n’a encore été inscrit au registre."), code="no-checkpoint")
    return CheckpointOut(
        size=latest.size,
        root=latest.root.hex(),
        note=latest.note.decode("utf-8"),
        is_cosigned=latest.is_cosigned,
        at=latest.at,
    )
