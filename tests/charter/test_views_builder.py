"""The builder as people use it without JavaScript: questions answered, the sentence read again, the rule proposed."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from colloque.charter.core.builder import from_cedar, to_cedar
from colloque.charter.core.constitution import establishment_rules, packaged
from colloque.charter.core.draft import Bounds, Draft, Effect, Flaw
from colloque.charter.core.proposals import ProposalKind
from colloque.charter.forms.rule import RuleForm, answers_of, flaw_told, rule_id_for
from colloque.charter.models import RuleProposal
from colloque.consultations.actions.closing import note_became
from colloque.consultations.core.state import BecameKind, ConsultationState, StatementState
from colloque.kernel.vocabulary import Requirement, Role, Situation
from colloque.people.models import Account
from tests.charter.committee import Committee, adopted, committee, proposed
from tests.consultations.story import NOW, consultation, statement
from tests.people.houses import Houses, member, two_houses

pytestmark = pytest.mark.django_db

NEW = "/charter/proposals/new/"
WHY = {"purpose": "Plusieurs résidents l’ont demandé.", "origin": "other", "origin_words": "Réunion de juin"}
BY_HAND = (
    '@id("by-hand")\n@fr("La personne présente est celle qui répond.")\n@en("Who is present answers for it.")\n'
    '@origin("Réunion de juin")\nforbid (principal, action == Action::"weight", resource)\n'
    "unless { context.presence has attested_by && context.carer has id"
    " && context.presence.attested_by == context.carer.id };\n"
)


@pytest.fixture
def houses() -> Houses:
    return two_houses()


@pytest.fixture
def sitting(houses: Houses) -> Committee:
    made = committee(houses.tilleuls)
    adopted(made, packaged("starter") + BY_HAND)
    return made


def client_of(account: Account, language: str = "fr") -> Client:
    client = Client()
    client.force_login(account)
    client.cookies["django_language"] = language
    return client


def told(response: Any) -> str:
    return told_of(response.content.decode())


def told_of(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.replace("\u00a0", " "))).split())


def test_somebody_who_does_not_program_proposes_a_rule(sitting: Committee) -> None:
    client = client_of(sitting.resident)
    assert "Que fait la règle ?" in told(client.get(NEW))
    answers = {"effect": "refuses", "acts": ["companion"], "hour_from": "20", "hour_until": "8", **WHY}
    shown = client.post(NEW, {**answers, "read": "yes", "purpose": "", "origin": ""})
    assert shown.status_code == 200
    assert "Entre 20 h et 8 h, aucune IA n’intervient pour la compagnie d’un robot." in told(shown)
    assert "Between 20:00 and 8:00, no AI takes part in keeping company with a robot." in told(shown)
    assert RuleProposal.objects.filter(kind="new").count() == 0
    done = client.post(NEW, {**answers, "propose": "yes"})
    proposal = RuleProposal.objects.get(kind=ProposalKind.NEW.value)
    assert done.headers["Location"] == f"/charter/proposals/{proposal.id}/"
    assert proposal.rule_id == "companion-closed"
    assert proposal.words_fr == "Entre 20 h et 8 h, aucune IA n’intervient pour la compagnie d’un robot."
    assert proposal.words_en.startswith("Between 20:00 and 8:00, no AI takes part")
    (rule,), problems = establishment_rules(proposal.cedar)
    assert not problems
    draft = from_cedar(rule)
    assert draft is not None
    assert draft.hours == (20, 8)


def test_a_rule_in_force_is_changed_from_its_own_answers(sitting: Committee) -> None:
    client = client_of(sitting.thinker)
    page = client.get(NEW, {"rule": "machine-hours"})
    text = page.content.decode()
    assert "Un robot d’aide au repas ou de compagnie a des horaires" in told(page)
    assert re.search(r'value="companion"[^>]* checked', text)
    answers = {
        "effect": "refuses",
        "acts": ["companion", "emotional-support", "feeding-aid"],
        "hour_from": "18",
        "hour_until": "9",
        "words_fr": "Un robot a des horaires. De 9 heures à 18 heures.",
        "words_en": "A robot keeps hours. From 9 to 18.",
        "propose": "yes",
        **WHY,
    }
    client.post(f"{NEW}?rule=machine-hours", answers)
    proposal = RuleProposal.objects.get(kind=ProposalKind.CHANGE.value)
    assert proposal.rule_id == "machine-hours"
    assert "context.moment.hour >= 18" in proposal.cedar
    assert proposal.words_fr == "Un robot a des horaires. De 9 heures à 18 heures."


def test_a_rule_that_says_more_is_shown_as_text_with_its_words(sitting: Committee) -> None:
    text = told(client_of(sitting.nurse).get(NEW, {"rule": "by-hand"}))
    assert "Cette règle dit plus que nos questions" in text
    assert "La personne présente est celle qui répond" in text
    assert "context.presence.attested_by == context.carer.id" in text


@pytest.mark.parametrize("rule", [rule.id for rule in establishment_rules(packaged("starter"))[0]])
def test_every_rule_of_the_starter_opens_in_the_builder_and_comes_back_the_same(rule: str) -> None:
    draft = next(from_cedar(one) for one in establishment_rules(packaged("starter"))[0] if one.id == rule)
    assert draft is not None
    form = RuleForm({k: v for k, v in answers_of(draft).items() if v is not None} | WHY, rule_id=rule)
    assert form.is_valid(), form.errors
    assert form.draft is not None
    again = {name: getattr(form.draft, name) for name in draft.__struct_fields__ if name not in {"origin", "acts"}}
    assert again == {name: getattr(draft, name) for name in again}
    assert set(form.draft.acts) == set(draft.acts)


def test_answers_that_contradict_each_other_are_told_in_words(sitting: Committee) -> None:
    client = client_of(sitting.resident)
    answers = {"effect": "refuses", "age_under": "18", "age_since": "18", "propose": "yes", **WHY}
    refused = client.post(NEW, answers)
    assert refused.status_code == 422
    assert "Deux de vos nombres se contredisent" in told(refused)
    assert "Dites ce qu’il faut d’abord." in told(client.post(f"{NEW}sentence/", {"effect": "asks"}))
    assert "Dites d’abord ce que fait la règle" in told(client.post(f"{NEW}sentence/", {}))


def test_the_sentence_comes_alone_as_answers_change(sitting: Committee) -> None:
    answers = {"effect": "asks", "asks": "explicit-yes", "age_since": "56"}
    shown = client_of(sitting.resident, "en").post(f"{NEW}sentence/", answers)
    assert "<html" not in shown.content.decode()
    assert "Quand la personne a plus de 55 ans, une IA n’intervient que si la personne dit oui à cet acte." in told(
        shown
    )
    assert "When the person is over 55, AI takes part only if the person says yes to this act." in told(shown)


@pytest.mark.principle("D6")
def test_what_a_consultation_said_becomes_a_rule_that_points_back_to_it(sitting: Committee) -> None:
    asked = consultation(sitting.house, sitting.director, state=ConsultationState.CLOSED)
    said = statement(asked, 1, "La soirée est aux humains, pas aux robots.")
    client = client_of(sitting.resident)
    path = f"{NEW}?statement={said.id}"
    text = told(client.get(path))
    assert "La soirée est aux humains, pas aux robots." in text
    assert "Dit dans la consultation « Que confier à l’IA ? »" in text
    answers = {"effect": "refuses", "acts": ["companion"], "hour_from": "19", "hour_until": "8"}
    why = {"origin": "consultation", "origin_words": "Consultation de mai", "purpose": "Les résidents l’ont dit."}
    client.post(path, {**answers, **why, "propose": "yes"})
    proposal = RuleProposal.objects.get(kind=ProposalKind.NEW.value)
    assert proposal.statement == said.id
    page = client.get(reverse("charter:proposal", args=[proposal.id])).content.decode()
    assert f"/c/{asked.id}/statements/#statement-1" in page, "from the proposal one reads what was said, and its votes"
    assert proposal.origin_kind == "consultation"
    assert '@origin("Consultation de mai")' in proposal.cedar


@pytest.mark.principle("D6")
def test_a_whole_charter_lists_the_statements_its_rules_rest_on_and_each_leads_back(sitting: Committee) -> None:
    asked = consultation(sitting.house, sitting.director, state=ConsultationState.CLOSED)
    words = [f"Affirmation {number} sur les soirées." for number in range(1, 5)]
    said = [statement(asked, number, text) for number, text in enumerate(words, start=1)]
    hidden = statement(asked, 5, "Refusé ici.", StatementState.REJECTED)
    whole = proposed(sitting, packaged("starter"), kind=ProposalKind.WHOLE)
    for one, rule in zip((*said, hidden), ("people-first",) * 2 + ("machine-hours",) * 3, strict=True):
        note_became(sitting.house, one.id, BecameKind.CHARTER_PROPOSAL, whole.id, by=sitting.nurse, at=NOW, part=rule)
    anybody = Client()
    page = anybody.get(reverse("charter:proposal", args=[whole.id])).content.decode()
    assert "Les 4 affirmations de consultation sur lesquelles elle s’appuie" in told_of(page)
    for one in said:
        assert page.count(f'href="/c/{asked.id}/statements/#statement-{one.number}"') == 1
        assert one.text in told_of(page)
    assert "Refusé ici." not in page
    back = client_of(sitting.nurse).get(f"/c/{asked.id}/statements/").content.decode()
    assert back.count(reverse("charter:proposal", args=[whole.id])) == len(said)


def test_a_statement_nobody_can_read_is_not_shown(sitting: Committee, houses: Houses) -> None:
    draft = consultation(sitting.house, sitting.director, number=1, state=ConsultationState.DRAFT)
    opened = consultation(sitting.house, sitting.director, number=2)
    elsewhere = consultation(houses.saint_roch, sitting.director, number=1)
    hidden = (
        statement(draft, 1, "Pas encore ouvert."),
        statement(opened, 1, "Refusé ici.", StatementState.REJECTED),
        statement(elsewhere, 1, "Dit ailleurs."),
    )
    client = client_of(sitting.resident)
    for one in hidden:
        assert one.text not in told(client.get(NEW, {"statement": str(one.id)}))


@pytest.mark.principle("G5")
def test_only_those_who_prepare_the_charter_find_the_page(houses: Houses, sitting: Committee) -> None:
    nobody = member("visiteur@example.org", houses.tilleuls, Role.PATIENT)
    for path in (NEW, f"{NEW}?rule=machine-hours"):
        assert client_of(nobody).get(path).status_code == 404
        assert Client().get(path).status_code == 302
    assert client_of(nobody).post(f"{NEW}sentence/", {"effect": "refuses"}).status_code == 404
    assert client_of(sitting.resident).get(NEW, {"rule": "patient-refusal"}).status_code == 404
    assert client_of(sitting.resident).get(NEW, {"rule": "no-such-rule"}).status_code == 404
    assert client_of(sitting.resident).get(NEW, {"statement": "no-uuid"}).status_code == 200


def test_names_are_made_and_never_taken_twice() -> None:
    draft = Draft("", Effect.ASKS, ages=Bounds(since=56), asks=Requirement.EXPLICIT_YES)
    assert rule_id_for(draft, frozenset()) == "age-56-explicit-yes"
    assert rule_id_for(draft, frozenset({"age-56-explicit-yes"})) == "age-56-explicit-yes-2"
    assert rule_id_for(Draft("", Effect.PERMITS), frozenset()) == "all-acts-allowed"
    assert (
        rule_id_for(Draft("", Effect.REFUSES, situations=frozenset({Situation.BIRTH})), frozenset()) == "birth-closed"
    )


def test_every_contradiction_has_its_words() -> None:
    assert all(flaw_told(flaw) for flaw in Flaw)
    assert len({flaw_told(flaw) for flaw in Flaw}) == len(Flaw)


def test_the_same_rule_proposed_twice_gets_another_name(sitting: Committee) -> None:
    client = client_of(sitting.resident)
    answers = {
        "effect": "refuses",
        "acts": ["anaesthesia"],
        "hour_from": "1",
        "hour_until": "2",
        "propose": "yes",
        **WHY,
    }
    client.post(NEW, answers)
    assert RuleProposal.objects.get(kind="new").rule_id == "anaesthesia-closed-2"


def test_what_a_condition_needs_is_not_optional_and_errors_come_in_the_order_of_the_page(sitting: Committee) -> None:
    client = client_of(sitting.nurse)
    empty = client.get(NEW).content.decode()
    asked = empty[empty.index("Que faut-il d’abord") :]
    assert "(facultatif)" not in asked[: asked.index("</legend>")], "whoever sets a condition must say which"
    page = client.post(NEW, {"effect": "asks", "age_since": "900", "propose": "yes"}).content.decode()
    summary = page[page.index("data-errors") : page.index("<h1>")]
    names = ("asks", "age_since", "origin", "origin_words", "purpose")
    places = [summary.index(f'href="#id_{name}') for name in names]
    assert places == sorted(places)
    assert "Dites ce qu’il faut d’abord." in told_of(summary)
    read = told(client.post(f"{NEW}sentence/", {"effect": "asks"}))
    assert "Dites ce qu’il faut d’abord." in read, "the sentence says what it waits for"
    assert "Dites ce qu’il faut d’abord." not in told(client.post(NEW, {"effect": "refuses", "read": "yes"}))


def test_no_answer_of_the_builder_closes_because_something_was_recorded(sitting: Committee) -> None:
    recorded = {"own-assessment": "context.own_assessment.made", "explicit-yes": "context.explicit_yes.given"}
    for condition, fact in recorded.items():
        for effect, asks in (("refuses", ""), ("asks", "human-presence"), ("permits", "")):
            form = RuleForm({"effect": effect, "asks": asks, "conditions": [condition], **WHY}, taken=())
            assert form.is_valid(), form.errors
            assert form.draft is not None
            rules, problems = establishment_rules(to_cedar(form.draft))
            assert not problems, f"{effect} with {condition}: {problems}"
            assert fact in rules[0].cedar
    by_hand = (
        '@id("closes")\n@fr("Fermé dès qu’un avis est noté.")\n@en("Closed once an opinion is recorded.")\n'
        '@origin("Essai")\nforbid (principal, action, resource) when {{ {} }};'
    )
    client = client_of(sitting.nurse)
    for fact in recorded.values():
        answer = client.post("/charter/proposals/rule/", {"cedar": by_hand.format(fact), **WHY})
        assert answer.status_code == 422
        assert f"ne rien noter suffirait à faire passer l’acte. Écrivez : unless {{ {fact} }}." in told(answer)
