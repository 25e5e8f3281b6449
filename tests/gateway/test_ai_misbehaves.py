"""An AI that is late, lies or breaks: nothing of it is shown, the reason is coded and recorded, care goes on."""

from __future__ import annotations

import socket
import time
from typing import Any

import pytest

from colloque.acts.models import Act, Suggestion
from colloque.projects.models import Project
from tests.gateway.played_ai import CARD, Handler
from tests.gateway.scenes import Scene

GOOD = {"cards": [CARD]}


def withheld_because(scene: Scene) -> str:
    """The coded reason, once the carer was told without any of the answer."""
    (card,) = scene.ehr.call().cards
    assert card["summary"].startswith("Pas d’avis de l’IA cette fois")
    assert card["source"]["topic"]["code"] == "AIAST"
    assert "suggestions" not in card
    act = Act.objects.get(establishment=scene.world.house)
    assert act.state == "withheld"
    assert not Suggestion.objects.filter(act=act).exists()
    return act.withheld_because


def hanging(handler: Handler) -> None:
    time.sleep(1.5)
    handler.answer(GOOD)


def hanging_halfway(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"cards": [')
    handler.wfile.flush()
    time.sleep(1.5)


def truncated(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"cards": [')
    handler.close_connection = True


def hanging_up(handler: Handler) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def no_http(handler: Handler) -> None:
    handler.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")
    handler.close_connection = True


def endless(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    for _ in range(10_000):
        handler.wfile.write(b"1000\r\n" + b" " * 4096 + b"\r\n")


@pytest.mark.parametrize(
    ("play", "code"),
    [
        (hanging, "timeout"),
        (hanging_halfway, "timeout"),
        (truncated, "truncated"),
        (hanging_up, "unreachable"),
        (no_http, "unreachable"),
        (endless, "too-large"),
        (lambda handler: handler.answer(GOOD, status=500), "status"),
        (lambda handler: handler.answer(b"", status=404), "status"),
        (lambda handler: handler.answer(b"", status=302, headers={"Location": "http://127.0.0.1:1/"}), "redirect"),
        (lambda handler: handler.answer(GOOD, "text/html"), "content-type"),
        (lambda handler: handler.answer(GOOD, "application/json; charset=latin-1"), "content-type"),
        (lambda handler: handler.answer(GOOD, headers={"Content-Encoding": "gzip"}), "content-type"),
        (lambda handler: handler.answer(b"<html><body>Bienvenue</body></html>"), "not-json"),
        (lambda handler: handler.answer(b'{"cards": [{"summary": "\xff\xfe"}]}'), "not-utf-8"),
        (lambda handler: handler.answer(b'{"cards":'), "not-json"),
        (lambda handler: handler.answer(b""), "not-json"),
        (lambda handler: handler.answer(b"[" * 100_000), "invalid-answer"),
        (lambda handler: handler.answer({"cards": "none"}), "invalid-answer"),
        (lambda handler: handler.answer({}), "invalid-answer"),
        (lambda handler: handler.answer({"cards": [CARD] * 1000}), "too-many-cards"),
        (lambda handler: handler.answer({"cards": [{**CARD, "detail": "x" * 1_000_000}]}), "too-large"),
        (lambda handler: handler.answer({"cards": [{**CARD, "detail": "x" * 10_000}]}), "invalid-answer"),
        (lambda handler: handler.answer({"cards": [{**CARD, "summary": "x" * 200}]}), "invalid-answer"),
        (lambda handler: handler.answer({"cards": [{**CARD, "summary": " "}]}), "invalid-answer"),
        (lambda handler: handler.answer({"cards": [{**CARD, "indicator": "panic"}]}), "invalid-answer"),
        (lambda handler: handler.answer({"cards": [{**CARD, "source": None}]}), "no-source"),
        (lambda handler: handler.answer({"cards": [{**CARD, "source": {"label": ""}}]}), "no-source"),
        (
            lambda handler: handler.answer({"cards": [{**CARD, "suggestions": [{"label": "x"}]}]}),
            "invalid-answer",
        ),
        (
            lambda handler: handler.answer(
                {"cards": [{**CARD, "extension": {"com.colloque.answer": {"v": 1, "status": "sure"}}}]}
            ),
            "invalid-answer",
        ),
        (
            lambda handler: handler.answer(
                {"cards": [{**CARD, "extension": {"com.colloque.answer": {"v": 1, "status": "answered", "level": 7}}}]}
            ),
            "invalid-answer",
        ),
    ],
)
def test_what_cannot_be_trusted_is_withheld(scene: Scene, play: Any, code: str) -> None:
    Project.objects.filter(id=scene.world.project.id).update(timeout_ms=700)
    scene.ai.play = play
    assert withheld_because(scene) == code


def test_an_ai_that_is_not_there_is_withheld(scene: Scene) -> None:
    Project.objects.filter(id=scene.world.project.id).update(endpoint="http://127.0.0.1:9")
    assert withheld_because(scene) == "unreachable"


def test_the_gateway_answers_others_while_one_ai_hangs(scene: Scene) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from tests.gateway.played_ai import played_ai
    from tests.gateway.scenes import a_scene

    scene.ai.play = hanging
    with played_ai() as other_ai, ThreadPoolExecutor(4) as pool:
        other = a_scene(scene.installation, other_ai)
        other.ehr.call()
        slow = [pool.submit(scene.ehr.call) for _ in range(3)]
        time.sleep(0.2)
        begin = time.monotonic()
        assert other.ehr.call().status == 200
        assert time.monotonic() - begin < 1.0
        assert [call.result().status for call in slow] == [200] * 3
