"""Entries: a leaf that names nobody, a payload that only the right key opens, a commitment that binds the two."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from hashlib import sha256
from uuid import UUID, uuid4

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colloque.kernel.canonical import canonical_json
from colloque.kernel.errors import InvalidInputError, TamperedError
from colloque.kernel.sealing import seal
from colloque.ledger.core.entries import (
    COMMITMENT_DOMAIN,
    Event,
    SealedEntry,
    check_revealed,
    decode_leaf,
    open_entry,
    reveal,
    seal_entry,
)

KEY = bytes(range(32))
SUBJECT = UUID("018f0000-0000-7000-8000-000000000001")


def sealed(
    payload: Mapping[str, object], *, kind: str = "act-permitted", rules: tuple[str, ...] = ("r-1",)
) -> SealedEntry:
    event = Event(kind=kind, subject=SUBJECT, payload=payload, rules=rules)
    return seal_entry(event, entry_id=uuid4(), subject_key=KEY, random_bytes=secrets.token_bytes)


@pytest.mark.principle("G5")
def test_the_leaf_holds_no_name_no_pseudonym_and_no_content() -> None:
    payload = {"patient": "Marguerite Alphand", "answer": "no", "subject": str(SUBJECT)}
    entry = sealed(payload)
    leaf = json.loads(entry.leaf)
    assert set(leaf) == {"v", "kind", "c", "rules"}
    assert entry.leaf == canonical_json(leaf), "the leaf is canonical"
    assert b"Marguerite" not in entry.leaf + entry.sealed
    assert str(SUBJECT).encode() not in entry.leaf
    assert sealed(payload).leaf != entry.leaf, "the same event twice cannot be told to be the same"


def test_the_commitment_is_what_the_design_says() -> None:
    entry = sealed({"b": 2, "a": "é"})
    salt, payload = reveal(entry, KEY)
    assert payload == '{"a":"é","b":2}'.encode()
    assert json.loads(entry.leaf)["c"] == sha256(COMMITMENT_DOMAIN + salt + payload).hexdigest()
    assert len(salt) == 32


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=80, deadline=None)
@given(
    st.dictionaries(st.text(), json_values, max_size=5),
    st.lists(st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True)),
)
def test_what_was_sealed_opens_again(payload: dict[str, object], rules: list[str]) -> None:
    entry = sealed(payload, rules=tuple(rules))
    opened = open_entry(entry, KEY)
    assert reveal(entry, KEY)[1] == canonical_json(payload)
    assert opened.payload == msgspec.json.decode(canonical_json(payload))
    assert (opened.kind, opened.subject, opened.rules) == ("act-permitted", SUBJECT, tuple(rules))


def test_another_key_another_entry_or_changed_bytes_do_not_open() -> None:
    entry, other = sealed({"a": 1}), sealed({"a": 1})
    wrong = [
        (entry, bytes(32)),
        (msgspec.structs.replace(entry, id=other.id), KEY),
        (msgspec.structs.replace(entry, sealed=other.sealed), KEY),
        (msgspec.structs.replace(entry, leaf=other.leaf), KEY),
        (msgspec.structs.replace(entry, sealed=entry.sealed[:-1] + bytes([entry.sealed[-1] ^ 1])), KEY),
        (msgspec.structs.replace(entry, sealed=b""), KEY),
    ]
    for changed, key in wrong:
        with pytest.raises(TamperedError):
            open_entry(changed, key)


def test_a_payload_swapped_under_the_right_key_is_noticed() -> None:
    entry = sealed({"answer": "no"})
    salt, _ = reveal(entry, KEY)
    forged = seal(
        KEY, salt + b'{"answer":"yes"}', about=b"ledger-entry\x00" + entry.id.bytes, random_bytes=secrets.token_bytes
    )
    with pytest.raises(TamperedError, match="committed"):
        open_entry(msgspec.structs.replace(entry, sealed=forged), KEY)
    with pytest.raises(TamperedError):
        check_revealed(entry.leaf, salt, b'{"answer":"yes"}')


@pytest.mark.parametrize("kind", ["", "Act", "act permitted", "é", "a" * 65, 'a"b'])
def test_kinds_are_plain_words(kind: str) -> None:
    with pytest.raises(InvalidInputError):
        sealed({}, kind=kind)


def test_what_cannot_be_an_entry() -> None:
    with pytest.raises(InvalidInputError):
        sealed({}, rules=('say "no"',))
    with pytest.raises(InvalidInputError):
        sealed({}, rules=tuple(f"rule-{number}" for number in range(10_000)))
    with pytest.raises(InvalidInputError):
        sealed({"n": 2**60})
    with pytest.raises(InvalidInputError):
        sealed({"n": float("nan")})
    with pytest.raises(InvalidInputError):
        sealed({"n": object()})
    with pytest.raises(InvalidInputError):
        sealed({"n": "x" * 1_000_001})


@pytest.mark.parametrize("leaf", [b"", b"{}", b'{"v":1}', b'{"c":"zz","kind":"a","rules":[],"v":1}', b"\xff"])
def test_what_is_no_leaf(leaf: bytes) -> None:
    with pytest.raises(InvalidInputError):
        decode_leaf(leaf)
