"""Versions of an establishment's charter. Old versions stay."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from colloque.people.models import Establishment


class CharterVersion(models.Model):
    """The establishment's own rules at one version, as Cedar text; the constitution comes beneath and is part of the software.

    The version in force is the adopted one with the highest number.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    establishment = models.ForeignKey(Establishment, on_delete=models.PROTECT, related_name="charter_versions")
    number = models.PositiveIntegerField()
    cedar = models.TextField()
    preamble = models.TextField(blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="charters_proposed"
    )
    proposed_at = models.DateTimeField()
    adopted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="charters_adopted"
    )
    adopted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["establishment", "number"], name="charter_number_once"),
            models.CheckConstraint(
                condition=Q(adopted_at__isnull=True, adopted_by__isnull=True)
                | Q(adopted_at__isnull=False, adopted_by__isnull=False),
                name="charter_adopted_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"charter {self.number}"
