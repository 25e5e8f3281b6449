"""The keys of an installation: files in a folder outside the database, mode 0600, each made once and never replaced.

`master.key` wraps the persons' keys (base64 of 32 bytes); `ledger.key` signs checkpoints and `witness.key` cosigns them (both
as `PRIVATE+KEY+…` lines); `witness.vkey` holds the public keys of the witnesses, one a line. Where the witness is another
organisation, only its public key is here. Knows neither Django nor the database.
"""

from __future__ import annotations

import os
import secrets
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from colloque.kernel.errors import InvalidInputError, UnavailableError
from colloque.kernel.sealing import KEY_BYTES, Keyring, RandomBytes
from colloque.ledger.core.notes import KeyType, SignerKey, VerifierKey

MASTER = "master.key"
LEDGER = "ledger.key"
WITNESS = "witness.key"
WITNESSES = "witness.vkey"


@dataclass(frozen=True)
class Keys:
    """What the folder holds. `witness` is there only where the witness signs on this machine, as in the demonstration."""

    folder: Path
    keyring: Keyring = field(repr=False)
    log: SignerKey
    witness: SignerKey | None
    witnesses: tuple[VerifierKey, ...]


def write_once(path: Path, text: str) -> bool:
    """Create a file of mode 0600 with this content, whole or not at all; False when it is already there."""
    if path.exists():
        return False
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return False
    finally:
        draft.unlink()
    return True


def create_keys(folder: Path, *, origin: str, witness: str | None = None) -> list[str]:
    """Make the keys that are missing and name the files made; keys that exist are left as they are.

    `origin` is the name of the log in its checkpoints, `witness` the name of a witness that signs on this machine.
    Raises `UnavailableError` where the folder cannot be written.
    """
    making: list[tuple[str, Callable[[], str]]] = [
        (MASTER, lambda: b64encode(secrets.token_bytes(KEY_BYTES)).decode()),
        (LEDGER, lambda: SignerKey.generate(origin, KeyType.ED25519, secrets.token_bytes).encode()),
    ]
    if witness is not None:
        making.append(
            (WITNESS, lambda: SignerKey.generate(witness, KeyType.COSIGNATURE_V1, secrets.token_bytes).encode())
        )
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = [name for name, content in making if write_once(folder / name, content() + "\n")]
        if witness is not None:
            public = read_signer(folder / WITNESS, KeyType.COSIGNATURE_V1).verifier.encode()
            if write_once(folder / WITNESSES, public + "\n"):
                made.append(WITNESSES)
    except OSError as error:
        raise UnavailableError(
            f"The keys cannot be written in {folder}: {error.strerror}. Choose another COLLOQUE_KEYS_DIR or its rights.",
            code="keys-folder",
        ) from error
    return made


def read_secret(path: Path) -> str:
    """The one line of a secret file. Raises `UnavailableError` when it is missing, empty or readable by others."""
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="ascii")
    except FileNotFoundError as error:
        raise UnavailableError(
            f"The key {path.name} is missing in the keys folder (COLLOQUE_KEYS_DIR). Put it back from its safe copy; "
            "only for a new installation, make it with `colloque keys create`.",
            code="key-missing",
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise UnavailableError(
            f"The key {path.name} in the keys folder cannot be read.", code="key-unreadable"
        ) from error
    if mode & 0o077:
        raise UnavailableError(
            f"The key {path.name} in the keys folder is open to other users. Run `chmod 600` on it.", code="key-open"
        )
    return text.strip()


def read_signer(path: Path, key_type: KeyType) -> SignerKey:
    """The signing key of this type in a secret file. Raises `UnavailableError`."""
    try:
        signer = SignerKey.parse(read_secret(path))
    except InvalidInputError as error:
        raise UnavailableError(f"The file {path.name} does not hold a signing key.", code="key-unreadable") from error
    if signer.key_type is not key_type:
        raise UnavailableError(f"The key in {path.name} is of another kind.", code="key-unreadable")
    return signer


def read_witnesses(path: Path) -> tuple[VerifierKey, ...]:
    """The public keys of the witnesses, one a line; none where the file is missing. Raises `UnavailableError`."""
    if not path.exists():
        return ()
    try:
        keys = tuple(VerifierKey.parse(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip())
    except (OSError, UnicodeDecodeError, InvalidInputError) as error:
        raise UnavailableError(
            f"The file {path.name} does not hold witness keys, one a line.", code="key-unreadable"
        ) from error
    if any(key.key_type is not KeyType.COSIGNATURE_V1 for key in keys):
        raise UnavailableError(f"A key in {path.name} is not a witness key.", code="key-unreadable")
    return keys


def read_keyring(folder: Path) -> Keyring:
    """The master key. Raises `UnavailableError`."""
    try:
        return Keyring(b64decode(read_secret(folder / MASTER), validate=True))
    except ValueError as error:
        raise UnavailableError(f"The file {MASTER} does not hold a master key.", code="key-unreadable") from error


@lru_cache(maxsize=8)
def read_keys(folder: Path) -> Keys:
    """All keys of the folder, read once a process. Raises `UnavailableError`."""
    keyring, log = read_keyring(folder), read_signer(folder / LEDGER, KeyType.ED25519)
    witness = read_signer(folder / WITNESS, KeyType.COSIGNATURE_V1) if (folder / WITNESS).exists() else None
    known = read_witnesses(folder / WITNESSES)
    if witness is not None and witness.verifier not in known:
        known = (*known, witness.verifier)
    return Keys(folder, keyring, log, witness, known)


def new_subject_key(keyring: Keyring, subject: UUID, random_bytes: RandomBytes) -> tuple[bytes, bytes]:
    """A person's new key and the same wrapped for the database."""
    key = random_bytes(KEY_BYTES)
    return key, keyring.wrap(key, about=subject.bytes, random_bytes=random_bytes)


def open_subject_key(keyring: Keyring, subject: UUID, wrapped: bytes) -> bytes:
    """The person's key. Raises `TamperedError` for another person's or under another master key."""
    return keyring.unwrap(wrapped, about=subject.bytes)
