"""What somebody asks for: an act by one service of an AI project, for one person, by one carer, at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec


class Caller(msgspec.Struct, frozen=True):
    """The client system a request came through and the token it came with; the token counts once."""

    system: UUID
    token_id: str
    token_expires: datetime


class Named(msgspec.Struct, frozen=True):
    """A person or a practitioner as a client system names them: the blind index of its identifier, 32 bytes."""

    digest: bytes


class ActRequest(msgspec.Struct, frozen=True):
    """One asked act. `id` is the act's own; `person` and `carer` are ours, or names that a client system gave.

    `data` is what came with the request by prefetch key, and the resources of the hook's context by the name of their field.
    `known_as` is the FHIR id by which these data name the person. An act that stands in the state `asking` is resumed by its
    `waiting` input, as it lay sealed; then `data` is empty.
    """

    id: UUID
    service: UUID
    person: UUID | Named
    carer: UUID | Named | None
    at: datetime
    data: Mapping[str, Any] = {}
    caller: Caller | None = None
    hook_instance: str = ""
    language: str = "fr"
    known_as: str = ""
    waiting: bytes | None = None
