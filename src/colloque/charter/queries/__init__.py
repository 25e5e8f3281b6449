"""Everything that reads charters: the one in force, and the pages that show them."""

from __future__ import annotations

from colloque.charter.queries.in_force import charter_in_force, charter_of, id_in_force
from colloque.charter.queries.pages import (
    charter_page,
    management_page,
    preview,
    review_page,
    rule_page,
    starting_text,
    version_page,
)

__all__ = [
    "charter_in_force",
    "charter_of",
    "charter_page",
    "id_in_force",
    "management_page",
    "preview",
    "review_page",
    "rule_page",
    "starting_text",
    "version_page",
]
