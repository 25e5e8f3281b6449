"""Tables of the governed act. What the AI said lies apart from the human decision, sealed under the person's key."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from colloque.acts.core.report import ReportedAs
from colloque.acts.core.state import ActState
from colloque.charter.models import CharterVersion
from colloque.kernel.vocabulary import ActKind, Outcome
from colloque.patients.models import Person
from colloque.people.models import ClientSystem, Establishment, Unit
from colloque.projects.models import Project, Service

HUMAN_OUTCOMES = [Outcome.FOLLOWED.value, Outcome.ADAPTED.value, Outcome.SET_ASIDE.value]


class Act(models.Model):
    """One governed act. `facts` and `verdict` are canonical JSON (charter.core), so that a proposed rule can be replayed.

    `sealed_input` holds the minimised data while something is still asked for; it is emptied when the act leaves `asking`.
    `owner` is the named carer whose decision is awaited or was given.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    establishment = models.ForeignKey(Establishment, on_delete=models.PROTECT, related_name="acts", db_index=False)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="acts")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="acts", db_index=False)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="acts")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="acts", db_index=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="acts")
    system = models.ForeignKey(ClientSystem, on_delete=models.PROTECT, null=True, related_name="acts")
    charter = models.ForeignKey(CharterVersion, on_delete=models.PROTECT, null=True, related_name="acts")
    act_kind = models.CharField(max_length=40, choices=[(a.value, a.value) for a in ActKind])
    hook_instance = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=20, choices=[(s.value, s.value) for s in ActState])
    requested_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    facts = models.BinaryField()
    verdict = models.BinaryField()
    rules = models.JSONField(default=list)
    withheld_because = models.CharField(max_length=60, blank=True)
    sealed_input = models.BinaryField(null=True)
    entry = models.UUIDField(help_text="The ledger entry of the latest step.")

    class Meta:
        indexes = [
            models.Index(fields=["person", "-requested_at"], name="act_of_person"),
            models.Index(
                fields=["owner", "requested_at"],
                condition=Q(state__in=[ActState.ASKING.value, ActState.OPEN.value]),
                name="act_waiting_for",
            ),
            models.Index(fields=["project", "-requested_at"], name="act_of_project"),
            models.Index(fields=["establishment", "-requested_at"], name="act_of_establishment"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=[s.value for s in ActState]), name="act_state_known"),
            models.CheckConstraint(
                condition=~Q(state__in=[ActState.OPEN.value, ActState.DECIDED.value]) | Q(owner__isnull=False),
                name="act_awaiting_somebody_named",
            ),
            models.CheckConstraint(
                condition=Q(sealed_input__isnull=True) | Q(state=ActState.ASKING.value),
                name="act_input_only_while_asking",
            ),
        ]

    def __str__(self) -> str:
        return f"act {self.id}"


class KeptActs(models.Model):
    """Finished days of a house's acts as columns (`charter.core.kept_acts`), from `since` on, before `until`.

    `content` is sealed under the key of the house. The database forgets a part as soon as one of its acts is added or changed.
    """

    id = models.BigAutoField(primary_key=True)
    establishment = models.ForeignKey(Establishment, on_delete=models.CASCADE, related_name="kept_acts", db_index=False)
    since = models.DateTimeField()
    until = models.DateTimeField()
    shape = models.CharField(max_length=64)
    acts = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["establishment", "until"], name="kept_acts_once"),
            models.CheckConstraint(condition=Q(until__gt=models.F("since")), name="kept_acts_some_time"),
        ]

    def __str__(self) -> str:
        return f"acts kept of {self.establishment_id}"


class Suggestion(models.Model):
    """One card an AI answered with, sealed (JSON, about `suggestion`), apart from the care record.

    `id` is the uuid of the card, by which an EHR sends feedback. `shown_at` is empty until somebody entitled has seen it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    act = models.ForeignKey(Act, on_delete=models.PROTECT, related_name="suggestions")
    position = models.PositiveSmallIntegerField(default=0)
    sealed = models.BinaryField()
    stripped = models.JSONField(default=list, help_text="What was taken out because it would have bypassed a human.")
    shown_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"suggestion {self.id}"


class OwnAssessment(models.Model):
    """What one carer judged before seeing anything; sealed (JSON, about `own-assessment`).

    Who takes an act over gives their own.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    act = models.ForeignKey(Act, on_delete=models.PROTECT, related_name="own_assessments")
    carer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="own_assessments")
    sealed = models.BinaryField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["act", "carer"], name="own_assessment_once")]

    def __str__(self) -> str:
        return f"own assessment of {self.act_id}"


class SpokenAnswer(models.Model):
    """What the person said about this one act, heard and written down by a named carer; it changes no lasting choice."""

    act = models.OneToOneField(Act, on_delete=models.PROTECT, primary_key=True, related_name="spoken_answer")
    said_yes = models.BooleanField()
    heard_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="answers_heard")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"spoken answer about {self.act_id}"


class Handover(models.Model):
    """An act passed from one named carer to another; at any moment somebody owns it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    act = models.ForeignKey(Act, on_delete=models.PROTECT, related_name="handovers")
    giver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="handovers_given"
    )
    taker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="handovers_taken")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="handovers_made")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"handover of {self.act_id}"


class Decision(models.Model):
    """The human end of an act: followed, adapted or set aside, by a named carer, with reasons and the patient's view.

    `sealed` holds the free words and what was retained (JSON, about `decision`); `reasons` are coded.
    """

    act = models.OneToOneField(Act, on_delete=models.PROTECT, primary_key=True, related_name="decision")
    carer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="decisions")
    outcome = models.CharField(max_length=20, choices=[(o, o) for o in HUMAN_OUTCOMES])
    reasons = models.JSONField(default=list)
    sealed = models.BinaryField()
    through_ehr = models.BooleanField(default=False)
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(outcome__in=HUMAN_OUTCOMES), name="decision_is_human")]

    def __str__(self) -> str:
        return f"decision of {self.act_id}"


class SuggestionAccess(models.Model):
    """Somebody looked at a suggestion after the decision, and said why. `sealed` holds their free words, where there are any."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    act = models.ForeignKey(Act, on_delete=models.PROTECT, related_name="accesses")
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="suggestion_accesses")
    purpose = models.CharField(max_length=60)
    sealed = models.BinaryField(default=b"")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"access to {self.act_id}"


class ReportedOutcome(models.Model):
    """What a record system reported of a card: each report is kept, also where a carer accepted first and set aside later.

    `sealed` holds what was accepted, the coded reason and the words (JSON, about `report`).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    suggestion = models.ForeignKey(Suggestion, on_delete=models.PROTECT, related_name="reports")
    outcome = models.CharField(max_length=20, choices=[(o.value, o.value) for o in ReportedAs])
    reported_at = models.DateTimeField()
    received_at = models.DateTimeField()
    sealed = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["suggestion", "outcome", "reported_at"], name="report_kept_once"),
            models.CheckConstraint(condition=Q(outcome__in=[o.value for o in ReportedAs]), name="report_outcome_known"),
        ]

    def __str__(self) -> str:
        return f"report about {self.suggestion_id}"


class UsedToken(models.Model):
    """A token's `jti` seen once; the unique index is what refuses a replay."""

    id = models.BigAutoField(primary_key=True)
    system = models.ForeignKey(ClientSystem, on_delete=models.CASCADE, related_name="used_tokens", db_index=False)
    jti = models.CharField(max_length=200)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["system", "jti"], name="token_used_once")]

    def __str__(self) -> str:
        return "used token"
