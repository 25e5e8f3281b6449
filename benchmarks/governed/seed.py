"""Fills an installation for the benchmark and prepares its requests, signed beforehand.

python -m benchmarks.governed.seed FOLDER URL AI_URL REQUESTS PLAIN_REQUESTS
"""

from __future__ import annotations

import json
import secrets
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from benchmarks.governed.load import write_requests

PERSONS = 400
CARERS = 20
REQUEST_BYTES = 4_096
SLUG = "banc"
SERVICE = "aide.lecture"
ISSUER = "https://ehr.example.org/banc"
MARKER = b"AIAST"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
FAR_AWAY = datetime(2100, 1, 1, tzinfo=UTC)
PREFETCH = {
    "patient": {"query": "Patient/{{context.patientId}}", "fields": ["Patient.gender", "Patient.birthDate"]},
    "weights": {
        "query": "Observation?patient={{context.patientId}}&code=29463-7",
        "fields": [
            "Observation.code",
            "Observation.valueQuantity",
            "Observation.effectiveDateTime",
            "Observation.subject",
        ],
    },
}


def fill(ai_url: str, jwks: dict[str, Any]) -> None:
    """The rows: one establishment with the starter charter, one live project, carers, and persons who said yes."""
    from colloque.charter.core.constitution import packaged
    from colloque.charter.models import CharterVersion
    from colloque.learning.models import Attestation
    from colloque.ledger.actions import subject_key
    from colloque.ledger.queries import installation_keys
    from colloque.patients.core.identifiers import patient_digest
    from colloque.patients.models import Choice, Person, PersonIdentifier
    from colloque.people.core.identifiers import practitioner_digest
    from colloque.people.models import Account, ClientSystem, Establishment, Membership, PractitionerIdentifier
    from colloque.projects.models import Project, Service

    house = Establishment.objects.create(slug=SLUG, name="Banc d’essai", kind="hospital")
    director = Account.objects.create_user("director@banc.example")
    CharterVersion.objects.create(
        establishment=house, number=1, cedar=packaged("starter"), proposed_by=director, proposed_at=LONG_AGO,
        adopted_by=director, adopted_at=LONG_AGO,
    )  # fmt: skip
    project = Project.objects.create(
        establishment=house, slug="aide", name="Aide", intention="Mesurer.", track="bedside", autonomy="suggests",
        status="live", lead=director, endpoint=ai_url, live_since=LONG_AGO,
        intended_use={"purpose": {"fr": "Peser", "en": "Weigh"}, "age_from": 18, "age_to": 110},
    )  # fmt: skip
    Service.objects.create(
        project=project, slug="lecture", remote_id="reading", hook="patient-view", act_kind="weight", title="Lecture",
        description="Lecture", prefetch=PREFETCH,
    )  # fmt: skip
    system = ClientSystem.objects.create(establishment=house, name="DPI", issuer=ISSUER, jwks=jwks)
    keyring = installation_keys().keyring
    for number in range(CARERS):
        carer = Account.objects.create(email=f"carer-{number}@banc.example")
        Membership.objects.create(
            account=carer, establishment=house, role="carer", profession="nurse", valid_from=LONG_AGO
        )
        Attestation.objects.create(
            account=carer, establishment=house, attested_by=director, valid_from=LONG_AGO, valid_until=FAR_AWAY
        )
        digest = practitioner_digest(keyring, system.id, f"Practitioner/carer-{number}")
        PractitionerIdentifier.objects.create(system=system, digest=digest, account=carer)
    for number in range(PERSONS):
        person = Person.objects.create(establishment=house, birth_month=date(1940 + number % 50, 1 + number % 12, 1))
        subject_key(person.id)
        Choice.objects.create(person=person, answer="yes", given_by=director, given_at=LONG_AGO)
        digest = patient_digest(keyring, system.id, f"person-{number}")
        PersonIdentifier.objects.create(system=system, digest=digest, person=person)


def a_body(number: int) -> bytes:
    """A call of 4 kB about one of the persons by one of the carers."""
    patient = f"person-{number % PERSONS}"
    entries = [
        {
            "resource": {
                "resourceType": "Observation",
                "id": f"weight-{n}",
                "status": "final",
                "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7", "display": "Body weight"}]},
                "subject": {"reference": f"Patient/{patient}"},
                "effectiveDateTime": (LONG_AGO + timedelta(days=n)).isoformat(),
                "valueQuantity": {"value": 60 + n, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"},
            }
        }
        for n in range(7)
    ]
    call: dict[str, Any] = {
        "hook": "patient-view",
        "hookInstance": str(uuid4()),
        "fhirServer": "https://ehr.example.org/fhir",
        "context": {"userId": f"Practitioner/carer-{number % CARERS}", "patientId": patient, "encounterId": "e-1"},
        "prefetch": {
            "patient": {"resourceType": "Patient", "id": patient, "gender": "female", "birthDate": "1950-01-01"},
            "weights": {"resourceType": "Bundle", "type": "searchset", "entry": entries},
        },
    }
    short = REQUEST_BYTES - len(json.dumps(call)) - len('"text": {"div": ""}, ')
    call["prefetch"]["patient"]["text"] = {"div": "x" * max(short, 0)}
    return json.dumps(call).encode()


def signed(private: str, url: str, first: int, count: int) -> list[bytes]:
    """Whole HTTP requests, each with a token of its own."""
    from joserfc import jwt
    from joserfc.jwk import RSAKey

    key = RSAKey.import_key(json.loads(private))
    path, now = f"/cds/{SLUG}/cds-services/{SERVICE}", int(time.time())
    requests = []
    for number in range(first, first + count):
        claims = {"iss": ISSUER, "aud": f"{url}{path}", "iat": now, "exp": now + 299, "jti": secrets.token_hex(16)}
        token = jwt.encode({"alg": "RS384", "kid": "bench", "typ": "JWT"}, claims, key, algorithms=["RS384"])
        body = a_body(number)
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        requests.append(head.encode() + body)
    return requests


def prepare(folder: Path, private: str, url: str, name: str, count: int) -> None:
    """Sign `count` requests on every core and keep them in a file."""
    half = count // 2
    with ProcessPoolExecutor(2) as pool:
        parts = [pool.submit(signed, private, url, first, half) for first in (0, half)]
        write_requests(folder / name, [request for part in parts for request in part.result()], MARKER)


def main() -> None:
    """Fill the installation."""
    import django

    django.setup()
    from joserfc.jwk import RSAKey

    folder, ai_url = Path(sys.argv[1]), sys.argv[2]
    key = RSAKey.generate_key(2048, {"kid": "bench", "use": "sig", "alg": "RS384"}, private=True)
    (folder / "client.jwk").write_text(json.dumps(key.as_dict(private=True)), encoding="ascii")
    fill(ai_url, {"keys": [key.as_dict(private=False)]})


if __name__ == "__main__":
    main()
