"""The house keeps its shape: pure cores, rows behind actions, files one can read, names that say something."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "colloque"
ROOMS = sorted(path.parent.name for path in SOURCE.glob("*/models.py"))

IMPURE_MODULES = {"random", "secrets", "socket", "subprocess", "threading", "asyncio", "requests", "urllib.request"}
IMPURE_CALLS = {"now", "utcnow", "today", "uuid4", "uuid1", "urandom", "token_bytes", "perf_counter", "monotonic"}
MAY_TOUCH_ROWS = {"models", "access", "queries", "actions", "tasks", "migrations", "admission"}
EMPTY_NAMES = {"utils", "helpers", "manager", "managers", "base", "common", "misc"}
NAMED_BY_DJANGO = {"config/postgresql/base.py"}  # where it looks for the wrapper of a database engine
LINES_OF_A_FILE = 650


def modules(*patterns: str) -> list[Path]:
    return sorted(path for pattern in patterns for path in SOURCE.glob(pattern) if "migrations" not in path.parts)


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode != 0:
        pytest.skip("This is not a git checkout, so there is no list of the project's own files.")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


@pytest.mark.parametrize(
    "path", modules("*/core/**/*.py", "kernel/*.py", "fhir/*.py"), ids=lambda p: str(p.relative_to(SOURCE))
)
def test_core_reads_no_clock_and_draws_no_randomness(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            assert not {alias.name for alias in node.names} & IMPURE_MODULES, (
                f"{path}:{node.lineno} imports what is not pure"
            )
        if isinstance(node, ast.ImportFrom):
            assert node.module not in IMPURE_MODULES, f"{path}:{node.lineno} imports what is not pure"
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            assert name not in IMPURE_CALLS, f"{path}:{node.lineno} calls {name}(): give it as an argument"


@pytest.mark.parametrize("path", modules("*/**/*.py"), ids=lambda p: str(p.relative_to(SOURCE)))
def test_only_the_rooms_furniture_touches_rows(path: Path) -> None:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    if parts[0] in {"demo", "reference_ai"} or set(parts) & MAY_TOUCH_ROWS:
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and node.attr == "objects":
            raise AssertionError(f"{path}:{node.lineno} reads or writes rows: ask a query or an action")


@pytest.mark.parametrize("path", modules("**/*.py"), ids=lambda p: str(p.relative_to(SOURCE)))
def test_a_file_can_be_read_at_one_sitting_and_its_name_says_something(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LINES_OF_A_FILE, f"{path} wants to be a folder"
    if path.relative_to(SOURCE).as_posix() not in NAMED_BY_DJANGO:
        assert path.stem not in EMPTY_NAMES, f"{path} has a name that says nothing"


def test_migrations_can_go_back() -> None:
    for path in SOURCE.glob("*/migrations/*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""
            if name in {"RunSQL", "RunPython"}:
                assert isinstance(node, ast.Call)
                backward = len(node.args) >= 2 or any(k.arg in {"reverse_sql", "reverse_code"} for k in node.keywords)
                assert backward, f"{path}:{node.lineno} cannot be undone"


def test_the_project_names_no_machine_and_no_package_index() -> None:
    forbidden = re.compile(
        r"(/work/|/root/|files\.pythonhosted|pypi\.org/simple|registry\.npmjs|--(extra-)?index-url[ =]\S+[.:]deb\.debian\.org)"
    )
    for path in tracked():
        if path == Path(__file__).resolve() or path.suffix in {".png", ".mo"}:
            continue
        text = path.read_text(encoding="utf-8", errors="ignore")
        if found := forbidden.search(text):
            raise AssertionError(f"{path} names {found.group(0)!r}")


def test_every_room_stands_in_the_settings() -> None:
    from django.conf import settings

    for room in ROOMS:
        if room != "demo":
            assert f"colloque.{room}" in settings.INSTALLED_APPS, f"{room} has tables but is not installed"
