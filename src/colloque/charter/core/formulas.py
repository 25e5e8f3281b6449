"""Formulas over the facts of an act: what a condition of Cedar becomes once its types are settled.

A formula is a number in a `Formulas`; equal formulas have the same number, so that what many rules ask is answered once.
Both ways to use a rule without Cedar stand on formulas: whole tables of acts (`evaluation`) and proofs (`analysis`).

The value of a fact that is unknown is left open here: a formula reads it only where it is known, or where an error is
signalled beside it. So simplifications may take any value for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from colloque.charter.core.conditions import LARGEST_FACT
from colloque.charter.core.schema import ATTRIBUTES, ENUMERATIONS, Path
from colloque.kernel.vocabulary import ActKind, Situation

Formula: TypeAlias = int
Term: TypeAlias = tuple[Any, ...]
"""A whole number: `("const", n)`, `("field", path)`, `("+" | "-" | "*", term, term)`, `("neg", term)`."""

TRUE: Formula = 0
FALSE: Formula = 1
ACT: Path = ("action",)
ACTS: Path = ("principal", "acts")
SITUATIONS: Path = ("resource", "situations")
SMALLEST, LARGEST = -(2**63), 2**63 - 1

WORDS: Mapping[Path, frozenset[str]] = {
    ACT: frozenset(ActKind),
    **{path: frozenset(ENUMERATIONS[a.type]) for path, a in ATTRIBUTES.items() if a.type in ENUMERATIONS},
}
ELEMENTS: Mapping[Path, tuple[str, ...]] = {ACTS: tuple(ActKind), SITUATIONS: tuple(Situation)}


def bounds(term: Term) -> tuple[int, int]:
    """The least and the largest value a term can take, before anything is said of what 64 bits hold."""
    operator = term[0]
    if operator == "const":
        return term[1], term[1]
    if operator == "field":
        return 0, LARGEST_FACT
    parts = [bounds(part) for part in term[1:]]
    if operator == "neg":
        return -parts[0][1], -parts[0][0]
    (a, b), (c, d) = ((max(low, SMALLEST), min(high, LARGEST)) for low, high in parts)
    if operator == "+":
        return a + c, b + d
    if operator == "-":
        return a - d, b - c
    products = (a * c, a * d, b * c, b * d)
    return min(products), max(products)


class Formulas:
    """Formulas, each kept once. `nodes[n]` is the n-th: an operator and its operands.

    With `facts_are_whole`, only the facts that may be unknown are ever absent; a table may hold facts that are not facts.
    """

    def __init__(self, *, facts_are_whole: bool = False) -> None:
        self._facts_are_whole = facts_are_whole
        self.nodes: list[tuple[Any, ...]] = [("true",), ("false",)]
        self._numbers: dict[tuple[Any, ...], Formula] = {("true",): TRUE, ("false",): FALSE}

    def _number(self, *node: Any) -> Formula:
        number = self._numbers.setdefault(node, len(self.nodes))
        if number == len(self.nodes):
            self.nodes.append(node)
        return number

    def operator(self, formula: Formula) -> str:
        """The operator of a formula."""
        return str(self.nodes[formula][0])

    def known(self, path: Path) -> Formula:
        """The fact is known."""
        if path[0] == "principal" or path[:2] == ("context", "act") or path not in ATTRIBUTES:
            return TRUE
        if self._facts_are_whole and not ATTRIBUTES[path].optional:
            return TRUE
        return self._number("known", path)

    def flag(self, path: Path) -> Formula:
        """A fact that is itself true or false."""
        return self._number("flag", path)

    def member(self, path: Path, words: Iterable[str]) -> Formula:
        """The fact is one of these words of its list."""
        among = frozenset(str(word) for word in words) & WORDS[path]
        if not among:
            return FALSE
        return TRUE if among == WORDS[path] else self._number("member", path, among)

    def holds(self, path: Path, word: str) -> Formula:
        """The set contains this word."""
        return self._number("holds", path, str(word)) if word in ELEMENTS[path] else FALSE

    def declared(self) -> Formula:
        """The kind of act is among those the project declared."""
        return self._number("declared")

    def text_is(self, path: Path, text: str) -> Formula:
        """A free text, or an identifier, is this one."""
        return self._number("is", path, text)

    def same_text(self, one: Path, other: Path) -> Formula:
        """Two free texts are the same."""
        return TRUE if one == other else self._number("same", *sorted((one, other)))

    def like(self, path: Path, pattern: str) -> Formula:
        """A free text matches a regular expression from end to end."""
        return self._number("like", path, pattern)

    def overflows(self, term: Term) -> Formula:
        """The result of this arithmetic is beyond 64 bits."""
        low, high = bounds(term)
        if low >= SMALLEST and high <= LARGEST:
            return FALSE
        return TRUE if low > LARGEST or high < SMALLEST else self._number("overflows", term)

    def compare(self, operator: str, left: Term, right: Term) -> Formula:
        """Two whole numbers under `<`, `<=` or `==`."""
        (a, b), (c, d) = bounds(left), bounds(right)
        if left == right:
            return TRUE if operator != "<" else FALSE
        if operator == "==":
            if b < c or d < a:
                return FALSE
            if a == b == c == d:
                return TRUE
            if right[0] == "field" and left[0] == "const":
                left, right = right, left
            if (left[0], right[0]) == ("field", "const"):
                return self._number("equals", left[1], right[1])
            return self._number("compare", "==", left, right)
        if operator == "<=":
            return self.negation(self.compare("<", right, left))
        if b < c:
            return TRUE
        if a >= d:
            return FALSE
        if (left[0], right[0]) == ("field", "const"):
            return self._number("below", left[1], right[1])
        if (left[0], right[0]) == ("const", "field"):
            return self.negation(self._number("below", right[1], left[1] + 1))
        return self._number("compare", "<", left, right)

    def negation(self, formula: Formula) -> Formula:
        """Not this formula."""
        node = self.nodes[formula]
        if formula in (TRUE, FALSE):
            return TRUE if formula == FALSE else FALSE
        if node[0] == "not":
            return int(node[1])
        if node[0] == "member":
            return self.member(node[1], WORDS[node[1]] - node[2])
        return self._number("not", formula)

    def _literals(self, formulas: Iterable[Formula], operator: str) -> set[Formula]:
        """The operands of a conjunction or disjunction, nested ones opened."""
        found: set[Formula] = set()
        for formula in formulas:
            node = self.nodes[formula]
            found |= node[1] if node[0] == operator else {formula}
        return found

    def _merge_members(self, operands: set[Formula], *, intersect: bool) -> set[Formula]:
        by_path: dict[Path, frozenset[str]] = {}
        rest: set[Formula] = set()
        for formula in operands:
            node = self.nodes[formula]
            if node[0] != "member":
                rest.add(formula)
            elif node[1] in by_path:
                by_path[node[1]] = by_path[node[1]] & node[2] if intersect else by_path[node[1]] | node[2]
            else:
                by_path[node[1]] = node[2]
        return rest | {self.member(path, words) for path, words in by_path.items()}

    def every(self, *formulas: Formula) -> Formula:
        """All of these."""
        operands = self._merge_members(self._literals(formulas, "and"), intersect=True) - {TRUE}
        if FALSE in operands or any(self.negation(operand) in operands for operand in operands):
            return FALSE
        operands = {o for o in operands if self.operator(o) != "or" or not (self.nodes[o][1] & operands)}
        if len(operands) < 2:
            return next(iter(operands), TRUE)
        return self._number("and", frozenset(operands))

    def some(self, *formulas: Formula) -> Formula:
        """At least one of these."""
        operands = self._merge_members(self._literals(formulas, "or"), intersect=False) - {FALSE}
        if TRUE in operands or any(self.negation(operand) in operands for operand in operands):
            return TRUE
        operands = {o for o in operands if self.operator(o) != "and" or not (self.nodes[o][1] & operands)}
        if len(operands) < 2:
            return next(iter(operands), FALSE)
        return self._number("or", frozenset(operands))

    def given(self, formula: Formula, facts: frozenset[Formula]) -> Formula:
        """The formula where these are known to hold; only a literal is simplified."""
        if formula in facts:
            return TRUE
        return FALSE if formula > FALSE and self.negation(formula) in facts else formula

    def implied(self, formula: Formula) -> frozenset[Formula]:
        """What certainly holds where this formula does: itself, and the parts of a conjunction."""
        node = self.nodes[formula]
        if node[0] == "and":
            return frozenset({formula}).union(*(self.implied(part) for part in node[1]))
        if node[0] == "not" and self.operator(node[1]) == "or":
            return frozenset({formula}).union(*(self.implied(self.negation(part)) for part in self.nodes[node[1]][1]))
        return frozenset({formula})

    def parts(self, formula: Formula) -> tuple[Formula, ...]:
        """The formulas a formula is directly made of."""
        node = self.nodes[formula]
        if node[0] in {"and", "or"}:
            return tuple(sorted(node[1]))
        return (node[1],) if node[0] == "not" else ()
