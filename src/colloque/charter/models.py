"""An establishment's charter: its versions, the proposals that make them, and the committee that votes. Old versions stay."""

from __future__ import annotations

import uuid
from enum import StrEnum

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from colloque.charter.core.proposals import (
    BallotValue,
    College,
    Opinion,
    OriginKind,
    ProposalKind,
    ProposalState,
    Side,
    Step,
)
from colloque.people.models import Establishment


def _choices(enum: type[StrEnum]) -> list[tuple[str, str]]:
    return [(member.value, member.value) for member in enum]


def _known(field: str, enum: type[StrEnum], name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(**{f"{field}__in": [member.value for member in enum]}), name=name)


class CharterVersion(models.Model):
    """The establishment's own rules at one version, as Cedar text; the constitution comes beneath and is part of the software.

    The version in force at a moment is, of those adopted whose `applies_from` has come, the one with the highest number.
    Without an `applies_from` a version applies from its adoption on.
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
    applies_from = models.DateTimeField(null=True, blank=True)

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


class CommitteeSeat(models.Model):
    """A seat of the charter committee, for a college and a time."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    establishment = models.ForeignKey(Establishment, on_delete=models.PROTECT, related_name="committee_seats")
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="committee_seats")
    college = models.CharField(max_length=20, choices=_choices(College))
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="seats_given")
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["establishment", "valid_from"], name="seat_by_house")]
        constraints = [
            _known("college", College, "seat_college_known"),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
                name="seat_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.college} {self.establishment_id}"


class RuleProposal(models.Model):
    """A rule to add, change or repeal, or a whole charter. `cedar` is empty for a repeal.

    `words_fr`, `words_en` are those of the rule, or of the rule to repeal; of a whole charter, the words that open it.
    `statement` is the statement of a consultation it comes from. `adopted_from` and `review_on` are days in the house.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    establishment = models.ForeignKey(Establishment, on_delete=models.PROTECT, related_name="rule_proposals")
    kind = models.CharField(max_length=10, choices=_choices(ProposalKind))
    rule_id = models.CharField(max_length=60, blank=True)
    cedar = models.TextField(blank=True)
    words_fr = models.TextField(blank=True)
    words_en = models.TextField(blank=True)
    purpose = models.TextField()
    origin_kind = models.CharField(max_length=20, choices=_choices(OriginKind))
    origin_fr = models.TextField(blank=True)
    origin_en = models.TextField(blank=True)
    statement = models.UUIDField(null=True, blank=True)
    authors = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="rules_written")
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="rules_proposed")
    proposed_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=_choices(ProposalState), default=ProposalState.DISCUSSED.value)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="rules_decided"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    version = models.OneToOneField(
        CharterVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="proposal"
    )
    adopted_from = models.DateField(null=True, blank=True)
    review_on = models.DateField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["establishment", "state"], name="proposal_by_state"),
            models.Index(fields=["establishment", "rule_id"], name="proposal_by_rule"),
        ]
        constraints = [
            _known("kind", ProposalKind, "proposal_kind_known"),
            _known("state", ProposalState, "proposal_state_known"),
            _known("origin_kind", OriginKind, "proposal_origin_known"),
            models.CheckConstraint(
                condition=(Q(kind=ProposalKind.WHOLE.value) | ~Q(rule_id=""))
                & (Q(kind=ProposalKind.REPEAL.value, cedar="") | (~Q(kind=ProposalKind.REPEAL.value) & ~Q(cedar=""))),
                name="proposal_says_what",
            ),
            models.CheckConstraint(
                condition=Q(state=ProposalState.ADOPTED.value, version__isnull=False, adopted_from__isnull=False)
                | (~Q(state=ProposalState.ADOPTED.value) & Q(version__isnull=True)),
                name="proposal_adopted_as_a_version",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.rule_id}"


class Argument(models.Model):
    """An argument for or against a proposal, signed; `signed_as` is the role or college it was given in."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey(RuleProposal, on_delete=models.PROTECT, related_name="arguments")
    side = models.CharField(max_length=10, choices=_choices(Side))
    words = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="rule_arguments")
    signed_as = models.CharField(max_length=30)
    at = models.DateTimeField()

    class Meta:
        constraints = [_known("side", Side, "argument_side_known")]

    def __str__(self) -> str:
        return f"argument {self.side}"


class HiddenArgument(models.Model):
    """An argument that is read no longer, and the reason, which everybody reads."""

    argument = models.OneToOneField(Argument, on_delete=models.PROTECT, primary_key=True, related_name="hidden")
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="arguments_hidden")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="hidden_argument_has_a_reason")]

    def __str__(self) -> str:
        return f"hidden {self.argument_id}"


class ReplayRecord(models.Model):
    """A proposal replayed on recorded acts: on which version, over which time, and what it showed.

    `base` is empty where no charter was in force. `cedar_sha256` is of the charter's text as it would become. `report` is the
    JSON of `charter.core.replay`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey(RuleProposal, on_delete=models.PROTECT, related_name="replays")
    base = models.ForeignKey(CharterVersion, on_delete=models.PROTECT, null=True, related_name="replays")
    cedar_sha256 = models.CharField(max_length=64)
    since = models.DateTimeField()
    until = models.DateTimeField()
    acts = models.PositiveIntegerField()
    report = models.JSONField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="replays_made")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["proposal", "-at"], name="replay_latest")]

    def __str__(self) -> str:
        return f"replay of {self.proposal_id}"


class VoteRound(models.Model):
    """A vote of the committee on a proposal, open until `closes_at`, on the charter and the replay of its opening."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey(RuleProposal, on_delete=models.PROTECT, related_name="rounds")
    number = models.PositiveIntegerField()
    base = models.ForeignKey(CharterVersion, on_delete=models.PROTECT, null=True, related_name="rounds")
    replay = models.ForeignKey(ReplayRecord, on_delete=models.PROTECT, null=True, related_name="rounds")
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="rounds_opened")
    opened_at = models.DateTimeField()
    closes_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["proposal", "number"], name="round_number_once"),
            models.CheckConstraint(condition=Q(closes_at__gt=F("opened_at")), name="round_closes_after_it_opens"),
        ]

    def __str__(self) -> str:
        return f"vote {self.number}"


class Ballot(models.Model):
    """What a seat last said in a round; `words` explain it, if its holder wished to."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(VoteRound, on_delete=models.PROTECT, related_name="ballots")
    seat = models.ForeignKey(CommitteeSeat, on_delete=models.PROTECT, related_name="ballots")
    value = models.CharField(max_length=10, choices=_choices(BallotValue))
    words = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "seat"], name="ballot_one_a_seat"),
            _known("value", BallotValue, "ballot_value_known"),
        ]

    def __str__(self) -> str:
        return f"ballot of {self.seat_id}"


class Departure(models.Model):
    """Why a decision went another way than the committee's opinion, signed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.OneToOneField(RuleProposal, on_delete=models.PROTECT, related_name="departure")
    opinion = models.CharField(max_length=20, choices=_choices(Opinion))
    decision = models.CharField(max_length=20, choices=_choices(Step))
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="departures")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            _known("opinion", Opinion, "departure_opinion_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="departure_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"departure {self.decision}"


class RuleReview(models.Model):
    """An adopted rule looked at again on its date and kept as it is, until the next."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey(RuleProposal, on_delete=models.PROTECT, related_name="reviews")
    words = models.TextField()
    next_review_on = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="rule_reviews")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"review of {self.proposal_id}"


class ReplayRun(models.Model):
    """A replay that is being computed: how many acts were read, of how many; `failed` is the code of what stopped it."""

    proposal = models.OneToOneField(RuleProposal, on_delete=models.CASCADE, primary_key=True, related_name="run")
    total = models.PositiveIntegerField()
    read = models.PositiveIntegerField(default=0)
    began_at = models.DateTimeField()
    moved_at = models.DateTimeField()
    failed = models.CharField(max_length=60, blank=True)

    def __str__(self) -> str:
        return f"replay running for {self.proposal_id}"
