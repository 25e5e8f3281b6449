"""Les Tilleuls with a resident, her carers and whoever has no business there; Alice, Bob and Charlie of this room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from colloque.kernel.vocabulary import Role
from colloque.patients.actions import admit_person
from colloque.patients.core.identity import Identity, Sex
from colloque.patients.models import Person
from colloque.people.models import Account
from tests.people.houses import NOW, Houses, member, two_houses

JEANNE = Identity("Jeanne", "Aubry", date(1939, 5, 2), Sex.FEMALE)


@dataclass(frozen=True)
class Story:
    """`jeanne` lives in the garden unit; `sarah` cares there, `river_nurse` elsewhere in the house, `stranger` elsewhere."""

    houses: Houses
    jeanne: Person
    her_account: Account
    sarah: Account
    river_nurse: Account
    stranger: Account
    daughter: Account
    officer: Account
    director: Account
    administrator: Account


def story() -> Story:
    """Write it all."""
    houses = two_houses()
    house = houses.tilleuls
    sarah = member("sarah@example.org", house, Role.CARER, unit=houses.garden)
    her_account = member("jeanne@example.org", house, Role.PATIENT)
    jeanne = admit_person(house, JEANNE, unit=houses.garden, by=sarah, at=NOW, account=her_account)
    return Story(
        houses=houses,
        jeanne=jeanne,
        her_account=her_account,
        sarah=sarah,
        river_nurse=member("river@example.org", house, Role.CARER, unit=houses.river),
        stranger=member("stranger@example.org", houses.saint_roch, Role.CARER),
        daughter=member("daughter@example.org", house, Role.TRUSTED_PERSON),
        officer=member("officer@example.org", house, Role.DATA_PROTECTION_OFFICER),
        director=member("director@example.org", house, Role.DIRECTOR),
        administrator=member("admin@example.org", house, Role.ADMINISTRATOR),
    )


def everybody_but(story: Story, *allowed: Account) -> list[Account]:
    """All accounts of the story except these."""
    accounts = [value for value in vars(story).values() if isinstance(value, Account)]
    return [account for account in accounts if account not in allowed]
