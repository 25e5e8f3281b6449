"""`colloque map`: a Polis export as one page; `colloque consultations …`: bring one into a house, check a receipt."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from colloque.kernel.errors import InvalidInputError, UnavailableError


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`colloque map` and the `colloque consultations` group."""
    drawn = commands.add_parser(
        "map",
        help="compute the opinion map of a Polis export and write it as one page",
        description="Reads comments.csv, votes.csv and participants-votes.csv in a folder. Needs no database.",
    )
    drawn.add_argument("folder", metavar="DIR", type=Path, help="the folder of the export")
    drawn.add_argument("--out", type=Path, required=True, metavar="PAGE.html", help="where to write the page")
    drawn.add_argument("--json", type=Path, metavar="MAP.json", help="write the map as canonical JSON too")
    drawn.add_argument("--language", choices=("fr", "en"), default="fr", help="language of the page (default: fr)")
    drawn.add_argument("--groups", type=int, metavar="K", help="number of groups (default: what fits best)")
    drawn.add_argument("--seed", type=int, help="seed of the computation (default: the one of the engine)")
    drawn.add_argument(
        "--least", type=int, default=5, metavar="N", help="groups of fewer people are not shown (default: 5)"
    )
    drawn.add_argument("--engine", choices=("here", "dask"), default="here", help="where to compute (default: here)")
    drawn.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="Dask scheduler, tcp://host:port (default: worker processes on this machine)",
    )
    drawn.add_argument(
        "--workers", type=int, default=2, help="worker processes where no scheduler is given (default: 2)"
    )
    drawn.set_defaults(run=_map)
    _add_group(commands)


def _add_group(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    group = commands.add_parser("consultations", help="consultations: bring one in, check a receipt").add_subparsers(
        dest="consultations_command", required=True, metavar="COMMAND"
    )
    check = group.add_parser(
        "check-receipt",
        help="check that a receipt's ballot was counted, with no database and no trust in the house",
        description="Exit code 0: counted. 1: not counted, or something was changed. 2: cannot be read.",
    )
    check.add_argument("receipt", type=Path, help="a file with the receipt")
    check.add_argument("closing", type=Path, help="the ballots that the house published (…-ballots.json)")
    check.add_argument("--house-key", help="the house's verifier key, as published elsewhere than in that file")
    check.set_defaults(run=_check_receipt)

    brought = group.add_parser(
        "import",
        help="bring in a consultation held with Polis, closed and counted; the same export again changes nothing",
    )
    brought.add_argument("folder", metavar="DIR", type=Path, help="the folder of the export")
    brought.add_argument(
        "--establishment", required=True, metavar="SLUG", help="the house it becomes a consultation of"
    )
    brought.add_argument("--by", required=True, metavar="EMAIL", help="somebody who animates consultations there")
    brought.add_argument("--title", default="", help="its title (default: the topic of the export)")
    brought.set_defaults(run=_import, needs_django=True)


def _check_receipt(options: argparse.Namespace) -> int:
    from colloque.consultations.core.closing import check_offline
    from colloque.consultations.core.receipts import Counted
    from colloque.kernel.errors import TamperedError
    from colloque.ledger.core.notes import VerifierKey

    try:
        receipt = options.receipt.read_text(encoding="utf-8", errors="replace")
        closing = options.closing.read_bytes()
    except OSError as error:
        raise InvalidInputError(f"{error.filename} cannot be read: {error.strerror}.") from error
    try:
        found = check_offline(receipt, closing, VerifierKey.parse(options.house_key) if options.house_key else None)
    except TamperedError as error:
        sys.stdout.write(f"{error.message}\n")
        return 1
    tally = found.tally
    lines = [
        f"Consultation {tally.consultation}: {tally.participants} ballots, {tally.votes} votes.",
        "The tally stands in the house's ledger."
        if found.is_in_ledger
        else "The tally waits for its number in the ledger: download the file again in a moment.",
        "This ballot was counted, as it stands on the receipt."
        if found.counted is Counted.COUNTED
        else "This ballot was not counted: an answer was changed after the receipt, or the house left it out.",
    ]
    if not options.house_key:
        lines.append("The house's key was taken from the file itself: compare it with one published elsewhere.")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if found.counted is Counted.COUNTED else 1


def _map(options: argparse.Namespace) -> int:
    from colloque.consultations.core.map_report import report_html
    from colloque.consultations.core.opinion.engine import compute_map
    from colloque.consultations.core.opinion.values import MapSettings
    from colloque.consultations.core.polis_export import read_export

    if options.scheduler and options.engine != "dask":
        raise InvalidInputError("--scheduler goes with --engine dask.", path="scheduler")
    if options.workers < 1 or options.least < 1:
        raise InvalidInputError("--workers and --least count from 1.")
    export = read_export(_files(options.folder))
    settings = MapSettings(k=options.groups)
    if options.seed is not None:
        settings = MapSettings(k=options.groups, seed=options.seed)
    table = export.table()
    if options.engine == "dask":
        from colloque.consultations.sharding import compute_sharded

        found, placed = compute_sharded(
            table, export.statuses, settings, scheduler=options.scheduler, workers=options.workers
        )
    else:
        found, placed = compute_map(table, export.statuses, settings)
    texts = {comment.number: comment.text for comment in export.comments}
    page = report_html(
        found,
        placed,
        texts,
        title=export.summary.get("topic", ""),
        language=options.language,
        least=options.least,
    )
    _write(options.out, page.encode("utf-8"))
    if options.json is not None:
        _write(options.json, found.to_json())
    sys.stdout.write(
        f"{found.people} people, {found.people_on_map} on the map, {found.votes} votes, {found.k} groups: {options.out}\n"
    )
    return 0


def _import(options: argparse.Namespace) -> int:
    from datetime import UTC, datetime

    from colloque.consultations.actions.importing import import_for

    done = import_for(
        options.establishment, options.by, _files(options.folder), at=datetime.now(UTC), title=options.title
    )
    what = "imported" if done.is_new else "was imported before; nothing changed"
    sys.stdout.write(
        f"{done.consultation.title}: {what}. {done.people} people, {done.statements} statements, {done.votes} votes: "
        f"/c/{done.consultation.id}/map/\n"
    )
    return 0


def _files(folder: Path) -> dict[str, bytes]:
    from colloque.consultations.core.polis_export import FILES

    if not folder.is_dir():
        raise InvalidInputError(f"{folder} is not a folder. Give the folder that holds votes.csv.", path="folder")
    try:
        return {name: (folder / name).read_bytes() for name in FILES if (folder / name).is_file()}
    except OSError as error:
        raise UnavailableError(f"{folder} cannot be read: {error.strerror}.") from error


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise UnavailableError(f"{path} cannot be written: {error.strerror}.") from error
