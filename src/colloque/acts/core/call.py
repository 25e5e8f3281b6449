"""What an AI service receives: the declared data and nothing else, under names that lead nowhere outside the house."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote
from uuid import UUID

import msgspec

from colloque.acts.core.answer import Withheld, WithheldCode
from colloque.acts.core.request import ActRequest
from colloque.acts.core.standing import DeclaredService, PersonStanding
from colloque.charter.core.facts import Facts
from colloque.kernel.errors import InvalidInputError
from colloque.kernel.sealing import unseal
from colloque.projects.core.inputs import values_of

_encode = msgspec.json.Encoder().encode

CARRIED_IN_CONTEXT = {
    "order-select": "draftOrders",
    "order-sign": "draftOrders",
    "appointment-book": "appointments",
}
"""Hooks whose context itself holds resources, and where: a declared key of that name is filled from there."""


class MissingDataError(InvalidInputError):
    """Data that the service requires did not come with the request; `keys` says which."""

    code = "data-missing"

    def __init__(self, keys: tuple[str, ...]) -> None:
        super().__init__("The service needs data that did not come with the request.", path="prefetch")
        self.keys = keys


class Call(msgspec.Struct, frozen=True):
    """One call to make: where to, within how long, and the body.

    `real_references` leads back from the stand-ins in the body to the references that came in.
    """

    url: str
    endpoint: str
    timeout_ms: int
    body: bytes
    project_version: int
    real_references: Mapping[str, str] = {}


class Pseudonyms:
    """Stand-ins for `Type/id`, the same each time for one person and one project, and of no use to anybody else.

    HMAC-SHA-256 under the person's own key: once the key is erased nobody can lead back.
    """

    def __init__(self, key: bytes, project: UUID, *, person: UUID, known_as: str = "") -> None:
        self._key = hmac.digest(key, b"pseudonym\x00" + project.bytes, "sha256")
        self._aliases = {f"Patient/{known_as}": f"Patient/{person}"} if known_as else {}
        self.given: dict[str, str] = {}

        self._known: dict[str, str] = {}
        self._own = f"Patient/{known_as or person}"

    def own(self) -> str:
        """The stand-in of the person's own id."""
        return self(self._own)

    def __call__(self, reference: str) -> str:
        known = self._known.get(reference)
        if known is not None:
            return known
        name = self._aliases.get(reference, reference)
        stand_in = self._known[reference] = hmac.digest(self._key, name.encode(), "sha256").hex()[:32]
        self.given[f"{reference.split('/')[0]}/{stand_in}"] = reference
        return stand_in


def prepare_call(
    request: ActRequest,
    service: DeclaredService,
    person: PersonStanding,
    facts: Facts,
    *,
    sex: str | None,
    key: bytes,
    instance: UUID,
) -> Call | Withheld:
    """The call to the AI, or why this person or these data lie outside its declared intended use.

    `instance` names this call to the AI alone. What waited sealed is minimised again, under the declaration of today.
    Raises `MissingDataError` where required data did not come, `TamperedError` where what waited does not open.
    """
    pseudonyms = Pseudonyms(key, service.project, person=person.id, known_as=request.known_as)
    if request.waiting is None:
        minimised = service.declaration.minimise(request.data, pseudonyms)
    else:
        opened = unseal(key, request.waiting, about=about_input(request.id))
        minimised = service.declaration.minimise(_data_in(opened), _already_given)
    if minimised.missing:
        raise MissingDataError(minimised.missing)
    data = {
        **dict.fromkeys(minimised.prefetch, True),
        **(values_of(service.inputs, minimised.prefetch) if service.inputs else {}),
    }
    reasons = service.intended_use.check(facts.person.age, sex, facts.person.situations, data)
    if reasons:
        return Withheld(WithheldCode.OUTSIDE_INTENDED_USE, ",".join(reasons)[:500])
    return Call(
        url=f"{service.endpoint.rstrip('/')}/cds-services/{quote(service.remote_id, safe='')}",
        endpoint=service.endpoint,
        timeout_ms=service.timeout_ms,
        body=_body(service, minimised.prefetch, pseudonyms, instance),
        project_version=service.project_version,
        real_references=pseudonyms.given,
    )


def about_input(act: UUID) -> bytes:
    """What the sealed data of an act that still asks for something are about."""
    return f"act-input/{act}".encode()


def _data_in(body: bytes) -> dict[str, Any]:
    waiting = msgspec.json.decode(body)
    return {**waiting["context"], **waiting.get("prefetch", {})}


def _already_given(reference: str) -> str:
    return reference.split("/")[1]


def _body(service: DeclaredService, prefetch: dict[str, Any], pseudonyms: Pseudonyms, instance: UUID) -> bytes:
    """A CDS Hooks request. The carer is not named: an AI has no use for who will read it."""
    context: dict[str, Any] = {"userId": "Practitioner/carer", "patientId": pseudonyms.own()}
    carried = CARRIED_IN_CONTEXT.get(service.hook)
    if carried is not None:
        inside = prefetch.pop(carried, None) or {"resourceType": "Bundle", "type": "collection"}
        context[carried] = inside
        if service.hook == "order-select":
            context["selections"] = [
                f"{r['resourceType']}/{r['id']}" for r in _resources(inside) if isinstance(r.get("id"), str)
            ]
    if service.hook in ("encounter-start", "encounter-discharge"):
        context["encounterId"] = pseudonyms(f"Encounter/of-{instance}")
    return _encode(
        {
            "hook": service.hook,
            "hookInstance": str(instance),
            "context": context,
            **({"prefetch": prefetch} if prefetch else {}),
        }
    )


def _resources(bundle: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    entries = bundle.get("entry")
    return [e["resource"] for e in entries or () if isinstance(e, Mapping) and isinstance(e.get("resource"), Mapping)]
