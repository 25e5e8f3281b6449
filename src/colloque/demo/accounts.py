"""Which account an entrance of the demonstration opens."""

from __future__ import annotations

from colloque.demo.story import HOSPITAL, JEANNE, MARCEL, NURSING_HOME, STAFF, TRUSTED, Somebody
from colloque.people.models import Account, Establishment

_EMAILS = {
    **{somebody.entry: somebody.email for somebody in (*STAFF, TRUSTED)},
    JEANNE: Somebody(JEANNE, "Jeanne", "Aubry", ()).email,
    MARCEL: Somebody(MARCEL, "Marcel", "Lenoir", ()).email,
}


def account_of_entry(entry: str) -> Account | None:
    """The account behind a sign-in link; None for a word that is none."""
    email = _EMAILS.get(entry)
    return Account.objects.filter(email=email).first() if email else None


def first_house_of(account: Account) -> object:
    """The id of the house one enters by, for whoever works in both: the one where something waits for them.

    That is the hospital, where an AI is in service; for the facilitator the nursing home, where a consultation is open.
    """
    houses = Establishment.objects.filter(memberships__account=account)
    slug = NURSING_HOME if account.email == _EMAILS["facilitator"] else HOSPITAL
    found = houses.filter(slug=slug).first() or houses.first()
    return found.pk if found is not None else ""
