"""A Polis export that is not as expected is read where it can be, and where it cannot, the line and column are named."""

from __future__ import annotations

import pytest

from colloque.consultations.core.opinion.engine import compute_map
from colloque.consultations.core.polis_export import read_export
from colloque.kernel.errors import InvalidInputError

VOTES = b"timestamp,datetime,comment-id,voter-id,vote\n10,x,0,1,1\n30,x,0,1,-1\n20,x,0,1,0\n5,x,3,2,1\n"
COMMENTS = (
    b"timestamp,datetime,comment-id,author-id,agrees,disagrees,moderated,comment-body\n"
    b'1,x,0,7,1,1,-1,"two\nlines, one statement"\n2,x,3,7,1,0,1,plain\n'
)


def test_the_last_vote_counts_and_the_rest_is_kept() -> None:
    export = read_export({"votes.csv": VOTES, "comments.csv": COMMENTS})
    table = export.table()
    assert (table.people.tolist(), table.statements.tolist(), table.values.tolist()) == ([1, 2], [0, 3], [-1, 1])
    assert [(one.number, one.text, one.moderated) for one in export.comments] == [
        (0, "two\nlines, one statement", -1),
        (3, "plain", 1),
    ]
    assert [one.is_moderated_out for one in export.statuses] == [True, False]


def test_columns_may_be_missing_in_another_order_or_named_as_in_the_other_exports() -> None:
    export = read_export({"votes.csv": b"\xef\xbb\xbfvote,tid,pid\r\n1,4,9\r\n\r\n0,4.0,9\r\n"})
    assert export.at is None
    assert export.table().values.tolist() == [0], "without times, the last line counts"
    assert export.comments == ()
    assert read_export({"votes.csv": VOTES, "comments.csv": b"comment-id\n3\n"}).comments[0].agrees is None


def test_the_matrix_alone_is_enough() -> None:
    export = read_export({"participants-votes.csv": b"participant,group-id,n-votes,0,5\n1,0,2,1,-1\n2,,1,,0\n"})
    assert export.table().values.tolist() == [1, -1, 0]
    assert export.groups == {1: 0}
    assert export.published == {1: {0: 1, 5: -1}, 2: {5: 0}}
    assert read_export({"participants-votes.csv": b"participant,0\n1,1\n"}).groups == {}


def test_an_export_without_a_single_vote_has_a_map_of_nobody() -> None:
    export = read_export({"votes.csv": b"comment-id,voter-id,vote\n", "comments.csv": COMMENTS})
    found, _ = compute_map(export.table(), export.statuses)
    assert (found.people, found.k, len(found.statements)) == (0, 0, 2)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "votes.csv or participants-votes.csv is needed"),
        ({"votes.csv": b""}, "votes.csv, line 1: the file is empty"),
        ({"votes.csv": b"comment-id,voter-id\n"}, "votes.csv, line 1: there is no column vote"),
        ({"votes.csv": b"comment-id,comment_id,voter-id,vote\n"}, "stands there twice"),
        ({"votes.csv": b"comment-id,voter-id,vote\n1,1,1\n1,1,2\n"}, "votes.csv, line 3: column vote holds '2'"),
        ({"votes.csv": b"comment-id,voter-id,vote\n1,abc,1\n"}, "votes.csv, line 2: column voter-id holds 'abc'"),
        ({"votes.csv": b"comment-id,voter-id,vote\n1,1.5,1\n"}, "column voter-id holds '1.5'"),
        ({"votes.csv": b"comment-id,voter-id,vote\n1,99999999999999999999,1\n"}, "beyond what a number may be"),
        ({"votes.csv": b"comment-id,voter-id,vote\n1,,1\n"}, "column voter-id is empty"),
        ({"votes.csv": b"comment-id,voter-id,vote\n1,1\n"}, "column vote is empty"),
        ({"votes.csv": b"comment-id,voter-id,vote\n1,1,1,8\n"}, "line 2: there are 4 cells for 3 columns"),
        ({"votes.csv": b"comment-id,voter-id,vote\n1,1,1\n\xff,1,1\n"}, "line 3: this is not UTF-8"),
        ({"votes.csv": b'comment-id,voter-id,vote\n1,1,"1\n'}, "line 2: the line cannot be read as CSV"),
        (
            {"votes.csv": VOTES, "comments.csv": COMMENTS + b"3,x,0,7,1,1,1,again\n"},
            "comments.csv, line 5: column comment-id",
        ),
        ({"votes.csv": VOTES, "comments.csv": b"comment-id,moderated\n1,7\n"}, "column moderated holds 7"),
        ({"participants-votes.csv": b"participant,0\n1,1\n1,1\n"}, "line 3: column participant holds 1, which another"),
        ({"participants-votes.csv": b"participant,0\n1,5\n"}, "line 2: column 0 holds '5'"),
    ],
)
def test_what_cannot_be_read_is_named(files: dict[str, bytes], words: str) -> None:
    with pytest.raises(InvalidInputError) as raised:
        read_export(files)
    assert words in raised.value.message
