"""A member of the committee puts a rule together in a real browser, with its sentence live, and again without JavaScript."""

from __future__ import annotations

import os
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import World, sign_in

pytestmark = pytest.mark.journey

SHOTS = os.environ.get("COLLOQUE_SHOTS", "")
FRENCH = "Entre 20\u00a0h et 8\u00a0h, aucune IA n’intervient pour la compagnie d’un robot."


def shot(page: Page, name: str) -> None:
    if SHOTS and page.viewport_size:
        page.screenshot(path=f"{SHOTS}/{name}-{page.viewport_size['width']}.png", full_page=True)


def answer(page: Page) -> None:
    page.get_by_role("radio", name=re.compile("^Elle ferme")).check(force=True)
    if not page.get_by_role("checkbox", name="La compagnie d’un robot").is_visible():
        page.get_by_text("L’aide d’un robot", exact=True).first.click()
    page.get_by_role("checkbox", name="La compagnie d’un robot").check()
    if not page.get_by_label("À partir de").is_visible():
        page.get_by_role("heading", name="À quels moments").click()
    page.get_by_label("À partir de").select_option("20")
    page.get_by_label("Jusqu’à").select_option("8")


def test_the_sentence_forms_as_questions_are_answered(page: Page, world: World) -> None:
    sign_in(page, world, "patient")
    page.goto("/charter/proposals/new/")
    expect(page.locator("#sentence")).to_contain_text("Dites d’abord ce que fait la règle")
    expect(page.get_by_role("radio", name=re.compile("^Un oui"))).to_have_count(0)
    page.get_by_role("radio", name=re.compile("^Elle pose une condition")).check(force=True)
    expect(page.get_by_role("radio", name=re.compile("^Un oui"))).to_have_count(1)
    expect(page.locator("#sentence")).to_contain_text("Dites ce qu’il faut d’abord.")
    answer(page)
    expect(page.locator("#sentence [lang=fr]")).to_have_text(FRENCH)
    expect(page.locator("#sentence [lang=en]").first).to_have_text(
        "Between 20:00 and 8:00, no AI takes part in keeping company with a robot."
    )
    page.get_by_text("La règle exacte, telle que le logiciel l’appliquera").click()
    expect(page.locator("#sentence pre")).to_contain_text("context.moment.hour >= 20 || context.moment.hour < 8")
    shot(page, "builder")
    page.get_by_role("radio", name=re.compile("D’une consultation")).check(force=True)
    page.get_by_label("Laquelle, lequel ?").fill("Consultation de mars")
    page.get_by_role("button", name="Proposer cette règle").click()
    expect(page.locator("[data-errors]")).to_contain_text("Dites pourquoi")
    page.get_by_label("Pourquoi cette proposition ?").fill("La soirée est aux humains.")
    page.get_by_role("button", name="Proposer cette règle").click()
    expect(page).to_have_url(re.compile("/charter/proposals/[0-9a-f-]{36}/$"))
    expect(page.locator("main")).to_contain_text("aucune IA n’intervient pour la compagnie d’un robot")
    shot(page, "proposed")


def test_without_javascript_the_sentence_is_read_again(open_page: Callable[..., Page], world: World) -> None:
    page = open_page(width=360, java_script_enabled=False, role="ethics-member")
    page.goto("/charter/proposals/new/")
    answer(page)
    page.get_by_role("button", name="Relire la phrase").click()
    expect(page.locator("#sentence [lang=fr]")).to_contain_text("aucune IA n’intervient pour la compagnie d’un robot.")
    expect(page.locator("[data-errors]")).to_have_count(0)
    expect(page.get_by_role("checkbox", name="La compagnie d’un robot")).to_be_checked()
    page.get_by_role("radio", name=re.compile("D’ailleurs")).check(force=True)
    page.get_by_label("Laquelle, lequel ?").fill("Réunion d’étage")
    page.get_by_label("Pourquoi cette proposition ?").fill("La nuit est aux humains.")
    page.get_by_role("button", name="Proposer cette règle").click()
    expect(page).to_have_url(re.compile("/charter/proposals/[0-9a-f-]{36}/$"))


def test_a_rule_in_force_opens_with_its_answers(page: Page, world: World) -> None:
    sign_in(page, world, "director")
    page.goto("/charter/proposals/new/?rule=teleconsultation-accompanied")
    expect(page.get_by_label("Elle a moins de")).to_have_value("18")
    expect(page.locator("#sentence [lang=fr]")).to_contain_text("a moins de 18 ans ou a 75 ans et plus")
    shot(page, "change")


def test_why_is_one_click_away(page: Page, world: World) -> None:
    sign_in(page, world, "patient")
    page.goto(f"/my/journal/{world.ids['act_open']}/why/")
    expect(page.locator("main")).to_contain_text("Votre non l’aurait arrêtée.")
    shot(page, "why-patient")
    sign_in(page, world, "carer")
    page.goto("/acts/")
    page.get_by_role("link", name=re.compile("Pourquoi cette étape")).first.click()
    expect(page.locator("main")).to_contain_text("L’IA pourrait aider si")
    shot(page, "why-carer")
    page.get_by_role("link", name=re.compile("La règle, son histoire et le débat")).first.click()
    expect(page).to_have_url(re.compile("/charter/rules/"))
