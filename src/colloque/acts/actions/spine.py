"""Drives the one spine of the governed act on Django's connection: the same steps and the same SQL as the gateway.

Reading and calling the AI happen outside any transaction; each step is written in one, or not at all.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from time import monotonic
from uuid import UUID

from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext

from colloque.acts.ai import AIClient, Signer, read_signer
from colloque.acts.core.answer import WithheldCode
from colloque.acts.core.call import Call
from colloque.acts.core.request import ActRequest
from colloque.acts.core.spine import Ask, Asked, Governed, Read, Result, Write, Written, govern
from colloque.acts.queries.standing import raw_rows, read_standing
from colloque.acts.sql import WRITE_ACTS, columns_to_write
from colloque.kernel.errors import ConflictError
from colloque.ledger.keys import open_subject_key
from colloque.ledger.queries import installation_keys


def run(request: ActRequest) -> Governed:
    """One act, from the request to where it waits for a human or ends.

    The moments of later steps are the request's own, plus the time that went by. Raises what `govern` raises, and
    `RuntimeError` inside an open transaction: an AI is never called in one, and what is shown must first be durable.
    """
    with transaction.atomic(durable=True):
        pass
    started = monotonic()

    def moment() -> datetime:
        return request.at + timedelta(seconds=monotonic() - started)

    steps = govern(request, open_key=_open_key, random_bytes=secrets.token_bytes)
    result: Result | None = None
    while True:
        try:
            step = steps.send(result)  # type: ignore[arg-type]  # a generator is started with None
        except StopIteration as end:
            governed: Governed = end.value
            return governed
        if isinstance(step, Read):
            result = read_standing(step.request, moment())
        elif isinstance(step, Ask):
            body = ask(step.call)
            result = Asked(body, moment())
        elif isinstance(step, Write):
            result = _write(step)


def ask(call: Call) -> bytes | WithheldCode:
    """One call to an AI, made from a synchronous place."""
    signer = _signer(Path(settings.COLLOQUE_KEYS_DIR), settings.COLLOQUE_PUBLIC_URL)

    async def once() -> bytes | WithheldCode:
        async with AIClient(signer) as ai:
            return await ai.ask(call)

    return async_to_sync(once)()


@lru_cache(maxsize=4)
def _signer(folder: Path, issuer: str) -> Signer:
    return read_signer(folder, issuer)


def _open_key(person: UUID, wrapped: bytes) -> bytes:
    return open_subject_key(installation_keys().keyring, person, wrapped)


def _write(step: Write) -> Written:
    with transaction.atomic(durable=True):
        (row,) = raw_rows(WRITE_ACTS, columns_to_write([step.record]))
    _place, is_written, why = row
    if is_written:
        return Written.STORED
    try:
        return Written(why)
    except ValueError as error:
        raise ConflictError(gettext("Cet acte n’a pas pu être enregistré. Recommencez."), code="not-written") from error
