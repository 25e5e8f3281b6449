"""What awaits a carer: decisions that are theirs, acts that ask something of them, acts nobody answers for any more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from django.db.models import Exists, OuterRef

from colloque.acts.access import WITH_ITS_PLACE, acts_seen_by, carer_memberships
from colloque.acts.core.state import ActState
from colloque.acts.models import Act
from colloque.charter.core.facts import Facts
from colloque.charter.core.verdict import Verdict
from colloque.kernel.vocabulary import ActKind, Requirement, Role
from colloque.patients.queries import names_of
from colloque.people.access import current_memberships
from colloque.people.models import Account

MOST_LINES = 200


@dataclass(frozen=True)
class WorkLine:
    """One act that waits. `step` is what is asked first, empty once the AI has answered; `owner` names who it belongs to."""

    id: UUID
    person: str
    act_kind: ActKind
    service: str
    state: ActState
    since: datetime
    step: Requirement | None = None
    owner: str = ""


@dataclass(frozen=True)
class Work:
    """What awaits an account, the oldest first. `adrift` are acts of its units whose owner is no carer there any more."""

    open: tuple[WorkLine, ...]
    asking: tuple[WorkLine, ...]
    adrift: tuple[WorkLine, ...]

    @property
    def count(self) -> int:
        """How many things await me, those adrift left out."""
        return len(self.open) + len(self.asking)


def worklist(account: Account, at: datetime) -> Work:
    """What awaits an account as a carer; the oldest first, at most 200 lines of each sort."""
    houses = {membership.establishment_id for membership in carer_memberships(account, at)}
    mine = Act.objects.filter(owner=account, establishment_id__in=houses).select_related(*WITH_ITS_PLACE)
    still_there = current_memberships(at).filter(
        account=OuterRef("owner"), establishment=OuterRef("establishment"), role=Role.CARER.value
    )
    adrift = (
        acts_seen_by(account, at).filter(state=ActState.OPEN.value).exclude(owner=account).exclude(Exists(still_there))
    )
    return Work(
        open=_lines(mine.filter(state=ActState.OPEN.value).order_by("answered_at", "id")[:MOST_LINES]),
        asking=_lines(mine.filter(state=ActState.ASKING.value).order_by("requested_at", "id")[:MOST_LINES]),
        adrift=_lines(adrift.order_by("answered_at", "id")[:MOST_LINES]),
    )


def acts_for(
    account: Account, at: datetime, *, state: ActState | None = None, before: datetime | None = None, limit: int = 50
) -> tuple[WorkLine, ...]:
    """The acts an account may see as a carer, the latest first; `before` continues a list."""
    seen = acts_seen_by(account, at)
    if state is not None:
        seen = seen.filter(state=state.value)
    if before is not None:
        seen = seen.filter(requested_at__lt=before)
    return _lines(seen.order_by("-requested_at", "-id")[: min(limit, MOST_LINES)])


def asked_of(act: Act) -> tuple[Requirement, ...]:
    """What the charter asked when it last decided, in the order in which people are asked; empty but while asking."""
    if act.state != ActState.ASKING:
        return ()
    return verdict_of(act).asks


def verdict_of(act: Act) -> Verdict:
    """The charter's last verdict on an act."""
    return msgspec.json.decode(bytes(act.verdict), type=Verdict)


def facts_of(act: Act) -> Facts:
    """What the charter's last verdict on an act stood on."""
    return msgspec.json.decode(bytes(act.facts), type=Facts)


def _lines(acts: Iterable[Act]) -> tuple[WorkLine, ...]:
    kept = list(acts)
    names = names_of({act.person_id for act in kept})
    return tuple(
        WorkLine(
            id=act.id,
            person=names[act.person_id],
            act_kind=ActKind(act.act_kind),
            service=act.service.title,
            state=ActState(act.state),
            since=act.answered_at or act.requested_at,
            step=next(iter(asked_of(act)), None),
            owner=act.owner.full_name if act.owner is not None else "",
        )
        for act in kept
    )
