"""Codes and groups: how many were given out, how many came back."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q

from colloque.consultations.core.groups import GroupOfPeople
from colloque.consultations.models import Consultation
from colloque.ledger.queries import installation_keys


def code_digest(consultation: UUID, code: str) -> bytes:
    """What the database keeps of a code: a blind index, since a code one types is short enough to be guessed from a digest."""
    return installation_keys().keyring.blind_index(code, about=f"invitation-code/{consultation}")


@dataclass(frozen=True)
class GroupCodes:
    """Codes of one group: given out and still good or used, of which used."""

    group: GroupOfPeople
    given: int
    used: int


def codes_by_group(consultation: Consultation) -> list[GroupCodes]:
    """How many codes each group of the consultation has, in the order of the groups."""
    counted = {
        row["group"]: (row["given"], row["used"])
        for row in consultation.codes.filter(is_withdrawn=False)
        .values("group")
        .annotate(given=Count("id"), used=Count("id", filter=Q(is_used=True)))
    }
    return [
        GroupCodes(group, *counted.get(group.value, (0, 0))) for group in GroupOfPeople if group in consultation.groups
    ]


@dataclass(frozen=True)
class GroupTakingPart:
    """How many of a group took part, and how many the house counts; `size` 0 where that is not known."""

    group: GroupOfPeople | None
    came: int
    size: int


def participation(consultation: Consultation) -> list[GroupTakingPart]:
    """How many of each group took part, in the order of the groups; those who said nothing of themselves come last."""
    came = dict(consultation.participants.values("group").annotate(people=Count("id")).values_list("group", "people"))
    lines = [
        GroupTakingPart(group, came.get(group.value, 0), int(consultation.group_sizes.get(group.value, 0)))
        for group in GroupOfPeople
        if group in consultation.groups
    ]
    unsaid = came.get("", 0)
    return [*lines, GroupTakingPart(None, unsaid, 0)] if unsaid else lines
