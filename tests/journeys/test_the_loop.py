"""The main job, once, on a phone: an own reading, the AI's word, a decision; the person reads it, says no, and it holds."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import World, answer_about_reading, sign_in

pytestmark = pytest.mark.journey


@pytest.fixture
def phone(open_page: object) -> Page:
    """A page on a phone."""
    made: Page = open_page(width=360, scheme="light")  # type: ignore[operator]
    return made


@pytest.mark.principle("A1", "A2", "A9", "B5", "C1", "C13")
def test_the_loop_closes(phone: Page, world: World) -> None:
    act = f"/acts/{world.ids['act_asking']}/"
    sign_in(phone, world, "patient")
    answer_about_reading(phone, "L’équipe peut s’en servir pour vous")
    sign_in(phone, world, "carer")
    phone.goto(act)
    expect(phone.get_by_role("heading", name="Votre propre lecture")).to_be_visible()
    assert "Ce que propose l’IA" not in phone.content(), "the AI's word is there before the carer's own"
    phone.get_by_text("Plutôt bénin", exact=True).click()
    phone.get_by_text("Moyenne", exact=True).click()
    phone.get_by_role("button", name=re.compile("Noter ma lecture")).click()

    expect(phone.get_by_role("heading", name="Ce que propose l’IA")).to_be_visible()
    decisions = phone.get_by_role("radio", name=re.compile("^(Suivre|Adapter|Écarter)"))
    expect(decisions).to_have_count(3)
    for choice in decisions.all():
        expect(choice).not_to_be_checked()
    phone.get_by_text("Je garde", exact=False).first.click()
    phone.get_by_text("Ce que je vois ici, auprès de la personne").click()
    phone.get_by_role("button", name="Enregistrer ma décision").click()
    expect(phone.get_by_role("heading", name="Votre décision", exact=True)).to_be_visible()

    sign_in(phone, world, "patient")
    phone.goto("/my/journal/")
    expect(phone.locator("ol.timeline").first).to_contain_text("a décidé")
    answer_about_reading(phone, "Un soignant fait sans IA")
    try:
        sign_in(phone, world, "carer")
        phone.goto(f"/acts/start/{world.ids['person']}/")
        expect(phone.locator("main")).to_contain_text("Le non de la personne passe avant tout")
    finally:
        sign_in(phone, world, "patient")
        answer_about_reading(phone, "L’équipe peut s’en servir pour vous")
