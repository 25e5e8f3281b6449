"""A receipt checked after the end: on the page, and by the command without database and without trust in the house."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from colloque.cli import main
from colloque.consultations.actions.voting import count_votes, vote_many
from colloque.consultations.core.closing import PublishedClosing, check_offline
from colloque.consultations.core.receipts import Counted
from colloque.consultations.core.state import ConsultationState
from colloque.consultations.models import Consultation
from colloque.consultations.queries.ballots import house_key, published_closing
from colloque.kernel.errors import InvalidInputError, TamperedError
from colloque.ledger.actions import integrate
from colloque.ledger.core.notes import KeyType, SignerKey
from tests.consultations.story import Story, participant

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 5, 20, tzinfo=UTC)


@pytest.fixture
def receipts(story: Story) -> list[str]:
    """Four people's receipts, the first of whom votes again; then the end."""
    people = [participant(story.consultation, number) for number in range(1, 5)]
    given = [vote_many(one, {1: 1, 2: -1, 3: one.number % 3 - 1}, at=NOW).receipt for one in people]
    given.append(vote_many(people[0], {2: 1}, at=NOW).receipt)
    with transaction.atomic():
        Consultation.objects.update(state=ConsultationState.CLOSED, closed_at=NOW)
        count_votes(story.consultation)
    integrate(NOW)
    return given


@pytest.mark.principle("G6")
def test_the_page_says_what_was_counted(story: Story, receipts: list[str], client: Client) -> None:
    page = reverse("consultations:receipt", args=[story.consultation.id])
    for receipt, words in (
        (receipts[1], "Le bulletin de ce reçu est compté"),
        (" \n".join([receipts[4][:50], receipts[4][50:]]), "Le bulletin de ce reçu est compté"),
        (receipts[0], "Ce reçu est ancien"),
    ):
        told = client.post(page, {"receipt": receipt})
        assert told.status_code == 200
        assert words in told.content.decode()
        assert story.statements[0].text in told.content.decode()
    for wrong in ("", "rien", receipts[1][:-2], receipts[1][::-1], "A" * 40_000):
        assert client.post(page, {"receipt": wrong}).status_code == 400


def test_a_receipt_of_a_vote_that_was_left_out_says_no(story: Story, client: Client) -> None:
    """What a house that drops a vote looks like: the receipt is genuine, and the ballot is not there."""
    somebody = participant(story.consultation, 1)
    receipt = vote_many(somebody, {1: 1}, at=NOW).receipt
    vote_many(somebody, {1: None}, at=NOW)
    with transaction.atomic():
        Consultation.objects.update(state=ConsultationState.CLOSED, closed_at=NOW)
        count_votes(story.consultation)
    told = client.post(reverse("consultations:receipt", args=[story.consultation.id]), {"receipt": receipt})
    assert "Aucune réponse n’est comptée" in told.content.decode()


def test_before_the_end_there_is_nothing_to_check(story: Story, client: Client) -> None:
    receipt = vote_many(participant(story.consultation, 1), {1: 1}, at=NOW).receipt
    told = client.post(reverse("consultations:receipt", args=[story.consultation.id]), {"receipt": receipt})
    assert "rien n’est encore compté" in told.content.decode()
    assert client.get(reverse("consultations:ballots", args=[story.consultation.id])).status_code == 404


def written(tmp_path: Path, receipt: str, closing: bytes) -> list[str]:
    """The command's arguments."""
    (tmp_path / "receipt").write_text(receipt, encoding="utf-8")
    (tmp_path / "closing").write_bytes(closing)
    return ["consultations", "check-receipt", str(tmp_path / "receipt"), str(tmp_path / "closing")]


def test_the_command_needs_nothing_but_two_files(
    story: Story, receipts: list[str], client: Client, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    closing = client.get(reverse("consultations:ballots", args=[story.consultation.id])).content
    key = ["--house-key", house_key().encode()]
    assert main([*written(tmp_path, receipts[1], closing), *key]) == 0
    assert "stands in the house's ledger" in capsys.readouterr().out
    assert main([*written(tmp_path, receipts[0], closing), *key]) == 1
    assert "not counted" in capsys.readouterr().out
    other = SignerKey.generate("another.example/house", KeyType.ED25519, secrets.token_bytes).verifier.encode()
    assert main([*written(tmp_path, receipts[1], closing), "--house-key", other]) == 1
    assert main(written(tmp_path, "rien", closing)) == 2
    assert main(written(tmp_path, receipts[1], b"{}")) == 2
    assert main(["consultations", "check-receipt", str(tmp_path / "none"), str(tmp_path / "closing")]) == 2


def test_what_is_published_names_nobody_and_tells_no_vote(story: Story, receipts: list[str]) -> None:
    closing = PublishedClosing.parse(published_closing(story.consultation))
    told = json.loads(closing.payload)
    assert set(told) == {"v", "consultation", "participants", "votes", "changes", "statements", "ballots"}
    assert (told["participants"], told["votes"], told["changes"]) == (4, 12, 1)
    assert len(closing.leaves) == 4
    assert check_offline(receipts[2], closing.encode()).counted is Counted.COUNTED


@pytest.mark.parametrize(
    "change",
    [
        lambda one: PublishedClosing(one.house, one.leaf, one.salt, one.payload, one.proof, one.leaves[1:]),
        lambda one: PublishedClosing(one.house, one.leaf, bytes(32), one.payload, one.proof, one.leaves),
        lambda one: PublishedClosing(
            one.house, one.leaf, one.salt, one.payload.replace(b'"votes":12', b'"votes":11'), one.proof, one.leaves
        ),
        lambda one: PublishedClosing(
            one.house, one.leaf, one.salt, one.payload, one.proof.replace("index 0", "index 1"), one.leaves
        ),
        lambda one: PublishedClosing("x", one.leaf, one.salt, one.payload, one.proof, one.leaves),
    ],
)
def test_a_published_file_that_was_changed_does_not_pass(
    story: Story, receipts: list[str], change: Callable[[PublishedClosing], PublishedClosing]
) -> None:
    """A ballot left out, another salt, another figure, another place in the ledger, another key."""
    changed = change(PublishedClosing.parse(published_closing(story.consultation)))
    with pytest.raises((TamperedError, InvalidInputError)):
        check_offline(receipts[1], changed.encode())
