"""Pages of patients: what each shows and does, and to whom they do not exist."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from colloque.kernel.vocabulary import ActKind, ChoiceAnswer, ProjectStatus, Role, Situation
from colloque.ledger.queries import entries_about
from colloque.patients.actions import (
    admit_person,
    ask_erasure,
    ask_to_talk,
    attest_presence,
    declare_situation,
    give_choice,
    trust,
)
from colloque.patients.core.identity import Identity
from colloque.patients.core.trust import Power
from colloque.patients.models import Choice, ErasureRequest, Opening, Person, Presence, SituationRecord, TalkRequest
from colloque.patients.queries import standing_choices
from colloque.projects.models import Project, Service
from tests.patients.conftest import SignIn
from tests.patients.story import Story, everybody_but
from tests.people.houses import NOW, member


@pytest.fixture
def falls(story: Story) -> Service:
    project = Project.objects.create(
        establishment=story.houses.tilleuls,
        slug="chutes",
        name="Aide aux chutes",
        intention="…",
        track="bedside",
        autonomy="informs",
        status=ProjectStatus.LIVE.value,
        lead=story.director,
    )
    return Service.objects.create(
        project=project,
        slug="risque",
        remote_id="falls",
        hook="patient-view",
        act_kind="fall-risk",
        title="Prévenir les chutes",
        description="Un programme regarde comment vous marchez et prévient l’équipe.",
    )


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@pytest.mark.principle("C1")
def test_a_resident_answers_one_question_per_screen_and_it_is_read_back(
    story: Story, falls: Service, sign_in: SignIn
) -> None:
    client = sign_in(story.her_account)
    page = client.get("/my/choices/").content.decode()
    assert "Commencer" in page
    assert "L. 4001-3" in page
    assert "choix de l’établissement" in words(page)
    question = client.get("/my/choices/fall-risk/").content.decode()
    assert "Question 2 sur 3" in words(question)
    assert falls.description in question
    assert 'data-read="question"' in question
    assert "On ne vous demandera pas pourquoi" in words(question)
    assert "checked" not in question, "nothing is chosen in advance"
    answer = client.post("/my/choices/fall-risk/", {"answer": "with-human"})
    assert (answer.status_code, answer["Location"]) == (302, "/my/choices/fall-risk/said/")
    read_back = words(client.get(answer["Location"]).content.decode())
    assert "Oui, avec un humain à côté" in read_back
    assert "Question suivante" in read_back
    assert [choice.answer for choice in standing_choices(story.jeanne)] == [ChoiceAnswer.WITH_HUMAN]
    assert "checked" in client.get("/my/choices/fall-risk/").content.decode()


@pytest.mark.principle("B5")
def test_no_ai_at_all_is_one_answer_and_later_answers_say_that_it_stays_stronger(
    story: Story, falls: Service, sign_in: SignIn
) -> None:
    client = sign_in(story.her_account)
    client.post("/my/choices/all/", {"answer": "no"})
    said = words(client.get("/my/choices/all/said/").content.decode())
    assert "aucune IA n’est appelée pour vous" in said
    assert "/my/choices/learning/" in client.get("/my/choices/all/said/").content.decode()
    client.post("/my/choices/fall-risk/", {"answer": "yes"})
    said = words(client.get("/my/choices/fall-risk/said/").content.decode())
    assert "Un autre « non » est plus fort" in said
    client.post("/my/choices/all/", {"answer": "unknown"})
    assert [choice.answer for choice in standing_choices(story.jeanne)] == [ChoiceAnswer.YES]


def test_no_answer_is_asked_again_kindly_and_nothing_is_recorded(story: Story, falls: Service, sign_in: SignIn) -> None:
    client = sign_in(story.her_account)
    for data in ({}, {"answer": ""}, {"answer": "maybe"}):
        page = client.post("/my/choices/fall-risk/", data)
        assert page.status_code == 400
        assert 'role="alert"' in page.content.decode()
    assert not Choice.objects.exists()
    assert client.get("/my/choices/weight/").status_code == 404, "a question nobody asks here"


def test_learning_from_my_data_is_asked_apart(story: Story, sign_in: SignIn) -> None:
    client = sign_in(story.her_account)
    client.post("/my/choices/learning/", {"answer": "no"})
    assert standing_choices(story.jeanne) == ()
    assert "Rien de ce qui vous concerne" in words(client.get("/my/choices/learning/said/").content.decode())


def test_wanting_to_talk_names_somebody_and_reaches_their_page(story: Story, falls: Service, sign_in: SignIn) -> None:
    client = sign_in(story.her_account)
    page = client.post("/my/choices/talk/", {"about": "fall-risk"}, follow=True)
    shown = words(page.content.decode())
    assert "Sarah vous rappelle avant" in shown
    assert "Demander qu’on me rappelle" not in shown, "asked once is enough"
    carer = sign_in(story.sarah)
    waiting = words(carer.get("/patients/").content.decode())
    assert "Jeanne Aubry aimerait parler" in waiting
    request = TalkRequest.objects.get()
    carer.post(f"/patients/talks/{request.id}/close/")
    request.refresh_from_db()
    assert request.closed_by == story.sarah


@pytest.mark.principle("C12")
def test_a_trusted_person_sees_and_answers_within_their_powers(story: Story, falls: Service, sign_in: SignIn) -> None:
    client = sign_in(story.daughter)
    address = f"/my/for/{story.jeanne.id}/choices/"
    assert client.get("/my/choices/").status_code == 404
    assert client.get(address).status_code == 404
    trust(story.jeanne, story.daughter, {Power.SEE_CHOICES}, by=story.her_account, at=timezone.now())
    page = client.get("/my/choices/").content.decode()
    assert "Les choix de Jeanne Aubry" in words(page)
    assert "/choices/fall-risk/" not in page, "no way to answer is shown to whoever may only see"
    assert "me rappelle" not in words(page)
    assert "Vous ne pouvez pas répondre à sa place." in words(page), (
        "nobody is told that they answer where they only read"
    )
    assert client.get(address).status_code == 200
    assert client.get(f"{address}fall-risk/").status_code == 404
    assert client.post(f"{address}fall-risk/", {"answer": "no"}).status_code == 404
    powers = {Power.SEE_CHOICES, Power.GIVE_CHOICES}
    trust(story.jeanne, story.daughter, powers, by=story.her_account, at=timezone.now())
    theirs = words(client.get(address).content.decode())
    assert "Vous répondez au nom de" in theirs
    assert "Apprendre de ses données" in theirs
    assert "Vous n’avez pas encore répondu" not in theirs, "somebody else is told that they have not answered"
    assert client.post(f"{address}fall-risk/", {"answer": "no"}).status_code == 302
    assert Choice.objects.get().given_by == story.daughter
    assert client.post(f"{address}talk/", {}).status_code == 404


def test_trust_is_set_on_a_page_and_taken_back(story: Story, sign_in: SignIn) -> None:
    client = sign_in(story.her_account)
    unknown = client.post("/my/trust/", {"email": "nobody@example.org", "powers": ["read-journal"]})
    assert unknown.status_code == 400
    assert client.post("/my/trust/", {"email": "daughter@example.org"}).status_code == 400
    given = client.post("/my/trust/", {"email": "Daughter@example.org", "powers": ["give-choices"]}, follow=True)
    assert "Répondre à ma place · Voir mes choix" in words(given.content.decode())
    link = story.jeanne.trusted_links.get()
    assert sign_in(story.sarah).post(f"/my/trust/{link.id}/end/").status_code == 404
    client.post(f"/my/trust/{link.id}/end/")
    link.refresh_from_db()
    assert link.until is not None


def test_every_answer_stays_readable_with_who_gave_it(story: Story, falls: Service, sign_in: SignIn) -> None:
    give_choice(story.jeanne, ChoiceAnswer.YES, act_kind=ActKind.FALL_RISK, by=story.sarah, at=NOW)
    give_choice(story.jeanne, ChoiceAnswer.NO, act_kind=ActKind.FALL_RISK, by=story.her_account, at=NOW)
    page = words(sign_in(story.her_account).get("/my/choices/history/").content.decode())
    assert "noté par Sarah" in page
    assert "répondu par vous" in page


@pytest.mark.principle("C13")
def test_a_person_asks_to_be_erased_and_the_officer_carries_it_out(story: Story, sign_in: SignIn) -> None:
    client = sign_in(story.her_account)
    assert client.post("/my/data/", {}).status_code == 400
    page = client.post("/my/data/", {"understood": "on"}, follow=True)
    assert "Vous avez demandé l’effacement" in words(page.content.decode())
    request = ErasureRequest.objects.get()
    for account in everybody_but(story, story.officer):
        other = sign_in(account)
        assert other.get("/patients/erasures/").status_code == 404
        assert other.get(f"/patients/erasures/{request.id}/").status_code == 404
        assert (
            other.post(f"/patients/erasures/{request.id}/", {"answer": "erase", "understood": "on"}).status_code == 404
        )
    officer = sign_in(story.officer)
    assert "Jeanne Aubry" in officer.get("/patients/erasures/").content.decode()
    assert officer.get(f"/patients/erasures/{request.id}/").status_code == 200
    assert officer.post(f"/patients/erasures/{request.id}/", {"answer": "erase"}).status_code == 400
    assert officer.post(f"/patients/erasures/{request.id}/", {"answer": "decline"}).status_code == 400
    done = officer.post(f"/patients/erasures/{request.id}/", {"answer": "erase", "understood": "on"}, follow=True)
    assert "Personne effacée" in words(done.content.decode())
    assert "Jeanne Aubry" not in done.content.decode()
    after = client.get("/my/choices/")
    assert after.status_code == 302, "their session is over and their account is closed"
    assert "/accounts/login/" in after.headers["Location"]


def test_a_database_that_takes_no_writing_is_said_kindly_and_not_as_our_fault(story: Story, sign_in: SignIn) -> None:
    client = sign_in(story.her_account)
    client.raise_request_exception = False
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        answer = client.post("/my/choices/all/", {"answer": "no"})
        transaction.set_rollback(True)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "Le service est momentanément absent" in answer.content.decode()
    assert "Les soins continuent" in answer.content.decode()
    assert client.get("/my/choices/").status_code == 200


def test_a_person_keeps_their_data_after_all_or_reads_why_not(story: Story, sign_in: SignIn) -> None:
    client = sign_in(story.her_account)
    ask_erasure(story.jeanne, by=story.her_account, at=NOW)
    client.post("/my/data/withdraw/")
    assert ErasureRequest.objects.get().state == "withdrawn"
    assert client.post("/my/data/withdraw/").status_code == 404
    again = ask_erasure(story.jeanne, by=story.her_account, at=timezone.now())
    sign_in(story.officer).post(
        f"/patients/erasures/{again.id}/", {"answer": "decline", "reason": "Un litige est en cours."}
    )
    assert "Un litige est en cours." in client.get("/my/data/").content.decode()


@pytest.mark.principle("G5")
def test_a_carer_sees_the_persons_of_their_units_and_nobody_else_does(
    story: Story, falls: Service, sign_in: SignIn
) -> None:
    declare_situation(story.jeanne, Situation.ISOLATED, by=story.sarah, at=NOW)
    page = sign_in(story.sarah).get("/patients/").content.decode()
    assert "Jeanne Aubry" in page
    assert "Personne isolée" in page
    file = f"/patients/{story.jeanne.id}/"
    pages = [file, f"{file}choices/fall-risk/", f"/presence/{story.jeanne.id}/"]
    for account in everybody_but(story, story.sarah):
        client = sign_in(account)
        assert "Aubry" not in client.get("/patients/").content.decode()
        for address in pages:
            assert client.get(address).status_code == 404, (account.email, address)
            assert client.post(address, {"answer": "no", "minutes": "60"}).status_code in (404, 405)
        assert client.post(f"{file}situations/", {"situation": "birth"}).status_code == 404
    assert Opening.objects.count() == 0
    for address in pages:
        assert sign_in(story.sarah).get(address).status_code == 200
    assert Opening.objects.count() == 1
    for address in ["/my/choices/", *pages]:
        assert Client().get(address)["Location"].startswith("/accounts/login/")


@pytest.mark.principle("G5")
def test_seeing_the_list_of_names_is_recorded_once_a_visit(story: Story, sign_in: SignIn) -> None:
    client = sign_in(story.sarah)
    for _ in range(3):
        client.get("/patients/")
    sign_in(story.river_nurse).get("/patients/")
    listed = [e.event for e in entries_about(story.houses.tilleuls.id) if e.kind == "persons.listed"]
    assert [event.payload for event in listed if event] == [{"by": str(story.sarah.id), "persons": 1}]


def test_the_file_tells_what_ai_may_do_here_now_and_why(story: Story, falls: Service, sign_in: SignIn) -> None:
    client = sign_in(story.sarah)
    page = words(client.get(f"/patients/{story.jeanne.id}/").content.decode())
    assert "Prévenir les chutes Refusé" in page, "without an adopted charter everything stays closed"
    assert "Pas encore de réponse" in page


def test_situations_are_noted_and_ended_from_the_file(story: Story, sign_in: SignIn) -> None:
    client = sign_in(story.sarah)
    file = f"/patients/{story.jeanne.id}/"
    assert client.post(f"{file}situations/", {}).status_code == 400
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    late = client.post(f"{file}situations/", {"situation": "birth", "since": tomorrow})
    assert late.status_code == 400
    assert "dans le futur" in late.content.decode()
    client.post(f"{file}situations/", {"situation": "palliative-care", "since": "2026-01-05"})
    record = SituationRecord.objects.get()
    assert record.declared_by == story.sarah
    again = client.post(f"{file}situations/", {"situation": "palliative-care"})
    assert again.status_code == 409
    assert "Soins palliatifs" in words(client.get(file).content.decode())
    assert sign_in(story.river_nurse).post(f"{file}situations/{record.id}/end/").status_code == 404
    client.post(f"{file}situations/{record.id}/end/")
    record.refresh_from_db()
    assert record.ended_by == story.sarah


def test_i_am_there_is_one_tap_and_so_is_leaving(story: Story, sign_in: SignIn) -> None:
    client = sign_in(story.sarah)
    address = f"/presence/{story.jeanne.id}/"
    assert client.post(address, {"minutes": "999"}).status_code == 400
    there = client.post(address, {"minutes": "30", "next": "/patients/"})
    assert there["Location"] == "/patients/"
    presence = Presence.objects.get()
    assert presence.until - presence.since == timedelta(minutes=30)
    assert "Sarah est là" in words(client.get("/patients/").content.decode())
    elsewhere = client.post(address, {"minutes": "30", "next": "https://elsewhere.example/"})
    assert elsewhere["Location"] == f"/patients/{story.jeanne.id}/"
    client.post(address, {"leaving": "yes"})
    presence.refresh_from_db()
    assert presence.until <= timezone.now()
    assert client.post(address, {"leaving": "yes"}).status_code == 404


@pytest.mark.principle("B5")
def test_a_carer_notes_what_is_said_and_cannot_soften_it(story: Story, falls: Service, sign_in: SignIn) -> None:
    client = sign_in(story.sarah)
    address = f"/patients/{story.jeanne.id}/choices/fall-risk/"
    assert client.post(address, {}).status_code == 400
    assert client.post(address, {"answer": "no"}).status_code == 302
    give_choice(story.jeanne, ChoiceAnswer.NO, act_kind=ActKind.FALL_RISK, by=story.her_account, at=timezone.now())
    refused = client.post(address, {"answer": "yes"})
    assert refused.status_code == 403
    assert "répondu elle-même" in refused.content.decode()


def test_admission_keeps_what_was_typed_and_says_what_is_wrong(story: Story, sign_in: SignIn) -> None:
    client = sign_in(story.sarah)
    unit = str(story.houses.garden.id)
    wrong = client.post(
        "/patients/admit/", {"given": "Marcel", "birth_date": "2999-01-01", "sex": "male", "unit": unit}
    )
    assert wrong.status_code == 400
    assert 'value="Marcel"' in wrong.content.decode()
    for field, value, said in (
        ("birth_date", "2999-01-01", "Cette date de naissance n’est pas possible."),
        (
            "family",
            "Le\u202enoir",
            "Un nom s’écrit avec des lettres, des espaces, des traits d’union et des apostrophes.",
        ),
    ):
        typed = {"given": "Marcel", "family": "Lenoir", "sex": "male", "unit": unit, field: value}
        page = client.post("/patients/admit/", typed)
        assert page.status_code == 400
        assert page.context["form"].errors == {field: [said]}, (
            "the error stands beside its field, in the page's language"
        )
    other_unit = {"family": "Lenoir", "sex": "male", "unit": str(story.houses.river.id)}
    assert client.post("/patients/admit/", other_unit).status_code == 400
    good = client.post("/patients/admit/", {"given": "Marcel", "family": "Lenoir", "sex": "male", "unit": unit})
    assert good.status_code == 302
    assert Person.objects.count() == 2
    for account in everybody_but(story, story.sarah, story.administrator, story.river_nurse, story.stranger):
        assert sign_in(account).get("/patients/admit/").status_code == 404


@pytest.mark.principle("G5")
def test_no_address_names_anybody(story: Story, falls: Service, sign_in: SignIn) -> None:
    attest_presence(story.jeanne, by=story.sarah, at=timezone.now())
    ask_to_talk(story.jeanne, by=story.her_account, at=timezone.now())
    for account, address in [
        (story.her_account, "/my/choices/"),
        (story.sarah, "/patients/"),
        (story.sarah, f"/patients/{story.jeanne.id}/"),
    ]:
        page = sign_in(account).get(address).content.decode()
        links = re.findall(r'(?:href|action)="([^"]*)"', page)
        assert links
        assert not [link for link in links if "aubry" in link.lower() or "jeanne" in link.lower()]


def test_somebody_cared_for_in_two_names_chooses_whose_choices_to_see(story: Story, sign_in: SignIn) -> None:
    marcel_account = member("marcel@example.org", story.houses.tilleuls, Role.PATIENT)
    marcel = admit_person(
        story.houses.tilleuls,
        Identity("Marcel", "Lenoir"),
        unit=story.houses.garden,
        by=story.sarah,
        at=NOW,
        account=marcel_account,
    )
    trust(marcel, story.daughter, {Power.SEE_CHOICES}, by=marcel_account, at=NOW)
    trust(story.jeanne, story.daughter, {Power.SEE_CHOICES}, by=story.her_account, at=NOW)
    page = sign_in(story.daughter).get("/my/choices/").content.decode()
    assert "Jeanne Aubry" in page
    assert "Marcel Lenoir" in page
    assert reverse("patients:choices-for", args=[marcel.id]) in page
