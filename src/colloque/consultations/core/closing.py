"""What a closed consultation publishes so that anybody checks a receipt without asking the house which one."""

from __future__ import annotations

import msgspec

from colloque.consultations.core.receipts import Counted, Receipt, check_counted
from colloque.consultations.core.tally import Tally
from colloque.kernel.errors import InvalidInputError, TamperedError
from colloque.ledger.core.entries import check_revealed
from colloque.ledger.core.notes import VerifierKey
from colloque.ledger.core.proofs import LogProof

KIND = "consultation.closed"
VERSION = 1
MAX_BYTES = 500_000_000


class PublishedClosing(msgspec.Struct, frozen=True):
    """The tally as the ledger holds it, the proof that it does, and the leaf of every ballot in order.

    `house` is the house's verifier key; `leaf`, `salt` and `payload` open the entry; `proof` is a C2SP `.tlog-proof`, empty while
    the entry waits for its number. Bytes are written in base64.
    """

    house: str
    leaf: bytes
    salt: bytes
    payload: bytes
    proof: str
    leaves: tuple[bytes, ...]
    v: int = VERSION

    def encode(self) -> bytes:
        """The file that is published."""
        return msgspec.json.encode(self)

    @classmethod
    def parse(cls, data: bytes) -> PublishedClosing:
        """The closing in a published file, unchecked. Raises `InvalidInputError`."""
        try:
            found = msgspec.json.decode(data, type=cls)
        except msgspec.DecodeError as error:
            raise InvalidInputError("This is not the file of a closed consultation.", code="closing-form") from error
        if found.v != VERSION:
            raise InvalidInputError(f"This file has version {found.v}; this software reads {VERSION}.", path="v")
        return found

    def check(self, house: VerifierKey) -> Tally:
        """The tally, once ledger entry and proof hold under the house's key. Raises `InvalidInputError`, `TamperedError`."""
        if check_revealed(self.leaf, self.salt, self.payload).kind != KIND:
            raise TamperedError("The entry in this file is not the closing of a consultation.", code="closing")
        if self.proof:
            LogProof.parse(self.proof.encode()).verify(self.leaf, house)
        try:
            return msgspec.json.decode(self.payload, type=Tally)
        except msgspec.DecodeError as error:
            raise InvalidInputError("The entry in this file holds no tally.", code="closing-form") from error


class CheckedReceipt(msgspec.Struct, frozen=True):
    """What a receipt and a published closing say together."""

    receipt: Receipt
    tally: Tally
    counted: Counted
    is_in_ledger: bool


def check_offline(receipt: str, closing: bytes, house: VerifierKey | None = None) -> CheckedReceipt:
    """Check a receipt against a published closing, with no database and no network.

    `house` is the key as known from elsewhere; without it the key in the file is believed. Raises `InvalidInputError` for what is
    neither, `TamperedError` for what does not hold.
    """
    published = PublishedClosing.parse(closing)
    key = house or VerifierKey.parse(published.house)
    read = Receipt.parse(receipt)
    read.check_promise(key)
    tally = published.check(key)
    counted = check_counted(read, tally.consultation, published.leaves, bytes.fromhex(tally.ballots))
    return CheckedReceipt(read, tally, counted, bool(published.proof))
