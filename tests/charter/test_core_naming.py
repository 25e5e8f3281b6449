"""A name nobody knows leads to the one that was meant; a problem points to its line and its column."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colloque.charter.core.constitution import establishment_rules
from colloque.charter.core.naming import (
    likely_action,
    likely_annotation,
    likely_attribute,
    likely_requirement,
    likely_type,
    likely_value,
    meant,
    slips,
)
from colloque.charter.core.problems import Problem
from colloque.charter.core.schema import ACTIONS, ATTRIBUTES, ENUMERATIONS

HEAD = '@id("a-rule")\n@fr("L’âge compte, et resource.agge aussi.")\n@en("Words.")\n@origin("essai")\n'


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("physicol", "physical"),
        ("anesthésie", "anaesthesia"),
        ("pilulier", "pill-preparation"),
        ("radio dentaire", "dental-reading"),
        ("téléconsultation", "teleconsultation"),
        ("aide-au-repas", "feeding-aid"),
        ("soins intimes", "intimate-care"),
        ("rendez-vous", "appointment-finding"),
        ("chutes", "fall-risk"),
        ("nothing like it at all", ""),
    ],
)
def test_the_act_that_was_meant(said: str, name: str) -> None:
    assert likely_action(said) == name


@pytest.mark.parametrize(
    ("kind", "said", "name"),
    [
        ("Situation", "fin-de-vie", "end-of-life"),
        ("Situation", "soins-palliatifs", "palliative-care"),
        ("Situation", "isolée", "isolated"),
        ("Situation", "urgence", "emergency"),
        ("Situation", "polyhandicap", "multiple-disability"),
        ("Choice", "non", "no"),
        ("Choice", "oui", "yes"),
        ("Choice", "avec-un-humain", "with-human"),
        ("Profession", "médecin", "doctor"),
        ("Profession", "infirmière", "nurse"),
        ("Profession", "aide-soignante", "care-assistant"),
        ("Autonomy", "propose", "suggests"),
        ("Track", "chevet", "bedside"),
        ("ProjectStatus", "en-service", "live"),
    ],
)
def test_the_value_that_was_meant(kind: str, said: str, name: str) -> None:
    assert likely_value(kind, said) == name


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("resource.agge", "resource.age"),
        ("resource.âge", "resource.age"),
        ("resource.choix", "resource.choice"),
        ("context.moment.heure", "context.moment.hour"),
        ("context.carer.métier", "context.carer.profession"),
        ("context.presense.human_present", "context.presence.human_present"),
        ("principal.autonomie", "principal.autonomy"),
        ("resource.xyzzy", ""),
    ],
)
def test_the_fact_that_was_meant(said: str, name: str) -> None:
    assert likely_attribute(tuple(said.split("."))) == name


def test_types_requirements_and_annotations() -> None:
    assert likely_type("Choix", ENUMERATIONS) == "Choice"
    assert likely_type("Chioce", ENUMERATIONS) == "Choice"
    assert likely_requirement("présence-humaine") == "human-presence"
    assert likely_requirement("propre-avis") == "own-assessment"
    assert likely_annotation("origine", ("id", "origin")) == "origin"


@given(st.sampled_from(sorted(ACTIONS)), st.data())
def test_one_slip_still_leads_to_the_act(name: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(name) - 1))
    slipped = name[:place] + name[place + 1 :]
    found = likely_action(slipped)
    assert found, slipped
    assert slips(found, slipped) <= 1 or found == name


@given(st.text(max_size=12), st.text(max_size=12))
def test_slips_are_a_distance(one: str, other: str) -> None:
    assert slips(one, other) == slips(other, one)
    assert (slips(one, other) == 0) is (one == other)
    assert slips(one, other) <= max(len(one), len(other))


def test_neighbours_swapped_are_one_slip() -> None:
    assert slips("chioce", "choice") == 1
    assert meant("chioce", ["choice", "cheese"]) == "choice"


def test_every_fact_and_act_is_meant_by_its_own_name() -> None:
    assert all(likely_action(name) == name for name in ACTIONS)
    assert all(likely_attribute(path) == ".".join(path) for path in ATTRIBUTES)


@pytest.mark.parametrize(
    ("body", "line", "column", "likely"),
    [
        ('forbid (principal, action in Action::"anesthésie", resource);', 5, 38, "anaesthesia"),
        (
            "forbid (principal, action, resource)\nunless { resource has agge && resource.agge > 3 };",
            6,
            23,
            "resource.age",
        ),
        ('forbid (principal, action, resource)\nwhen { resource.choice == Choice::"non" };', 6, 35, 'Choice::"no"'),
        ("forbid (principal, action, resource)\nwhen { resource.choice = 3 };", 6, 24, ""),
        ("forbid (principal, action, resource)\nwhen { (true && true };", 6, 22, ""),
        ("forbid (principal, action resource);", 5, 27, ""),
        ("fobid (principal, action, resource);", 5, 1, ""),
    ],
)
def test_a_problem_points_to_its_line_and_column(body: str, line: int, column: int, likely: str) -> None:
    problem = _first("// a comment\n" + HEAD + body)
    assert (problem.line, problem.column, problem.likely) == (line + 1, column, likely), problem


def test_two_rules_on_one_line_have_their_own_columns() -> None:
    one = '@id("a") @fr("Un.") @en("One.") @origin("x") forbid (principal, action, resource);'
    problem = _first(f"  {one} {one}")
    assert (problem.code, problem.line, problem.column) == ("id-twice", 1, len(one) + 4)


def _first(text: str) -> Problem:
    return establishment_rules(text)[1][0]
