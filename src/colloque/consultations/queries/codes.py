"""Who takes part: codes given out and come back, groups, and ways in."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import ngettext

from colloque.consultations.core.groups import GroupOfPeople, JoinChannel
from colloque.consultations.core.reading import hidden_groups
from colloque.consultations.models import Consultation, Participant, Vote
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
    """How many of a group took part, None where they are too few to be counted out; and how many the house counts, 0 unknown."""

    group: GroupOfPeople | None
    came: int | None
    size: int


def taking_part(consultation: Consultation) -> QuerySet[Participant]:
    """Who takes part: until the end whoever came in, since they may still answer; from then on whoever answered anything."""
    if consultation.closed_at is None:
        return consultation.participants.all()
    return consultation.participants.filter(
        Exists(Vote.objects.filter(consultation=consultation, participant_number=OuterRef("number")))
    )


def participation(consultation: Consultation) -> tuple[list[GroupTakingPart], int]:
    """How many of each group took part, in the order of the groups, those who said nothing last; and how many are missing.

    Fewer than the consultation's threshold are not counted out, nor what a subtraction would give; nobody at all is said.
    `missing` counts people of the groups whose size is known.
    """
    came = dict(
        taking_part(consultation).order_by().values("group").annotate(people=Count("id")).values_list("group", "people")
    )
    least, sizes = consultation.min_group_shown, consultation.group_sizes
    groups: list[GroupOfPeople | None] = [group for group in GroupOfPeople if group in consultation.groups]
    counted = [(group, came.get(group or "", 0), int(sizes.get(group or "", 0))) for group in [*groups, None]]
    there = [place for place, (_, people, _) in enumerate(counted) if people]
    hidden = {there[place] for place in hidden_groups([counted[place][1] for place in there], 0, least)}
    lines = [
        GroupTakingPart(group, None if place in hidden else people, size)
        for place, (group, people, size) in enumerate(counted)
        if group is not None or people
    ]
    return lines, sum(max(0, size - people) for _, people, size in counted if size)


def channels(consultation: Consultation) -> list[str]:
    """How many took part on paper, whose hands entered it, and how many with help, in words; few are not counted out."""
    counted = dict(consultation.participants.values("channel").annotate(n=Count("id")).values_list("channel", "n"))
    helped = consultation.participants.exclude(helper="").count()
    paper = counted.get(JoinChannel.PAPER.value, 0)
    lines = []
    if paper >= consultation.min_group_shown:
        told = ngettext(
            "%(count)d personne a répondu sur papier.", "%(count)d personnes ont répondu sur papier.", paper
        )
        lines.append(told % {"count": paper})
        hands = consultation.sheets.filter(entries__gt=0).values("entered_by").distinct().count()
        told = ngettext(
            "%(count)d personne de l’équipe a saisi ces feuilles ; chaque saisie est au registre.",
            "%(count)d personnes de l’équipe ont saisi ces feuilles ; chaque saisie est au registre.",
            hands,
        )
        lines.append(told % {"count": hands})
    if helped >= consultation.min_group_shown:
        told = ngettext(
            "%(count)d personne a répondu avec l’aide de quelqu’un.",
            "%(count)d personnes ont répondu avec l’aide de quelqu’un.",
            helped,
        )
        lines.append(told % {"count": helped})
    return lines
