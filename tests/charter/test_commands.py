"""`colloque charter` from the command line, without Django and without a database."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from colloque.charter.core.constitution import packaged
from colloque.cli import main
from colloque.kernel.vocabulary import ChoiceAnswer
from tests.charter.acts import act


@pytest.fixture
def starter(tmp_path: Path) -> Path:
    """The starter charter in a file."""
    path = tmp_path / "charter.cedar"
    path.write_text(packaged("starter"), encoding="utf-8")
    return path


def _facts(tmp_path: Path, **changes: object) -> Path:
    path = tmp_path / "facts.json"
    path.write_bytes(msgspec.json.encode(act(**changes)))  # type: ignore[arg-type]
    return path


def test_a_charter_that_can_be_adopted(starter: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["charter", "check", str(starter)]) == 0
    out = capsys.readouterr().out
    assert "never-alone-with-robot: Jamais seul avec un robot." in out
    assert main(["charter", "check", str(starter), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["problems"] == []
    assert "birth-closed" in told["rules"]


def test_a_file_saved_with_a_byte_order_mark_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "notepad.cedar"
    path.write_text(packaged("starter").replace("\n", "\r\n"), encoding="utf-8-sig")
    assert main(["charter", "check", str(path)]) == 0
    assert "birth-closed" in capsys.readouterr().out


def test_problems_have_file_line_and_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.cedar"
    path.write_text(packaged("starter").replace('"anaesthesia", resource', '"anesthesia", resource'), encoding="utf-8")
    assert main(["charter", "check", str(path)]) == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"{path}:10:38: anaesthesia-closed: ")
    assert line.endswith("Peut-être : anaesthesia.")
    assert main(["charter", "check", str(path), "--json", "--language", "en"]) == 1
    problem = json.loads(capsys.readouterr().out)["problems"][0]
    assert (problem["code"], problem["line"], problem["likely"]) == ("unknown-action", 10, "anaesthesia")


@pytest.mark.parametrize(
    ("changes", "code", "word"),
    [
        ({}, 0, "permitted"),
        ({"own_assessment__made": False}, 3, "asks"),
        ({"person__choice": ChoiceAnswer.NO}, 4, "refused"),
    ],
)
def test_the_exit_code_is_the_verdict(
    starter: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, object], code: int, word: str
) -> None:
    facts = _facts(tmp_path, **changes)
    assert main(["charter", "decide", str(starter), "--facts", str(facts)]) == code
    assert capsys.readouterr().out.splitlines()[0] == word
    assert main(["charter", "decide", str(starter), "--facts", str(facts), "--json"]) == code
    told = json.loads(capsys.readouterr().out)
    assert told["kind"] == word
    assert told["words"]


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ("{", "does not hold the facts of an act"),
        ('{"act_kind": "cytology-reading"}', "missing required field"),
        (None, "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_said(
    starter: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], facts: str | None, said: str
) -> None:
    path = tmp_path / "facts.json"
    if facts is not None:
        path.write_text(facts, encoding="utf-8")
    assert main(["charter", "decide", str(starter), "--facts", str(path)]) == 2
    assert said in capsys.readouterr().err


def test_a_misspelt_fact_is_not_taken_for_an_unknown_one(
    starter: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = _facts(tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace('"situations"', '"situation"'), encoding="utf-8")
    assert main(["charter", "decide", str(starter), "--facts", str(path)]) == 2
    assert "situation" in capsys.readouterr().err


def test_a_broken_charter_decides_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.cedar"
    path.write_text("permit (principal, action, resource);", encoding="utf-8")
    assert main(["charter", "decide", str(path), "--facts", str(_facts(tmp_path))]) == 2
    assert "line 1: " in capsys.readouterr().err
    path.write_bytes(b"\xff\xfe")
    assert main(["charter", "check", str(path)]) == 2


@pytest.mark.parametrize("name", ["constitution", "starter", "options", "schema"])
def test_shipped_texts_can_be_printed(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["charter", "print", name]) == 0
    assert len(capsys.readouterr().out) > 1000


def test_django_is_not_needed(starter: Path, tmp_path: Path) -> None:
    program = (
        "import sys; from colloque.cli import main; code = main(sys.argv[1:]);"
        "assert not any(name == 'django' or name.startswith('django.') for name in sys.modules); sys.exit(code)"
    )
    source = Path(__file__).resolve().parents[2] / "src"
    done = subprocess.run(
        [sys.executable, "-c", program, "charter", "decide", str(starter), "--facts", str(_facts(tmp_path))],
        env={"PYTHONPATH": str(source), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
