"""The charter in a real browser: everybody reads it; a rule is proposed, argued, replayed, voted, signed, and decides an act."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.acts.cytology import PlayedAI
from tests.journeys.audit import findings_in_both_schemes
from tests.journeys.conftest import World

pytestmark = pytest.mark.journey


@pytest.mark.principle("B10")
def test_anybody_goes_from_the_charter_to_the_exact_rule(page: Page) -> None:
    page.goto("/e/tilleuls/charter/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ce que nous avons décidé ensemble sur l’IA")
    rule, closed = (
        page.get_by_role("heading", name="Jamais seul avec un robot"),
        page.locator("#rule-anaesthesia-closed"),
    )
    if page.viewport_size and page.viewport_size["width"] < 400:
        expect(rule).not_to_be_visible()
        assert page.evaluate("document.documentElement.scrollHeight") < 3000, "a phone shows the parts, folded"
        page.get_by_text("Ce qui est possible à une condition").last.click()
        expect(closed).not_to_be_visible()
    expect(rule).to_be_visible()
    page.emulate_media(media="print")
    expect(closed).to_be_visible()
    page.emulate_media(media="screen")
    assert findings_in_both_schemes(page) == []
    page.get_by_role("link", name="La règle et son histoire : Le soignant se fait son avis d’abord").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Le soignant se fait son avis d’abord")
    expect(page.locator(".rule-counts")).to_be_visible()
    assert findings_in_both_schemes(page) == []
    exact = page.locator("pre")
    expect(exact).not_to_be_visible()
    page.get_by_text("La règle exacte").click()
    expect(exact).to_contain_text('@asks("own-assessment")')
    page.get_by_role("link", name="Toute la charte").click()
    expect(page).to_have_url(re.compile("#rule-own-assessment-first$"))
    expect(page.locator("#rule-own-assessment-first")).to_be_in_viewport()
    page.go_back()
    page.get_by_role("link", name="Version 1").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("version")
    assert findings_in_both_schemes(page) == []


def _holds(page: Page) -> None:
    """Nothing is wrong with the page, once all of it is there."""
    page.wait_for_load_state("load")
    assert findings_in_both_schemes(page) == []


def _weight_rule(page: Page, word: str) -> tuple[str, str]:
    name = f"no-scales-{word}-{page.viewport_size['width'] if page.viewport_size else 0}"
    return name, (
        f'@id("{name}")\n@fr("Pas de balance, {word}. On regarde la personne.")\n'
        '@en("No scales. We look at the person.")\n@origin("Atelier")\n'
        'forbid (principal, action == Action::"weight", resource);'
    )


def _choose(page: Page, answer: str) -> None:
    """Take one of the large answers, as a finger does."""
    page.locator("label.option", has_text=answer).first.click()


def _propose(page: Page, rule: str) -> str:
    """Write a rule, correct what is wrong in it, propose it, argue; the address of the proposal."""
    page.goto("/charter/proposals/rule/")
    text = page.get_by_label("La règle, en Cedar")
    text.fill(rule.replace("weight", "weigth"))
    page.get_by_label("Pourquoi cette proposition ?").fill("Nous l’avons entendu à l’atelier.")
    _choose(page, "D’une consultation")
    page.get_by_role("button", name="Proposer cette règle").click()
    summary = page.locator("[data-errors]")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("weight.")
    _holds(page)
    text.fill(rule)
    page.get_by_role("button", name="Proposer cette règle").click()
    expect(page.get_by_text("C’est proposé.")).to_be_visible()
    return page.url


def _argue_replay_and_open(page: Page, one: str) -> None:
    page.get_by_role("link", name="Donner un argument").click()
    _choose(page, "Pour cette proposition")
    page.get_by_role("textbox", name="Votre argument").fill("La balance n’écoute pas.")
    page.get_by_role("button", name="Publier mon argument").click()
    expect(page.get_by_text("La balance n’écoute pas.", exact=True)).to_be_visible()
    page.get_by_role("link", name="La rejouer").click()
    page.get_by_role("button", name="Rejouer sur l’année passée").click()
    expect(page.locator(".says").first).to_contain_text("actes")
    _holds(page)
    page.goto(one)
    page.get_by_role("link", name="Mettre aux voix").click()
    _holds(page)
    page.get_by_role("button", name="Ouvrir le vote").click()
    expect(page.get_by_text("Le vote est ouvert.")).to_be_visible()


def _vote(open_page: Callable[..., Page], one: str, answer: str) -> None:
    for role in ("patient", "carer", "ethics-member"):
        voter = open_page(role=role)
        voter.goto(one)
        voter.get_by_role("link", name="Voter", exact=True).click()
        _choose(voter, answer)
        voter.get_by_role("button", name="Donner ma voix").click()
        expect(voter.get_by_text("Votre voix est comptée.")).to_be_visible()


def _weigh(carer: Page, world: World) -> None:
    """Open the form by which a carer asks the scales' AI, filled and not yet sent."""
    carer.goto(f"/acts/start/{world.ids['person']}/{world.ids['scales']}/")
    carer.get_by_label("Poids").fill("58,4")


@pytest.mark.principle("B10", "B5", "E4")
def test_a_rule_goes_from_a_proposal_to_the_charter_and_decides_the_next_act(
    open_page: Callable[..., Page], world: World, scales: PlayedAI
) -> None:
    carer = open_page(role="carer", width=360)
    _weigh(carer, world)
    carer.get_by_role("button", name="Demander à l’IA").click()
    expect(carer.get_by_text("IA : poids stable.")).to_be_visible()
    assert len(scales.calls) == 1, "before the rule, the charter lets this AI be asked"
    carer.locator("[name='outcome'][value='set-aside']").check(force=True)
    carer.locator("[name='reasons'][value='seen-here']").check(force=True)
    carer.get_by_role("button", name="Enregistrer ma décision").click()
    expect(carer.get_by_text("Votre décision est enregistrée.")).to_be_visible()

    page = open_page(role="ethics-member")
    name, rule = _weight_rule(page, "adopted")
    one = _propose(page, rule)
    _argue_replay_and_open(page, one)
    _vote(open_page, one, "Oui")
    _weigh(carer, world)  # the form is on the screen while the rule is adopted
    director = open_page(role="director")
    director.goto("/")
    expect(director.get_by_text("Le comité a donné son avis").first).to_be_visible()
    director.goto(f"{one}decide/")
    expect(director.get_by_text("Le comité est favorable.")).to_be_visible()
    _holds(director)
    _choose(director, "Adopter")
    director.get_by_role("button", name="Signer ma décision").click()
    expect(director.get_by_text("C’est décidé, et publié.")).to_be_visible()

    carer.get_by_role("button", name="Demander à l’IA").click()
    expect(carer.get_by_role("heading", name="L’IA n’a rien reçu")).to_be_visible()
    decided = carer.locator(".rule")
    expect(decided).to_have_count(1)
    expect(decided).to_contain_text("Pas de balance, adopted. On regarde la personne.")
    assert len(scales.calls) == 1, "the AI was called although the adopted rule refuses the act"
    _holds(carer)
    carer.get_by_role("link", name="Ce qui a compté, et ce qui aurait changé la réponse").click()
    expect(carer.locator("main")).to_contain_text("Pas de balance, adopted")
    carer.go_back()
    carer.get_by_role("link", name="Cette règle dans notre charte : Pas de balance, adopted").click()
    expect(carer).to_have_url(re.compile(f"/e/tilleuls/charter/rules/{name}/"))
    expect(carer.get_by_text("3 oui, 0 non")).to_be_visible()
    carer.goto(f"/acts/start/{world.ids['person']}/")
    offered = carer.locator("section.card", has=carer.get_by_role("heading", name="Suivre le poids"))
    expect(offered).to_contain_text("Refusé")
    expect(offered.get_by_role("link", name="Choisir")).to_have_count(0)
    patient = open_page(role="patient", width=360)
    patient.goto("/my/journal/")
    expect(patient.locator("ol.timeline li").first).to_contain_text("Pas de balance, adopted")

    visitor = open_page()
    visitor.goto(f"/e/tilleuls/charter/rules/{name}/")
    expect(visitor.get_by_role("heading", level=1)).to_contain_text("Pas de balance")
    expect(visitor.get_by_text("3 oui, 0 non")).to_be_visible()
    _holds(visitor)
    director.goto(f"{one}review/")
    _holds(director)


def test_departing_from_the_committee_takes_a_reason_that_everybody_reads(
    open_page: Callable[..., Page], world: World
) -> None:
    page = open_page(role="ethics-member", width=360)
    _name, rule = _weight_rule(page, "departed")
    rule = rule.replace("weight", "glucose")
    page.goto("/charter/proposals/rule/")
    page.get_by_label("La règle, en Cedar").fill(rule)
    page.get_by_label("Pourquoi cette proposition ?").fill("Un incident.")
    _choose(page, "D’un incident")
    page.get_by_role("button", name="Proposer cette règle").click()
    expect(page.get_by_text("C’est proposé.")).to_be_visible()
    one = page.url
    _argue_replay_and_open(page, one)
    _vote(open_page, one, "Non")
    director = open_page(role="director", width=360)
    director.goto(f"{one}decide/")
    _choose(director, "Adopter")
    director.get_by_role("button", name="Signer ma décision").click()
    expect(director.locator("[data-errors]")).to_contain_text("dites pourquoi")
    director.get_by_label("Si vous ne suivez pas l’avis du comité").fill("L’incident de mardi ne laisse pas le choix.")
    director.get_by_role("button", name="Signer ma décision").click()
    visitor = open_page()
    visitor.goto(one)
    expect(visitor.get_by_role("heading", name="Adoptée contre l’avis du comité")).to_be_visible()
    expect(visitor.get_by_text("L’incident de mardi ne laisse pas le choix.")).to_be_visible()
    _holds(visitor)
