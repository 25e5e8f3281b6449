"""Our side towards AI services: one call, within its time, its size and its type; anything else is a coded reason.

Redirects are not followed, cookies are not kept, proxies of the environment are not used, and the address called is the
declared one. The call carries our own short-lived signed token (CDS Hooks 2.0.1, "Trusting CDS Clients").
"""

from __future__ import annotations

import asyncio
import time
from base64 import urlsafe_b64encode
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from uuid import uuid4

import aiohttp
import msgspec
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from yarl import URL

from colloque.acts.core.answer import MAX_BYTES, WithheldCode
from colloque.acts.core.call import Call
from colloque.kernel.errors import UnavailableError

KEY_FILE = "ai-client.key"
TOKEN_SECONDS = 120
MAX_CONNECTIONS_PER_AI = 64


def _base64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


_ES256 = ec.ECDSA(hashes.SHA256())
_encode = msgspec.json.Encoder().encode


class _Claims(msgspec.Struct):
    iss: str
    aud: str
    iat: int
    exp: int
    jti: str


class Signer:
    """Signs our tokens with ECDSA P-256 (ES256): a signature costs a tenth of one with ES384 or RS384."""

    def __init__(self, private: ec.EllipticCurvePrivateKey, issuer: str) -> None:
        self._private = private
        self._issuer = issuer
        numbers = private.public_key().public_numbers()
        point = {
            "crv": "P-256",
            "kty": "EC",
            "x": _base64(numbers.x.to_bytes(32, "big")),
            "y": _base64(numbers.y.to_bytes(32, "big")),
        }
        digest = hashes.Hash(hashes.SHA256())
        digest.update(msgspec.json.encode(point, order="sorted"))
        self.kid = _base64(digest.finalize())
        self._header = _base64(msgspec.json.encode({"alg": "ES256", "kid": self.kid, "typ": "JWT"})).encode("ascii")
        self._point = point

    def token(self, audience: str, now: int) -> str:
        """A token for one call, good for two minutes from `now` (seconds since 1970)."""
        claims = _Claims(self._issuer, audience, now, now + TOKEN_SECONDS, str(uuid4()))
        signed = self._header + b"." + urlsafe_b64encode(_encode(claims)).rstrip(b"=")
        r, s = decode_dss_signature(self._private.sign(signed, _ES256))
        return f"{signed.decode('ascii')}.{_base64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """The public key, as an AI service needs it (RFC 7517)."""
        return {"keys": [{**self._point, "kid": self.kid, "alg": "ES256", "use": "sig"}]}


def read_signer(folder: Path, issuer: str) -> Signer:
    """The signer of this installation, its key made on first use. Raises `UnavailableError`."""
    from colloque.ledger.keys import read_secret, write_once

    path = folder / KEY_FILE
    try:
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            private = ec.generate_private_key(ec.SECP256R1())
            pem = private.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            write_once(path, pem.decode("ascii"))
        key = serialization.load_pem_private_key(read_secret(path).encode("ascii"), password=None)
    except (OSError, ValueError) as error:
        raise UnavailableError(f"The key {KEY_FILE} cannot be used.", code="key-unreadable") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise UnavailableError(f"The key {KEY_FILE} is of another kind.", code="key-unreadable")
    return Signer(key, issuer)


class AIClient:
    """Calls AI services; one for a process, or one for a single call: `async with AIClient(signer) as ai`."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> AIClient:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, limit_per_host=MAX_CONNECTIONS_PER_AI, use_dns_cache=True),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            skip_auto_headers=("User-Agent", "Accept-Encoding"),
            max_line_size=4096,
            max_field_size=4096,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def ask(self, call: Call) -> bytes | WithheldCode:
        """The body of the answer as received, or why there is none. Never raises for what an AI does."""
        if self._session is None:
            raise RuntimeError("The client is used inside `async with`.")
        headers = {
            "Authorization": f"Bearer {self._signer.token(call.url, int(time.time()))}",
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
        }
        try:
            async with asyncio.timeout(call.timeout_ms / 1000):
                async with self._session.post(
                    _address(call.url),
                    data=call.body,
                    headers=headers,
                    allow_redirects=False,
                    timeout=_NO_OTHER_TIMEOUT,
                ) as response:
                    return await _body_of(response)
        except TimeoutError:
            return WithheldCode.TIMEOUT
        except aiohttp.ClientPayloadError:
            return WithheldCode.TRUNCATED
        except (aiohttp.ClientError, OSError, ValueError):
            return WithheldCode.UNREACHABLE


_NO_OTHER_TIMEOUT = aiohttp.ClientTimeout(total=None)


@lru_cache(maxsize=256)
def _address(url: str) -> URL:
    return URL(url)


async def _body_of(response: aiohttp.ClientResponse) -> bytes | WithheldCode:
    if 300 <= response.status < 400:
        return WithheldCode.REDIRECT
    if response.status != 200:
        return WithheldCode.STATUS
    if response.content_type != "application/json" or (response.charset or "utf-8").lower() not in ("utf-8", "utf8"):
        return WithheldCode.CONTENT_TYPE
    if response.headers.get("Content-Encoding", "identity") != "identity":
        return WithheldCode.CONTENT_TYPE
    if (response.content_length or 0) > MAX_BYTES:
        return WithheldCode.TOO_LARGE
    chunks, size = [], 0
    async for chunk in response.content.iter_any():
        size += len(chunk)
        if size > MAX_BYTES:
            return WithheldCode.TOO_LARGE
        chunks.append(chunk)
    return b"".join(chunks)
