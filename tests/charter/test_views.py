"""Pages of the charter: what everybody reads, and how a version comes into force."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from colloque.charter.actions import adopt_charter, propose_charter
from colloque.charter.core.constitution import constitution, packaged
from colloque.charter.core.rules import Rule, read_rules
from colloque.charter.models import CharterVersion
from colloque.kernel.vocabulary import Role
from colloque.people.models import Account
from tests.people.houses import NOW, Houses, member, two_houses

pytestmark = pytest.mark.django_db

STARTER = packaged("starter")
STARTER_RULES = read_rules(STARTER)[0]
PUBLIC = "/e/tilleuls/charter/"
SCALES = (
    '\n@id("no-scales")\n@fr("Pas de balance. On regarde la personne.")\n@en("No scales. We look at the person.")\n'
    '@origin("Atelier de juin")\nforbid (principal, action == Action::"weight", resource);\n'
)


@pytest.fixture
def houses() -> Houses:
    return two_houses()


@pytest.fixture
def director(houses: Houses) -> Account:
    return member("dominique@example.org", houses.tilleuls, Role.DIRECTOR)


def _adopt(houses: Houses, director: Account, cedar: str, *, days: int = 0, preamble: str = "") -> CharterVersion:
    at = NOW + timedelta(days=days)
    version = propose_charter(houses.tilleuls, cedar, by=director, at=at, preamble=preamble)
    return adopt_charter(version, by=director, at=at)


def _text(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, path
    return answer.content.decode().replace("&#x27;", "'")


def _shows(page: str, rule: Rule, language: str = "fr") -> bool:
    plain = re.sub("[\u00a0\u202f]", " ", page)
    return rule.title(language) in plain and rule.explanation(language) in plain and rule.origin[language] in plain


@pytest.mark.principle("B10")
def test_everybody_reads_every_rule_with_its_origin_its_author_and_its_date(
    client: Client, houses: Houses, director: Account
) -> None:
    _adopt(houses, director, STARTER, preamble="Débattue en mars.")
    page = _text(client, PUBLIC)
    for rule in (*STARTER_RULES, *constitution()):
        assert _shows(page, rule), rule.id
        assert reverse("charter:rule", args=["tilleuls", rule.id]) in page
    assert "Version 1, adoptée le 2 mars 2026, signée par Dominique." in page
    assert "en vigueur depuis le 2 mars 2026" in page
    assert "Débattue en mars." in page
    assert (
        page.index("Pas d’IA pour l’anesthésie")
        < page.index("Jamais seul avec un robot")
        < page.index("peut aider à lire")
    )
    for number, rule in enumerate(STARTER_RULES):
        if number % 6 == 0:
            one = _text(client, reverse("charter:rule", args=["tilleuls", rule.id]))
            assert _shows(one, rule)
            assert rule.cedar.split("\n")[-1].strip("}; ")[:20].split('"')[0] in one


def test_the_page_is_as_good_in_english(client: Client, houses: Houses, director: Account) -> None:
    _adopt(houses, director, STARTER)
    client.cookies["django_language"] = "en"
    page = _text(client, PUBLIC)
    assert all(_shows(page, rule, "en") for rule in STARTER_RULES)
    for french in ("fermé", "Ce qui", "depuis", "Lire", "socle", "adoptée"):
        assert french not in page, french


def test_before_any_charter_the_page_says_that_nothing_is_permitted(client: Client, houses: Houses) -> None:
    page = _text(client, PUBLIC)
    assert "Aucune charte n’est encore adoptée" in page
    assert _shows(page, constitution()[0])
    _text(client, "/e/nowhere/charter/", 404)


@pytest.mark.principle("B10")
def test_old_versions_stay_and_a_rule_tells_its_life(client: Client, houses: Houses, director: Account) -> None:
    _adopt(houses, director, STARTER + SCALES)
    _adopt(houses, director, STARTER + SCALES.replace("On regarde", "Nous regardons"), days=10)
    _adopt(houses, director, STARTER, days=20)
    _adopt(houses, director, STARTER + SCALES, days=30)
    page = _text(client, PUBLIC)
    assert "Version 4, adoptée le 1 avril 2026" in page
    for number in (1, 2, 3, 4):
        assert reverse("charter:version", args=["tilleuls", number]) in page
    old = _text(client, "/e/tilleuls/charter/2/")
    assert "En vigueur du 12 mars 2026 au 22 mars 2026" in old
    assert "Nous regardons la personne." in old
    assert "Avant\u00a0:" in old
    removed = _text(client, "/e/tilleuls/charter/3/")
    assert "Retirées" in removed
    life = _text(client, "/e/tilleuls/charter/rules/no-scales/")
    assert [life.count(f"<h3>{word}</h3>") for word in ("Adoptée", "Modifiée", "Retirée")] == [2, 1, 1]
    assert "depuis le 1 avril 2026" in life
    assert "Atelier de juin" in life
    assert "Suivi du poids" in life
    _text(client, "/e/tilleuls/charter/9/", 404)


def test_a_removed_rule_can_still_be_read(client: Client, houses: Houses, director: Account) -> None:
    _adopt(houses, director, STARTER + SCALES)
    _adopt(houses, director, STARTER, days=1)
    assert "n’est plus en vigueur" in _text(client, "/e/tilleuls/charter/rules/no-scales/")
    for missing in ("never-was", "default-deny", "cannot-decide"):
        _text(client, f"/e/tilleuls/charter/rules/{missing}/", 404)


def test_a_proposal_is_public_and_says_that_it_decides_nothing(
    client: Client, houses: Houses, director: Account
) -> None:
    _adopt(houses, director, STARTER)
    propose_charter(houses.tilleuls, STARTER + SCALES, by=director, at=NOW)
    assert "En débat" in _text(client, PUBLIC)
    page = _text(client, "/e/tilleuls/charter/2/")
    assert "Elle n’est pas en vigueur" in page
    assert "Pas de balance" in page
    _text(client, "/e/tilleuls/charter/rules/no-scales/", 404)


def test_reading_costs_few_queries_and_writes_nothing(
    client: Client, houses: Houses, director: Account, django_assert_max_num_queries: object
) -> None:
    for n in range(4):
        _adopt(houses, director, STARTER + SCALES.replace("no-scales", f"no-scales-{n}"), days=n)
    _text(client, PUBLIC)
    with django_assert_max_num_queries(4):  # type: ignore[operator]
        _text(client, PUBLIC)


@pytest.mark.parametrize("path", ["/charter/", "/charter/propose/", "/charter/1/"])
def test_others_do_not_know_that_these_pages_exist(
    client: Client, houses: Houses, director: Account, path: str
) -> None:
    propose_charter(houses.tilleuls, STARTER, by=director, at=NOW)
    assert client.get(path).status_code == 302, "whoever is not signed in is led to sign in"
    for role in (Role.CARER, Role.PATIENT, Role.ETHICS_MEMBER, Role.AUDITOR):
        client.force_login(member(f"{role}@example.org", houses.tilleuls, role))
        assert client.get(path).status_code == 404, role
        assert client.post(path, {"cedar": STARTER, "propose": "yes"}).status_code in {404, 405}, role
    client.force_login(member("elsewhere@example.org", houses.saint_roch, Role.DIRECTOR))
    if path == "/charter/1/":
        assert client.get(path).status_code == 404
        assert client.post(path).status_code == 404
    assert CharterVersion.objects.get().adopted_at is None


def test_from_the_text_to_the_rule_in_force(client: Client, houses: Houses, director: Account) -> None:
    client.force_login(director)
    assert reverse("charter:manage") in _text(client, PUBLIC)
    assert "Rien n’attend" in _text(client, "/charter/")
    assert "anaesthesia-closed" in _text(client, "/charter/propose/"), "the first text is the charter to start from"
    checked = client.post("/charter/propose/", {"cedar": STARTER + SCALES, "check": "yes"}).content.decode()
    assert "Ce texte peut être proposé" in checked
    assert "Pas de balance" in checked
    assert not CharterVersion.objects.exists(), "checking proposes nothing"
    proposed = client.post(
        "/charter/propose/", {"cedar": STARTER + SCALES, "preamble": "Ensemble.", "propose": "yes"}, follow=True
    )
    assert proposed.redirect_chain == [("/charter/1/", 302)]
    assert "La version 1 est proposée." in proposed.content.decode()
    assert "Attend une décision" in _text(client, "/charter/")
    adopted = client.post("/charter/1/", follow=True)
    assert adopted.redirect_chain == [(PUBLIC, 302)]
    assert "La version 1 est en vigueur." in adopted.content.decode()
    assert client.post("/charter/1/").status_code == 409
    assert "no-scales" in _text(client, "/charter/propose/"), "the next text starts from the one in force"


def test_errors_are_shown_in_place_and_nothing_typed_is_lost(client: Client, houses: Houses, director: Account) -> None:
    client.force_login(director)
    wrong = STARTER.replace('action == Action::"anaesthesia"', 'action == Action::"anesthesia"')
    answer = client.post("/charter/propose/", {"cedar": wrong, "preamble": "Mes mots.", "propose": "yes"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Ligne 10" in page
    assert "règle «\u00a0anaesthesia-closed\u00a0»" in page
    assert "forbid (principal, action == Action::&quot;anesthesia&quot;, resource);" in page
    assert "Peut-être : anaesthesia." in page
    assert "Mes mots." in page
    assert "data-errors" in page
    assert client.post("/charter/propose/", {"cedar": "// rien", "propose": "yes"}).status_code == 422
    assert client.post("/charter/propose/", {"cedar": "", "propose": "yes"}).status_code == 422
    assert not CharterVersion.objects.exists()


def test_proposing_the_text_in_force_is_said_in_the_form(client: Client, houses: Houses, director: Account) -> None:
    _adopt(houses, director, STARTER)
    client.force_login(director)
    answer = client.post("/charter/propose/", {"cedar": STARTER, "propose": "yes"})
    assert answer.status_code == 422
    assert "Ce texte est déjà celui qui est en vigueur." in answer.content.decode()


def test_words_of_a_rule_cannot_become_markup(client: Client, houses: Houses, director: Account) -> None:
    _adopt(houses, director, STARTER + SCALES.replace("Pas de balance", "Pas de <script>alert(1)</script>"))
    for path in (PUBLIC, "/e/tilleuls/charter/1/", "/e/tilleuls/charter/rules/no-scales/"):
        assert "<script>alert" not in _text(client, path)
