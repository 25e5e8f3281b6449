"""A charter committee and a charter adopted by it, as tests about anything else need them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from colloque.charter import actions
from colloque.charter.core.proposals import BallotValue, College, OriginKind, ProposalKind
from colloque.charter.models import CharterVersion, RuleProposal
from colloque.charter.queries.in_force import versions_in_force
from colloque.kernel.vocabulary import Role
from colloque.people.models import Account, Establishment
from tests.people.houses import NOW, member

DAY = timedelta(days=1)
SCALES = (
    '@id("no-scales")\n@fr("Pas de balance. On regarde la personne.")\n@en("No scales. We look at the person.")\n'
    '@origin("Atelier de juin")\nforbid (principal, action == Action::"weight", resource);\n'
)


@dataclass(frozen=True)
class Committee:
    """Who sits: a resident, a nurse, a thinker; and who signs."""

    house: Establishment
    director: Account
    resident: Account
    nurse: Account
    thinker: Account

    @property
    def members(self) -> tuple[Account, ...]:
        """Those who vote."""
        return (self.resident, self.nurse, self.thinker)


def committee(house: Establishment, *, at: datetime = NOW - 300 * DAY, director: Account | None = None) -> Committee:
    """Write a committee of three and a director."""
    name = house.slug
    signer = director or member(f"directrice@{name}.example.org", house, Role.DIRECTOR)
    made = Committee(
        house,
        signer,
        member(f"residente@{name}.example.org", house, Role.PATIENT),
        member(f"infirmier@{name}.example.org", house, Role.CARER),
        member(f"philosophe@{name}.example.org", house, Role.ETHICS_MEMBER),
    )
    return seated(made, at)


def seated(made: Committee, at: datetime) -> Committee:
    """The committee, once its director has given the seats."""
    colleges = (College.PATIENTS, College.CARERS, College.OUTSIDE_THINKER)
    for account, college in zip(made.members, colleges, strict=True):
        actions.give_seat(made.house, account, college, by=made.director, at=at)
    return made


def day_of(house: Establishment, at: datetime) -> date:
    """The day in the house."""
    return at.astimezone(ZoneInfo(house.timezone)).date()


def proposed(
    by_committee: Committee, cedar: str, *, kind: ProposalKind = ProposalKind.NEW, at: datetime = NOW, **more: object
) -> RuleProposal:
    """A proposal written by the thinker, unless `by` says otherwise."""
    given = {"purpose": "Ce que nous avons entendu.", "origin": OriginKind.OTHER, "by": by_committee.thinker, **more}
    return actions.propose(by_committee.house, kind=kind, cedar=cedar, at=at, **given)  # type: ignore[arg-type]


def replayed(by_committee: Committee, proposal: RuleProposal, *, at: datetime = NOW) -> None:
    """A replay on an empty past, where there is a charter to replay on."""
    base = versions_in_force(by_committee.house.id, at).first()
    if base is not None:
        actions.record_replay(
            proposal,
            base=base,
            since=at - 365 * DAY,
            until=at,
            acts=0,
            report={"v": 1},
            by=by_committee.nurse,
            at=at,
        )


def voted(by_committee: Committee, proposal: RuleProposal, *values: BallotValue, at: datetime = NOW) -> RuleProposal:
    """A vote opened on a replay, in which the resident, the nurse and the thinker say these values in turn."""
    replayed(by_committee, proposal, at=at)
    actions.open_vote(proposal, closes_at=at + DAY, by=by_committee.nurse, at=at)
    for account, value in zip(by_committee.members, values, strict=False):
        actions.cast_ballot(proposal, value, by=account, at=at)
    proposal.refresh_from_db()
    return proposal


def adopted(
    by_committee: Committee, cedar: str, *, at: datetime = NOW, kind: ProposalKind = ProposalKind.WHOLE, **more: object
) -> CharterVersion:
    """A version, through the whole life of a proposal: written, replayed, voted by all, signed, in force at once."""
    proposal = proposed(by_committee, cedar, kind=kind, at=at, **more)
    voted(by_committee, proposal, *(BallotValue.YES,) * 3, at=at)
    return actions.adopt(
        proposal,
        adopted_from=day_of(by_committee.house, at),
        review_on=day_of(by_committee.house, at) + 365 * DAY,
        by=by_committee.director,
        at=at,
    )
