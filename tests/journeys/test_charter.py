"""The charter in a real browser: everybody reads it, the director proposes and adopts a version."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.audit import findings_in_both_schemes
from tests.journeys.conftest import World, sign_in

pytestmark = pytest.mark.journey


@pytest.mark.principle("B10")
def test_anybody_goes_from_the_charter_to_the_exact_rule(page: Page) -> None:
    page.goto("/e/tilleuls/charter/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ce que nous avons décidé ensemble sur l’IA")
    expect(page.get_by_role("heading", name="Jamais seul avec un robot")).to_be_visible()
    assert findings_in_both_schemes(page) == []
    page.get_by_role("link", name="La règle et son histoire : Le soignant se fait son avis d’abord").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Le soignant se fait son avis d’abord")
    expect(page.locator(".rule-counts")).to_be_visible()
    assert findings_in_both_schemes(page) == []
    exact = page.locator("pre")
    expect(exact).not_to_be_visible()
    page.get_by_text("La règle exacte").click()
    expect(exact).to_contain_text('@asks("own-assessment")')
    page.get_by_role("link", name="Version 1").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("version")
    assert findings_in_both_schemes(page) == []


def test_the_director_corrects_a_text_then_proposes_and_adopts_it(page: Page, world: World) -> None:
    name = f"no-scales-{page.viewport_size['width'] if page.viewport_size else 0}"
    rule = (
        f'\n@id("{name}")\n@fr("Pas de balance. On regarde la personne.")\n@en("No scales. We look at the person.")\n'
        '@origin("Atelier")\nforbid (principal, action == Action::"weigth", resource);\n'
    )
    sign_in(page, world, "director")
    page.goto("/e/tilleuls/charter/")
    page.get_by_role("link", name="Proposer ou adopter une version").click()
    page.get_by_role("link", name="Proposer une version").click()
    text = page.get_by_label("Les règles, en Cedar")
    before = text.input_value()
    text.fill(before + rule)
    page.get_by_role("button", name="Vérifier").click()
    summary = page.locator("[data-errors]")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("Peut-être : weight.")
    assert findings_in_both_schemes(page) == []
    text.fill(before + rule.replace("weigth", "weight"))
    page.get_by_role("button", name="Vérifier").click()
    expect(page.get_by_role("heading", name="Ce texte peut être proposé")).to_be_visible()
    assert findings_in_both_schemes(page) == []
    page.get_by_role("button", name="Proposer cette version").click()
    expect(page.get_by_text("est proposée.")).to_be_visible()
    assert findings_in_both_schemes(page) == []
    page.get_by_role("button", name="Adopter cette version").click()
    expect(page.get_by_text("Elle s’applique dès maintenant.")).to_be_visible()
    page.goto(f"/e/tilleuls/charter/rules/{name}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Pas de balance")
    page.goto("/charter/")
    assert findings_in_both_schemes(page) == []
