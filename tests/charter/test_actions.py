"""Proposing and adopting: who may, what is refused, and what stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.db.models import Model

from colloque.charter.actions import adopt_charter, propose_charter
from colloque.charter.core.constitution import DEFAULT_DENY, packaged
from colloque.charter.core.problems import InvalidCharterError
from colloque.charter.models import CharterVersion
from colloque.charter.queries import charter_in_force
from colloque.kernel.errors import ConflictError, InvalidInputError, NotFoundError
from colloque.kernel.vocabulary import ActKind, Role, VerdictKind
from colloque.ledger.models import Entry
from tests.charter.acts import act
from tests.people.houses import NOW, Houses, member, two_houses

pytestmark = pytest.mark.django_db

STARTER = packaged("starter")
ONE_MORE = (
    '\n@id("no-scales")\n@fr("Pas de balance.")\n@en("No scales.")\n@origin("essai")\n'
    'forbid (principal, action == Action::"weight", resource);\n'
)


@pytest.fixture
def houses() -> Houses:
    return two_houses()


def _last_kind() -> str:
    leaf = bytes(Entry.objects.order_by("-recorded_at", "-id").values_list("leaf", flat=True)[0])
    return leaf.decode().split('"kind":"')[1].split('"')[0]


def test_without_an_adopted_version_nothing_is_permitted(houses: Houses) -> None:
    verdict = charter_in_force(houses.tilleuls.id).decide(act())
    assert (verdict.kind, verdict.rules) == (VerdictKind.REFUSED, (DEFAULT_DENY,))


def test_a_version_is_proposed_then_adopted_and_holds_from_the_next_act(houses: Houses) -> None:
    director = member("director@example.org", houses.tilleuls, Role.DIRECTOR)
    first = propose_charter(houses.tilleuls, STARTER, by=director, at=NOW, preamble=" Ensemble. ")
    assert (first.number, first.preamble, first.adopted_at) == (1, "Ensemble.", None)
    assert _last_kind() == "charter.proposed"
    assert not charter_in_force(houses.tilleuls.id).decide(act()).is_permitted, "a proposal decides nothing"
    adopt_charter(first, by=director, at=NOW)
    assert _last_kind() == "charter.adopted"
    assert charter_in_force(houses.tilleuls.id).number == 1
    assert charter_in_force(houses.tilleuls.id).decide(act(ActKind.WEIGHT)).is_permitted
    second = propose_charter(houses.tilleuls, STARTER + ONE_MORE, by=director, at=NOW)
    adopt_charter(second, by=director, at=NOW)
    verdict = charter_in_force(houses.tilleuls.id).decide(act(ActKind.WEIGHT))
    assert (verdict.rules, verdict.charter) == (("no-scales",), 2)
    assert not charter_in_force(houses.saint_roch.id).rules[10:], "another house has its own"


def test_only_the_director_and_the_administrator(houses: Houses) -> None:
    others = [role for role in Role if role not in {Role.DIRECTOR, Role.ADMINISTRATOR}]
    version = propose_charter(
        houses.tilleuls, STARTER, by=member("d@example.org", houses.tilleuls, Role.DIRECTOR), at=NOW
    )
    elsewhere = member("elsewhere@example.org", houses.saint_roch, Role.DIRECTOR)
    before = member("before@example.org", houses.tilleuls, Role.DIRECTOR, until=NOW - timedelta(days=1))
    unit = member("unit@example.org", houses.tilleuls, Role.DIRECTOR, unit=houses.garden)
    for by in (elsewhere, before, unit, *(member(f"{r}@example.org", houses.tilleuls, r) for r in others)):
        with pytest.raises(NotFoundError):
            propose_charter(houses.tilleuls, STARTER + ONE_MORE, by=by, at=NOW)
        with pytest.raises(NotFoundError):
            adopt_charter(version, by=by, at=NOW)
    administrator = member("a@example.org", houses.tilleuls, Role.ADMINISTRATOR)
    assert adopt_charter(version, by=administrator, at=NOW).adopted_by == administrator


def test_what_cannot_be_a_charter_leaves_no_trace(houses: Houses) -> None:
    director = member("director@example.org", houses.tilleuls, Role.DIRECTOR)
    entries = Entry.objects.count()
    with pytest.raises(InvalidCharterError) as raised:
        propose_charter(houses.tilleuls, STARTER.replace("anaesthesia", "anesthesia"), by=director, at=NOW)
    assert raised.value.problems[0].likely == "anaesthesia"
    with pytest.raises(InvalidInputError):
        propose_charter(houses.tilleuls, "// nothing\n", by=director, at=NOW)
    assert not CharterVersion.objects.exists()
    assert Entry.objects.count() == entries


def test_the_constitution_cannot_be_rewritten(houses: Houses) -> None:
    director = member("director@example.org", houses.tilleuls, Role.DIRECTOR)
    text = ONE_MORE.replace("no-scales", "patient-refusal")
    with pytest.raises(InvalidCharterError) as raised:
        propose_charter(houses.tilleuls, text, by=director, at=NOW)
    assert raised.value.problems[0].code == "id-reserved"


def test_adopting_twice_or_going_back_is_a_conflict(houses: Houses) -> None:
    director = member("director@example.org", houses.tilleuls, Role.DIRECTOR)
    first = propose_charter(houses.tilleuls, STARTER, by=director, at=NOW)
    second = propose_charter(houses.tilleuls, STARTER + ONE_MORE, by=director, at=NOW)
    adopt_charter(second, by=director, at=NOW)
    for version in (first, second):
        with pytest.raises(ConflictError):
            adopt_charter(version, by=director, at=NOW)
    with pytest.raises(ConflictError):
        propose_charter(houses.tilleuls, STARTER + ONE_MORE, by=director, at=NOW)


@pytest.mark.principle("B10")
def test_the_database_keeps_versions_as_they_are(houses: Houses) -> None:
    director = member("director@example.org", houses.tilleuls, Role.DIRECTOR)
    version = adopt_charter(propose_charter(houses.tilleuls, STARTER, by=director, at=NOW), by=director, at=NOW)

    def refused(change: dict[str, object]) -> None:
        with pytest.raises(DatabaseError), transaction.atomic():
            CharterVersion.objects.filter(pk=version.pk).update(**change)

    refused({"cedar": ONE_MORE})
    refused({"number": 7})
    refused({"adopted_at": NOW + timedelta(days=1)})
    with pytest.raises(DatabaseError), transaction.atomic():
        Model.delete(version)


def test_windows_line_ends_do_not_make_another_text(houses: Houses) -> None:
    director = member("director@example.org", houses.tilleuls, Role.DIRECTOR)
    version = propose_charter(houses.tilleuls, STARTER.replace("\n", "\r\n"), by=director, at=NOW)
    assert version.cedar == STARTER
