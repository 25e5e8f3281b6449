"""Identifiers of professionals: typed as people type them, stored so that nobody reads them back."""

from __future__ import annotations

import os
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colloque.kernel.errors import InvalidInputError
from colloque.kernel.sealing import Keyring
from colloque.people.core.identifiers import (
    national_digest,
    national_identifier,
    practitioner_digest,
    practitioner_id,
)

RING = Keyring(os.urandom(32))


def test_a_practitioner_is_found_again_at_its_own_system_only() -> None:
    here, there = uuid4(), uuid4()
    digest = practitioner_digest(RING, here, "Practitioner/COREPRACTITIONER1")
    assert digest == practitioner_digest(RING, here, "COREPRACTITIONER1")
    assert digest != practitioner_digest(RING, there, "COREPRACTITIONER1")
    assert len(digest) == 32


@pytest.mark.parametrize("typed", ["abc-1", " Practitioner/abc-1 ", "https://ehr.example/fhir/Practitioner/abc-1"])
def test_a_practitioner_is_understood_as_typed(typed: str) -> None:
    assert practitioner_id(typed) == "abc-1"


@pytest.mark.parametrize("typed", ["", "Practitioner/", "a b", "é", "x" * 65])
def test_what_is_no_practitioner_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        practitioner_id(typed)
    assert refused.value.path == "practitioner"


def with_check_digit(ten: str) -> str:
    for digit in "0123456789":
        try:
            return national_identifier(ten + digit)
        except InvalidInputError:
            continue
    raise AssertionError("no digit fits")


@given(st.from_regex(r"[0-9]{10}", fullmatch=True))
def test_one_check_digit_in_ten_fits_and_both_ways_of_writing_agree(ten: str) -> None:
    found = with_check_digit(ten)
    assert found == f"8{ten}{found[-1]}"
    assert national_identifier(found) == found
    assert national_identifier(f"{found[1:4]} {found[4:8]} {found[8:]}") == found
    wrong = ten + str((int(found[-1]) + 1) % 10)
    with pytest.raises(InvalidInputError):
        national_identifier(wrong)


def test_two_installations_do_not_share_an_index() -> None:
    assert national_digest(RING, "810000000000") != national_digest(Keyring(os.urandom(32)), "810000000000")
