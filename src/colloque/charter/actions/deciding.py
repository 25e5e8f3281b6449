"""What follows a vote: adoption from a day on, declining, and later the review; or the authors withdraw before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Max
from django.utils.formats import date_format
from django.utils.translation import gettext

from colloque.charter.access import DECIDING_ROLES
from colloque.charter.actions.proposing import LONGEST_WORDS, held_for, record_step
from colloque.charter.actions.texts import digest, text_with
from colloque.charter.actions.voting import charter_changed, tally_of
from colloque.charter.core.constitution import establishment_rules
from colloque.charter.core.history import say_the_same
from colloque.charter.core.proposals import (
    ProposalKind,
    ProposalState,
    Step,
    Tally,
    departs,
    may_be_adopted,
    may_sign,
)
from colloque.charter.core.rules import Rule
from colloque.charter.models import CharterVersion, Departure, RuleProposal, RuleReview, VoteRound
from colloque.charter.queries.in_force import begins, scheduled_versions, versions_in_force
from colloque.kernel.errors import ConflictError, InvalidInputError, NotAllowedError
from colloque.people.access import nothing_here, require_role
from colloque.people.models import Account, Establishment


@transaction.atomic
def adopt(
    proposal: RuleProposal, *, adopted_from: date, review_on: date, by: Account, at: datetime, reason: str = ""
) -> CharterVersion:
    """The version a proposal makes, in force from the beginning of a day in the house; from now on where that is today.

    Signed by the director or the administrator, after the committee's vote; `reason` says why where its opinion was not
    favourable. Versions already decided for a later day carry the change too. Raises `NotFoundError` for anybody else,
    `NotAllowedError` for an author, `InvalidInputError` for dates or a missing reason, `InvalidCharterError` where the software
    has since come to refuse the text, and `ConflictError`: while the vote runs, without a quorum, where the charter has changed
    since the vote, where a version decided for a later day says otherwise, or once decided.
    """
    require_role(by, proposal.establishment, *DECIDING_ROLES, at=at)
    house = Establishment.objects.select_for_update().get(pk=proposal.establishment_id)
    held, vote, counted = _voted(proposal, Step.ADOPT, at)
    if not may_sign(by.id, set(held.authors.values_list("id", flat=True))):
        raise NotAllowedError(
            gettext("Vous avez écrit cette proposition. Une autre personne doit en signer l’adoption."), code="own-rule"
        )
    if not may_be_adopted(counted.opinion):
        raise ConflictError(
            gettext("Le quorum n’est pas atteint : sans l’avis du comité, rien ne s’adopte. Rouvrez le vote."),
            code="no-quorum",
        )
    base = versions_in_force(house.id, at).first()
    if vote.base_id != (base.pk if base else None):
        raise charter_changed()
    why = _reason(Step.ADOPT, counted, reason)
    applies_from = _applies_from(house, adopted_from, review_on, at)
    later = scheduled_versions(house.id, at)
    _check_later(held, base, later, applies_from or at)
    version = _new_version(held, text_with(held, base), base, applies_from, by, at)
    for scheduled in later:
        _carry_into(held, scheduled, by, at)
    held.state = ProposalState.ADOPTED
    held.version, held.decided_by, held.decided_at = version, by, at
    held.adopted_from, held.review_on = adopted_from, review_on
    held.save(update_fields=["state", "version", "decided_by", "decided_at", "adopted_from", "review_on"])
    _note_departure(held, Step.ADOPT, counted, why, by, at)
    record_step(
        "rule.adopted",
        held,
        by,
        {
            "version": version.number,
            "from": adopted_from.isoformat(),
            "review_on": review_on.isoformat(),
            **_votes(vote, counted),
            "departs": bool(why),
        },
    )
    return version


@transaction.atomic
def decline(proposal: RuleProposal, *, by: Account, at: datetime, reason: str = "") -> RuleProposal:
    """End a proposal without adopting it, after the vote; `reason` says why where the committee was not against it.

    Raises as `adopt`, except that an author may sign it.
    """
    require_role(by, proposal.establishment, *DECIDING_ROLES, at=at)
    Establishment.objects.select_for_update().get(pk=proposal.establishment_id)
    held, vote, counted = _voted(proposal, Step.DECLINE, at)
    why = _reason(Step.DECLINE, counted, reason)
    held.state, held.decided_by, held.decided_at = ProposalState.DECLINED, by, at
    held.save(update_fields=["state", "decided_by", "decided_at"])
    _note_departure(held, Step.DECLINE, counted, why, by, at)
    record_step("rule.declined", held, by, {**_votes(vote, counted), "departs": bool(why)})
    return held


@transaction.atomic
def withdraw(proposal: RuleProposal, *, by: Account, at: datetime) -> RuleProposal:
    """Take a proposal back, by one of its authors, as long as nothing is decided. Raises `NotFoundError`, `ConflictError`."""
    if not proposal.authors.filter(pk=by.pk).exists():
        raise nothing_here()
    held = held_for(proposal, Step.WITHDRAW)
    held.state, held.decided_by, held.decided_at = ProposalState.WITHDRAWN, by, at
    held.save(update_fields=["state", "decided_by", "decided_at"])
    record_step("rule.withdrawn", held, by, {})
    return held


@transaction.atomic
def review(proposal: RuleProposal, words: str, *, next_review_on: date, by: Account, at: datetime) -> RuleReview:
    """Note that an adopted rule was looked at again and stays as it is, until the next review. By the director.

    To change it or take it away, propose it. Raises `NotFoundError`, `InvalidInputError` without words or for a date gone by,
    `ConflictError` for a proposal that was not adopted.
    """
    require_role(by, proposal.establishment, *DECIDING_ROLES, at=at)
    held = RuleProposal.objects.select_for_update(of=("self",)).select_related("establishment").get(pk=proposal.pk)
    if held.state != ProposalState.ADOPTED:
        raise ConflictError(gettext("Seule une règle adoptée se revoit."), code="not-adopted")
    text = _written(words)
    if not text:
        raise InvalidInputError(gettext("Dites ce que la revue a montré."), code="words-missing", path="words")
    if next_review_on <= _today(held.establishment, at):
        raise InvalidInputError(
            gettext("La prochaine revue doit être plus tard qu’aujourd’hui."), code="dates", path="next_review_on"
        )
    row = RuleReview.objects.create(proposal=held, words=text, next_review_on=next_review_on, by=by, at=at)
    held.review_on = next_review_on
    held.save(update_fields=["review_on"])
    record_step("rule.reviewed", held, by, {"next": next_review_on.isoformat(), "words_sha256": digest(text)})
    return row


def _voted(proposal: RuleProposal, step: Step, at: datetime) -> tuple[RuleProposal, VoteRound, Tally]:
    held = held_for(proposal, step)
    vote = held.rounds.select_related("base").order_by("-number")[0]
    counted = tally_of(vote, held)
    if at < vote.closes_at and counted.cast < counted.seats:
        raise ConflictError(gettext("Le vote est encore ouvert. Attendez sa fin pour décider."), code="vote-open")
    return held, vote, counted


def _written(words: str) -> str:
    text = words.strip()
    if len(text) > LONGEST_WORDS:
        raise InvalidInputError(
            gettext("Ce texte est trop long : au plus %(most)d signes.") % {"most": LONGEST_WORDS},
            code="words-too-long",
            path="words",
        )
    return text


def _reason(step: Step, counted: Tally, reason: str) -> str:
    """The reason where the decision departs from the opinion, else nothing."""
    if not departs(step, counted.opinion):
        return ""
    why = _written(reason)
    if not why:
        raise InvalidInputError(
            gettext(
                "Vous ne suivez pas l’avis du comité : dites pourquoi. Votre raison sera publiée, avec votre fonction."
            ),
            code="reason-missing",
            path="reason",
        )
    return why


def _today(house: Establishment, at: datetime) -> date:
    return at.astimezone(ZoneInfo(house.timezone)).date()


def _applies_from(house: Establishment, adopted_from: date, review_on: date, at: datetime) -> datetime | None:
    today = _today(house, at)
    if adopted_from < today:
        raise InvalidInputError(
            gettext("Une règle ne s’applique pas au passé. Choisissez aujourd’hui ou une date à venir."),
            code="dates",
            path="adopted_from",
        )
    if review_on <= adopted_from:
        raise InvalidInputError(
            gettext("La revue doit venir après la date d’application."), code="dates", path="review_on"
        )
    return None if adopted_from == today else datetime.combine(adopted_from, time(), ZoneInfo(house.timezone))


def _check_later(
    proposal: RuleProposal, base: CharterVersion | None, later: Sequence[CharterVersion], begin: datetime
) -> None:
    if not later:
        return
    first = date_format(begins(later[0]), "DATE_FORMAT")
    if proposal.kind == ProposalKind.WHOLE or begin >= begins(later[0]):
        raise ConflictError(
            gettext(
                "Une version déjà décidée s’appliquera le %(date)s. Choisissez une date avant elle, ou attendez pour revoter."
            )
            % {"date": first},
            code="version-scheduled",
            path="adopted_from",
        )
    held = _rule_in(base, proposal.rule_id)
    for version in later:
        other = _rule_in(version, proposal.rule_id)
        if (held is None) is not (other is None) or (held and other and not say_the_same(held, other)):
            raise ConflictError(
                gettext("La règle « %(rule)s » change déjà le %(date)s. Attendez cette date, puis rejouez et votez.")
                % {"rule": proposal.rule_id, "date": date_format(begins(version), "DATE_FORMAT")},
                code="rule-scheduled",
            )


def _rule_in(version: CharterVersion | None, rule_id: str) -> Rule | None:
    rules = establishment_rules(version.cedar)[0] if version is not None else ()
    return next((rule for rule in rules if rule.id == rule_id), None)


def _carry_into(proposal: RuleProposal, scheduled: CharterVersion, by: Account, at: datetime) -> None:
    _new_version(proposal, text_with(proposal, scheduled), scheduled, scheduled.applies_from, by, at)


def _new_version(
    proposal: RuleProposal,
    cedar: str,
    base: CharterVersion | None,
    applies_from: datetime | None,
    by: Account,
    at: datetime,
) -> CharterVersion:
    last = (
        CharterVersion.objects.filter(establishment=proposal.establishment).aggregate(last=Max("number"))["last"] or 0
    )
    preamble = proposal.words_fr if proposal.kind == ProposalKind.WHOLE else (base.preamble if base else "")
    version = CharterVersion.objects.create(
        establishment=proposal.establishment,
        number=last + 1,
        cedar=cedar,
        preamble=preamble,
        proposed_by=proposal.proposed_by,
        proposed_at=proposal.proposed_at,
        adopted_by=by,
        adopted_at=at,
        applies_from=applies_from,
    )
    record_step(
        "charter.adopted",
        proposal,
        by,
        {
            "version": str(version.id),
            "number": version.number,
            "cedar_sha256": digest(cedar),
            "applies_from": applies_from.isoformat() if applies_from else None,
        },
    )
    return version


def _note_departure(proposal: RuleProposal, step: Step, counted: Tally, reason: str, by: Account, at: datetime) -> None:
    if not reason:
        return
    departure = Departure.objects.create(
        proposal=proposal, opinion=counted.opinion, decision=step, reason=reason, by=by, at=at
    )
    record_step(
        "rule.departed",
        proposal,
        by,
        {
            "departure": str(departure.id),
            "opinion": counted.opinion.value,
            "decision": step.value,
            "reason_sha256": digest(reason),
        },
    )


def _votes(vote: VoteRound, counted: Tally) -> dict[str, object]:
    return {
        "round": str(vote.id),
        "opinion": counted.opinion.value,
        "yes": counted.yes,
        "no": counted.no,
        "abstain": counted.abstain,
        "seats": counted.seats,
    }
