"""The ledger from outside: public files in the C2SP paths, a page for people, proofs only for those who may know."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.utils.translation import override

from colloque.ledger import access
from colloque.ledger.actions import cosign, integrate, record
from colloque.ledger.core.bundle import decode_keys
from colloque.ledger.core.notes import open_checkpoint
from colloque.ledger.core.proofs import LogProof
from colloque.ledger.core.tiles import decode_entries
from colloque.ledger.core.tree import leaf_hash, root_of
from colloque.ledger.keys import Keys, read_keys
from tests.ledger.conftest import NOW

PERSON = UUID("018f0000-0000-7000-8000-00000000000a")

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keys")]


@pytest.fixture
def entries(keys: Keys) -> list[UUID]:
    with transaction.atomic():
        made = [record("act-permitted", subject=PERSON, payload={"n": n}) for n in range(3)]
    integrate(NOW)
    cosign(NOW)
    return made


@pytest.fixture
def _everyone_may_know() -> Iterator[None]:
    def opens(_visitor: object, _entry: UUID, subject: UUID, _at: datetime) -> bool:
        return subject == PERSON

    access.admit(opens)
    yield
    access._gatekeepers.remove(opens)


@pytest.mark.principle("G6")
@pytest.mark.usefixtures("entries")
def test_anyone_can_fetch_the_log_and_check_it(client: Client, keys: Keys) -> None:
    log, witnesses = decode_keys(client.get("/ledger/keys").content)
    assert (log, witnesses) == (keys.log.verifier, keys.witnesses)
    answer = client.get("/ledger/checkpoint")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    signed = open_checkpoint(answer.content, log, witnesses)
    assert signed.cosigned
    bundle = client.get("/ledger/tile/entries/000.p/3")
    assert bundle["Content-Type"] == "application/octet-stream"
    assert "immutable" in bundle["Cache-Control"]
    hashes = [leaf_hash(entry) for entry in decode_entries(bundle.content)]
    assert root_of(hashes) == signed.checkpoint.root
    assert client.get("/ledger/tile/0/000.p/3").content == b"".join(hashes)
    assert not bundle.cookies


@pytest.mark.usefixtures("entries")
@pytest.mark.parametrize(
    "path",
    ["tile/0/000", "tile/0/000.p/4", "tile/1/000.p/1", "tile/entries/000", "tile/0/../000", "nothing", "tile/99/000"],
)
def test_what_is_not_there(client: Client, path: str) -> None:
    answer = client.get(f"/ledger/{path}")
    assert (answer.status_code, answer.content) == (404, b"There is nothing here.\n")
    assert client.post("/ledger/checkpoint").status_code == 405


def test_an_empty_log(client: Client) -> None:
    assert client.get("/ledger/checkpoint").status_code == 404
    page = client.get("/ledger/")
    assert page.status_code == 200
    assert "encore vide" in page.content.decode()


@pytest.mark.usefixtures("entries")
def test_the_page_for_whoever_doubts(client: Client, keys: Keys) -> None:
    page = client.get("/ledger/").content.decode()
    assert len(re.findall(r"<h1\b", page)) == 1
    assert "Le registre est à jour." in page
    assert keys.log.verifier.encode() in page.replace("&#x2B;", "+")
    assert "PRIVATE" not in page
    assert "sur la même machine" in page, "a witness that is not elsewhere is said so"
    with override("en"):
        client.cookies["django_language"] = "en"
        english = client.get("/ledger/").content.decode()
    assert "Verify the ledger, without taking our word for it" in english


@pytest.mark.principle("G5")
def test_a_proof_is_for_those_who_may_know_the_entry(client: Client, entries: list[UUID]) -> None:
    hidden, absent = client.get(f"/ledger/proof/{entries[0]}"), client.get(f"/ledger/proof/{uuid4()}")
    assert hidden.status_code == absent.status_code == 404
    assert re.sub(r"csrf\S+|nonce\S+|value=\S+", "", hidden.content.decode()) == re.sub(
        r"csrf\S+|nonce\S+|value=\S+", "", absent.content.decode()
    )


@pytest.mark.principle("G6")
@pytest.mark.usefixtures("_everyone_may_know")
def test_a_proof_to_take_home(client: Client, keys: Keys, entries: list[UUID]) -> None:
    answer = client.get(f"/ledger/proof/{entries[1]}")
    assert answer["Content-Disposition"].endswith('.tlog-proof"')
    assert "no-store" in answer["Cache-Control"]
    proof = LogProof.parse(answer.content)
    assert proof.extra is not None
    signed = proof.verify(proof.extra, keys.log.verifier, keys.witnesses)
    assert (proof.index, signed.checkpoint.size) == (1, 3)
    with transaction.atomic():
        waiting = record("act-permitted", subject=PERSON, payload={})
    assert client.get(f"/ledger/proof/{waiting}").status_code == 503
    with transaction.atomic():
        other = record("act-permitted", subject=uuid4(), payload={})
    integrate(NOW)
    assert client.get(f"/ledger/proof/{other}").status_code == 404


@pytest.mark.usefixtures("entries")
def test_without_its_keys_the_ledger_says_so_and_names_no_file(client: Client, keys: Keys) -> None:
    (keys.folder / "ledger.key").unlink()
    read_keys.cache_clear()
    for path in ("/ledger/", "/ledger/keys"):
        answer = client.get(path)
        assert answer.status_code == 503
        assert str(keys.folder) not in answer.content.decode()
        assert "ledger.key" not in answer.content.decode()
    assert client.get("/ledger/checkpoint").status_code == 200
