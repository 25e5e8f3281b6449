"""Key files: made once, for their owner only, never replaced, and missed with a sentence that says what to do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest

from colloque.kernel.errors import TamperedError, UnavailableError
from colloque.ledger.core.notes import KeyType
from colloque.ledger.keys import create_keys, new_subject_key, open_subject_key, read_keys, write_once


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_keys_are_made_once_and_only_for_their_owner(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "keys"
    made = create_keys(folder, origin="colloque.example/house", witness="witness.example/w1")
    assert made == ["master.key", "ledger.key", "witness.key", "witness.vkey"]
    assert names(folder) == sorted(made), "no draft is left behind"
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert create_keys(folder, origin="another.example", witness="other.example") == []
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    keys = read_keys(folder)
    assert keys.log.name == "colloque.example/house"
    assert keys.witness is not None
    assert keys.witnesses == (keys.witness.verifier,)
    assert keys.witness.key_type is KeyType.COSIGNATURE_V1
    for secret in (keys.keyring.master, keys.log.seed, keys.witness.seed):
        assert repr(secret) not in repr(keys), "a key never shows in a log line"


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as together:
        list(together.map(lambda _: create_keys(tmp_path, origin="colloque.example/house"), range(16)))
    assert names(tmp_path) == ["ledger.key", "master.key"]
    assert not write_once(tmp_path / "master.key", "x")


def test_a_witness_elsewhere_leaves_only_its_public_key_here(tmp_path: Path) -> None:
    create_keys(tmp_path / "there", origin="x", witness="witness.example/w1")
    create_keys(tmp_path / "here", origin="colloque.example/house")
    (tmp_path / "here" / "witness.vkey").write_bytes((tmp_path / "there" / "witness.vkey").read_bytes())
    keys = read_keys(tmp_path / "here")
    assert keys.witness is None
    assert [key.name for key in keys.witnesses] == ["witness.example/w1"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("master.key", None),
        ("master.key", ""),
        ("master.key", "c2hvcnQ="),
        ("master.key", "é"),
        ("ledger.key", None),
        ("ledger.key", "PRIVATE+KEY+x+00000000+AAAA"),
        ("witness.vkey", "nonsense"),
        ("witness.key", "nonsense"),
    ],
)
def test_a_missing_or_broken_key_is_named(tmp_path: Path, name: str, content: str | None) -> None:
    create_keys(tmp_path, origin="colloque.example/house", witness="witness.example/w1")
    secret = (tmp_path / name).read_text()
    if content is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_text(content)
    with pytest.raises(UnavailableError, match=name) as refused:
        read_keys(tmp_path)
    assert secret.strip() not in str(refused.value)


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    create_keys(tmp_path, origin="colloque.example/house")
    (tmp_path / "master.key").chmod(0o640)
    with pytest.raises(UnavailableError, match="chmod 600"):
        read_keys(tmp_path)


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UnavailableError, match="COLLOQUE_KEYS_DIR"):
        create_keys(tmp_path / "file" / "keys", origin="x")


def test_the_key_of_a_person_opens_for_nobody_else(tmp_path: Path) -> None:
    create_keys(tmp_path, origin="colloque.example/house")
    keyring = read_keys(tmp_path).keyring
    somebody, another = uuid4(), uuid4()
    key, wrapped = new_subject_key(keyring, somebody, lambda n: bytes(range(n)))
    assert open_subject_key(keyring, somebody, wrapped) == key
    assert key not in wrapped
    with pytest.raises(TamperedError):
        open_subject_key(keyring, another, wrapped)
