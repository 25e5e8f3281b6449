"""The memory of a witness: one small file with the last checkpoint it cosigned, held by one process at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from colloque.kernel.errors import UnavailableError
from colloque.ledger.core.notes import Checkpoint, Signature, SignerKey, VerifierKey, open_checkpoint, parse_note
from colloque.ledger.core.proofs import WitnessRequest
from colloque.ledger.core.witness import answer


@contextmanager
def _held(state: Path) -> Iterator[None]:
    try:
        descriptor = os.open(state.with_name(f".{state.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise UnavailableError(f"The witness cannot keep its memory in {state}: {error.strerror}.") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def last_seen(state: Path, log: VerifierKey, witness: SignerKey) -> Checkpoint | None:
    """The last checkpoint this witness cosigned for this log; None before the first.

    Raises `TamperedError` when the file is not what the witness wrote.
    """
    try:
        data = state.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UnavailableError(f"The memory of the witness, {state}, cannot be read: {error.strerror}.") from error
    return open_checkpoint(data, log, [witness.verifier]).checkpoint


def cosign_request(
    request: WitnessRequest, *, state: Path, log: VerifierKey, witness: SignerKey, at: datetime
) -> Signature:
    """The witness's cosignature, once its memory is safely on disk.

    Raises what `core.witness.answer` raises, and `UnavailableError` when the memory cannot be written.
    """
    with _held(state):
        _, signature = answer(request, seen=last_seen(state, log, witness), log=log, witness=witness, at=at)
        draft = state.with_name(f".{state.name}.draft")
        try:
            with draft.open("wb") as file:
                file.write(parse_note(request.checkpoint).with_signatures([signature]).encode())
                file.flush()
                os.fsync(file.fileno())
            draft.replace(state)
        except OSError as error:
            raise UnavailableError(f"The witness cannot keep its memory in {state}: {error.strerror}.") from error
        return signature
