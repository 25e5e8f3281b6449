"""Templates: each one compiles, is used by somebody, and leads only to pages that exist."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.template import engines
from django.template.loader import get_template
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

SOURCE = Path(__file__).resolve().parents[2] / "src" / "colloque"
TEMPLATES = {
    path.relative_to(folder).as_posix(): path
    for folder in SOURCE.glob("*/templates")
    for path in folder.rglob("*")
    if path.suffix in {".html", ".txt"}
}
BY_NAME = sorted(TEMPLATES)
CALLED_BY_DJANGO = {"500.html"}


def _allauth_ships(name: str) -> bool:
    spec = find_spec("allauth")
    assert spec is not None
    assert spec.origin is not None
    return (Path(spec.origin).parent / "templates" / name).is_file()


def _names(patterns: list[URLPattern | URLResolver], spaces: str = "") -> set[str]:
    found = set()
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            space = f"{pattern.namespace}:" if pattern.namespace else ""
            found |= _names(pattern.url_patterns, spaces + space)
        elif pattern.name:
            found.add(spaces + pattern.name)
    return found


@pytest.mark.parametrize("name", BY_NAME)
def test_a_template_compiles(name: str) -> None:
    engines["django"].from_string(TEMPLATES[name].read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", BY_NAME)
def test_a_template_leads_only_to_pages_that_exist(name: str) -> None:
    names = _names(get_resolver().url_patterns)
    asked = set(re.findall(r"""{%\s*url\s+['"]([^'"]+)['"]""", TEMPLATES[name].read_text(encoding="utf-8")))
    asked -= {one for one in asked if one.startswith("demo:")}  # the demonstration is not installed in tests
    assert asked <= names, f"{name} leads to {asked - names}"


def test_every_template_is_used() -> None:
    words = "\n".join(
        path.read_text(encoding="utf-8")
        for path in [*SOURCE.rglob("*.py"), *TEMPLATES.values()]
        if "migrations" not in path.parts
    )
    unused = [
        name
        for name in BY_NAME
        if f'"{name}"' not in words
        and f"'{name}'" not in words
        and name not in CALLED_BY_DJANGO
        and not _allauth_ships(name)
        and not (name.endswith((".txt", ".html")) and f'"{name.rsplit("_", 1)[0]}"' in words)  # the parts of a mail
    ]
    assert unused == []


def test_the_page_of_an_unforeseen_error_needs_nothing() -> None:
    page = get_template("500.html").render({})
    assert "Les soins continuent" in page
    assert "Se connecter" not in page, "it must not promise what may be broken"
