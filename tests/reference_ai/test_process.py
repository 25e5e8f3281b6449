"""The aid as a program apart: what it loads, how it starts, how it refuses to start, and the cases it makes up."""

from __future__ import annotations

import ast
import json
import os
import signal
import socket
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.reference_ai.service import SOURCE, running

ROOM = SOURCE / "colloque" / "reference_ai"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
    )


def test_it_loads_nothing_of_ours_and_nothing_heavy() -> None:
    script = (
        "import sys, colloque.reference_ai.__main__, colloque.reference_ai.synthetic\n"
        "print('\\n'.join(sorted(sys.modules)))"
    )
    loaded = run("-c", script).stdout.split()
    ours = {name for name in loaded if name.startswith("colloque.") and not name.startswith("colloque.reference_ai")}
    assert ours == set()
    assert not {"numpy", "scipy", "sklearn", "django", "asyncpg", "psycopg", "aiohttp"} & set(loaded)


def test_nothing_of_ours_imports_it() -> None:
    for path in (SOURCE / "colloque").rglob("*.py"):
        if ROOM in path.parents:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert not any(name.startswith("colloque.reference_ai") for name in names), path


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--port", "0", "--host", "0.0.0.0"], "outside loopback"),
        (["--port", "0", "--trust", "x.json"], "go together"),
        (["--port", "0", "--issuer", "x", "--audience", "y"], "go together"),
        (["--port", "0", "--trust", "absent.json", "--issuer", "x", "--audience", "y"], "cannot start"),
        (["--port", "99999"], "cannot start"),
        ([], "--port"),
    ],
)
def test_it_refuses_to_start_in_words(arguments: list[str], why: str) -> None:
    ended = run("-m", "colloque.reference_ai", *arguments)
    assert ended.returncode == 2
    assert why in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_port_already_taken_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = run("-m", "colloque.reference_ai", "--port", str(taken.getsockname()[1]))
    assert ended.returncode == 2
    assert "cannot start" in ended.stderr


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_asked_to_stop_it_stops_at_once_and_silently(asked: signal.Signals) -> None:
    with running(stop=asked) as service:
        assert service.get("/cds-services").status == 200


def test_two_live_side_by_side() -> None:
    with running() as one, running() as other:
        assert one.address != other.address
        assert one.get("/cds-services").status == other.get("/cds-services").status == 200


def test_made_up_cases_are_the_same_from_the_same_seed(tmp_path: Path) -> None:
    lines = run("-m", "colloque.reference_ai.synthetic", "--seed", "7", "--count", "60").stdout
    assert lines == run("-m", "colloque.reference_ai.synthetic", "--seed", "7", "--count", "60").stdout
    assert lines != run("-m", "colloque.reference_ai.synthetic", "--seed", "8", "--count", "60").stdout
    made = [json.loads(line) for line in lines.splitlines()]
    assert len(made) == 60
    assert {case["observation"]["resourceType"] for case in made} == {"Observation"}
    assert Counter(case["status"] for case in made).most_common(1)[0][0] == "answered"


@pytest.mark.parametrize("status", ["answered", "abstained", "outside"])
@pytest.mark.parametrize("label", ["benign", "malignant"])
def test_cases_of_each_kind_can_be_asked_for(status: str, label: str) -> None:
    ended = run(
        "-m", "colloque.reference_ai.synthetic", "--seed", "1", "--count", "5", "--label", label, "--status", status
    )
    made = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [(case["label"], case["status"]) for case in made] == [(label, status)] * 5
