"""What lives in the installation that faults happen to: one house, one live AI, eight persons who said yes."""

from __future__ import annotations

from colloque.kernel.vocabulary import ActKind, ChoiceAnswer
from colloque.people.models import ClientSystem
from colloque.reference_ai.fall_checklist import CODE_SYSTEM, OBSERVATION_CODE, PREFETCH_KEY, SIGNS, declaration
from tests.acts.world import a_person, a_world, choose
from tests.faults.house import SERVICE
from tests.gateway.ehr import PRACTITIONER, know_patient, know_practitioner, public_jwks

PERSONS = 8
SLUG = "tilleuls"


def furnish() -> dict[str, object]:
    """Make the rows, and give what a record system needs to call."""
    world = a_world(endpoint="http://127.0.0.1:9", slug=SLUG)
    service = world.service_of(ActKind.FALL_RISK, slug=SERVICE, prefetch=declaration()["service"]["prefetch"])
    system = ClientSystem.objects.create(
        establishment=world.house, name="DPI", issuer="https://ehr.example.org/faults", jwks=public_jwks(), origins=[]
    )
    know_practitioner(system.id, PRACTITIONER, world.carer)
    patients = []
    for number in range(PERSONS):
        person = a_person(world.house, world.unit)
        choose(person, ChoiceAnswer.YES, world.carer)
        patients.append(f"patient-{number}")
        know_patient(system.id, patients[-1], person)
    return {
        "slug": SLUG,
        "issuer": system.issuer,
        "system": system.id,
        "service": f"{world.project.slug}.{service.slug}",
        "project": world.project.id,
        "patients": patients,
    }


def signs() -> dict[str, object]:
    """The seven answers the checklist needs, as FHIR."""
    return {
        PREFETCH_KEY: {
            "resourceType": "Observation",
            "status": "final",
            "code": {"coding": [{"system": CODE_SYSTEM, "code": OBSERVATION_CODE}]},
            "component": [
                {"code": {"coding": [{"system": CODE_SYSTEM, "code": sign.code}]}, "valueBoolean": place % 2 == 0}
                for place, sign in enumerate(SIGNS)
            ],
        }
    }
