"""The HTTP service: CDS Hooks 2.0.1 discovery, two `patient-view` services, and their model cards.

It keeps nothing, logs no data, and reads nothing of a request but the hook, the identifiers the standard requires, and the
measurements.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from colloque.reference_ai import fall_checklist
from colloque.reference_ai.cards import DESCRIPTIONS, TITLES, USAGE, Language, card
from colloque.reference_ai.features import CODE_SYSTEM, OBSERVATION_CODE
from colloque.reference_ai.measurements import MeasurementError, find_observation, read
from colloque.reference_ai.model_card import model_card
from colloque.reference_ai.score import Model
from colloque.reference_ai.tokens import TokenError, Trust

SERVICE_ID = "breast-cytology"
HOOK = "patient-view"
PREFETCH_KEY = "cytology"
PREFETCH = f"Observation?patient={{{{context.patientId}}}}&code={CODE_SYSTEM}|{OBSERVATION_CODE}&_sort=-date&_count=1"
LARGEST_BODY = 256 * 1024


class CallError(Exception):
    """An answer that is not a card: HTTP status, stable code, words, and a path into the request."""

    def __init__(self, status: int, code: str, message: str, where: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.where = where


def _json(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(
        msgspec.json.encode(content), status, {"Cache-Control": "no-store", **(headers or {})}, "application/json"
    )


def _refused(refusal: CallError) -> Response:
    body = {"error": refusal.code, "message": str(refusal)}
    if refusal.where:
        body["where"] = refusal.where
    headers = {"WWW-Authenticate": "Bearer"} if refusal.status == 401 else None
    return _json(body, refusal.status, headers)


def language_of(accepted: str | None) -> Language:
    """The reader's language by `Accept-Language` (RFC 9110 §12.5.4): French unless English is preferred."""
    weights: dict[str, float] = {}
    for part in (accepted or "").split(","):
        name, _, parameter = part.strip().partition(";")
        main = name.strip().lower().partition("-")[0]
        try:
            weight = float(parameter.strip().removeprefix("q=")) if parameter.strip() else 1.0
        except ValueError:
            continue
        if math.isfinite(weight):
            weights[main] = max(weight, weights.get(main, 0.0))
    return "en" if weights.get("en", 0.0) > weights.get("fr", 0.0) else "fr"


async def _body(request: Request) -> bytes:
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise CallError(415, "not-json", "Send application/json.")
    taken = bytearray()
    async for chunk in request.stream():
        taken += chunk
        if len(taken) > LARGEST_BODY:
            raise CallError(413, "too-large", f"The request is larger than {LARGEST_BODY // 1024} kB.")
    return bytes(taken)


def _text(holder: dict[str, Any], name: str, where: str) -> str:
    value = holder.get(name)
    if not isinstance(value, str) or not value.strip():
        raise CallError(400, "required", f"{name} must be a text that is not empty.", f"{where}{name}")
    return value


def _prefetched(call: Any, key: str) -> Any:
    """What the client prefetched under `key`; raises CallError on a request that is not ours or lacks it."""
    if not isinstance(call, dict):
        raise CallError(400, "not-an-object", "The request must be a JSON object.")
    if _text(call, "hook", "") != HOOK:
        raise CallError(400, "wrong-hook", f"This service answers the hook {HOOK}.", "hook")
    try:
        uuid.UUID(_text(call, "hookInstance", ""))
    except ValueError as error:
        raise CallError(400, "not-a-uuid", "hookInstance must be a UUID.", "hookInstance") from error
    context = call.get("context")
    if not isinstance(context, dict):
        raise CallError(400, "required", "context must be an object.", "context")
    _text(context, "userId", "context.")
    _text(context, "patientId", "context.")
    prefetch = call.get("prefetch")
    if prefetch is not None and not isinstance(prefetch, dict):
        raise CallError(400, "wrong-type", "prefetch must be an object.", "prefetch")
    if prefetch is None or key not in prefetch:
        raise CallError(412, "prefetch-missing", f"This service needs the prefetch key {key}.", "prefetch")
    return prefetch[key]


@contextmanager
def _unusable_data_under(key: str) -> Iterator[None]:
    try:
        yield
    except MeasurementError as error:
        where = f"prefetch.{key}{error.where}"
        raise CallError(412 if error.missing else 400, error.code, str(error), where) from error


def _measured(prefetched: Any, model: Model) -> dict[str, float] | None:
    with _unusable_data_under(PREFETCH_KEY):
        observation = find_observation(prefetched)
        return None if observation is None else read(observation, model.measured)


def _parse(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise CallError(400, "not-json", "The request is not valid JSON.") from error


def _two_uuids() -> tuple[str, str]:
    return str(uuid.uuid4()), str(uuid.uuid4())


async def _discovery(request: Request) -> Response:
    language = language_of(request.headers.get("accept-language"))
    service = {
        "hook": HOOK,
        "title": TITLES[language],
        "description": DESCRIPTIONS[language],
        "id": SERVICE_ID,
        "prefetch": {PREFETCH_KEY: PREFETCH},
        "usageRequirements": USAGE[language],
    }
    checklist = {
        "hook": HOOK,
        "title": fall_checklist.TITLES[language],
        "description": fall_checklist.DESCRIPTIONS[language],
        "id": fall_checklist.SERVICE_ID,
        "prefetch": {fall_checklist.PREFETCH_KEY: fall_checklist.PREFETCH},
        "usageRequirements": fall_checklist.USAGE[language],
    }
    return _json({"services": [service, checklist]})


async def _tell_why(_request: Request, error: Exception) -> Response:
    if isinstance(error, CallError):
        return _refused(error)
    if isinstance(error, HTTPException):
        words = {404: ("not-found", "There is nothing here."), 405: ("method", "Not with this method.")}
        code, message = words.get(error.status_code, ("http", "The request is not accepted."))
        return _json({"error": code, "message": message}, error.status_code, dict(error.headers or {}))
    return _json({"error": "internal", "message": "The aid failed; care goes on without it."}, 500)


def create_app(model: Model, trust: Trust | None) -> Starlette:
    """The ASGI application; with `trust`, calls of the service need a valid token."""

    async def called(request: Request, key: str) -> Any:
        if trust is not None:
            try:
                trust.check(request.headers.get("authorization"))
            except TokenError as error:
                raise CallError(401, "unauthenticated", f"The token is not accepted: {error}.") from error
        return _prefetched(_parse(await _body(request)), key)

    async def answer(request: Request) -> Response:
        values = _measured(await called(request, PREFETCH_KEY), model)
        if values is None:
            return _json({"cards": []})
        language = language_of(request.headers.get("accept-language"))
        return _json({"cards": [card(model.answer(values), model, values, language, _two_uuids())]})

    async def count_signs(request: Request) -> Response:
        prefetched = await called(request, fall_checklist.PREFETCH_KEY)
        with _unusable_data_under(fall_checklist.PREFETCH_KEY):
            signs = fall_checklist.read(prefetched)
        if signs is None:
            return _json({"cards": []})
        language = language_of(request.headers.get("accept-language"))
        return _json({"cards": [fall_checklist.card(signs, language, _two_uuids())]})

    async def card_of_the_model(_request: Request) -> Response:
        return _json(model_card(model))

    async def card_of_the_checklist(_request: Request) -> Response:
        return _json(fall_checklist.model_card())

    return Starlette(
        routes=[
            Route("/cds-services", _discovery, methods=["GET"]),
            Route(f"/cds-services/{SERVICE_ID}", answer, methods=["POST"]),
            Route(f"/cds-services/{fall_checklist.SERVICE_ID}", count_signs, methods=["POST"]),
            Route("/model-card", card_of_the_model, methods=["GET"]),
            Route(f"/model-card/{fall_checklist.SERVICE_ID}", card_of_the_checklist, methods=["GET"]),
        ],
        exception_handlers=dict.fromkeys((CallError, HTTPException, ClientDisconnect, Exception), _tell_why),
    )
