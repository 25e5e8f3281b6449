"""Pages of projects: what the public reads, how an AI is announced, started, stopped and lifted."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from colloque.consultations.queries.outcomes import links_of
from colloque.kernel.vocabulary import ProjectStatus
from colloque.people.models import Account
from colloque.projects.actions import make_live, suspend
from colloque.projects.models import Project, Suspension
from tests.consultations.story import consultation, house, statement
from tests.people.houses import NOW
from tests.projects.consulted import consulted
from tests.projects.story import INPUTS, PREFETCH, Story, everybody_but, ready_project

LATER = NOW + timedelta(hours=1)
SignIn = Callable[[Account], Client]


@pytest.fixture
def sign_in(db: None) -> SignIn:
    def enter(account: Account) -> Client:
        client = Client()
        client.force_login(account)
        return client

    return enter


def words(page: bytes) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.decode()).split())


def test_anyone_reads_which_ai_there_are_why_and_who_answers_for_them(story: Story) -> None:
    make_live(story.draft, by=story.director, at=LATER)
    suspend(story.draft, "Trois alertes fausses cette nuit.", by=story.ethics, at=LATER)
    page = words(Client().get("/e/tilleuls/ai/").content)
    assert "Aide aux chutes" in page
    assert "Prévenir les chutes la nuit." in page
    assert "Suspendue depuis le 2 mars 2026, parce que : « Trois alertes fausses cette nuit. »" in page
    one = words(Client().get("/e/tilleuls/ai/chutes/").content)
    assert "Le poids des derniers mois" in one
    assert "Votre nom, votre adresse, votre téléphone" in one
    assert "Les personnes de 65 ans et plus" in one
    assert "Atelier des Chutes, version 1.2" in one
    assert "8 sur 100" in one
    assert "Observation.valueQuantity" in one
    assert "ia.example.org" not in one, "the address is not for the public"


def test_a_house_or_an_ai_that_does_not_exist_has_no_page(story: Story) -> None:
    assert Client().get("/e/nowhere/ai/").status_code == 404
    assert Client().get("/e/saint-roch/ai/chutes/").status_code == 404
    assert Client().get("/e/saint-roch/ai/").status_code == 200


def test_the_public_page_is_as_good_in_english(story: Story) -> None:
    client = Client()
    client.post("/language/setlang/", {"language": "en", "next": "/"})
    assert "Weight over the last months" in words(client.get("/e/tilleuls/ai/chutes/").content)


def test_what_the_house_wrote_in_french_is_said_to_be_french(story: Story) -> None:
    client = Client()
    client.cookies["django_language"] = "en"
    for path in (
        f"/e/{story.house.slug}/ai/",
        f"/e/{story.house.slug}/ai/{story.draft.slug}/",
        f"/e/{story.house.slug}/",
    ):
        page = client.get(path).content.decode()
        assert '<html lang="en">' in page
        main = page[page.index("<main") :]
        shown = re.findall(rf"<(\w+)([^>]*)>{re.escape(story.draft.name)}<", main)
        assert any('lang="fr"' in attributes for _tag, attributes in shown), (path, shown)
        assert re.search(rf'lang="fr">{re.escape(story.draft.intention)}', main), path


def test_staff_see_every_ai_and_the_others_nothing(story: Story, sign_in: SignIn) -> None:
    address = f"/projects/{story.draft.id}/"
    for account in everybody_but(story, story.patient, story.stranger):
        client = sign_in(account)
        assert "Aide aux chutes" in words(client.get("/projects/").content)
        assert client.get(address).status_code == 200
    for account in (story.patient, story.stranger):
        assert sign_in(account).get(address).status_code == 404
    assert sign_in(story.patient).get("/projects/").status_code == 404
    assert Client().get("/projects/")["Location"].startswith("/accounts/login/")


@pytest.mark.principle("E14")
def test_an_ai_is_stopped_from_one_screen_with_a_reason(story: Story, sign_in: SignIn) -> None:
    make_live(story.draft, by=story.director, at=LATER)
    second = ready_project(story.house, story.lead, slug="memoire", name="Aide-mémoire")
    consulted(second, story.lead)
    make_live(second, by=story.director, at=LATER)
    client = sign_in(story.ethics)
    page = client.get("/projects/stop/").content.decode()
    assert "Aide aux chutes" in page
    assert "Aide-mémoire" in page
    assert client.post("/projects/stop/", {"project": str(second.id)}).status_code == 400
    assert client.post("/projects/stop/", {"reason": "Un doute."}).status_code == 400
    done = client.post("/projects/stop/", {"project": str(second.id), "reason": "Un doute."}, follow=True)
    assert "Elle n’est plus appelée nulle part." in words(done.content)
    second.refresh_from_db()
    assert second.status == ProjectStatus.SUSPENDED.value
    assert sign_in(story.nurse).get("/projects/stop/").status_code == 404
    assert "checked" in client.get(f"/projects/{story.draft.id}/suspend/").content.decode()


def test_lifting_is_the_directors_with_a_reason_and_a_complete_declaration(story: Story, sign_in: SignIn) -> None:
    make_live(story.draft, by=story.director, at=LATER)
    suspend(story.draft, "Un doute.", by=story.lead, at=LATER)
    address = f"/projects/{story.draft.id}/lift/"
    for account in everybody_but(story, story.director):
        assert sign_in(account).get(address).status_code == 404
    client = sign_in(story.director)
    assert client.post(address, {"reason": ""}).status_code == 400
    Project.objects.filter(id=story.draft.id).update(model_card={})
    assert "fiche du fabricant" in words(client.get(address).content)
    client.post(address, {"reason": "Revu."})
    assert Suspension.objects.filter(lifted_at__isnull=True).exists()


def test_going_live_says_what_is_missing_and_what_is_not_checked_yet(story: Story, sign_in: SignIn) -> None:
    address = f"/projects/{story.draft.id}/make-live/"
    for account in everybody_but(story, story.director):
        assert sign_in(account).get(address).status_code == 404
    client = sign_in(story.director)
    Project.objects.filter(id=story.draft.id).update(endpoint="")
    page = client.get(address)
    assert "L’adresse à laquelle l’IA répond" in words(page.content)
    assert client.post(address).status_code == 409
    Project.objects.filter(id=story.draft.id).update(endpoint="https://ia.example.org")
    assert "ne vérifie pas encore l’avis du comité d’éthique" in words(client.get(address).content)
    assert client.post(address).status_code == 302
    story.draft.refresh_from_db()
    assert story.draft.status == ProjectStatus.LIVE.value


def announced(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Robot de compagnie",
        "intention": "Parler avec qui s’ennuie.",
        "track": "bedside",
        "autonomy": "acts-under-watch",
        "endpoint": "",
        "timeout_ms": "3000",
        **changes,
    }


def test_an_ai_is_announced_before_it_arrives(story: Story, sign_in: SignIn) -> None:
    client = sign_in(story.lead)
    done = client.post("/projects/new/", announced(lead=str(story.lead.id)))
    assert done.status_code == 302
    assert "Robot de compagnie" in words(Client().get("/e/tilleuls/ai/").content)
    again = client.post("/projects/new/", announced(lead=str(story.lead.id)))
    assert again.status_code == 400
    assert "porte déjà ce nom" in words(again.content)
    for account in everybody_but(story, story.lead, story.other_lead, story.director, story.stranger):
        assert sign_in(account).get("/projects/new/").status_code == 404
    other = client.post("/projects/new/", announced(name="Autre", lead=str(story.director.id)))
    assert other.status_code == 400, "a lead announces what they lead themselves"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"endpoint": "http://ia.example.org"}, "L’adresse commence par https://."),
        ({"endpoint": "http://127.0.0.1:9"}, "ne sert qu’à la démonstration"),
        ({"endpoint": "https://u:p@ia.example.org"}, "un nom ou un mot de passe"),
        ({"name": ""}, "Donnez-lui un nom."),
        ({"autonomy": "does-all"}, "Choisissez une des réponses proposées."),
        ({"timeout_ms": "5"}, ""),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_what_was_typed_is_kept(
    story: Story, sign_in: SignIn, changes: dict[str, Any], said: str
) -> None:
    page = sign_in(story.lead).post("/projects/new/", announced(lead=str(story.lead.id), **changes))
    assert page.status_code == 400
    assert said in words(page.content)
    assert "Parler avec qui s’ennuie." in words(page.content)
    assert Project.objects.count() == 1


def test_what_is_declared_can_be_changed_until_it_is_live(story: Story, sign_in: SignIn) -> None:
    client = sign_in(story.lead)
    base = f"/projects/{story.draft.id}/"
    changed = announced(name="Aide aux chutes, la nuit", lead=str(story.lead.id), endpoint="https://b.example.org")
    assert client.post(f"{base}change/", changed).status_code == 302
    use = {"purpose_fr": "Prévenir.", "age_from": "70", "ranges": "weight 30 200,5", "sexes": ["female"]}
    assert client.post(f"{base}intended-use/", use).status_code == 302
    story.draft.refresh_from_db()
    assert story.draft.intended_use["ranges"] == [{"key": "weight", "minimum": 30.0, "maximum": 200.5}]
    assert client.post(f"{base}intended-use/", {**use, "ranges": "weight 3750 1234567"}).status_code == 302
    again = client.get(f"{base}intended-use/").content.decode()
    assert "weight 3750 1234567" in again, "a limit comes back to its form as it was given"
    told = client.get(base).content.decode()
    assert ">3\xa0750<" in told, "a whole number has no decimals"
    assert ">1\xa0234\xa0567<" in told
    for wrong in (
        {**use, "age_to": "60"},
        {**use, "ranges": "height 1 2"},
        {**use, "ranges": "weight 9 1"},
        {"purpose_fr": "x"},
    ):
        assert client.post(f"{base}intended-use/", wrong).status_code == 400
    card: dict[str, Any] = {
        f"{n}_fr": "Dit." for n in ("purpose", "trained_on", "population", "labelled_by", "never_taught")
    }
    card |= {"maker": "Atelier", "version": "2", "figures": "4 sur 100 | se trompe, sur 569 cas | wrong, on 569 cases"}
    assert client.post(f"{base}model-card/", card).status_code == 302
    assert client.post(f"{base}model-card/", {**card, "figures": "seul"}).status_code == 400
    for page in ("change", "intended-use", "model-card", "services/new", f"services/{story.draft.services.get().id}"):
        assert client.get(f"{base}{page}/").status_code == 200
        assert sign_in(story.nurse).get(f"{base}{page}/").status_code == 403
        assert sign_in(story.patient).get(f"{base}{page}/").status_code == 404
    story.draft.refresh_from_db()
    make_live(story.draft, by=story.director, at=LATER)
    assert client.get(f"{base}change/").status_code == 409


@pytest.mark.principle("G5")
def test_data_that_names_somebody_cannot_be_declared_from_the_page(story: Story, sign_in: SignIn) -> None:
    client = sign_in(story.lead)
    address = f"/projects/{story.draft.id}/services/{story.draft.services.get().id}/"
    service = {
        "title": "Prévenir les chutes",
        "description": "Regarde le poids.",
        "act_kind": "fall-risk",
        "hook": "patient-view",
        "slug": "risque",
        "remote_id": "fall-risk",
        "prefetch": json.dumps(PREFETCH),
        "inputs": json.dumps(INPUTS),
        "readings": "[]",
    }
    assert client.post(address, service).status_code == 302
    names = json.dumps({"who": {"query": "Patient/{{context.patientId}}", "fields": ["Patient.name"]}})
    refused = client.post(address, {**service, "prefetch": names})
    assert refused.status_code == 400
    assert "prefetch.who.fields.0" in words(refused.content)
    broken = client.post(address, {**service, "inputs": "{\n\n,"})
    assert "ligne 3" in words(broken.content)
    assert story.draft.services.get().prefetch == PREFETCH


@pytest.mark.principle("D6")
def test_what_people_said_is_attached_to_a_project_and_both_lead_to_each_other(story: Story, sign_in: SignIn) -> None:
    said = statement(consultation(story.house, story.director, number=7), 9, "Prévenez-nous si papa risque de tomber.")
    elsewhere = statement(consultation(house("ailleurs", "Ailleurs"), story.director), 1, "Rien à voir avec vous.")
    client, address = sign_in(story.director), reverse("projects:attach", args=[said.id])
    assert "Prévenez-nous" in client.get(address).content.decode()
    assert client.post(address, {"project": "x"}).status_code == 400
    for _ in range(2):
        assert client.post(address, {"project": str(story.draft.id)}).status_code == 302
    assert client.get(reverse("projects:attach", args=[elsewhere.id])).status_code == 404
    assert sign_in(story.ethics).get(address).status_code == 404
    page = Client().get(reverse("projects:public-by-id", args=[story.draft.id]), follow=True)
    assert words(page.content).count("Affirmation n° 9 de la consultation") == 1
    assert [one.kind.value for one in links_of(said.consultation)[9]] == ["project"]
