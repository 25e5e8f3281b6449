"""Whether a proposal weighs far more on one group than on everybody else, beyond what chance would do.

The weight is a rate of acts. Chance is judged on people, because the acts of one person are no independent witnesses: among
the people touched, how likely would so many belong to the group if who is touched did not depend on it (hypergeometric upper
tail, that is Fisher's exact test), multiplied by the number of groups looked at (Bonferroni).
"""

from __future__ import annotations

from math import exp, lgamma, log

import msgspec

LEAST_RATIO = 2.0
LEAST_DIFFERENCE = 0.01
LARGEST_P = 0.01
LEAST_PEOPLE = 5


class Weight(msgspec.Struct, frozen=True):
    """A group against everybody else. `acts` and `touched` count acts; `people` and `people_touched` persons."""

    acts: int
    touched: int
    people: int
    people_touched: int
    other_acts: int
    other_touched: int
    other_people: int
    other_people_touched: int

    @property
    def rate(self) -> float:
        """The share of the group's acts that are touched."""
        return self.touched / self.acts if self.acts else 0.0

    @property
    def other_rate(self) -> float:
        """The share of all other acts that are touched."""
        return self.other_touched / self.other_acts if self.other_acts else 0.0

    @property
    def ratio(self) -> float | None:
        """How many times the rate of the others; `None` where none of the others is touched."""
        return self.rate / self.other_rate if self.other_touched else None


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def upper_tail(hits: int, drawn: int, marked: int, whole: int) -> float:
    """The probability of at least `hits` marked among `drawn` taken at random from `whole`, of which `marked` are marked."""
    first, last = max(hits, drawn + marked - whole), min(drawn, marked)
    if first > last:
        return 0.0
    if hits <= max(0, drawn + marked - whole):
        return 1.0
    base = _log_choose(whole, drawn)
    logs = [_log_choose(marked, k) + _log_choose(whole - marked, drawn - k) - base for k in range(first, last + 1)]
    top = max(logs)
    return min(1.0, exp(top + log(sum(exp(value - top) for value in logs))))


def weighs_more(acts: int, touched: int, other_acts: int, other_touched: int) -> bool:
    """Whether the difference is large enough to matter, chance aside: twice the rate at least, and one act in a hundred."""
    if not acts or not other_acts or not touched:
        return False
    rate, other = touched / acts, other_touched / other_acts
    return rate >= LEAST_RATIO * other and rate - other >= LEAST_DIFFERENCE


def chance(weight: Weight, groups: int) -> float:
    """How likely chance alone would weigh so much on this group, given that so many groups were looked at; at most 1."""
    people = weight.people + weight.other_people
    touched = weight.people_touched + weight.other_people_touched
    return min(1.0, groups * upper_tail(weight.people_touched, weight.people, touched, people))


def is_finding(weight: Weight, groups: int) -> bool:
    """Whether the difference matters and is not one that chance would make."""
    return (
        weight.people_touched >= LEAST_PEOPLE
        and weighs_more(weight.acts, weight.touched, weight.other_acts, weight.other_touched)
        and chance(weight, groups) <= LARGEST_P
    )
