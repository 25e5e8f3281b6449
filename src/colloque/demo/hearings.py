"""What people were asked about each AI of the demonstration before it began: patients and carers, and whether carers trust it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Final

from colloque.consultations.actions.closing import answer_consultation, close_consultation, reply
from colloque.consultations.actions.moderation import say_otherwise
from colloque.consultations.actions.opening import Terms, open_consultation, prepare_consultation
from colloque.consultations.actions.taking_part import Coming, join
from colloque.consultations.actions.voting import vote_many
from colloque.consultations.core.groups import GroupOfPeople
from colloque.consultations.core.state import OutcomeAnswer
from colloque.consultations.models import Consultation
from colloque.consultations.queries.map import result_page
from colloque.demo.houses import World
from colloque.demo.story import SEED
from colloque.demo.systems import CYTOLOGY, FALL_RISK, System
from colloque.projects.actions import attach_statement
from colloque.projects.models import Project


@dataclass(frozen=True)
class Sentence:
    """One statement in both languages, and how likely people are to agree with it."""

    fr: str
    en: str
    lean: float


@dataclass(frozen=True)
class Hearing:
    """A consultation about one AI: the first sentence says what it is for, the last asks carers for their trust."""

    system: System
    title: str
    title_en: str
    question: str
    question_en: str
    sentences: tuple[Sentence, ...]
    came: tuple[tuple[GroupOfPeople, int], ...]
    opens_on: int


SLIDES: Final = Hearing(
    CYTOLOGY,
    "Un deuxième regard sur les lames du sein",
    "A second look at breast slides",
    "Voulons-nous qu’une IA relise les lames du sein après le médecin ?",
    "Do we want an AI to read breast slides after the doctor?",
    (
        Sentence(
            "Je veux qu’on se trompe moins souvent quand la lecture d’une lame hésite.",
            "I want fewer mistakes when the reading of a slide is uncertain.",
            0.95,
        ),
        Sentence(
            "Le médecin lit d’abord seul, sans voir l’IA.", "The doctor reads first, without seeing the AI.", 0.93
        ),
        Sentence(
            "Mon résultat m’est dit par une personne, avec ou sans IA.",
            "My result is told to me by a person, with or without AI.",
            0.97,
        ),
        Sentence(
            "On me demande avant, et je peux refuser sans attendre plus longtemps.",
            "I am asked first, and can refuse without waiting longer.",
            0.9,
        ),
        Sentence(
            "J’accepte de travailler avec cette IA, telle qu’elle est prévue ici.",
            "I agree to work with this AI, as it is planned here.",
            0.86,
        ),
    ),
    ((GroupOfPeople.RESIDENTS, 14), (GroupOfPeople.FAMILIES, 5), (GroupOfPeople.CARERS, 9), (GroupOfPeople.DOCTORS, 6)),
    4,
)
FALLS: Final = Hearing(
    FALL_RISK,
    "Prévenir les chutes avec une IA",
    "Preventing falls with an AI",
    "À quelles conditions une IA peut-elle nous dire qui risque de tomber ?",
    "On what conditions may an AI tell us who risks falling?",
    (
        Sentence(
            "Je préfère marcher accompagné plutôt qu’être attaché à mon fauteuil.",
            "I would rather walk with somebody than be kept in my chair.",
            0.95,
        ),
        Sentence("Personne ne me filme la nuit.", "Nobody films me at night.", 0.94),
        Sentence(
            "Si l’IA s’inquiète, quelqu’un vient me voir dans la journée.",
            "If the AI is worried, somebody comes to see me that day.",
            0.92,
        ),
        Sentence(
            "J’accepte de travailler avec cette IA, telle qu’elle est prévue ici.",
            "I agree to work with this AI, as it is planned here.",
            0.8,
        ),
    ),
    ((GroupOfPeople.RESIDENTS, 12), (GroupOfPeople.FAMILIES, 6), (GroupOfPeople.CARERS, 11)),
    9,
)
REASONS: Final = (
    "Vous le demandez presque tous. Le projet commence ainsi, et nous vous en reparlerons dans six mois.",
    "Nearly all of you ask for this. The project begins this way, and we will come back to you in six months.",
)


def hear(world: World, hearing: Hearing) -> Consultation:
    """Open it, let people answer, close, reply to each outcome, and attach what it says to the project it is about."""
    random = Random(f"{SEED} {hearing.title}")  # noqa: S311 (the story must be the same each time)
    house, facilitator = world.houses[hearing.system.house], world.accounts["facilitator"]
    opens = world.begins + timedelta(days=hearing.opens_on)
    terms = Terms(
        title=hearing.title,
        title_en=hearing.title_en,
        question=hearing.question,
        question_en=hearing.question_en,
        groups=tuple(GroupOfPeople),
    )
    draft = prepare_consultation(house, terms, [one.fr for one in hearing.sentences], by=facilitator, at=opens)
    for statement, said in zip(draft.statements.order_by("number"), hearing.sentences, strict=True):
        say_otherwise(statement, easy="", easy_en="", text_en=said.en, by=facilitator, at=opens)
    consultation = open_consultation(draft, by=facilitator, at=opens + timedelta(hours=1))
    came = [group for group, people in hearing.came for _ in range(people)]
    random.shuffle(came)
    for place, group in enumerate(came):
        at = opens + timedelta(hours=2, minutes=70 * place)
        joined = join(consultation, Coming(group=group), place=f"{hearing.system.slug}-{place}", at=at)
        vote_many(joined.participant, _answers(hearing, random), at=at)
    closed = close_consultation(consultation, by=facilitator, at=opens + timedelta(days=3)).consultation
    director, at = world.accounts["director"], opens + timedelta(days=3, hours=6)
    for told in result_page(closed).outcomes:
        reply(told.statement, OutcomeAnswer.ADOPTED, REASONS[0], reasons_en=REASONS[1], by=director, at=at)
    answer_consultation(closed, by=director, at=at + timedelta(hours=1))
    project = Project.objects.get(establishment=house, slug=hearing.system.slug)
    first, *_, last = closed.statements.order_by("number")
    lead, at = world.accounts["project-lead"], world.begins + timedelta(days=hearing.system.thought_of_on, hours=6)
    attach_statement(project, first.id, by=lead, at=at)
    attach_statement(project, last.id, asks_for_trust=True, by=lead, at=at)
    return closed


def _answers(hearing: Hearing, random: Random) -> dict[int, int]:
    """What one person says: nearly every sentence, as most do."""
    answers = {}
    for number, sentence in enumerate(hearing.sentences, start=1):
        draw = random.random()
        answers[number] = 1 if draw < sentence.lean else 0 if draw < sentence.lean + 0.03 else -1
    return answers
