"""Starting an act from our own pages, and taking it up again once what it asked for is there."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import DatabaseError, connection
from django.utils.translation import gettext

from colloque.acts.access import act_for, require_owner
from colloque.acts.actions import deciding
from colloque.acts.actions.spine import run
from colloque.acts.core.call import MissingDataError
from colloque.acts.core.request import ActRequest
from colloque.acts.core.spine import UnknownCarerError, UnknownPersonError
from colloque.acts.core.state import ActState
from colloque.acts.models import Act, OwnAssessment, SpokenAnswer
from colloque.acts.queries.start import waiting_act
from colloque.kernel.errors import ConflictError, InvalidInputError, NotFoundError
from colloque.kernel.ids import new_id
from colloque.patients.access import require_caring
from colloque.patients.models import Person
from colloque.people.access import nothing_here
from colloque.people.models import Account
from colloque.projects.models import Service

TRIES: Final = 40
TRY_AGAIN_SECONDS: Final = 0.1


class AlreadyWaitingError(ConflictError):
    """The same act waits already; `act` is empty while it is only just being started."""

    code = "act-waiting"

    def __init__(self, act: UUID | None) -> None:
        super().__init__(
            gettext(
                "La même demande attend déjà pour cette personne. Terminez-la, ou retirez-la, avant d’en faire une autre."
            )
        )
        self.act = act


def start_once(
    service: Service, person: Person, *, data: Mapping[str, Any], by: Account, at: datetime, language: str = "fr"
) -> Act:
    """Start an act, unless this carer already has one that waits on the same service for the same person.

    Of two starts at once, one is made. Raises `AlreadyWaitingError`, and what `start_act` raises.
    """
    require_caring(by, person, at)
    with _one_by_one(f"start/{by.id}/{service.id}/{person.id}"):
        waiting = waiting_act(by, service.id, person.id)
        if waiting is not None:
            raise AlreadyWaitingError(waiting)
        return start_act(service, person, data=data, by=by, at=at, language=language)


@contextmanager
def _one_by_one(what: str) -> Iterator[None]:
    """Nobody else does this meanwhile, in any process; the AI may be called, so no transaction is open. Waits four seconds."""
    with connection.cursor() as cursor:
        for left in reversed(range(TRIES)):
            cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [what])
            if cursor.fetchone() == (True,):
                break
            if not left:
                raise AlreadyWaitingError(None)
            time.sleep(TRY_AGAIN_SECONDS)
    try:
        yield
    finally:
        with suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [what])


def start_act(
    service: Service, person: Person, *, data: Mapping[str, Any], by: Account, at: datetime, language: str = "fr"
) -> Act:
    """Ask one service of an AI project to take part in the care of a person, with `data` by prefetch key.

    `data` name the person as `Patient/<person id>`. The act comes back refused, asking for something, open, abstained or
    withheld; never decided. Raises `NotFoundError` for a person or a service that is not this carer's, `InvalidInputError`
    (path `data`) where required data is missing.
    """
    require_caring(by, person, at)
    if service.project.establishment_id != person.establishment_id:
        raise nothing_here()
    request = ActRequest(
        id=new_id(at, secrets.token_bytes),
        service=service.id,
        person=person.id,
        carer=by.id,
        at=at,
        data=data,
        language=language,
        known_as=str(person.id),
    )
    return _run(request, by, at)


def resume_act(act: Act, *, by: Account, at: datetime, language: str = "fr") -> Act:
    """Take up an act that asked for something: it is decided anew by the charter as everybody stands now.

    Raises `NotFoundError`, `NotAllowedError` for another than the owner, `ConflictError` where it asks for nothing any more
    or its data was cleared.
    """
    act = act_for(by, act.id, at)
    require_owner(act, by, gettext("Cet acte attend une autre personne. Prenez d’abord le relais."))
    if act.state != ActState.ASKING or act.sealed_input is None:
        raise ConflictError(gettext("Cet acte n’attend plus rien. Rechargez la page."), code="act-closed")
    request = ActRequest(
        id=act.id,
        service=act.service_id,
        person=act.person_id,
        carer=by.id,
        at=at,
        language=language,
        known_as=str(act.person_id),
        hook_instance=act.hook_instance,
        waiting=bytes(act.sealed_input),
    )
    return _run(request, by, at)


def record_own_assessment(
    act: Act, *, reading: str, sureness: str, words: str = "", by: Account, at: datetime, language: str = "fr"
) -> OwnAssessment:
    """Record the owner's reading, then decide an act that waited for it anew, which may now call the AI.

    The reading is kept even where what follows fails. Raises what `note_own_assessment` and `resume_act` raise.
    """
    noted = deciding.note_own_assessment(act, reading=reading, sureness=sureness, words=words, by=by, at=at)
    if noted.act.state == ActState.ASKING:
        resume_act(noted.act, by=by, at=at, language=language)
    return noted


def record_spoken_answer(act: Act, *, said_yes: bool, by: Account, at: datetime, language: str = "fr") -> SpokenAnswer:
    """Record what the person answered about this act, then decide it anew: a no refuses it.

    Raises what `note_spoken_answer` and `resume_act` raise.
    """
    noted = deciding.note_spoken_answer(act, said_yes=said_yes, by=by, at=at)
    resume_act(noted.act, by=by, at=at, language=language)
    return noted


def _run(request: ActRequest, by: Account, at: datetime) -> Act:
    try:
        governed = run(request)
    except MissingDataError as error:
        raise InvalidInputError(
            gettext("Il manque des données dont ce service a besoin. Complétez-les, puis recommencez."),
            code="data-missing",
            path="data",
        ) from error
    except (UnknownPersonError, UnknownCarerError) as error:
        raise nothing_here() from error
    return _found(governed.record.request.id, by, at)


def _found(act_id: UUID, by: Account, at: datetime) -> Act:
    try:
        return act_for(by, act_id, at)
    except NotFoundError:
        return Act.objects.select_related("person").get(id=act_id)
