"""One aid for all tests that only ask it, and its model."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from colloque.reference_ai.score import Model, load
from tests.reference_ai.service import Service, running


@pytest.fixture(scope="session")
def model() -> Model:
    """The model that ships."""
    return load()


@pytest.fixture(scope="session")
def service() -> Iterator[Service]:
    """A running aid that asks for no token."""
    with running() as started:
        yield started
