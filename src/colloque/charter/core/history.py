"""What became of rules from one version to the next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from colloque.charter.core.rules import Rule


class Change(StrEnum):
    """What happened to a rule at a version."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


class Adopted(NamedTuple):
    """A version that applied from `at` on, and its own rules."""

    number: int
    at: datetime
    rules: tuple[Rule, ...]


class Step(NamedTuple):
    """One moment of a rule's life; `rule` is as it stood from then on, or as it stood before where it was removed."""

    change: Change
    number: int
    at: datetime
    rule: Rule


class Changes(NamedTuple):
    """From one set of rules to another; `changed` holds (before, after)."""

    added: tuple[Rule, ...]
    changed: tuple[tuple[Rule, Rule], ...]
    removed: tuple[Rule, ...]

    @property
    def are_none(self) -> bool:
        """Whether both say the same."""
        return not (self.added or self.changed or self.removed)


def timeline(versions: Iterable[tuple[int, datetime]]) -> tuple[int, ...]:
    """Of adopted versions (number, from when), the numbers of those that come to apply, in order.

    At each moment the highest number whose day has come applies; one overtaken before its day never does.
    """
    kept: list[tuple[int, datetime]] = []
    for number, begins in sorted(versions, reverse=True):
        if not kept or begins < kept[-1][1]:
            kept.append((number, begins))
    return tuple(number for number, _ in reversed(kept))


def say_the_same(one: Rule, other: Rule) -> bool:
    """Whether two rules decide and read alike; spacing and comments do not count."""
    return (one.policy, one.words, one.origin) == (other.policy, other.words, other.origin)


def changes(before: Sequence[Rule], after: Sequence[Rule]) -> Changes:
    """What the second set adds, changes and removes."""
    old, new = {rule.id: rule for rule in before}, {rule.id: rule for rule in after}
    return Changes(
        tuple(rule for rule in after if rule.id not in old),
        tuple((old[r.id], r) for r in after if r.id in old and not say_the_same(old[r.id], r)),
        tuple(rule for rule in before if rule.id not in new),
    )


def life(rule_id: str, versions: Sequence[Adopted]) -> tuple[Step, ...]:
    """Each moment at which a rule was added, changed or removed; `versions` from the oldest on."""
    steps: list[Step] = []
    held: Rule | None = None
    for version in versions:
        found = next((rule for rule in version.rules if rule.id == rule_id), None)
        if found is not None and held is None:
            steps.append(Step(Change.ADDED, version.number, version.at, found))
        elif found is not None and held is not None and not say_the_same(held, found):
            steps.append(Step(Change.CHANGED, version.number, version.at, found))
        elif found is None and held is not None:
            steps.append(Step(Change.REMOVED, version.number, version.at, held))
        held = found
    return tuple(steps)


def in_force_since(rule_id: str, versions: Sequence[Adopted]) -> datetime | None:
    """Since when a rule has held without a break, in whatever wording; nothing if the last version has it not."""
    since: datetime | None = None
    for step in life(rule_id, versions):
        if step.change is Change.ADDED:
            since = step.at
        elif step.change is Change.REMOVED:
            since = None
    return since
