"""What a replay and an analysis found, told in words, in `fr` or `en`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from colloque.charter.core.analysis import Analysis, Answer, Comparison, Example, Found, Trouble
from colloque.charter.core.cases import case_told
from colloque.charter.core.constitution import DEFAULT_DENY
from colloque.charter.core.difference import RuleDifference
from colloque.charter.core.engine import Charter
from colloque.charter.core.history import Change
from colloque.charter.core.lexicon import ACTS, EVENTS, STATES, Named
from colloque.charter.core.replay import NONE, UNKNOWN, Case, Finding, ReplayReport
from colloque.charter.core.rules import split_words
from colloque.kernel.vocabulary import Situation, VerdictKind

TROUBLES: Mapping[Trouble, Named] = {
    Trouble.DEAD: Named(
        "« {rule} » ne s’applique jamais : aucun acte possible ne la remplit.",
        "“{rule}” never applies: no act that could be satisfies it.",
    ),
    Trouble.SHADOWED: Named(
        "« {rule} » ne change rien : sans elle, toutes les réponses seraient les mêmes.",
        "“{rule}” changes nothing: without it, every answer would be the same.",
    ),
    Trouble.CONTRADICTED: Named(
        "« {rule} » ne permet rien : d’autres règles refusent tous les actes qu’elle permet.",
        "“{rule}” permits nothing: other rules refuse every act it permits.",
    ),
    Trouble.CLOSES_EVERYTHING: Named(
        "« {rule} » ferme tout : avec elle, plus aucun acte ne peut être permis.",
        "“{rule}” closes everything: with it, no act at all can be permitted.",
    ),
    Trouble.UNKNOWN: Named(
        "« {rule} » : pas de réponse. La question est restée ouverte ; ce n’est pas un non.",
        "“{rule}”: no answer. The question stays open; that is not a no.",
    ),
}
BY_ANOTHER: Mapping[Trouble, Named] = {
    Trouble.SHADOWED: Named(
        "« {rule} » ne change rien : « {by} » s’applique partout où elle s’applique.",
        "“{rule}” changes nothing: “{by}” applies wherever it does.",
    ),
    Trouble.CONTRADICTED: Named(
        "« {rule} » ne permet rien : « {by} » refuse tous les actes qu’elle permet.",
        "“{rule}” permits nothing: “{by}” refuses every act it permits.",
    ),
}
ALREADY_CLOSED = Named(
    "« {rule} » ne change rien : aucune règle ne permet ces actes, ils sont déjà refusés.",
    "“{rule}” changes nothing: no rule permits these acts, they are refused already.",
)
BECOMES: Mapping[VerdictKind, Mapping[Answer, Named]] = {
    VerdictKind.REFUSED: {
        Answer.YES: Named("Un acte serait nouvellement refusé", "An act would newly be refused"),
        Answer.NO: Named("Aucun acte ne serait nouvellement refusé.", "No act would newly be refused."),
        Answer.UNKNOWN: Named(
            "On ne sait pas si un acte serait nouvellement refusé.",
            "Whether an act would newly be refused is not known.",
        ),
    },
    VerdictKind.PERMITTED: {
        Answer.YES: Named("Un acte serait nouvellement permis", "An act would newly be permitted"),
        Answer.NO: Named("Aucun acte ne serait nouvellement permis.", "No act would newly be permitted."),
        Answer.UNKNOWN: Named(
            "On ne sait pas si un acte serait nouvellement permis.",
            "Whether an act would newly be permitted is not known.",
        ),
    },
    VerdictKind.ASKS: {
        Answer.YES: Named("Pour un acte, il faudrait nouvellement demander", "An act would newly have to ask"),
        Answer.NO: Named("Pour aucun acte il ne faudrait nouvellement demander.", "No act would newly have to ask."),
        Answer.UNKNOWN: Named(
            "On ne sait pas s’il faudrait nouvellement demander.",
            "Whether an act would newly have to ask is not known.",
        ),
    },
}
EFFECTS: Mapping[str, Named] = {
    "newly_refused": Named("nouvellement refusés", "newly refused"),
    "newly_permitted": Named("nouvellement permis", "newly permitted"),
    "newly_asking": Named("nouvellement en attente d’une demande", "newly asking"),
}
VERDICTS: Mapping[VerdictKind, Named] = {
    VerdictKind.PERMITTED: Named("permis", "permitted"),
    VerdictKind.ASKS: Named("en attente d’une demande", "asking"),
    VerdictKind.REFUSED: Named("refusé", "refused"),
}
DIMENSION_NAMES: Mapping[str, Named] = {
    "act_kind": Named("par type d’acte", "by kind of act"),
    "unit": Named("par unité", "by unit"),
    "age_band": Named("par âge", "by age"),
    "sex": Named("par sexe", "by sex"),
    "situation": Named("par situation", "by situation"),
    "project": Named("par projet", "by project"),
    "month": Named("par mois", "by month"),
    "hour": Named("par heure", "by hour"),
}
SEXES: Mapping[str, Named] = {
    "female": Named("femmes", "women"),
    "male": Named("hommes", "men"),
    "other": Named("autre sexe", "another sex"),
}
SIGNS: Mapping[Change, str] = {Change.ADDED: "+", Change.CHANGED: "~", Change.REMOVED: "-"}
NOT_KNOWN = Named("inconnu", "not known")
NO_SITUATION = Named("aucune situation particulière", "no particular situation")


def value_told(dimension: str, value: str, language: str) -> str:
    """A value of a dimension as people read it."""
    if value == UNKNOWN:
        return NOT_KNOWN(language)
    if dimension == "situation":
        if value == NONE:
            return NO_SITUATION(language)
        named = STATES.get(Situation(value)) or EVENTS[Situation(value)]
        return named(language)
    if dimension == "age_band":
        low, _, high = value.partition("-")
        if not high:
            return Named(f"{value.removesuffix('+')} ans et plus", f"{value.removesuffix('+')} and over")(language)
        return Named(f"de {low} à {high} ans", f"{low} to {high}")(language)
    if dimension == "hour":
        return Named(f"{value} h", f"{value}:00")(language)
    known = {"act_kind": ACTS, "sex": SEXES}.get(dimension, {})
    return known[value](language) if value in known else value


def rule_told(charter: Charter, rule_id: str, language: str) -> str:
    """The title of a rule."""
    return split_words(charter.words(rule_id, language))[0]


def trouble_told(found: Found, titled: Callable[[str], str], language: str) -> str:
    """One thing found about a rule; `titled` gives the title of a rule by its id."""
    sentence = TROUBLES[found.trouble]
    if found.by == DEFAULT_DENY:
        sentence = ALREADY_CLOSED
    elif found.by:
        sentence = BY_ANOTHER.get(found.trouble, sentence)
    by = titled(found.by) if found.by else ""
    return sentence(language).format(rule=titled(found.rule), by=by)


def analysis_told(analysis: Analysis, charter: Charter, language: str) -> Iterator[str]:
    """Everything found in a charter, one sentence each."""
    for found in analysis.found:
        yield trouble_told(found, lambda rule: rule_told(charter, rule, language), language)
    if analysis.never_permitted:
        acts = ", ".join(ACTS[kind](language) for kind in analysis.never_permitted)
        yield Named(f"Jamais permis, quoi qu’il arrive : {acts}.", f"Never permitted, whatever happens: {acts}.")(
            language
        )


def example_told(example: Example, after: Charter, language: str) -> str:
    """Whether an act's verdict may become this one, and such an act."""
    told = BECOMES[example.becomes][example.answer](language)
    if example.facts is None or example.before is None:
        return told
    case = ", ".join(case_told(example.facts, language))
    rules = ", ".join(
        f"« {r} »" if language == "fr" else f"“{r}”" for r in _titles(example.after_rules, after, language)
    )
    before = VERDICTS[example.before](language)
    return told + Named(
        f" : {case}. Avant : {before}. Règle : {rules}.", f": {case}. Before: {before}. Rule: {rules}."
    )(language)


def _titles(rules: tuple[str, ...], charter: Charter, language: str) -> list[str]:
    return [rule_told(charter, rule_id, language) for rule_id in rules]


def comparison_told(comparison: Comparison, after: Charter, language: str) -> Iterator[str]:
    """The three answers."""
    for example in comparison.examples:
        yield example_told(example, after, language)


def finding_told(finding: Finding, language: str) -> str:
    """Where a proposal weighs far more on one group, with its numbers."""
    group = f"{DIMENSION_NAMES[finding.dimension](language)}, {value_told(finding.dimension, finding.value, language)}"
    effect = EFFECTS[finding.effect](language)
    mine, others = (_share(rate, language) for rate in (finding.rate, finding.other_rate))
    weight = finding.weight
    numbers = Named(
        f"{mine} actes sur 100 {effect}, contre {others} sur 100 pour les autres "
        f"({weight.people_touched} personnes sur {weight.people}, contre {weight.other_people_touched} sur "
        f"{weight.other_people})",
        f"{mine} acts in 100 {effect}, against {others} in 100 for everyone else "
        f"({weight.people_touched} people out of {weight.people}, against {weight.other_people_touched} out of "
        f"{weight.other_people})",
    )(language)
    return Named(
        f"La proposition pèse bien plus sur un groupe ({group}) : {numbers}.",
        f"The proposal weighs far more on one group ({group}): {numbers}.",
    )(language)


def _share(rate: float, language: str) -> str:
    told = f"{round(100 * rate, 1):g}"
    return told.replace(".", ",") if language == "fr" else told


def count_told(count: int | None, least: int, language: str) -> str:
    """A count, or that it is hidden."""
    return Named(f"caché (moins de {least})", f"hidden (under {least})")(language) if count is None else f"{count}"


def case_line(case: Case, charter: Charter, language: str) -> str:
    """One act that really happened, and what would have become of it."""
    facts = [ACTS[case.act_kind](language), value_told("age_band", case.age_band, language)]
    facts += [value_told("situation", situation, language) for situation in case.situations]
    if case.hour is not None:
        facts.append(value_told("hour", str(case.hour), language))
    rules = ", ".join(_titles(case.after_rules, charter, language))
    then, now = VERDICTS[case.before](language), VERDICTS[case.after](language)
    return f"{', '.join(facts)}{_colon(language)}{then} → {now} ({rules})"


def summary_told(report: ReplayReport, language: str) -> str:
    """The whole effect in one sentence."""
    counts = [count_told(getattr(report, name), report.min_cell, language) for name in EFFECTS]
    told = ", ".join(f"{count} {EFFECTS[name](language)}" for count, name in zip(counts, EFFECTS, strict=True))
    return Named(f"Sur {report.acts} actes : {told}.", f"Out of {report.acts} acts: {told}.")(language)


def differences_told(differences: Iterable[RuleDifference], language: str) -> Iterator[str]:
    """What became of each rule, a line each, and a line for each answer that changed."""
    for found in differences:
        told = found.sentence_after or found.sentence_before
        words = found.rule.words[language] + (f" [{told}]" if told and not found.shifts else "")
        yield f"{SIGNS[found.change]} {found.rule.id}{_colon(language)}{words}"
        for shift in found.shifts:
            before, after = (side or "…" for side in (shift.before, shift.after))
            yield f"    {shift.question}{_colon(language)}{before} → {after}"
        if found.is_text:
            yield "    " + Named("le texte Cedar a changé", "the Cedar text has changed")(language)
        if found.change is Change.CHANGED and found.has_new_words and found.before is not None:
            yield "    " + Named("avant : ", "before: ")(language) + found.before.words[language]
        if found.change is Change.CHANGED and found.has_new_origin and found.after is not None:
            yield "    " + Named("origine : ", "origin: ")(language) + found.after.origin[language]


def _colon(language: str) -> str:
    return " : " if language == "fr" else ": "
