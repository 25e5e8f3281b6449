"""One house that consults, for each test that asks."""

from __future__ import annotations

import pytest

from tests.consultations.story import Story
from tests.consultations.story import story as told


@pytest.fixture
def story(db: None) -> Story:
    """The story, written to the database."""
    return told()
