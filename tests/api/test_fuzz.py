"""Every operation of the API with whatever its description allows and does not allow: no 5xx, and answers as described."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from colloque.consultations.actions.closing import close_consultation
from colloque.consultations.actions.mapping import map_now
from colloque.kernel.vocabulary import Role
from colloque.people.models import Establishment
from tests.acts.cytology import Story
from tests.consultations.story import SENTENCES, account, consultation, member, statement
from tests.consultations.story import Story as Consulting
from tests.consultations.test_actions_closing import people

CSRF = "a" * 32
PATIENTLY = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
    database=None,
    derandomize=True,
)


@pytest.fixture(autouse=True)
def one_connection(db: None) -> Iterator[None]:
    """Calls of the application stay in the test's own transaction, as with Django's test client."""
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


@pytest.fixture
def known(story: Story) -> dict[str, Any]:
    """Ids that exist, of acts in each state a carer meets."""
    acts = [story.started(seed=4), story.opened(seed=5)]
    client = Client()
    client.force_login(story.carer)
    asked = consulted(story.world.house)
    return {
        "consultations": [str(one) for one in asked],
        "acts": [str(act.id) for act in acts],
        "person": str(story.world.person.id),
        "service": str(story.world.service.id),
        "colleague": str(story.colleague.id),
        "cookies": {"sessionid": client.cookies["sessionid"].value, "csrftoken": CSRF},
    }


def consulted(house: Establishment) -> list[UUID]:
    """Two consultations of a house, one open and one closed, each with its map."""
    facilitator = member(house, account("paul@tilleuls.example", "Paul", "Garnier"), Role.FACILITATOR)
    asked = [consultation(house, facilitator, number=number) for number in (1, 2)]
    for one in asked:
        said = tuple(statement(one, place, text) for place, text in enumerate(SENTENCES, start=1))
        people(Consulting(house, facilitator, one, said))
        map_now(one, at=timezone.now())
    close_consultation(asked[1], by=facilitator, at=timezone.now())
    return [one.id for one in asked]


def operations() -> list[tuple[str, str]]:
    """Each operation of the API: its path and method."""
    from colloque.config.api import api

    return [
        (path, method)
        for path, methods in api.get_openapi_schema(path_prefix="/api/v1/")["paths"].items()
        for method in methods
    ]


def somewhere_real(drawn: dict[str, Any] | None, known: dict[str, Any], chosen: int) -> None:
    """Put ids that exist in place of drawn ones, two times in three."""
    real = {
        "act_id": known["acts"][chosen % 2],
        "person_id": known["person"],
        "person": known["person"],
        "service": known["service"],
        "to": known["colleague"],
        "slug": "tilleuls",
        "project": "aide",
        "consultation_id": known["consultations"][chosen % 2],
    }
    if isinstance(drawn, dict) and chosen % 3:
        for name in set(real) & set(drawn):
            drawn[name] = real[name]


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "method"), operations(), ids=lambda part: str(part).removeprefix("/api/v1/"))
def test_no_input_breaks_an_operation(path: str, method: str, known: dict[str, Any]) -> None:
    described = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    cases = described[path][method.upper()].as_strategy()

    @given(case=cases, chosen=st.integers(0, 5))
    @PATIENTLY
    def call(case: Any, chosen: int) -> None:
        somewhere_real(case.path_parameters, known, chosen)
        somewhere_real(case.body, known, chosen)
        case.call_and_validate(
            cookies=known["cookies"],
            headers={"X-CSRFToken": CSRF},
            checks=[not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance],
        )

    call()


@pytest.mark.django_db
@pytest.mark.parametrize("operation", ["decision", "own-reading", "hand-over", "suggestion-accesses", "spoken-answer"])
def test_bytes_that_are_no_json_are_said_to_be_so(operation: str, known: dict[str, Any]) -> None:
    client = Client()
    client.cookies["sessionid"] = known["cookies"]["sessionid"]
    for body in (b"", b"{", b"\xff\xfe", b"[]", b"null", b'"\\ud800"', b"[" * 5000, b'{"a":' * 500, b"1e999", b"NaN"):
        answer = client.post(f"/api/v1/acts/{known['acts'][1]}/{operation}", body, content_type="application/json")
        assert answer.status_code in {400, 422}, (body[:20], answer.status_code)
        assert set(answer.json()) == {"code", "message", "path"}
