"""`colloque people …`: what only the person who operates the installation does."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from colloque.kernel.errors import NotFoundError

if TYPE_CHECKING:
    from colloque.people.models import Account, Establishment


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The `colloque people` group."""
    people = commands.add_parser("people", help="establishments, first administrators, lost access").add_subparsers(
        dest="people_command", required=True, metavar="COMMAND"
    )
    house = people.add_parser("create-establishment", help="open an establishment")
    house.add_argument("slug", help="its short name in addresses: lower-case letters, digits, hyphens")
    house.add_argument("name", help="its full name")
    house.add_argument("--kind", choices=["hospital", "nursing-home"], required=True)
    house.add_argument("--city", default="")
    house.add_argument("--timezone", default="Europe/Paris")
    house.set_defaults(run=_create_establishment, needs_django=True)

    administrator = people.add_parser("create-administrator", help="print a one-time link for an administrator")
    administrator.add_argument("establishment", help="the short name of the establishment")
    administrator.add_argument("email")
    administrator.add_argument("given_name")
    administrator.add_argument("family_name")
    administrator.set_defaults(run=_create_administrator, needs_django=True)

    people.add_parser("list", help="who holds which role, where, until when").set_defaults(run=_list, needs_django=True)

    access = people.add_parser("access-link", help="print a one-time link to choose a new password")
    access.add_argument("email")
    access.set_defaults(run=_access_link, needs_django=True)

    factor = people.add_parser("forget-second-factor", help="for somebody who lost theirs; they set up another")
    factor.add_argument("email")
    factor.set_defaults(run=_forget_second_factor, needs_django=True)

    deactivate = people.add_parser("deactivate", help="close an account everywhere, at once")
    deactivate.add_argument("email")
    deactivate.set_defaults(run=_deactivate, needs_django=True)


def _create_establishment(options: argparse.Namespace) -> int:
    from colloque.people.actions import open_establishment
    from colloque.people.models import EstablishmentKind

    opened = open_establishment(
        options.slug, options.name, EstablishmentKind(options.kind), city=options.city, timezone=options.timezone
    )
    sys.stdout.write(f"{opened.name} is open. Next: colloque people create-administrator {opened.slug} …\n")
    return 0


def _create_administrator(options: argparse.Namespace) -> int:
    from django.conf import settings
    from django.urls import reverse
    from django.utils import timezone

    from colloque.kernel.vocabulary import Role
    from colloque.people.actions import OPERATOR, Offer, invite

    offer = Offer(options.email, Role.ADMINISTRATOR, options.given_name, options.family_name)
    sent = invite(_establishment(options.establishment), offer, by=OPERATOR, at=timezone.now())
    link = settings.COLLOQUE_PUBLIC_URL + reverse("people:invitation", args=[sent.secret])
    sys.stdout.write(f"{link}\n")
    sys.stderr.write(f"This link serves once, until {sent.invitation.expires_at:%Y-%m-%d %H:%M %Z}.\n")
    return 0


def _list(_options: argparse.Namespace) -> int:
    from colloque.people.queries import establishments_and_people

    for house, memberships in establishments_and_people():
        sys.stdout.write(f"{house.slug}\t{house.name}\t{house.kind}\n")
        for held in memberships:
            until = held.valid_until.date().isoformat() if held.valid_until else "open"
            state = "active" if held.account.is_active else "closed"
            unit = held.unit.slug if held.unit else "*"
            sys.stdout.write(
                f"  {held.account.email}\t{held.role}\t{held.profession or '-'}\t{unit}\t{until}\t{state}\n"
            )
    return 0


def _access_link(options: argparse.Namespace) -> int:
    from django.conf import settings
    from django.urls import reverse
    from django.utils import timezone

    from colloque.people.actions import OPERATOR, make_access_link

    account, house = _account(options.email)
    made = make_access_link(account, house, by=OPERATOR, at=timezone.now())
    sys.stdout.write(settings.COLLOQUE_PUBLIC_URL + reverse("people:access", args=[made.secret]) + "\n")
    sys.stderr.write(f"This link serves once, until {made.link.expires_at:%Y-%m-%d %H:%M %Z}.\n")
    return 0


def _forget_second_factor(options: argparse.Namespace) -> int:
    from django.utils import timezone

    from colloque.people.actions import OPERATOR, forget_second_factor

    account, house = _account(options.email)
    forget_second_factor(account, house, by=OPERATOR, at=timezone.now())
    sys.stdout.write("Done. At the next sign-in they set up another.\n")
    return 0


def _deactivate(options: argparse.Namespace) -> int:
    from django.utils import timezone

    from colloque.people.actions import OPERATOR, deactivate_account

    account, house = _account(options.email)
    deactivate_account(account, house, by=OPERATOR, at=timezone.now())
    sys.stdout.write("Closed. Open sessions have ended.\n")
    return 0


def _establishment(slug: str) -> Establishment:
    from colloque.people.queries import establishment_named

    found = establishment_named(slug)
    if found is None:
        raise NotFoundError(f"There is no establishment {slug!r}. `colloque people list` names them.")
    return found


def _account(email: str) -> tuple[Account, Establishment]:
    from colloque.people.queries import account_and_a_house

    found = account_and_a_house(email)
    if found is None:
        raise NotFoundError(f"No open account with a role has the address {email}.")
    return found
