"""The reference AI in its own process, an AI the test plays, and the story of one act."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.acts.cytology import PlayedAI, Story, a_story, playing
from tests.reference_ai.service import Service, running


@pytest.fixture(scope="session")
def reference_ai() -> Iterator[Service]:
    """The breast-cytology aid as it runs anywhere."""
    with running() as started:
        yield started


@pytest.fixture
def story(db: None, reference_ai: Service) -> Story:
    """One act's people, with the reference AI."""
    return a_story(reference_ai.address)


@pytest.fixture
def played() -> Iterator[PlayedAI]:
    """An AI that answers what the test says."""
    with playing() as ai:
        yield ai


@pytest.fixture
def played_story(db: None, played: PlayedAI) -> Story:
    """One act's people, with an AI that the test plays."""
    return a_story(played.address)
