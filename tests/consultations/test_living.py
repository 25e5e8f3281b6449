"""What somebody learns who looks at the map before and after others vote: not how one of them voted."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from random import Random
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from django.urls import reverse

from colloque.consultations.actions.closing import close_consultation
from colloque.consultations.actions.mapping import map_now, refresh_map
from colloque.consultations.core.groups import GroupOfPeople
from colloque.consultations.core.map_svg import GroupLabel, MapText, draw_map
from colloque.consultations.core.reading import Shares
from colloque.consultations.models import Consultation, MapVersion, Vote
from colloque.consultations.queries.codes import participation
from colloque.consultations.queries.map import map_number, result_page
from tests.consultations.story import NOW, Story, participant
from tests.consultations.test_actions_closing import LATER, people

pytestmark = pytest.mark.django_db


def answer(consultation: Consultation, person: int, numbers: range | list[int], value: int, at: datetime) -> None:
    """Somebody gives or changes answers."""
    for number in numbers:
        Vote.objects.update_or_create(
            consultation=consultation,
            participant_number=person,
            statement_number=number,
            defaults={"value": value, "at": at},
        )


def told(consultation: Consultation) -> dict[tuple[int, str], Shares]:
    """Every figure the page tells: by statement, of everybody ("") and of each group by its letter."""
    found = {}
    for one in result_page(consultation).every:
        for letter, shares in [("", one.line.everyone), *((cell.label, cell.shares) for cell in one.cells)]:
            if shares is not None:
                found[one.statement.number, letter] = shares
    return found


@pytest.mark.principle("D4")
def test_whoever_looks_before_and_after_one_person_votes_sees_the_same_page(client: Client, story: Story) -> None:
    consultation = people(story)
    map_now(consultation, at=NOW)
    before, seen = map_number(consultation), told(consultation)
    drawing = result_page(consultation).drawing
    for person in range(101, 105):
        participant(consultation, person)
        answer(consultation, person, range(1, 11), -1, NOW + timedelta(minutes=person))
        assert refresh_map(consultation.id, at=NOW + timedelta(minutes=person, seconds=30))[1] is not None
        assert (map_number(consultation), told(consultation)) == (before, seen)
        assert result_page(consultation).drawing == drawing
        address = reverse("consultations:map", args=[consultation.id])
        polled = client.get(address, {"since": before}, headers={"HX-Request": "true"})
        assert polled.status_code == 204
    answer(consultation, 105, range(1, 11), -1, NOW + timedelta(hours=3))
    refresh_map(consultation.id, at=NOW + timedelta(hours=4))
    assert map_number(consultation) > before, "the fifth moves the map"
    assert told(consultation) != seen


@pytest.mark.principle("D4")
def test_the_figures_of_a_statement_move_only_when_several_people_answered_that_statement(story: Story) -> None:
    """Five people vote, one of them alone on statement 9: to compare both maps tells nothing of statement 9."""
    consultation = people(story)
    map_now(consultation, at=NOW)
    before = told(consultation)
    for person in range(1, 6):
        answer(consultation, person, [1], -1, NOW + timedelta(minutes=1))
    answer(consultation, 5, [9], -1, NOW + timedelta(minutes=1))
    map_now(consultation, at=NOW + timedelta(minutes=2))
    after = told(consultation)
    moved = {key[0] for key in after if after[key] != before.get(key)}
    assert moved == {1}
    for person in range(1, 5):
        answer(consultation, person, [9], -1, NOW + timedelta(minutes=3))
    answer(consultation, 6, [2], 1, NOW + timedelta(minutes=3))
    map_now(consultation, at=NOW + timedelta(minutes=4))
    assert told(consultation)[9, ""] != before[9, ""], "once five have answered it, its figures follow"


@pytest.mark.parametrize("seed", range(3))
def test_whatever_people_do_figures_that_moved_were_moved_by_at_least_five(story: Story, seed: int) -> None:
    """The attacker keeps every page ever shown, and compares each with the one before."""
    consultation = people(story)
    random = Random(seed)
    map_now(consultation, at=NOW)
    shown, since = told(consultation), dict.fromkeys(range(1, 11), NOW)
    for turn in range(1, 16):
        at = NOW + timedelta(minutes=10 * turn)
        for _ in range(random.randint(1, 4)):
            numbers = random.sample(range(1, 11), random.randint(1, 6))
            answer(consultation, random.randint(1, 40), numbers, random.choice((1, 0, -1)), at)
        map_now(consultation, at=at + timedelta(minutes=1))
        now = told(consultation)
        for number in {key[0] for key in now if now[key] != shown.get(key)}:
            movers = Vote.objects.filter(consultation=consultation, statement_number=number, at__gt=since[number])
            assert movers.count() >= 5, f"statement {number} moved by {movers.count()}"
            since[number] = at + timedelta(minutes=1)
        shown |= now


def test_the_last_live_figures_and_the_exact_ones_tell_nothing_of_who_voted_between(story: Story) -> None:
    """Live figures are tens and fives, so that nothing exact can be taken from the final ones."""
    consultation = people(story)
    map_now(consultation, at=NOW)
    for shares in told(consultation).values():
        assert shares.agree_percent % 10 == shares.disagree_percent % 10 == shares.seen % 5 == 0
    closed = close_consultation(consultation, by=story.facilitator, at=LATER).consultation
    assert any(one.line.everyone and one.line.everyone.agree_percent % 10 for one in result_page(closed).every)


def test_nobody_counts_people_on_the_living_drawing(client: Client, story: Story) -> None:
    consultation = people(story)
    map_now(consultation, at=NOW)
    html = client.get(reverse("consultations:map", args=[consultation.id])).content.decode()
    svg = re.search(r'<svg class="opinion-map".*?</svg>', html, re.DOTALL)
    assert svg is not None
    paths = ET.fromstring(svg.group()).iter("{http://www.w3.org/2000/svg}path")
    marks = [one for one in paths if "people" in one.get("class", "")]
    assert marks == [], "of few people only the areas of their groups"
    assert "au moins 10 personnes" in html.replace("\xa0", " ")
    assert "12 personnes" not in html


def test_marks_of_many_people_stand_for_several_and_tell_no_number() -> None:
    import numpy as np

    places = np.random.default_rng(5).normal(size=(3000, 2))
    group = (places[:, 0] > 0).astype(np.int16)
    labels = [GroupLabel(0, "A", "A"), GroupLabel(1, "B", "B")]
    drawing = draw_map(places[:, 0], places[:, 1], group, labels, MapText("t", "d"), least_a_mark=5)
    marks = len(re.findall(r"a[0-9.]+ [0-9.]+ 0 1 0 [0-9.]+ 0a", drawing.svg))
    assert 0 < marks <= 3000 / 5
    radii = set(re.findall(r"a([0-9.]+) [0-9.]+ 0 1 0 [0-9.]+ 0a", drawing.svg))
    assert len(radii) <= 3


@pytest.mark.parametrize("least_a_mark", [0, 5])
def test_a_small_group_is_drawn_alike_however_few_it_holds(least_a_mark: int) -> None:
    import numpy as np

    large = np.random.default_rng(3).normal(size=(40, 2))
    drawn = set()
    for few in (1, 2, 4):
        rows = np.concatenate((large, np.full((few, 2), 6.0)))
        group = np.array([0] * 40 + [1] * few, np.int16)
        labels = [GroupLabel(0, "A", "A"), GroupLabel(1, "B", "B", is_small=True)]
        svg = draw_map(rows[:, 0], rows[:, 1], group, labels, MapText("t", "d"), least_a_mark=least_a_mark).svg
        drawn.add(tuple(re.findall(r"<[^>]*group-1[^>]*>", svg)))
    assert len(drawn) == 1


@pytest.mark.principle("D4")
def test_few_people_of_a_group_are_not_counted_out_nor_found_by_subtraction(story: Story) -> None:
    consultation = story.consultation
    consultation.group_sizes = {"doctors": 9}
    for number, group in enumerate([*["residents"] * 20, *["families"] * 8, *["doctors"] * 3], start=1):
        participant(consultation, number, GroupOfPeople(group))
    lines, missing = participation(consultation)
    came = {line.group: line.came for line in lines}
    assert came == {"residents": 20, "families": None, "doctors": None, "carers": 0, "others": 0}
    assert missing == 6


def test_the_map_that_is_told_is_kept_while_others_come_and_go(story: Story) -> None:
    consultation = people(story)
    first = map_now(consultation, at=NOW)
    for turn in range(1, 30):
        answer(consultation, 3, [1], turn % 2, NOW + timedelta(minutes=turn))
        refresh_map(consultation.id, at=NOW + timedelta(minutes=turn, seconds=1))
    assert MapVersion.objects.filter(pk=first.pk).exists()
    assert map_number(consultation) == first.number
