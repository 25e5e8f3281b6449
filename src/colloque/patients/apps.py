"""The room of the people cared for, and what it tells the ledger."""

from __future__ import annotations

from django.apps import AppConfig


class PatientsConfig(AppConfig):
    """Patients."""

    name = "colloque.patients"

    def ready(self) -> None:
        """Say who may know the entries about a person."""
        from colloque.ledger.access import admit
        from colloque.patients.access import may_know_entry

        admit(may_know_entry)
