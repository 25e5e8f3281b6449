"""What a charter would do, by the REST API: for those who prepare rules, and nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from django.test import Client
from django.utils import timezone

from benchmarks.decide import acts
from colloque.charter.core.constitution import packaged
from colloque.kernel.vocabulary import Profession, Role
from colloque.people.models import Account, Membership
from tests.acts.cytology import Story
from tests.api.test_operations import BASE, post

pytestmark = pytest.mark.django_db
OPERATIONS = ("analyse", "diff", "simulate")
AGE = (
    '@id("age") @fr("Pas après 55 ans.") @en("Not over 55.") @origin("essai") '
    "forbid (principal, action, resource) unless { resource has age && resource.age <= 55 };\n"
)
FACTS = [msgspec.to_builtins(these) for these in acts(300)]


def _body(operation: str, cedar: str = "", **more: Any) -> dict[str, Any]:
    body = {"cedar": cedar or packaged("starter") + AGE, **more}
    return {**body, "acts": FACTS} if operation == "simulate" else body


def _ask(account: Account, operation: str, **more: Any) -> Any:
    return post(account, f"/charter/{operation}", _body(operation, **more))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_only_who_prepares_rules_may_ask(story: Story, operation: str) -> None:
    nobody = Client().post(f"{BASE}/charter/{operation}", _body(operation), content_type="application/json")
    assert nobody.status_code == 401
    for account in (story.carer, story.patient, story.stranger):
        assert _ask(account, operation).status_code == 404, account
    for account in (story.director,):
        answer = _ask(account, operation)
        assert answer.status_code == 200, answer.content
        assert answer.json()["words"]
    get = Client().get(f"{BASE}/charter/{operation}")
    assert get.status_code == 405


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (role, 200 if role in {Role.DIRECTOR, Role.ADMINISTRATOR, Role.FACILITATOR, Role.ETHICS_MEMBER} else 404)
        for role in Role
        if role not in {Role.PATIENT, Role.TRUSTED_PERSON}
    ],
)
def test_each_role(story: Story, role: Role, expected: int) -> None:
    account = Account.objects.create_user(f"{role.value}@example.org", given_name="Camille", family_name="Roy")
    since = timezone.now() - timedelta(days=1)
    Membership.objects.create(
        account=account,
        establishment=story.world.house,
        role=role,
        profession=Profession.NURSE if role is Role.CARER else "",
        valid_from=since,
    )
    assert _ask(account, "analyse").status_code == expected


def test_the_answers_are_those_of_the_charter(story: Story) -> None:
    starter = packaged("starter")
    told = _ask(story.director, "diff", before=starter).json()
    assert told["result"]["added"] == ["age"]
    answers = {example["becomes"]: example["answer"] for example in told["result"]["effect"]["examples"]}
    assert answers == {"refused": "yes", "permitted": "no", "asks": "no"}
    report = _ask(story.director, "simulate", before=starter, unit=["Lilas"] * 300).json()["result"]
    assert report["acts"] == 300
    assert report["newly_refused"] > 5
    assert "unit" in [table["dimension"] for table in report["tables"]]
    found = _ask(story.director, "analyse", cedar=starter + AGE.replace("<= 55", "<= 55 || true")).json()["result"]
    assert "age" in [one["rule"] for one in found["found"]]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_is_wrong_is_said_in_words(story: Story, operation: str) -> None:
    answer = _ask(story.director, operation, cedar=packaged("starter") + AGE.replace("55 }", "cinquante }"))
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid-charter"
    assert "ligne" in answer.json()["message"]
    assert post(story.director, f"/charter/{operation}", {}).status_code == 422
    assert _ask(story.director, operation, cedar="x" * 200_001).status_code == 422


def test_sizes_have_limits(story: Story) -> None:
    many = {"cedar": packaged("starter"), "acts": [{}] * 5_001}
    assert post(story.director, "/charter/simulate", many).status_code == 422
    heavy = {"cedar": packaged("starter"), "acts": [{"v": 1, "more": "x" * 4_000_000}]}
    refused = post(story.director, "/charter/simulate", heavy)
    assert (refused.status_code, refused.json()["code"]) == (400, "too-large")
    rules = "".join(AGE.replace('"age"', f'"age-{n}"') for n in range(160))
    refused = _ask(story.director, "analyse", cedar=rules)
    assert (refused.status_code, refused.json()["code"]) == (400, "too-many-rules")
    later = {"cedar": packaged("starter"), "acts": [{**FACTS[0], "v": 9}]}
    assert post(story.director, "/charter/simulate", later).json()["code"] == "acts-too-new"
