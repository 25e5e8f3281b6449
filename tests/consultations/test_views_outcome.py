"""Pages of the result: for everybody, in both languages, following the votes, and saying what they do not show."""

from __future__ import annotations

import re
import zlib
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from colloque.consultations.actions.closing import close_consultation
from colloque.consultations.actions.mapping import map_now
from colloque.consultations.actions.voting import vote
from colloque.consultations.core.groups import GroupOfPeople
from colloque.consultations.core.state import OutcomeAnswer
from colloque.consultations.models import Consultation, Outcome
from colloque.consultations.queries.codes import participation
from colloque.consultations.queries.map import result_page
from colloque.consultations.queries.pages import animated_list
from colloque.kernel.vocabulary import Role
from tests.consultations.story import NOW, Story, account, member, participant
from tests.consultations.test_actions_closing import WHY, people

LATER = NOW + timedelta(days=20)


@pytest.fixture
def over(story: Story) -> Consultation:
    return close_consultation(people(story), by=story.facilitator, at=LATER).consultation


def at(name: str, consultation: Consultation, *more: object) -> str:
    return reverse(f"consultations:{name}", args=[consultation.id, *more])


@pytest.mark.principle("D3", "D4")
def test_the_page_states_what_was_found_and_the_table_says_what_the_drawing_shows(
    client: Client, over: Consultation
) -> None:
    html = client.get(at("map", over)).content.decode()
    assert "2 façons de voir" in html
    english = client.get(at("map", over), headers={"accept-language": "en"}).content.decode()
    assert re.search(r"\d%</td>", english), "the table holds shares"
    assert not re.search(r"\d[ \u00a0\u202f]%", english), "English writes 34%, without a space"
    svg = re.search(r'<svg class="opinion-map".*?</svg>', html, re.DOTALL)
    assert svg is not None
    tree = ET.fromstring(svg.group())
    marks = [path for path in tree.iter("{http://www.w3.org/2000/svg}path") if "people" in path.get("class", "")]
    page = result_page(over)
    drawn = {path.get("class", "")[-1]: path.get("d", "").count("z") for path in marks}
    assert drawn == {str(group.index): group.size for group in page.groups}, "the legend counts what is drawn"
    for group in page.groups:
        assert f"Groupe {group.label} : {group.size} personnes" in html.replace("\xa0", " ")
        assert f'id="group-{group.label}"' in html
    for told in page.every:
        assert escape(told.text) in html


@pytest.mark.parametrize("count", [1, 4, 5])
def test_fewer_people_than_a_group_that_is_shown_are_not_shown_as_everybody(
    client: Client, story: Story, count: int
) -> None:
    for number in range(1, count + 1):
        assert vote(participant(story.consultation, number), 1, -1, at=NOW).written == (1,)
    map_now(story.consultation, at=NOW)
    html = client.get(at("map", story.consultation)).content.decode()
    assert ('id="every"' in html) is (count >= 5), "one vote would be told as the share of all"
    held = close_consultation(story.consultation, by=story.facilitator, at=LATER).consultation
    for name in ("map", "report", "report-pdf"):
        assert client.get(at(name, held)).status_code == 200


def test_whoever_came_has_begun_and_whoever_answered_took_part(story: Story) -> None:
    consultation = people(story)
    for number in range(25, 28):
        participant(consultation, number, GroupOfPeople.RESIDENTS)  # they looked, and answered nothing

    def told() -> tuple[int, int, int]:
        (line,) = animated_list(story.house)
        residents = next(one for one in participation(consultation)[0] if one.group is GroupOfPeople.RESIDENTS)
        assert residents.came is not None
        return line.people, residents.came, result_page(consultation).people

    assert told() == (27, 19, 27)
    consultation = close_consultation(consultation, by=story.facilitator, at=LATER).consultation
    assert told() == (24, 16, 24)


@pytest.mark.parametrize("name", ["map", "report"])
def test_the_english_pages_are_english(client: Client, over: Consultation, name: str) -> None:
    client.cookies["django_language"] = "en"
    response = client.get(at(name, over))
    assert response.status_code == 200
    assert 'lang="en"' in response.content.decode()


def test_a_page_left_open_hears_of_a_new_map_and_only_then(client: Client, story: Story) -> None:
    consultation = people(story)
    empty = client.get(at("map", consultation))
    assert "La carte vient avec les réponses" in empty.content.decode()
    first = map_now(consultation, at=NOW)
    polled = {"HTTP_HX_REQUEST": "true"}
    address = at("map", consultation)
    assert client.get(f"{address}?since={first.number}", **polled).status_code == 204  # type: ignore[arg-type]
    assert client.get(f"{address}?since=0", **polled).status_code == 200  # type: ignore[arg-type]
    assert client.get(f"{address}?since=x", **polled).status_code == 200  # type: ignore[arg-type]
    assert "hx-get" in client.get(address).content.decode()


def test_before_the_end_there_is_no_report_and_nothing_to_download(client: Client, story: Story) -> None:
    consultation = people(story)
    for name, more in (("report", ()), ("report-pdf", ()), ("open-data", ("votes.csv",))):
        assert client.get(at(name, consultation, *more)).status_code == 404


def test_whoever_animates_reads_the_english_title_where_there_is_one(story: Story) -> None:
    client, consultation = Client(), people(story)
    Consultation.objects.filter(pk=consultation.pk).update(title_en="Machines of every day")
    client.force_login(story.facilitator)
    for address in (at("manage", consultation), at("moderate", consultation), reverse("consultations:list")):
        page = client.get(address, headers={"accept-language": "en"}).content.decode()
        assert "Machines of every day" in page, address
        assert consultation.title not in page, address


def test_the_report_is_one_click_away_once_there_is_one(story: Story) -> None:
    client, consultation = Client(), people(story)
    client.force_login(story.facilitator)
    assert at("report", consultation) not in client.get(at("manage", consultation)).content.decode()
    over = close_consultation(consultation, by=story.facilitator, at=LATER).consultation
    assert at("report", over) in client.get(at("manage", over)).content.decode()


def test_the_report_is_a_tagged_pdf_that_says_what_the_page_says(client: Client, over: Consultation) -> None:
    response = client.get(at("report-pdf", over))
    assert response["Content-Type"] == "application/pdf"
    pdf = response.content
    assert pdf.startswith(b"%PDF-1.7")
    for needed in (b"/StructTreeRoot", b"/MarkInfo", b"pdfuaid", b"/Lang"):
        assert needed in pdf, f"{needed!r}: without it nobody reads this PDF aloud"
    inside = pdf + b"".join(_inflated(part) for part in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL))
    for tag in (b"/H1", b"/H2", b"/Table", b"/TH", b"/TD", b"/Figure", b"/Alt"):
        assert tag in inside, f"no {tag!r} in its structure"
    assert b"beginbfchar" in inside, "its letters can be read as text"
    assert inside.count(b"/S/TR") + inside.count(b"/S /TR") >= over.statements.count(), "a row a statement"


def _inflated(part: bytes) -> bytes:
    try:
        return zlib.decompress(part)
    except zlib.error:
        return b""


@pytest.mark.parametrize("hostile", ['#import "x"', "\\", '"); #panic("', "$x$", "@a [b] *c*", "</svg>"])
def test_words_of_people_never_run_in_the_report(client: Client, over: Consultation, hostile: str) -> None:
    statement = over.statements.get(number=3)
    member(over.establishment, account("h@tilleuls.example", "Hélène", "Vasseur"), Role.DIRECTOR)
    Outcome.objects.create(
        consultation=over,
        statement=statement,
        answer=OutcomeAnswer.ADOPTED,
        reasons=f"{WHY} {hostile}",
        signed_by=over.created_by,
        at=LATER,
    )
    assert client.get(at("report-pdf", over)).status_code == 200
    assert escape(hostile) in client.get(at("report", over)).content.decode()


@pytest.mark.principle("D5")
def test_the_director_replies_and_everybody_reads_why(client: Client, over: Consultation) -> None:
    director = member(over.establishment, account("h@tilleuls.example", "Hélène", "Vasseur"), Role.DIRECTOR)
    signed_in = Client()
    signed_in.force_login(director)
    wanted = [told.statement.number for told in result_page(over).outcomes]
    refused = signed_in.post(at("replies", over))
    assert refused.status_code == 409
    for number in wanted:
        short = signed_in.post(at("reply", over, number), {"answer": "declined", "reasons": "Non."})
        assert short.status_code == 422
        assert "Dites pourquoi" in short.content.decode()
        sent = signed_in.post(at("reply", over, number), {"answer": "declined", "reasons": WHY})
        assert sent.status_code == 302
    assert signed_in.post(at("replies", over)).status_code == 302
    html = client.get(at("map", over)).content.decode()
    assert "La maison a répondu" in html
    assert html.count("Non retenue") >= len(wanted)
    assert "Hélène Vasseur" in html


def test_whoever_animates_closes_after_reading_what_it_does(story: Story) -> None:
    consultation = people(story)
    client = Client()
    client.force_login(story.facilitator)
    assert "Plus personne ne vote" in client.get(at("close", consultation)).content.decode()
    assert client.post(at("close", consultation)).status_code == 302
    assert client.get(at("close", consultation)).status_code == 302
    assert client.post(at("close", consultation)).status_code == 409
