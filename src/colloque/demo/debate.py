"""The contested rule on age, proposed in two forms in each house: argued on both sides, replayed, and not adopted."""

from __future__ import annotations

from datetime import datetime, timedelta

from colloque.acts.actions import replay_proposal
from colloque.charter import actions as charter
from colloque.charter.core.constitution import packaged
from colloque.charter.core.proposals import BallotValue, OriginKind, ProposalKind, Side
from colloque.charter.core.source import statements
from colloque.charter.models import RuleProposal
from colloque.demo.houses import World
from colloque.demo.story import COMMITTEES, HOSPITAL

REFUSAL, OPT_IN = "over-55-closed", "over-55-asks-yes"

PURPOSES = {
    REFUSAL: "Le groupe de travail l’a demandé : à partir d’un âge, des humains seulement. Voyons d’abord qui cela toucherait.",
    OPT_IN: "Une autre façon de prendre soin des plus âgés : ne rien supposer, et demander à chacun.",
}
ARGUMENTS: dict[str, tuple[tuple[Side, str, str], ...]] = {
    REFUSAL: (
        (
            Side.FOR,
            "patients",
            "À mon âge, je veux quelqu’un en face de moi. Une machine, on ne sait pas à qui elle répond.",
        ),
        (Side.FOR, "ethics-member", "Une règle simple protège ceux qui n’osent pas dire non."),
        (Side.AGAINST, "carers", "Presque tous ceux qu’elle arrête avaient dit oui. On leur retire leur choix."),
        (
            Side.AGAINST,
            "ethics-member",
            "Un âge ne dit rien d’une personne. Écarter quelqu’un pour son âge est une discrimination.",
        ),
    ),
    OPT_IN: (
        (Side.FOR, "patients", "On me demande, je réponds. C’est tout ce que je veux."),
        (Side.FOR, "carers", "Poser la question ouvre la conversation. Elle ne ferme rien à ceux qui veulent."),
        (Side.AGAINST, "carers", "Une question de plus à chaque fois, auprès de gens déjà fatigués."),
        (Side.AGAINST, "facilitator", "Pourquoi demander aux plus de 55 ans, et pas à tout le monde ?"),
    ),
}


def debate_the_rule_on_age(world: World, now: datetime) -> None:
    """Both forms in both houses; the hospital's committee has begun to vote on the second."""
    for slug in world.houses:
        for number, rule in enumerate((REFUSAL, OPT_IN)):
            _debate(world, slug, rule, now - timedelta(days=11 - number))
    opt_in = RuleProposal.objects.get(establishment=world.houses[HOSPITAL], rule_id=OPT_IN)
    opened = now - timedelta(days=3)
    charter.open_vote(opt_in, closes_at=now + timedelta(days=4), by=world.accounts["facilitator"], at=opened)
    charter.cast_ballot(opt_in, BallotValue.YES, by=world.accounts["trusted-person"], at=opened + timedelta(hours=4))


def _debate(world: World, slug: str, rule: str, at: datetime) -> None:
    author = world.accounts["facilitator" if rule == REFUSAL else "ethics-member"]
    proposal = charter.propose(
        world.houses[slug],
        kind=ProposalKind.NEW,
        cedar=cedar_of(rule),
        purpose=PURPOSES[rule],
        origin=OriginKind.ETHICS_OPINION,
        by=author,
        at=at,
    )
    seats: dict[str, list[str]] = {}
    for entry, college in COMMITTEES[slug]:
        seats.setdefault(college, []).append(entry)
    for number, (side, who, words) in enumerate(ARGUMENTS[rule]):
        entry = seats[who][number % len(seats[who])] if who in seats else who
        charter.argue(proposal, side, words, by=world.accounts[entry], at=at + timedelta(days=1 + number, hours=number))
    replay_proposal(proposal, by=author, at=at + timedelta(days=6))


def cedar_of(rule: str) -> str:
    """One of the rules that ship to be debated."""
    return next(one.text for one in statements(packaged("options")) if f'@id("{rule}")' in one.text)
