"""Canonical JSON is that of RFC 8785, whichever way it is written."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from colloque.kernel.canonical import canonical_json

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner)
)


@given(values)
def test_every_value_has_the_form_of_the_reference_implementation(value: Any) -> None:
    assert canonical_json(value) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (
            {"b": 1, "a": [True, None, 'é\u2028\x7f\x01\b\t"\\/']},
            '{"a":[true,null,"é\u2028\x7f\\u0001\\b\\t\\"\\\\/"],"b":1}',
        ),
        ({"x": 1.0, "y": 1e21, "z": 0.000001}, '{"x":1,"y":1e+21,"z":0.000001}'),
        ({"\ue000": 1, "\U00010000": 2}, '{"\U00010000":2,"\ue000":1}'),
    ],
)
def test_known_forms(value: Any, written: str) -> None:
    assert canonical_json(value) == written.encode()


@pytest.mark.parametrize("value", [2**53, -(2**53), float("nan"), float("inf"), "\ud800", {"a": ["\udfff"]}])
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises((rfc8785.CanonicalizationError, UnicodeEncodeError, msgspec.EncodeError)):
        canonical_json(value)
