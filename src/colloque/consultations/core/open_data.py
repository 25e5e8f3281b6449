"""What a closed consultation gives to everybody, and what it keeps: ballots without their people.

What is published of a person beside their votes is a class: opinion group, group in the house, profile answers, week in which
they came. Every class that is published, and so every combination of its parts, holds at least `least` people (k-anonymity,
Samarati and Sweeney 1998); what is finer is blanked, the least needed first. Nothing says who wrote a statement, in which order
people came, by whose hand they voted, or when they voted. ADR 0015 says what remains possible.
"""

from __future__ import annotations

import csv
import hmac
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import Final

import msgspec

NOT_TOLD: Final = ""


class Ballot(msgspec.Struct, frozen=True):
    """One participant as the house knows them: `key` names them inside the house only, `votes` by statement number."""

    key: bytes
    joined: date
    group: str
    profile: Mapping[str, str]
    opinion_group: str
    votes: Mapping[int, int]


class StatementRow(msgspec.Struct, frozen=True):
    """A statement as it is published. `moderated`: 1 published, −1 moderated out, 0 never read (Polis)."""

    number: int
    text: str
    moderated: int
    is_seed: bool
    published: date


class Person(msgspec.Struct, frozen=True):
    """A participant as everybody sees them: a number drawn anew, a class that many share, and votes."""

    number: int
    opinion_group: str
    group: str
    profile: tuple[str, ...]
    week: date
    votes: Mapping[int, int]


class OpenData(msgspec.Struct, frozen=True):
    """What is published: people in the order of their new numbers, statements in theirs, names of the profile's columns.

    `withheld` is how many people are left out because all of them together are fewer than the threshold.
    """

    people: tuple[Person, ...]
    statements: tuple[StatementRow, ...]
    questions: tuple[str, ...]
    coarsened: int
    withheld: int


def coarsen(rows: Sequence[tuple[str, ...]], least: int) -> list[tuple[str, ...]]:
    """The rows with parts blanked until each class that is left has at least `least` of them.

    Columns are given in the order of their worth: the last is blanked first, and only in classes that are too small. What has
    nothing left to blank is joined by the next smallest class. Raises `ValueError` for fewer than `least` rows.
    """
    if len(rows) < least:
        raise ValueError("There are fewer rows than the least class may hold.")
    told = list(rows)
    for column in reversed(range(len(told[0]))):
        sizes = Counter(told)
        told = [
            row if sizes[row] >= least else (*row[:column], NOT_TOLD, *row[column + 1 :]) for row in told
        ]  # a row too small before stays too small or grows: others only join it
    sizes = Counter(told)
    blank = (NOT_TOLD,) * len(told[0])
    while 0 < sizes[blank] < least:
        smallest = min((row for row in sizes if row != blank), key=lambda row: (sizes[row], row))
        sizes[blank] += sizes.pop(smallest)
        told = [blank if row == smallest else row for row in told]
    return told


def _week(day: date) -> date:
    return day - timedelta(days=day.weekday())


def publish(
    ballots: Iterable[Ballot],
    statements: Iterable[StatementRow],
    *,
    questions: Sequence[str],
    least: int,
    secret: bytes,
    closed: date,
) -> OpenData:
    """What everybody may have. New numbers follow a keyed digest (`secret`, 32 bytes) of the people's keys: the same at each
    download, and of no use to whoever lacks the secret. A week that is not told is that of the day of closing.
    """
    standing = tuple(sorted(statements, key=lambda one: one.number))
    cast = sorted(
        (ballot for ballot in ballots if ballot.votes),
        key=lambda ballot: hmac.digest(secret, b"open-data/" + ballot.key, sha256),
    )
    if len(cast) < least:
        return OpenData((), standing, tuple(questions), 0, len(cast))
    known = [
        (
            ballot.opinion_group,
            ballot.group,
            *(ballot.profile.get(question, NOT_TOLD) for question in questions),
            _week(ballot.joined).isoformat(),
        )
        for ballot in cast
    ]
    told = coarsen(known, least)
    last = _week(closed)
    people = tuple(
        Person(number, row[0], row[1], row[2:-1], date.fromisoformat(row[-1]) if row[-1] else last, ballot.votes)
        for number, (ballot, row) in enumerate(zip(cast, told, strict=True))
    )
    coarsened = sum(1 for before, after in zip(known, told, strict=True) if before != after)
    return OpenData(people, standing, tuple(questions), coarsened, 0)


# ---------- the forms of Polis's exports


def _stamp(day: date) -> tuple[int, str]:
    """A day as Polis writes a moment: milliseconds since 1970, and words. Always midnight UTC: no hour is published."""
    moment = datetime.combine(day, time(), UTC)
    return int(moment.timestamp() * 1000), moment.strftime("%a %b %d %H:%M:%S UTC %Y")


def _written(header: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return sheet.getvalue()


def _safe(text: str) -> str:
    """Text that no spreadsheet takes for a formula (OWASP, CSV injection): a sign that begins one gets an apostrophe."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def comments_csv(data: OpenData) -> str:
    """`comments.csv`. `author-id` is −1 for every statement: who wrote what is not published."""
    counted: dict[int, Counter[int]] = {one.number: Counter() for one in data.statements}
    for person in data.people:
        for number, value in person.votes.items():
            if number in counted:
                counted[number][value] += 1
    return _written(
        ("timestamp", "datetime", "comment-id", "author-id", "agrees", "disagrees", "moderated", "comment-body"),
        (
            (
                *_stamp(one.published),
                one.number,
                -1,
                counted[one.number][1],
                counted[one.number][-1],
                one.moderated,
                _safe(one.text),
            )
            for one in data.statements
        ),
    )


def votes_csv(data: OpenData) -> str:
    """`votes.csv`: the last vote of each person on each statement, dated by the week in which the person came."""
    return _written(
        ("timestamp", "datetime", "comment-id", "voter-id", "vote"),
        (
            (*_stamp(person.week), number, person.number, value)
            for number, person, value in sorted(
                ((number, person, value) for person in data.people for number, value in person.votes.items()),
                key=lambda row: (row[0], row[1].number),
            )
        ),
    )


def participants_csv(data: OpenData) -> str:
    """`participants-votes.csv`: Polis's columns, one column a statement, then the group in the house and profile answers.

    `group-id` is the place of the opinion group's letter (A 0); empty for people on no group and where it is not told.
    `n-comments` is 0 for everybody: how much somebody wrote would lead to what they wrote.
    """
    numbers = [one.number for one in data.statements]
    header = ("participant", "group-id", "n-comments", "n-votes", "n-agree", "n-disagree", *numbers)
    return _written(
        (*header, "group", *data.questions),
        (
            (
                person.number,
                group_id(person.opinion_group),
                0,
                len(person.votes),
                sum(value == 1 for value in person.votes.values()),
                sum(value == -1 for value in person.votes.values()),
                *(person.votes.get(number, "") for number in numbers),
                person.group,
                *person.profile,
            )
            for person in data.people
        ),
    )


def group_id(letter: str) -> int | str:
    """The number Polis gives a group (A is 0); empty without one."""
    return ord(letter[0]) - ord("A") if letter else ""


def summary_csv(data: OpenData, topic: str, description: str, address: str, voters_by_group: int) -> str:
    """`summary.csv`: one name and value a line, as Polis writes it."""
    votes = sum(len(person.votes) for person in data.people)
    rows = (
        ("topic", _safe(topic)),
        ("url", address),
        ("voters", len(data.people)),
        ("voters-in-conv", len(data.people)),
        ("commenters", sum(not one.is_seed for one in data.statements)),
        ("comments", len(data.statements)),
        ("groups", voters_by_group),
        ("votes", votes),
        ("conversation-description", _safe(description)),
    )
    sheet = io.StringIO()
    csv.writer(sheet, lineterminator="\n").writerows(rows)
    return sheet.getvalue()


def votes_parquet(data: OpenData) -> bytes:
    """The votes as Parquet, one row a vote: participant (int32), statement (int32), vote (int8), week (date)."""
    import polars as pl

    rows = [
        (person.number, number, value, person.week) for person in data.people for number, value in person.votes.items()
    ]
    schema = {"participant": pl.Int32, "statement": pl.Int32, "vote": pl.Int8, "week": pl.Date}
    return _parquet(pl.DataFrame(rows, schema=schema, orient="row").sort("statement", "participant"))


def participants_parquet(data: OpenData) -> bytes:
    """The people as Parquet, one row each: participant, opinion group, group, profile answers; null where not told."""
    import polars as pl

    rows = [
        (person.number, *(part or None for part in (person.opinion_group, person.group, *person.profile)))
        for person in data.people
    ]
    names = ("opinion_group", "group", *data.questions)
    schema = {"participant": pl.Int32, **dict.fromkeys(names, pl.String)}
    return _parquet(pl.DataFrame(rows, schema=schema, orient="row"))


def statements_parquet(data: OpenData) -> bytes:
    """The statements as Parquet: number, text, moderated, whether it stood from the start, day published."""
    import polars as pl

    rows = [(one.number, one.text, one.moderated, one.is_seed, one.published) for one in data.statements]
    schema = {"statement": pl.Int32, "text": pl.String, "moderated": pl.Int8, "seed": pl.Boolean, "published": pl.Date}
    return _parquet(pl.DataFrame(rows, schema=schema, orient="row"))


def _parquet(frame: object) -> bytes:
    sheet = io.BytesIO()
    frame.write_parquet(sheet)  # type: ignore[attr-defined]
    return sheet.getvalue()
