"""Everything that reads charters: the one in force, the pages that show them, proposals and the committee."""

from __future__ import annotations

from colloque.charter.queries.awaiting import awaiting
from colloque.charter.queries.builder import (
    RuleToChange,
    rule_ids,
    rule_to_change,
)
from colloque.charter.queries.committee import committee_page, people_to_seat
from colloque.charter.queries.compare import compare_page
from colloque.charter.queries.in_force import charter_in_force, charter_of, id_in_force, versions_in_force
from colloque.charter.queries.pages import (
    charter_page,
    preview,
    rule_in_force,
    rule_page,
    starting_text,
    text_of_rule,
    version_page,
)
from colloque.charter.queries.proposal_page import proposal_page
from colloque.charter.queries.proposals import proposals_page, public_lines
from colloque.charter.queries.replays import compared, kept_replay, may_read_cases, running_replay

__all__ = [
    "RuleToChange",
    "awaiting",
    "charter_in_force",
    "charter_of",
    "charter_page",
    "committee_page",
    "compare_page",
    "compared",
    "id_in_force",
    "kept_replay",
    "may_read_cases",
    "people_to_seat",
    "preview",
    "proposal_page",
    "proposals_page",
    "public_lines",
    "rule_ids",
    "rule_in_force",
    "rule_page",
    "rule_to_change",
    "running_replay",
    "starting_text",
    "text_of_rule",
    "version_page",
    "versions_in_force",
]
