"""What a bundle for anyone who doubts holds, and how it is signed as a whole.

    bundle              the manifest: a signed note naming the SHA-256 of each file below but the tiles
    keys                one `log <verifier key>` line, then `witness <verifier key>` lines
    checkpoint          the newest checkpoint
    checkpoints.jsonl   every checkpoint from the first, one canonical JSON object a line: `at`, `note`, `oldest`
    tile/…              hash tiles and entry bundles of the newest checkpoint, as c2sp.org/tlog-tiles names them
    opened.jsonl        optional: entries of one person, opened: `id`, `index`, `payload`, `salt` (hexadecimal)
    proofs/….tlog-proof optional: a proof for each opened entry, named by its index

Tiles need no line in the manifest: the checkpoint's root fixes every byte of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

import msgspec

from colloque.kernel.errors import InvalidInputError
from colloque.ledger.core.notes import KeyType, Note, SignerKey, VerifierKey, parse_note, sign_note, verify_note

HEADER = "colloque ledger bundle v1"
MANIFEST = "bundle"
KEYS = "keys"
CHECKPOINT = "checkpoint"
CHECKPOINTS = "checkpoints.jsonl"
OPENED = "opened.jsonl"
ALWAYS = (KEYS, CHECKPOINT, CHECKPOINTS)

_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_PROOF_NAME = re.compile(r"proofs/(0|[1-9][0-9]*)\.tlog-proof", re.ASCII)


def proof_path(index: int) -> str:
    """Where the proof of an opened entry stands in the bundle."""
    return f"proofs/{index}.tlog-proof"


def proof_index(path: str) -> int:
    """The entry that a proof's path names. Raises `InvalidInputError`."""
    match = _PROOF_NAME.fullmatch(path)
    if match is None:
        raise InvalidInputError(f"A bundle has no file named {path}.", code="bundle-form")
    return int(match[1])


def write_moment(moment: datetime) -> str:
    """A moment as the bundle writes it, in UTC to the microsecond."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def read_moment(text: str) -> datetime:
    """The moment `write_moment` wrote. Raises `InvalidInputError`."""
    try:
        moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    except (TypeError, ValueError) as error:
        raise InvalidInputError("This is not a moment in UTC.", code="bundle-form") from error
    if write_moment(moment) != text:
        raise InvalidInputError("This is not a moment in UTC.", code="bundle-form")
    return moment


@dataclass(frozen=True)
class Manifest:
    """Whose bundle, how many entries, made when, and the digest of each file it vouches for."""

    origin: str
    size: int
    made: datetime
    digests: Mapping[str, str]

    def text(self) -> bytes:
        """The text that the log signs."""
        lines = [HEADER, self.origin, str(self.size), write_moment(self.made)]
        lines += [f"{digest} {path}" for path, digest in sorted(self.digests.items())]
        return ("\n".join(lines) + "\n").encode()

    def sign(self, signer: SignerKey) -> Note:
        """The signed manifest."""
        return sign_note(self.text(), signer)

    @classmethod
    def open(cls, data: bytes, log: VerifierKey) -> Manifest:
        """The manifest in a signed note. Raises `InvalidInputError` or `TamperedError`."""
        note = parse_note(data)
        verify_note(note, [log])
        lines = note.text.decode().split("\n")
        if len(lines) < 5 or lines[0] != HEADER or not lines[2].isdecimal():
            raise InvalidInputError("This is not the manifest of a bundle.", code="bundle-form")
        digests = {}
        for line in lines[4:-1]:
            digest, _, path = line.partition(" ")
            if not _DIGEST.fullmatch(digest) or (path not in (*ALWAYS, OPENED) and proof_index(path) < 0):
                raise InvalidInputError("A line of the manifest cannot be read.", code="bundle-form")
            digests[path] = digest
        manifest = cls(lines[1], int(lines[2]), read_moment(lines[3]), digests)
        if manifest.text() != note.text or manifest.origin != log.name or not set(ALWAYS) <= set(digests):
            raise InvalidInputError("The manifest is not in its canonical form.", code="bundle-form")
        return manifest


def digest_of(data: bytes) -> str:
    """The digest a manifest names."""
    return sha256(data).hexdigest()


def encode_keys(log: VerifierKey, witnesses: tuple[VerifierKey, ...]) -> bytes:
    """The `keys` file."""
    return "".join([f"log {log.encode()}\n", *(f"witness {key.encode()}\n" for key in witnesses)]).encode()


def decode_keys(data: bytes) -> tuple[VerifierKey, tuple[VerifierKey, ...]]:
    """The log's key and the witnesses' keys. Raises `InvalidInputError`."""
    try:
        lines = data.decode().split("\n")
    except UnicodeDecodeError as error:
        raise InvalidInputError("The keys are not text.", code="bundle-form") from error
    roles = [line.partition(" ") for line in lines[:-1]]
    if not roles or lines[-1] or [role for role, _, _ in roles] != ["log"] + ["witness"] * (len(roles) - 1):
        raise InvalidInputError("The keys are one log line and then witness lines.", code="bundle-form")
    log, *witnesses = (VerifierKey.parse(key) for _, _, key in roles)
    if log.key_type is not KeyType.ED25519 or any(key.key_type is not KeyType.COSIGNATURE_V1 for key in witnesses):
        raise InvalidInputError("A key is of the wrong kind.", code="bundle-form")
    return log, tuple(witnesses)


class CheckpointLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of `checkpoints.jsonl`."""

    at: str
    note: str
    oldest: str


class OpenedLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of `opened.jsonl`; the payload is the canonical JSON that was committed to, byte for byte."""

    id: str
    index: int
    payload: msgspec.Raw
    salt: str


def encode_line(line: CheckpointLine | OpenedLine) -> bytes:
    """One line, with its newline; fields stand in the order of their names."""
    return msgspec.json.encode(line) + b"\n"


_checkpoint_decoder = msgspec.json.Decoder(CheckpointLine)
_opened_decoder = msgspec.json.Decoder(OpenedLine)


def decode_checkpoint_line(line: bytes) -> CheckpointLine:
    """A line of `checkpoints.jsonl` without its newline. Raises `InvalidInputError`."""
    try:
        return _checkpoint_decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidInputError("The line cannot be read.", code="bundle-form") from error


def decode_opened_line(line: bytes) -> OpenedLine:
    """A line of `opened.jsonl` without its newline. Raises `InvalidInputError`."""
    try:
        return _opened_decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidInputError("The line cannot be read.", code="bundle-form") from error
