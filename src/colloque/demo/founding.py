"""The consultation with which the nursing home began, lived through the rooms' own actions; and one that is open today."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timedelta
from random import Random
from typing import Final

from django.db import transaction

from colloque.charter.core.proposals import ProposalKind
from colloque.charter.models import RuleProposal
from colloque.consultations.actions.closing import answer_consultation, close_consultation, note_became, reply
from colloque.consultations.actions.mapping import map_now
from colloque.consultations.actions.moderation import say_otherwise
from colloque.consultations.actions.opening import Terms, open_consultation, prepare_consultation
from colloque.consultations.actions.paper import enter_sheet, print_sheets
from colloque.consultations.actions.taking_part import Coming, join, submit_statement
from colloque.consultations.actions.voting import vote_many
from colloque.consultations.core.groups import GroupOfPeople, HelperKind, ProfileQuestion
from colloque.consultations.core.state import BecameKind, OutcomeAnswer
from colloque.consultations.models import Consultation
from colloque.consultations.queries.map import result_page
from colloque.demo.founding_words import (
    ADOPTED_REASON,
    BEHIND_THE_FALLS,
    CAME,
    CARRIED_BY_RULE,
    DIVIDED_REASON,
    NOW_ASKED,
    REPLIES,
    SENTENCES,
    SHARED_BY_ALL,
    SIZES,
    WAYS_BY_GROUP,
    WELCOMING,
)
from colloque.demo.houses import World
from colloque.demo.story import NURSING_HOME, SEED
from colloque.demo.systems import FALL_RISK
from colloque.projects.actions import attach_statement
from colloque.projects.models import Project

ON_PAPER: Final = 9
HELPED: Final = 7
"""Residents who answer on paper, and those for whom a carer holds the tablet."""

_AGES: Final = {
    "residents": ("80-and-over", "80-and-over", "60-to-79"),
    "families": ("30-to-59", "60-to-79", "60-to-79"),
    "carers": ("30-to-59", "under-30", "30-to-59"),
    "doctors": ("30-to-59",),
    "others": ("under-30", "30-to-59", "60-to-79"),
}


_COMPILE: Final = "from colloque.consultations.core.opinion.warm import warm; warm()"


def begin_compiling() -> subprocess.Popen[bytes]:
    """A process that has the map's inner loops compiled while the rest of the story is lived; it leaves them on disk."""
    return subprocess.Popen([sys.executable, "-c", _COMPILE], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@transaction.atomic
def live_founding(world: World) -> None:
    """The founding consultation, closed and answered before the charter."""
    random = Random(SEED + 3)  # noqa: S311 (the story must be the same each time)
    house, facilitator = world.houses[NURSING_HOME], world.accounts["facilitator"]
    begins = world.begins + timedelta(days=1)
    terms = Terms(
        title="Quelle place pour l’IA chez nous ?",
        title_en="What place for AI in our house?",
        question="Que doivent savoir les soignants, que peut-on confier à l’IA, et où sont les limites ?",
        question_en="What should carers know, what may be entrusted to AI, and where are the limits?",
        about="Avant d’écrire notre charte, nous demandons à tous ceux qui vivent, viennent ou travaillent ici. Les affirmations "
        "viennent d’un groupe de soignants, de patients et de citoyens. Chacun peut en ajouter.",
        about_en="Before we write our charter, we ask everybody who lives, visits or works here. The statements come "
        "from a group of carers, patients and citizens. Anybody may add one.",
        groups=tuple(GroupOfPeople),
        group_sizes=SIZES,
        profile_questions=(ProfileQuestion.AGE,),
    )
    draft = prepare_consultation(house, terms, [one.fr for one in SENTENCES], by=facilitator, at=begins)
    for statement, said in zip(draft.statements.order_by("number"), SENTENCES, strict=True):
        say_otherwise(statement, easy=said.easy, easy_en=said.easy_en, text_en=said.en, by=facilitator, at=begins)
    consultation = open_consultation(draft, by=facilitator, at=begins + timedelta(hours=1))
    sheets = iter(
        print_sheets(
            consultation,
            ON_PAPER,
            group=GroupOfPeople.RESIDENTS,
            language="fr",
            is_easy=True,
            by=facilitator,
            at=begins + timedelta(hours=2),
        ).codes
    )
    nurse = world.accounts["nurse"]
    came = [group for group, people in CAME.items() for _ in range(people)]
    random.shuffle(came)
    residents = 0
    for place, group in enumerate(came):
        at = begins + timedelta(hours=3, minutes=65 * place)
        answers = _answers(random, group)
        residents += group == "residents"
        if group == "residents" and residents <= ON_PAPER:
            sheet = [answers.get(number) for number in range(1, len(SENTENCES) + 1)]
            enter_sheet(consultation, next(sheets), sheet, by=facilitator, at=at)
            continue
        helped = group == "residents" and residents <= ON_PAPER + HELPED
        coming = Coming(
            group=GroupOfPeople(group),
            helper=HelperKind.CARER if helped else None,
            account=nurse if helped else None,
            profile={"age": random.choice(_AGES[group])} if random.random() < 0.7 else {},
        )
        joined = join(consultation, coming, place=f"story-{place // 20}", at=at)
        vote_many(joined.participant, dict(answers), at=at)
    closed = close_consultation(consultation, by=facilitator, at=world.begins + timedelta(days=8)).consultation
    _answer(world, closed, world.begins + timedelta(days=9))
    _follow(world, closed)


def _answers(random: Random, group: str) -> dict[int, int]:
    """What one person says: most sentences, now and then a pass."""
    way = random.choices((0, 1, 2), WAYS_BY_GROUP[group])[0]
    patience = random.uniform(0.45, 1.0)
    answers = {}
    for number, sentence in enumerate(SENTENCES, start=1):
        if random.random() > patience:
            continue
        draw = random.random()
        agrees = sentence.lean[way]
        passes = 0.3 * min(agrees, 1 - agrees) + 0.02
        answers[number] = 0 if draw < passes else 1 if random.random() < agrees else -1
    return answers


def _answer(world: World, consultation: Consultation, at: datetime) -> None:
    """The director and the committee reply to each outcome, and give their reasons."""
    director, committee = world.accounts["director"], world.accounts["ethics-member"]
    page = result_page(consultation)
    divided = {one.statement.number for one in page.divides}
    for place, told in enumerate(page.outcomes):
        number = told.statement.number
        moment = at + timedelta(minutes=10 * place)
        if told.statement.text in REPLIES:
            answer, why, why_en = REPLIES[told.statement.text]
        elif number in divided:
            answer, (why, why_en) = "declined", DIVIDED_REASON
        elif told.direction == "disagree":
            answer, why, why_en = (
                "adopted",
                "Vous le refusez dans chaque groupe. Nous ne le ferons pas.",
                "You refuse it in every group. We will not do it.",
            )
        else:
            answer, (why, why_en) = "adopted", ADOPTED_REASON
        by = committee if number in divided else director
        reply(told.statement, OutcomeAnswer(answer), why, reasons_en=why_en, by=by, at=moment)
    answer_consultation(consultation, by=director, at=at + timedelta(hours=8))


def _follow(world: World, consultation: Consultation) -> None:
    """What the statements are behind: rules of the first charter, proposed a day later, and the project on falls."""
    house = world.houses[NURSING_HOME]
    statements = {one.text: one.id for one in consultation.statements.all()}
    first = RuleProposal.objects.get(establishment=house, kind=ProposalKind.WHOLE)
    for rule, words in CARRIED_BY_RULE.items():
        note_became(
            house,
            statements[words],
            BecameKind.CHARTER_PROPOSAL,
            first.id,
            part=rule,
            by=world.accounts["facilitator"],
            at=first.proposed_at,
        )
    falls = Project.objects.get(establishment=house, slug=FALL_RISK.slug)
    attach_statement(falls, statements[BEHIND_THE_FALLS], by=world.accounts["director"], at=first.proposed_at)


@transaction.atomic
def ask_today(world: World) -> None:
    """A smaller question, still open: a visitor finds people already there, and a place."""
    random = Random(SEED + 4)  # noqa: S311 (the story must be the same each time)
    house, facilitator = world.houses[NURSING_HOME], world.accounts["facilitator"]
    opens = datetime.combine(world.today, datetime.min.time(), world.begins.tzinfo) - timedelta(days=6)
    terms = Terms(
        title="Les machines de tous les jours",
        title_en="Everyday machines",
        question="Quelles machines parlantes ou savantes voulons-nous dans nos journées ?",
        question_en="Which talking or clever machines do we want in our days?",
        groups=tuple(GroupOfPeople),
        group_sizes=SIZES,
    )
    draft = prepare_consultation(house, terms, [french for french, _ in NOW_ASKED], by=facilitator, at=opens)
    for statement, (_, english) in zip(draft.statements.order_by("number"), NOW_ASKED, strict=True):
        say_otherwise(statement, easy="", easy_en="", text_en=english, by=facilitator, at=opens)
    consultation = open_consultation(draft, by=facilitator, at=opens + timedelta(hours=2))
    for place in range(36):
        at = opens + timedelta(hours=3 + 3 * place)
        group = random.choice(("residents", "residents", "families", "carers"))
        joined = join(consultation, Coming(group=GroupOfPeople(group)), place=f"today-{place}", at=at)
        vote_many(joined.participant, _answers_today(random), at=at)
        if place == 11:
            said = "Une machine ne devrait jamais m’appeler par mon prénom."
            submit_statement(consultation, joined.participant, said, language="fr", at=at)
    map_now(consultation, at=opens + timedelta(days=5, hours=12))


def _answers_today(random: Random) -> dict[int, int]:
    """Those who like clever machines and those who do not, who agree on two sentences all the same."""
    likes = random.random() < 0.55
    answers = {}
    for number in range(1, len(NOW_ASKED) + 1):
        if random.random() > 0.93:
            continue
        leans = 1 if (number in WELCOMING) == likes else -1
        together = number in SHARED_BY_ALL and random.random() < 0.9
        answers[number] = 1 if together else leans if random.random() < 0.93 else random.choice((0, -leans))
    return answers
