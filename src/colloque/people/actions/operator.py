"""Who may administer: an administrator of the establishment, or whoever operates the installation at its command line."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from colloque.kernel.vocabulary import Role
from colloque.people.access import require_role
from colloque.people.models import Account, Establishment


class Operator:
    """The person at the command line of the installation; no page can speak in this name."""


OPERATOR: Final = Operator()

By = Account | Operator


def must_administer(by: By, establishment: Establishment, at: datetime) -> None:
    """Let nobody through but an administrator of the whole establishment, or the operator. Raises `NotFoundError`."""
    if isinstance(by, Account):
        require_role(by, establishment, Role.ADMINISTRATOR, at=at)


def account_of(by: By) -> Account | None:
    """The account that acts; none for the operator."""
    return by if isinstance(by, Account) else None


def named(by: By) -> str:
    """Who acts, as the ledger writes it."""
    return str(by.id) if isinstance(by, Account) else "operator"
