"""Tables of the ledger. All but the persons' keys and the waiting list are append-only by trigger (migration 0002)."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class Entry(models.Model):
    """One recorded event: a public leaf and a sealed payload. Not numbered yet: `Leaf` says where it stands in the log.

    `id` is a UUIDv7; `subject` the person (or `HOUSE`) under whose key `sealed` opens.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    subject = models.UUIDField(editable=False, db_index=True)
    leaf = models.BinaryField()
    sealed = models.BinaryField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return str(self.id)


class Pending(models.Model):
    """An entry that waits for its number; filled by a trigger in the writer's own transaction."""

    entry_id = models.UUIDField(primary_key=True)

    def __str__(self) -> str:
        return str(self.entry_id)


class Leaf(models.Model):
    """Where an entry stands in the log, from 0, and its RFC 6962 leaf hash; written only by the integrator."""

    position = models.BigIntegerField(primary_key=True)
    entry_id = models.UUIDField(unique=True)
    hash = models.BinaryField()

    def __str__(self) -> str:
        return str(self.position)


class StoredTile(models.Model):
    """A hash tile under its full path; while partial it may only grow, so that every narrower tile is its beginning."""

    path = models.CharField(primary_key=True, max_length=80)
    data = models.BinaryField()

    class Meta:
        db_table = "ledger_tile"

    def __str__(self) -> str:
        return self.path


class StoredCheckpoint(models.Model):
    """The log at one size, signed; `cosigned` is the same note with the witnesses' lines once they answered.

    `oldest` is the moment the longest waiting of the entries that this checkpoint adds was recorded: `at - oldest` is the
    delay that the log promises to bound.
    """

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField()
    note = models.BinaryField()
    cosigned = models.BinaryField(null=True)
    oldest = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        db_table = "ledger_checkpoint"

    def __str__(self) -> str:
        return str(self.size)


class SubjectKey(models.Model):
    """The key of one person, wrapped by the master key that lies outside the database; deleted on erasure.

    A person who comes back gets a new key: what was recorded before `since` was sealed under one that is gone.
    """

    subject = models.UUIDField(primary_key=True)
    wrapped = models.BinaryField()
    since = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "ledger_subject_key"

    def __str__(self) -> str:
        return str(self.subject)
