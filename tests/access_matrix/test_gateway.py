"""The addresses that programs call: a session opens none of them, a token opens those of its own system and no other's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from colloque.people import second_factor, sessions
from colloque.people.models import ClientSystem
from tests.gateway.ehr import a_call
from tests.gateway.scenes import Scene, a_scene

Caller = Callable[[Scene, str], Mapping[str, str]]


def _bearer(token: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {token}"}


def nobody(_scene: Scene, _path: str) -> Mapping[str, str]:
    """No token."""
    return {}


def a_carer_signed_in(scene: Scene, _path: str) -> Mapping[str, str]:
    """The session of the very carer, in a browser."""
    session = SessionStore()
    session[SESSION_KEY] = str(scene.world.carer.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = scene.world.carer.get_session_auth_hash()
    session[sessions.SIGNED_IN_AT] = 2e9
    session[second_factor.IN_SESSION] = str(scene.world.carer.pk)
    session.create()
    return {"Cookie": f"sessionid={session.session_key}"}


def the_system(scene: Scene, path: str) -> Mapping[str, str]:
    """The record system of this house."""
    return _bearer(scene.ehr.token(path))


def the_system_of_another_house(scene: Scene, path: str) -> Mapping[str, str]:
    """A record system registered elsewhere, with a token made for this address."""
    return _bearer(a_scene(scene.installation, scene.ai).ehr.token(path))


def a_system_nobody_registered(scene: Scene, path: str) -> Mapping[str, str]:
    """An issuer nobody knows."""
    return _bearer(scene.ehr.token(path, iss=f"https://unknown.example/{uuid4()}"))


def the_system_once_stopped(scene: Scene, path: str) -> Mapping[str, str]:
    """The record system of this house, which its administrator has just stopped."""
    ClientSystem.objects.filter(pk=scene.ehr.system).update(is_active=False)
    return _bearer(scene.ehr.token(path))


CALLERS: Final[tuple[Caller, ...]] = (
    nobody,
    a_carer_signed_in,
    the_system_of_another_house,
    a_system_nobody_registered,
    the_system_once_stopped,
    the_system,
)


@pytest.mark.principle("G5")
@pytest.mark.parametrize("caller", CALLERS, ids=lambda caller: caller.__name__)
def test_only_its_own_system_calls_a_house(scene: Scene, caller: Caller) -> None:
    service, feedback = scene.ehr.path(), scene.ehr.path(feedback=True)
    bodies = {service: a_call(), feedback: {"feedback": []}}
    for path, body in bodies.items():
        answer = scene.ehr.post(path, body, token=None, **dict(caller(scene, path)))
        if caller is the_system:
            assert answer.status != 401, f"{path}: {answer.body!r}"
        else:
            assert answer.status == 401, f"{path} answered {answer.status} to {caller.__name__}"
    assert bool(scene.ai.received) == (caller is the_system), "an AI was called for somebody who may not call"


def test_what_is_public_is_public_and_reads_only(scene: Scene) -> None:
    for path in (f"/cds/{scene.ehr.slug}/cds-services", "/cds/jwks.json"):
        anonymous = scene.ehr.request("GET", path)
        signed_in = scene.ehr.request("GET", path, headers=dict(a_carer_signed_in(scene, path)))
        assert (anonymous.status, anonymous.body) == (signed_in.status, signed_in.body)
        assert anonymous.status == 200
        assert scene.ehr.request("POST", path, b"{}").status in {404, 405}
