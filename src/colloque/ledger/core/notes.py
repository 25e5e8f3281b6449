"""Signed notes, checkpoints and witness cosignatures, byte for byte in the C2SP formats.

Sources: c2sp.org/signed-note, c2sp.org/tlog-checkpoint, c2sp.org/tlog-cosignature (Ed25519 types only). Secret keys
are written `PRIVATE+KEY+<name>+<key id>+<base64(type ‖ seed)>`, as the Go package `golang.org/x/mod/sumdb/note` does.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from colloque.kernel.errors import InvalidInputError, TamperedError
from colloque.kernel.sealing import RandomBytes
from colloque.ledger.core.tree import HASH_BYTES

SEED_BYTES = 32
SIGNATURE_BYTES = 64
MAX_NOTE_BYTES = 1_000_000
MAX_SIGNATURES = 64

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_CONTROL = re.compile(rb"[\x00-\x09\x0b-\x1f]")


class KeyType(IntEnum):
    """Signature types of c2sp.org/signed-note that we make and check."""

    ED25519 = 0x01
    COSIGNATURE_V1 = 0x04


def decode_base64(text: str) -> bytes:
    """Bytes of standard base64 in its only canonical form. Raises `InvalidInputError`."""
    try:
        data = b64decode(text, validate=True)
    except ValueError as error:
        raise InvalidInputError("This is not base64.", code="base64") from error
    if b64encode(data).decode() != text:
        raise InvalidInputError("This base64 is not in its canonical form.", code="base64")
    return data


def encode_base64(data: bytes) -> str:
    """Standard base64 with padding (RFC 4648, section 4)."""
    return b64encode(data).decode()


def _check_name(name: str) -> None:
    if not name or "+" in name or any(character.isspace() or character < " " for character in name):
        raise InvalidInputError("A key name holds neither spaces nor '+' and is not empty.", code="key-name")


@lru_cache(maxsize=64)
def _public(raw: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(raw)


@lru_cache(maxsize=16)
def _private(seed: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(seed)


@dataclass(frozen=True)
class VerifierKey:
    """A public key and the name it signs under."""

    name: str
    key_type: KeyType
    public: bytes

    def __post_init__(self) -> None:
        _check_name(self.name)
        if len(self.public) != 32:
            raise InvalidInputError("An Ed25519 public key has 32 bytes.", code="verifier-key")

    @property
    def key_id(self) -> bytes:
        """Four bytes, `SHA-256(name ‖ "\\n" ‖ type ‖ public key)[:4]`."""
        return sha256(self.name.encode() + b"\n" + bytes([self.key_type]) + self.public).digest()[:4]

    def encode(self) -> str:
        """The verifier key as people exchange it, `<name>+<key id>+<base64(type ‖ public key)>`."""
        return f"{self.name}+{self.key_id.hex()}+{encode_base64(bytes([self.key_type]) + self.public)}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """The key that `encode` wrote. Raises `InvalidInputError`."""
        name, key_type, material, key_id = _parse_key(text)
        key = cls(name, key_type, material)
        if key.key_id != key_id:
            raise InvalidInputError("The verifier key does not match its own identifier.", code="verifier-key")
        return key

    def holds(self, message: bytes, signature: bytes) -> bool:
        """Whether this is a raw Ed25519 signature of the message by this key."""
        try:
            _public(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class SignerKey:
    """A secret key and the name it signs under."""

    name: str
    key_type: KeyType
    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        _check_name(self.name)
        if len(self.seed) != SEED_BYTES:
            raise InvalidInputError("An Ed25519 secret key has 32 bytes.", code="signer-key")

    @classmethod
    def generate(cls, name: str, key_type: KeyType, random_bytes: RandomBytes) -> SignerKey:
        """A new key; `random_bytes` must be fit for secrets."""
        return cls(name, key_type, random_bytes(SEED_BYTES))

    @property
    def verifier(self) -> VerifierKey:
        """The public half."""
        return VerifierKey(self.name, self.key_type, _private(self.seed).public_key().public_bytes_raw())

    def encode(self) -> str:
        """The secret key as its file holds it."""
        material = encode_base64(bytes([self.key_type]) + self.seed)
        return f"PRIVATE+KEY+{self.name}+{self.verifier.key_id.hex()}+{material}"

    @classmethod
    def parse(cls, text: str) -> SignerKey:
        """The key that `encode` wrote. Raises `InvalidInputError`, never repeating the text."""
        prefix = "PRIVATE+KEY+"
        if not text.startswith(prefix):
            raise InvalidInputError("This is not a secret signing key.", code="signer-key")
        name, key_type, seed, key_id = _parse_key(text.removeprefix(prefix))
        key = cls(name, key_type, seed)
        if key.verifier.key_id != key_id:
            raise InvalidInputError("The secret key does not match its own identifier.", code="signer-key")
        return key

    def raw_signature(self, message: bytes) -> bytes:
        """64 bytes of Ed25519 over the message."""
        return _private(self.seed).sign(message)


def _parse_key(text: str) -> tuple[str, KeyType, bytes, bytes]:
    parts = text.split("+", 2)
    if len(parts) != 3 or not re.fullmatch(r"[0-9a-f]{8}", parts[1]):
        raise InvalidInputError("This is not a key in the form name+id+key.", code="key-form")
    material = decode_base64(parts[2])
    try:
        key_type = KeyType(material[0])
    except (IndexError, ValueError) as error:
        raise InvalidInputError("This kind of key is unknown here.", code="key-type") from error
    return parts[0], key_type, material[1:], bytes.fromhex(parts[1])


class Signature(NamedTuple):
    """One signature line of a note: who, by which key, and the signature bytes."""

    name: str
    key_id: bytes
    value: bytes

    def line(self) -> str:
        """The line as it stands in the note, with its newline."""
        return f"— {self.name} {encode_base64(self.key_id + self.value)}\n"


@dataclass(frozen=True)
class Note:
    """A text ending in a newline, and its signatures, not yet checked."""

    text: bytes
    signatures: tuple[Signature, ...]

    def encode(self) -> bytes:
        """The signed note."""
        return self.text + b"\n" + "".join(signature.line() for signature in self.signatures).encode()

    def with_signatures(self, more: Iterable[Signature]) -> Note:
        """The note carrying further signatures; one by a key that already signed takes the place of the older."""
        kept = {(signature.name, signature.key_id): signature for signature in self.signatures}
        kept.update({(signature.name, signature.key_id): signature for signature in more})
        return Note(self.text, tuple(kept.values()))


def parse_signature_lines(text: str) -> tuple[Signature, ...]:
    """Signatures of one or more lines `— name base64`. Raises `InvalidInputError`."""
    if not text.endswith("\n"):
        raise InvalidInputError("The last signature line is cut off.", code="note-form")
    signatures = []
    for line in text[:-1].split("\n"):
        dash, _, rest = line.partition(" ")
        name, _, value = rest.partition(" ")
        if dash != "—":
            raise InvalidInputError("A signature line starts with '— '.", code="note-form")
        _check_name(name)
        data = decode_base64(value)
        if len(data) < 5:
            raise InvalidInputError("A signature is cut off.", code="note-form")
        signatures.append(Signature(name, data[:4], data[4:]))
    if len(signatures) > MAX_SIGNATURES:
        raise InvalidInputError(f"A note carries at most {MAX_SIGNATURES} signatures.", code="note-form")
    return tuple(signatures)


def parse_note(data: bytes) -> Note:
    """The note in these bytes, its signatures unchecked. Raises `InvalidInputError`."""
    if len(data) > MAX_NOTE_BYTES or _CONTROL.search(data):
        raise InvalidInputError("This is too long or holds control characters: it is no signed note.", code="note-form")
    text, blank, lines = data.rpartition(b"\n\n")
    if not blank:
        raise InvalidInputError("This note has no signatures.", code="note-form")
    try:
        text.decode()
        signatures = parse_signature_lines(lines.decode())
    except UnicodeDecodeError as error:
        raise InvalidInputError("This note is not UTF-8.", code="note-form") from error
    return Note(text + b"\n", signatures)


def sign_note(text: bytes, signer: SignerKey) -> Note:
    """The text signed with a plain Ed25519 note signature (type 0x01)."""
    if signer.key_type is not KeyType.ED25519:
        raise InvalidInputError("A witness key does not sign notes by itself.", code="key-type")
    return Note(text, (Signature(signer.name, signer.verifier.key_id, signer.raw_signature(text)),))


def _cosigned_message(text: bytes, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n".encode() + text


def cosign(note: Note, witness: SignerKey, at: datetime) -> Signature:
    """A witness's timestamped cosignature of a checkpoint (type 0x04); the caller has checked its consistency."""
    if witness.key_type is not KeyType.COSIGNATURE_V1:
        raise InvalidInputError("Cosigning needs a witness key.", code="key-type")
    seconds = int(at.timestamp())
    signed = witness.raw_signature(_cosigned_message(note.text, seconds))
    return Signature(witness.name, witness.verifier.key_id, seconds.to_bytes(8, "big") + signed)


class Verified(NamedTuple):
    """A signature that holds; `at` is the moment a witness signed, None for a plain signature."""

    key: VerifierKey
    at: datetime | None


def verify_note(note: Note, keys: Sequence[VerifierKey]) -> list[Verified]:
    """The signatures of known keys, all checked; unknown keys are ignored.

    Raises `TamperedError` when a known key's signature does not hold, or when no known key signed.
    """
    known = {(key.name, key.key_id): key for key in keys}
    verified: dict[VerifierKey, Verified] = {}
    for signature in note.signatures:
        key = known.get((signature.name, signature.key_id))
        if key is None:
            continue
        at: datetime | None = None
        message, value = note.text, signature.value
        if key.key_type is KeyType.COSIGNATURE_V1:
            seconds = int.from_bytes(value[:8], "big")
            message, value = _cosigned_message(note.text, seconds), value[8:]
            try:
                at = datetime.fromtimestamp(seconds, UTC)
            except (ValueError, OverflowError, OSError) as error:
                raise TamperedError(f"The cosignature of {key.name} has no sensible date.", code="signature") from error
        if len(value) != SIGNATURE_BYTES or not key.holds(message, value):
            raise TamperedError(f"The signature of {key.name} does not hold.", code="signature")
        verified[key] = Verified(key, at)
    if not verified:
        raise TamperedError("No known key signed this.", code="signature")
    return list(verified.values())


@dataclass(frozen=True)
class Checkpoint:
    """The state of a log: whose log, how many entries, which root (32 bytes)."""

    origin: str
    size: int
    root: bytes

    def text(self) -> bytes:
        """The note text, three lines. Source: c2sp.org/tlog-checkpoint."""
        return f"{self.origin}\n{self.size}\n{encode_base64(self.root)}\n".encode()

    @classmethod
    def parse(cls, text: bytes) -> Checkpoint:
        """The checkpoint in a note text; lines after the third are refused, as we never write any.

        Raises `InvalidInputError`.
        """
        lines = text.decode().split("\n")
        if len(lines) != 4 or lines[3] or not lines[0] or not _DECIMAL.fullmatch(lines[1]):
            raise InvalidInputError(
                "This is not a checkpoint of three lines: origin, size, root.", code="checkpoint-form"
            )
        root = decode_base64(lines[2])
        if len(root) != HASH_BYTES:
            raise InvalidInputError("The root of a checkpoint has 32 bytes.", code="checkpoint-form")
        return cls(lines[0], int(lines[1]), root)


@dataclass(frozen=True)
class SignedCheckpoint:
    """A checkpoint whose signatures were checked."""

    checkpoint: Checkpoint
    note: Note
    cosigned: tuple[Verified, ...]


def sign_checkpoint(checkpoint: Checkpoint, signer: SignerKey) -> Note:
    """The checkpoint signed by the log; the key's name must be the origin."""
    if signer.name != checkpoint.origin:
        raise InvalidInputError("The log's key bears another name than the log.", code="key-name")
    return sign_note(checkpoint.text(), signer)


def open_checkpoint(data: bytes, log: VerifierKey, witnesses: Sequence[VerifierKey] = ()) -> SignedCheckpoint:
    """The checkpoint in a signed note: the log's own signature holds, and so does every cosignature of a known witness.

    Raises `InvalidInputError` when it is no checkpoint, `TamperedError` when a signature or the origin does not hold.
    """
    note = parse_note(data)
    verified = verify_note(note, [log, *witnesses])
    if log not in [one.key for one in verified]:
        raise TamperedError(f"The log's own key, {log.name}, did not sign this checkpoint.", code="signature")
    checkpoint = Checkpoint.parse(note.text)
    if checkpoint.origin != log.name:
        raise TamperedError("This checkpoint is of another log.", code="origin")
    return SignedCheckpoint(checkpoint, note, tuple(one for one in verified if one.at is not None))
