"""Receipts: how a participant checks, once a consultation is closed, that their votes are counted, and nobody else learns them.

A **ballot** is all that one participant answers, two bits a statement. Its **leaf** is the RFC 6962 hash of the consultation,
the participant's salt and the ballot; whoever does not know the salt learns nothing from it. At closing the leaves of all
ballots, in the order of their bytes, make a tree whose root is written into the ledger with the tally; the leaves are
published. A **receipt** holds what its owner needs to find their leaf: salt and ballot, and the house's signed promise that it
was recorded. The votes that were recorded together are promised together: one signature over the root of their leaves, and to
each the path that leads there, as a certificate-transparency log promises. A later receipt takes the place of an earlier one.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from hashlib import sha256
from itertools import pairwise
from typing import Final
from uuid import UUID

import msgspec

from colloque.kernel.errors import InvalidInputError, TamperedError
from colloque.ledger.core.notes import SignerKey, VerifierKey
from colloque.ledger.core.tree import HASH_BYTES, MAX_PROOF_HASHES, root_of, verify_inclusion

SALT_BYTES: Final = 16
MAX_STATEMENT: Final = 65_535
MAX_RECEIPT_CHARACTERS: Final = 30_000

_VERSION: Final = 1
_BALLOT_DOMAIN: Final = b"colloque/consultations/ballot/v1\x00"
_PROMISE_DOMAIN: Final = b"colloque/consultations/promise/v1\x00"
_SALT_DOMAIN: Final = b"colloque/consultations/salt/v1\x00"
_SIGNATURE_BYTES: Final = 64
_CODED: Final = {-1: 1, 0: 2, 1: 3}
_VALUES: Final = {1: -1, 2: 0, 3: 1}


def salt_key(master: bytes) -> bytes:
    """The key from which every participant's salt is made; 32 bytes, from the installation's master key."""
    return hmac.digest(master, _SALT_DOMAIN, sha256)


def salt_of(key: bytes, consultation: UUID, participant: int) -> bytes:
    """The 16-byte salt of the participant with this number: theirs to know, and the house's, which keeps no copy of it."""
    return hmac.digest(key, consultation.bytes + participant.to_bytes(4, "big"), sha256)[:SALT_BYTES]


def with_vote(ballot: int, statement: int, value: int | None) -> int:
    """The ballot once a statement is answered: −1 disagree, 0 pass, 1 agree, None for an answer taken back."""
    cleared = ballot & ~(3 << 2 * statement)
    return cleared if value is None else cleared | _CODED[value] << 2 * statement


def ballot_of(votes: Iterable[tuple[int, int]]) -> int:
    """The ballot of (statement, value) pairs; of two answers to one statement, the last."""
    ballot = 0
    for statement, value in votes:
        ballot = with_vote(ballot, statement, value)
    return ballot


def votes_of(ballot: int) -> dict[int, int]:
    """The answers of a ballot, by statement number."""
    digits = f"{ballot:b}"[::-1]
    coded = (int(digits[place : place + 2][::-1], 2) for place in range(0, len(digits), 2))
    return {statement: _VALUES[code] for statement, code in enumerate(coded) if code}


def ballot_bytes(ballot: int) -> bytes:
    """The ballot as it is hashed: little end first, no zero byte at the end."""
    return ballot.to_bytes((ballot.bit_length() + 7) // 8, "little")


def leaf_of(consultation: bytes, salt: bytes, ballot: bytes) -> bytes:
    """The 32-byte leaf of a ballot, from the bytes of the consultation's id, the salt and the ballot."""
    return sha256(b"\x00" + _BALLOT_DOMAIN + consultation + salt + ballot).digest()


def _promise(root: bytes, size: int, microseconds: int) -> bytes:
    return _PROMISE_DOMAIN + root + size.to_bytes(4, "big") + microseconds.to_bytes(8, "big")


def paths_of(leaves: Sequence[bytes]) -> tuple[bytes, list[bytes]]:
    """The RFC 6962 root of some leaf hashes, and for each leaf the hashes that lead there, one after the other."""
    level, paths = list(leaves), [b""] * len(leaves)
    groups = [range(place, place + 1) for place in range(len(leaves))]
    while len(level) > 1:
        above, above_groups = [], []
        for place in range(0, len(level) - 1, 2):
            left, right = level[place], level[place + 1]
            for leaf in groups[place]:
                paths[leaf] += right
            for leaf in groups[place + 1]:
                paths[leaf] += left
            above.append(sha256(b"\x01" + left + right).digest())
            above_groups.append(range(groups[place].start, groups[place + 1].stop))
        if len(level) % 2:
            above.append(level[-1])
            above_groups.append(groups[-1])
        level, groups = above, above_groups
    return (level[0] if level else root_of([])), paths


class Recorded(msgspec.Struct, frozen=True):
    """A ballot that has just been recorded: the consultation's id as 16 bytes, the participant, their salt, the ballot."""

    consultation: bytes
    participant: int
    salt: bytes
    ballot: bytes


def promise(recorded: Sequence[Recorded], microseconds: int, signer: SignerKey) -> list[str]:
    """A receipt for each ballot recorded together at a moment (microseconds since 1970), as text of about 300 characters."""
    leaves = [leaf_of(one.consultation, one.salt, one.ballot) for one in recorded]
    root, paths = paths_of(leaves)
    size = len(leaves)
    signature = signer.raw_signature(_promise(root, size, microseconds))
    when, whole = microseconds.to_bytes(8, "big"), size.to_bytes(4, "big")
    return [
        urlsafe_b64encode(
            b"".join(
                (
                    b"\x01",
                    one.consultation,
                    one.participant.to_bytes(4, "big"),
                    one.salt,
                    when,
                    place.to_bytes(4, "big"),
                    whole,
                    bytes((len(path) // HASH_BYTES,)),
                    path,
                    signature,
                    one.ballot,
                )
            )
        )
        .rstrip(b"=")
        .decode()
        for place, (one, path) in enumerate(zip(recorded, paths, strict=True))
    ]


class Receipt(msgspec.Struct, frozen=True):
    """What a receipt says, unchecked."""

    consultation: UUID
    participant: int
    salt: bytes
    ballot: int
    microseconds: int
    index: int
    size: int
    path: tuple[bytes, ...]
    signature: bytes

    @classmethod
    def parse(cls, text: str) -> Receipt:
        """The receipt in this text; spaces and line ends do not count. Raises `InvalidInputError`."""
        packed = "".join(text.split())
        if not packed.isascii() or len(packed) > MAX_RECEIPT_CHARACTERS:
            raise _not_a_receipt()
        try:
            data = urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
        except ValueError:
            raise _not_a_receipt() from None
        fixed = 1 + 16 + 4 + SALT_BYTES + 8 + 4 + 4 + 1
        if len(data) < fixed + _SIGNATURE_BYTES or data[0] != _VERSION:
            raise _not_a_receipt()
        hashes = data[fixed - 1]
        signature_at = fixed + hashes * HASH_BYTES
        ballot = data[signature_at + _SIGNATURE_BYTES :]
        if hashes > MAX_PROOF_HASHES or len(data) < signature_at + _SIGNATURE_BYTES or ballot.endswith(b"\x00"):
            raise _not_a_receipt()
        if urlsafe_b64encode(data).rstrip(b"=").decode() != packed.rstrip("="):
            raise _not_a_receipt()
        return cls(
            consultation=UUID(bytes=data[1:17]),
            participant=int.from_bytes(data[17:21], "big"),
            salt=data[21:37],
            microseconds=int.from_bytes(data[37:45], "big"),
            index=int.from_bytes(data[45:49], "big"),
            size=int.from_bytes(data[49:53], "big"),
            path=tuple(data[place : place + HASH_BYTES] for place in range(fixed, signature_at, HASH_BYTES)),
            signature=data[signature_at : signature_at + _SIGNATURE_BYTES],
            ballot=int.from_bytes(ballot, "little"),
        )

    @property
    def leaf(self) -> bytes:
        """The leaf of the ballot."""
        return leaf_of(self.consultation.bytes, self.salt, ballot_bytes(self.ballot))

    def check_promise(self, house: VerifierKey) -> None:
        """Check that the house of this public key signed that it recorded this ballot. Raises `TamperedError`."""
        root = self._root()
        if not house.holds(_promise(root, self.size, self.microseconds), self.signature):
            raise TamperedError("This receipt was not signed by this house, or was changed since.", code="receipt")

    def _root(self) -> bytes:
        """The root to which the path leads from the leaf, by the sides that index and size prescribe."""
        digest, side, last, rest = self.leaf, self.index, self.size - 1, list(self.path)
        if not 0 <= side <= last:
            raise TamperedError("This receipt was changed.", code="receipt")
        while last:
            if side & 1 or side < last:
                if not rest:
                    raise TamperedError("This receipt was changed.", code="receipt")
                sibling = rest.pop(0)
                pair = sibling + digest if side & 1 else digest + sibling
                digest = sha256(b"\x01" + pair).digest()
            side >>= 1
            last >>= 1
        verify_inclusion(self.leaf, self.index, self.size, self.path, digest)
        return digest


def _not_a_receipt() -> InvalidInputError:
    return InvalidInputError("This is not a receipt of Colloque, or a part of it is missing.", code="receipt-form")


def closing_leaves(key: bytes, consultation: UUID, ballots: Mapping[int, int]) -> list[bytes]:
    """The leaves of all ballots by participant number, in the order in which they are published; empty ballots have none."""
    return sorted(
        leaf_of(consultation.bytes, salt_of(key, consultation, participant), ballot_bytes(ballot))
        for participant, ballot in ballots.items()
        if ballot
    )


class Counted(StrEnum):
    """What became of the ballot on a receipt."""

    COUNTED = "counted"
    NOT_COUNTED = "not-counted"


def check_counted(receipt: Receipt, consultation: UUID, leaves: Sequence[bytes], root: bytes) -> Counted:
    """Whether the ballot on a receipt is among the published leaves, which must lead to the root in the ledger.

    `not-counted` means that the participant changed an answer after this receipt, or that the house left the ballot out.
    Raises `InvalidInputError` for a receipt of another consultation, `TamperedError` where the leaves are not those of the root.
    """
    if receipt.consultation != consultation:
        raise InvalidInputError("This receipt is of another consultation.", code="receipt-elsewhere")
    if root_of(leaves) != root or any(one >= other for one, other in pairwise(leaves)):
        raise TamperedError("The published ballots are not those whose root the ledger holds.", code="ballots")
    place = bisect_left(leaves, receipt.leaf)
    found = place < len(leaves) and leaves[place] == receipt.leaf
    return Counted.COUNTED if found else Counted.NOT_COUNTED
