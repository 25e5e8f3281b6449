"""The plain way to govern an act, over the same tables: a Django view, the ORM, `requests`, and Cedar parsed at each call.

It keeps the same promises as far as one view can: token checked and used once, facts, charter, minimised data, act and ledger
entry in one durable transaction before the answer.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache

import requests
from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from joserfc import jwt
from joserfc.jwk import KeySet

from benchmarks.decide import plain_way
from colloque.acts.models import Act, Suggestion, UsedToken
from colloque.charter.core.constitution import packaged
from colloque.charter.core.engine import Charter
from colloque.charter.core.facts import (
    CarerFacts,
    EstablishmentFacts,
    Facts,
    MomentFacts,
    PersonFacts,
    PresenceFacts,
    ProjectFacts,
)
from colloque.charter.models import CharterVersion
from colloque.kernel.canonical import canonical_json
from colloque.kernel.ids import new_id
from colloque.kernel.sealing import seal
from colloque.kernel.vocabulary import ActKind, Autonomy, Profession, ProjectStatus, Situation, Track
from colloque.learning.models import Attestation
from colloque.ledger.actions import record, subject_key
from colloque.ledger.queries import installation_keys
from colloque.patients.core.age import age_at
from colloque.patients.core.choices import choice_that_holds, standing_choice
from colloque.patients.core.identifiers import patient_digest
from colloque.patients.models import Choice, Person, PersonIdentifier, Presence, SituationRecord
from colloque.people.core.identifiers import practitioner_digest
from colloque.people.models import Account, ClientSystem, Membership, PractitionerIdentifier
from colloque.projects.core.declared_data import minimise
from colloque.projects.models import Service


@cache
def decide() -> Callable[[Facts], bool]:
    """Cedar from text to answer at each call, under the constitution and the starter charter."""
    return plain_way(Charter.compile(1, packaged("starter")))


def facts_of(service: Service, person: Person, carer: Account, now: datetime) -> Facts:
    """What the charter reads, gathered row by row."""
    project = service.project
    rows = Choice.objects.filter(person=person, replaced_at__isnull=True)
    choices = [standing_choice(row.answer, row.act_kind, row.project_id) for row in rows]
    situations = SituationRecord.objects.filter(person=person, until__isnull=True)
    kind = ActKind(service.act_kind)
    membership = Membership.objects.get(account=carer, establishment=project.establishment, role="carer")
    presence = Presence.objects.filter(person=person, since__lte=now, until__gt=now).first()
    attested = Attestation.objects.filter(account=carer, valid_from__lte=now, valid_until__gt=now).exists()
    return Facts(
        project=ProjectFacts(
            project.id,
            ProjectStatus(project.status),
            Track(project.track),
            Autonomy(project.autonomy),
            frozenset(ActKind(s.act_kind) for s in project.services.all()),
        ),
        act_kind=kind,
        person=PersonFacts(
            person.id,
            age=age_at(person.birth_month, now.date()),
            situations=frozenset(Situation(row.situation) for row in situations),
            choice=choice_that_holds(choices, kind, project.id),
        ),
        carer=CarerFacts(carer.id, Profession(membership.profession), attested=attested),
        moment=MomentFacts(now.hour, now.isoweekday()),
        establishment=EstablishmentFacts(project.establishment_id, outage=project.establishment.ai_outage),
        presence=PresenceFacts(human_present=presence is not None),
    )


@csrf_exempt
def call(request: HttpRequest, slug: str, service_id: str) -> JsonResponse:
    """One governed act, the plain way."""
    now = timezone.now()
    system = ClientSystem.objects.get(establishment__slug=slug, is_active=True)
    keys = KeySet.import_key_set(system.jwks)
    token = jwt.decode(request.headers["Authorization"].removeprefix("Bearer "), keys, algorithms=["RS384", "ES384"])
    if token.claims["iss"] != system.issuer or not token.claims["aud"].endswith(request.path):
        return JsonResponse({}, status=401)
    if not time.time() < token.claims["exp"]:
        return JsonResponse({}, status=401)
    body = json.loads(request.body)
    project_slug, _, service_slug = service_id.partition(".")
    service = Service.objects.select_related("project__establishment").get(
        slug=service_slug, project__slug=project_slug, project__establishment__slug=slug
    )
    keyring = installation_keys().keyring
    patient, user = body["context"]["patientId"], body["context"]["userId"]
    found = PersonIdentifier.objects.select_related("person").get(
        system=system, digest=patient_digest(keyring, system.id, patient)
    )
    carer = (
        PractitionerIdentifier.objects.select_related("account")
        .get(system=system, digest=practitioner_digest(keyring, system.id, user))
        .account
    )
    facts = facts_of(service, found.person, carer, now)
    version = CharterVersion.objects.filter(establishment=service.project.establishment).latest("number")
    if not decide()(facts):
        return JsonResponse({"cards": []})
    minimised = minimise(service.prefetch, body["prefetch"], lambda _: secrets.token_hex(16))
    answer = requests.post(
        f"{service.project.endpoint}/cds-services/{service.remote_id}",
        json={"hook": service.hook, "context": {"patientId": "x", "userId": "x"}, "prefetch": minimised.prefetch},
        timeout=3,
    ).json()
    person = found.person
    with transaction.atomic():
        UsedToken.objects.create(
            system=system,
            jti=token.claims["jti"],
            expires_at=datetime.fromtimestamp(token.claims["exp"], UTC),
        )
        act_id = new_id(now, secrets.token_bytes)
        entry = record("act.answered", subject=person.id, payload={"act": str(act_id)})
        row = Act.objects.create(
            id=act_id,
            establishment=service.project.establishment,
            unit=person.unit,
            project=service.project,
            service=service,
            person=person,
            owner=carer,
            system=system,
            charter=version,
            act_kind=service.act_kind,
            hook_instance=body["hookInstance"],
            state="open",
            requested_at=now,
            answered_at=timezone.now(),
            facts=canonical_json(facts),
            verdict=b"{}",
            entry=entry,
        )
        card = answer["cards"][0]
        suggestion = new_id(now, secrets.token_bytes)
        sealed = seal(
            subject_key(person.id), canonical_json(card), about=b"suggestion", random_bytes=secrets.token_bytes
        )
        Suggestion.objects.create(id=suggestion, act=row, sealed=sealed, shown_at=timezone.now())
    card["uuid"] = str(suggestion)
    card["source"]["topic"] = {"code": "AIAST"}
    response = JsonResponse({"cards": [card]})
    response["Content-Length"] = str(len(response.content))
    return response


urlpatterns = [path("cds/<slug:slug>/cds-services/<str:service_id>", call)]
