"""From asking to a decision, with the real reference AI in its own process, and to the ends that are no decision."""

from __future__ import annotations

import ast
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction

from colloque.acts import actions, queries
from colloque.acts.core.decision import DecisionReason
from colloque.acts.models import Act, Decision, OwnAssessment, Suggestion, SuggestionAccess
from colloque.acts.queries.page import opened_decision
from colloque.kernel.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError
from colloque.kernel.vocabulary import ChoiceAnswer, Outcome, Requirement
from colloque.ledger.queries import entries_about
from tests.acts.cytology import PlayedAI, Story, a_card
from tests.acts.world import NOW, choose

SOURCE = Path(__file__).resolve().parents[2] / "src" / "colloque"
pytestmark = pytest.mark.django_db


def decide(story: Story, act: Act, outcome: str = "set-aside", **changes: object) -> Decision:
    given: dict[str, object] = {
        "outcome": outcome,
        "reasons": [DecisionReason.SEEN_HERE.value],
        "words": "Noyaux réguliers.",
        "patient_view": "Elle préfère attendre.",
        "by": story.carer,
        "at": NOW + timedelta(minutes=5),
        **changes,
    }
    return actions.decide(act, **given)  # type: ignore[arg-type]


@pytest.mark.principle("A9", "F1")
def test_the_ai_is_not_called_before_the_carer_gave_an_own_reading(played_story: Story, played: PlayedAI) -> None:
    played.says(a_card())
    act = played_story.started()
    assert act.state == "asking"
    assert played.calls == []
    actions.record_own_assessment(act, reading="benign", sureness="sure", words="", by=played_story.carer, at=NOW)
    act.refresh_from_db()
    assert act.state == "open"
    assert len(played.calls) == 1
    assert act.sealed_input is None


@pytest.mark.principle("A1", "A2")
def test_an_answer_of_the_real_ai_ends_as_the_decision_of_a_named_carer(story: Story) -> None:
    act = story.opened()
    assert (act.state, act.owner_id) == ("open", story.carer.id)
    decision = decide(story, act)
    act.refresh_from_db()
    assert (act.state, decision.carer_id, decision.outcome) == ("decided", story.carer.id, "set-aside")
    _row, said = opened_decision(act)
    assert said.retained is not None
    assert said.retained.code == "benign"
    kinds = sorted(told.kind for told in entries_about(story.world.person.id))
    assert kinds == ["act.answered", "act.asked", "assessment.recorded", "decision.recorded"]


@pytest.mark.principle("A2")
@pytest.mark.parametrize(
    ("outcome", "retained", "kept"),
    [("followed", "", "malignant"), ("adapted", "benign", "benign"), ("set-aside", "", "benign")],
)
def test_each_outcome_keeps_own_proposed_and_final(story: Story, outcome: str, retained: str, kept: str) -> None:
    act = story.opened()
    decide(story, act, outcome, retained=retained)
    _row, said = opened_decision(Act.objects.get())
    assert said.outcome == Outcome(outcome)
    assert said.retained is not None
    assert said.retained.code == kept


@pytest.mark.principle("A1")
def test_only_one_place_in_the_house_writes_a_decision() -> None:
    places = []
    for path in SOURCE.rglob("*.py"):
        if {"migrations", "reference_ai"} & set(path.parts):
            continue
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for node in ast.walk(function):
                made = isinstance(node, ast.Attribute) and ast.unparse(node).startswith("Decision.objects.")
                if made and ast.unparse(node).split(".")[-1] in {
                    "create",
                    "bulk_create",
                    "get_or_create",
                    "update_or_create",
                }:
                    places.append(f"{path.relative_to(SOURCE)}:{function.name}")
            if "INSERT INTO acts_decision" in ast.unparse(function):
                places.append(f"{path.relative_to(SOURCE)}:{function.name}")
    assert places == ["acts/actions/deciding.py:decide"]
    for path in SOURCE.rglob("sql.py"):
        assert "acts_decision" not in path.read_text(encoding="utf-8").replace("acts_decision d", "")


@pytest.mark.principle("A1")
def test_the_database_itself_refuses_a_decided_act_without_a_named_decision(story: Story) -> None:
    act = story.opened()
    Act.objects.filter(id=act.id).update(state="decided")
    with connection.cursor() as cursor, pytest.raises(IntegrityError, match="decision of its owner"):
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_database_itself_keeps_what_a_carer_wrote(story: Story) -> None:
    act = story.opened()
    decide(story, act)
    for change in (
        lambda: Decision.objects.filter(act=act).update(outcome="followed"),
        lambda: OwnAssessment.objects.filter(act=act).update(made_at=NOW),
        lambda: OwnAssessment.objects.filter(act=act).delete(),
        lambda: Act.objects.filter(id=act.id).update(state="open"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_whoever_may_not_see_an_act_finds_nothing(story: Story) -> None:
    act = story.opened()
    for account in (story.river_nurse, story.director, story.stranger, story.patient):
        with pytest.raises(NotFoundError):
            decide(story, act, by=account)
        with pytest.raises(NotFoundError):
            queries.act_page(account, act.id, NOW)
    with pytest.raises(NotAllowedError):
        decide(story, act, by=story.colleague)
    assert not Decision.objects.exists()


def test_a_decision_is_taken_once(story: Story) -> None:
    act = story.opened()
    decide(story, act)
    with pytest.raises(ConflictError) as refused:
        decide(story, act, "followed")
    assert refused.value.code == "already-decided"


def test_a_decision_without_a_reason_is_asked_again_and_changes_nothing(story: Story) -> None:
    act = story.opened()
    with pytest.raises(InvalidInputError) as refused:
        decide(story, act, reasons=[])
    assert refused.value.path == "reasons"
    act.refresh_from_db()
    assert act.state == "open"


@pytest.mark.principle("B5")
def test_a_refusal_given_after_the_answer_takes_its_word_away(story: Story) -> None:
    act = story.opened()
    choose(story.world.person, ChoiceAnswer.NO, story.patient, at=NOW + timedelta(minutes=1))
    page = queries.act_page(story.carer, act.id, NOW + timedelta(minutes=2))
    assert page.refused_since
    assert page.answers == ()
    for outcome in ("followed", "adapted"):
        with pytest.raises(ConflictError) as refused:
            decide(story, act, outcome, retained="benign")
        assert refused.value.code == "refused-since"
    decide(story, act, "set-aside")


@pytest.mark.principle("B5")
def test_a_refusal_wins_before_anything_leaves(played_story: Story, played: PlayedAI) -> None:
    choose(played_story.world.person, ChoiceAnswer.NO, played_story.patient)
    act = played_story.started()
    assert act.state == "refused"
    assert played.calls == []


@pytest.mark.principle("C1")
def test_the_yes_of_this_once_holds_for_this_act_and_a_no_refuses_it(played_story: Story, played: PlayedAI) -> None:
    played.says(a_card())
    choose(played_story.world.person, ChoiceAnswer.ASK_EACH_TIME, played_story.patient)
    act, other = played_story.started(), played_story.started()
    assert queries.act_page(played_story.carer, act.id, NOW).step is Requirement.EXPLICIT_YES
    actions.record_spoken_answer(act, said_yes=True, by=played_story.carer, at=NOW)
    act.refresh_from_db()
    assert act.state == "asking"
    assert queries.act_page(played_story.carer, act.id, NOW).step is Requirement.OWN_ASSESSMENT
    actions.record_own_assessment(act, reading="benign", sureness="sure", by=played_story.carer, at=NOW)
    act.refresh_from_db()
    assert act.state == "open"
    actions.record_spoken_answer(other, said_yes=False, by=played_story.carer, at=NOW)
    other.refresh_from_db()
    assert other.state == "refused"
    assert len(played.calls) == 1


@pytest.mark.principle("A1")
def test_an_undecided_suggestion_always_belongs_to_somebody_and_can_be_handed_over(story: Story) -> None:
    act = story.opened()
    assert [line.id for line in queries.worklist(story.carer, NOW).open] == [act.id]
    with pytest.raises(InvalidInputError):
        actions.hand_over(act, to=story.river_nurse.id, by=story.carer, at=NOW)
    with pytest.raises(NotAllowedError):
        actions.hand_over(act, to=story.carer.id, by=story.colleague, at=NOW)
    actions.hand_over(act, to=story.colleague.id, by=story.carer, at=NOW)
    assert queries.worklist(story.carer, NOW).open == ()
    assert [line.id for line in queries.worklist(story.colleague, NOW).open] == [act.id]
    act.refresh_from_db()
    with pytest.raises(NotAllowedError):
        decide(story, act)


@pytest.mark.principle("A9")
def test_who_takes_an_act_over_judges_first_and_sees_after(story: Story) -> None:
    act = story.opened()
    actions.hand_over(act, to=story.colleague.id, by=story.colleague, at=NOW)
    page = queries.act_page(story.colleague, act.id, NOW)
    assert (page.step, page.answers) == (Requirement.OWN_ASSESSMENT, ())
    with pytest.raises(ConflictError) as refused:
        decide(story, act, by=story.colleague)
    assert refused.value.code == "assessment-first"
    actions.record_own_assessment(act, reading="malignant", sureness="unsure", by=story.colleague, at=NOW)
    page = queries.act_page(story.colleague, act.id, NOW)
    assert len(page.answers) == 1
    assert page.own is not None
    assert page.own.reading == "plutôt malin"
    assert OwnAssessment.objects.filter(act=act).count() == 2


def test_an_own_reading_is_given_once_and_only_where_it_is_asked(story: Story) -> None:
    act = story.opened()
    with pytest.raises(ConflictError) as refused:
        actions.record_own_assessment(act, reading="malignant", sureness="sure", by=story.carer, at=NOW)
    assert refused.value.code == "assessment-given"
    decide(story, act)
    with pytest.raises(ConflictError):
        actions.record_own_assessment(act, reading="malignant", sureness="sure", by=story.carer, at=NOW)


@pytest.mark.principle("A8")
def test_where_the_ai_does_not_know_it_abstains_and_nothing_waits_for_a_decision(story: Story) -> None:
    for status in ("abstained", "outside"):
        act = story.opened(status=status)
        assert act.state == "abstained"
        page = queries.act_page(story.carer, act.id, NOW)
        assert [answer.label for answer in page.answers] == [""]
        with pytest.raises(ConflictError):
            decide(story, act)
    assert queries.worklist(story.carer, NOW).open == ()


@pytest.mark.principle("A8")
def test_outside_the_declared_population_the_software_keeps_the_ai_silent_itself(
    played_story: Story, played: PlayedAI
) -> None:
    project = played_story.world.project
    project.intended_use = {"purpose": {"fr": "Lire", "en": "Read"}, "age_from": 18, "age_to": 40}
    project.save()
    act = played_story.started()
    assert (act.state, act.withheld_because) == ("withheld", "outside-intended-use")
    assert played.calls == []
    page = queries.act_page(played_story.carer, act.id, NOW)
    assert [reason.sentence for reason in page.outside] == ["Elle n’est prévue que jusqu’à 40 ans."]


@pytest.mark.parametrize(
    ("answer", "because"),
    [
        ((500, "application/json", b"{}"), "status"),
        ((200, "text/html", b"<html>plutot malin</html>"), "content-type"),
        ((200, "application/json", b"{"), "not-json"),
        ((200, "application/json", b'{"cards": [{"summary": "x", "indicator": "info"}]}'), "no-source"),
        ((200, "application/json", b"[" * 300_000), "too-large"),
        ((302, "application/json", b""), "redirect"),
    ],
)
def test_an_ai_that_misbehaves_is_withheld_and_care_goes_on(
    played_story: Story, played: PlayedAI, answer: tuple[int, str, bytes], because: str
) -> None:
    played.answer = lambda _call: answer
    act = played_story.opened()
    assert (act.state, act.withheld_because) == ("withheld", because)
    assert not Suggestion.objects.exists()
    page = queries.act_page(played_story.carer, act.id, NOW)
    assert page.withheld_words
    assert page.answers == ()


@pytest.mark.principle("A4", "G5")
def test_a_suggestion_is_read_again_only_with_a_purpose_and_each_time_is_kept(story: Story) -> None:
    act = story.opened()
    with pytest.raises(ConflictError):
        actions.access_suggestion(act, purpose="care", by=story.colleague, at=NOW)
    decide(story, act)
    assert queries.act_page(story.carer, act.id, NOW).answers == ()
    for wrong in ("", "curiosity"):
        with pytest.raises(InvalidInputError):
            actions.access_suggestion(act, purpose=wrong, by=story.colleague, at=NOW)
    assert not SuggestionAccess.objects.exists()
    (answer,) = actions.access_suggestion(act, purpose="team-review", words="staff", by=story.colleague, at=NOW)
    assert answer.label == "plutôt malin"
    access = SuggestionAccess.objects.get()
    assert (access.account_id, access.purpose) == (story.colleague.id, "team-review")
    (told,) = queries.act_page(story.carer, act.id, NOW).accesses
    assert told.words == "staff"
    assert entries_about(story.world.person.id)[0].kind == "suggestion.accessed"


def test_what_asked_for_a_day_expires_and_its_data_is_cleared(played_story: Story, played: PlayedAI) -> None:
    act = played_story.started()
    assert actions.expire_asking(at=NOW + timedelta(hours=23)) == 0
    assert actions.expire_asking(at=NOW + timedelta(hours=25)) == 1
    act.refresh_from_db()
    assert (act.state, act.sealed_input) == ("expired", None)
    assert played.calls == []
    with pytest.raises(ConflictError):
        actions.record_own_assessment(act, reading="benign", sureness="sure", by=played_story.carer, at=NOW)
    assert entries_about(played_story.world.person.id)[0].kind == "act.expired"


@pytest.mark.principle("A1")
def test_an_undecided_answer_stays_undecided_however_long(story: Story) -> None:
    act = story.opened()
    assert actions.expire_asking(at=NOW + timedelta(days=3650)) == 0
    act.refresh_from_db()
    assert act.state == "open"


def test_an_act_that_belongs_to_somebody_gone_is_seen_by_the_team(story: Story) -> None:
    act = story.opened()
    story.carer.memberships.update(valid_until=NOW + timedelta(minutes=1))
    later = NOW + timedelta(minutes=2)
    work = queries.worklist(story.colleague, later)
    assert [line.id for line in work.adrift] == [act.id]
    assert work.adrift[0].owner == "Claire Morel"
    assert queries.worklist(story.river_nurse, later).adrift == ()
