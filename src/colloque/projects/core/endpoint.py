"""The address of an AI service: what may be declared, so that our server is never sent knocking elsewhere (SSRF)."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from colloque.kernel.errors import InvalidInputError

_HOST = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])\Z")
_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)*/?\Z")


def checked_endpoint(url: str, *, loopback_allowed: bool) -> str:
    """The address without a trailing slash, if an AI may be declared there.

    `https` to a full host name or to an address of the private or public network; `http` only towards this machine itself,
    and only where `loopback_allowed` (demonstration, tests). No name or password, no query, no fragment, no `..`, nothing
    percent-encoded. Raises `InvalidInputError` (path `endpoint`) that says what to write instead.
    Source: OWASP, Server-Side Request Forgery Prevention.
    """
    if not url.isascii() or any(c.isspace() or ord(c) < 32 for c in url) or "\\" in url or len(url) > 500:
        raise _refused("endpoint-characters", "The address holds characters that do not belong in one.")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise _refused("endpoint-unreadable", "This is not an address.") from error
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        raise _refused("endpoint-credentials", "The address holds a name or a password; take them out.")
    if parts.query or parts.fragment or "?" in url or "#" in url:
        raise _refused("endpoint-query", "The address must end with its path: nothing after a ? or a #.")
    if not _PATH.match(parts.path) or any(segment in {".", ".."} for segment in parts.path.split("/")):
        raise _refused("endpoint-path", "The path of the address holds characters that do not belong there.")
    is_loopback = _check_host(host)
    if is_loopback and not loopback_allowed:
        raise _refused("endpoint-loopback", "An AI on this very machine is only for demonstration.")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback):
        raise _refused("endpoint-scheme", "The address must begin with https://.")
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}{f':{port}' if port is not None else ''}{parts.path}".rstrip("/")


def _check_host(host: str) -> bool:
    """Whether the host is this machine itself. Raises `InvalidInputError` for a host no AI can have."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        if not _HOST.match(host):
            raise _refused("endpoint-host", "The address needs a full host name, such as ia.hopital.example.") from None
        if host.endswith((".localhost", ".local", ".internal")):
            raise _refused(
                "endpoint-host", "Use a full host name; this one means something in one place only."
            ) from None
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        raise _refused("endpoint-host", "Write an IPv4 address as four numbers.")
    if address.is_loopback:
        return True
    if address.is_link_local or address.is_multicast or address.is_unspecified or address.is_reserved:
        raise _refused("endpoint-network", "No AI service can stand at this network address.")
    return False


def _refused(code: str, message: str) -> InvalidInputError:
    return InvalidInputError(message, code=code, path="endpoint")
