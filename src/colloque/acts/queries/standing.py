"""Where everybody stands for one act, read with the statement that the gateway reads with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import psycopg
from django.db import connection
from django.utils.translation import gettext

from colloque.acts.core.request import ActRequest
from colloque.acts.core.spine import Reading
from colloque.acts.core.standing import declared_service_of, standing_of
from colloque.acts.sql import READ_SERVICES, READ_STANDING, columns_to_read
from colloque.charter.queries import charter_of
from colloque.kernel.errors import NotFoundError


def read_standing(request: ActRequest, at: datetime) -> Reading:
    """Where everybody stands for a request at a moment. Raises `NotFoundError` for a service that does not exist."""
    standings = raw_rows(READ_STANDING, columns_to_read([request]))
    services = raw_rows(READ_SERVICES, [request.service, None])
    if not standings or not services:
        raise NotFoundError(gettext("Ce service n’existe pas ou plus."))
    standing = standing_of(standings[0])
    return Reading(standing, declared_service_of(services[0]), charter_of(standing.charter), at)


def raw_rows(statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows of one of the shared statements, whose parameters are `$n`, on Django's own connection."""
    connection.ensure_connection()
    with psycopg.RawCursor(connection.connection) as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()
