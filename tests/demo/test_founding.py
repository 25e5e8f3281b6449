"""The consultations of the demonstration: what a visitor finds, lived through the rooms' own actions."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from colloque.consultations.core.living import rounded_size
from colloque.consultations.models import Consultation
from colloque.consultations.queries.map import ResultPage, result_page
from colloque.demo.build import OPENED_BEFORE, PARIS
from colloque.demo.founding import ask_today, live_founding
from colloque.demo.founding_words import BEHIND_THE_FALLS, CARRIED_BY_RULE
from colloque.demo.hearings import FALLS, hear
from colloque.demo.houses import World, adopt_charters, open_houses, seat_committees
from colloque.demo.story import NURSING_HOME
from colloque.demo.systems import FALL_RISK, declare_whole, put_in_service

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("COLLOQUE_DEMO_AI", "https://ai.example.org/cds-services")
    monkeypatch.setenv(
        "PYTHONPATH", str(Path(__file__).resolve().parents[2] / "src")
    )  # for the AI that declares itself
    today = date(2026, 11, 23)
    made = World(today, datetime.combine(today, time(9), PARIS) - timedelta(days=OPENED_BEFORE))
    open_houses(made)
    seat_committees(made)
    adopt_charters(made)
    falls = declare_whole(made, FALL_RISK)
    live_founding(made)
    hear(made, FALLS)
    put_in_service(made, falls)
    ask_today(made)
    return made


def result(number: int) -> ResultPage:
    return result_page(Consultation.objects.get(establishment__slug=NURSING_HOME, number=number))


@pytest.mark.principle("D6")
def test_a_visitor_goes_from_a_statement_to_what_it_is_behind_and_back(world: World, client: Client) -> None:
    founding = result(1)
    assert founding.opinion_map is not None
    assert founding.opinion_map.k >= 2
    assert not any(group.is_small for group in founding.groups)
    told = {one.text: one for one in founding.every}
    rule = reverse("charter:rule", args=[NURSING_HOME, "end-of-life-closed"])
    assert CARRIED_BY_RULE["end-of-life-closed"] in client.get(rule).content.decode()
    assert told[CARRIED_BY_RULE["end-of-life-closed"]].is_rule
    project = next(one for one in told[BEHIND_THE_FALLS].became if one.kind == "project")
    page = client.get(project.url, follow=True)
    assert page.status_code == 200
    assert BEHIND_THE_FALLS in page.content.decode()

    today = result(3)
    assert today.opinion_map is not None
    assert [group.size for group in today.groups] == [rounded_size(one.size) for one in today.opinion_map.groups]
    assert 2 <= today.opinion_map.k <= 3
    assert min(group.size for group in today.groups) >= 5
    client.cookies["django_language"] = "en"
    html = client.get(reverse("consultations:statements", args=[today.consultation.id])).content.decode()
    assert "The voice of a machine tires me." in html
    assert "La voix d’une machine" not in html
