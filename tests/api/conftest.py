"""The story of one act, for programs that call the API."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.acts import cytology
from tests.acts.cytology import PlayedAI, Story, a_card, playing


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """The story happens now: the API reads the clock."""
    cytology.happen_now(monkeypatch)


@pytest.fixture
def played() -> Iterator[PlayedAI]:
    """An AI that answers what the test says."""
    with playing() as ai:
        ai.says(a_card())
        yield ai


@pytest.fixture
def story(today: None, db: None, played: PlayedAI) -> Story:
    """One act's people, today."""
    return cytology.a_story(played.address)
