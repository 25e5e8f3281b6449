"""What tests of people and learning share."""

from __future__ import annotations

import pytest
from django.conf import LazySettings

from tests.people.houses import Houses, two_houses


@pytest.fixture
def houses(db: None) -> Houses:
    """Les Tilleuls and Saint-Roch."""
    return two_houses()


@pytest.fixture(autouse=True)
def quick_passwords(settings: LazySettings) -> None:
    """Passwords hashed in no time; the tests about timing put the real hasher back."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
