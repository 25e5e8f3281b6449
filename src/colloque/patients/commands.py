"""`colloque patients …`: bringing in FHIR patients and consents from another system. Prints counts, never a name."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from colloque.kernel.errors import InvalidInputError, NotFoundError
from colloque.kernel.vocabulary import ActKind


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The `colloque patients` group."""
    patients = commands.add_parser("patients", help="bring in FHIR patients and their consents").add_subparsers(
        dest="patients_command", required=True, metavar="COMMAND"
    )
    admit = patients.add_parser("import", help="admit the Patients of a FHIR R4 resource or bundle")
    _common(admit)
    admit.add_argument("--unit", required=True, help="the short name of the unit they stay in")
    admit.set_defaults(run=_import, needs_django=True)

    consent = patients.add_parser("consent", help="keep what FHIR R4 Consents say about AI, each whole or not at all")
    _common(consent)
    consent.add_argument(
        "--codes",
        type=Path,
        required=True,
        help='a JSON file {"acts": {"SYSTEM|CODE": ACT KIND}, "devices": {"Device/ID": PROJECT}}',
    )
    consent.set_defaults(run=_consent, needs_django=True)


def _common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path)
    parser.add_argument("--establishment", required=True, help="its short name")
    parser.add_argument("--issuer", required=True, help="the issuer of the record system the ids come from")
    parser.add_argument(
        "--by", required=True, metavar="EMAIL", help="the carer or administrator in whose name it is done"
    )


def _import(options: argparse.Namespace) -> int:
    from django.utils import timezone

    from colloque.patients.access import record_system, unit_named
    from colloque.patients.actions import admit_from_fhir
    from colloque.people.queries import account_at

    house, system = record_system(options.establishment, options.issuer)
    by = account_at(options.by)
    if by is None:
        raise NotFoundError("Nobody signs in with this address.")
    unit, admitted, deceased = unit_named(house, options.unit), set(), 0
    resources = _resources(options.file, "Patient")
    for resource in resources:
        try:
            person = admit_from_fhir(house, resource, system=system, unit=unit, by=by, at=timezone.now())
        except InvalidInputError as error:
            if error.code != "deceased":
                raise
            deceased += 1
        else:
            admitted.add(person.id)
    died = f" {deceased} had died and were not admitted." if deceased else ""
    sys.stdout.write(f"{len(resources)} read, {len(admitted)} persons here.{died}\n")
    return 0


def _consent(options: argparse.Namespace) -> int:
    from django.utils import timezone

    from colloque.fhir.consent import consent_answers
    from colloque.patients.access import person_known_as, record_system
    from colloque.patients.actions import accept_consent
    from colloque.people.queries import account_at
    from colloque.projects.queries import project_named

    house, system = record_system(options.establishment, options.issuer)
    by = account_at(options.by)
    if by is None:
        raise NotFoundError("Nobody signs in with this address.")
    acts, devices = _codes(options.codes)
    projects = {device: project_named(house, slug) for device, slug in devices.items()}
    consents = [consent_answers(resource, acts) for resource in _resources(options.file, "Consent")]
    changed = 0
    for answers in consents:
        person = person_known_as(system, answers.patient)
        changed += accept_consent(person, answers, projects, by=by, at=timezone.now())
    sys.stdout.write(f"{len(consents)} consents read, {changed} answers changed.\n")
    return 0


def _json(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidInputError(f"{file} cannot be read: {error.strerror}.", path=str(file)) from error
    except ValueError as error:
        raise InvalidInputError(f"{file} is not JSON.", path=str(file)) from error


def _resources(file: Path, kind: str) -> list[Any]:
    content = _json(file)
    if isinstance(content, dict) and content.get("resourceType") == "Bundle":
        entries = content.get("entry")
        found = [e.get("resource") for e in entries if isinstance(e, dict)] if isinstance(entries, list) else []
    else:
        found = [content]
    resources = [r for r in found if isinstance(r, dict) and r.get("resourceType") == kind]
    if not resources:
        raise InvalidInputError(f"{file} holds no {kind}.", path=str(file))
    return resources


def _codes(file: Path) -> tuple[dict[tuple[str, str], ActKind], dict[str, str]]:
    content = _json(file)
    acts, devices = (content.get("acts"), content.get("devices", {})) if isinstance(content, dict) else (None, None)
    if not isinstance(acts, dict) or not isinstance(devices, dict):
        raise InvalidInputError(f"{file} must hold `acts` and may hold `devices`.", path=str(file))
    try:
        kinds = {(system, code): ActKind(acts[key]) for key in acts for system, _bar, code in [key.rpartition("|")]}
    except (ValueError, TypeError) as error:
        raise InvalidInputError(f"{file} names a kind of act that does not exist.", path=str(file)) from error
    return kinds, {str(device): str(slug) for device, slug in devices.items()}
