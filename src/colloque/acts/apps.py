"""The room of acts, and what it listens to."""

from __future__ import annotations

from django.apps import AppConfig


class ActsConfig(AppConfig):
    """Acts."""

    name = "colloque.acts"

    def ready(self) -> None:
        """Listen to the erasure of a person; say who may know the entries about an act."""
        from colloque.acts.access import may_know_entry
        from colloque.acts.actions import erasure
        from colloque.ledger.access import admit
        from colloque.patients.signals import person_erased

        admit(may_know_entry)
        person_erased.connect(erasure.after_erasure, dispatch_uid="acts.erasure")
