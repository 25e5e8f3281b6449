"""Coming in by a link, proving twice who one is, with a telephone or with a security key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.audit import findings_in_both_schemes
from tests.journeys.conftest import World
from tests.people.telephone import code

pytestmark = pytest.mark.journey

PASSWORD = "une phrase qui se retient"


def a_link(world: World, email: str) -> str:
    """An invitation that the operator makes at the command line."""
    told = world.installation.run(
        "-m", "colloque", "people", "create-administrator", world.ids["slug"], email, "Anne", "Rousseau"
    )
    return told.strip().removeprefix(world.url)


def accept(page: Page, link: str) -> None:
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("Bonjour Anne")
    assert findings_in_both_schemes(page) == []
    page.get_by_label("Votre mot de passe").fill(PASSWORD)
    page.get_by_label("Le même, encore une fois").fill(PASSWORD)
    page.get_by_role("button", name="Accepter et entrer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Protégez votre compte")
    assert findings_in_both_schemes(page) == []


def test_an_invited_administrator_comes_in_with_a_telephone(page: Page, world: World) -> None:
    width = (page.viewport_size or {"width": 0})["width"]
    email = f"anne-{width}@example.org"
    link = a_link(world, email)
    accept(page, link)
    page.goto("/people/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Protégez votre compte")
    page.get_by_role("link", name="Utiliser mon téléphone").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ajouter une application")
    assert findings_in_both_schemes(page) == []
    page.get_by_text("Je ne peux pas viser le carré").click()
    secret = page.locator("details code").inner_text()
    page.get_by_label("Code à six chiffres").fill(code(secret, lasts=8))
    page.get_by_role("button", name="Ajouter").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Vos codes de secours")
    assert findings_in_both_schemes(page) == []
    spare = page.locator("code").first.inner_text()
    page.get_by_role("link", name="C’est fait").click()
    page.goto("/people/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Équipe et accès")
    page.goto("/people/me/")
    page.get_by_role("button", name="Tout fermer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Se connecter")
    page.get_by_label("Adresse électronique").fill(email)
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("code")
    page.get_by_label("Code").fill(spare)
    page.get_by_role("button", name="Continuer").click()
    page.goto("/people/me/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mon compte")
    assert page.goto(link), "the link opens nothing any more"
    expect(page.get_by_role("heading", level=1)).to_have_text("Page introuvable")


@contextmanager
def a_security_key(page: Page) -> Iterator[None]:
    """A key plugged into the browser, which its owner touches at once."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    tools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "usb",
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    yield
    tools.detach()


def test_a_security_key_is_enough(open_page: Callable[..., Page], world: World) -> None:
    page = open_page(width=1440)
    here = world.url.replace("127.0.0.1", "localhost")  # keys know names, not numbers
    with a_security_key(page):
        accept(page, here + a_link(world, "key@example.org"))
        page.get_by_role("link", name="Utiliser une clé").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Ajouter une clé")
        assert findings_in_both_schemes(page) == []
        page.get_by_role("button", name="Ajouter").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Vos codes de secours")
        page.get_by_role("link", name="C’est fait").click()
        page.get_by_role("button", name="Se déconnecter").click()
        page.goto(f"{here}/accounts/login/")
        page.get_by_label("Adresse électronique").fill("key@example.org")
        page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Se connecter").click()
        page.get_by_role("button", name="Utiliser ma clé").click()
        page.wait_for_url(f"{here}/")
        page.goto(f"{here}/people/")
        expect(page.get_by_role("heading", level=1)).to_have_text("Équipe et accès")
