"""The export, attacked: no combination of what is told of people points at fewer than the threshold."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import date, timedelta
from itertools import chain, combinations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colloque.consultations.core import open_data
from colloque.consultations.core.open_data import Ballot, OpenData, StatementRow, coarsen, publish

CLOSED = date(2026, 3, 30)
STATEMENTS = [StatementRow(n, f"Énoncé {n}", 1, n < 4, date(2026, 3, 1)) for n in range(1, 7)]
QUESTIONS = ("age", "knows-ai")

populations = st.lists(
    st.tuples(
        st.sampled_from(["residents", "families", "carers", "doctors", ""]),
        st.sampled_from(["under-30", "80-and-over", ""]),
        st.sampled_from(["often", "never", ""]),
        st.sampled_from(["A", "B", "C", ""]),
        st.integers(0, 28),
    ),
    max_size=60,
)


def published(people: list[tuple[str, str, str, str, int]], least: int, secret: bytes = b"s" * 32) -> OpenData:
    ballots = [
        Ballot(
            place.to_bytes(4, "big"),
            date(2026, 3, 1) + timedelta(days=day),
            group,
            {"age": age, "knows-ai": knows},
            opinion,
            {1 + place % 6: (-1, 0, 1)[place % 3]},
        )
        for place, (group, age, knows, opinion, day) in enumerate(people)
    ]
    return publish(ballots, STATEMENTS, questions=QUESTIONS, least=least, secret=secret, closed=CLOSED)


@settings(max_examples=150, deadline=None)
@given(populations, st.integers(2, 8))
def test_no_combination_of_what_is_told_points_at_fewer_than_the_threshold(
    people: list[tuple[str, str, str, str, int]], least: int
) -> None:
    data = published(people, least)
    if len(people) < least:
        assert data.people == ()
        assert data.withheld == len(people)
        return
    rows = [(one.opinion_group, one.group, *one.profile, one.week.isoformat()) for one in data.people]
    columns = range(len(rows[0]))
    for chosen in chain.from_iterable(combinations(columns, size) for size in range(1, len(columns) + 1)):
        smallest = min(Counter(tuple(row[column] for column in chosen) for row in rows).values())
        assert smallest >= least, f"columns {chosen} point at {smallest}"


@given(populations, st.integers(2, 8))
def test_what_is_common_enough_is_told(people: list[tuple[str, str, str, str, int]], least: int) -> None:
    rows = [person[:4] for person in people]
    if len(rows) < least:
        return
    sizes = Counter(rows)
    for before, after in zip(rows, coarsen(rows, least), strict=True):
        assert all(new in {old, ""} for old, new in zip(before, after, strict=True)), "told as it is, or not told"
        if all(size >= least for size in sizes.values()):
            assert after == before


def test_numbers_are_drawn_anew_and_say_nothing_of_the_order_in_which_people_came() -> None:
    people = [("residents", "", "", "A", place % 20) for place in range(60)]
    one, other = published(people, 5), published(people, 5, b"t" * 32)
    order = [next(iter(person.votes.items())) for person in one.people]
    assert [person.number for person in one.people] == list(range(60))
    assert order != [next(iter(person.votes.items())) for person in other.people], "the order hangs on the secret"
    came = [(1 + place % 6, (-1, 0, 1)[place % 3]) for place in range(60)]
    assert order != came
    assert published(people, 5) == one, "the same at each download: two of them cannot be compared"


def test_no_moment_and_no_author_is_published() -> None:
    people = [("residents", "under-30", "", "A", place % 25) for place in range(60)]
    data = published(people, 5)
    votes = list(csv.DictReader(io.StringIO(open_data.votes_csv(data))))
    assert all(int(row["timestamp"]) % 86_400_000 == 0 for row in votes)
    assert len({row["timestamp"] for row in votes}) <= 5, "weeks, no days"
    comments = list(csv.DictReader(io.StringIO(open_data.comments_csv(data))))
    assert {row["author-id"] for row in comments} == {"-1"}
    rows = list(csv.DictReader(io.StringIO(open_data.participants_csv(data))))
    assert {row["n-comments"] for row in rows} == {"0"}
    assert all(row[column] == rows[0][column] for row in rows for column in ("n-comments",))


def test_the_forms_are_those_of_polis_and_agree_with_one_another() -> None:
    data = published([("carers", "", "", "B", 3)] * 12, 5)
    votes = list(csv.DictReader(io.StringIO(open_data.votes_csv(data))))
    rows = list(csv.DictReader(io.StringIO(open_data.participants_csv(data))))
    assert list(votes[0]) == ["timestamp", "datetime", "comment-id", "voter-id", "vote"]
    assert list(rows[0])[:6] == ["participant", "group-id", "n-comments", "n-votes", "n-agree", "n-disagree"]
    assert {row["group-id"] for row in rows} == {"1"}
    matrix = {(row["participant"], n): row[n] for row in rows for n in "123456" if row[n]}
    assert matrix == {(vote["voter-id"], vote["comment-id"]): vote["vote"] for vote in votes}
    frame = pl.read_parquet(io.BytesIO(open_data.votes_parquet(data)))
    assert {
        (str(p), str(s)): str(v) for p, s, v in frame.select("participant", "statement", "vote").iter_rows()
    } == matrix
    comments = list(csv.DictReader(io.StringIO(open_data.comments_csv(data))))
    agrees = Counter(vote["comment-id"] for vote in votes if vote["vote"] == "1")
    assert all(int(row["agrees"]) == agrees[row["comment-id"]] for row in comments)


@pytest.mark.parametrize("text", ["=1+1", "+33", "-oui", "@x"])
def test_a_statement_is_no_formula_for_a_spreadsheet(text: str) -> None:
    data = publish(
        [Ballot(bytes([n]), CLOSED, "", {}, "", {1: 1}) for n in range(9)],
        [StatementRow(1, text, 1, True, CLOSED)],
        questions=(),
        least=5,
        secret=b"s" * 32,
        closed=CLOSED,
    )
    assert f"'{text}" in open_data.comments_csv(data)
