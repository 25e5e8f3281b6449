"""What the operator does at the command line."""

from __future__ import annotations

import pytest
from django.test import Client

from colloque.cli import build_parser
from colloque.kernel.errors import ColloqueError, ConflictError, InvalidInputError, NotFoundError
from colloque.kernel.vocabulary import Role
from colloque.ledger.models import Entry
from colloque.people.models import Account, Establishment, Invitation, Membership
from tests.people.houses import Houses, member

pytestmark = pytest.mark.django_db
PASSWORD = "une phrase qui se retient"


def run(*words: str) -> int:
    options = build_parser().parse_args(["people", *words])
    assert options.needs_django
    return int(options.run(options))


def test_a_new_installation_gets_its_first_administrator(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("create-establishment", "tilleuls", "Les Tilleuls", "--kind", "nursing-home", "--city", "Valbrune") == 0
    assert run("create-administrator", "tilleuls", "Anne@Example.org", "Anne", "Rousseau") == 0
    printed = capsys.readouterr()
    link = next(line for line in printed.out.splitlines() if line.startswith("http"))
    assert link.startswith("http://127.0.0.1:8000/people/invitation/")
    assert "serves once" in printed.err
    Client().post(link.removeprefix("http://127.0.0.1:8000"), {"password1": PASSWORD, "password2": PASSWORD})
    held = Membership.objects.get()
    assert (held.account.email, held.role, held.establishment.slug) == (
        "anne@example.org",
        Role.ADMINISTRATOR,
        "tilleuls",
    )
    assert Entry.objects.count() == 3
    run("list")
    listed = capsys.readouterr().out
    assert "tilleuls\tLes Tilleuls\tnursing-home" in listed
    assert "anne@example.org\tadministrator\t-\t*\topen\tactive" in listed


def test_mistakes_are_said(houses: Houses) -> None:
    mistakes: list[tuple[type[ColloqueError], tuple[str, ...]]] = [
        (ConflictError, ("create-establishment", "tilleuls", "Encore", "--kind", "hospital")),
        (InvalidInputError, ("create-establishment", "Les Tilleuls", "x", "--kind", "hospital")),
        (NotFoundError, ("create-administrator", "nowhere", "a@example.org", "A", "B")),
        (NotFoundError, ("access-link", "nobody@example.org")),
        (NotFoundError, ("deactivate", "nobody@example.org")),
    ]
    for kind, words in mistakes:
        with pytest.raises(kind):
            run(*words)
    assert Establishment.objects.count() == 2
    assert not Invitation.objects.exists()


def test_access_is_given_back_and_taken_away(houses: Houses, capsys: pytest.CaptureFixture[str]) -> None:
    nurse = member("nurse@example.org", houses.tilleuls, Role.CARER)
    member("", houses.saint_roch, Role.CARER, account=nurse)
    run("access-link", "nurse@example.org")
    path = capsys.readouterr().out.strip().removeprefix("http://127.0.0.1:8000")
    Client().post(path, {"password1": PASSWORD, "password2": PASSWORD})
    nurse.refresh_from_db()
    assert nurse.check_password(PASSWORD)
    run("forget-second-factor", "nurse@example.org")
    run("deactivate", "nurse@example.org")
    assert not Account.objects.get(pk=nurse.pk).is_active
    with pytest.raises(NotFoundError):
        run("deactivate", "nurse@example.org")
