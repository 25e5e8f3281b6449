"""Tables of AI projects: what is declared about a system, the services it offers, and its suspensions."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from colloque.kernel.vocabulary import ActKind, Autonomy, ProjectStatus, Track
from colloque.people.models import Establishment


class Project(models.Model):
    """One AI system in one establishment, with what was declared about it.

    `intended_use` holds checkable conditions (see `projects.core.intended_use`), `model_card` what the maker says of the
    system. `version` grows with every change here or in the project's services and suspensions (database trigger):
    a verdict given on an older version is decided anew.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    establishment = models.ForeignKey(Establishment, on_delete=models.PROTECT, related_name="projects")
    slug = models.SlugField()
    name = models.CharField(max_length=200)
    intention = models.TextField(help_text="Why we use this AI, in words anyone reads.")
    track = models.CharField(max_length=20, choices=[(t.value, t.value) for t in Track])
    autonomy = models.CharField(max_length=30, choices=[(a.value, a.value) for a in Autonomy])
    status = models.CharField(
        max_length=20, choices=[(s.value, s.value) for s in ProjectStatus], default=ProjectStatus.DRAFT.value
    )
    lead = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="projects_led")
    endpoint = models.URLField(max_length=500, blank=True, help_text="Base address of the AI's CDS Hooks services.")
    intended_use = models.JSONField(default=dict, blank=True)
    model_card = models.JSONField(default=dict, blank=True)
    timeout_ms = models.PositiveIntegerField(default=3000)
    live_since = models.DateTimeField(null=True, blank=True)
    version = models.BigIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["establishment", "slug"], name="project_slug_once"),
            models.CheckConstraint(
                condition=Q(status__in=[s.value for s in ProjectStatus]), name="project_status_known"
            ),
            models.CheckConstraint(
                condition=Q(autonomy__in=[a.value for a in Autonomy]), name="project_autonomy_known"
            ),
            models.CheckConstraint(condition=Q(track__in=[t.value for t in Track]), name="project_track_known"),
            models.CheckConstraint(condition=Q(timeout_ms__gte=50, timeout_ms__lte=30000), name="project_timeout_sane"),
        ]

    def __str__(self) -> str:
        return self.name


class Service(models.Model):
    """One thing a project does: a kind of act, on one CDS hook, with the data that may leave for it.

    `prefetch` maps each key to `{"query": FHIR query template, "fields": [paths that may leave], "required": bool}`.
    `inputs` describes the form by which a carer gives the data where there is no EHR (see `projects.core.declared_data`).
    `readings` are the conclusions a carer or the AI may reach, `[{"code", "fr", "en"}]`; empty where there is no fixed list.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="services")
    slug = models.SlugField()
    remote_id = models.CharField(max_length=100, help_text="The service's id at the AI's endpoint.")
    hook = models.CharField(max_length=60)
    act_kind = models.CharField(max_length=40, choices=[(a.value, a.value) for a in ActKind])
    title = models.CharField(max_length=200)
    description = models.TextField()
    prefetch = models.JSONField(default=dict, blank=True)
    inputs = models.JSONField(default=list, blank=True)
    readings = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "slug"], name="service_slug_once"),
            models.CheckConstraint(condition=Q(act_kind__in=[a.value for a in ActKind]), name="service_act_kind_known"),
        ]

    def __str__(self) -> str:
        return self.title


class Suspension(models.Model):
    """A project stopped everywhere at once: by whom, why, and how it ended."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="suspensions")
    reason = models.TextField()
    suspended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="suspensions_made"
    )
    suspended_at = models.DateTimeField()
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="suspensions_lifted"
    )
    lifted_at = models.DateTimeField(null=True, blank=True)
    lift_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project"], condition=Q(lifted_at__isnull=True), name="suspension_open_once"
            ),
        ]

    def __str__(self) -> str:
        return f"suspension of {self.project_id}"
