"""An installation speaks: the package that is built carries its compiled catalogues, its style and its rules."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from django.conf import settings

from tools import messages

ROOT = Path(__file__).resolve().parents[2]


def test_a_wheel_carries_catalogues_that_were_never_compiled_here(tmp_path: Path) -> None:
    pytest.importorskip("hatchling", reason="hatchling is not installed: see requirements/build.txt")
    copy = tmp_path / "copy"
    shutil.copytree(ROOT / "src", copy / "src", ignore=shutil.ignore_patterns("*.mo", "__pycache__"))
    (copy / "tools").mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", "tools/build_hook.py", "tools/messages.py"):
        shutil.copy(ROOT / name, copy / name)
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "out")],
        cwd=copy, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    (wheel,) = (tmp_path / "out").glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for room in messages.rooms():
        for language in messages.LANGUAGES:
            path = messages.path_of(room, language)
            if path.is_file():
                assert path.with_suffix(".mo").relative_to(ROOT / "src").as_posix() in names
    assert "colloque/web/static/web/style.css" in names
    assert not any(name.startswith(("tests/", "tools/")) for name in names)


def test_django_finds_every_catalogue() -> None:
    looked_at = {name.removeprefix("colloque.") for name in settings.INSTALLED_APPS}
    looked_at |= {Path(path).parent.name for path in settings.LOCALE_PATHS}
    speaking = {room.name for room in messages.rooms() if messages.path_of(room, "en").is_file()}
    assert speaking - looked_at <= {"demo"}, "the demonstration is installed only where it runs"
