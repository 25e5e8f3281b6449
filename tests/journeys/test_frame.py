"""The frame of every page, in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from colloque.kernel.vocabulary import Role
from tests.journeys.audit import findings_in_both_schemes

pytestmark = pytest.mark.journey


def test_a_visitor_finds_the_house_and_changes_the_language(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert findings_in_both_schemes(page) == []
    if page.viewport_size and page.viewport_size["width"] == 360:
        page.get_by_text("Menu").click()
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_keyboard_users_skip_to_the_content(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Aller au contenu")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_the_audit_finds_what_it_should(open_page: Callable[..., Page]) -> None:
    page = open_page(width=360)
    page.goto("/")
    page.evaluate(
        """() => document.querySelector("main").insertAdjacentHTML("beforeend",
          "<h5>Trop bas</h5><input type=text id=a><button id=a>x</button>" +
          "<p id=pale>pâle</p><table><tr><td>1</td></tr></table>")"""
    )
    page.evaluate(
        "() => { const p = document.querySelector('#pale'); p.style.color = '#bbb'; p.style.width = '900px'; }"
    )
    said = "\n".join(page.evaluate("window.colloqueAudit()"))
    for words in (
        "headings jump from h3 to h5", "an id used twice: a", "a control without a name", "a target too small",
        "too little contrast", "inline style", "the page scrolls sideways", "a table without headers",
    ):  # fmt: skip
        assert words in said, f"{words!r} not in:\n{said}"


@pytest.mark.parametrize("role", [role.value for role in Role])
def test_the_home_of_each_role(open_page: Callable[..., Page], role: str) -> None:
    for width in (360, 1440):
        page = open_page(width=width, role=role)
        page.goto("/")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Bonjour")
        assert findings_in_both_schemes(page) == []


@pytest.mark.parametrize(
    "path", ["/e/tilleuls/", "/ledger/", "/accounts/login/", "/accounts/password/reset/", "/nowhere/"]
)
def test_public_pages(page: Page, path: str) -> None:
    page.goto(path)
    assert findings_in_both_schemes(page) == []


def test_a_home_left_open_keeps_up_and_leaves_the_focus_where_it_is(open_page: Callable[..., Page]) -> None:
    page = open_page(width=1440, role="carer")
    page.clock.install()
    page.goto("/")
    page.locator("#awaits-2").focus()
    with page.expect_response(lambda answer: answer.request.headers.get("hx-request") == "true") as heard:
        page.clock.run_for(61_000)
    assert heard.value.status == 200
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bonjour")
    expect(page.locator("#awaits-2")).to_be_focused()
