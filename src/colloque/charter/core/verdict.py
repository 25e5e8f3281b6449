"""What the charter says of one act, and why."""

from __future__ import annotations

import msgspec

from colloque.kernel.vocabulary import Requirement, VerdictKind


class Verdict(msgspec.Struct, frozen=True, omit_defaults=True):
    """`rules` are the ids of the rules that decided; `errors` make any verdict a refusal.

    `asks` is empty unless `kind` is `asks`; its order is the order in which people are asked.
    """

    kind: VerdictKind
    rules: tuple[str, ...]
    charter: int
    asks: tuple[Requirement, ...] = ()
    errors: tuple[str, ...] = ()
    v: int = 1

    @property
    def is_permitted(self) -> bool:
        """Whether the AI may be called now."""
        return self.kind is VerdictKind.PERMITTED
