"""The words of rules by their id, where a page shows what decided before and after a proposal."""

from __future__ import annotations

from colloque.charter.core.constitution import BUILT_IN, constitution, establishment_rules
from colloque.charter.models import CharterVersion, RuleProposal


def words_of_rules(proposal: RuleProposal, base: CharterVersion | None, language: str) -> dict[str, str]:
    """Titles of the rules of the charter it was replayed against, of those proposed, and of the constitution."""
    rules = [*constitution()]
    rules += establishment_rules(base.cedar)[0] if base is not None else ()
    rules += establishment_rules(proposal.cedar)[0]
    told = {rule.id: rule.title(language) for rule in rules}
    return {**{rule: words[language] for rule, words in BUILT_IN.items()}, **told}
