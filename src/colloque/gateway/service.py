"""CDS Hooks 2.0.1, the provider's side: discovery, services, feedback, over `/cds/<establishment>/cds-services`.

Discovery is open and names the services of live projects only. Every other call brings a signed token that counts once. A
project that is suspended keeps answering, by a refusal that says so; a draft does not exist.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
from asgiref.sync import sync_to_async
from django.db import Error as DatabaseError
from django.db import close_old_connections, connection
from starlette.types import Receive, Scope, Send

from colloque.acts.actions.reporting import record_reports
from colloque.acts.core.call import MissingDataError
from colloque.acts.core.report import Report, Reported
from colloque.acts.core.request import ActRequest, Caller, Named
from colloque.acts.core.spine import ActClosedError, TokenUsedError, UnknownCarerError, UnknownPersonError
from colloque.acts.core.standing import DeclaredService, Standing
from colloque.gateway.cards import Place, cards_of, unknown_card
from colloque.gateway.core.calls import Call, read_call
from colloque.gateway.core.feedback import read_feedback
from colloque.gateway.core.problems import CallError, Problem, refuse
from colloque.gateway.core.templates import offered_prefetch
from colloque.gateway.core.tokens import Presented, TokenError, take_apart, verify
from colloque.gateway.database import Database
from colloque.gateway.directory import ClientSystem, Directory, House
from colloque.gateway.driver import Driver
from colloque.gateway.http import (
    Disconnected,
    HeaderList,
    Headers,
    cors,
    headers_of,
    language_of,
    read_body,
    send_bytes,
    send_error,
    send_json,
)
from colloque.gateway.sql import MAKE_HOUSE_KEY, REFUSE_CALL
from colloque.kernel.errors import ConflictError, UnavailableError
from colloque.kernel.ids import new_id
from colloque.kernel.sealing import Keyring
from colloque.kernel.vocabulary import ProjectStatus
from colloque.ledger.core.entries import Event, seal_entry
from colloque.ledger.keys import new_subject_key, open_subject_key
from colloque.patients.core.identifiers import patient_digest
from colloque.people.core.identifiers import practitioner_digest

log = logging.getLogger(__name__)

MAX_AT_ONCE = 1_000
"""Calls in hand in this process; more are asked to come again."""
KEPT_DIGESTS = 4_096


class Known(msgspec.Struct, frozen=True):
    """A caller whose token is believed."""

    house: House
    system: ClientSystem
    presented: Presented
    audience: str


class Gateway:
    """The gateway's calls, as one ASGI application for everything under `/cds/`."""

    def __init__(
        self, database: Database, directory: Directory, driver: Driver, keyring: Keyring, public_url: str
    ) -> None:
        self._database = database
        self._directory = directory
        self._driver = driver
        self._keyring = keyring
        self._public_url = public_url
        self._in_hand: set[tuple[UUID, str]] = set()

        @lru_cache(maxsize=KEPT_DIGESTS)
        def digest_of_patient(system: UUID, patient: str) -> bytes:
            return patient_digest(keyring, system, patient)

        @lru_cache(maxsize=KEPT_DIGESTS)
        def digest_of_user(system: UUID, user: str) -> bytes:
            return practitioner_digest(keyring, system, user)

        self._digest_of_patient = digest_of_patient
        self._digest_of_user = digest_of_user

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; an error of ours is a 500 in the standard's shape, without a word of what was sent."""
        allowed: HeaderList = []
        try:
            headers = headers_of(scope)
            parts = scope["path"].split("/")
            house = await self._house(parts)
            allowed = cors(headers.get(b"origin", b""), house.origins, preflight=scope["method"] == "OPTIONS")
            await self._route(scope, receive, send, headers, parts, house, allowed)
        except CallError as error:
            await send_error(send, error, allowed)
        except Disconnected:
            return
        except asyncio.CancelledError:  # only the server's end cancels a call; whoever waits is told
            await send_error(
                send, CallError(503, Problem("stopping", "Colloque is stopping. Care goes on without AI.")), allowed
            )
        except UnavailableError as error:
            problem = Problem(error.code, "Colloque cannot answer now. Care goes on without AI.")
            await send_error(send, CallError(503, problem), allowed)
        except Exception as error:  # noqa: BLE001 - whatever fails, the answer keeps the standard's shape
            log.error("A call failed (%s).", type(error).__name__)  # noqa: TRY400 - a trace could quote the call
            problem = Problem("failed", "Colloque failed. Care goes on without AI.")
            await send_error(send, CallError(500, problem), allowed)

    async def _house(self, parts: list[str]) -> House:
        """The establishment of a path `/cds/<slug>/cds-services…`."""
        if len(parts) < 4 or parts[3] != "cds-services" or len(parts) > 6:
            raise refuse(404, "not-found", "There is nothing here.")
        house = await self._directory.house(parts[2]) if _is_slug(parts[2]) else None
        if house is None:
            raise refuse(404, "no-such-establishment", "There is no such establishment.")
        return house

    async def _route(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        headers: Headers,
        parts: list[str],
        house: House,
        allowed: HeaderList,
    ) -> None:
        method = scope["method"]
        if method == "OPTIONS":
            await send_bytes(send, 204, b"", allowed)
        elif len(parts) == 4:
            if method != "GET":
                raise _wrong_method("GET")
            await send_json(send, await self._discovery(parts[2]), allowed)
        elif method != "POST":
            raise _wrong_method("POST")
        elif len(parts) == 5:
            cards = await self._call(house, parts[4], headers, receive)
            await send_json(send, {"cards": cards}, allowed)
        elif parts[5] == "feedback":
            await send_json(send, await self._feedback(house, parts[4], headers, receive), allowed)
        else:
            raise refuse(404, "not-found", "There is nothing here.")

    async def _discovery(self, slug: str) -> dict[str, Any]:
        house = await self._directory.house_now(slug)
        if house is None:
            raise refuse(404, "no-such-establishment", "There is no such establishment.")
        return {
            "services": [
                _described(service)
                for service in house.services.values()
                if service.status is ProjectStatus.LIVE and service.public_id in house.offered
            ]
        }

    async def _call(self, house: House, service_id: str, headers: Headers, receive: Receive) -> list[dict[str, Any]]:
        if len(self._in_hand) >= MAX_AT_ONCE:
            raise UnavailableError("Too many calls at once.", code="busy")
        now = datetime.now(UTC)
        path = f"/cds/{house.slug}/cds-services/{service_id}"
        known = await self._believe(house, headers, path, now.timestamp())
        token = self._take_in_hand(known)
        try:
            try:
                service = await self._service(known.house, service_id)
                call = read_call(await read_body(receive, headers), service.hook)
            except CallError as error:
                await self._use_up(known, "call.invalid", {"problems": sorted({p.code for p in error.problems})})
                raise
            return await self._govern(known, service, call, language_of(headers.get(b"accept-language", b"")), now)
        finally:
            self._in_hand.discard(token)

    async def _believe(self, house: House, headers: Headers, path: str, now: float) -> Known:
        """The caller, once its token holds; keys that changed are read anew. Raises `CallError` 401."""
        audience = f"{self._public_url}{path}"
        try:
            presented = take_apart(headers.get(b"authorization", b"").decode("latin-1"))
            system = house.systems.get(presented.claims.iss)
            if system is None or presented.header.kid not in system.keys:
                house = await self._directory.house(house.slug, fresh=True) or house
                system = house.systems.get(presented.claims.iss)
            if system is None:
                raise TokenError("token-issuer")
            verify(presented, system.keys, audience, now)
        except TokenError as error:
            raise _token_refused(error.code) from None
        return Known(house, system, presented, audience)

    def _take_in_hand(self, known: Known) -> tuple[UUID, str]:
        """Hold a token while its call is in hand, so that it is not used twice at the same moment in this process."""
        token = (known.system.id, known.presented.claims.jti)
        if token in self._in_hand:
            raise _token_refused("token-used")
        self._in_hand.add(token)
        return token

    async def _service(self, house: House, service_id: str) -> DeclaredService:
        service = house.services.get(service_id)
        if service is None or service.status is ProjectStatus.DRAFT:
            house = await self._directory.house(house.slug, fresh=True) or house
            service = house.services.get(service_id)
        if service is None or service.status is ProjectStatus.DRAFT or service_id not in house.offered:
            raise refuse(404, "no-such-service", "There is no such service.")
        return service

    async def _govern(
        self, known: Known, service: DeclaredService, call: Call, language: str, now: datetime
    ) -> list[dict[str, Any]]:
        place = Place(self._public_url, known.house.slug)
        request = self._request(known, service, call, language, now)

        async def check_caller(standing: Standing) -> None:
            await self._still_known(known, standing)

        try:
            governed = await self._driver.run(request, check_caller)
        except MissingDataError as error:
            problems = [
                Problem("data-missing", "The service needs this data with the call.", f"prefetch.{key}")
                for key in error.keys
            ]
            await self._use_up(known, "call.data-missing", {"service": str(service.id), "keys": list(error.keys)})
            raise CallError(412, *problems) from None
        except (UnknownPersonError, UnknownCarerError) as error:
            what = "patient" if isinstance(error, UnknownPersonError) else "practitioner"
            entry = await self._use_up(known, f"call.unknown-{what}", {"service": str(service.id)})
            return [unknown_card(what, str(entry), place, language)]
        except TokenUsedError:
            raise _token_refused("token-used") from None
        except ActClosedError:
            raise UnavailableError("The act could not be written.", code="not-written") from None
        return cards_of(governed, place, language)

    def _request(self, known: Known, service: DeclaredService, call: Call, language: str, now: datetime) -> ActRequest:
        system = known.system.id
        claims = known.presented.claims
        return ActRequest(
            id=new_id(now, secrets.token_bytes),
            service=service.id,
            person=Named(self._digest_of_patient(system, call.patient)),
            carer=Named(self._digest_of_user(system, call.user)),
            at=now,
            data=call.resources,
            caller=Caller(system, claims.jti, datetime.fromtimestamp(claims.exp, UTC)),
            hook_instance=call.instance,
            language=language,
            known_as=call.patient,
        )

    async def _still_known(self, known: Known, standing: Standing) -> None:
        """Believe the token again where the client system's row changed since its keys were read."""
        if standing.caller_mark == known.system.mark:
            return
        house = await self._directory.house_now(known.house.slug)
        system = house.systems.get(known.system.issuer) if house is not None else None
        if system is None or system.id != known.system.id:
            raise _token_refused("token-issuer")
        try:
            verify(known.presented, system.keys, known.audience, time.time())
        except TokenError as error:
            raise _token_refused(error.code) from None

    async def _use_up(self, known: Known, kind: str, payload: dict[str, Any]) -> UUID:
        """Use up the token of a call that comes to nothing and record why; gives the entry's id."""
        house, system = known.house, known.system
        wrapped = house.wrapped_key or await self._make_key(house)
        entry_id = new_id(datetime.now(UTC), secrets.token_bytes)
        entry = seal_entry(
            Event(kind=kind, subject=house.id, payload={"system": str(system.id), **payload}),
            entry_id=entry_id,
            subject_key=open_subject_key(self._keyring, house.id, wrapped),
            random_bytes=secrets.token_bytes,
        )
        claims = known.presented.claims
        ((is_first,),) = await self._database.fetch(
            REFUSE_CALL,
            system.id,
            claims.jti,
            datetime.fromtimestamp(claims.exp, UTC),
            system.mark,
            entry.id,
            entry.subject,
            entry.leaf,
            entry.sealed,
        )
        if not is_first:
            raise _token_refused("token-used")
        return entry_id

    async def _make_key(self, house: House) -> bytes:
        _, wrapped = new_subject_key(self._keyring, house.id, secrets.token_bytes)
        await self._database.fetch(MAKE_HOUSE_KEY, house.id, wrapped)
        made = await self._directory.house_now(house.slug)
        if made is None or made.wrapped_key is None:
            raise UnavailableError("The establishment has no key.", code="key-missing")
        return made.wrapped_key

    async def _feedback(self, house: House, service_id: str, headers: Headers, receive: Receive) -> dict[str, Any]:
        now = datetime.now(UTC)
        path = f"/cds/{house.slug}/cds-services/{service_id}/feedback"
        known = await self._believe(house, headers, path, now.timestamp())
        token = self._take_in_hand(known)
        try:
            reported = await self._report(known, service_id, headers, receive, now)
        finally:
            self._in_hand.discard(token)
        if reported.unknown and not reported.recorded + reported.repeated:
            unknown = [
                Problem("unknown-card", "No card of this service has this uuid.", path) for path in reported.unknown
            ]
            raise CallError(404, *unknown)
        return msgspec.to_builtins(reported)  # type: ignore[no-any-return]

    async def _report(
        self, known: Known, service_id: str, headers: Headers, receive: Receive, now: datetime
    ) -> Reported:
        """What became of the reports of one call. Raises `CallError`, `UnavailableError`."""
        try:
            service = await self._service(known.house, service_id)
            reports = read_feedback(await read_body(receive, headers), now)
        except CallError as error:
            await self._use_up(known, "feedback.invalid", {"problems": sorted({p.code for p in error.problems})})
            raise
        await self._still_registered(known)
        claims = known.presented.claims
        try:
            return await sync_to_async(_keep_reports, thread_sensitive=False)(
                reports,
                system=known.system.id,
                service=service.id,
                token=(claims.jti, datetime.fromtimestamp(claims.exp, UTC)),
                at=now,
            )
        except ConflictError:
            raise _token_refused("token-used") from None
        except DatabaseError:
            raise UnavailableError("The database is away.", code="database-away") from None

    async def _still_registered(self, known: Known) -> None:
        """Believe the token only while its client system is registered with the keys it was believed by."""
        house = await self._directory.house_now(known.house.slug)
        system = house.systems.get(known.system.issuer) if house is not None else None
        if system is None or system.mark != known.system.mark:
            raise _token_refused("token-issuer")


def _keep_reports(
    reports: Sequence[Report], *, system: UUID, service: UUID, token: tuple[str, datetime], at: datetime
) -> Reported:
    """`record_reports` in a thread of its own, which nobody else would rid of a connection that went bad."""
    close_old_connections()
    try:
        return record_reports(reports, system=system, service=service, token=token, at=at)
    except DatabaseError:
        connection.close()
        raise


def _is_slug(text: str) -> bool:
    return 0 < len(text) <= 50 and text.isascii() and text.replace("-", "").replace("_", "").isalnum()


def _wrong_method(method: str) -> CallError:
    return refuse(405, "method", f"Use {method}.")


def _token_refused(code: str) -> CallError:
    return refuse(401, code, "The token is not accepted.", "Authorization")


def _described(service: DeclaredService) -> dict[str, Any]:
    """A service as discovery lists it."""
    described: dict[str, Any] = {
        "hook": service.hook,
        "title": service.title,
        "description": service.description,
        "id": service.public_id,
    }
    if prefetch := offered_prefetch(service):
        described["prefetch"] = prefetch
    return described
