"""Everything that changes who people are and what they may do: one transaction, one permission check, one ledger entry."""

from colloque.people.actions.accounts import (
    Made,
    create_account,
    deactivate_account,
    forget_second_factor,
    make_access_link,
    sign_out_everywhere,
    use_access_link,
)
from colloque.people.actions.establishments import add_unit, open_establishment, rename_unit
from colloque.people.actions.invitations import (
    Offer,
    Sent,
    accept_with_account,
    accept_with_identity,
    accept_with_password,
    dead_link,
    invite,
    other_professional,
    verify_identity,
    withdraw_invitation,
)
from colloque.people.actions.operator import OPERATOR, By, Operator
from colloque.people.actions.roles import end_role, give_role
from colloque.people.actions.systems import (
    SystemDetails,
    admit_client_system,
    change_client_system,
    link_practitioner,
    register_client_system,
    unlink_practitioner,
)

__all__ = [
    "OPERATOR",
    "By",
    "Made",
    "Offer",
    "Operator",
    "Sent",
    "SystemDetails",
    "accept_with_account",
    "accept_with_identity",
    "accept_with_password",
    "add_unit",
    "admit_client_system",
    "change_client_system",
    "create_account",
    "deactivate_account",
    "dead_link",
    "end_role",
    "forget_second_factor",
    "give_role",
    "invite",
    "link_practitioner",
    "make_access_link",
    "open_establishment",
    "other_professional",
    "register_client_system",
    "rename_unit",
    "sign_out_everywhere",
    "unlink_practitioner",
    "use_access_link",
    "verify_identity",
    "withdraw_invitation",
]
