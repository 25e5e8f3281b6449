"""A record system as the gateway meets it: keys, tokens, calls over real HTTP, and cards read back."""

from __future__ import annotations

import http.client
import time
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID, uuid4

import msgspec
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from colloque.ledger.queries import installation_keys
from colloque.patients.core.identifiers import patient_digest
from colloque.patients.models import Person, PersonIdentifier
from colloque.people.core.identifiers import practitioner_digest
from colloque.people.models import Account, ClientSystem, Establishment, PractitionerIdentifier

PATIENT = "patient-1"
PRACTITIONER = "Practitioner/nurse-1"
ORIGIN = "https://ehr.example.org"


@cache
def rsa_key() -> RSAKey:
    """An RSA key made once for the session."""
    return RSAKey.generate_key(2048, {"kid": "rsa-1", "use": "sig", "alg": "RS384"}, private=True)


@cache
def ec_key() -> ECKey:
    """A P-384 key made once for the session."""
    return ECKey.generate_key("P-384", {"kid": "ec-1", "use": "sig", "alg": "ES384"}, private=True)


def public_jwks() -> dict[str, Any]:
    """Both public keys."""
    return {"keys": [rsa_key().as_dict(private=False), ec_key().as_dict(private=False)]}


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return msgspec.json.decode(self.body)

    @property
    def cards(self) -> list[dict[str, Any]]:
        """The cards of a 200."""
        assert self.status == 200, (self.status, self.body)
        cards: list[dict[str, Any]] = self.json["cards"]
        return cards

    @property
    def problems(self) -> dict[str, str]:
        """Path → code of an OperationOutcome."""
        assert self.json["resourceType"] == "OperationOutcome", self.body
        return {i.get("expression", [""])[0]: i["details"]["coding"][0]["code"] for i in self.json["issue"]}


@dataclass
class Ehr:
    """One registered record system of one establishment, and the server it calls."""

    url: str
    slug: str
    issuer: str
    system: UUID
    service: str

    def path(self, service: str | None = None, *, feedback: bool = False) -> str:
        """The path of a service or of its feedback."""
        return f"/cds/{self.slug}/cds-services/{service or self.service}{'/feedback' if feedback else ''}"

    def claims(self, path: str, **changes: Any) -> dict[str, Any]:
        """Claims that hold, with changes; a claim changed to `None` is left out."""
        now = int(time.time())
        held: dict[str, Any] = {
            "iss": self.issuer,
            "aud": f"{self.url}{path}",
            "iat": now,
            "exp": now + 240,
            "jti": str(uuid4()),
            **changes,
        }
        return {name: value for name, value in held.items() if value is not None}

    def token(self, path: str, *, alg: str = "RS384", **changes: Any) -> str:
        """A signed token for a path."""
        key = rsa_key() if alg == "RS384" else ec_key()
        header = {"alg": alg, "kid": key.kid, "typ": "JWT"}
        return jwt.encode(header, self.claims(path, **changes), key, algorithms=["RS384", "ES384"])

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        *,
        timeout: float = 30,
    ) -> Answer:
        """Any HTTP request to the server."""
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=timeout)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()

    def post(self, path: str, body: Any, *, token: str | None = "", **headers: str) -> Answer:
        """A signed POST; `token=None` sends none."""
        content = body if isinstance(body, bytes) else msgspec.json.encode(body)
        sent = {"Content-Type": "application/json", **{name.replace("_", "-"): v for name, v in headers.items()}}
        if token is not None:
            sent["Authorization"] = f"Bearer {token or self.token(path)}"
        return self.request("POST", path, content, sent)

    def call(self, body: Any = None, *, service: str | None = None, token: str | None = "", **headers: str) -> Answer:
        """A call to a service."""
        return self.post(self.path(service), a_call() if body is None else body, token=token, **headers)

    def feedback(self, *reports: dict[str, Any], token: str | None = "", service: str | None = None) -> Answer:
        """A call to the feedback endpoint."""
        return self.post(self.path(service, feedback=True), {"feedback": list(reports)}, token=token)


def a_call(hook: str = "patient-view", **changes: Any) -> dict[str, Any]:
    """A request of the hook that holds, about our patient by our practitioner."""
    context: dict[str, Any] = {"userId": PRACTITIONER, "patientId": PATIENT}
    order = {"resourceType": "MedicationRequest", "id": "order-1", "status": "draft", "intent": "order"}
    if hook in ("order-select", "order-sign"):
        context["draftOrders"] = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": order}]}
    if hook == "order-select":
        context["selections"] = ["MedicationRequest/order-1"]
    if hook == "appointment-book":
        slot = {"resourceType": "Appointment", "id": "a-1", "status": "proposed", "participant": []}
        context["appointments"] = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": slot}]}
    if hook.startswith("encounter"):
        context["encounterId"] = "encounter-1"
    return {
        "hook": hook,
        "hookInstance": str(uuid4()),
        "context": {**context, **changes.pop("context", {})},
        "prefetch": {"patient": {"resourceType": "Patient", "id": PATIENT, "gender": "female"}},
        **changes,
    }


def register(url: str, house: Establishment, service: str, person: Person, carer: Account) -> Ehr:
    """A record system of the house that knows one patient and one practitioner."""
    issuer = f"https://ehr.example.org/{house.slug}"
    system = ClientSystem.objects.create(
        establishment=house, name="DPI", issuer=issuer, jwks=public_jwks(), origins=[ORIGIN]
    )
    know_patient(system.id, PATIENT, person)
    know_practitioner(system.id, PRACTITIONER, carer)
    return Ehr(url, house.slug, issuer, system.id, service)


def know_patient(system: UUID, patient: str, person: Person) -> None:
    """Say which person a patient id means."""
    digest = patient_digest(installation_keys().keyring, system, patient)
    PersonIdentifier.objects.create(system_id=system, digest=digest, person=person)


def know_practitioner(system: UUID, practitioner: str, carer: Account) -> None:
    """Say which account a practitioner means."""
    digest = practitioner_digest(installation_keys().keyring, system, practitioner)
    PractitionerIdentifier.objects.create(system_id=system, digest=digest, account=carer)
