"""What stands in the menu of each role, in the order of its day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from colloque.consultations.access import FACILITATING
from colloque.kernel.vocabulary import Profession, Role
from colloque.web.labels import label_of


class HasSlug(Protocol):
    """An establishment, as far as a menu needs to know it."""

    slug: str
    name: str


@dataclass(frozen=True)
class Place:
    """One line of the menu."""

    name: str
    label: Promise
    roles: frozenset[Role]
    of_establishment: bool = False


@dataclass(frozen=True)
class Item:
    """A line of the menu on one page. `is_above`: the page shown hangs under this one."""

    url: str
    label: str
    is_current: bool
    is_above: bool


@dataclass(frozen=True)
class Who:
    """Who is signed in, in words."""

    name: str
    roles: str
    place: str
    elsewhere: bool


PROJECT_ROLES = frozenset({Role.PROJECT_LEAD, Role.DIRECTOR, Role.SYSTEM_EXPERT})

PLACES: tuple[Place, ...] = (
    Place("web:home", _("Accueil"), frozenset(Role)),
    Place("patients:choices", _("Mes choix"), frozenset({Role.PATIENT, Role.TRUSTED_PERSON})),
    Place("acts:journal", _("Mon journal"), frozenset({Role.PATIENT})),
    Place("acts:worklist", _("À décider"), frozenset({Role.CARER})),
    Place("patients:list", _("Patients"), frozenset({Role.CARER})),
    Place("consultations:list", _("Consultations"), frozenset(FACILITATING)),
    Place("consultations:public", _("Consultations"), frozenset(Role) - frozenset(FACILITATING), of_establishment=True),
    Place("charter:public", _("Notre charte"), frozenset(Role), of_establishment=True),
    Place("projects:public", _("Les IA chez nous"), frozenset(Role) - PROJECT_ROLES, of_establishment=True),
    Place("projects:list", _("Projets"), PROJECT_ROLES),
    Place(
        "charter:proposals",
        _("Propositions"),
        frozenset({Role.DIRECTOR, Role.ADMINISTRATOR, Role.FACILITATOR, Role.ETHICS_MEMBER}),
    ),
    Place("patients:erasures", _("Demandes d’effacement"), frozenset({Role.DATA_PROTECTION_OFFICER})),
    Place("people:list", _("Équipe"), frozenset({Role.ADMINISTRATOR, Role.DIRECTOR})),
    Place("learning:list", _("Formations"), frozenset({Role.ADMINISTRATOR, Role.DIRECTOR})),
    Place("people:systems", _("Systèmes"), frozenset({Role.ADMINISTRATOR})),
    Place("ledger:home", _("Registre"), frozenset({Role.AUDITOR, Role.DATA_PROTECTION_OFFICER, Role.DIRECTOR})),
)

PUBLIC_PLACES: tuple[Place, ...] = (
    Place("web:establishment", _("L’établissement"), frozenset(), of_establishment=True),
    Place("consultations:public", _("Consultations"), frozenset(), of_establishment=True),
    Place("charter:public", _("Notre charte"), frozenset(), of_establishment=True),
    Place("projects:public", _("Les IA chez nous"), frozenset(), of_establishment=True),
)


def _items(places: Iterable[Place], slug: str | None, path: str) -> Iterator[Item]:
    for place in places:
        if place.of_establishment and not slug:
            continue
        url = reverse(place.name, args=[slug] if place.of_establishment else [])
        is_home = place.name in {"web:home", "web:establishment"}
        yield Item(url, str(place.label), path == url, not is_home and path != url and path.startswith(url))


def menu(roles: frozenset[Role], establishment: HasSlug | None, path: str) -> list[Item]:
    """The menu of somebody who holds `roles`, on the page at `path`."""
    mine = (place for place in PLACES if place.roles & roles)
    return list(_items(mine, establishment.slug if establishment else None, path))


def public_menu(slug: str | None, path: str) -> list[Item]:
    """The menu of a visitor, inside the public pages of an establishment or outside them."""
    home = Item(reverse("web:home"), str(PLACES[0].label), path == reverse("web:home"), False)
    return [*([] if slug else [home]), *_items(PUBLIC_PLACES, slug, path)]


def who(name: str, roles: frozenset[Role], profession: Profession | None, place: str, *, elsewhere: bool) -> Who:
    """The words beside the sign-out button; `elsewhere`: they hold a role in another establishment too."""
    shown = [label_of(role) for role in Role if role in roles and not (role is Role.CARER and profession)]
    return Who(name, ", ".join([*([label_of(profession)] if profession else []), *shown]), place, elsewhere)
