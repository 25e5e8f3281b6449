"""Codes that people type: without letters that look alike, and with one more letter that betrays a slip.

31 signs, a prime number: the weighted sum modulo 31 detects any one sign mistaken and any two neighbours exchanged.
"""

from __future__ import annotations

from typing import Final

from colloque.kernel.errors import InvalidInputError
from colloque.kernel.sealing import RandomBytes

SIGNS: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
INVITATION_SIGNS: Final = 9
"""31⁹ codes, about 45 bits: with a thousand of them given out, a guess is right once in 26 thousand million."""

SHEET_SIGNS: Final = 5


def new_code(signs: int, random_bytes: RandomBytes) -> str:
    """A code of `signs` random signs and its check sign, without spaces."""
    body = "".join(SIGNS[_below(31, random_bytes)] for _ in range(signs))
    return body + check_sign(body)


def _below(limit: int, random_bytes: RandomBytes) -> int:
    """A uniform number from 0 to `limit` - 1, `limit` at most 256: bytes past the last whole multiple are drawn again."""
    last = 256 - 256 % limit
    while (drawn := random_bytes(1)[0]) >= last:
        pass
    return drawn % limit


def check_sign(body: str) -> str:
    """The sign that makes the weighted sum of the whole code a multiple of 31."""
    total = sum(place * SIGNS.index(sign) for place, sign in enumerate(body, start=2))
    return SIGNS[-total % 31]


def read_code(typed: str, signs: int) -> str:
    """The code somebody typed: spaces, dashes and small letters are welcome.

    Raises `InvalidInputError` with code `code-length` or `code-slip`.
    """
    text = "".join(sign for sign in typed.upper() if sign.isalnum())
    if len(text) != signs + 1:
        raise InvalidInputError(f"A code has {signs + 1} signs, this one has {len(text)}.", code="code-length")
    if any(sign not in SIGNS for sign in text) or check_sign(text[:-1]) != text[-1]:
        raise InvalidInputError("One sign of this code is mistaken.", code="code-slip")
    return text


def shown(code: str) -> str:
    """The code as it is printed: « K7PMX-3QX92 », « K7P-MX3 »."""
    half = (len(code) + 1) // 2
    return f"{code[:half]}-{code[half:]}"
