"""The small story journeys live in; run inside an installation, it prints sessions and ids as JSON."""

from __future__ import annotations

import json
from datetime import timedelta

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from colloque.kernel.vocabulary import Profession, Role
from colloque.people.models import Account, Establishment, Membership, Unit

NAMES = {
    Role.PATIENT: ("Jeanne", "Aubry"),
    Role.TRUSTED_PERSON: ("Lucie", "Aubry"),
    Role.CARER: ("Sarah", "Benali"),
    Role.PROJECT_LEAD: ("Marc", "Duval"),
    Role.ETHICS_MEMBER: ("Inès", "Roux"),
    Role.FACILITATOR: ("Paul", "Girard"),
    Role.DIRECTOR: ("Hélène", "Marchand"),
    Role.DATA_PROTECTION_OFFICER: ("Youssef", "Haddad"),
    Role.AUDITOR: ("Anne", "Lefort"),
    Role.SYSTEM_EXPERT: ("Thomas", "Klein"),
    Role.ADMINISTRATOR: ("Nadia", "Perrin"),
}


def session_of(account: Account) -> str:
    """The key of a session in which the account is signed in."""
    session = SessionStore()
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def tell() -> dict[str, dict[str, str]]:
    """Make the story: an establishment, a unit, and one account per role."""
    house = Establishment.objects.create(
        slug="les-tilleuls", name="Résidence Les Tilleuls", kind="nursing-home", city="Angers"
    )
    unit = Unit.objects.create(establishment=house, slug="jardin", name="Jardin")
    since = timezone.now() - timedelta(days=90)
    sessions: dict[str, str] = {}
    for role, (given, family) in NAMES.items():
        account = Account.objects.create_user(
            f"{role.value}@tilleuls.invalid", "une phrase longue", given_name=given, family_name=family
        )
        profession = Profession.NURSE.value if role is Role.CARER else ""
        Membership.objects.create(
            account=account, establishment=house, role=role.value, profession=profession, valid_from=since
        )
        sessions[role.value] = session_of(account)
    return {"sessions": sessions, "ids": {"establishment": str(house.id), "slug": house.slug, "unit": str(unit.id)}}


def main() -> None:
    """Tell the story as JSON on the last line."""
    print(json.dumps(tell()))
