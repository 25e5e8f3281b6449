"""A CDS Hooks call as a service must find it: shape, the context of its hook, prefetched data of one person only.

What is wrong is collected, each thing with its place. Members that the standard does not know, or that a later version adds,
are left in peace. `fhirAuthorization` is accepted and never read: nothing is fetched from the record.
Source: CDS Hooks 2.0.1 and its hook library; field types of FHIR R4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final
from uuid import UUID

import msgspec

from colloque.gateway.core.problems import CallError, Problem, refuse

MAX_BODY: Final = 1_048_576
MAX_PREFETCH_KEYS: Final = 50
MAX_PROBLEMS: Final = 20
MAX_ENTRIES: Final = 500
MAX_NESTED_BUNDLES: Final = 2

_FHIR_ID: Final = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_LOCAL_REFERENCE: Final = re.compile(r"([A-Z][A-Za-z]{1,63})/([A-Za-z0-9\-.]{1,64})")
_URN: Final = re.compile(r"urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_PATIENT_REFERENCE: Final = re.compile(r"(?:.*/)?Patient/([A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]{1,64})?")
_RESOURCE_TYPE: Final = re.compile(r"[A-Z][A-Za-z]{1,63}")
_DATE: Final = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
_KEY: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_MISSING: Final = re.compile(r"missing required field `([A-Za-z]+)`")
_PATH: Final = re.compile(r"`\$\.?([^`]*)`")

CLINICIANS: Final = ("Practitioner", "PractitionerRole")
ANYBODY: Final = (*CLINICIANS, "Patient", "RelatedPerson")


class Call(msgspec.Struct, frozen=True):
    """A call whose shape holds. `resources` are prefetched data and, by field name, those the hook's context carries."""

    hook: str
    instance: str
    user: str
    patient: str
    resources: Mapping[str, Any]


class _Raw(msgspec.Struct, rename={"instance": "hookInstance", "fhir_server": "fhirServer"}):
    hook: str
    instance: str
    context: dict[str, Any]
    prefetch: dict[str, Any] | None = None
    fhir_server: str | None = None


class Hook(msgspec.Struct, frozen=True):
    """What a hook's context must hold: who may be the user, and further fields with the check of each."""

    users: tuple[str, ...]
    required: Mapping[str, Callable[[Any, str], Iterator[Problem]]] = {}
    optional: Mapping[str, Callable[[Any, str], Iterator[Problem]]] = {}


def _fhir_id(value: Any, path: str) -> Iterator[Problem]:
    if not isinstance(value, str) or not _FHIR_ID.fullmatch(value):
        yield Problem("not-an-id", "A FHIR id: letters, digits, - and ., without the resource's type.", path)


def _selections(value: Any, path: str) -> Iterator[Problem]:
    if not isinstance(value, list) or not value:
        yield Problem("not-a-list", "A list of references to draft orders that is not empty.", path)
        return
    for place, reference in enumerate(value[:MAX_ENTRIES]):
        if not isinstance(reference, str) or not _LOCAL_REFERENCE.fullmatch(reference):
            yield Problem("not-a-reference", "A reference has the form Type/id.", f"{path}[{place}]")


def _bundle_of(*types: str) -> Callable[[Any, str], Iterator[Problem]]:
    def check(value: Any, path: str) -> Iterator[Problem]:
        if not isinstance(value, dict) or value.get("resourceType") != "Bundle":
            yield Problem("not-a-bundle", "A FHIR Bundle.", path)
            return
        yield from _resource(value, path)
        if types:
            for place, resource in _entries(value):
                kind = resource.get("resourceType") if isinstance(resource, dict) else None
                if isinstance(kind, str) and kind not in types:
                    yield Problem("wrong-resource", f"Only {', '.join(types)}.", f"{path}.entry[{place}].resource")

    return check


HOOKS: Final[Mapping[str, Hook]] = {
    "patient-view": Hook(ANYBODY, optional={"encounterId": _fhir_id}),
    "order-select": Hook(
        CLINICIANS,
        required={"selections": _selections, "draftOrders": _bundle_of()},
        optional={"encounterId": _fhir_id},
    ),
    "order-sign": Hook(CLINICIANS, required={"draftOrders": _bundle_of()}, optional={"encounterId": _fhir_id}),
    "appointment-book": Hook(
        ANYBODY, required={"appointments": _bundle_of("Appointment")}, optional={"encounterId": _fhir_id}
    ),
    "encounter-start": Hook(CLINICIANS, required={"encounterId": _fhir_id}),
    "encounter-discharge": Hook(CLINICIANS, required={"encounterId": _fhir_id}),
}
"""The hooks we serve. Source: CDS Hooks Hook Library, STU1."""

CARRIED: Final = ("draftOrders", "appointments")
"""Context fields that hold resources."""

_decoder = msgspec.json.Decoder(_Raw)


def read_call(body: bytes, hook: str) -> Call:
    """The call to a service of `hook`. Raises `CallError` 400 with everything that is wrong, up to twenty things."""
    try:
        raw = _decoder.decode(body)
    except msgspec.ValidationError as error:
        code, path = where_msgspec_complains(error)
        raise refuse(400, code, "A member is missing or of another type.", path) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise refuse(400, "not-json", "The body is not JSON in UTF-8.") from None
    problems = []
    for problem in _problems(raw, hook):
        problems.append(problem)
        if len(problems) == MAX_PROBLEMS:
            break
    if problems:
        raise CallError(400, *problems)
    resources = {key: value for key, value in (raw.prefetch or {}).items() if value is not None}
    resources.update((name, raw.context[name]) for name in CARRIED if name in raw.context)
    return Call(raw.hook, raw.instance, raw.context["userId"], raw.context["patientId"], resources)


def where_msgspec_complains(error: msgspec.ValidationError) -> tuple[str, str]:
    """The code and the place of a member that is missing or of another type, without its value."""
    text = str(error)
    found, missing = _PATH.search(text), _MISSING.search(text)
    parts = (found.group(1) if found else "", missing.group(1) if missing else "")
    return ("missing" if missing else "wrong-type"), ".".join(part for part in parts if part)


def _problems(raw: _Raw, hook: str) -> Iterator[Problem]:
    if raw.hook != hook:
        yield Problem("wrong-hook", f"This service answers the hook {hook}.", "hook")
        return
    if not _is_uuid(raw.instance):
        yield Problem("not-a-uuid", "A UUID that names this call.", "hookInstance")
    yield from _context(raw.context, HOOKS[hook])
    patient = raw.context.get("patientId")
    patient = patient if isinstance(patient, str) and _FHIR_ID.fullmatch(patient) else None
    prefetch = raw.prefetch or {}
    named = _full_urls([*prefetch.values(), *(raw.context.get(name) for name in CARRIED)])
    if len(prefetch) > MAX_PREFETCH_KEYS:
        yield Problem("too-many", f"At most {MAX_PREFETCH_KEYS} prefetch keys.", "prefetch")
        return
    for key, value in prefetch.items():
        path = f"prefetch.{key}" if _KEY.fullmatch(key) else "prefetch"
        if value is not None:
            yield from _resource(value, path)
            if patient is not None:
                yield from _of_one_person(value, patient, path, named)
    for name in CARRIED:
        if patient is not None:
            yield from _of_one_person(raw.context.get(name), patient, f"context.{name}", named)


def _is_uuid(text: str) -> bool:
    try:
        return len(text) in (36, 45) and bool(UUID(text))
    except ValueError:
        return False


def _context(context: Mapping[str, Any], hook: Hook) -> Iterator[Problem]:
    yield from _fhir_id(context.get("patientId"), "context.patientId")
    user = context.get("userId")
    found = _LOCAL_REFERENCE.fullmatch(user) if isinstance(user, str) else None
    if found is None or found[1] not in hook.users:
        yield Problem("not-a-user", f"A reference to one of {', '.join(hook.users)}.", "context.userId")
    for name, check in hook.required.items():
        if context.get(name) is None:
            yield Problem("missing", "This hook's context needs it.", f"context.{name}")
        else:
            yield from check(context[name], f"context.{name}")
    for name, check in hook.optional.items():
        if context.get(name) is not None:
            yield from check(context[name], f"context.{name}")


def _entries(bundle: Mapping[str, Any]) -> Iterator[tuple[int, Any]]:
    entries = bundle.get("entry")
    if isinstance(entries, list):
        for place, entry in enumerate(entries):
            yield place, entry.get("resource") if isinstance(entry, dict) else entry


def _resource(value: Any, path: str, depth: int = 0) -> Iterator[Problem]:
    kind = value.get("resourceType") if isinstance(value, dict) else None
    if not isinstance(kind, str) or not _RESOURCE_TYPE.fullmatch(kind):
        yield Problem("not-a-resource", "A FHIR resource with its resourceType.", path)
        return
    if kind == "Bundle":
        if depth == MAX_NESTED_BUNDLES:
            yield Problem("too-deep", "Bundles within bundles within bundles.", path)
            return
        if not isinstance(value.get("entry", []), list):
            yield Problem("wrong-type", "A list of entries.", f"{path}.entry")
            return
        for place, inner in _entries(value):
            if place == MAX_ENTRIES:
                yield Problem("too-many", f"At most {MAX_ENTRIES} entries.", f"{path}.entry")
                return
            if inner is not None:
                yield from _resource(inner, f"{path}.entry[{place}].resource", depth + 1)
    if kind == "Patient" and "birthDate" in value:
        date = value["birthDate"]
        if not isinstance(date, str) or not _DATE.fullmatch(date):
            yield Problem("not-a-date", "A date: YYYY, YYYY-MM or YYYY-MM-DD.", f"{path}.birthDate")


def _full_urls(values: Iterable[Any], depth: int = 0) -> dict[str, str]:
    """What each `urn:uuid:` means that a bundle of the call gives a resource: `Type/id`, `Type/` without an id.

    Source: HL7 FHIR R4 (4.0.1), "Bundle", resolving references in bundles.
    """
    found: dict[str, str] = {}
    for value in values:
        if not isinstance(value, dict) or value.get("resourceType") != "Bundle" or depth > MAX_NESTED_BUNDLES:
            continue
        entries = value.get("entry")
        for entry in entries if isinstance(entries, list) else ():
            inner = entry.get("resource") if isinstance(entry, dict) else None
            url = entry.get("fullUrl") if isinstance(entry, dict) else None
            if isinstance(inner, dict):
                if isinstance(url, str) and _URN.fullmatch(url):
                    found[url.lower()] = f"{inner.get('resourceType')}/{inner.get('id') or ''}"
                found.update(_full_urls([inner], depth + 1))
    return found


def _of_one_person(value: Any, patient: str, path: str, named: Mapping[str, str], depth: int = 0) -> Iterator[Problem]:
    """Data about somebody else would pass under this person's choice."""
    if not isinstance(value, dict):
        return
    if value.get("resourceType") == "Bundle":
        if depth < MAX_NESTED_BUNDLES:
            for place, inner in _entries(value):
                yield from _of_one_person(inner, patient, f"{path}.entry[{place}].resource", named, depth + 1)
        return
    if value.get("resourceType") == "Patient" and value.get("id") not in (None, patient):
        yield Problem("other-person", "Only data of the patient in context.", f"{path}.id")
    for name in ("subject", "patient"):
        reference = value.get(name)
        target = reference.get("reference") if isinstance(reference, dict) else None
        if isinstance(target, str) and _URN.fullmatch(target):
            # What no bundle of the call explains can only be the patient's own id, as some records write it.
            own = f"Patient/{target.lower().removeprefix('urn:uuid:')}"
            target = named.get(target.lower(), own)
            target = f"Patient/{patient}" if target.lower() in {"patient/", f"patient/{patient}".lower()} else target
        found = _PATIENT_REFERENCE.fullmatch(target) if isinstance(target, str) else None
        if found is not None and found[1] != patient:
            yield Problem("other-person", "Only data of the patient in context.", f"{path}.{name}")
