"""One resident and her people, for each test that asks."""

from __future__ import annotations

import pytest

from tests.patients.story import Story
from tests.patients.story import story as told


@pytest.fixture
def story(db: None) -> Story:
    """The story, written to the database."""
    return told()
