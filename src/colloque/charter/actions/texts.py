"""What a charter's text becomes with a proposal, checked before it is written anywhere."""

from __future__ import annotations

from hashlib import sha256

from django.utils.translation import gettext

from colloque.charter.core.constitution import establishment_rules
from colloque.charter.core.problems import InvalidCharterError
from colloque.charter.core.proposals import ProposalKind, amended, changes_only, lifts_the_constitution
from colloque.charter.core.rules import Rule
from colloque.charter.models import CharterVersion, RuleProposal
from colloque.kernel.errors import ConflictError, InvalidInputError


def plain_text(cedar: str) -> str:
    """A text as it is kept: line ends of one kind, one at the end; nothing where there is nothing."""
    text = cedar.replace("\r\n", "\n").replace("\r", "\n").strip()
    return f"{text}\n" if text else ""


def checked(cedar: str) -> tuple[Rule, ...]:
    """The rules of a text that can be a charter. Raises `InvalidCharterError`, or `InvalidInputError` without any rule."""
    rules, problems = establishment_rules(cedar)
    if problems:
        raise InvalidCharterError(problems)
    if not rules:
        raise InvalidInputError(
            gettext("Cette charte ne contient aucune règle : plus rien ne serait permis."),
            code="charter-empty",
            path="cedar",
        )
    for rule in rules:
        if lifts_the_constitution(rule):
            raise InvalidInputError(
                gettext("La règle « %(rule)s » voudrait permettre ce que le socle ferme. Le socle ne se lève pas.")
                % {"rule": rule.id},
                code="lifts-the-constitution",
                path="cedar",
            )
    return rules


def one_rule(cedar: str) -> Rule:
    """The one rule of a text. Raises as `checked`, and `InvalidInputError` where there are several."""
    rules = checked(cedar)
    if len(rules) != 1:
        raise InvalidInputError(
            gettext("Une proposition porte sur une seule règle. Faites-en plusieurs propositions."),
            code="several-rules",
            path="cedar",
        )
    return rules[0]


def text_with(proposal: RuleProposal, base: CharterVersion | None) -> str:
    """A version's text with a proposal carried into it, checked.

    Raises `ConflictError` where the version has not, or already has, the rule, or already says the same; and as `checked`.
    """
    return _with(base, ProposalKind(proposal.kind), proposal.rule_id, proposal.cedar)


def check_against(base: CharterVersion | None, kind: ProposalKind, rule_id: str, cedar: str) -> None:
    """Raises as `text_with` for a proposal about to be made."""
    _with(base, kind, rule_id, cedar)


def _with(base: CharterVersion | None, kind: ProposalKind, rule_id: str, rule_cedar: str) -> str:
    before = base.cedar if base is not None else ""
    rules = establishment_rules(before)[0]
    try:
        text = plain_text(amended(before, rules, kind, rule_id, rule_cedar))
    except KeyError:
        raise _no_such_rule(kind, rule_id) from None
    after = checked(text)
    _check_only(rules, after, kind, rule_id, rule_cedar)
    if text == before:
        raise ConflictError(
            gettext("Ce texte est déjà celui qui est en vigueur."), code="charter-unchanged", path="cedar"
        )
    return text


def _check_only(
    before: tuple[Rule, ...], after: tuple[Rule, ...], kind: ProposalKind, rule_id: str, rule_cedar: str
) -> None:
    if kind is ProposalKind.WHOLE:
        return
    said = "" if kind is ProposalKind.REPEAL else one_rule(rule_cedar).cedar
    if not changes_only(before, after, kind, rule_id, said):
        raise ConflictError(
            gettext(
                "Ce texte toucherait à d’autres règles que « %(rule)s ». Écrivez chaque règle sur ses propres lignes, "
                "sans commentaire après elle."
            )
            % {"rule": rule_id},
            code="touches-other-rules",
            path="cedar",
        )


def _no_such_rule(kind: ProposalKind, rule_id: str) -> ConflictError:
    if kind is ProposalKind.NEW:
        message = gettext(
            "La charte en vigueur a déjà une règle « %(rule)s ». Proposez de la changer, ou prenez un autre nom."
        )
        return ConflictError(message % {"rule": rule_id}, code="rule-exists", path="cedar")
    message = gettext("La charte en vigueur n’a pas de règle « %(rule)s » : il n’y a rien à changer ni à retirer.")
    return ConflictError(message % {"rule": rule_id}, code="rule-unknown", path="cedar")


def digest(text: str) -> str:
    """The SHA-256 of a text, in hexadecimal."""
    return sha256(text.encode()).hexdigest()
