"""`colloque charter simulate`, `analyse`, `diff`, `export` and `import` from the command line, without a database."""

from __future__ import annotations

import json
from pathlib import Path

import cedarpy
import pytest

from benchmarks.decide import acts
from colloque.charter.core.acts_table import facts_table, write_acts
from colloque.charter.core.constitution import packaged
from colloque.charter.core.engine import Charter
from colloque.charter.core.exchange import exported, imported
from colloque.charter.core.problems import InvalidCharterError
from colloque.charter.core.schema import schema_text
from colloque.cli import main
from tests.charter.test_core_analysis import NOT_OVER_55, STARTER, WORDS
from tests.charter.test_core_replay import TABLE


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    """The starter, the starter with a rule on age, and acts."""
    (tmp_path / "starter.cedar").write_text(STARTER, encoding="utf-8")
    (tmp_path / "proposed.cedar").write_text(STARTER + NOT_OVER_55, encoding="utf-8")
    write_acts(TABLE, tmp_path / "acts.parquet")
    return {path.stem: str(path) for path in tmp_path.iterdir()}


def _said(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.principle("B11")
def test_a_proposal_is_simulated_on_a_file_of_acts(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    command = ["charter", "simulate", files["proposed"], "--before", files["starter"], "--acts", files["acts"]]
    assert main(command) == 0
    told = _said(capsys)
    assert told.startswith("Sur 3000 actes : ")
    assert "85 ans et plus" in told
    assert "La proposition pèse bien plus sur un groupe" in told
    assert main([*command, "--language", "en"]) == 0
    assert "85 and over" in _said(capsys)
    assert main([*command, "--json", "--min-cell", "10"]) == 0
    report = json.loads(_said(capsys))
    assert report["min_cell"] == 10
    assert report["newly_refused"] > 0
    assert main(["charter", "simulate", files["proposed"], "--acts", files["acts"], "--json"]) == 0
    assert json.loads(_said(capsys))["before"]["permitted"] == 0, "without a charter the constitution permits nothing"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"acts": "nowhere.parquet"}, "cannot be read as a Parquet table"),
        ({"acts": "starter"}, "cannot be read as a Parquet table"),
        ({"proposed": "acts"}, "not UTF-8"),
        ({"proposed": "nowhere.cedar"}, "cannot be read"),
    ],
)
def test_files_that_are_not_what_they_should_be(
    files: dict[str, str], capsys: pytest.CaptureFixture[str], change: dict[str, str], said: str
) -> None:
    taken = {**files, **{name: files.get(other, other) for name, other in change.items()}}
    assert main(["charter", "simulate", taken["proposed"], "--acts", taken["acts"]]) == 2
    assert said in capsys.readouterr().err


def test_numbers_that_cannot_be_asked_for(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["charter", "simulate", files["starter"], "--acts", files["acts"], "--min-cell", "1"]) == 2
    assert "nobody's business" in capsys.readouterr().err
    assert main(["charter", "analyse", files["starter"], "--timeout", "0"]) == 2
    assert "--timeout" in capsys.readouterr().err


def test_idle_rules_are_told(files: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "more.cedar"
    path.write_text(STARTER + f'@id("no") {WORDS} forbid (principal, action, resource);', encoding="utf-8")
    assert main(["charter", "analyse", str(path), "--language", "en"]) == 1
    assert "closes everything" in _said(capsys)
    assert main(["charter", "analyse", str(path), "--json"]) == 1
    told = json.loads(_said(capsys))
    assert "closes-everything" in [found["trouble"] for found in told["found"]]
    assert len(told["words"]) > 3
    path.write_text(
        f'@id("all") {WORDS} permit (principal, action in [Action::"weight", Action::"glucose"], resource);',
        encoding="utf-8",
    )
    assert main(["charter", "analyse", str(path), "--json"]) == 0


def test_what_changes_is_told_in_words_and_by_a_case(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["charter", "diff", files["starter"], files["proposed"]]) == 1
    told = _said(capsys)
    assert "+ not-over-55 : Des mots." in told
    assert "plus de 55 ans" in told
    assert "Aucun acte ne serait nouvellement permis." in told
    assert "Un acte serait nouvellement refusé : " in told
    assert main(["charter", "diff", files["proposed"], files["starter"], "--json", "--language", "en"]) == 1
    found = json.loads(_said(capsys))
    assert (found["added"], found["changed"], found["removed"]) == ([], [], ["not-over-55"])
    assert {e["becomes"]: e["answer"] for e in found["effect"]["examples"]}["refused"] == "no"
    assert main(["charter", "diff", files["starter"], files["starter"]]) == 0


def test_each_answer_that_changed_has_its_line(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    path = Path(files["proposed"])
    older = path.with_name("older.cedar")
    older.write_text(path.read_text(encoding="utf-8").replace("<= 55", "<= 65"), encoding="utf-8")
    assert main(["charter", "diff", files["proposed"], str(older), "--language", "en"]) == 1
    told = _said(capsys)
    assert "~ not-over-55: Words." in told
    assert "55" in told
    assert "65" in told
    assert "An act would newly be permitted: " in told
    assert "No act would newly be refused." in told


def test_an_export_is_what_cedar_reads(
    files: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "export"
    assert main(["charter", "export", files["proposed"], "--to", str(folder)]) == 0
    assert _said(capsys).count("\n") == 3
    policies = (folder / "policies.cedar").read_text(encoding="utf-8")
    schema = (folder / "schema.cedarschema").read_text(encoding="utf-8")
    assert schema == schema_text()
    assert cedarpy.validate_policies(policies, schema).validation_passed
    assert cedarpy.policies_from_json_str((folder / "policies.json").read_text(encoding="utf-8"))
    for name in ("policies.cedar", "policies.json"):
        assert main(["charter", "import", str(folder / name)]) == 0
        again = Charter.compile(1, capsys.readouterr().out)
        assert [rule.policy for rule in again.rules] == sorted(
            [rule.policy for rule in Charter.compile(1, STARTER + NOT_OVER_55).rules],
            key=lambda policy: [rule.policy for rule in again.rules].index(policy),
        )
    assert main(["charter", "export", files["proposed"], "--to", files["acts"]]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_an_import_cannot_change_the_constitution(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = exported(Charter.compile(1, packaged("starter")))["policies.cedar"]
    weaker = whole.replace('resource.choice == Choice::"no"', 'resource.choice == Choice::"no" && false', 1)
    with pytest.raises(InvalidCharterError) as caught:
        imported(weaker)
    assert [problem.code for problem in caught.value.problems] == ["id-reserved"]
    path = tmp_path / "weaker.cedar"
    path.write_text(weaker, encoding="utf-8")
    assert main(["charter", "import", str(path)]) == 2
    assert "patient-refusal" in capsys.readouterr().err
    with pytest.raises(InvalidCharterError):
        imported('{"staticPolicies": 3}')


def test_exported_policies_decide_as_the_charter_does() -> None:
    charter = Charter.compile(1, STARTER)
    again = Charter.compile(1, imported(exported(charter)["policies.json"]))
    for these in acts(200):
        first, second = charter.decide(these), again.decide(these)
        assert (first.kind, set(first.rules)) == (second.kind, set(second.rules))


def test_a_table_of_no_acts(tmp_path: Path, files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    write_acts(facts_table([]), tmp_path / "none.parquet")
    assert main(["charter", "simulate", files["proposed"], "--acts", str(tmp_path / "none.parquet")]) == 0
    assert _said(capsys).startswith("Sur 0 actes")
