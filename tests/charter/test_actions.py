"""A charter in the database: what holds before the first, and what stays of each."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.db.models import Model

from colloque.charter.core.constitution import DEFAULT_DENY, packaged
from colloque.charter.models import CharterVersion
from colloque.charter.queries import charter_in_force
from colloque.kernel.vocabulary import VerdictKind
from tests.charter.acts import act
from tests.charter.committee import adopted, committee
from tests.people.houses import NOW, Houses, two_houses

pytestmark = pytest.mark.django_db

STARTER = packaged("starter")
ONE_MORE = (
    '\n@id("no-scales")\n@fr("Pas de balance.")\n@en("No scales.")\n@origin("essai")\n'
    'forbid (principal, action == Action::"weight", resource);\n'
)


@pytest.fixture
def houses() -> Houses:
    return two_houses()


def test_without_an_adopted_version_nothing_is_permitted(houses: Houses) -> None:
    verdict = charter_in_force(houses.tilleuls.id).decide(act())
    assert (verdict.kind, verdict.rules) == (VerdictKind.REFUSED, (DEFAULT_DENY,))


@pytest.mark.principle("B10")
def test_the_database_keeps_versions_as_they_are(houses: Houses) -> None:
    version = adopted(committee(houses.tilleuls), STARTER)

    def refused(change: dict[str, object]) -> None:
        with pytest.raises(DatabaseError), transaction.atomic():
            CharterVersion.objects.filter(pk=version.pk).update(**change)

    refused({"cedar": ONE_MORE})
    refused({"number": 7})
    refused({"adopted_at": NOW + timedelta(days=1)})
    with pytest.raises(DatabaseError), transaction.atomic():
        Model.delete(version)


def test_windows_line_ends_do_not_make_another_text(houses: Houses) -> None:
    version = adopted(committee(houses.tilleuls), STARTER.replace("\n", "\r\n"))
    assert version.cedar == STARTER
