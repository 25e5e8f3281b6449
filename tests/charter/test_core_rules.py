"""What must be corrected before a text can be a charter: each problem by its code, its line and the likely word."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colloque.charter.core.constitution import constitution, establishment_rules, packaged, reserved_ids
from colloque.charter.core.engine import Charter
from colloque.charter.core.problems import SENTENCES, InvalidCharterError, Problem
from colloque.charter.core.schema import ATTRIBUTES, kinds_of, schema_text
from colloque.charter.core.source import statements
from colloque.kernel.errors import InvalidInputError
from colloque.kernel.vocabulary import ACT_TRAITS, ActKind, Requirement

WORDS = '@fr("Des mots.")\n@en("Words.")\n@origin("essai")\n'


def _rule(body: str, *, name: str = "a-rule", more: str = "") -> str:
    return f'@id("{name}")\n{WORDS}{more}{body}'


def _problems(text: str) -> tuple[Problem, ...]:
    return establishment_rules(text)[1]


@pytest.mark.parametrize(
    ("text", "code", "line", "value", "likely"),
    [
        pytest.param(
            _rule('forbid (principal, action in Action::"physicol", resource);'),
            "unknown-action", 5, "physicol", "physical", id="action",
        ),
        pytest.param(
            _rule('forbid (principal, action, resource)\nwhen { action == Action::"cytology-redaing" };'),
            "unknown-action", 6, "cytology-redaing", "cytology-reading", id="action in a condition",
        ),
        pytest.param(
            _rule("forbid (principal, action, resource)\nunless { resource has agge && resource.agge > 3 };"),
            "unknown-attribute", 6, "resource.agge", "resource.age", id="attribute",
        ),
        pytest.param(
            _rule("forbid (principal, action, resource)\nunless { context.presense.human_present };"),
            "unknown-attribute", 6, "context.presense.human_present", "context.presence.human_present", id="record",
        ),
        pytest.param(
            _rule('forbid (principal, action, resource)\n\nwhen { resource.choice == Choice::"non" };'),
            "unknown-value", 7, 'Choice::"non"', 'Choice::"no"', id="value",
        ),
        pytest.param(
            _rule('forbid (principal, action, resource) when { resource.choice == Chioce::"no" };'),
            "unknown-type", 5, "Chioce", "Choice", id="type",
        ),
        pytest.param(
            _rule("forbid (principal, action, resource);", more='@asks("human-presense")\n'),
            "unknown-requirement", 5, "human-presense", "human-presence", id="requirement",
        ),
        pytest.param(
            _rule("forbid (principal, action, resource);", more='@orgin("x")\n'),
            "unknown-annotation", 5, "orgin", "origin", id="annotation",
        ),
        pytest.param(
            _rule("forbid (principal, action, resource)\nwhen { resource.age > 55 };"),
            "unguarded", 6, "resource.age", "resource has age &&", id="unguarded",
        ),
        pytest.param(
            _rule("forbid (principal, action, resource)\nwhen { resource has age && resource.age > 55 };"),
            "unknown-lets-pass", 6, "resource.age", "unless { resource has age && … }", id="unknown lets pass",
        ),
        pytest.param(
            _rule("permit (principal, action, resource)\nunless { resource has age && resource.age < 18 };"),
            "unknown-lets-pass", 6, "resource.age", "when { resource has age && … }", id="unknown is permitted",
        ),
        pytest.param(
            _rule("forbid (principal, action, resource)\nwhen { context.own_assessment.made };"),
            "silence-lets-pass", 6, "context.own_assessment.made", "unless { context.own_assessment.made }",
            id="what nobody recorded lets pass",
        ),
        pytest.param(
            _rule(
                "forbid (principal, action, resource)\n"
                'unless { (if context.explicit_yes.given then Choice::"yes" else Choice::"no") != resource.choice };'
            ),
            "silence-lets-pass", 6, "context.explicit_yes.given", "unless { context.explicit_yes.given }",
            id="what nobody recorded lets pass, deep in a condition",
        ),
        pytest.param(
            _rule("permit (principal, action, resource)\nunless { context.explicit_yes.given };"),
            "silence-lets-pass", 6, "context.explicit_yes.given", "when { context.explicit_yes.given }",
            id="what nobody recorded is permitted",
        ),
        pytest.param(
            _rule("forbid (principal, action, resource);", more='@asks("own-assessment")\n'),
            "asks-in-vain", 5, "own-assessment", "context.own_assessment.made", id="asks in vain",
        ),
        pytest.param(
            _rule("permit (principal, action, resource);", more='@asks("own-assessment")\n'),
            "asks-on-permit", 5, "", "", id="asks on a permit",
        ),
        pytest.param(_rule("forbid (principal, action, resource);", name="project-live"),
                     "id-reserved", 1, "project-live", "", id="id of the constitution"),
        pytest.param(_rule("forbid (principal, action, resource);", name="default-deny"),
                     "id-reserved", 1, "default-deny", "", id="id of the engine"),
        pytest.param(_rule("forbid (principal, action, resource);", name="Pas d’accents"),
                     "id-malformed", 1, "Pas d’accents", "", id="id malformed"),
        pytest.param(f"// a comment\n{WORDS}forbid (principal, action, resource);", "id-missing", 2, "", "", id="no id"),
        pytest.param('@id("x")\n@fr("Des mots.")\n@origin("o")\nforbid (principal, action, resource);',
                     "words-missing", 1, "en", "", id="no English"),
        pytest.param('@id("x")\n@fr(" ")\n@en("W.")\n@origin("o")\nforbid (principal, action, resource);',
                     "words-missing", 2, "fr", "", id="blank French"),
        pytest.param('@id("x")\n@fr("M.")\n@en("W.")\nforbid (principal, action, resource);',
                     "origin-missing", 1, "", "", id="no origin"),
        pytest.param(_rule("forbid (principal, action, resource);", more="").replace("Des mots.", "m" * 601),
                     "words-too-long", 2, "fr", "", id="words too long"),
        pytest.param(_rule('forbid (principal, action, resource == Person::"x");'),
                     "names-a-person", 5, "x", "", id="one person"),
        pytest.param(
            _rule('forbid (principal, action, resource)\nunless { context.carer has id && context.carer.id == "x" };'),
            "names-a-person", 6, "x", "", id="one carer"),
        pytest.param(_rule("forbid (principal, action, resource) when { context.carer == context.carer };"),
                     "whole-record", 5, "context.carer", "", id="a whole record"),
        pytest.param(_rule('forbid (principal, action, resource) when { decimal("1.0").lessThan(decimal("2.0")) };'),
                     "unsupported", 5, "lessThan", "", id="an extension"),
        pytest.param(
            _rule("forbid (principal, action, resource)\nunless { resource has age && "
                  "resource.age * resource.age * resource.age * resource.age > 3 };"),
            "too-large", 6, "*", "", id="overflow"),
        pytest.param(_rule("forbid (principal == ?principal, action, resource);"), "template", 5, "", "", id="template"),
        pytest.param(_rule("forbid (principal, action, resource) when { true }"), "unfinished", 1, "", "", id="unfinished"),
        pytest.param(_rule("forbid (principal, action, resource)\nwhen { 1 };"), "not-valid", 1,
                     "unexpected type: expected Bool but saw Long", "", id="whatever else Cedar refuses"),
        pytest.param(_rule("forbid (principal, action, resource)\nwhen { foo(1) };"), "cannot-parse", 6,
                     "`foo` is not a valid function", "", id="no Cedar"),
        pytest.param("forbid (principal action, resource);", "cannot-parse", 1, "unexpected token `action`", "", id="comma"),
        pytest.param(_rule("forbid (principal, action, resource) when { " + "true && " * 1200 + "true };"),
                     "too-long", 1, "4000", "", id="long rule"),
        pytest.param("//" + "x" * 200_000, "too-long", 1, "200000", "", id="long text"),
    ],
)  # fmt: skip
def test_each_problem_has_a_place_and_a_remedy(text: str, code: str, line: int, value: str, likely: str) -> None:
    problems = _problems(text)
    assert code in [problem.code for problem in problems], problems
    problem = next(problem for problem in problems if problem.code == code)
    assert problem.line == line, problem
    if value:
        assert (problem.value, problem.likely) == (value, likely)
    for language in ("fr", "en"):
        assert "{" not in problem.words(language).replace("unless {", "").replace("when {", ""), problem.words(language)


def test_two_rules_cannot_bear_one_name() -> None:
    rule = _rule("forbid (principal, action, resource);")
    problems = _problems(f"{rule}\n{rule}")
    assert [(p.code, p.line) for p in problems] == [("id-twice", 6)]


def test_everything_wrong_is_said_at_once() -> None:
    text = "\n".join(
        [
            _rule('forbid (principal, action == Action::"x", resource);', name="first"),
            _rule("forbid (principal, action, resource) when { resource.age > 1 };", name="second"),
            "forbid (principal, action, resource);",
        ]
    )
    problems = _problems(text)
    assert {problem.rule for problem in problems} == {"first", "second", ""}
    with pytest.raises(InvalidCharterError) as raised:
        Charter.compile(1, text)
    assert raised.value.problems == problems
    assert isinstance(raised.value, InvalidInputError)
    assert all(f"line {problem.line}: " in raised.value.message for problem in problems)


DEEP_SHAPES = {
    "brackets": "(" * 1800 + "true" + ")" * 1800,
    "negated brackets": "!(" * 1200 + "true" + ")" * 1200,
    "sets": "[" * 1800 + "1" + "]" * 1800,
    "brackets and operators": "(true && " * 350 + "true" + ")" * 350,
    "records": "{a:" * 900 + "1" + "}" * 900,
    "conditions": "if true then true else " * 160 + "true",
    "conjunction": "true && " * 450 + "true",
    "sum": "1 + " * 900 + "1 > 3",
    "members": "resource" + ".age" * 900 + " > 3",
    "indexes": "resource" + '["age"]' * 500 + " > 3",
    "calls": "resource.situations" + ".contains(1)" * 300,
    "has": "resource has age" + ".age" * 900,
    "clauses": "true } when { " * 250 + "true",
}


@pytest.mark.parametrize("shape", DEEP_SHAPES)
def test_deep_conditions_neither_crash_nor_make_a_charter_that_cannot_decide(shape: str) -> None:
    """In another process with a small stack: Cedar's parser recurses, and ends the process where nothing holds it."""
    text = _rule(f"forbid (principal, action, resource) when {{ {DEEP_SHAPES[shape]} }};")
    assert len(text) < 4_000
    program = (
        "import sys, threading\n"
        "from colloque.charter.core.constitution import CANNOT_DECIDE, establishment_rules\n"
        "from colloque.charter.core.engine import Charter\n"
        "from tests.charter.acts import act\n"
        "text = sys.stdin.read()\n"
        "def run():\n"
        "    problems = establishment_rules(text)[1]\n"
        "    if not problems:\n"
        "        assert CANNOT_DECIDE not in Charter.compile(1, text).decide(act()).rules\n"
        "    print([problem.code for problem in problems])\n"
        "threading.stack_size(1024 * 1024)\n"
        "thread = threading.Thread(target=run)\n"
        "thread.start()\n"
        "thread.join()\n"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=text,
        env={"PYTHONPATH": f"{root / 'src'}:{root}", "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), f"{shape}: exit {done.returncode}"
    assert done.stdout.startswith("[")


def test_every_problem_can_be_told_in_both_languages() -> None:
    for code in SENTENCES:
        problem = Problem(code, 3, "a-rule", "valeur", "peut-être")
        assert problem.words("fr")
        assert problem.words("en")
        assert problem.words("fr") != problem.words("en")


def test_text_is_cut_at_semicolons_outside_strings_and_comments() -> None:
    text = '// a; b\n@id("a;b") forbid (principal, // c;\n action, resource);\n\n  permit (x);\n// end'
    cut = statements(text)
    assert [(s.line, s.ended) for s in cut] == [(2, True), (5, True)]
    assert cut[0].text.startswith('@id("a;b")')
    assert [s.ended for s in statements('forbid "a\\"; b')] == [False]


@settings(max_examples=150, deadline=None)
@given(
    st.text(max_size=60)
    | st.text(alphabet='@id("x)fr{};/\\\n &|!= .forbidpermitprincipalactionresourcewhen1é', max_size=80)
)
def test_any_text_is_either_a_charter_or_has_problems(text: str) -> None:
    rules, problems = establishment_rules(text)
    assert bool(problems) or len(rules) == len(statements(text))


def test_the_shipped_texts_can_be_adopted() -> None:
    assert len(constitution()) == 10
    assert not _problems(packaged("starter"))
    assert not _problems(packaged("options"))
    starter = {rule.id for rule in establishment_rules(packaged("starter"))[0]}
    assert not starter & reserved_ids()


def test_the_constitution_only_forbids() -> None:
    assert {rule.effect for rule in constitution()} == {"forbid"}


def test_the_schema_speaks_of_every_kind_of_act_and_every_trait() -> None:
    assert {kind for kind in ActKind if f'action "{kind.value}" in' in schema_text()} == set(ActKind)
    assert kinds_of("physical") == {kind for kind in ActKind if ACT_TRAITS[kind].physical}
    assert kinds_of("own-assessment-first") == {kind for kind in ActKind if ACT_TRAITS[kind].own_assessment_first}
    assert kinds_of("diagnosis") >= {ActKind.CYTOLOGY_READING}
    assert kinds_of("nothing") == frozenset()
    assert ("resource", "age") in ATTRIBUTES


@pytest.mark.parametrize("requirement", Requirement)
def test_each_requirement_can_be_asked(requirement: Requirement) -> None:
    from colloque.charter.core.conditions import LIFTED_BY

    body = f"forbid (principal, action, resource) unless {{ {LIFTED_BY[requirement]} }};"
    assert not _problems(_rule(body, more=f'@asks("{requirement}")\n'))
    named = _rule(body, more=f'@asks("{requirement}")\n').replace("};", "&& (context.carer has id) };")
    assert [p.code for p in _problems(named)] == ["asks-in-vain"], (
        "something else must be there too: providing it is not enough"
    )
