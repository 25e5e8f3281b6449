"""A carer's main job, in a real browser: start an act, read first, see the AI, decide; with the keyboard too."""

from __future__ import annotations

import random
import re

import pytest
from playwright.sync_api import Page, expect

from colloque.reference_ai.score import Label, Status, load
from colloque.reference_ai.synthetic import case
from tests.journeys.audit import findings_in_both_schemes
from tests.journeys.conftest import World, answer_about_reading, sign_in

pytestmark = pytest.mark.journey


@pytest.mark.principle("A2", "A7", "A9", "F1")
def test_a_carer_starts_reads_first_sees_the_ai_and_decides(page: Page, world: World) -> None:
    sign_in(page, world, "patient")
    answer_about_reading(page, "L’équipe peut s’en servir pour vous")
    sign_in(page, world, "colleague")  # the other carer has one that waits already
    page.goto(f"/acts/start/{world.ids['person']}/{world.ids['service']}/")
    values = case(load(), Label.MALIGNANT, Status.ANSWERED, random.Random(11)).values
    for key, value in values.items():
        page.locator(f"[name='{key}']").fill(f"{value}".replace(".", ","))
    page.locator("main form").get_by_role("button").first.click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("Votre lecture d’abord")
    assert findings_in_both_schemes(page) == []
    expect(page.locator(".machine")).to_have_count(0)
    page.locator("[name='reading'][value='benign']").check(force=True)
    page.locator("[name='sureness'][value='rather-sure']").check(force=True)
    page.get_by_role("button", name="Noter ma lecture, puis demander à l’IA").click()

    expect(page.locator(".machine")).to_contain_text("Votre lecture et la sienne diffèrent.")
    expect(page.locator("input:checked")).to_have_count(0)
    page.wait_for_load_state()  # what is measured has its style sheet
    boxes = [page.locator(".option").nth(place).bounding_box() for place in range(3)]
    assert all(box is not None for box in boxes)
    sizes = {(round(box["width"]), round(box["height"])) for box in boxes if box is not None}
    assert len({width for width, _height in sizes}) == 1, f"the three answers are not alike: {sizes}"
    assert findings_in_both_schemes(page) == []

    page.get_by_role("button", name="Enregistrer ma décision").click()
    expect(page.locator("[data-errors]")).to_be_focused()
    page.locator("[name='outcome']").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator("[name='outcome'][value='set-aside']")).to_be_checked()
    page.locator("[name='reasons'][value='seen-here']").focus()
    page.keyboard.press("Space")
    page.locator("[name='words']").fill("Le prélèvement est hémorragique.")
    page.get_by_role("button", name="Enregistrer ma décision").click()

    expect(page.get_by_text("Votre décision est enregistrée.")).to_be_visible()
    expect(page.locator("main")).to_contain_text(re.compile("Plutôt bénin"))
    expect(page.locator(".machine")).to_have_count(0)
    page.get_by_role("link", name="Le compte rendu de la décision").click()
    expect(page.locator("main")).to_contain_text("Le prélèvement est hémorragique.")
    expect(page.locator("main")).not_to_contain_text("malin")
