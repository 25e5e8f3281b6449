"""Builds the story in an empty database, the same from the same seed, and ending today."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from colloque.acts.actions import expire_asking
from colloque.demo.debate import debate_the_rule_on_age
from colloque.demo.founding import ask_today, begin_compiling, live_founding
from colloque.demo.hearings import FALLS, SLIDES, hear
from colloque.demo.houses import World, admit_everybody, adopt_charters, open_houses, seat_committees
from colloque.demo.past import FALL_SUSPENDED_AFTER, Request, Until, cytology_requests, fall_requests, live_through
from colloque.demo.story import DAYS, EARLIER, JEANNE, SEED
from colloque.demo.systems import COMPANION, CYTOLOGY, FALL_RISK, declare, declare_whole, put_in_service
from colloque.kernel.vocabulary import ChoiceAnswer
from colloque.patients.actions import ask_to_talk
from colloque.patients.models import Person
from colloque.projects.actions import suspend
from colloque.projects.models import Project

PARIS = ZoneInfo("Europe/Paris")
OPENED_BEFORE = EARLIER + DAYS + 20


def forget_story() -> None:
    """Empty the database of the demonstration, its ledger included: it is fiction, begun again."""
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")
    call_command("migrate", interactive=False, verbosity=0)


def build_story(today: date) -> None:
    """Live through the story, in an empty database."""
    random = Random(SEED)  # noqa: S311 (the story must be the same each time)
    begins = datetime.combine(today, time(9), PARIS) - timedelta(days=OPENED_BEFORE)
    world = World(today, begins)
    compiling = begin_compiling()
    open_houses(world)
    seat_committees(world)
    adopt_charters(world)
    cytology, falls = declare_whole(world, CYTOLOGY), declare_whole(world, FALL_RISK)
    declare(world, COMPANION)
    admit_everybody(world, random)
    compiling.wait()
    live_founding(world)
    for hearing, service in ((SLIDES, cytology), (FALLS, falls)):
        hear(world, hearing)
        put_in_service(world, service)
    now = timezone.now()
    requests = sorted(
        (
            one
            for one in (*cytology_requests(world, cytology, random), *fall_requests(world, falls, random))
            if one.at < now - timedelta(hours=1)
        ),
        key=lambda one: one.at,
    )
    _live(world, requests, falls.project, random)
    _leave_something_to_do(world, requests, now, random)
    debate_the_rule_on_age(world, now)
    ask_today(world)


def _live(world: World, requests: list[Request], falls: Project, random: Random) -> None:
    stops = world.begins + timedelta(days=20 + EARLIER + FALL_SUSPENDED_AFTER)
    suspended = False
    day: date | None = None
    for request in requests:
        if day != request.at.date():
            day = request.at.date()
            expire_asking(at=request.at)
        if not suspended and request.at >= stops:
            suspend(
                falls,
                "Deux résidents signalés à tort le même jour. Le comité d’éthique relit les sept questions avec l’équipe.",
                by=world.accounts["ethics-member"],
                at=stops,
            )
            suspended = True
        live_through(request, random)


def _leave_something_to_do(world: World, requests: list[Request], now: datetime, random: Random) -> None:
    """What awaits people when a visitor comes: undecided suggestions, an own reading to give, somebody to call back."""
    jeanne = next(person for patient, person in world.persons if patient.entry == JEANNE)
    old = [one for one in requests if one.patient.house == CYTOLOGY.house]
    for number, (entry, minutes, person, until) in enumerate(
        (
            ("nurse", 40, jeanne, Until.ASKED),
            ("nurse", 95, _who_said_yes(world, 0), Until.ANSWERED),
            ("doctor", 55, _who_said_yes(world, 1), Until.ASKED),
            ("doctor", 130, _who_said_yes(world, 2), Until.ANSWERED),
        )
    ):
        like = old[-1 - number]
        observation = {**like.data["cytology"], "subject": {"reference": f"Patient/{person.id}"}}
        request = Request(
            now - timedelta(minutes=minutes),
            like.service,
            like.patient,
            person,
            world.accounts[entry],
            {"cytology": observation},
            like.truth,
        )
        live_through(request, random, until=until)
    ask_to_talk(jeanne, by=world.accounts[JEANNE], at=now - timedelta(hours=2))


def _who_said_yes(world: World, number: int) -> Person:
    """Somebody of the hospital who said yes to the reading aid and lives nothing that closes it."""
    said_yes = ((CYTOLOGY.act_kind, ChoiceAnswer.YES),)
    return [
        person for patient, person in world.of(CYTOLOGY.house) if patient.choices == said_yes and not patient.situations
    ][number]
