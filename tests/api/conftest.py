"""The story of one act, for programs that call the API."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.acts import cytology, world
from tests.acts.cytology import PlayedAI, Story, a_card, playing


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """The story happens now: the API reads the clock."""
    now = timezone.now()
    for module in (world, cytology):
        monkeypatch.setattr(module, "NOW", now)
        monkeypatch.setattr(module, "LONG_AGO", now - timedelta(days=400))
        monkeypatch.setattr(module, "LATER", now + timedelta(days=400))


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
