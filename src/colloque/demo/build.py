"""Builds the story in an empty database, the same from the same seed, and ending today."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from colloque.demo.houses import World, admit_everybody, adopt_charters, open_houses
from colloque.demo.past import FALL_SUSPENDED_AFTER, Request, cytology_requests, fall_requests, live_through
from colloque.demo.story import DAYS, JEANNE, SEED
from colloque.demo.systems import COMPANION, CYTOLOGY, FALL_RISK, declare, put_in_service
from colloque.patients.actions import ask_to_talk
from colloque.projects.actions import suspend
from colloque.projects.models import Project

PARIS = ZoneInfo("Europe/Paris")
OPENED_BEFORE = DAYS + 20


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
    open_houses(world)
    adopt_charters(world)
    cytology = put_in_service(world, CYTOLOGY)
    falls = put_in_service(world, FALL_RISK)
    declare(world, COMPANION)
    admit_everybody(world, random)
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


def _live(world: World, requests: list[Request], falls: Project, random: Random) -> None:
    stops = world.begins + timedelta(days=20 + FALL_SUSPENDED_AFTER)
    suspended = False
    for request in requests:
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
    waiting = [one for one in requests if one.service.hook == "patient-view" and one.patient.house == CYTOLOGY.house][
        -4:
    ]
    for number, (carer, minutes) in enumerate((("nurse", 40), ("doctor", 55), ("nurse", 95), ("doctor", 130))):
        old = waiting[number]
        person = jeanne if number < 2 else old.person
        observation = {**old.data["cytology"], "subject": {"reference": f"Patient/{person.id}"}}
        live_through(
            Request(
                now - timedelta(minutes=minutes),
                old.service,
                old.patient,
                person,
                world.accounts[carer],
                {"cytology": observation},
                old.truth,
            ),
            random,
            leave_open=True,
        )
    ask_to_talk(jeanne, by=world.accounts[JEANNE], at=now - timedelta(hours=2))
