"""What one entry of the log is: a public leaf that names nobody, and a sealed part that only a person's key opens.

The leaf is the canonical JSON (RFC 8785) of `{"c", "kind", "rules", "v"}`, where `c` is the hexadecimal
`SHA-256(domain ‖ salt ‖ payload)`, the payload being canonical JSON and the salt 32 random bytes. Salt and payload are
sealed together under the key of the person concerned, bound to the entry. Once that key is erased nobody can tell what
the payload was, and the leaf, hence the log, is unchanged.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec

from colloque.kernel.canonical import canonical_json
from colloque.kernel.errors import InvalidInputError, TamperedError
from colloque.kernel.sealing import RandomBytes, seal, unseal
from colloque.ledger.core.tiles import MAX_ENTRY_BYTES

VERSION = 1
SALT_BYTES = 32
COMMITMENT_DOMAIN = b"colloque/ledger/payload/v1\x00"
MAX_PAYLOAD_BYTES = 1_000_000

HOUSE = UUID(int=0)
"""The subject of what concerns the installation and no person."""

_KIND = re.compile(r"[a-z][a-z0-9.-]{0,63}", re.ASCII)
_RULE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@-]{0,127}", re.ASCII)


class Event(msgspec.Struct, frozen=True):
    """Something that happened: its kind (a word of the room that records it), whom it concerns, the rest, the rules."""

    kind: str
    subject: UUID
    payload: Mapping[str, Any]
    rules: tuple[str, ...] = ()


class SealedEntry(msgspec.Struct, frozen=True):
    """An event ready for the log: public leaf, sealed payload."""

    id: UUID
    subject: UUID
    leaf: bytes
    sealed: bytes


class Leaf(msgspec.Struct, frozen=True):
    """The public part; fields in the order of their names, so that encoding it is canonical."""

    c: str
    kind: str
    rules: tuple[str, ...]
    v: int


_leaf_encoder = msgspec.json.Encoder()
_leaf_decoder = msgspec.json.Decoder(Leaf)


def commitment(salt: bytes, payload: bytes) -> bytes:
    """32 bytes that fix the payload without telling it."""
    return sha256(COMMITMENT_DOMAIN + salt + payload).digest()


def _about(entry_id: UUID) -> bytes:
    return b"ledger-entry\x00" + entry_id.bytes


def encode_leaf(kind: str, rules: tuple[str, ...], committed: bytes) -> bytes:
    """The canonical leaf. Raises `InvalidInputError`, past 65 535 bytes or for a kind or rule that is no plain word."""
    if not _KIND.fullmatch(kind):
        raise InvalidInputError("A ledger kind is a lower-case word with hyphens.", code="ledger-kind", path="kind")
    for rule in rules:
        if not _RULE.fullmatch(rule):
            raise InvalidInputError(
                "A rule is named by letters, digits and . _ : / @ -", code="ledger-rule", path="rules"
            )
    leaf = _leaf_encoder.encode(Leaf(c=committed.hex(), kind=kind, rules=rules, v=VERSION))
    if len(leaf) > MAX_ENTRY_BYTES:
        raise InvalidInputError("Too many rules for one entry.", code="entry-too-long", path="rules")
    return leaf


def decode_leaf(leaf: bytes) -> Leaf:
    """The public part of an entry. Raises `InvalidInputError` unless it is exactly what `encode_leaf` writes."""
    try:
        decoded = _leaf_decoder.decode(leaf)
        committed = bytes.fromhex(decoded.c)
    except (msgspec.DecodeError, ValueError) as error:
        raise InvalidInputError("This is not a leaf of a Colloque ledger.", code="leaf-form") from error
    if decoded.v != VERSION or len(committed) != 32 or encode_leaf(decoded.kind, decoded.rules, committed) != leaf:
        raise InvalidInputError("This is not a leaf of a Colloque ledger.", code="leaf-form")
    return decoded


def seal_entry(event: Event, *, entry_id: UUID, subject_key: bytes, random_bytes: RandomBytes) -> SealedEntry:
    """The event as an entry of the log.

    Raises `InvalidInputError` for a kind or rule that is not a plain word and for a payload that is too long or has no
    canonical JSON.
    """
    try:
        payload = canonical_json(event.payload)
    except (TypeError, ValueError) as error:
        raise InvalidInputError("The payload has no canonical JSON.", code="ledger-payload", path="payload") from error
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise InvalidInputError("The payload is longer than a megabyte.", code="entry-too-long", path="payload")
    salt = random_bytes(SALT_BYTES)
    leaf = encode_leaf(event.kind, event.rules, commitment(salt, payload))
    sealed = seal(subject_key, salt + payload, about=_about(entry_id), random_bytes=random_bytes)
    return SealedEntry(id=entry_id, subject=event.subject, leaf=leaf, sealed=sealed)


def reveal(entry: SealedEntry, subject_key: bytes) -> tuple[bytes, bytes]:
    """Salt and canonical payload of an entry, checked against the leaf's commitment. Raises `TamperedError`."""
    opened = unseal(subject_key, entry.sealed, about=_about(entry.id))
    salt, payload = opened[:SALT_BYTES], opened[SALT_BYTES:]
    check_revealed(entry.leaf, salt, payload)
    return salt, payload


def check_revealed(leaf: bytes, salt: bytes, payload: bytes) -> Leaf:
    """The leaf, once salt and payload are what it committed to. Raises `InvalidInputError` or `TamperedError`."""
    decoded = decode_leaf(leaf)
    if not hmac.compare_digest(commitment(salt, payload), bytes.fromhex(decoded.c)):
        raise TamperedError("What was opened is not what the log committed to.", code="commitment")
    return decoded


def open_entry(entry: SealedEntry, subject_key: bytes) -> Event:
    """The event again, checked against the leaf's commitment. Raises `TamperedError`."""
    _, payload = reveal(entry, subject_key)
    leaf = decode_leaf(entry.leaf)
    return Event(kind=leaf.kind, subject=entry.subject, payload=msgspec.json.decode(payload), rules=leaf.rules)
