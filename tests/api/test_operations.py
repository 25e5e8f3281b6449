"""The REST API: the same rules as the pages, one shape for errors, public parts open."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from ninja import Schema

from colloque.acts import actions
from colloque.acts.models import Decision
from colloque.kernel.vocabulary import ChoiceAnswer
from colloque.ledger.actions import integrate
from colloque.people.models import Account
from tests.acts.cytology import PlayedAI, Story
from tests.acts.world import choose

pytestmark = pytest.mark.django_db
BASE = "/api/v1"


def signed_in(account: Account, **more: Any) -> Client:
    client = Client(**more)
    client.force_login(account)
    return client


def post(account: Account, path: str, body: object) -> Any:
    return signed_in(account).post(f"{BASE}{path}", body, content_type="application/json")


def get(account: Account | None, path: str) -> Any:
    return (signed_in(account) if account else Client()).get(f"{BASE}{path}")


@pytest.mark.principle("A9")
def test_a_program_goes_the_same_way_as_a_person(story: Story, played: PlayedAI) -> None:
    asked = {
        "person": str(story.world.person.id),
        "service": str(story.world.service.id),
        "values": story.values(),
    }
    started = post(story.carer, "/acts", asked)
    assert started.status_code == 201, started.content
    act = started.json()
    assert (act["state"], act["step"], act["answers"]) == ("asking", "own-assessment", [])
    assert b"zorglub" not in started.content
    assert played.calls == []
    early = post(story.carer, f"/acts/{act['id']}/decision", {"outcome": "followed", "reasons": ["seen-here"]})
    assert (early.status_code, early.json()["code"]) == (409, "act-closed")
    read = post(story.carer, f"/acts/{act['id']}/own-reading", {"reading": "benign", "sureness": "sure"}).json()
    assert (read["state"], read["answers"][0]["label"]) == ("open", "plutôt malin")
    assert [line["id"] for line in get(story.carer, "/worklist").json()["open"]] == [act["id"]]
    decided = post(
        story.carer,
        f"/acts/{act['id']}/decision",
        {"outcome": "set-aside", "reasons": ["seen-here"], "words": "Noyaux réguliers."},
    ).json()
    assert (decided["state"], decided["answers"]) == ("decided", [])
    assert decided["decision"]["carer"] == "Claire Morel"
    assert Decision.objects.get().carer_id == story.carer.id
    again = post(story.carer, f"/acts/{act['id']}/suggestion-accesses", {"purpose": "care"})
    assert again.json()[0]["model"] == "zorglub 9.8.7"
    record = get(story.carer, f"/acts/{act['id']}/record")
    assert record.json()["resourceType"] == "Bundle"
    assert b"zorglub" not in record.content


@pytest.mark.principle("G5")
def test_who_may_not_see_an_act_gets_the_same_404_as_for_no_act(story: Story) -> None:
    act = story.opened()
    nothing = get(story.carer, f"/acts/{uuid4()}").json()
    for account in (story.river_nurse, story.stranger, story.director, story.patient):
        hidden = get(account, f"/acts/{act.id}")
        assert (hidden.status_code, hidden.json()) == (404, nothing)
        refused = post(account, f"/acts/{act.id}/decision", {"outcome": "followed", "reasons": ["seen-here"]})
        assert (refused.status_code, refused.json()) == (404, nothing)
    assert get(None, f"/acts/{act.id}").status_code == 401
    assert get(story.river_nurse, "/acts").json() == []


def test_only_the_owner_decides_and_may_hand_over(story: Story) -> None:
    act = story.opened()
    body = {"outcome": "followed", "reasons": ["seen-here"]}
    assert post(story.colleague, f"/acts/{act.id}/decision", body).status_code == 403
    taken = post(story.colleague, f"/acts/{act.id}/hand-over", {"to": str(story.colleague.id)}).json()
    assert (taken["is_mine"], taken["step"], taken["answers"]) == (True, "own-assessment", [])


@pytest.mark.parametrize(
    ("path", "body", "status", "place"),
    [
        ("/acts/{act}/decision", {"outcome": "withheld", "reasons": ["seen-here"]}, 400, "outcome"),
        ("/acts/{act}/decision", {"outcome": "followed", "reasons": []}, 422, "given.reasons"),
        ("/acts/{act}/decision", {"outcome": "adapted", "reasons": ["seen-here"]}, 400, "retained"),
        ("/acts/{act}/decision", {"outcome": "followed", "reasons": ["because"]}, 422, "given.reasons.0"),
        ("/acts/{act}/decision", "nothing", 400, ""),
        ("/acts/not-an-id/decision", {"outcome": "followed", "reasons": ["seen-here"]}, 422, "act_id"),
        ("/nowhere", {}, 404, ""),
    ],
)
def test_errors_have_one_shape(story: Story, path: str, body: object, status: int, place: str) -> None:
    act = story.opened()
    url = f"{BASE}{path.replace('{act}', str(act.id))}"
    client = signed_in(story.carer)
    if body == "nothing":
        answer = client.post(url, "{", content_type="application/json")
    else:
        answer = client.post(url, body, content_type="application/json")
    problem = answer.json()
    assert set(problem) == {"code", "message", "path"}, problem
    assert (answer.status_code, problem["path"]) == (status, place), problem
    assert problem["message"]


def test_a_change_without_its_token_against_forged_requests_is_refused(story: Story) -> None:
    act = story.opened()
    client = signed_in(story.carer, enforce_csrf_checks=True)
    refused = client.post(f"{BASE}/acts/{act.id}/resume", content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf")


@pytest.mark.principle("C1", "B5")
def test_a_person_gives_an_answer_that_holds_at_once(story: Story, played: PlayedAI) -> None:
    path = f"/persons/{story.world.person.id}/choices"
    given = post(story.patient, path, {"act_kind": "cytology-reading", "answer": "no"}).json()
    about = next(line for line in given if line["act_kind"] == "cytology-reading")
    assert (about["holds"], about["in_person"]) == ("no", True)
    assert story.started().state == "refused"
    assert played.calls == []
    assert get(story.colleague, path).status_code == 200
    for account in (story.stranger, story.director, story.river_nurse):
        assert get(account, path).status_code == 404
        assert post(account, path, {"answer": "yes"}).status_code == 404


@pytest.mark.principle("B10")
def test_charter_ai_systems_counts_and_checkpoint_are_public(story: Story) -> None:
    charter = get(None, "/establishments/tilleuls/charter").json()
    assert charter["number"] == 1
    rules = {rule["id"]: rule for rule in charter["rules"]}
    assert rules["patient-refusal"]["is_constitution"]
    assert rules["own-assessment-first"]["asks"] == "own-assessment"
    assert rules["own-assessment-first"]["cedar"]
    systems = get(None, "/establishments/tilleuls/ai").json()
    assert [(system["slug"], system["status"]) for system in systems] == [("aide", "live")]
    assert get(None, "/establishments/tilleuls/ai/aide").json()["services"][0]["receives"] == ["Les mesures des noyaux"]
    choose(story.world.person, ChoiceAnswer.NO, story.patient)
    story.started()
    counts = get(None, "/establishments/tilleuls/charter/rules/patient-refusal/counts").json()
    assert counts["counts"] == [{"verdict": "refused", "acts": None, "persons": None}]
    integrate(timezone.now())
    assert get(None, "/ledger/checkpoint").json()["size"] >= 1
    for path in ("/establishments/nowhere/charter", "/establishments/nowhere/ai", "/establishments/tilleuls/ai/none"):
        assert get(None, path).status_code == 404, path


def test_a_list_goes_on_where_it_ended(story: Story) -> None:
    for seed in (1, 2, 3):
        story.started(seed=seed)
    first = get(story.carer, "/acts?limit=2").json()
    assert len(first) == 2
    actions.expire_asking(at=timezone.now() + timedelta(days=2))
    assert get(story.carer, "/acts?state=expired").json()[2]["state"] == "expired"
    assert get(story.carer, "/acts?state=open").json() == []
    assert get(story.carer, "/acts?limit=0").status_code == 422
    assert get(story.carer, "/acts?state=none").status_code == 422


def test_the_description_is_openapi_3_1_and_says_how_each_operation_fails() -> None:
    schema = Client().get(f"{BASE}/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], (method, path)
            if operation.get("security"):
                assert {"401", "404", "422"} <= set(operation["responses"]), (method, path)


def test_two_forms_never_share_a_name() -> None:
    from colloque.acts import api as acts
    from colloque.charter import api as charter
    from colloque.ledger import api as ledger
    from colloque.patients import api as patients
    from colloque.projects import api as projects

    named: dict[str, set[str]] = {}
    for module in (acts, charter, ledger, patients, projects):
        for name, value in vars(module).items():
            if isinstance(value, type) and issubclass(value, Schema):
                named.setdefault(name, set()).add(value.__module__)
    assert {name: places for name, places in named.items() if len(places) > 1} == {}
