"""A carer is attested by a named other person, for a time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from colloque.kernel.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError
from colloque.kernel.vocabulary import Role
from colloque.learning.actions import LASTS_AT_MOST, attest, end_attestation
from colloque.learning.models import Attestation
from colloque.learning.queries import is_attested
from colloque.ledger.models import Entry
from colloque.ledger.queries import entries_about
from tests.people.houses import NOW, Houses, member, two_houses

pytestmark = pytest.mark.django_db
YEAR = timedelta(days=365)


@pytest.fixture
def houses() -> Houses:
    return two_houses()


def test_a_carer_is_attested_here_until_a_date(houses: Houses) -> None:
    director = member("director@example.org", houses.tilleuls, Role.DIRECTOR)
    bob = member("bob@example.org", houses.tilleuls, Role.CARER, unit=houses.garden)
    member("", houses.saint_roch, Role.CARER, account=bob)
    assert not is_attested(bob, houses.tilleuls, NOW)
    attest(bob, houses.tilleuls, by=director, at=NOW, until=NOW + YEAR)
    assert is_attested(bob, houses.tilleuls, NOW)
    assert not is_attested(bob, houses.tilleuls, NOW - timedelta(seconds=1))
    assert not is_attested(bob, houses.tilleuls, NOW + YEAR), "an attestation outlives its date"
    assert not is_attested(bob, houses.saint_roch, NOW), "an attestation holds in another establishment"
    told = entries_about(houses.tilleuls.id)[0].event
    assert told is not None
    assert (told.kind, told.payload["by"]) == ("attestation.given", str(director.id))


@pytest.mark.principle("G5")
def test_only_those_who_direct_or_administer_here_attest(houses: Houses) -> None:
    nurse = member("nurse@example.org", houses.tilleuls, Role.CARER)
    others = [
        member(f"{role}@example.org", houses.tilleuls, role)
        for role in Role
        if role not in {Role.ADMINISTRATOR, Role.DIRECTOR}
    ]
    others.append(member("elsewhere@example.org", houses.saint_roch, Role.DIRECTOR))
    for by in others:
        with pytest.raises(NotFoundError):
            attest(nurse, houses.tilleuls, by=by, at=NOW, until=NOW + YEAR)
    assert not Attestation.objects.exists()
    assert not Entry.objects.exists()


def test_nobody_attests_for_themselves_nor_for_who_is_no_carer(houses: Houses) -> None:
    director = member("director@example.org", houses.tilleuls, Role.DIRECTOR)
    member("", houses.tilleuls, Role.CARER, account=director)
    with pytest.raises(NotAllowedError):
        attest(director, houses.tilleuls, by=director, at=NOW, until=NOW + YEAR)
    for who in (
        member("auditor@example.org", houses.tilleuls, Role.AUDITOR),
        member("former@example.org", houses.tilleuls, Role.CARER, until=NOW),
        member("elsewhere@example.org", houses.saint_roch, Role.CARER),
    ):
        with pytest.raises(NotFoundError):
            attest(who, houses.tilleuls, by=director, at=NOW, until=NOW + YEAR)


def test_an_attestation_ends_within_three_years(houses: Houses) -> None:
    director = member("director@example.org", houses.tilleuls, Role.DIRECTOR)
    nurse = member("nurse@example.org", houses.tilleuls, Role.CARER)
    for until in (NOW, NOW - YEAR, NOW + LASTS_AT_MOST + timedelta(seconds=1)):
        with pytest.raises(InvalidInputError):
            attest(nurse, houses.tilleuls, by=director, at=NOW, until=until)


@pytest.mark.parametrize("later", [timedelta(0), timedelta(days=3)])
def test_an_attestation_is_taken_back_at_once(houses: Houses, later: timedelta) -> None:
    director = member("director@example.org", houses.tilleuls, Role.DIRECTOR)
    nurse = member("nurse@example.org", houses.tilleuls, Role.CARER)
    given = attest(nurse, houses.tilleuls, by=director, at=NOW, until=NOW + YEAR)
    with pytest.raises(NotFoundError):
        end_attestation(given, by=nurse, at=NOW + later)
    end_attestation(given, by=director, at=NOW + later)
    assert not is_attested(nurse, houses.tilleuls, NOW + later + timedelta(microseconds=1))
    with pytest.raises(ConflictError):
        end_attestation(given, by=director, at=NOW + later + timedelta(seconds=1))
    assert Entry.objects.count() == 2
