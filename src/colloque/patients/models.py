"""Tables of the person cared for. Identity is kept apart from care data and sealed under the person's own key."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from colloque.kernel.vocabulary import ActKind, ChoiceAnswer, Situation
from colloque.patients.core.erasure import ErasureState
from colloque.patients.core.trust import Power
from colloque.people.models import ClientSystem, Establishment, Unit
from colloque.projects.models import Project

GIVEN_ANSWERS = [a.value for a in ChoiceAnswer if a is not ChoiceAnswer.UNKNOWN]


class Person(models.Model):
    """A person cared for, without a name. `birth_month` (first of the month) is enough for an age; the day lies in the identity.

    `version` grows with every change of choices, situations or presence (database trigger): a verdict given on an older
    version is decided anew.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    establishment = models.ForeignKey(Establishment, on_delete=models.PROTECT, related_name="persons")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="persons", null=True, blank=True)
    birth_month = models.DateField(null=True, blank=True)
    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="person"
    )
    referent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="persons_followed",
        help_text="The carer whom this person asks first.",
    )
    left_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)
    version = models.BigIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["establishment", "unit"], name="person_by_unit")]
        constraints = [
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True)
                | Q(birth_month__isnull=True, account__isnull=True, left_at__isnull=False),
                name="person_erased_is_nobody",
            )
        ]

    def __str__(self) -> str:
        return str(self.id)


class Identity(models.Model):
    """Name, birth date and sex of a person: `sealed` opens only with the person's key (JSON, about `identity`)."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True, related_name="identity")
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return f"identity of {self.person_id}"


class PersonIdentifier(models.Model):
    """Which person a client system means by a patient id; the digest is a blind index."""

    id = models.BigAutoField(primary_key=True)
    system = models.ForeignKey(ClientSystem, on_delete=models.CASCADE, related_name="persons", db_index=False)
    digest = models.BinaryField(max_length=32)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="identifiers")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["system", "digest"], name="person_identifier_once")]

    def __str__(self) -> str:
        return f"identifier at {self.system_id}"


class SituationRecord(models.Model):
    """What a person lives through, who declared it, since when and until when."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="situations")
    situation = models.CharField(max_length=40, choices=[(s.value, s.value) for s in Situation])
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="situations_declared"
    )
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="situations_ended"
    )

    class Meta:
        indexes = [models.Index(fields=["person", "until"], name="situation_current")]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "situation"], condition=Q(until__isnull=True), name="situation_open_once"
            ),
            models.CheckConstraint(condition=Q(situation__in=[s.value for s in Situation]), name="situation_known"),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="situation_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.situation} of {self.person_id}"


class Choice(models.Model):
    """What a person answered about a kind of act, a project, or both left open (all AI). Never changed: a new answer replaces it.

    The answer that holds is computed by `patients.core.choices`; a refusal beats every permission.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="choices")
    act_kind = models.CharField(max_length=40, blank=True, choices=[(a.value, a.value) for a in ActKind])
    project = models.ForeignKey(Project, on_delete=models.PROTECT, null=True, blank=True, related_name="choices")
    answer = models.CharField(max_length=20, choices=[(a, a) for a in GIVEN_ANSWERS])
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="choices_given")
    given_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "act_kind", "project"],
                condition=Q(replaced_at__isnull=True),
                nulls_distinct=False,
                name="choice_current_once",
            ),
            models.CheckConstraint(condition=Q(answer__in=GIVEN_ANSWERS), name="choice_answer_known"),
        ]

    def __str__(self) -> str:
        return f"choice of {self.person_id}"


class Presence(models.Model):
    """A named human attests to be beside a person, until a moment."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="presences")
    carer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="presences")
    since = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "until"], name="presence_current")]
        constraints = [models.CheckConstraint(condition=Q(until__gt=F("since")), name="presence_ends_after_it_begins")]

    def __str__(self) -> str:
        return f"presence beside {self.person_id}"


class TrainingChoice(models.Model):
    """Whether a person lets an AI learn from their data: another question than care, with another effect. Never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="training_choices")
    allowed = models.BooleanField()
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="training_choices_given"
    )
    given_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(replaced_at__isnull=True), name="training_choice_current_once"
            )
        ]

    def __str__(self) -> str:
        return f"training choice of {self.person_id}"


class TrustedLink(models.Model):
    """A person chosen by another to see or answer in their name, within `powers` the chooser set, until taken back."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="trusted_links")
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="trusted_by")
    powers = models.JSONField(default=list)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "account"], condition=Q(until__isnull=True), name="trusted_link_open_once"
            ),
            models.CheckConstraint(
                condition=Q(powers__contained_by=[power.value for power in Power]), name="trusted_powers_known"
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="trusted_link_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"trusted by {self.person_id}"


class TrustedContact(models.Model):
    """Whom a person names as their trusted person: `sealed` opens only with the person's key (JSON, about `trusted-contact`).

    It tells the team whom to call and gives access to nothing; a `TrustedLink` does, to an account.
    """

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True, related_name="trusted_contact")
    sealed = models.BinaryField()
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="contacts_noted")
    noted_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"trusted contact of {self.person_id}"


class TalkRequest(models.Model):
    """A person would like to talk about an AI with somebody; a named carer comes back before the deadline."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="talk_requests")
    act_kind = models.CharField(max_length=40, blank=True, choices=[(a.value, a.value) for a in ActKind])
    carer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="talk_requests")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="talk_requests_made")
    asked_at = models.DateTimeField()
    deadline = models.DateTimeField()
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="talk_requests_closed"
    )
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["carer", "deadline"], condition=Q(closed_at__isnull=True), name="talk_awaited_from")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "act_kind"], condition=Q(closed_at__isnull=True), name="talk_request_open_once"
            ),
            models.CheckConstraint(condition=Q(deadline__gt=F("asked_at")), name="talk_deadline_after_request"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="talk_closed_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"talk asked by {self.person_id}"


class Opening(models.Model):
    """Somebody of the staff opened a person's file, and so saw the name. The person can read it in their journal."""

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="openings")
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="openings")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "account", "-at"], name="opening_latest")]

    def __str__(self) -> str:
        return f"opening of {self.person_id}"


class ErasureRequest(models.Model):
    """A person asks that their data be erased. Once it is done the request names nobody any more."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    establishment = models.ForeignKey(Establishment, on_delete=models.PROTECT, related_name="erasure_requests")
    person = models.ForeignKey(
        Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="erasure_requests"
    )
    state = models.CharField(max_length=20, choices=[(s.value, s.value) for s in ErasureState])
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="erasures_asked"
    )
    asked_at = models.DateTimeField()
    deadline = models.DateTimeField()
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="erasures_handled"
    )
    handled_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True, help_text="Why it was declined, in words for the person.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(state=ErasureState.ASKED.value), name="erasure_asked_once"
            ),
            models.CheckConstraint(condition=Q(state__in=[s.value for s in ErasureState]), name="erasure_state_known"),
            models.CheckConstraint(
                condition=~Q(state=ErasureState.CARRIED_OUT.value)
                | Q(person__isnull=True, asked_by__isnull=True, handled_by__isnull=False),
                name="erasure_done_names_nobody",
            ),
            models.CheckConstraint(
                condition=~Q(state=ErasureState.DECLINED.value) | ~Q(reason=""), name="erasure_declined_with_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"erasure {self.state}"
