"""Where Django looks for the wrapper of a database engine."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import psycopg
from django.db.backends.postgresql import base

from colloque.config.postgresql.waiting import PatientConnection


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own, whose connections know how long a page may wait."""

    Database: Any = SimpleNamespace(**{**vars(psycopg), "connect": PatientConnection.connect})
