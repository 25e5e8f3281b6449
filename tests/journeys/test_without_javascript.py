"""What /accessibility/ promises: with JavaScript off, everything but reading aloud and security keys."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator

import psycopg
import pytest
from playwright.sync_api import Page, expect

from colloque.reference_ai.score import Label, Status, load
from colloque.reference_ai.synthetic import case
from tests.journeys.conftest import World, answer_about_reading, sign_in
from tests.journeys.story import PASSWORD

pytestmark = pytest.mark.journey

LOOSE_SIGN = re.compile(r"\S [;:!?»]|« ")


@pytest.fixture
def bare(open_page: Callable[..., Page]) -> Page:
    """A page on a phone whose browser runs no script."""
    return open_page(width=360, java_script_enabled=False)


def test_somebody_signs_in_with_a_password(bare: Page) -> None:
    bare.goto("/accounts/login/?next=/my/choices/")
    bare.locator("#id_login").fill("trusted-person@tilleuls.invalid")
    bare.locator("#id_password").fill("wrong")
    bare.get_by_role("button", name="Se connecter").click()
    expect(bare.locator("[data-errors]")).to_be_visible()
    bare.locator("#id_password").fill(PASSWORD)
    bare.get_by_role("button", name="Se connecter").click()
    expect(bare.get_by_role("link", name="Se connecter")).to_have_count(0)


def test_a_person_answers_and_reads_it_back(bare: Page, world: World) -> None:
    sign_in(bare, world, "patient")
    bare.goto("/my/choices/all/")
    bare.get_by_role("button", name="Continuer").click()
    expect(bare.locator("[data-errors]")).to_contain_text("Choisissez une réponse")
    bare.goto("/my/choices/learning/")
    bare.get_by_role("radio", name=re.compile("^Non")).check(force=True)
    bare.get_by_role("button", name="Continuer").click()
    expect(bare.get_by_role("heading", level=1)).to_have_text("C’est noté")
    expect(bare.locator("#said")).to_contain_text("Non")
    for path in ("/my/choices/", "/my/journal/", "/my/trust/", "/my/data/"):
        bare.goto(path)
        assert LOOSE_SIGN.findall(bare.locator("main").inner_text()) == [], path


def test_a_carer_reads_first_then_decides(bare: Page, world: World) -> None:
    sign_in(bare, world, "patient")
    answer_about_reading(bare, "L’équipe peut s’en servir pour vous")
    sign_in(bare, world, "colleague")  # the other carer has one that waits already
    bare.goto(f"/acts/start/{world.ids['person']}/{world.ids['service']}/")
    for key, value in case(load(), Label.MALIGNANT, Status.ANSWERED, random.Random(23)).values.items():
        bare.locator(f"[name='{key}']").fill(f"{value}".replace(".", ","))
    bare.locator("main form").get_by_role("button").first.click()
    bare.locator("[name='reading'][value='benign']").check(force=True)
    bare.locator("[name='sureness'][value='rather-sure']").check(force=True)
    bare.get_by_role("button", name="Noter ma lecture, puis demander à l’IA").click()
    expect(bare.locator(".machine")).to_be_visible()
    bare.get_by_role("button", name="Enregistrer ma décision").click()
    expect(bare.locator("[data-errors]")).to_be_visible()
    bare.locator("[name='outcome'][value='adapted']").check(force=True)
    bare.locator("[name='reasons'][value='seen-here']").check(force=True)
    bare.wait_for_load_state()  # what is asked at once is all there
    for name in ("retained", "words"):
        field = bare.locator(f"[name='{name}']")
        if field.count() == 1 and field.is_visible():
            field.fill("Atypies à revoir.")
    choice = bare.locator("[name='retained'][type='radio']")
    if choice.count():
        choice.first.check(force=True)
    bare.get_by_role("button", name="Enregistrer ma décision").click()
    expect(bare.get_by_text("Votre décision est enregistrée.")).to_be_visible()


def test_a_carer_says_i_am_here_and_leaves(bare: Page, world: World) -> None:
    sign_in(bare, world, "carer")
    bare.goto(f"/presence/{world.ids['person']}/")
    bare.get_by_role("button", name="Je suis là").click()
    expect(bare.locator("main")).to_contain_text("Vous avez confirmé que vous êtes près de cette personne.")
    bare.get_by_role("link", name="Changer ou partir").click()
    expect(bare.locator("main")).to_contain_text(re.compile(r"Vous êtes là jusqu’à \d+\sh"))
    bare.get_by_role("button", name="Je m’en vais").click()
    expect(bare.locator("main")).not_to_contain_text("Vous avez confirmé que vous êtes près")


@pytest.fixture
def live_again(world: World) -> Iterator[None]:
    """The AI that is stopped goes on for the journeys that follow."""
    yield
    with psycopg.connect(world.installation.database_url) as connection:
        connection.execute("UPDATE projects_project SET status = 'live' WHERE id = %s", [world.ids["project_id"]])


@pytest.mark.usefixtures("live_again")
def test_an_ai_is_stopped_at_once(bare: Page, world: World) -> None:
    sign_in(bare, world, "director")
    bare.goto(f"/projects/{world.ids['project_id']}/")
    bare.get_by_role("link", name="Arrêter cette IA").click()
    bare.get_by_role("button", name="Arrêter tout de suite").click()
    expect(bare.locator("[data-errors]")).to_be_visible()
    bare.locator("textarea").fill("Deux alertes sans suite cette nuit.")
    bare.get_by_role("button", name="Arrêter tout de suite").click()
    bare.goto(f"/projects/{world.ids['project_id']}/")
    expect(bare.locator("main")).to_contain_text("Deux alertes sans suite cette nuit.")
    expect(bare.get_by_role("link", name="Arrêter cette IA")).to_have_count(0)
