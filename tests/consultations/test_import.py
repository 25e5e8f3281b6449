"""A consultation held with Polis becomes one of a house: the same votes, once, and a clear word for what cannot be read."""

from __future__ import annotations

import pytest

from colloque.consultations.actions.importing import import_for, import_polis
from colloque.consultations.core.polis_export import read_export
from colloque.consultations.core.state import ConsultationState, StatementState
from colloque.consultations.models import Closing, Consultation, Vote
from colloque.consultations.queries.map import result_page
from colloque.kernel.errors import InvalidInputError, NotFoundError
from colloque.kernel.vocabulary import Role
from tests.consultations.story import NOW, Story, account, member
from tests.shared import SHARED

COMMENTS = (
    "timestamp,datetime,comment-id,author-id,agrees,disagrees,moderated,comment-body\n1,x,0,0,2,0,1,Premier énoncé\n"
)
VOTES = "timestamp,datetime,comment-id,voter-id,vote\n1000,x,0,0,1\n2000,x,0,1,1\n3000,x,0,0,-1\n4000,x,1,1,0\n"
FILES = {"comments.csv": COMMENTS.encode(), "votes.csv": VOTES.encode()}


def test_the_last_vote_of_each_pair_comes_in_once(story: Story) -> None:
    done = import_polis(story.house, FILES, by=story.facilitator, at=NOW, title="Ailleurs")
    assert (done.is_new, done.people, done.statements, done.votes) == (True, 2, 2, 3)
    kept = set(
        Vote.objects.filter(consultation=done.consultation).values_list(
            "participant_number", "statement_number", "value"
        )
    )
    assert kept == {(0, 0, -1), (1, 0, 1), (1, 1, 0)}
    assert done.consultation.state == ConsultationState.CLOSED
    again = import_polis(story.house, FILES, by=story.facilitator, at=NOW)
    assert (again.is_new, again.consultation.id, again.votes) == (False, done.consultation.id, 3)
    assert Consultation.objects.count() == 2
    assert Closing.objects.count() == 1


def test_the_command_names_house_and_person(story: Story) -> None:
    done = import_for(story.house.slug, story.facilitator.email, FILES, at=NOW)
    assert done.votes == 3
    for slug, email in (("nowhere", story.facilitator.email), (story.house.slug, "nobody@example.org")):
        with pytest.raises(NotFoundError, match="colloque people list"):
            import_for(slug, email, FILES, at=NOW)


def test_nothing_is_left_of_an_export_that_cannot_be_read(story: Story) -> None:
    broken = {**FILES, "votes.csv": VOTES.replace("3000,x,0,0,-1", "3000,x,0,0,7").encode()}
    with pytest.raises(InvalidInputError, match=r"votes\.csv.*4"):
        import_polis(story.house, broken, by=story.facilitator, at=NOW)
    long = {**FILES, "comments.csv": COMMENTS.replace("Premier", "A" * 10_000).encode()}
    with pytest.raises(InvalidInputError, match="10007"):
        import_polis(story.house, long, by=story.facilitator, at=NOW)
    assert Consultation.objects.count() == 1


def test_only_whoever_animates_here_imports(story: Story) -> None:
    carer = member(story.house, account("sarah@tilleuls.example"), Role.CARER)
    with pytest.raises(NotFoundError):
        import_polis(story.house, FILES, by=carer, at=NOW)


def test_a_real_consultation_comes_in_whole_and_its_pages_open(story: Story, client: object) -> None:
    folder = SHARED / "data" / "polis" / "15-per-hour-seattle"
    if not folder.is_dir():
        pytest.skip("the real consultations are not on this machine")
    files = {path.name: path.read_bytes() for path in folder.glob("*.csv") if path.name != "stats-history.csv"}
    done = import_polis(story.house, files, by=story.facilitator, at=NOW)
    table = read_export(files).table()
    assert (done.people, done.votes) == (len(table.people), table.votes)
    moderated = {one.number for one in read_export(files).comments if one.moderated < 0}
    rejected = done.consultation.statements.filter(state=StatementState.REJECTED).values_list("number", flat=True)
    assert set(rejected) == moderated
    page = result_page(done.consultation)
    assert sum(group.size for group in page.groups) == page.opinion_map.people_on_map  # type: ignore[union-attr]
    for name in ("map", "report", "report.pdf", "open-data/participants-votes.csv"):
        answer = client.get(f"/c/{done.consultation.id}/{name}{'' if '.' in name else '/'}")  # type: ignore[attr-defined]
        assert answer.status_code == 200, name
