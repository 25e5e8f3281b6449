"""Whether a proposal weighs far more on one group than on everybody else, beyond what chance would do.

The weight is a rate of acts. The acts of one person are no independent witnesses, so chance is judged on people: the
difference of the two rates against its standard error, the person being the cluster (W. G. Cochran, Sampling Techniques,
1977, chapter 9A: ratio estimates from clusters). With few people, or no spread at all, it is judged on how many people are
touched at all (Fisher's exact test, upper tail). The probability is multiplied by the number of groups looked at (Bonferroni).
"""

from __future__ import annotations

from math import erfc, exp, lgamma, sqrt

import msgspec

LEAST_RATIO = 2.0
LEAST_DIFFERENCE = 0.01
LARGEST_P = 0.01
LEAST_PEOPLE = 5
MANY_PEOPLE = 30


class Weight(msgspec.Struct, frozen=True):
    """A group against everybody else. `acts` and `touched` count acts; `people` and `people_touched` persons.

    `spread` is the variance of the rate, each person's acts being one cluster.
    """

    acts: int
    touched: int
    people: int
    people_touched: int
    other_acts: int
    other_touched: int
    other_people: int
    other_people_touched: int
    spread: float = 0.0
    other_spread: float = 0.0

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
    term = exp(_log_choose(marked, first) + _log_choose(whole - marked, drawn - first) - _log_choose(whole, drawn))
    if term == 0.0 and first * whole < drawn * marked:
        return 1.0
    total, k = term, first
    while k < last and term > total * 1e-17:
        term *= (marked - k) * (drawn - k) / ((k + 1) * (whole - marked - drawn + k + 1))
        total, k = total + term, k + 1
    return min(1.0, total)


def weighs_more(acts: int, touched: int, other_acts: int, other_touched: int) -> bool:
    """Whether the difference is large enough to matter, chance aside: twice the rate at least, and one act in a hundred."""
    if not acts or not other_acts or not touched:
        return False
    rate, other = touched / acts, other_touched / other_acts
    return rate >= LEAST_RATIO * other and rate - other >= LEAST_DIFFERENCE


def chance(weight: Weight, groups: int) -> float:
    """How likely chance alone would weigh so much on this group, given that so many groups were looked at; at most 1."""
    standard_error = sqrt(weight.spread + weight.other_spread)
    if min(weight.people, weight.other_people) >= MANY_PEOPLE and standard_error:
        return min(1.0, groups * erfc((weight.rate - weight.other_rate) / standard_error / sqrt(2)) / 2)
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
