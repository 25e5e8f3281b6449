"""Having the map's inner loops compiled before somebody waits for them: some ten seconds the first time, then kept on disk."""

from __future__ import annotations


def warm() -> None:
    """Compile what a living map needs, on votes nobody gave, in the shapes in which the database gives them."""
    import numpy as np

    from colloque.consultations.core.opinion.covotes import LivingVotes
    from colloque.consultations.core.opinion.engine import map_of
    from colloque.consultations.core.opinion.values import MapSettings, VoteTable

    people, statements = (part.ravel().astype(np.int32) for part in np.mgrid[0:40, 0:12])
    values = ((people * statements + people % 3) % 3 - 1).astype(np.int8)
    votes = LivingVotes(VoteTable.from_votes(people, statements, values))
    settings = MapSettings(least_group=5)
    before, placed = map_of(votes.source(1), (), settings, threads=1)
    votes.take([(1, 2, 1), (1, 2, -1), (90, 3, 0), (90, 40, 1)])
    map_of(votes.source(1), (), settings, before, placed, threads=1)
