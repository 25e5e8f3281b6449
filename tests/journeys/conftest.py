"""A real server and a real browser: journeys ask for `page`, every page they visit is examined.

`page` runs each journey twice, on a phone of 360 px in light colours and on a screen of 1440 px in dark ones. A journey fails
when the browser complains (console, security policy, script error) or when `audit.js` finds fault with a page.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.acts.cytology import PlayedAI, playing
from tests.journeys.audit import Audit, as_lines
from tests.journeys.server import Installation, install
from tests.journeys.story import AI_ADDRESS, SCALES_ADDRESS
from tests.reference_ai.service import Service, running

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
STORY = "from colloque.cli.environment import prepare; prepare(); from tests.journeys.story import main; main()"
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1440, "height": 900}


@dataclass(frozen=True)
class World:
    """What the journeys find: sessions of each role by name, and ids of what the story holds."""

    installation: Installation
    sessions: dict[str, str]
    ids: dict[str, str]

    @property
    def url(self) -> str:
        """The address of the server."""
        return self.installation.url


@pytest.fixture(scope="session")
def installation(embedded_postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """A migrated installation of its own, not yet serving."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    return install(tmp_path_factory.mktemp("installation"), embedded_postgres, f"journeys_{worker}")


@pytest.fixture(scope="session")
def aid() -> Iterator[Service]:
    """The real reference AI in its own process."""
    with running() as started:
        yield started


@pytest.fixture(scope="session")
def scales() -> Iterator[PlayedAI]:
    """The AI that follows people's weight, played here: it remembers each time it was called."""
    with playing() as played:
        word = {"v": 1, "status": "answered", "summary": {"fr": "IA : poids stable.", "en": "AI: steady weight."}}
        source = {"label": "Balance attentive"}
        card = {"summary": "IA : poids stable.", "indicator": "info", "source": source}
        played.says({"cards": [{**card, "extension": {"com.colloque.answer": word}}]})
        yield played


@pytest.fixture(scope="session")
def world(installation: Installation, aid: Service, scales: PlayedAI) -> Iterator[World]:
    """A served installation with one account per role and the story of `story.py`, its acts run on the real spine."""
    addresses = {AI_ADDRESS: aid.address, SCALES_ADDRESS: scales.address}
    told = json.loads(installation.run("-c", STORY, **addresses).splitlines()[-1])
    server = installation.serve()
    yield World(installation, told["sessions"], told["ids"])
    server.send_signal(signal.SIGINT)
    try:
        server.wait(10)
    except Exception:  # noqa: BLE001
        server.kill()
        server.wait()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. Journeys skip where it is absent."""
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not at /usr/bin/chromium: install it with `apt-get install chromium`.")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Browser, world: World) -> Iterator[Callable[..., Page]]:
    """`open_page(width=360, scheme="light", role=None)`: a page of its own context, examined at each load."""
    opened: list[tuple[BrowserContext, Audit]] = []

    def opening(*, width: int = 1440, scheme: str = "light", role: str | None = None, **more: Any) -> Page:
        size = PHONE if width <= 480 else {**DESK, "width": width}
        context = browser.new_context(
            base_url=world.url, viewport=cast(Any, {**size, "width": width}), color_scheme=cast(Any, scheme),
            locale="fr-FR", timezone_id="Europe/Paris", reduced_motion="reduce", has_touch=width <= 480, **more,
        )  # fmt: skip
        context.set_default_timeout(15_000)
        audit = Audit(context)
        opened.append((context, audit))
        page = context.new_page()
        page.audit = audit  # type: ignore[attr-defined]
        if role:
            sign_in(page, world, role)
        return page

    yield opening
    findings = [finding for _context, audit in opened for finding in audit.findings]
    for context, _audit in opened:
        context.close()
    assert not findings, f"Pages visited have faults:\n{as_lines(findings)}"


@pytest.fixture(params=[(360, "light"), (1440, "dark")], ids=["phone-light", "desk-dark"])
def page(request: pytest.FixtureRequest, open_page: Callable[..., Page]) -> Page:
    """A page on a phone, then on a desk."""
    width, scheme = request.param
    return open_page(width=width, scheme=scheme)


def sign_in(page: Page, world: World, role: str) -> None:
    """Go on as somebody who holds a role (a `Role` value or a name of the story), without the sign-in pages."""
    page.context.clear_cookies(name="sessionid")
    page.context.add_cookies([{"name": "sessionid", "value": world.sessions[role], "url": world.url, "httpOnly": True}])


def audit_of(page: Page) -> Audit:
    """The audit that listens to a page, for journeys that provoke a fault on purpose."""
    return cast(Audit, page.audit)  # type: ignore[attr-defined]


def answer_about_reading(page: Page, words: str) -> None:
    """Give the person's answer about the reading aid, from the page of somebody signed in as that person."""
    page.goto("/my/choices/cytology-reading/")
    page.get_by_text(words).click()
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("C’est noté")
