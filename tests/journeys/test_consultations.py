"""Taking part on a phone, with a code, without a script; paper that comes back; a facilitator who opens, prints and moderates."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.audit import as_lines, findings_in_both_schemes
from tests.journeys.conftest import World, sign_in

pytestmark = pytest.mark.journey


def holds(page: Page) -> None:
    """The page on screen has no fault, in light and in dark."""
    page.wait_for_load_state()
    assert not (found := findings_in_both_schemes(page)), as_lines(found)


def begin(page: Page, consultation: str) -> None:
    page.goto(f"/c/{consultation}/")
    expect(page.get_by_role("heading", name="Ce que deviennent vos réponses")).to_be_visible()
    page.get_by_text("Je vis ou je suis soigné ici").click()
    page.get_by_role("button", name="Commencer").click()
    expect(page.get_by_role("button", name="Pas d’accord")).to_be_visible()


@pytest.mark.principle("D4")
def test_a_resident_answers_on_a_phone_and_changes_her_mind(open_page: Callable[..., Page], world: World) -> None:
    page = open_page(width=360)
    begin(page, world.ids["consultation"])
    holds(page)
    thumb = page.get_by_role("button", name="D’accord", exact=True)
    box = thumb.bounding_box()
    assert box is not None
    assert box["height"] >= 64, "as big as a thumb"
    assert box["width"] >= 280
    first = page.get_by_role("heading", level=1).inner_text()
    with page.expect_response(lambda answer: "/votes/" in answer.url) as answered:
        thumb.click()
    assert answered.value.status == 200, "the page stays, the vote goes in by the short way"
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(page.locator("[data-last]")).to_contain_text("C’est noté")
    expect(page.get_by_role("heading", level=1)).not_to_have_text(first)
    page.get_by_role("link", name="Revenir sur cette réponse").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(first)
    expect(page.get_by_text("Vous aviez répondu")).to_be_visible()
    page.get_by_role("button", name="Je passe").press("Enter")
    expect(page.locator("[data-last]")).to_contain_text("Je passe")
    page.get_by_role("link", name="Revoir mes réponses").click()
    holds(page)
    mine = page.locator("ul.lines li", has_text=first)
    expect(mine).to_contain_text("Je passe")
    page.get_by_role("link", name="Continuer").click()
    title = page.get_by_role("heading", level=1)
    expect(thumb).to_be_visible()
    for _ in range(12):
        before = title.inner_text()
        thumb.click()
        expect(title).not_to_have_text(before)
        if "Merci" in title.inner_text():
            break
    expect(title).to_contain_text("Merci")
    holds(page)


@pytest.mark.principle("D3")
def test_votes_do_not_wait_for_a_page(open_page: Callable[..., Page], world: World) -> None:
    """With a script each answer goes to the quick door; the page stays, says so, and goes the slow way when that door is shut."""
    page = open_page(width=360)
    begin(page, world.ids["consultation"])
    page.evaluate("window.stayed = true")
    for answered in (1, 2):
        title = page.get_by_role("heading", level=1)
        before = title.inner_text()
        with page.expect_response("**/votes/*") as told:
            page.get_by_role("button", name="Pas d’accord").click()
        assert told.value.status == 200
        expect(title).not_to_have_text(before)
        expect(title).to_be_focused()
        expect(page.locator("[data-last]")).to_contain_text("Pas d’accord")
        expect(page.locator("[data-progress]")).to_contain_text(f"{answered} sur")
    assert page.evaluate("window.stayed"), "the page was loaded again"
    holds(page)
    page.route("**/votes/*", lambda route: route.abort())
    before = page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("button", name="Je passe").click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text(before)
    expect(page.locator("[data-last]")).to_contain_text("Je passe")
    expect(page.locator("[data-progress]")).to_contain_text("3 sur")
    page.audit.forgive("ERR_FAILED")  # type: ignore[attr-defined]


def test_she_adds_a_statement_and_reads_that_it_waits(open_page: Callable[..., Page], world: World) -> None:
    page = open_page(width=360)
    begin(page, world.ids["consultation"])
    page.get_by_role("link", name="Ajouter une affirmation").click()
    page.get_by_role("button", name="Proposer").click()
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_label("Votre affirmation").fill("Chaque IA doit avoir une personne qui en répond.")
    page.get_by_role("button", name="Proposer").click()
    expect(page.locator("section", has=page.get_by_role("heading", name="Les miennes"))).to_contain_text(
        "Attend d’être relue"
    )
    holds(page)


@pytest.mark.principle("D4")
def test_everything_works_without_a_script(open_page: Callable[..., Page], world: World) -> None:
    page = open_page(width=360, java_script_enabled=False)
    begin(page, world.ids["consultation"])
    first = page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("button", name="Pas d’accord").click()
    expect(page.locator("[data-last]")).to_contain_text("Pas d’accord")
    expect(page.get_by_role("heading", level=1)).not_to_have_text(first)
    page.get_by_role("button", name="Toujours en mots simples").click()
    page.get_by_role("link", name="Revoir mes réponses").click()
    expect(page.locator("ul.lines li", has_text=first)).to_contain_text("Pas d’accord")
    page.get_by_role("link", name="Changer").first.click()
    page.get_by_role("button", name="Retirer ma réponse").click()
    expect(page.get_by_text("Votre réponse est retirée.")).to_be_visible()
    page.goto(f"/c/{world.ids['consultation']}/statements/")
    page.get_by_label("Votre affirmation").fill("Sans script aussi, ma voix compte.")
    page.get_by_role("button", name="Proposer").click()
    expect(page.get_by_text("sera lue par une personne")).to_be_visible()
    page.goto(f"/c/{world.ids['consultation']}/vote/")
    page.get_by_role("button", name="J’ai fini sur cet appareil").click()
    expect(page.get_by_role("button", name="Commencer")).to_be_visible()


def test_a_daughter_comes_in_with_her_code_once(open_page: Callable[..., Page], world: World) -> None:
    page = open_page(width=360)
    page.goto(f"/c/{world.ids['by_codes']}/")
    page.get_by_label("Votre code").fill(world.ids["code"].lower())
    page.get_by_role("button", name="Commencer").click()
    expect(page.get_by_role("button", name="Pas d’accord")).to_be_visible()
    page.get_by_role("button", name="J’ai fini sur cet appareil").click()
    expect(page.get_by_label("Votre code")).to_be_visible()


def test_a_facilitator_opens_a_consultation_in_two_minutes(page: Page, world: World) -> None:
    sign_in(page, world, "facilitator")
    page.goto("/consultations/")
    page.get_by_role("link", name="Ouvrir une consultation").first.click()
    page.get_by_label("La question posée").fill("Que faire du temps gagné ?")
    page.get_by_label("Les premières affirmations").fill(
        "Le temps gagné va aux résidents.\nLe temps gagné va au repos des soignants.\nOn ne gagnera pas de temps."
    )
    page.get_by_role("button", name="Relire avant d’ouvrir").click()
    expect(page.get_by_role("heading", name="Que faire du temps gagné ?")).to_be_visible()
    page.get_by_role("button", name="Ouvrir maintenant").click()
    expect(page.get_by_role("img", name=re.compile("QR"))).to_be_visible()
    holds(page)
    page.get_by_role("link", name="Affiche à imprimer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Que faire du temps gagné ?")


@pytest.mark.principle("D4")
def test_paper_comes_back_in_a_few_keystrokes(page: Page, world: World) -> None:
    sign_in(page, world, "facilitator")
    page.goto(f"/consultations/{world.ids['consultation']}/paper/")
    page.get_by_label("Combien de feuilles ?").fill("1")
    with page.expect_download() as download:
        page.get_by_role("button", name="Faire le PDF").click()
    pdf = download.value.path().read_bytes()
    assert pdf.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in pdf
    page.goto(f"/consultations/{world.ids['consultation']}/paper/enter/?code={world.ids['sheet']}")
    answers = page.get_by_label("Les réponses, ligne par ligne")
    answers.fill("12")
    answers.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("6 lignes, et vous avez tapé 2 réponses")
    page.get_by_label("Les réponses, ligne par ligne").fill(
        "112 310" if page.evaluate("innerWidth") > 480 else "112 301"
    )
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("-")  # the code of the sheet
    page.wait_for_load_state()
    again = page.get_by_role("button", name="Remplacer par ce que je viens de taper")
    if again.count():  # the other screen entered it first, otherwise
        expect(page.get_by_role("row")).to_have_count(3)
        again.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("enregistrée|corrigée|rien de nouveau"))
    holds(page)


@pytest.mark.principle("D3")
def test_a_statement_is_read_and_a_repeated_one_is_united(open_page: Callable[..., Page], world: World) -> None:
    page = open_page(width=360)
    sign_in(page, world, "facilitator")
    page.goto("/")
    expect(
        page.get_by_text("attend d’être relue").or_(page.get_by_text("attendent d’être relues")).first
    ).to_be_visible()
    page.goto(f"/consultations/{world.ids['consultation']}/moderate/")
    expect(page.get_by_text("Déjà dit ?").first).to_be_visible()
    page.goto(f"/consultations/{world.ids['consultation']}/statements/{world.ids['statement']}/")
    page.get_by_role("button", name="Réunir à celle-ci").first.click()
    expect(page.get_by_text("Les deux affirmations sont réunies.")).to_be_visible()
    page.goto(f"/c/{world.ids['consultation']}/moderation/")
    expect(page.get_by_text("Réunie à l’affirmation").first).to_be_visible()
    expect(page.get_by_text("Ne nommez personne.")).to_be_visible()
    expect(page.get_by_text("Aubry")).to_have_count(0)
    holds(page)
