"""Sealed values open only with their key and for what they are about."""

from __future__ import annotations

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colloque.kernel.errors import TamperedError
from colloque.kernel.sealing import Keyring, seal, unseal


@given(st.binary(max_size=200), st.binary(max_size=30))
def test_what_was_sealed_opens_again(plaintext: bytes, about: bytes) -> None:
    key = secrets.token_bytes(32)
    assert unseal(key, seal(key, plaintext, about=about, random_bytes=secrets.token_bytes), about=about) == plaintext


@given(st.binary(min_size=1, max_size=80), st.data())
def test_a_changed_byte_does_not_open(plaintext: bytes, data: st.DataObject) -> None:
    key = secrets.token_bytes(32)
    sealed = bytearray(seal(key, plaintext, about=b"identity", random_bytes=secrets.token_bytes))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1
    with pytest.raises(TamperedError):
        unseal(key, bytes(sealed), about=b"identity")


def test_a_value_moved_to_another_subject_does_not_open() -> None:
    key = secrets.token_bytes(32)
    sealed = seal(key, b"Jeanne", about=b"identity/1", random_bytes=secrets.token_bytes)
    with pytest.raises(TamperedError):
        unseal(key, sealed, about=b"identity/2")


def test_blind_indexes_differ_by_purpose_and_installation() -> None:
    one, other = Keyring(secrets.token_bytes(32)), Keyring(secrets.token_bytes(32))
    digests = {one.blind_index("p1", about="a"), one.blind_index("p1", about="b"), other.blind_index("p1", about="a")}
    assert len(digests) == 3
    assert one.blind_index("p1", about="a") in digests


def test_the_master_key_never_shows_in_messages() -> None:
    master = secrets.token_bytes(32)
    assert repr(master) not in repr(Keyring(master))
