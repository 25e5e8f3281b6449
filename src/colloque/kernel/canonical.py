"""Canonical JSON (RFC 8785): one value, one sequence of bytes, for whatever is hashed, stored or compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, cast

import msgspec
import rfc8785

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"


def canonical_json(value: object) -> bytes:
    """UTF-8 bytes of the value in the form of RFC 8785.

    Structs, enums, dates, UUIDs and sets are first made into plain JSON; sets become sorted arrays.
    Raises `rfc8785.CanonicalizationError` for integers beyond ±(2^53 - 1) and for NaN or infinities.
    """
    plain = msgspec.to_builtins(value, order="deterministic", str_keys=True)
    return rfc8785.dumps(cast(Any, plain))
