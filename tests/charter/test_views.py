"""Pages of the charter: what everybody reads, and how a version comes into force."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from colloque.charter import actions
from colloque.charter.core.constitution import constitution, packaged
from colloque.charter.core.proposals import BallotValue, Side
from colloque.charter.core.rules import Rule, read_rules
from colloque.charter.models import CharterVersion, CommitteeSeat, RuleProposal
from colloque.kernel.vocabulary import Role
from colloque.people.models import Account
from tests.charter.committee import SCALES, Committee, adopted, committee, proposed, replayed, voted
from tests.people.houses import NOW, Houses, member, two_houses

pytestmark = pytest.mark.django_db

STARTER = packaged("starter")
STARTER_RULES = read_rules(STARTER)[0]
PUBLIC = "/e/tilleuls/charter/"


@pytest.fixture
def houses() -> Houses:
    return two_houses()


@pytest.fixture
def director(houses: Houses) -> Account:
    return member("dominique@example.org", houses.tilleuls, Role.DIRECTOR)


@pytest.fixture
def sitting(houses: Houses, director: Account) -> Committee:
    return committee(houses.tilleuls, director=director)


def _adopt(sitting: Committee, cedar: str, *, days: int = 0, preamble: str = "") -> CharterVersion:
    return adopted(sitting, cedar, at=NOW + timedelta(days=days), preamble=preamble)


def _text(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, path
    return _said(answer)


def _said(answer: Any) -> str:
    """What an answer says, with plain spaces before signs."""
    return str(answer.content.decode()).replace("&#x27;", "'").replace("\u00a0", " ").replace("\u202f", " ")


def _shows(page: str, rule: Rule, language: str = "fr") -> bool:
    plain = re.sub("[\u00a0\u202f]", " ", page)
    return rule.title(language) in plain and rule.explanation(language) in plain and rule.origin[language] in plain


@pytest.mark.principle("B10")
def test_everybody_reads_every_rule_with_its_origin_its_author_and_its_date(client: Client, sitting: Committee) -> None:
    _adopt(sitting, STARTER, preamble="Débattue en mars.")
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


def test_the_page_is_as_good_in_english(client: Client, sitting: Committee) -> None:
    _adopt(sitting, STARTER)
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
def test_old_versions_stay_and_a_rule_tells_its_life(client: Client, sitting: Committee) -> None:
    _adopt(sitting, STARTER + SCALES)
    _adopt(sitting, STARTER + SCALES.replace("On regarde", "Nous regardons"), days=10)
    _adopt(sitting, STARTER, days=20)
    _adopt(sitting, STARTER + SCALES, days=30)
    page = _text(client, PUBLIC)
    assert "Version 4, adoptée le 1 avril 2026" in page
    for number in (1, 2, 3, 4):
        assert reverse("charter:version", args=["tilleuls", number]) in page
    old = _text(client, "/e/tilleuls/charter/2/")
    assert "En vigueur du 12 mars 2026 au 22 mars 2026" in old
    assert "Nous regardons la personne." in old
    assert "Avant :" in old
    removed = _text(client, "/e/tilleuls/charter/3/")
    assert "Retirées" in removed
    life = _text(client, "/e/tilleuls/charter/rules/no-scales/")
    assert [life.count(f"<h3>{word}</h3>") for word in ("Adoptée", "Modifiée", "Retirée")] == [2, 1, 1]
    assert "depuis le 1 avril 2026" in life
    assert "Atelier de juin" in life
    assert "Suivi du poids" in life
    _text(client, "/e/tilleuls/charter/9/", 404)


def test_a_removed_rule_can_still_be_read(client: Client, sitting: Committee) -> None:
    _adopt(sitting, STARTER + SCALES)
    _adopt(sitting, STARTER, days=1)
    assert "n’est plus en vigueur" in _text(client, "/e/tilleuls/charter/rules/no-scales/")
    for missing in ("never-was", "default-deny", "cannot-decide"):
        _text(client, f"/e/tilleuls/charter/rules/{missing}/", 404)


def test_a_proposal_is_public_and_says_that_it_decides_nothing(client: Client, sitting: Committee) -> None:
    _adopt(sitting, STARTER)
    made = proposed(sitting, SCALES)
    actions.argue(made, Side.AGAINST, "Elle nous alerte.", by=sitting.nurse, at=NOW)
    page = _text(client, PUBLIC)
    assert "En débat" in page
    assert "Elle ne s’applique pas encore." in page
    assert reverse("charter:proposal", args=[made.id]) in page
    one = _text(client, reverse("charter:proposal", args=[made.id]))
    assert "Pas de balance" in one
    assert "Attend d’être rejouée sur les actes passés" in one
    assert "Elle nous alerte." in one
    assert "Soignants" in one
    assert sitting.nurse.full_name not in one, "the public reads the function, not the name"
    assert sitting.thinker.full_name not in one
    client.force_login(sitting.resident)
    assert sitting.nurse.full_name in _text(client, reverse("charter:proposal", args=[made.id]))
    _text(client, "/e/tilleuls/charter/rules/no-scales/", 404)


def test_reading_costs_few_queries_and_writes_nothing(
    client: Client, sitting: Committee, django_assert_max_num_queries: object
) -> None:
    for n in range(4):
        _adopt(sitting, STARTER + SCALES.replace("no-scales", f"no-scales-{n}"), days=n)
    _text(client, PUBLIC)
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        _text(client, PUBLIC)


def test_from_a_rule_written_to_the_rule_in_force_by_its_pages(client: Client, sitting: Committee) -> None:
    _adopt(sitting, STARTER)
    client.force_login(sitting.thinker)
    assert "Rien n’est en débat" in _text(client, "/charter/proposals/")
    _text(client, "/charter/proposals/rule/")
    given = {"cedar": SCALES, "purpose": "Nous l’avons entendu en juin.", "origin": "consultation"}
    made = client.post("/charter/proposals/rule/", given)
    row = RuleProposal.objects.get(kind="new")
    one = f"/charter/proposals/{row.id}/"
    assert made["Location"] == one
    assert client.get(f"{one}vote/")["Location"] == one, "nothing to vote on yet"
    assert "Donner un argument" in _text(client, one)
    assert client.post(f"{one}argue/", {"side": "for", "words": "Elle n’écoute pas."})["Location"] == one
    late = client.post(f"{one}open-vote/", {"closes_on": "2099-01-01"})
    assert late.status_code == 409
    assert "Rejouez d’abord cette proposition" in _said(late)
    now = timezone.now()
    replayed(sitting, row, at=now)
    assert "Attend d’être mise aux voix" in _text(client, one)
    assert client.post(f"{one}open-vote/", {"closes_on": "2099-01-01"})["Location"] == one
    assert "Attend 3 voix depuis moins d’une minute" in _text(client, one)
    assert "Une proposition attend votre voix" in _text(client, "/")
    for account in sitting.members:
        client.force_login(account)
        assert client.post(f"{one}vote/", {}).status_code == 422
        assert client.post(f"{one}vote/", {"value": "yes", "words": ""})["Location"] == one
    assert "Une proposition attend votre voix" not in _text(client, "/")
    assert client.get(f"{one}decide/").status_code == 404
    client.force_login(sitting.director)
    assert "Le comité a donné son avis" in _text(client, "/")
    assert "Le comité est favorable." in _text(client, f"{one}decide/")
    day = timezone.localdate()
    signed = {"decision": "adopt", "adopted_from": day.isoformat(), "review_on": (day + timedelta(days=9)).isoformat()}
    assert client.post(f"{one}decide/", signed)["Location"] == one
    assert "Adoptée, en vigueur depuis le" in _text(client, one)
    client.logout()
    public = _text(client, "/e/tilleuls/charter/rules/no-scales/")
    assert "Vote du comité : 3 oui, 0 non, 0 voix d’abstention, sur 3 sièges." in public
    assert "1 argument pour" in public


def test_departing_is_asked_for_in_place_then_published(client: Client, sitting: Committee) -> None:
    _adopt(sitting, STARTER)
    row = voted(sitting, proposed(sitting, SCALES), *(BallotValue.NO,) * 3, at=timezone.now())
    client.force_login(sitting.director)
    one = f"/charter/proposals/{row.id}/"
    day = timezone.localdate()
    given = {"decision": "adopt", "adopted_from": day.isoformat(), "review_on": (day + timedelta(days=9)).isoformat()}
    refused = client.post(f"{one}decide/", given)
    assert refused.status_code == 422
    assert "Vous ne suivez pas l’avis du comité : dites pourquoi." in _said(refused)
    client.post(f"{one}decide/", {**given, "reason": "L’incident de mardi."})
    client.logout()
    page = _text(client, one)
    assert "Adoptée contre l’avis du comité" in page
    assert "L’incident de mardi." in page
    assert "Non</dt><dd>3" in page


def test_a_rule_adopted_for_later_says_so_everywhere(client: Client, sitting: Committee) -> None:
    _adopt(sitting, STARTER)
    now = timezone.now()
    row = voted(sitting, proposed(sitting, SCALES), *(BallotValue.YES,) * 3, at=now)
    day = timezone.localdate(now) + timedelta(days=40)
    actions.adopt(row, adopted_from=day, review_on=day + timedelta(days=9), by=sitting.director, at=now)
    page = _text(client, PUBLIC)
    assert "Bientôt" in page
    assert "Version 2, en vigueur le" in page
    assert "Pas de balance" not in page.split("Bientôt")[0]
    assert "Elle s’appliquera d’elle-même le" in _text(client, "/e/tilleuls/charter/2/")
    assert "Adoptée, en vigueur le" in _text(client, f"/charter/proposals/{row.id}/")


def test_errors_are_shown_in_place_and_nothing_typed_is_lost(client: Client, sitting: Committee) -> None:
    client.force_login(sitting.director)
    wrong = STARTER.replace('action == Action::"anaesthesia"', 'action == Action::"anesthesia"')
    given = {"cedar": wrong, "preamble": "Mes mots.", "purpose": "Parce que.", "origin": "law", "propose": "yes"}
    answer = client.post("/charter/proposals/whole/", given)
    page = _said(answer)
    assert answer.status_code == 422
    assert "Ligne 10" in page
    assert "règle « anaesthesia-closed »" in page
    assert "forbid (principal, action == Action::&quot;anesthesia&quot;, resource);" in page
    assert "Peut-être : anaesthesia." in page
    assert "Mes mots." in page
    assert "data-errors" in page
    for cedar in ("// rien", ""):
        assert client.post("/charter/proposals/whole/", {**given, "cedar": cedar}).status_code == 422
    checked = client.post("/charter/proposals/whole/", {**given, "cedar": STARTER, "propose": ""} | {"check": "yes"})
    assert not RuleProposal.objects.exists() or checked.status_code == 302
    lifting = SCALES.replace("forbid", "permit").replace("weight", "treatment-limitation")
    refused = client.post("/charter/proposals/rule/", {**given, "cedar": lifting})
    assert refused.status_code == 422
    assert "Le socle ne se lève pas." in _said(refused)


def test_seats_are_given_and_ended_by_the_director(client: Client, sitting: Committee) -> None:
    carer = member("nouvelle@example.org", sitting.house, Role.CARER)
    client.force_login(sitting.nurse)
    assert "Donner un siège" not in _text(client, "/charter/committee/")
    assert client.get("/charter/committee/seat/").status_code == 404
    client.force_login(sitting.director)
    _text(client, "/charter/committee/seat/")
    wrong = client.post("/charter/committee/seat/", {"account": str(carer.id), "college": "patients"})
    assert wrong.status_code == 422
    assert "Ce siège est pour un patient" in _said(wrong)
    client.post("/charter/committee/seat/", {"account": str(carer.id), "college": "carers"})
    seat = CommitteeSeat.objects.get(account=carer)
    assert "Nouvelle" in _text(client, "/charter/committee/")
    client.post(f"/charter/committee/{seat.id}/end/")
    assert "Qui a siégé" in _text(client, "/charter/committee/")


def test_words_of_a_rule_cannot_become_markup(client: Client, sitting: Committee) -> None:
    _adopt(sitting, STARTER + SCALES.replace("Pas de balance", "Pas de <script>alert(1)</script>"))
    for path in (PUBLIC, "/e/tilleuls/charter/1/", "/e/tilleuls/charter/rules/no-scales/"):
        assert "<script>alert" not in _text(client, path)
