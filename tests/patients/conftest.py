"""One resident and her people, for each test that asks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from colloque.people.models import Account
from tests.patients.story import Story
from tests.patients.story import story as told

SignIn = Callable[[Account], Client]


@pytest.fixture
def story(db: None) -> Story:
    """The story, written to the database."""
    return told()


@pytest.fixture
def sign_in(db: None) -> SignIn:
    """A browser in which an account is signed in."""

    def enter(account: Account) -> Client:
        client = Client()
        client.force_login(account)
        return client

    return enter
