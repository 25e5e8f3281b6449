"""Keys of a fresh installation for each test, with a witness that signs here."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import LazySettings

from colloque.ledger.keys import Keys, create_keys, read_keys

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)


@pytest.fixture
def keys(tmp_path: Path, settings: LazySettings) -> Keys:
    """The installation's keys, in a folder of this test's own."""
    folder = tmp_path / "keys"
    create_keys(folder, origin="colloque.example/house", witness="witness.example/w1")
    settings.COLLOQUE_KEYS_DIR = folder
    return read_keys(folder)
