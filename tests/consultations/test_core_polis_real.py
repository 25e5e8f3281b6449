"""Real consultations: what we read, count and place is what Polis published.

Data gathered using the Polis software (compdemocracy.org/polis), CC BY 4.0, The Computational Democracy Project.
"""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from colloque.consultations.core.opinion import axes, sums
from colloque.consultations.core.opinion.clustering import adjusted_rand
from colloque.consultations.core.opinion.engine import compute_map, describe, on_the_map, placing, treatment
from colloque.consultations.core.opinion.source import Held
from colloque.consultations.core.opinion.values import MapSettings, OpinionMap, Placements, StatementStatus, VoteTable
from colloque.consultations.core.polis_export import FILES, PolisExport, read_export
from tests.shared import SHARED

FOLDERS = sorted(path for path in (SHARED / "data" / "polis").glob("*") if path.is_dir())
MATHS = sorted(path for path in (SHARED / "data" / "polis-math").glob("*") if path.is_dir())
COLD = {
    "15-per-hour-seattle": 0.88,
    "canadian-electoral-reform": 0.95,
    "scoop-hivemind.biodiversity": 0.91,
    "vtaiwan.uberx": 0.82,
}
pytestmark = pytest.mark.skipif(
    not (FOLDERS and MATHS), reason="the published Polis consultations are not on this machine"
)


@cache
def export_of(folder: Path) -> PolisExport:
    return read_export({name: (folder / name).read_bytes() for name in FILES if (folder / name).exists()})


@cache
def cold_map(folder: Path, k: int) -> tuple[VoteTable, OpinionMap, Placements]:
    export = export_of(folder)
    table = export.table()
    return table, *compute_map(table, export.statuses, MapSettings(k=k))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_last_vote_of_each_pair_is_the_published_matrix(folder: Path) -> None:
    export = export_of(folder)
    table = export.table()
    rows = np.repeat(table.people, np.diff(table.indptr)).tolist()
    last = dict(
        zip(zip(rows, table.statements[table.indices].tolist(), strict=True), table.values.tolist(), strict=True)
    )
    published = {(person, number): vote for person, row in export.published.items() for number, vote in row.items()}
    assert last == published


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_comments_count_votes_given_again(folder: Path) -> None:
    export = export_of(folder)
    cast = Counter(zip(export.statements, export.values, strict=True))
    for comment in export.comments:
        assert cast[comment.number, 1] == comment.agrees, f"agrees of {comment.number}"
        assert cast[comment.number, -1] == comment.disagrees, f"disagrees of {comment.number}"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_people_stand_nearest_to_the_group_polis_put_them_in(folder: Path) -> None:
    export = export_of(folder)
    table, _, placed = cold_map(folder, len(set(export.groups.values())))
    published = np.array([export.groups.get(person, -1) for person in table.people.tolist()])
    points = np.column_stack((placed.x, placed.y))
    centres = np.array([points[published == group].mean(axis=0) for group in range(published.max() + 1)])
    nearest = ((points[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
    grouped = published >= 0
    assert np.mean(nearest[grouped] == published[grouped]) >= 0.97


@pytest.mark.parametrize("name", COLD)
def test_groups_found_cold_agree_with_those_published(name: str) -> None:
    folder = SHARED / "data" / "polis" / name
    if not folder.exists():
        pytest.skip(f"{name} is not on this machine")
    export = export_of(folder)
    table, found, placed = cold_map(folder, len(set(export.groups.values())))
    published = np.array([export.groups.get(person, -1) for person in table.people.tolist()])
    both = (published >= 0) & (placed.group >= 0)
    assert found.k == len(set(export.groups.values()))
    assert adjusted_rand(placed.group[both], published[both]) >= COLD[name]


class Maths:
    """One conversation with Polis's own result, in our signs and with Polis's own groups."""

    def __init__(self, folder: Path) -> None:
        self.result: dict[str, Any] = json.loads((folder / "math-pca2.json").read_text(encoding="utf-8"))
        votes = json.loads((folder / "votes.json").read_text(encoding="utf-8"))
        person, statement = ("participant_id", "statement_id") if "participant_id" in votes[0] else ("pid", "tid")
        columns = [[vote[key] for vote in votes] for key in (person, statement, "vote")]
        self.table = VoteTable.from_votes(*columns)
        out, meta = set(self.result["mod-out"]), set(self.result["meta-tids"])
        self.votes = Held(self.table)
        self.treated = treatment(
            self.table.statements,
            [StatementStatus(number, number in out, number in meta) for number in self.result["tids"]],
        )
        self.counts = sums.counts_of(self.table)
        pairs = sums.pair_sums(self.table)
        centre, covariance = axes.covariance_of(len(self.table.people), self.counts, *pairs, self.treated.counted)
        self.space = placing(self.votes, self.treated, centre, covariance)
        members = dict(zip(self.result["base-clusters"]["id"], self.result["base-clusters"]["members"], strict=True))
        self.bases = [members[number] for number in self.result["base-clusters"]["id"]]
        self.rows = {person: row for row, person in enumerate(self.table.people.tolist())}
        self.groups = np.full(len(self.table.people), -1, np.int16)
        for group in self.result["group-clusters"]:
            for base in group["members"]:
                self.groups[[self.rows[person] for person in members[base]]] = group["id"]
        self.k = len(self.result["group-clusters"])
        self.described = describe(self.votes, self.treated, self.counts, self.space, self.groups, self.k, MapSettings())

    def signs(self) -> NDArray[np.float64]:
        """The free sign of each component."""
        theirs = np.array(self.result["pca"]["comps"])
        return np.asarray(np.sign((theirs * self.space.axes).sum(axis=1)))


@cache
def maths_of(folder: Path) -> Maths:
    return Maths(folder)


@pytest.mark.parametrize("folder", MATHS, ids=lambda folder: folder.name)
class TestPolisOwnMathematics:
    """Within 1e-9 of what Polis computed, given its groups."""

    def test_centre_and_axes(self, folder: Path) -> None:
        maths = maths_of(folder)
        assert maths.table.statements.tolist() == maths.result["tids"]
        assert np.allclose(-np.array(maths.result["pca"]["center"]), maths.space.centre, rtol=0, atol=1e-9)
        turned = maths.space.axes * maths.signs()[:, None]
        assert np.allclose(maths.result["pca"]["comps"], turned, rtol=0, atol=1e-9)

    def test_people_and_statements_stand_where_polis_puts_them(self, folder: Path) -> None:
        maths = maths_of(folder)
        # Polis counts an agree as −1: places of people and of statements come out negated with the centre.
        for axis, (ours, name) in enumerate(((maths.space.x, "x"), (maths.space.y, "y"))):
            theirs = -np.array(maths.result["base-clusters"][name]) * maths.signs()[axis]
            mine = [ours[[maths.rows[person] for person in members]].mean() for members in maths.bases]
            assert np.allclose(theirs, mine, rtol=0, atol=1e-9)
        places = np.array([one.place for one in maths.described.statements]).T * maths.signs()[:, None]
        assert np.allclose(-np.array(maths.result["pca"]["comment-projection"]), places, rtol=0, atol=1e-9)

    def test_extremity_consensus_and_priorities(self, folder: Path) -> None:
        maths = maths_of(folder)
        listed = maths.described.statements
        extremity = [one.extremity for one in listed]
        assert np.allclose(maths.result["pca"]["comment-extremity"], extremity, rtol=0, atol=1e-9)
        for one in listed:
            key = str(one.number)
            assert one.consensus_agree == pytest.approx(maths.result["group-aware-consensus"][key], abs=1e-9)
            assert one.priority == pytest.approx(maths.result["comment-priorities"][key], abs=1e-9)
            for group, counts in enumerate(one.by_group):
                votes = maths.result["group-votes"][str(group)]["votes"][key]
                assert (counts.agree, counts.disagree, counts.seen) == (votes["A"], votes["D"], votes["S"])

    def test_statements_that_represent_groups_and_unite_everyone(self, folder: Path) -> None:
        maths = maths_of(folder)
        for group in range(maths.k):
            theirs = maths.result["repness"][str(group)]
            ours = maths.described.representative[group]
            assert [(one.statement, one.direction, one.is_best_agree) for one in ours] == [
                (each["tid"], each["repful-for"], each.get("best-agree", False)) for each in theirs
            ]
            for one, each in zip(ours, theirs, strict=True):
                assert (one.p, one.p_test, one.repness) == pytest.approx(
                    (each["p-success"], each["p-test"], each["repness"]), abs=1e-9
                )
                assert one.repness_test == pytest.approx(each["repness-test"], rel=1e-6), "stored as float32"
        for ours_of, theirs_of in (
            (maths.described.consensus.agree, maths.result["consensus"]["agree"]),
            (maths.described.consensus.disagree, maths.result["consensus"]["disagree"]),
        ):
            assert [(one.statement, one.votes, one.seen) for one in ours_of] == [
                (each["tid"], each["n-success"], each["n-trials"]) for each in theirs_of
            ]

    def test_who_is_on_the_map(self, folder: Path) -> None:
        maths = maths_of(folder)
        shown = set(maths.result["in-conv"])
        counted = set(maths.table.people[on_the_map(maths.votes, 7)].tolist())
        assert counted <= shown, "everybody with enough votes is on Polis's map"
        kept = set(maths.table.people[on_the_map(maths.votes, 7, shown - counted)].tolist())
        assert kept == shown, "and those Polis once showed, it goes on showing"
