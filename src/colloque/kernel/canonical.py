"""Canonical JSON (RFC 8785): one value, one sequence of bytes, for whatever is hashed, stored or compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, cast

import msgspec
import rfc8785

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"

_LARGEST = 2**53 - 1
_sorted = msgspec.json.Encoder(order="sorted")


def canonical_json(value: object) -> bytes:
    """UTF-8 bytes of the value in the form of RFC 8785.

    Structs, enums, dates, UUIDs and sets are first made into plain JSON; sets become sorted arrays.
    Raises `rfc8785.CanonicalizationError` for integers beyond ±(2^53 - 1), for NaN, infinities and lone surrogates.
    """
    plain = msgspec.to_builtins(value, order="deterministic", str_keys=True)
    if _is_plainest(plain):
        try:
            return _sorted.encode(plain)
        except UnicodeEncodeError:  # a lone surrogate; the reference implementation says so
            pass
    return rfc8785.dumps(cast(Any, plain))


def _is_plainest(value: Any) -> bool:
    """Whether a fast encoder writes the canonical form by itself: no fraction, no large number, names in ASCII.

    Fractions have their own notation in RFC 8785 §3.2.2.3; names outside ASCII sort by UTF-16 (§3.2.3), not by UTF-8.
    """
    if isinstance(value, str) or value is None or value is True or value is False:
        return True
    if isinstance(value, int):
        return -_LARGEST <= value <= _LARGEST
    if isinstance(value, dict):
        for name, part in value.items():
            if not (isinstance(name, str) and name.isascii()) or not (type(part) is str or _is_plainest(part)):
                return False
        return True
    if isinstance(value, list | tuple):
        for part in value:  # noqa: SIM110 - a generator would cost half of what this saves
            if not (type(part) is str or _is_plainest(part)):
                return False
        return True
    return False
