"""A proposal made, argued about, and replayed on what really happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext

from colloque.charter.access import MODERATING_ROLES, require_may_prepare, require_member, seat_of
from colloque.charter.actions.texts import check_against, digest, one_rule, plain_text, text_with
from colloque.charter.core.constitution import establishment_rules
from colloque.charter.core.proposals import OriginKind, ProposalKind, ProposalState, Side, Step, after
from colloque.charter.models import Argument, CharterVersion, HiddenArgument, ReplayRecord, ReplayRun, RuleProposal
from colloque.charter.queries.in_force import versions_in_force
from colloque.consultations.actions.closing import note_became
from colloque.consultations.core.state import BecameKind
from colloque.kernel.errors import ConflictError, InvalidInputError
from colloque.kernel.vocabulary import Role
from colloque.ledger.actions import record
from colloque.people.access import current_memberships, require_role
from colloque.people.models import Account, Establishment

LONGEST_WORDS = 3_000


@transaction.atomic
def propose(
    establishment: Establishment,
    *,
    kind: ProposalKind,
    purpose: str,
    origin: OriginKind,
    by: Account,
    at: datetime,
    cedar: str = "",
    rule_id: str = "",
    preamble: str = "",
    origin_words: Mapping[str, str] | None = None,
    statement: UUID | None = None,
    co_authors: Sequence[Account] = (),
) -> RuleProposal:
    """A proposal, open to discussion at once and to everybody's eyes. By the committee, or those who prepare its work.

    `cedar` is one rule with its words and origin, or all the rules of a `whole` charter, whose opening words are `preamble`;
    `rule_id` names the rule to repeal; `purpose` says why. `origin_words` by language; by default those of the rule.
    Raises `NotFoundError` for anybody else, `InvalidCharterError` with what to correct and where, `InvalidInputError` for words
    missing or a rule that would lift the constitution, `ConflictError` where the charter in force has not the rule to change,
    has the one to add, or says the same already.
    """
    require_may_prepare(by, establishment, at)
    text, base = plain_text(cedar), versions_in_force(establishment.id, at).first()
    why = _words(purpose, "purpose", gettext("Dites pourquoi vous proposez cela."))
    words, where_from = _told(kind, text, rule_id, preamble, base)
    if kind in (ProposalKind.NEW, ProposalKind.CHANGE):
        rule_id = one_rule(text).id
    check_against(base, kind, rule_id, text)
    told = dict(origin_words or where_from)
    proposal = RuleProposal.objects.create(
        establishment=establishment,
        kind=kind,
        rule_id="" if kind is ProposalKind.WHOLE else rule_id,
        cedar=text,
        words_fr=words["fr"],
        words_en=words["en"],
        purpose=why,
        origin_kind=origin,
        origin_fr=told.get("fr", ""),
        origin_en=told.get("en", told.get("fr", "")),
        statement=statement,
        proposed_by=by,
        proposed_at=at,
    )
    proposal.authors.set([by, *co_authors])
    record_step(
        "rule.proposed",
        proposal,
        by,
        {
            "kind": kind.value,
            "rule": proposal.rule_id,
            "cedar_sha256": digest(text),
            "origin": origin.value,
            "statement": str(statement) if statement else None,
            "authors": sorted(str(author.id) for author in {by, *co_authors}),
        },
    )
    if statement is not None:
        note_became(establishment, statement, BecameKind.CHARTER_PROPOSAL, proposal.id, by=by, at=at)
    return proposal


def _told(
    kind: ProposalKind, text: str, rule_id: str, preamble: str, base: CharterVersion | None
) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The words and the origin a proposal carries: its rule's, the repealed rule's, or the charter's opening words."""
    if kind is ProposalKind.WHOLE:
        return {"fr": preamble.strip(), "en": preamble.strip()}, {"fr": "", "en": ""}
    if kind is not ProposalKind.REPEAL:
        rule = one_rule(text)
        return rule.words, rule.origin
    held = establishment_rules(base.cedar)[0] if base is not None else ()
    found = next((rule for rule in held if rule.id == rule_id), None)
    return (found.words, {"fr": "", "en": ""}) if found is not None else ({"fr": "", "en": ""}, {"fr": "", "en": ""})


def _words(words: str, path: str, missing: str) -> str:
    text = words.strip()
    if not text:
        raise InvalidInputError(missing, code="words-missing", path=path)
    if len(text) > LONGEST_WORDS:
        raise InvalidInputError(
            gettext("Ce texte est trop long : au plus %(most)d signes.") % {"most": LONGEST_WORDS},
            code="words-too-long",
            path=path,
        )
    return text


@transaction.atomic
def argue(proposal: RuleProposal, side: Side, words: str, *, by: Account, at: datetime) -> Argument:
    """An argument for or against, signed by anybody of the house; it never changes afterwards.

    Raises `NotFoundError` for whoever is not of the house, `InvalidInputError` without words, `ConflictError` once decided.
    """
    require_member(by, proposal.establishment, at)
    held = held_for(proposal, Step.ARGUE)
    text = _words(words, "words", gettext("Écrivez votre argument."))
    argument = Argument.objects.create(
        proposal=held, side=side, words=text, by=by, signed_as=_signed_as(by, proposal.establishment, at), at=at
    )
    record_step(
        "rule.argued", held, by, {"argument": str(argument.id), "side": side.value, "words_sha256": digest(text)}
    )
    return argument


@transaction.atomic
def hide_argument(argument: Argument, reason: str, *, by: Account, at: datetime) -> HiddenArgument:
    """Hide an argument from everybody; that it was there, on which side, and why it is hidden stays public.

    By a facilitator or a member of the ethics committee. Raises `NotFoundError` for anybody else, `InvalidInputError` without a
    reason, `ConflictError` where it is hidden already.
    """
    proposal = argument.proposal
    require_role(by, proposal.establishment, *MODERATING_ROLES, at=at)
    why = _words(reason, "reason", gettext("Dites pourquoi : tout le monde pourra le lire."))
    RuleProposal.objects.select_for_update().get(pk=proposal.pk)
    if HiddenArgument.objects.filter(argument=argument).exists():
        raise ConflictError(gettext("Cet argument est déjà masqué."), code="argument-hidden")
    hidden = HiddenArgument.objects.create(argument=argument, reason=why, by=by, at=at)
    record_step("rule.argument-hidden", proposal, by, {"argument": str(argument.id), "reason_sha256": digest(why)})
    return hidden


def _signed_as(by: Account, establishment: Establishment, at: datetime) -> str:
    """The college somebody sits for, else the first of their roles, as a word of the vocabulary."""
    seat = seat_of(by, establishment, at)
    if seat is not None:
        return seat.college
    held = set(current_memberships(at).filter(account=by, establishment=establishment).values_list("role", flat=True))
    return next((role.value for role in Role if role.value in held), "")


@transaction.atomic
def record_replay(
    proposal: RuleProposal,
    *,
    base: CharterVersion | None,
    since: datetime,
    until: datetime,
    acts: int,
    report: Mapping[str, Any],
    by: Account,
    at: datetime,
) -> ReplayRecord:
    """Keep what a replay of a proposal on recorded acts showed; `report` is JSON, without a person's identity.

    Raises `NotFoundError` for whoever may not prepare a rule, `ConflictError` once decided, or where `base` is no longer the
    charter in force: what was replayed is no longer what would happen.
    """
    require_may_prepare(by, proposal.establishment, at)
    held = held_for(proposal, Step.SIMULATE)
    current = versions_in_force(held.establishment_id, at).first()
    if (base.pk if base else None) != (current.pk if current else None):
        raise ConflictError(
            gettext("La charte a changé pendant le calcul. Rejouez la proposition sur la charte d’aujourd’hui."),
            code="charter-changed",
        )
    text = text_with(held, current)
    replay = ReplayRecord.objects.create(
        proposal=held,
        base=current,
        cedar_sha256=digest(text),
        since=since,
        until=until,
        acts=acts,
        report=report,
        by=by,
        at=at,
    )
    record_step(
        "rule.simulated",
        held,
        by,
        {
            "replay": str(replay.id),
            "on_version": current.number if current else 0,
            "cedar_sha256": replay.cedar_sha256,
            "acts": acts,
            "since": since.isoformat(),
            "until": until.isoformat(),
        },
    )
    return replay


STALLED_AFTER = timedelta(minutes=5)
"""A run that has not moved for so long was lost with its process; another may begin."""


MOST_RUNNING = 2
"""Replays that one house computes at the same time."""
MOST_A_DAY = 12
"""Proposals that one author may have replayed in a house within a day: see `docs/adr/0016-replay.md` on differencing."""


@transaction.atomic
def begin_run(proposal: RuleProposal, *, total: int, by: Account, at: datetime) -> bool:
    """Note that a replay is being computed; false where one already is.

    Raises `NotFoundError` for whoever may not prepare a rule, `ConflictError` once decided, while the house computes as many as
    it may, or where the author has had as many proposals replayed within a day as one may.
    """
    require_may_prepare(by, proposal.establishment, at)
    Establishment.objects.select_for_update().get(pk=proposal.establishment_id)
    held = held_for(proposal, Step.SIMULATE)
    running = ReplayRun.objects.filter(proposal=held, failed="", moved_at__gt=at - STALLED_AFTER)
    if running.exists():
        return False
    _check_not_too_many(held, by, at)
    ReplayRun.objects.update_or_create(
        proposal=held, defaults={"total": total, "read": 0, "began_at": at, "moved_at": at, "failed": ""}
    )
    return True


def _check_not_too_many(held: RuleProposal, by: Account, at: datetime) -> None:
    house = {"proposal__establishment": held.establishment_id}
    if ReplayRun.objects.filter(failed="", moved_at__gt=at - STALLED_AFTER, **house).count() >= MOST_RUNNING:
        raise ConflictError(
            gettext("D’autres propositions sont en train d’être rejouées ici. Attendez que l’une soit finie."),
            code="replays-running",
        )
    earlier = ReplayRecord.objects.filter(by=by, at__gt=at - timedelta(days=1), **house).exclude(proposal=held)
    if earlier.values("proposal").distinct().count() >= MOST_A_DAY:
        raise ConflictError(
            gettext(
                "Vous avez rejoué beaucoup de propositions aujourd’hui. En les comparant, on pourrait deviner des personnes. "
                "Revenez demain, ou demandez à quelqu’un d’autre du comité."
            ),
            code="replays-enough",
        )


def move_run(proposal: RuleProposal, read: int, at: datetime) -> None:
    """Note how far a replay has come."""
    ReplayRun.objects.filter(proposal=proposal).update(read=read, moved_at=at)


def end_run(proposal: RuleProposal, failed: str = "") -> None:
    """Note that a replay has ended, well or with the code of what stopped it."""
    runs = ReplayRun.objects.filter(proposal=proposal)
    if failed:
        runs.update(failed=failed)
    else:
        runs.delete()


def held_for(proposal: RuleProposal, step: Step) -> RuleProposal:
    """The proposal as it is now, held against any other change, for a step that can be taken. Raises `ConflictError`."""
    held = RuleProposal.objects.select_for_update(of=("self",)).select_related("establishment").get(pk=proposal.pk)
    if after(ProposalState(held.state), step) is None:
        told = {
            ProposalState.ADOPTED: gettext("Cette proposition est déjà adoptée."),
            ProposalState.DECLINED: gettext("Cette proposition a été écartée. Pour y revenir, proposez-la de nouveau."),
            ProposalState.WITHDRAWN: gettext("Cette proposition a été retirée par ses auteurs."),
            ProposalState.DISCUSSED: gettext("Cette proposition n’a pas encore été mise aux voix."),
            ProposalState.VOTING: gettext("Cette proposition est aux voix."),
        }
        raise ConflictError(told[ProposalState(held.state)], code=f"proposal-{held.state}")
    return held


def record_step(kind: str, proposal: RuleProposal, by: Account, payload: Mapping[str, Any]) -> None:
    """One entry of the ledger about a proposal, with the rule it speaks of."""
    record(
        kind,
        subject=proposal.establishment_id,
        payload={"proposal": str(proposal.id), "by": str(by.id), **payload},
        rules=[proposal.rule_id] if proposal.rule_id else [],
    )
