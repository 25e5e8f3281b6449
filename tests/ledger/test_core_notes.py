"""Notes, checkpoints, cosignatures and proof files, against the C2SP texts."""

from __future__ import annotations

from base64 import b64decode, b64encode
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from colloque.kernel.errors import ColloqueError, InvalidInputError, TamperedError
from colloque.ledger.core.notes import (
    Checkpoint,
    KeyType,
    SignerKey,
    VerifierKey,
    cosign,
    decode_base64,
    open_checkpoint,
    parse_note,
    parse_signature_lines,
    sign_checkpoint,
    verify_note,
)
from colloque.ledger.core.proofs import LogProof, WitnessRequest
from colloque.ledger.core.tree import leaf_hash, root_of

ORIGIN = "colloque.example/house"
LOG = SignerKey(ORIGIN, KeyType.ED25519, bytes(range(32)))
WITNESS = SignerKey("witness.example/w1", KeyType.COSIGNATURE_V1, bytes(range(32, 64)))
AT = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
HASHES = [leaf_hash(b"%d" % number) for number in range(5)]
CHECKPOINT = Checkpoint(ORIGIN, 5, root_of(HASHES))


def cosigned() -> bytes:
    note = sign_checkpoint(CHECKPOINT, LOG)
    return note.with_signatures([cosign(note, WITNESS, AT)]).encode()


def test_a_checkpoint_byte_for_byte() -> None:
    data = sign_checkpoint(CHECKPOINT, LOG).encode()
    text = f"{ORIGIN}\n5\n{b64encode(root_of(HASHES)).decode()}\n".encode()
    public = LOG.verifier.public
    key_id = sha256(ORIGIN.encode() + b"\n\x01" + public).digest()[:4]
    head, _, line = data.rpartition(b"\n\n")
    assert head + b"\n" == text
    dash, name, value = line.decode().removesuffix("\n").split(" ")
    assert (dash, name) == ("—", ORIGIN)
    raw = b64decode(value)
    assert raw[:4] == key_id
    Ed25519PublicKey.from_public_bytes(public).verify(raw[4:], text)


def test_a_cosignature_byte_for_byte() -> None:
    signature = parse_note(cosigned()).signatures[1]
    public = WITNESS.verifier.public
    assert signature.key_id == sha256(b"witness.example/w1\n\x04" + public).digest()[:4]
    assert int.from_bytes(signature.value[:8], "big") == int(AT.timestamp())
    message = f"cosignature/v1\ntime {int(AT.timestamp())}\n".encode() + CHECKPOINT.text()
    Ed25519PublicKey.from_public_bytes(public).verify(signature.value[8:], message)
    opened = open_checkpoint(cosigned(), LOG.verifier, [WITNESS.verifier])
    assert opened.checkpoint == CHECKPOINT
    assert [(one.key, one.at) for one in opened.cosigned] == [(WITNESS.verifier, AT)]


def test_keys_as_people_exchange_them() -> None:
    text = LOG.verifier.encode()
    name, key_id, material = text.split("+", 2)
    assert (name, key_id) == (ORIGIN, LOG.verifier.key_id.hex())
    assert b64decode(material) == b"\x01" + LOG.verifier.public
    assert VerifierKey.parse(text) == LOG.verifier
    assert SignerKey.parse(LOG.encode()) == LOG
    assert SignerKey.parse(WITNESS.encode()) == WITNESS
    assert LOG.encode().startswith(f"PRIVATE+KEY+{ORIGIN}+{LOG.verifier.key_id.hex()}+")
    assert "seed" not in repr(LOG)
    for bad in ("", "a+b", text[:-1], text.replace("+", "-"), f"x{text}", LOG.encode()):
        with pytest.raises(InvalidInputError):
            VerifierKey.parse(bad)
    with pytest.raises(InvalidInputError) as refused:
        SignerKey.parse(LOG.encode().replace(ORIGIN, "colloque.example/other"))
    assert LOG.encode().split("+")[-1] not in str(refused.value), "an error never repeats a secret"


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_changed_byte_of_a_checkpoint_is_noticed(data: st.DataObject) -> None:
    good = cosigned()
    at = data.draw(st.integers(0, len(good) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda value: value != good[at]))
    bad = good[:at] + bytes([other]) + good[at + 1 :]
    try:
        opened = open_checkpoint(bad, LOG.verifier, [WITNESS.verifier])
    except ColloqueError:
        return
    # A changed name or key id makes the witness's signature one of an unknown key: then it no longer counts.
    assert not opened.cosigned
    assert opened.checkpoint == CHECKPOINT


def test_whose_signature_counts() -> None:
    stranger = SignerKey(ORIGIN, KeyType.ED25519, bytes(32))
    with pytest.raises(TamperedError):
        open_checkpoint(sign_checkpoint(CHECKPOINT, stranger).encode(), LOG.verifier)
    with pytest.raises(TamperedError, match="did not sign"):
        open_checkpoint(
            parse_note(cosigned())
            .encode()
            .replace(sign_checkpoint(CHECKPOINT, LOG).signatures[0].line().encode(), b""),
            LOG.verifier,
            [WITNESS.verifier],
        )
    with pytest.raises(InvalidInputError):
        sign_checkpoint(Checkpoint("another.example/log", 1, bytes(32)), LOG)
    with pytest.raises(InvalidInputError):
        cosign(sign_checkpoint(CHECKPOINT, LOG), LOG, AT)
    unknown = parse_note(cosigned())
    assert [one.key for one in verify_note(unknown, [LOG.verifier])] == [LOG.verifier], "unknown keys are ignored"


@pytest.mark.parametrize(
    "text",
    [
        "only.example\n5\n",
        f"{ORIGIN}\n05\n{b64encode(bytes(32)).decode()}\n",
        f"{ORIGIN}\n-5\n{b64encode(bytes(32)).decode()}\n",
        f"{ORIGIN}\n5\n{b64encode(bytes(31)).decode()}\n",
        f"{ORIGIN}\n5\n{b64encode(bytes(32)).decode()}\nextension\n",
        f"\n5\n{b64encode(bytes(32)).decode()}\n",
    ],
)
def test_what_is_no_checkpoint(text: str) -> None:
    with pytest.raises(InvalidInputError):
        Checkpoint.parse(text.encode())


@pytest.mark.parametrize(
    "data",
    [b"", b"x", b"x\n\n", b"x\n\n- a YQ==\n", "x\n\n— a YQ==\n".encode(), b"x\n\n\xff\n", b"x\r\n\n\xe2\x80\x94 a b\n"],
)
def test_what_is_no_note(data: bytes) -> None:
    with pytest.raises(InvalidInputError):
        parse_note(data)


@pytest.mark.parametrize("text", ["QQ", "QR==", "QQ==\n", "Q Q==", "QQ=", "é", "QQ==QQ=="])
def test_base64_has_one_form_only(text: str) -> None:
    assert decode_base64("QQ==") == b"A"
    with pytest.raises(InvalidInputError):
        decode_base64(text)


def test_a_proof_file_byte_for_byte_and_back() -> None:
    hashes = (HASHES[4],)
    checkpoint = cosigned()
    proof = LogProof(4, (root_of(HASHES[:4]),), checkpoint)
    encoded = proof.encode()
    assert encoded == (b"c2sp.org/tlog-proof@v1\nindex 4\n" + b64encode(root_of(HASHES[:4])) + b"\n\n" + checkpoint), (
        "the format of the C2SP text"
    )
    assert LogProof.parse(encoded) == proof
    proof.verify(b"4", LOG.verifier, [WITNESS.verifier])
    with pytest.raises(TamperedError):
        proof.verify(b"3", LOG.verifier)
    with pytest.raises(TamperedError):
        LogProof(4, hashes, checkpoint).verify(b"4", LOG.verifier)
    with_extra = LogProof(0, (), checkpoint, extra=b"more")
    assert with_extra.encode().startswith(b"c2sp.org/tlog-proof@v1\nextra bW9yZQ==\nindex 0\n\n")
    assert LogProof.parse(with_extra.encode()) == with_extra
    for bad in (b"", encoded[1:], encoded.replace(b"index 4", b"index 04"), encoded.replace(b"index", b"Index")):
        with pytest.raises(InvalidInputError):
            LogProof.parse(bad)


def test_a_request_to_a_witness() -> None:
    request = WitnessRequest(3, tuple(HASHES[:2]), cosigned())
    encoded = request.encode()
    assert encoded.startswith(b"old 3\n" + b64encode(HASHES[0]) + b"\n")
    assert WitnessRequest.parse(encoded) == request
    with pytest.raises(InvalidInputError):
        WitnessRequest.parse(encoded.replace(b"old", b"new"))
    lines = "".join(signature.line() for signature in parse_note(cosigned()).signatures)
    assert parse_signature_lines(lines) == parse_note(cosigned()).signatures
