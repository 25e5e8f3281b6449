"""What rooms above may want to know of the people cared for."""

from __future__ import annotations

from django.dispatch import Signal

person_erased = Signal()
"""Sent inside the transaction in which a person is erased. Arguments: `person` (Person), `at`."""
