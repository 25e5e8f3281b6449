"""Tables of the person cared for. Identity is kept apart from care data and sealed under the person's own key."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from colloque.kernel.vocabulary import ActKind, ChoiceAnswer, Situation
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
    left_at = models.DateTimeField(null=True, blank=True)
    version = models.BigIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["establishment", "unit"], name="person_by_unit")]

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
    system = models.ForeignKey(ClientSystem, on_delete=models.CASCADE, related_name="persons")
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
