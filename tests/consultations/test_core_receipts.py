"""Receipts: what a participant can prove, what nobody else learns, and what a changed receipt or a cheating house ends in."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colloque.consultations.core.receipts import (
    Counted,
    Receipt,
    Recorded,
    ballot_bytes,
    ballot_of,
    check_counted,
    closing_leaves,
    paths_of,
    promise,
    salt_key,
    salt_of,
    votes_of,
    with_vote,
)
from colloque.consultations.core.tally import StatementTally, tally
from colloque.kernel.canonical import canonical_json
from colloque.kernel.errors import InvalidInputError, TamperedError
from colloque.ledger.core.notes import KeyType, SignerKey
from colloque.ledger.core.tree import leaf_hash, root_of, verify_inclusion

HOUSE = SignerKey.generate("house.example/votes", KeyType.ED25519, secrets.token_bytes)
KEY = salt_key(bytes(32))
CONSULTATION = UUID("018f0000-0000-7000-8000-000000000001")
VOTES = st.dictionaries(st.integers(1, 500), st.sampled_from([-1, 0, 1]), max_size=40)


def recorded(participant: int, votes: dict[int, int], consultation: UUID = CONSULTATION) -> Recorded:
    """A ballot as the hot path records it."""
    salt = salt_of(KEY, consultation, participant)
    return Recorded(consultation.bytes, participant, salt, ballot_bytes(ballot_of(votes.items())))


@given(VOTES)
def test_a_ballot_says_the_votes_again(votes: dict[int, int]) -> None:
    """Packed and unpacked; an answer taken back leaves no trace."""
    ballot = ballot_of(votes.items())
    assert votes_of(ballot) == votes
    assert with_vote(with_vote(ballot, 501, 1), 501, None) == ballot


@given(st.lists(st.binary(min_size=1, max_size=8), min_size=1, max_size=70))
def test_paths_lead_to_the_root_of_the_ledgers_tree(entries: list[bytes]) -> None:
    """The paths of all leaves at once are the inclusion proofs of RFC 6962."""
    leaves = [leaf_hash(entry) for entry in entries]
    root, paths = paths_of(leaves)
    assert root == root_of(leaves)
    for index, (leaf, path) in enumerate(zip(leaves, paths, strict=True)):
        hashes = [path[place : place + 32] for place in range(0, len(path), 32)]
        verify_inclusion(leaf, index, len(leaves), hashes, root)


@given(st.lists(VOTES, min_size=1, max_size=20))
def test_receipts_of_one_batch_are_all_promised(ballots: list[dict[int, int]]) -> None:
    """Each one of those recorded together holds a promise that stands alone."""
    receipts = promise([recorded(n, votes) for n, votes in enumerate(ballots)], 1_700_000_000_000_000, HOUSE)
    for number, (text, votes) in enumerate(zip(receipts, ballots, strict=True)):
        receipt = Receipt.parse(text)
        receipt.check_promise(HOUSE.verifier)
        assert votes_of(receipt.ballot) == votes
        assert (receipt.participant, receipt.consultation) == (number, CONSULTATION)


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_changed_receipt_does_not_pass(place: int, change: int) -> None:
    """Any bit: it is no receipt any more, or the signature fails; only the participant's number stands outside the promise."""
    [_, text, _] = promise([recorded(n, {1: 1, 2: -1, 9: 0}) for n in range(3)], 1_700_000_000_000_000, HOUSE)
    data = bytearray(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    place %= len(data)
    data[place] ^= change
    changed = urlsafe_b64encode(bytes(data)).rstrip(b"=").decode()
    if 17 <= place < 21:
        return
    with pytest.raises((InvalidInputError, TamperedError)):
        Receipt.parse(changed).check_promise(HOUSE.verifier)


@pytest.mark.parametrize("text", ["", "AQ", "é", "AAAA" * 40, "A" * 40_000, "AQ==" * 40, "####" * 40])
def test_what_is_no_receipt_says_so(text: str) -> None:
    """A sentence, whatever was pasted."""
    with pytest.raises(InvalidInputError, match="not a receipt"):
        Receipt.parse(text)


def closed(ballots: dict[int, dict[int, int]]) -> tuple[list[bytes], bytes]:
    """The published leaves and their root."""
    leaves = closing_leaves(KEY, CONSULTATION, {n: ballot_of(votes.items()) for n, votes in ballots.items()})
    return leaves, root_of(leaves)


@given(st.dictionaries(st.integers(0, 300), VOTES, min_size=1, max_size=20), st.data())
@pytest.mark.principle("D5")
def test_a_ballot_that_was_counted_is_found(ballots: dict[int, dict[int, int]], data: st.DataObject) -> None:
    """With the receipt, and by nothing else: the published leaves look alike to whoever has no salt."""
    leaves, root = closed(ballots)
    participant = data.draw(st.sampled_from(sorted(ballots)))
    [text] = promise([recorded(participant, ballots[participant])], 1, HOUSE)
    expected = Counted.COUNTED if ballots[participant] else Counted.NOT_COUNTED
    assert check_counted(Receipt.parse(text), CONSULTATION, leaves, root) is expected


def test_a_ballot_left_out_or_changed_is_seen() -> None:
    """Left out, answered otherwise, or counted for somebody else."""
    [text] = promise([recorded(7, {1: 1})], 1, HOUSE)
    receipt = Receipt.parse(text)
    for ballots in ({}, {8: {1: 1}}, {7: {1: -1}}, {7: {1: 1, 2: 1}}):
        leaves, root = closed(ballots)
        assert check_counted(receipt, CONSULTATION, leaves, root) is Counted.NOT_COUNTED


def test_leaves_that_are_not_the_ledgers_are_refused() -> None:
    """One added, one taken away, two exchanged; and a receipt from another consultation."""
    ballots = {n: {1: 1, n: 0} for n in range(2, 9)}
    leaves, root = closed(ballots)
    receipt = Receipt.parse(promise([recorded(3, ballots[3])], 1, HOUSE)[0])
    for forged in ([*leaves, bytes(32)], leaves[1:], [leaves[1], leaves[0], *leaves[2:]]):
        with pytest.raises(TamperedError):
            check_counted(receipt, CONSULTATION, forged, root)
    with pytest.raises(InvalidInputError):
        check_counted(receipt, uuid4(), leaves, root)


def test_salts_are_apart_by_person_consultation_and_house() -> None:
    """So that the same votes give other leaves."""
    salts = {
        salt_of(key, consultation, participant)
        for key in (KEY, salt_key(bytes([1] * 32)))
        for consultation in (CONSULTATION, uuid4())
        for participant in (1, 2)
    }
    assert len(salts) == 8


def test_the_tally_counts_what_stood_at_closing() -> None:
    """Answers to a withdrawn statement count nowhere; empty ballots are nobody's; the value is canonical."""
    ballots = {1: ballot_of([(1, 1), (2, -1), (3, 0)]), 2: ballot_of([(1, 1)]), 3: 0, 4: ballot_of([(3, 1)])}
    leaves = closing_leaves(KEY, CONSULTATION, ballots)
    counted = tally(CONSULTATION, ballots, [2, 1, 5], leaves, changes=4)
    assert counted.statements == (StatementTally(1, 2, 0, 0), StatementTally(2, 0, 1, 0), StatementTally(5, 0, 0, 0))
    assert (counted.participants, counted.votes, counted.changes) == (3, 3, 4)
    assert counted.ballots == root_of(leaves).hex()
    assert canonical_json(counted).startswith(b'{"ballots":"')


def test_the_tally_of_nobody() -> None:
    """Closed before anybody came."""
    assert tally(CONSULTATION, {}, [], [], 0).participants == 0
