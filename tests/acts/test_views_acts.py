"""Pages of acts as a browser receives them: the person first, nothing of the AI before its time, errors one can repair."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from colloque.acts import actions
from colloque.acts.models import Act, Decision
from colloque.kernel.vocabulary import ChoiceAnswer, Situation
from colloque.patients.models import Opening, SituationRecord
from colloque.people.models import Account
from tests.acts import cytology, world
from tests.acts.cytology import PlayedAI, Story, a_card
from tests.acts.world import choose

pytestmark = pytest.mark.django_db

TELLTALE = (
    "malin", "malignant", "zorglub", "9.8.7", "0.8642", "0,8642", "86", "0.937", "93,7", "zyxwv", "Concavités", "0,7531",
    "0.7531", "Elle n’a vu qu’un hôpital", "particulier",
)  # fmt: skip
"""Words and figures that only the AI of these tests would bring."""


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """The story happens now: pages read the clock."""
    cytology.happen_now(monkeypatch)


@pytest.fixture
def story(today: None, db: None, played: PlayedAI) -> Story:
    """One act's people, today, with an AI that the test plays."""
    played.says(a_card())
    return cytology.a_story(played.address)


def signed_in(account: Account) -> Client:
    client = Client(raise_request_exception=True)
    client.force_login(account)
    return client


def page(account: Account, name: str, *arguments: object, **more: Any) -> Any:
    return signed_in(account).get(reverse(name, args=arguments), more)


def everything_of(response: Any) -> str:
    """All that went over the wire: status, headers, cookies, body."""
    headers = "\n".join(f"{name}: {value}" for name, value in response.items())
    return f"{response.status_code}\n{headers}\n{response.cookies.output()}\n{response.content.decode()}"


def told(response: Any) -> str:
    """What a person reads."""
    text = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(text.replace("\u00a0", " ").split())


def form_of_decision(**changes: object) -> dict[str, object]:
    return {
        "outcome": "set-aside", "reasons": ["seen-here"], "words": "Noyaux réguliers.", "patient_view": "", **changes,
    }  # fmt: skip


@pytest.mark.principle("A9", "F1")
def test_nothing_of_the_answer_is_in_any_byte_before_the_own_reading(story: Story, played: PlayedAI) -> None:
    act = story.started()
    clients = signed_in(story.carer), signed_in(story.colleague), signed_in(story.patient)
    for client in clients:
        for url in ("/", reverse("acts:worklist"), reverse("acts:act", args=[act.id]), reverse("acts:journal")):
            sent = everything_of(client.get(url))
            own_choices = ("malin", "malignant") if client is clients[0] else ()
            for word in set(TELLTALE) - set(own_choices) - {"86", "particulier"}:
                assert word not in sent, f"{word!r} in {url}"
    assert played.calls == []


@pytest.mark.principle("A9")
def test_who_takes_over_receives_nothing_of_an_answer_that_already_lies_there(story: Story) -> None:
    act = story.opened()
    client = signed_in(story.colleague)
    for where in ("before", "after"):
        sent = everything_of(client.get(reverse("acts:act", args=[act.id])))
        for word in set(TELLTALE) - {"86", "malin", "malignant", "particulier"}:
            assert word not in sent, f"{word!r} {where} taking over"
        client.post(reverse("acts:take-over", args=[act.id]))
    act.refresh_from_db()
    assert act.owner_id == story.colleague.id
    client.post(reverse("acts:own-assessment", args=[act.id]), {"reading": "benign", "sureness": "sure"})
    assert "zorglub" in everything_of(client.get(reverse("acts:act", args=[act.id])))


@pytest.mark.principle("A7", "F1")
def test_the_decision_page_tells_the_person_the_reading_and_then_what_the_ai_rests_on(story: Story) -> None:
    act = story.opened()
    response = page(story.carer, "acts:act", act.id)
    text = told(response)
    order = [
        "Votre décision pour Jeanne Aubry", "Jeanne Aubry, 65 ans" if "65 ans" in text else "Jeanne Aubry, 66 ans",
        "Votre propre lecture", "Plutôt bénin", "Ce que propose l’IA", "Plutôt malin", "Votre lecture et la sienne diffèrent",
        "Elle se trompe parfois : sur 100 cas semblables, environ 4 fois.", "Mesuré sur 214 cas semblables",
        "Ce qui a pesé", "Concavités", "Ce qu’elle n’a jamais appris", "Elle n’a vu qu’un hôpital.",
        "Qui a étiqueté ses exemples", "Ses médecins.", "Pourquoi elle a pu répondre", "Modèle zorglub 9.8.7",
        "Que décidez-vous ?", "Suivre", "Adapter", "Écarter",
    ]  # fmt: skip
    places = [text.index(words) for words in order]
    assert places == sorted(places), list(zip(order, places, strict=True))
    body = response.content.decode()
    assert "checked" not in body, "no answer and no reason is chosen in advance"
    assert len(set(re.findall(r'class="option"', body))) == 1


@pytest.mark.principle("A2", "A3")
def test_a_decision_is_saved_and_read_back(story: Story) -> None:
    act, client = story.opened(), signed_in(story.carer)
    saved = client.post(
        reverse("acts:decide", args=[act.id]), form_of_decision(patient_view="Elle veut attendre."), follow=True
    )
    text = told(saved)
    for words in (
        "Votre décision est enregistrée.",
        "Plutôt bénin",
        "Noyaux réguliers.",
        "Elle veut attendre.",
        "Claire Morel",
    ):
        assert words in text, words
    assert "zorglub" not in everything_of(saved), "after the decision the AI's word lies apart"
    assert Decision.objects.get().reasons == ["seen-here"]


def test_what_is_wrong_is_said_beside_the_field_and_what_was_typed_stays(story: Story) -> None:
    act, client = story.opened(), signed_in(story.carer)
    wrong = client.post(
        reverse("acts:decide", args=[act.id]), form_of_decision(outcome="adapted", reasons=[], words="Un mot gardé")
    )
    assert wrong.status_code == 422
    text = told(wrong)
    assert "Dites ce qui vous décide : cochez au moins une raison." in text
    assert "Vous adaptez : dites en quelques mots ce que vous retenez." in text
    assert "Un mot gardé" in text
    assert "zorglub" in text, "the page is whole"
    wrong = client.post(reverse("acts:own-assessment", args=[story.started().id]), {})
    assert wrong.status_code == 422
    assert "Donnez votre propre lecture : l’IA ne répond qu’après vous." in told(wrong)


def test_deciding_twice_says_what_happened(story: Story) -> None:
    act, client = story.opened(), signed_in(story.carer)
    client.post(reverse("acts:decide", args=[act.id]), form_of_decision())
    again = client.post(reverse("acts:decide", args=[act.id]), form_of_decision(outcome="followed"))
    assert again.status_code == 409
    assert "La décision est déjà prise." in told(again)
    assert Decision.objects.get().outcome == "set-aside"


@pytest.mark.principle("G5")
def test_who_may_not_see_an_act_finds_no_page(story: Story) -> None:
    act = story.opened()
    actions.decide(act, outcome="set-aside", reasons=["seen-here"], by=story.carer, at=timezone.now())
    pages = ("acts:act", "acts:record", "acts:suggestion")
    for account in (story.river_nurse, story.director, story.stranger, story.patient):
        for name in pages:
            response = page(account, name, act.id)
            assert response.status_code == 404, (account, name)
            assert "Jeanne" not in told(response).replace("Jeanne Aubry Patient", "")
    assert Client().get(reverse("acts:act", args=[act.id])).status_code == 302


@pytest.mark.principle("A4", "G5")
def test_reading_a_suggestion_again_needs_a_purpose_and_leaves_a_trace(story: Story) -> None:
    act, client = story.opened(), signed_in(story.colleague)
    actions.decide(act, outcome="set-aside", reasons=["seen-here"], by=story.carer, at=timezone.now())
    url = reverse("acts:suggestion", args=[act.id])
    assert "zorglub" not in everything_of(client.get(url))
    assert client.post(url, {"purpose": ""}).status_code == 422
    shown = client.post(url, {"purpose": "team-review", "words": "revue du mardi"})
    assert "zorglub" in everything_of(shown)
    assert "Ne pas l’avoir suivi n’est pas une faute" in told(shown)
    after = told(client.get(reverse("acts:act", args=[act.id])))
    assert "Paul Lenoir" in after
    assert "en discuter en équipe" in after


@pytest.mark.principle("A4")
@pytest.mark.parametrize("outcome", ["followed", "adapted", "set-aside"])
def test_the_exported_record_states_the_human_reasoning_and_never_the_ai_s_word_as_a_norm(
    story: Story, outcome: str
) -> None:
    act = story.opened()
    actions.decide(
        act, outcome=outcome, reasons=["seen-here", "ai-limits"], words="Lame hémorragique.",
        retained="" if outcome == "followed" else "benign",
        patient_view="Elle préfère attendre.", by=story.carer, at=timezone.now(),
    )  # fmt: skip
    printed, exported = (
        page(story.carer, "acts:record", act.id),
        page(story.carer, "acts:record", act.id, format="fhir"),
    )
    assert exported.headers["Content-Type"].startswith("application/fhir+json")
    for sent in (told(printed), exported.content.decode()):
        for words in (
            "Claire Morel",
            "Lame hémorragique.",
            "Elle préfère attendre.",
            "n’est pas une norme",
            "laisse de côté",
        ):
            assert words in sent, words
        for word in ("zorglub", "0.8642", "Concavités", "suivi", "écarté", "sans le suivre", "diffèrent"):
            assert word not in sent, word
    bundle = json.loads(exported.content)
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "document")
    resources = {entry["fullUrl"]: entry["resource"] for entry in bundle["entry"]}
    assert len(resources) == len(bundle["entry"])
    composition, impression = bundle["entry"][0]["resource"], bundle["entry"][1]["resource"]
    assert composition["resourceType"] == "Composition"
    assert impression["summary"] == ("Plutôt malin" if outcome == "followed" else "Plutôt bénin")
    for reference in re.findall(r'"reference": "([^"]+)"', exported.content.decode()):
        assert reference in resources, f"{reference} leads nowhere"
    entry = Act.objects.get(id=act.id).entry
    assert f'href="/ledger/proof/{entry}"' in printed.content.decode()
    assert page(story.carer, "acts:record", act.id, format="pdf").status_code == 400


def test_before_the_decision_there_is_no_record(story: Story) -> None:
    assert page(story.carer, "acts:record", story.opened().id).status_code == 404


@pytest.mark.principle("C1", "B5")
def test_asking_the_person_and_hearing_no_ends_there(story: Story, played: PlayedAI) -> None:
    choose(story.world.person, ChoiceAnswer.ASK_EACH_TIME, story.patient)
    act, client = story.started(), signed_in(story.carer)
    assert "Demandez d’abord à Jeanne Aubry" in told(client.get(reverse("acts:act", args=[act.id])))
    heard = client.post(reverse("acts:spoken-answer", args=[act.id]), {"said": "no"}, follow=True)
    assert "L’IA n’a rien reçu" in told(heard)
    assert played.calls == []


@pytest.mark.principle("B10")
def test_a_refusal_says_why_and_that_care_goes_on(story: Story) -> None:
    choose(story.world.person, ChoiceAnswer.NO, story.patient)
    act = story.started()
    text = told(page(story.carer, "acts:act", act.id))
    for words in ("L’IA n’a rien reçu", "Le non de la personne passe avant tout", "le soin ne dépend pas d’elle"):
        assert words in text, words


def test_an_act_is_started_from_a_page_with_values_as_people_write_them(story: Story, played: PlayedAI) -> None:
    client, person, service = signed_in(story.carer), story.world.person, story.world.service
    offered = told(client.get(reverse("acts:start", args=[person.id])))
    assert "À une condition" in offered
    assert "donner votre propre lecture" in offered
    url = reverse("acts:start-service", args=[person.id, service.id])
    assert client.get(url).status_code == 200
    values = {key: f"{value}".replace(".", ",") for key, value in story.values().items()}
    sent = client.post(url, values, follow=True)
    act = Act.objects.get()
    assert sent.redirect_chain[-1][0] == reverse("acts:act", args=[act.id])
    assert "Votre lecture d’abord, pour Jeanne Aubry" in told(sent)
    assert played.calls == []


def test_the_same_act_waits_once_and_the_second_start_leads_to_it(story: Story, played: PlayedAI) -> None:
    client, person, service = signed_in(story.carer), story.world.person, story.world.service
    url = reverse("acts:start-service", args=[person.id, service.id])
    values = {key: f"{value}" for key, value in story.values().items()}
    client.post(url, values)
    act = Act.objects.get()
    waiting = client.get(url)
    assert "La même demande attend déjà" in told(waiting)
    assert reverse("acts:act", args=[act.id]) in waiting.content.decode()
    assert "Vous en avez déjà une qui attend." in told(client.get(reverse("acts:start", args=[person.id])))
    again = client.post(url, values, follow=True)
    assert again.redirect_chain[-1][0] == reverse("acts:act", args=[act.id])
    assert "Cette demande attendait déjà : la voici." in told(again)
    assert Act.objects.count() == 1
    assert "attend déjà" not in told(signed_in(story.colleague).get(url)), "a colleague may ask too"
    assert signed_in(story.colleague).post(reverse("acts:withdraw", args=[act.id])).status_code == 403
    withdrawn = client.post(reverse("acts:withdraw", args=[act.id]), follow=True)
    assert "La demande est retirée. L’IA n’a rien reçu." in told(withdrawn)
    act.refresh_from_db()
    assert (act.state, act.sealed_input) == ("expired", None)
    assert client.post(reverse("acts:withdraw", args=[act.id])).status_code == 409
    assert played.calls == []
    assert "attend déjà" not in told(client.get(url))


def test_what_weighed_less_is_one_tap_away_and_the_decision_within_reach(story: Story, played: PlayedAI) -> None:
    act = story.opened()
    text = page(story.carer, "acts:act", act.id).content.decode()
    target = re.search(r'class="why" href="#([^"]+)"', text)
    assert target is not None, "no way to the decision"
    assert f'id="{target[1]}"' in text, "the way to the decision leads nowhere"


@pytest.mark.parametrize(
    ("given", "said"),
    [("", "manque."), ("douze", "un nombre"), ("-1", "entre 0 et"), ("1e9", "entre 0 et"), ("nan", "un nombre")],
)  # fmt: skip
def test_a_value_that_cannot_be_is_refused_with_its_name(story: Story, given: str, said: str) -> None:
    url = reverse("acts:start-service", args=[story.world.person.id, story.world.service.id])
    values = {**story.values(), "texture-largest": given}
    response = signed_in(story.carer).post(url, values)
    assert response.status_code == 422
    assert "Contraste des noyaux (trois plus contrastés)" in told(response)
    assert said in told(response)
    assert not Act.objects.exists()


def test_starting_for_somebody_else_s_person_finds_nothing(story: Story) -> None:
    for account in (story.river_nurse, story.stranger, story.patient, story.director):
        assert page(account, "acts:start", story.world.person.id).status_code == 404
        url = reverse("acts:start-service", args=[story.world.person.id, story.world.service.id])
        assert signed_in(account).post(url, story.values()).status_code == 404


@pytest.mark.principle("C13")
def test_the_journal_tells_the_person_what_happened_why_and_who_decided_but_no_result(story: Story) -> None:
    act = story.opened()
    actions.decide(
        act, outcome="set-aside", reasons=["seen-here"], words="Hémorragique.", by=story.carer, at=timezone.now()
    )
    choose(story.world.person, ChoiceAnswer.NO, story.patient, at=timezone.now())
    story.started(seed=9)
    response = page(story.patient, "acts:journal")
    text = told(response)
    for words in (
        "Aide à la lecture Permise", "Claire Morel a décidé, sans le suivre.", "Aide à la lecture Refusée",
        "Cette IA n’a rien reçu de vous.", "Le non de la personne passe avant tout", "Vous avez répondu.",
    ):  # fmt: skip
        assert words in text, words
    for word in (*set(TELLTALE) - {"86", "particulier"}, "bénin", "Hémorragique"):
        assert word not in everything_of(response), word


@pytest.mark.principle("C13", "G6")
def test_each_line_of_the_journal_has_its_proof_and_only_for_oneself(story: Story) -> None:
    from colloque.ledger.actions import integrate

    story.opened()
    integrate(timezone.now())
    client = signed_in(story.patient)
    links = re.findall(r'href="(/my/journal/[^"]+/proof/)"', client.get(reverse("acts:journal")).content.decode())
    assert links
    for link in links:
        proof = client.get(link)
        assert proof.status_code == 200
        assert proof.content.startswith(b"c2sp.org/tlog-proof@v1")
    for account in (story.carer, story.stranger, story.director):
        assert signed_in(account).get(links[0]).status_code == 404


@pytest.mark.principle("C13")
def test_a_word_one_does_not_discover_alone_is_not_discovered_in_the_journal(story: Story) -> None:
    SituationRecord.objects.create(
        person=story.world.person, situation=Situation.END_OF_LIFE.value, declared_by=story.carer, since=world.LONG_AGO
    )
    story.started()
    text = told(page(story.patient, "acts:journal"))
    assert "La raison se dit de vive voix." in text
    assert "fin de vie" not in text.lower()


def test_who_saw_the_name_is_told_to_the_person(story: Story) -> None:
    act = story.opened()
    page(story.colleague, "acts:act", act.id)
    page(story.colleague, "acts:act", act.id)
    assert Opening.objects.filter(account=story.colleague, person=story.world.person).count() == 1
    assert "Paul Lenoir l’a ouvert." in told(page(story.patient, "acts:journal"))


@pytest.mark.principle("B10")
def test_counts_of_a_rule_are_public_and_tell_no_small_number(story: Story) -> None:
    story.started()
    client = Client()
    counts = client.get(reverse("acts:rule-counts", args=["tilleuls", "own-assessment-first"]))
    assert "pour moins de 5 personnes" in told(counts)
    never = client.get(reverse("acts:rule-counts", args=["tilleuls", "birth-closed"]))
    assert "n’a décidé d’aucun acte" in told(never)
    assert client.get(reverse("acts:rule-counts", args=["ailleurs", "birth-closed"])).status_code == 404


def test_counts_are_told_from_five_persons_on(story: Story) -> None:
    from tests.acts.world import a_person

    for place in range(5):
        person = a_person(story.world.house, story.world.unit)
        choose(person, ChoiceAnswer.NO, story.carer)
        story.world.person = person
        story.started(seed=place + 1)
    text = told(Client().get(reverse("acts:rule-counts", args=["tilleuls", "patient-refusal"])))
    assert "5 refus, pour 5 personnes" in text


def test_the_pages_need_no_script_to_act(story: Story) -> None:
    body = page(story.carer, "acts:act", story.opened().id).content.decode()
    for form in re.findall(r"<form[^>]*>", body):
        assert 'method="post"' in form
        assert "hx-" not in form


def test_handing_over_and_its_errors(story: Story) -> None:
    act, client = story.opened(), signed_in(story.carer)
    url = reverse("acts:hand-over", args=[act.id])
    assert client.post(url, {"to": str(story.river_nurse.id)}).status_code == 422
    done = client.post(url, {"to": str(story.colleague.id)}, follow=True)
    assert "C’est confié à Paul Lenoir." in told(done)
    assert "Rien ne vous attend" in told(done)


def test_presence_asked_for_and_given_the_act_goes_on(story: Story) -> None:
    from colloque.patients.actions import attest_presence

    choose(story.world.person, ChoiceAnswer.WITH_HUMAN, story.patient)
    act, client = story.started(), signed_in(story.carer)
    assert "Il manque une présence" in told(client.get(reverse("acts:act", args=[act.id])))
    resumed = client.post(reverse("acts:resume", args=[act.id]), follow=True)
    assert "Il manque encore quelque chose." in told(resumed)
    now = timezone.now()
    attest_presence(story.world.person, minutes=30, by=story.carer, at=now)
    there = told(client.get(reverse("acts:act", args=[act.id])))
    assert "La présence est notée" in there
    assert "Il manque" not in there, "what was just done is asked for again"
    resumed = client.post(reverse("acts:resume", args=[act.id]), follow=True)
    assert "Votre lecture d’abord" in told(resumed)
