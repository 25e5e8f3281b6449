"""The bits of true-or-false columns as words of 64, without unpacking them.

Polars hands its columns over by Arrow's C data interface (https://arrow.apache.org/docs/format/CStreamInterface.html): a
Boolean array keeps one bit for each row, the first row in the lowest bit.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray


class _Array(ctypes.Structure):
    pass


class _Stream(ctypes.Structure):
    pass


_POINTER = ctypes.c_void_p
_RELEASE_ARRAY = ctypes.CFUNCTYPE(None, ctypes.POINTER(_Array))
_Array._fields_ = [
    ("length", ctypes.c_int64),
    ("null_count", ctypes.c_int64),
    ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("buffers", ctypes.POINTER(_POINTER)),
    ("children", ctypes.POINTER(ctypes.POINTER(_Array))),
    ("dictionary", ctypes.POINTER(_Array)),
    ("release", _RELEASE_ARRAY),
    ("private_data", _POINTER),
]
_Stream._fields_ = [
    ("get_schema", _POINTER),
    ("get_next", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(_Stream), ctypes.POINTER(_Array))),
    ("get_last_error", _POINTER),
    ("release", _POINTER),
    ("private_data", _POINTER),
]
_pointer = ctypes.pythonapi.PyCapsule_GetPointer
_pointer.restype, _pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]


def words_of(masks: Sequence[pl.Series]) -> NDArray[np.uint64]:
    """One line for each mask, one bit for each row; bits beyond the last row are 0. Masks have one length and no nulls."""
    rows = len(masks[0]) if masks else 0
    wide = -(-rows // 64)
    found = np.zeros((len(masks), wide * 8), np.uint8)
    for line, mask in zip(found, masks, strict=True):
        _fill(line, mask, rows)
    return found.view(np.uint64)


def _fill(line: NDArray[np.uint8], mask: pl.Series, rows: int) -> None:
    capsule: Any = mask.rechunk().__arrow_c_stream__()
    stream = ctypes.cast(_pointer(capsule, b"arrow_array_stream"), ctypes.POINTER(_Stream))
    array = _Array()
    if rows == 0:
        return
    if stream.contents.get_next(stream, ctypes.byref(array)) or array.length != rows:
        raise RuntimeError("A mask could not be read as one Arrow array.")
    start, size = array.offset // 8, (array.offset + rows + 7) // 8
    held = np.ctypeslib.as_array((ctypes.c_uint8 * size).from_address(array.buffers[1]))[start:]
    shift = array.offset % 8
    if shift:
        bits = np.unpackbits(held, bitorder="little")[shift : shift + rows]
        packed = np.packbits(bits, bitorder="little")
    else:
        packed = held
    line[: packed.size] = packed
    if rows % 8:
        line[rows // 8] &= (1 << rows % 8) - 1
    array.release(ctypes.byref(array))


def crossed(these: NDArray[np.uint64], those: NDArray[np.uint64]) -> NDArray[np.int64]:
    """How many rows are in both, for each of these and each of those."""
    counts = np.zeros((len(these), len(those)), np.int64)
    block = max(1, 120_000 // max(1, len(those)))
    both, bits = np.empty((len(those), block), np.uint64), np.empty((len(those), block), np.uint8)
    for start in range(0, these.shape[1] if len(those) else 0, block):
        there = those[:, start : start + block]
        width = there.shape[1]
        for n, line in enumerate(these[:, start : start + block]):
            if line.any():
                np.bitwise_and(there, line, out=both[:, :width])
                np.bitwise_count(both[:, :width], out=bits[:, :width])
                counts[n] += bits[:, :width].sum(axis=1, dtype=np.uint32)
    return counts
