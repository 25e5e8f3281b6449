"""Style and script come from the packages, are asked again each time, and exist for every page that names them."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from starlette.exceptions import HTTPException

from colloque.web.static_files import static_files

SOURCE = Path(__file__).resolve().parents[2] / "src" / "colloque"
TEMPLATES = sorted(SOURCE.glob("*/templates/**/*.html"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_every_static_file_a_template_names_exists(path: Path) -> None:
    for name in re.findall(r"""{%\s*static\s+["']([^"']+)["']""", path.read_text(encoding="utf-8")):
        assert finders.find(name), f"{path} names {name}, which nobody ships"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_no_template_holds_a_style_or_a_script_of_its_own(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle\s*=", text), f"{path} styles inline: the policy stops it"
    assert not re.search(r"<style\b", text), f"{path} holds a style sheet"
    scripts = re.findall(r"<script\b[^>]*>", text)
    assert all("src=" in tag or 'type="application/json"' in tag for tag in scripts), f"{path} holds a script"
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text), f"{path} holds an event handler"
    assert "javascript:" not in text, f"{path} holds a script in a link"


def _ask(path: str, **headers: str) -> tuple[int, dict[str, str]]:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": raw, "query_string": b""}
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(static_files()(scope, receive, send))
    return sent[0]["status"], {name.decode(): value.decode() for name, value in sent[0]["headers"]}


def test_files_are_served_with_their_type_and_revalidated() -> None:
    status, headers = _ask("/web/style.css")
    assert status == 200
    assert headers["content-type"].startswith("text/css")
    assert headers["cache-control"] == "no-cache"
    assert _ask("/web/style.css", if_none_match=headers["etag"])[0] == 304
    assert _ask("/django_htmx/htmx-2.min.js")[0] == 200
    assert _ask("/mfa/js/webauthn.js")[0] == 200


@pytest.mark.parametrize("path", ["/../views.py", "/web/../../views.py", "/web/absent.css", "/"])
def test_nothing_else_is_served(path: str) -> None:
    with pytest.raises(HTTPException) as caught:
        _ask(path)
    assert caught.value.status_code in {404, 405}
