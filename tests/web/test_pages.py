"""The frame of each page: its language, its landmarks, its policy."""

from __future__ import annotations

import re
from enum import Enum

import pytest
from django.test import Client
from django.utils.translation import override

from colloque.kernel import vocabulary
from colloque.web.labels import LABELS, label_of

pytestmark = pytest.mark.django_db


def test_the_home_of_a_visitor_speaks_french_then_english(client: Client) -> None:
    page = client.get("/").content.decode()
    assert '<html lang="fr">' in page
    assert len(re.findall(r"<h1\b", page)) == 1
    answer = client.post("/language/setlang/", {"language": "en", "next": "/"})
    assert answer.status_code == 302
    page = client.get("/").content.decode()
    assert '<html lang="en">' in page
    assert "Skip to content" in page


def test_the_policy_of_a_page_allows_nothing_inline(client: Client) -> None:
    policy = client.get("/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    "family", [e for e in vars(vocabulary).values() if isinstance(e, type) and issubclass(e, Enum) and list(e)]
)
def test_every_word_of_the_vocabulary_has_a_label_in_both_languages(family: type[Enum]) -> None:
    for member in family:
        with override("fr"):
            french = label_of(member)
        with override("en"):
            english = label_of(member)
        assert french, member
        assert english, member
        assert member in LABELS[family]
