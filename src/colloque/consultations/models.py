"""Tables of consultations. A participant is a number: nothing here says whose votes they are.

What the database itself refuses is in migration 0002: the moderation log and the replies are append-only, and the words of a
statement do not change once people vote on them.
"""

from __future__ import annotations

import uuid
from enum import StrEnum

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q

from colloque.consultations.core.groups import (
    VOTE_VALUES,
    Anonymity,
    GroupOfPeople,
    HelperKind,
    JoinChannel,
    ProfileQuestion,
    VoteChannel,
)
from colloque.consultations.core.moderation import ModerationDecision, ModerationMode, ModerationReason, SignalKind
from colloque.consultations.core.state import (
    BecameKind,
    ConsultationState,
    IdeaState,
    IdeaWish,
    OutcomeAnswer,
    StatementState,
)
from colloque.kernel.vocabulary import ActKind
from colloque.people.models import Establishment


def _values(words: type[StrEnum]) -> list[str]:
    return [word.value for word in words]


def _choices(words: type[StrEnum]) -> list[tuple[str, str]]:
    return [(word.value, word.value) for word in words]


class Consultation(models.Model):
    """One question put to the people of a house. `number` counts within the establishment, from 1.

    `groups` are codes of `GroupOfPeople`; `group_sizes` says how many people each group counts in the house, where that is
    known, so that who did not take part is visible. Fields ending in `_en` are the English twins and may be blank.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    establishment = models.ForeignKey(Establishment, on_delete=models.PROTECT, related_name="consultations")
    number = models.PositiveIntegerField()
    slug = models.SlugField(max_length=80)
    title = models.CharField(max_length=120)
    title_en = models.CharField(max_length=120, blank=True)
    question = models.CharField(max_length=300)
    question_en = models.CharField(max_length=300, blank=True)
    about = models.TextField(blank=True, max_length=4000)
    about_en = models.TextField(blank=True, max_length=4000)
    state = models.CharField(max_length=20, choices=_choices(ConsultationState), default=ConsultationState.DRAFT.value)
    anonymity = models.CharField(max_length=20, choices=_choices(Anonymity))
    is_listed = models.BooleanField(default=True)
    moderation = models.CharField(max_length=20, choices=_choices(ModerationMode))
    moderation_policy = models.TextField(blank=True, max_length=4000)
    moderation_policy_en = models.TextField(blank=True, max_length=4000)
    groups = models.JSONField(default=list)
    group_sizes = models.JSONField(default=dict, blank=True)
    profile_questions = models.JSONField(default=list, blank=True)
    min_group_shown = models.PositiveSmallIntegerField(default=5)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="consultations_created"
    )
    created_at = models.DateTimeField()
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="consultations_opened"
    )
    opens_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["establishment", "state"], name="consultation_by_state")]
        constraints = [
            models.UniqueConstraint(fields=["establishment", "number"], name="consultation_number_once"),
            models.UniqueConstraint(fields=["establishment", "slug"], name="consultation_slug_once"),
            models.CheckConstraint(condition=Q(state__in=_values(ConsultationState)), name="consultation_state_known"),
            models.CheckConstraint(condition=Q(anonymity__in=_values(Anonymity)), name="consultation_anonymity_known"),
            models.CheckConstraint(
                condition=Q(moderation__in=_values(ModerationMode)), name="consultation_moderation_known"
            ),
            models.CheckConstraint(
                condition=Q(groups__contained_by=_values(GroupOfPeople)), name="consultation_groups_known"
            ),
            models.CheckConstraint(
                condition=Q(profile_questions__contained_by=_values(ProfileQuestion)),
                name="consultation_questions_known",
            ),
            models.CheckConstraint(
                condition=Q(state=ConsultationState.DRAFT.value) | Q(opens_at__isnull=False, opened_by__isnull=False),
                name="consultation_opened_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[ConsultationState.CLOSED.value, ConsultationState.ANSWERED.value])
                | Q(closed_at__isnull=False),
                name="consultation_closed_at_some_time",
            ),
            models.CheckConstraint(
                condition=Q(closes_at__isnull=True) | Q(opens_at__isnull=True) | Q(closes_at__gt=F("opens_at")),
                name="consultation_closes_after_it_opens",
            ),
            models.CheckConstraint(condition=Q(min_group_shown__gte=2), name="consultation_hides_small_groups"),
        ]

    def __str__(self) -> str:
        return self.title


class Participant(models.Model):
    """Somebody who takes part. `number` counts within the consultation; the group is what they said, or what their code says.

    `token_digest` is of the secret in their cookie. `account_digest` is a blind index of a signed-in person's account, under a
    key that lies outside the database. `helped_by` is a signed-in person who voted for them; `helper` says what they are.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="participants")
    number = models.PositiveIntegerField()
    channel = models.CharField(max_length=20, choices=_choices(JoinChannel))
    group = models.CharField(max_length=20, blank=True, choices=_choices(GroupOfPeople))
    token_digest = models.BinaryField(max_length=32, null=True, blank=True, unique=True)
    account_digest = models.BinaryField(max_length=32, null=True, blank=True)
    helper = models.CharField(max_length=20, blank=True, choices=_choices(HelperKind))
    helped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="participants_helped"
    )
    profile = models.JSONField(default=dict, blank=True)
    language = models.CharField(max_length=8, default="fr")
    joined_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consultation", "number"], name="participant_number_once"),
            models.UniqueConstraint(fields=["consultation", "account_digest"], name="participant_account_once"),
            models.CheckConstraint(condition=Q(channel__in=_values(JoinChannel)), name="participant_channel_known"),
            models.CheckConstraint(
                condition=Q(group="") | Q(group__in=_values(GroupOfPeople)), name="participant_group_known"
            ),
            models.CheckConstraint(
                condition=Q(helper="") | Q(helper__in=_values(HelperKind)), name="participant_helper_known"
            ),
            models.CheckConstraint(
                condition=Q(helped_by__isnull=True) | ~Q(helper=""), name="participant_helped_by_some_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"participant {self.number}"


class InvitationCode(models.Model):
    """A code for one person of a group. Only a blind index of it is kept, and no link to whoever used it."""

    id = models.BigAutoField(primary_key=True)
    consultation = models.ForeignKey(Consultation, on_delete=models.CASCADE, related_name="codes")
    digest = models.BinaryField(max_length=32)
    group = models.CharField(max_length=20, choices=_choices(GroupOfPeople))
    is_used = models.BooleanField(default=False)
    is_withdrawn = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consultation", "digest"], name="invitation_code_once"),
            models.CheckConstraint(condition=Q(group__in=_values(GroupOfPeople)), name="invitation_code_group_known"),
        ]

    def __str__(self) -> str:
        return f"code for {self.group}"


class Statement(models.Model):
    """One sentence people agree or disagree with. `number` counts within the consultation.

    `text` is in `language`, and `text_en` its English twin when that is French; `easy` and `easy_en` say it in easy language.
    `warnings` are codes of what seemed personal when it came in. `is_meta` is a statement about the consultation itself (Polis).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="statements")
    number = models.PositiveIntegerField()
    text = models.TextField(max_length=1000)
    language = models.CharField(max_length=8, default="fr")
    text_en = models.TextField(blank=True, max_length=1000)
    easy = models.TextField(blank=True, max_length=1000)
    easy_en = models.TextField(blank=True, max_length=1000)
    author = models.ForeignKey(Participant, on_delete=models.SET_NULL, null=True, blank=True, related_name="statements")
    is_seed = models.BooleanField(default=False)
    is_meta = models.BooleanField(default=False)
    state = models.CharField(max_length=20, choices=_choices(StatementState), default=StatementState.WAITING.value)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged")
    warnings = models.JSONField(default=list, blank=True)
    submitted_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["consultation", "state", "number"], name="statement_by_state"),
            models.Index(fields=["author", "submitted_at"], name="statement_by_author"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["consultation", "number"], name="statement_number_once"),
            models.CheckConstraint(condition=Q(state__in=_values(StatementState)), name="statement_state_known"),
            models.CheckConstraint(
                condition=~Q(text="") | Q(state=StatementState.REJECTED.value), name="statement_says_something"
            ),
            models.CheckConstraint(
                condition=Q(state=StatementState.MERGED.value, merged_into__isnull=False)
                | (~Q(state=StatementState.MERGED.value) & Q(merged_into__isnull=True)),
                name="statement_merged_into_another",
            ),
            models.CheckConstraint(
                condition=~Q(state=StatementState.PUBLISHED.value) | Q(published_at__isnull=False),
                name="statement_published_at_some_time",
            ),
        ]

    def __str__(self) -> str:
        return f"statement {self.number}"


class Vote(models.Model):
    """What a participant thinks of a statement now; a new vote takes the place of the earlier one.

    Of earlier ones nothing is kept but how often this one was changed. The key is (consultation, participant's number,
    statement's number): the order in which a map reads it. The hot path writes this table and checks what foreign keys would
    check, so that no vote waits for a row it does not change.
    """

    pk = models.CompositePrimaryKey("consultation_id", "participant_number", "statement_number")
    consultation = models.ForeignKey(
        Consultation, on_delete=models.DO_NOTHING, related_name="votes", db_constraint=False, db_index=False
    )
    participant_number = models.IntegerField()
    statement_number = models.IntegerField()
    value = models.SmallIntegerField()
    at = models.DateTimeField()
    channel = models.CharField(max_length=10, choices=_choices(VoteChannel), default=VoteChannel.SELF.value)
    helper = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    changes = models.SmallIntegerField(db_default=0)

    class Meta:
        indexes = [BrinIndex(fields=["at"], name="vote_lately", autosummarize=True)]
        constraints = [
            models.CheckConstraint(condition=Q(value__in=VOTE_VALUES), name="vote_value_known"),
            models.CheckConstraint(condition=Q(channel__in=_values(VoteChannel)), name="vote_channel_known"),
        ]

    def __str__(self) -> str:
        return f"vote on {self.statement_number}"


class Closing(models.Model):
    """What was counted when a consultation closed: the tally as canonical JSON, and the leaf of every ballot, in order.

    `leaves` is 32 bytes a ballot; `entry` the ledger entry that holds tally and root.
    """

    consultation = models.OneToOneField(
        Consultation, on_delete=models.PROTECT, primary_key=True, related_name="closing"
    )
    tally = models.BinaryField()
    leaves = models.BinaryField()
    entry = models.UUIDField()

    def __str__(self) -> str:
        return f"closing of {self.consultation_id}"


class PaperSheet(models.Model):
    """A printed sheet: its code, the statements on it in their order, and once it was entered, whose votes it became.

    `entries` counts how often it was entered: the second time corrects the first.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="sheets")
    code = models.CharField(max_length=12)
    group = models.CharField(max_length=20, blank=True, choices=_choices(GroupOfPeople))
    statements = models.JSONField()
    printed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="sheets_printed")
    printed_at = models.DateTimeField()
    participant = models.OneToOneField(
        Participant, on_delete=models.SET_NULL, null=True, blank=True, related_name="sheet"
    )
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="sheets_entered"
    )
    entered_at = models.DateTimeField(null=True, blank=True)
    entries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consultation", "code"], name="sheet_code_once"),
            models.CheckConstraint(
                condition=Q(group="") | Q(group__in=_values(GroupOfPeople)), name="sheet_group_known"
            ),
            models.CheckConstraint(
                condition=Q(entries=0, entered_at__isnull=True, entered_by__isnull=True)
                | Q(entries__gt=0, entered_at__isnull=False, entered_by__isnull=False),
                name="sheet_entered_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"sheet {self.code}"


class ModerationEntry(models.Model):
    """One decision of moderation, with its reason: a line of the log that everyone can read. Append-only.

    `by` is null where the rule of the consultation decided (open moderation).
    """

    id = models.BigAutoField(primary_key=True)
    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="moderation_entries")
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="moderation_entries")
    decision = models.CharField(max_length=20, choices=_choices(ModerationDecision))
    reason = models.CharField(max_length=20, blank=True, choices=_choices(ModerationReason))
    words = models.CharField(max_length=500, blank=True)
    merged_into = models.ForeignKey(Statement, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="moderations"
    )
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["consultation", "-id"], name="moderation_latest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(decision__in=_values(ModerationDecision)), name="moderation_decision_known"
            ),
            models.CheckConstraint(
                condition=~Q(decision=ModerationDecision.REJECTED.value) | Q(reason__in=_values(ModerationReason)),
                name="moderation_rejects_with_reason",
            ),
            models.CheckConstraint(
                condition=~Q(decision=ModerationDecision.MERGED.value) | Q(merged_into__isnull=False),
                name="moderation_merges_into_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.decision} {self.statement_id}"


class Signal(models.Model):
    """A sign of coordinated voting between two moments, in figures that name nobody."""

    id = models.BigAutoField(primary_key=True)
    consultation = models.ForeignKey(Consultation, on_delete=models.CASCADE, related_name="signals")
    kind = models.CharField(max_length=20, choices=_choices(SignalKind))
    seen_at = models.DateTimeField()
    since = models.DateTimeField()
    until = models.DateTimeField()
    figures = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["consultation", "-seen_at"], name="signal_latest")]
        constraints = [
            models.UniqueConstraint(fields=["consultation", "kind", "since"], name="signal_once"),
            models.CheckConstraint(condition=Q(kind__in=_values(SignalKind)), name="signal_kind_known"),
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="signal_ends_after_it_begins"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} in {self.consultation_id}"


class MapVersion(models.Model):
    """An opinion map as it was computed: the result as canonical JSON, and where each participant stands.

    `told`: while people vote, the figures that everybody may see of it (`core/living.py`); null where none may be seen.
    """

    id = models.BigAutoField(primary_key=True)
    consultation = models.ForeignKey(Consultation, on_delete=models.CASCADE, related_name="maps")
    number = models.PositiveIntegerField()
    computed_at = models.DateTimeField()
    engine = models.CharField(max_length=40)
    seed = models.BigIntegerField()
    votes = models.BigIntegerField()
    result = models.JSONField()
    placements = models.BinaryField(null=True, blank=True)
    told = models.JSONField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["consultation", "number"], name="map_number_once")]

    def __str__(self) -> str:
        return f"map {self.number} of {self.consultation_id}"


class Outcome(models.Model):
    """The establishment's reasoned reply to a statement: adopted, amended or declined, why, and who signs. Append-only.

    The latest reply to a statement is the one that holds.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="outcomes")
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="outcomes")
    answer = models.CharField(max_length=20, choices=_choices(OutcomeAnswer))
    reasons = models.TextField(max_length=4000)
    reasons_en = models.TextField(blank=True, max_length=4000)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="outcomes_signed")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["consultation", "statement", "-at"], name="outcome_latest")]
        constraints = [
            models.CheckConstraint(condition=Q(answer__in=_values(OutcomeAnswer)), name="outcome_answer_known"),
            models.CheckConstraint(condition=~Q(reasons=""), name="outcome_gives_reasons"),
        ]

    def __str__(self) -> str:
        return f"{self.answer} {self.statement_id}"


class OutcomeLink(models.Model):
    """What a statement became or is behind: a proposal for the charter (`part`: one rule of a whole charter) or a project
    (`part`: `trust` where the statement asks carers whether they agree to work with it).

    `thing` is its id in a room above this one. Append-only.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="outcome_links")
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="outcome_links")
    kind = models.CharField(max_length=20, choices=_choices(BecameKind))
    thing = models.UUIDField()
    part = models.CharField(max_length=100, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="outcomes_linked")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["kind", "thing"], name="outcome_link_by_thing")]
        constraints = [
            models.UniqueConstraint(fields=["statement", "kind", "thing", "part"], name="outcome_link_once"),
            models.CheckConstraint(
                condition=Q(kind__in=[BecameKind.CHARTER_PROPOSAL.value, BecameKind.PROJECT.value]),
                name="outcome_link_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} from {self.statement_id}"


class Idea(models.Model):
    """Where AI would help, or should stay out, said by somebody of the house; and what became of it, said in public.

    `group` is the author's; the author is kept so that they find their ideas again, and is shown to nobody else.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    establishment = models.ForeignKey(Establishment, on_delete=models.PROTECT, related_name="ideas")
    number = models.PositiveIntegerField()
    wish = models.CharField(max_length=20, choices=_choices(IdeaWish))
    act_kind = models.CharField(max_length=40, blank=True, choices=_choices(ActKind))
    text = models.TextField(max_length=1000)
    language = models.CharField(max_length=8, default="fr")
    group = models.CharField(max_length=20, blank=True, choices=_choices(GroupOfPeople))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="ideas"
    )
    given_at = models.DateTimeField()
    warnings = models.JSONField(default=list, blank=True)
    state = models.CharField(max_length=20, choices=_choices(IdeaState), default=IdeaState.WAITING.value)
    answer = models.TextField(blank=True, max_length=2000)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="ideas_answered"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    became_kind = models.CharField(max_length=20, blank=True, choices=_choices(BecameKind))
    became_id = models.UUIDField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["establishment", "state", "-number"], name="idea_by_state"),
            models.Index(fields=["author", "-given_at"], name="idea_by_author"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["establishment", "number"], name="idea_number_once"),
            models.CheckConstraint(condition=Q(wish__in=_values(IdeaWish)), name="idea_wish_known"),
            models.CheckConstraint(condition=Q(state__in=_values(IdeaState)), name="idea_state_known"),
            models.CheckConstraint(
                condition=~Q(state=IdeaState.SET_ASIDE.value) | ~Q(answer=""), name="idea_set_aside_with_reason"
            ),
            models.CheckConstraint(
                condition=Q(became_kind="", became_id__isnull=True)
                | Q(became_kind__in=_values(BecameKind), became_id__isnull=False),
                name="idea_became_something",
            ),
        ]

    def __str__(self) -> str:
        return f"idea {self.number}"
