"""A tired person on a tablet answers about AI, hears it back, asks to talk; an AI is announced and the stop is at hand."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.audit import findings_in_both_schemes
from tests.journeys.conftest import World, sign_in

pytestmark = pytest.mark.journey


@pytest.mark.principle("C1")
def test_a_person_answers_one_question_and_it_is_read_back(page: Page, world: World) -> None:
    sign_in(page, world, "patient")
    page.goto("/my/choices/learning/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("apprendre")
    page.wait_for_load_state()
    assert findings_in_both_schemes(page) == []
    page.get_by_text("Rien de ce qui vous concerne ne sert à apprendre").click()
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("C’est noté")
    expect(page.locator("#said")).to_contain_text("Non")
    page.wait_for_load_state()
    assert findings_in_both_schemes(page) == []
    page.get_by_role("link", name="Voir toutes mes réponses").click()
    answer = page.locator("#answers li", has_text="Apprendre de mes données")
    expect(answer).to_contain_text("Non")
    answer.get_by_role("link").click()
    expect(page.get_by_role("radio", name=re.compile("^Non"))).to_be_checked()


def test_without_an_answer_the_question_is_asked_again_and_the_keyboard_is_enough(page: Page, world: World) -> None:
    sign_in(page, world, "patient")
    page.goto("/my/choices/all/")
    page.get_by_role("button", name="Continuer").press("Enter")
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("Choisissez une réponse")
    summary.get_by_role("link").press("Enter")
    expect(page.get_by_role("radio").first).to_be_focused()
    page.keyboard.press("Space")
    expect(page.get_by_role("radio").first).to_be_checked()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("C’est noté")


def test_wanting_to_talk_gives_a_name_and_a_time(page: Page, world: World) -> None:
    sign_in(page, world, "patient")
    page.goto("/my/choices/")
    asking = page.get_by_role("button", name="Demander qu’on me rappelle")
    if asking.count():  # asked once, the promise stands and is not offered again
        asking.click()
    expect(asking).to_have_count(0)
    expect(page.locator(".notice.good").first).to_contain_text(re.compile(r"vous rappelle avant .+ à \d+\sh"))
    page.wait_for_load_state()
    assert findings_in_both_schemes(page) == []


@pytest.mark.principle("E14")
def test_the_stop_is_one_screen_away_for_the_ethics_committee(page: Page, world: World) -> None:
    sign_in(page, world, "ethics-member")
    page.goto("/projects/")
    page.get_by_role("link", name="Arrêter une IA").click()
    expect(page.get_by_role("button", name="Arrêter tout de suite")).to_be_visible()
    expect(page.get_by_role("radio")).not_to_have_count(0)
    page.wait_for_load_state()
    assert findings_in_both_schemes(page) == []
