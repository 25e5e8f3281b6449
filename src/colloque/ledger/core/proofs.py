"""A proof that can be handed over: C2SP `tlog-proof` files, and the request by which a witness is asked to cosign.

Sources: c2sp.org/tlog-proof, c2sp.org/tlog-witness (body of `add-checkpoint`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from colloque.kernel.errors import InvalidInputError
from colloque.ledger.core.notes import SignedCheckpoint, VerifierKey, decode_base64, encode_base64, open_checkpoint
from colloque.ledger.core.tree import HASH_BYTES, MAX_PROOF_HASHES, leaf_hash, verify_inclusion

HEADER = "c2sp.org/tlog-proof@v1"

_NUMBERED = re.compile(r"(index|old) (0|[1-9][0-9]{0,18})", re.ASCII)


@dataclass(frozen=True)
class LogProof:
    """Where an entry stands, the hashes that lead to the root, and the checkpoint (a signed note) that holds it."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def encode(self) -> bytes:
        """The `.tlog-proof` file."""
        lines = [HEADER]
        if self.extra is not None:
            lines.append(f"extra {encode_base64(self.extra)}")
        lines += [f"index {self.index}", *map(encode_base64, self.hashes), "", ""]
        return "\n".join(lines).encode() + self.checkpoint

    @classmethod
    def parse(cls, data: bytes) -> LogProof:
        """The proof in a `.tlog-proof` file, unchecked. Raises `InvalidInputError`."""
        lines, checkpoint = _split(data)
        if not lines or lines[0] != HEADER:
            raise InvalidInputError(f"A proof starts with the line {HEADER}.", code="proof-form")
        extra = None
        rest = lines[1:]
        if rest and rest[0].startswith("extra "):
            extra = decode_base64(rest[0].removeprefix("extra "))
            rest = rest[1:]
        index, hashes = _numbered("index", rest)
        return cls(index, hashes, checkpoint, extra)

    def verify(self, entry: bytes, log: VerifierKey, witnesses: Sequence[VerifierKey] = ()) -> SignedCheckpoint:
        """Check that this entry stands in the log where the proof says, under the checkpoint it carries.

        Raises `InvalidInputError` or `TamperedError`.
        """
        signed = open_checkpoint(self.checkpoint, log, witnesses)
        verify_inclusion(leaf_hash(entry), self.index, signed.checkpoint.size, self.hashes, signed.checkpoint.root)
        return signed


@dataclass(frozen=True)
class WitnessRequest:
    """A checkpoint to cosign, with the proof that it continues the one of `old_size` that the witness saw last."""

    old_size: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes

    def encode(self) -> bytes:
        """The body of `add-checkpoint`."""
        lines = [f"old {self.old_size}", *map(encode_base64, self.hashes), "", ""]
        return "\n".join(lines).encode() + self.checkpoint

    @classmethod
    def parse(cls, data: bytes) -> WitnessRequest:
        """The request in these bytes, unchecked. Raises `InvalidInputError`."""
        lines, checkpoint = _split(data)
        old_size, hashes = _numbered("old", lines)
        return cls(old_size, hashes, checkpoint)


def _split(data: bytes) -> tuple[list[str], bytes]:
    head, blank, checkpoint = data.partition(b"\n\n")
    if not blank:
        raise InvalidInputError("The checkpoint after the empty line is missing.", code="proof-form")
    try:
        return head.decode("ascii").split("\n"), checkpoint
    except UnicodeDecodeError as error:
        raise InvalidInputError("The lines before the checkpoint are not ASCII.", code="proof-form") from error


def _numbered(word: str, lines: Sequence[str]) -> tuple[int, tuple[bytes, ...]]:
    match = _NUMBERED.fullmatch(lines[0]) if lines else None
    if match is None or match[1] != word:
        raise InvalidInputError(f"The line '{word} NUMBER' is missing.", code="proof-form")
    hashes = tuple(decode_base64(line) for line in lines[1:])
    if len(hashes) > MAX_PROOF_HASHES or any(len(one) != HASH_BYTES for one in hashes):
        raise InvalidInputError("A proof holds at most 63 hashes of 32 bytes.", code="proof-form")
    return int(match[2]), hashes
