"""A small OpenID Connect provider in a process of its own: discovery, authorization code with PKCE, tokens, userinfo, keys.

`POST /persona` says who stands before it and what it does wrong. Run as a program, it prints its address.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT_ID, CLIENT_SECRET = "colloque", "not-a-secret-outside-tests"
KEY = RSAKey.generate_key(2048, {"kid": "provider-1", "alg": "RS256", "use": "sig"})
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "provider-1", "alg": "RS256", "use": "sig"})


class Provider(BaseHTTPRequestHandler):
    """One request."""

    persona: dict[str, Any] = {}
    codes: dict[str, dict[str, Any]] = {}
    tokens: dict[str, dict[str, Any]] = {}
    address = ""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/.well-known/wallet-openid-configuration":  # not where the standard puts it, as elsewhere
            self._json(self._configuration())
        elif parts.path == "/keys":
            self._json({"keys": [KEY.as_dict(private=False)]})
        elif parts.path == "/authorize":
            self._authorize(asked)
        elif parts.path == "/userinfo":
            self._userinfo()
        else:
            self._json({"error": "not found"}, 404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        if self.path == "/persona":
            type(self).persona = json.loads(body)
            self._json({})
        elif self.path == "/token":
            self._token({name: values[0] for name, values in parse_qs(body).items()})

    def _configuration(self) -> dict[str, str]:
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "userinfo_endpoint": f"{self.address}/userinfo",
            "jwks_uri": f"{self.address}/keys",
        }

    def _authorize(self, asked: dict[str, str]) -> None:
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT_ID
        assert asked["code_challenge_method"] == "S256"
        if self.persona.get("refuses"):
            answer = {"error": "access_denied", "state": asked["state"]}
        else:
            code = secrets.token_urlsafe(16)
            self.codes[code] = asked
            answer = {"code": code, "state": asked["state"]}
        self.send_response(302)
        self.send_header("Location", f"{asked['redirect_uri']}?{urlencode(answer)}")
        self.end_headers()

    def _token(self, sent: dict[str, str]) -> None:
        asked = self.codes.pop(sent.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(sent.get("code_verifier", "").encode()).digest())
        if (
            asked is None
            or (sent.get("client_id"), sent.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET)
            or sent.get("redirect_uri") != asked["redirect_uri"]
            or challenge.rstrip(b"=").decode() != asked["code_challenge"]
        ):
            self._json({"error": "invalid_grant"}, 400)
            return
        token = secrets.token_urlsafe(16)
        self.tokens[token] = {**self.persona.get("claims", {}), **self.persona.get("userinfo", {})}
        answer: dict[str, Any] = {"access_token": token, "token_type": "Bearer", "expires_in": 60}
        if not self.persona.get("no_id_token"):
            answer["id_token"] = self._id_token(asked)
        self._json(answer)

    def _id_token(self, asked: dict[str, Any]) -> str:
        now = int(time.time())
        claims = {
            "iss": self.address,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 60,
            "nonce": asked.get("nonce"),
            **self.persona.get("claims", {}),
            **self.persona.get("id_token", {}),
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        signing = self.persona.get("signing", "right")
        if signing == "shared-secret":
            secret = OctKey.import_key(json.dumps(KEY.as_dict(private=False)).encode())
            return jwt.encode({"alg": "HS256", "kid": "provider-1"}, claims, secret)
        if signing == "none":
            return jwt.encode({"alg": "none", "kid": "provider-1"}, claims, OctKey.import_key("x"), algorithms=["none"])
        return jwt.encode({"alg": "RS256", "kid": "provider-1"}, claims, KEY if signing == "right" else OTHER_KEY)

    def _userinfo(self) -> None:
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        claims = self.tokens.get(token)
        if claims is None:
            self._json({"error": "invalid_token"}, 401)
        else:
            self._json(claims)

    def _json(self, value: object, status: int = 200) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Nothing."""


def main() -> None:
    """Serve on a free port until ended."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    Provider.address = f"http://127.0.0.1:{server.server_port}"
    sys.stdout.write(Provider.address + "\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
