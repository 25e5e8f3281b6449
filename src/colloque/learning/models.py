"""Attestations: a carer has learned to work beside AI, until a date."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from colloque.people.models import Establishment


class Attestation(models.Model):
    """A named person attests that an account followed the training; without one, no suggestion reaches that carer."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="attestations")
    establishment = models.ForeignKey(Establishment, on_delete=models.PROTECT, related_name="attestations")
    attested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="attestations_given"
    )
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["account", "establishment", "valid_until"], name="attestation_current")]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__gt=F("valid_from")), name="attestation_ends_after_it_begins"
            ),
            models.CheckConstraint(condition=~Q(account=F("attested_by")), name="attestation_by_somebody_else"),
        ]

    def __str__(self) -> str:
        return f"attestation of {self.account_id}"
