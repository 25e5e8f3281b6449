"""Errors of actions and queries become pages, and each kind keeps its status."""

from __future__ import annotations

import json

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils.translation import override

from colloque.kernel.errors import (
    ColloqueError,
    ConflictError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    TamperedError,
    UnavailableError,
)
from colloque.kernel.vocabulary import Role
from colloque.people.access import EstablishmentNeededError, SignInNeededError
from colloque.people.middleware import ViewerMiddleware
from tests.people.houses import member, two_houses

KINDS = [
    (NotFoundError, 404),
    (NotAllowedError, 403),
    (ConflictError, 409),
    (InvalidInputError, 400),
    (UnavailableError, 503),
    (TamperedError, 500),
]


@pytest.mark.parametrize(("kind", "status"), KINDS)
def test_programs_get_a_code_and_a_status(kind: type[ColloqueError], status: int) -> None:
    request = RequestFactory().get("/api/v1/anything", headers={"accept": "application/json"})
    response = ViewerMiddleware(lambda _: HttpResponse()).process_exception(request, kind("What happened."))
    assert response is not None
    assert response.status_code == status
    assert json.loads(response.content) == {"code": kind.code, "message": "What happened."}


@pytest.mark.parametrize(
    ("error", "leads_to"),
    [(SignInNeededError("…"), "/accounts/login/"), (EstablishmentNeededError("…"), "/people/establishment/")],
)
def test_people_are_led_on_and_back(error: ColloqueError, leads_to: str) -> None:
    request = RequestFactory().get("/acts/?page=2")
    response = ViewerMiddleware(lambda _: HttpResponse()).process_exception(request, error)
    assert response is not None
    assert response.headers["Location"] == f"{leads_to}?next=%2Facts%2F%3Fpage%3D2"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("error", "french", "english"),
    [
        (
            TamperedError("Sealed data does not open.", code="unsealable"),
            "n’est plus tel",
            "no longer what was written",
        ),
        (UnavailableError("The key is missing.", code="key-missing"), "Une clé de cette", "A key of this installation"),
        (NotFoundError("There is no such entry.", code="no-entry"), "rien à cette adresse", "at this address"),
    ],
)
def test_what_the_ledger_and_the_keys_raise_is_said_in_the_reader_s_language(
    client: Client, error: ColloqueError, french: str, english: str
) -> None:
    for language, words in (("fr", french), ("en", english)):
        request = client.get("/", headers={"accept-language": language}).wsgi_request
        with override(language):
            page = ViewerMiddleware(lambda _: HttpResponse()).process_exception(request, error)
        assert page is not None
        told = page.content.decode()
        assert words in told, f"{language}: {error.code}"
        assert error.message not in told, "a sentence for programs is on a page"


def test_errors_that_are_not_ours_stay_what_they_are() -> None:
    request = RequestFactory().get("/")
    assert ViewerMiddleware(lambda _: HttpResponse()).process_exception(request, ValueError("bug")) is None


@pytest.mark.django_db
def test_the_chosen_establishment_is_one_of_mine() -> None:
    houses = two_houses()
    account = member("alice@example.org", houses.tilleuls, Role.PATIENT)
    client = Client()
    client.force_login(account)
    page = "/people/establishment/"
    refused = client.post(page, {"establishment": str(houses.saint_roch.id)})
    assert refused.status_code == 404
    assert "establishment" not in client.session
    accepted = client.post(page, {"establishment": str(houses.tilleuls.id), "next": "//evil.example"})
    assert accepted.headers["Location"] == "/", "a way back leads to another site"
    assert client.session["establishment"] == str(houses.tilleuls.id)
