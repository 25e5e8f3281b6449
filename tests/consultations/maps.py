"""Opinion maps made by hand for tests of what is drawn and said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from colloque.consultations.core.opinion.values import Consensus, Counts, Group, OpinionMap, StatementOnMap


def counts(agree: int, disagree: int, passed: int = 0) -> Counts:
    """Votes of one group on one statement, with bounds that say nothing."""
    return Counts(
        agree=agree,
        disagree=disagree,
        passed=passed,
        seen=agree + disagree + passed,
        agree_low=0.0,
        agree_high=1.0,
        disagree_low=0.0,
        disagree_high=1.0,
    )


def a_map(
    sizes: Sequence[int], votes: Mapping[int, Sequence[tuple[int, int, int]]], *, off_map: int = 0, off_votes: int = 0
) -> OpinionMap:
    """A map with groups of these sizes and, by statement, each group's (agree, disagree, pass); off the map all agree."""
    statements = []
    for number, by_group in votes.items():
        told = tuple(counts(*row) for row in by_group)
        agree, disagree, passed = (sum(row[place] for row in by_group) for place in range(3))
        means = [(row[0] - row[1]) / max(1, sum(row)) for row in by_group]
        statements.append(
            StatementOnMap(
                number=number,
                is_moderated_out=False,
                is_meta=False,
                agree=agree + off_votes,
                disagree=disagree,
                passed=passed,
                seen=agree + disagree + passed + off_votes,
                extremity=0.0,
                consensus_agree=min((row.agree / max(1, row.seen) for row in told), default=0.0),
                consensus_disagree=min((row.disagree / max(1, row.seen) for row in told), default=0.0),
                divisiveness=(max(means) - min(means)) / 2 if means else 0.0,
                priority=1.0,
                place=(0.0, 0.0),
                by_group=told,
            )
        )
    nothing = (0.0,) * len(statements)
    return OpinionMap(
        seed=1,
        people=sum(sizes) + off_map,
        people_on_map=sum(sizes),
        votes=sum(one.seen for one in statements),
        centre=nothing,
        axes=(nothing, nothing),
        variance_explained=(0.5, 0.2),
        k=len(sizes),
        k_trials=(),
        groups=tuple(
            Group(
                label="ABCDEFGHIJKLMNOPQRST"[place],
                size=size,
                centre=(float(place), 0.0),
                hull=(),
                is_small=size < 5,
                stability=1.0,
                representative=(),
            )
            for place, size in enumerate(sizes)
        ),
        minorities=(),
        statements=tuple(statements),
        consensus=Consensus(),
    )
