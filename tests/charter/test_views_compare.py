"""Two versions side by side, and what a proposal changes, question by question."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from colloque.charter.core.constitution import packaged
from colloque.charter.core.proposals import ProposalKind
from tests.charter.committee import Committee, adopted, committee, proposed
from tests.people.houses import NOW, two_houses

pytestmark = pytest.mark.django_db

STARTER = packaged("starter")
LATER = STARTER.replace("context.moment.hour >= 8 &&", "context.moment.hour >= 10 &&")
HOURS = (
    '@id("machine-hours")\n@fr("Un robot a des horaires. De 9 heures à 18 heures.")\n@en("A robot keeps hours. From 9 to 18.")\n'
    '@origin("Atelier de juin")\nforbid (principal, action in [Action::"companion", Action::"feeding-aid"], resource)\n'
    "unless { context.moment.hour >= 9 && context.moment.hour < 18 };\n"
)


@pytest.fixture
def sitting(db: None) -> Committee:
    made = committee(two_houses().tilleuls)
    adopted(made, STARTER)
    return made


def told(response: Any) -> str:
    text = re.sub(r"<[^>]+>", " ", response.content.decode().replace("\u00a0", " ").replace("\u202f", " "))
    return " ".join(html.unescape(text).split())


@pytest.mark.principle("B10")
def test_everybody_reads_what_changed_from_one_version_to_the_next(sitting: Committee) -> None:
    adopted(sitting, LATER, at=NOW + timedelta(days=1))
    client = Client()
    text = told(client.get("/e/tilleuls/charter/compare/1/2/"))
    assert "Les moments entre 20 h et 8 h entre 20 h et 10 h" in text
    assert "Entre 20 h et 10 h, aucune IA" in text
    assert "Pas d’IA pour l’anesthésie" not in text, "what did not change is not there"
    assert "Les moments entre 20 h et 10 h entre 20 h et 8 h" in told(client.get("/e/tilleuls/charter/compare/2/1/"))
    client.cookies["django_language"] = "en"
    assert "The moments between 20:00 and 8:00 between 20:00 and 10:00" in told(
        client.get("/e/tilleuls/charter/compare/1/2/")
    )


def test_the_way_to_other_versions(sitting: Committee) -> None:
    client = Client()
    chosen = client.get("/e/tilleuls/charter/compare/", {"before": "1", "after": "1"})
    assert chosen.headers["Location"] == "/e/tilleuls/charter/compare/1/1/"
    assert "Les règles sont les mêmes." in told(client.get(chosen.headers["Location"]))
    for wrong in ({}, {"before": "1"}, {"before": "x", "after": "1"}, {"before": "1", "after": "9" * 40}):
        assert client.get("/e/tilleuls/charter/compare/", wrong).status_code == 404
    for path in ("/e/tilleuls/charter/compare/1/9/", "/e/nowhere/charter/compare/1/1/"):
        assert client.get(path).status_code == 404


@pytest.mark.principle("B10")
def test_a_proposal_shows_what_it_changes(sitting: Committee) -> None:
    proposal = proposed(sitting, HOURS, kind=ProposalKind.CHANGE)
    text = told(Client().get(f"/charter/proposals/{proposal.id}/"))
    assert "Les moments entre 20 h et 8 h entre 18 h et 9 h" in text
    assert "Les actes la compagnie d’un robot, le soutien moral ou l’aide au repas" in text
    assert "Ses mots changent. Avant : Un robot d’aide au repas ou de compagnie a des horaires." in text
    assert "Son origine change." in text
