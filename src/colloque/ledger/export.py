"""Writing a bundle for anyone who doubts: the whole log as files, made from the database and verifiable without it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec
from django.db import transaction

from colloque.kernel.errors import InvalidInputError, NotFoundError, UnavailableError
from colloque.ledger.actions import record
from colloque.ledger.core.bundle import (
    CHECKPOINT,
    CHECKPOINTS,
    KEYS,
    MANIFEST,
    OPENED,
    CheckpointLine,
    Manifest,
    OpenedLine,
    digest_of,
    encode_keys,
    encode_line,
    proof_path,
    write_moment,
)
from colloque.ledger.core.proofs import LogProof
from colloque.ledger.core.tiles import entry_bundles_of, range_root_from, tiles_of
from colloque.ledger.core.tree import prove_inclusion
from colloque.ledger.queries import (
    checkpoints,
    find_subject_key,
    installation_keys,
    latest_checkpoint,
    read_entry_bundle,
    read_tile,
    revealed,
)


def export_bundle(folder: Path, *, made: datetime, subject: UUID | None = None, purpose: str = "") -> int:
    """Write the bundle of the newest checkpoint into an empty or new folder, and give the number of entries.

    With a `subject`, the entries about this person are opened too, each with its proof; that needs a `purpose`, and is itself
    recorded in the ledger first. Raises `UnavailableError` where nothing was signed yet or the folder cannot be written,
    `InvalidInputError` for a folder that is not empty or a missing purpose, `NotFoundError` for a person without a key.
    """
    latest = latest_checkpoint()
    if latest is None:
        raise UnavailableError("Nothing was recorded yet, so there is nothing to export.", code="no-checkpoint")
    if folder.exists() and any(folder.iterdir()):
        raise InvalidInputError(f"The folder {folder} is not empty. Choose another.", code="folder-not-empty")
    if subject is not None:
        if not purpose.strip():
            raise InvalidInputError(
                "Opening what concerns a person needs a purpose.", code="purpose-missing", path="purpose"
            )
        if find_subject_key(subject) is None:
            raise NotFoundError("There is nothing here that can be opened.", code="no-key")
        with transaction.atomic():
            record("entries-opened", subject=subject, payload={"purpose": purpose.strip()})
    keys = installation_keys()
    files: dict[str, bytes] = {
        KEYS: encode_keys(keys.log.verifier, keys.witnesses),
        CHECKPOINT: latest.note,
        CHECKPOINTS: b"".join(
            encode_line(CheckpointLine(write_moment(one.at), one.note.decode(), write_moment(one.oldest)))
            for one in checkpoints()
            if one.size <= latest.size
        ),
    }
    if subject is not None:
        files |= _opened(subject, latest.size, latest.note)
    digests = {path: digest_of(data) for path, data in files.items()}
    manifest = Manifest(keys.log.name, latest.size, made, digests).sign(keys.log)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for tile in tiles_of(latest.size):
            _write(folder / tile.path, read_tile(tile))
        for bundle in entry_bundles_of(latest.size):
            _write(folder / bundle.path, read_entry_bundle(bundle))
        for path, data in files.items():
            _write(folder / path, data)
        _write(folder / MANIFEST, manifest.encode())
    except OSError as error:
        raise UnavailableError(
            f"The bundle cannot be written in {folder}: {error.strerror}.", code="bundle-write"
        ) from error
    return latest.size


def _opened(subject: UUID, size: int, note: bytes) -> dict[str, bytes]:
    range_root = range_root_from(size, read_tile)
    files, lines = {}, []
    for index, entry_id, salt, payload in revealed(subject, size):
        lines.append(encode_line(OpenedLine(str(entry_id), index, msgspec.Raw(payload), salt.hex())))
        files[proof_path(index)] = LogProof(index, tuple(prove_inclusion(index, size, range_root)), note).encode()
    return {OPENED: b"".join(lines), **files}


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
