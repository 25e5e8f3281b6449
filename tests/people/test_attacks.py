"""Attacks by whoever reads the server's log, or comes next to a shared computer."""

from __future__ import annotations

import io
import logging

import pytest
from django.test import Client
from django.utils import timezone

from colloque.config.log_lines import WithoutSecrets
from colloque.kernel.vocabulary import Role
from colloque.people import actions
from colloque.people.actions import OPERATOR, Offer
from tests.people.houses import Houses, member

pytestmark = pytest.mark.django_db


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What the server writes in its log."""
    written = io.StringIO()
    ours = [h for h in logging.getLogger().handlers if any(isinstance(f, WithoutSecrets) for f in h.filters)]
    assert ours, "the server's own handler has no filter"
    for handler in ours:
        monkeypatch.setattr(handler, "stream", written)
    return written


def test_the_log_holds_no_secret_of_a_link(houses: Houses, lines: io.StringIO) -> None:
    offer = Offer("odile@example.org", Role.PATIENT, "Odile", "Petit")
    invited = actions.invite(houses.tilleuls, offer, by=OPERATOR, at=timezone.now()).secret
    account = member("marc@example.org", houses.tilleuls, Role.PATIENT)
    lost = actions.make_access_link(account, houses.tilleuls, by=OPERATOR, at=timezone.now()).secret
    strict = Client(enforce_csrf_checks=True)
    for path, secret in ((f"/people/invitation/{invited}/", invited), (f"/people/access/{lost}/", lost)):
        assert strict.get(path).status_code == 200, "the link is alive"
        assert strict.head(path).status_code == 405
        assert strict.post(path, {}).status_code == 403
        written = lines.getvalue()
        assert "/people/" in written, "nothing was logged: this test shows nothing"
        assert secret not in written
    Client().get("/accounts/password/reset/key/abc-secret-of-a-link/nothing")
    assert "secret-of-a-link" not in lines.getvalue()


@pytest.mark.parametrize("path", ["/", "/people/me/", "/patients/", "/my/choices/", "/nowhere/"])
def test_a_shared_computer_keeps_no_page_of_somebody_signed_in(houses: Houses, client: Client, path: str) -> None:
    client.force_login(member("marc@example.org", houses.tilleuls, Role.PATIENT))
    assert "no-store" in client.get(path).headers.get("Cache-Control", "")


def test_a_forged_host_is_refused_and_breaks_nothing() -> None:
    answer = Client(raise_request_exception=False).get("/accounts/login/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "evil.example" not in answer.content.decode()
