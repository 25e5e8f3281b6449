"""People who use a keyboard, who enlarge, who have no JavaScript, who see in forced colours, who print."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.audit import as_lines
from tests.journeys.conftest import World

pytestmark = pytest.mark.journey

SOME_PAGES = {
    "carer": ["/", "/acts/{act_open}/", "/patients/{person}/"],
    "patient": ["/my/choices/all/", "/my/journal/"],
    "director": ["/people/", "/charter/"],
}
FOCUS = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const seen = e.matches(".option input") ? e.nextElementSibling : e;
  const css = getComputedStyle(seen);
  const box = seen.getBoundingClientRect();
  return {
    what: e.outerHTML.slice(0, 120),
    outline: css.outlineStyle !== "none" && parseFloat(css.outlineWidth) >= 2,
    inside: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  };
}"""


@pytest.mark.parametrize("role", list(SOME_PAGES))
def test_every_control_is_reached_by_tab_and_shows_it(open_page: Callable[..., Page], world: World, role: str) -> None:
    page = open_page(width=1440, role=role)
    for path in SOME_PAGES[role]:
        page.goto(path.format(**world.ids))
        controls = page.evaluate(
            """() => new Set([...document.querySelectorAll(
                "a[href], button, input:not([type=hidden]), select, textarea, summary")]
              .filter((e) => e.checkVisibility() && !e.disabled).map((e) => e.type === "radio" ? e.name : e)).size"""
        )
        reached: list[str] = []
        for _ in range(controls + 5):
            page.keyboard.press("Tab")
            focused = page.evaluate(FOCUS)
            if focused is None:
                break
            assert focused["outline"], f"{path}: the focus does not show on {focused['what']}"
            assert focused["inside"], f"{path}: the focus is out of sight on {focused['what']}"
            reached.append(focused["what"])
        assert len(reached) >= controls, f"{path}: {controls} controls, {len(reached)} reached by Tab"


@pytest.mark.parametrize("role", list(SOME_PAGES))
def test_text_twice_as_large_still_fits(open_page: Callable[..., Page], world: World, role: str) -> None:
    page = open_page(width=1280, role=role)
    found: list[str] = []
    for path in SOME_PAGES[role]:
        page.goto(path.format(**world.ids))
        page.evaluate("() => document.documentElement.style.setProperty('font-size', '225%')")
        said = page.evaluate("window.colloqueAudit()")
        found += [f"{path} {one}" for one in said if "inline style" not in one]
    assert not found, as_lines(found)


def test_answering_without_javascript(open_page: Callable[..., Page], world: World) -> None:
    page = open_page(width=360, role="patient", java_script_enabled=False)
    page.goto("/")
    expect(page.get_by_role("navigation", name="Principale")).to_be_hidden()
    page.locator("summary", has_text="Menu").click()
    page.get_by_role("navigation", name="Principale").get_by_role("link", name="Mes choix").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mes choix")
    expect(page.get_by_role("button", name="Écouter")).to_be_hidden()
    page.locator("summary", has_text="Menu").click()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My choices")
    page.locator("summary", has_text="Menu").click()
    page.get_by_role("button", name="Français").click()


def test_forced_colours_keep_what_is_chosen_in_sight(open_page: Callable[..., Page]) -> None:
    page = open_page(width=360, role="patient", forced_colors="active")
    page.goto("/my/choices/all/")
    chosen = page.locator(".option").first
    before = chosen.locator("> span").evaluate(
        "e => getComputedStyle(e).outlineWidth + getComputedStyle(e).outlineStyle"
    )
    chosen.click()
    after = chosen.locator("> span").evaluate(
        "e => getComputedStyle(e).outlineWidth + getComputedStyle(e).outlineStyle"
    )
    assert before != after


def test_a_printed_page_holds_its_content_and_none_of_its_buttons(open_page: Callable[..., Page]) -> None:
    page = open_page(width=1440)
    page.goto("/e/tilleuls/charter/")
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("navigation", name="Principale")).to_be_hidden()
    expect(page.locator("footer")).to_be_hidden()
    expect(page.locator("[data-print]")).to_be_hidden()


def test_a_wrong_form_takes_the_focus_and_leads_to_its_field(open_page: Callable[..., Page]) -> None:
    page = open_page(width=360)
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Se connecter").click()
    summary = page.locator("[data-errors]")
    expect(summary).to_be_focused()
    assert page.title().startswith("Erreur")
    summary.get_by_role("link").first.click()
    expect(page.locator("#id_login")).to_be_focused()
    expect(page.locator("#id_login")).to_have_attribute("aria-invalid", "true")
