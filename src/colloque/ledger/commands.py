"""`colloque verify` and `colloque ledger …`. Verifying and witnessing need neither Django nor a database."""

from __future__ import annotations

import argparse
import secrets
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from colloque.kernel.errors import ColloqueError, InvalidInputError, TamperedError, UnavailableError
from colloque.ledger.core.notes import KeyType, SignerKey, VerifierKey, parse_signature_lines
from colloque.ledger.core.proofs import LogProof, WitnessRequest
from colloque.ledger.core.verification import Read, Report, verify_bundle

INTACT, TAMPERED, UNREADABLE = 0, 1, 2
PROMISED_SECONDS = 60.0


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`colloque verify` and the `colloque ledger` group."""
    verify = commands.add_parser(
        "verify",
        help="check a bundle or a proof, with no database and no trust in who made it",
        description="Exit code 0: intact. 1: tampered with. 2: cannot be read.",
    )
    verify.add_argument("path", type=Path, help="the folder made by `colloque ledger export`, or one .tlog-proof file")
    verify.add_argument(
        "--entry", type=Path, help="with a .tlog-proof file that does not carry its entry: the entry, as bytes"
    )
    verify.add_argument("--log-key", help="the log's verifier key, as published elsewhere than in the bundle")
    verify.add_argument("--witness-key", action="append", default=[], help="a witness's verifier key (may be repeated)")
    verify.add_argument("--max-delay", type=float, help="count a longer wait for a number (seconds) as a fault")
    verify.set_defaults(run=_verify)

    ledger = commands.add_parser("ledger", help="the ledger: export, number, audit, witness").add_subparsers(
        dest="ledger_command", required=True, metavar="COMMAND"
    )
    export = ledger.add_parser("export", help="write a bundle that anyone can verify")
    export.add_argument("folder", type=Path)
    export.add_argument("--subject", type=UUID, help="also open what was recorded about this person")
    export.add_argument("--purpose", default="", help="why it is opened; recorded in the ledger")
    export.set_defaults(run=_export, needs_django=True)

    ledger.add_parser("integrate", help="number and sign what waits, once").set_defaults(
        run=_integrate, needs_django=True
    )
    ledger.add_parser("audit", help="check the database against itself").set_defaults(run=_audit, needs_django=True)
    ledger.add_parser("status", help="size, last signature, delay").set_defaults(run=_status, needs_django=True)

    request = ledger.add_parser("request", help="print the request that asks a witness to cosign the newest checkpoint")
    request.add_argument("--old", type=int, default=0, help="the size this witness saw last")
    request.set_defaults(run=_request, needs_django=True)
    ledger.add_parser("cosign", help="keep a witness's cosignature lines, read from standard input").set_defaults(
        run=_cosign
    )

    witness = ledger.add_parser("witness", help="as a witness: check the request on standard input and cosign it")
    witness.add_argument("--key", type=Path, required=True, help="file of the witness's secret key")
    witness.add_argument("--log-key", required=True, help="verifier key of the log")
    witness.add_argument("--state", type=Path, required=True, help="file in which this witness remembers this log")
    witness.set_defaults(run=_witness)
    witness_key = ledger.add_parser("witness-key", help="as a witness: make a secret key and print its verifier key")
    witness_key.add_argument("--name", required=True, help="the witness's name, like a web address without https://")
    witness_key.add_argument("--key", type=Path, required=True, help="file to make")
    witness_key.set_defaults(run=_witness_key)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def _verify(options: argparse.Namespace) -> int:
    log_key = VerifierKey.parse(options.log_key) if options.log_key else None
    witness_keys = [VerifierKey.parse(text) for text in options.witness_key]
    if options.path.is_file():
        return _verify_proof(options.path, options.entry, log_key, witness_keys)
    if not options.path.is_dir():
        raise UnavailableError(f"There is no folder {options.path}.", code="no-bundle")
    try:
        report = verify_bundle(_reader(options.path), log_key=log_key, witness_keys=witness_keys)
    except OSError as error:
        raise UnavailableError(f"{error.filename} cannot be read: {error.strerror}.", code="unreadable") from error
    late = report.later_than(timedelta(seconds=PROMISED_SECONDS if options.max_delay is None else options.max_delay))
    for one in late if options.max_delay is not None else ():
        size, waited = one.signed.checkpoint.size, (one.at - one.oldest).total_seconds()
        report.add(
            "checkpoints.jsonl", f"an entry of the checkpoint of {size} entries waited {waited:.1f} s for its number"
        )
    _tell(report, has_trusted_key=log_key is not None, late=len(late))
    return INTACT if report.is_intact else TAMPERED


def _reader(folder: Path) -> Read:
    def read(path: str) -> bytes | None:
        try:
            return (folder / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    return read


def _tell(report: Report, *, has_trusted_key: bool, late: int) -> None:
    for fault in report.faults:
        _say(f"FAULT  {fault}.")
    if not report.is_intact:
        _say(f"This record is not intact: {len(report.faults)} thing(s) do not hold.")
        return
    _say(f"Intact. {report.size} entries of {report.log.name} hashed again; they lead to the signed root.")
    _say(
        f"{len(report.checkpoints)} checkpoint(s), each the beginning of the next: nothing was changed or removed between."
    )
    for key, (size, at) in sorted(report.witnessed.items(), key=lambda item: item[0].name):
        _say(f"The witness {key.name} confirms {size} entries, on {at:%Y-%m-%d %H:%M:%S} UTC.")
    if not report.witnessed:
        _say("No witness cosigned: whoever holds the log's key could have made another version of it.")
    _say(f"The longest wait for a number was {report.longest_delay.total_seconds():.1f} s.")
    if late:
        _say(f"LATE  {late} checkpoint(s) hold an entry that waited more than {PROMISED_SECONDS:.0f} s.")
    if report.opened or report.proofs:
        _say(f"{report.opened} opened entries are what the log committed to; {report.proofs} proofs hold.")
    if not has_trusted_key:
        _say(
            "The keys were read from the bundle itself. Compare this one with the key published elsewhere, or give --log-key:"
        )
        _say(f"  {report.log.encode()}")


def _verify_proof(
    path: Path, entry: Path | None, log_key: VerifierKey | None, witness_keys: Sequence[VerifierKey]
) -> int:
    if log_key is None:
        raise InvalidInputError("A single proof is checked with --log-key KEY.", code="proof-usage")
    try:
        data, given = path.read_bytes(), entry.read_bytes() if entry is not None else None
    except OSError as error:
        raise UnavailableError(f"{error.filename} cannot be read: {error.strerror}.", code="unreadable") from error
    try:
        proof = LogProof.parse(data)
        leaf = given if given is not None else proof.extra
        if leaf is None:
            raise InvalidInputError(
                "This proof does not carry its entry: give it with --entry FILE.", code="proof-usage"
            )
        signed = proof.verify(leaf, log_key, witness_keys)
        silent = [key.name for key in witness_keys if key not in [one.key for one in signed.cosigned]]
        if silent:
            raise TamperedError(f"The witness {silent[0]} did not cosign it.", code="witness")
    except (InvalidInputError, TamperedError) as error:
        if error.code == "proof-usage":
            raise
        _say(f"FAULT  {path.name}: {error.message}")
        return TAMPERED
    size = signed.checkpoint.size
    _say(f"Intact. This entry is number {proof.index} of the {size} entries that {log_key.name} signed.")
    if given is None:
        _say(f"The entry: {leaf.decode('utf-8', 'replace')}")
    for one in signed.cosigned:
        _say(f"The witness {one.key.name} confirms it, on {one.at:%Y-%m-%d %H:%M:%S} UTC.")
    return INTACT


def _export(options: argparse.Namespace) -> int:
    from colloque.ledger.actions import cosign, integrate
    from colloque.ledger.export import export_bundle

    now = datetime.now(UTC)
    integrate(now)
    cosign(now)
    size = export_bundle(options.folder, made=now, subject=options.subject, purpose=options.purpose)
    _say(f"{size} entries in {options.folder}. Anyone checks them with: colloque verify {options.folder}")
    return 0


def _integrate(_options: argparse.Namespace) -> int:
    from colloque.ledger.actions import BATCH, cosign, integrate

    total = 0
    while True:
        done = integrate(datetime.now(UTC))
        if not done.is_leader:
            _say("Another process is numbering entries now; nothing was left to do here.")
            return 0
        total += done.integrated
        if done.integrated < BATCH:
            break
    cosign(datetime.now(UTC))
    _say(f"{total} entries numbered; the log holds {done.size}.")
    return 0


def _audit(_options: argparse.Namespace) -> int:
    from colloque.ledger.audit import audit

    faults = audit()
    for fault in faults:
        _say(f"FAULT  {fault}")
    _say("The database agrees with itself." if not faults else f"{len(faults)} thing(s) do not hold.")
    return TAMPERED if faults else INTACT


def _status(_options: argparse.Namespace) -> int:
    from colloque.ledger.queries import health

    state = health()
    signed = f"{state.signed_at:%Y-%m-%d %H:%M:%S} UTC" if state.signed_at is not None else "never"
    _say(f"entries signed      {state.size}   (last {signed})")
    _say(f"confirmed by witness {state.cosigned_size}")
    _say(f"waiting              {state.pending}   (the oldest for {state.oldest_wait:.1f} s)")
    _say(f"longest wait, 24 h   {state.longest_delay:.1f} s   (promised: {state.promised_delay:.0f} s)")
    return 1 if state.is_late else 0


def _request(options: argparse.Namespace) -> int:
    from colloque.ledger.queries import witness_request

    sys.stdout.buffer.write(witness_request(options.old).encode())
    return 0


def _cosign(_options: argparse.Namespace) -> int:
    from colloque.ledger.actions import accept_cosignatures

    size = accept_cosignatures(parse_signature_lines(sys.stdin.buffer.read().decode("utf-8", "replace")))
    _say(f"Kept: a witness confirms {size} entries.")
    return 0


def _witness(options: argparse.Namespace) -> int:
    from colloque.ledger.keys import read_signer
    from colloque.ledger.witness import cosign_request

    request = WitnessRequest.parse(sys.stdin.buffer.read())
    try:
        signature = cosign_request(
            request,
            state=options.state,
            log=VerifierKey.parse(options.log_key),
            witness=read_signer(options.key, KeyType.COSIGNATURE_V1),
            at=datetime.now(UTC),
        )
    except ColloqueError as error:
        if error.code in {"consistency", "signature", "origin"}:
            sys.stderr.write(f"colloque: {error.message} This was not cosigned. Keep the request: it is evidence.\n")
            return TAMPERED
        raise
    sys.stdout.buffer.write(signature.line().encode())
    return 0


def _witness_key(options: argparse.Namespace) -> int:
    from colloque.ledger.keys import write_once

    signer = SignerKey.generate(options.name, KeyType.COSIGNATURE_V1, secrets.token_bytes)
    if not write_once(options.key, signer.encode() + "\n"):
        raise InvalidInputError(f"There is already a file {options.key}; a key is never replaced.", code="key-exists")
    _say(signer.verifier.encode())
    return 0
