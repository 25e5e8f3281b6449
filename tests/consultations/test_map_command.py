"""`colloque map`: a folder of files in, one page out, with neither database nor Django."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from colloque.cli import main
from colloque.consultations.core.opinion.values import OpinionMap
from tests.shared import SHARED

SEATTLE = SHARED / "data" / "polis" / "15-per-hour-seattle"


@pytest.fixture
def export(tmp_path: Path) -> Path:
    folder = tmp_path / "export"
    folder.mkdir()
    votes = [
        f"{person * 20 + number},{number},{person},{1 if (person < 30) == (number % 2 == 0) or number == 4 else -1}"
        for person in range(50)
        for number in range(12)
    ]
    (folder / "votes.csv").write_text("timestamp,comment-id,voter-id,vote\n" + "\n".join(votes) + "\n")
    comments = [f"{number},<b>Statement</b> {number} & more,{-1 if number == 11 else 1}" for number in range(12)]
    (folder / "comments.csv").write_text("comment-id,comment-body,moderated\n" + "\n".join(comments) + "\n")
    (folder / "summary.csv").write_text("topic,Night & day\n")
    return folder


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in {"meta"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes what is not open"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_page_stands_by_itself_and_says_the_map_in_words_too(export: Path, tmp_path: Path, language: str) -> None:
    page, stored = tmp_path / "page.html", tmp_path / "map.json"
    assert main(["map", str(export), "--out", str(page), "--json", str(stored), "--language", language]) == 0
    html = page.read_text(encoding="utf-8")
    tags = _Tags()
    tags.feed(html)
    assert not tags.open, "every tag is closed"
    assert ("html", {"lang": language}) in tags.seen
    assert not re.search(r"<script|src=|https?://(?!www\.w3\.org)|url\(", html), "nothing is fetched, nothing runs"
    assert "Night &amp; day" in html
    assert "&lt;b&gt;Statement&lt;/b&gt; 4 &amp; more" in html
    assert "<b>Statement" not in html
    assert "Statement&lt;/b&gt; 11" not in html, "what moderation set aside is not listed"
    found = OpinionMap.from_json(stored.read_bytes())
    assert [group.size for group in found.groups] == [30, 20]
    assert any(tag == "svg" and attributes.get("role") == "img" for tag, attributes in tags.seen)
    assert sum(tag == "caption" for tag, _ in tags.seen) >= 4, "each table says what it shows"
    assert {"fr": "Ce qui unit", "en": "What unites"}[language] in html


def test_neither_django_nor_a_database_is_touched(export: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from colloque.cli import main; "
        f"code = main(['map', {str(export)!r}, '--out', {str(tmp_path / 'page.html')!r}]); "
        "print(code, sorted({'django', 'psycopg', 'asyncpg'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
        env={"PYTHONPATH": "src", "PATH": "", "HOME": str(tmp_path)},
    )  # fmt: skip
    assert done.stdout.strip().endswith("0 []"), done.stdout


def test_what_cannot_be_done_is_said(export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = str(tmp_path / "page.html")
    (export / "votes.csv").write_text("comment-id,voter-id,vote\n1,1,7\n")
    for arguments, words in (
        ([str(tmp_path / "nowhere"), "--out", page], "is not a folder"),
        ([str(export), "--out", page], "votes.csv, line 2: column vote"),
        ([str(export), "--out", page, "--scheduler", "tcp://127.0.0.1:1"], "goes with --engine dask"),
        ([str(export), "--out", page, "--groups", "99"], "between 1 and 20 groups"),
    ):
        if words.startswith("between"):
            (export / "votes.csv").write_text("comment-id,voter-id,vote\n1,1,1\n")
        assert main(["map", *arguments]) == 2
        assert words in capsys.readouterr().err
    assert main(["map", str(export), "--out", str(tmp_path / "no" / "page.html")]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_a_map_of_nobody_is_a_page(export: Path, tmp_path: Path) -> None:
    (export / "votes.csv").write_text("comment-id,voter-id,vote\n")
    page = tmp_path / "page.html"
    assert main(["map", str(export), "--out", str(page)]) == 0
    assert "Personne n’est encore sur la carte" in page.read_text(encoding="utf-8")


def test_dask_writes_the_same_page(export: Path, tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="Dask is not installed here")
    pages = [tmp_path / "here.html", tmp_path / "dask.html"]
    for page, extra in zip(pages, ([], ["--engine", "dask", "--workers", "2"]), strict=True):
        assert main(["map", str(export), "--out", str(page), *extra]) == 0
    assert pages[0].read_bytes() == pages[1].read_bytes()


@pytest.mark.skipif(not SEATTLE.exists(), reason="the published Polis consultations are not on this machine")
def test_a_real_consultation_becomes_a_page(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert main(["map", str(SEATTLE), "--out", str(page), "--language", "en"]) == 0
    html = page.read_text(encoding="utf-8")
    assert "$15/hour" in html
    assert "339" in html
