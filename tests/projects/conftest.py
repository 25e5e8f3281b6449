"""One AI and the people around it, for each test that asks."""

from __future__ import annotations

import pytest

from tests.projects.story import Story
from tests.projects.story import story as told


@pytest.fixture
def story(db: None) -> Story:
    """The story, written to the database."""
    return told()
