"""What a witness does: see that a log only ever grew since it last looked, then say so. Source: c2sp.org/tlog-witness."""

from __future__ import annotations

from datetime import datetime

from colloque.kernel.errors import ConflictError
from colloque.ledger.core.notes import Checkpoint, Signature, SignerKey, VerifierKey, cosign, open_checkpoint
from colloque.ledger.core.proofs import WitnessRequest
from colloque.ledger.core.tree import EMPTY_ROOT, verify_consistency


def answer(
    request: WitnessRequest, *, seen: Checkpoint | None, log: VerifierKey, witness: SignerKey, at: datetime
) -> tuple[Checkpoint, Signature]:
    """The checkpoint that the witness must now remember, to be kept before the signature is given out, and its cosignature.

    `seen` is the last checkpoint this witness cosigned for this log. Raises `ConflictError` (code `witness-size`) when the
    request starts from another size, `TamperedError` when a signature does not hold or the past was changed.
    """
    signed = open_checkpoint(request.checkpoint, log)
    old_size, old_root = (seen.size, seen.root) if seen is not None else (0, EMPTY_ROOT)
    if request.old_size != old_size:
        raise ConflictError(
            f"This witness last saw {old_size} entries, the request starts from {request.old_size}. "
            f"Ask again with a proof from {old_size}.",
            code="witness-size",
        )
    current = signed.checkpoint
    verify_consistency(old_size, old_root, current.size, current.root, request.hashes)
    return current, cosign(signed.note, witness, at)
