"""The room of acts, and what it listens to."""

from __future__ import annotations

from django.apps import AppConfig


class ActsConfig(AppConfig):
    """Acts."""

    name = "colloque.acts"

    def ready(self) -> None:
        """Listen to the erasure of a person."""
        from colloque.acts.actions import erasure
        from colloque.patients.signals import person_erased

        person_erased.connect(erasure.after_erasure, dispatch_uid="acts.erasure")
