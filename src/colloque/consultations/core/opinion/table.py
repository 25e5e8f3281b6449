"""From votes in any order to the table of last votes: two counting passes, no sort of the votes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from colloque.consultations.core.opinion.compiled import compiled, cores, spread
from colloque.consultations.core.opinion.values import VoteTable
from colloque.kernel.errors import InvalidInputError

if TYPE_CHECKING:
    from colloque.consultations.core.opinion.values import Indices, Votes, Whole

Numbers: TypeAlias = NDArray[Any]

ROWS = 1 << 14
_BITS = 32
_FIRST_BIT = np.zeros(32, np.int32)
for _position in range(32):  # position of the lowest bit by a de Bruijn sequence
    _FIRST_BIT[((1 << _position) * 0x077CB531 & 0xFFFFFFFF) >> 27] = _position


def table_of(people: ArrayLike, statements: ArrayLike, values: ArrayLike, at: ArrayLike | None = None) -> VoteTable:
    """See `VoteTable.from_votes`."""
    who, what, how = _numbers(people, "people"), _numbers(statements, "statements"), _votes(values)
    when = None if at is None else _numbers(at, "at")
    if not len(who) == len(what) == len(how) == (len(how) if when is None else len(when)):
        raise InvalidInputError(
            f"Votes come as columns of one length; here {len(who)} people, {len(what)} statements, {len(how)} values"
            + ("." if when is None else f", {len(when)} times.")
        )
    person_numbers, person_codes, person_low = _coding(who)
    statement_numbers, statement_codes, statement_low = _coding(what)
    if person_codes is None:
        person_numbers, who = np.unique(who, return_inverse=True)
        person_codes, person_low = np.arange(len(person_numbers), dtype=np.int32), 0
    if statement_codes is None:
        statement_numbers, what = np.unique(what, return_inverse=True)
        statement_codes, statement_low = np.arange(len(statement_numbers), dtype=np.int32), 0
    rows, width = len(person_numbers), len(statement_numbers)
    indptr = np.zeros(rows + 1, np.int64)
    _count(who, person_codes, person_low, indptr)
    np.cumsum(indptr, out=indptr)
    indices, kept = np.empty(len(who), np.int32), np.empty(len(who), np.int8)
    lengths = np.empty(rows, np.int64)
    if when is None:
        shift = max(12, (rows >> 10).bit_length())
        inside = np.empty(len(who), np.uint16 if shift <= 16 else np.uint32)
        buckets = -(-rows // (1 << shift))
        half = max(1, -(-buckets // cores()))
        spread(
            lambda low, high: _partition(
                who, what, how, person_codes, person_low, statement_codes, statement_low, indptr, shift, low, high,
                indices, kept, inside,
            ),
            buckets,
            half,
            0,
        )  # fmt: skip
        spread(
            lambda low, high: _rows_of_buckets(
                indptr, shift, low, high, width, indices, kept, inside, lengths, _FIRST_BIT
            ),
            buckets,
            4,
            0,
        )
        del inside
    else:
        order = np.empty(len(who), np.uint32 if len(who) < 1 << 32 else np.int64)
        share = max(1, -(-rows // cores()))
        spread(
            lambda low, high: _scatter_order(who, person_codes, person_low, indptr, low, high, order), rows, share, 0
        )
        spread(
            lambda low, high: _gather(
                what, how, when, statement_codes, statement_low, indptr, low, high, order, indices, kept
            ),
            rows,
            ROWS,
            0,
        )
        del order
        spread(
            lambda low, high: _last_of_each(indptr, low, high, width, indices, kept, lengths, _FIRST_BIT), rows, ROWS, 0
        )
    if rows and int(lengths.sum()) < len(indices):
        indices, kept, indptr = _compacted(indptr, lengths, indices, kept)
    return VoteTable(person_numbers.astype(np.int64), statement_numbers.astype(np.int64), indptr, indices, kept)


def _numbers(given: ArrayLike, name: str) -> Numbers:
    array = np.asarray(given)
    if array.ndim != 1:
        raise InvalidInputError(f"`{name}` is one column of numbers.", path=name)
    if array.dtype.kind == "u" and array.dtype.itemsize == 8 and array.size and array.max() > np.iinfo(np.int64).max:
        raise InvalidInputError(f"`{name}` holds numbers beyond 2^63.", path=name)
    if array.dtype.kind in "iu" and array.dtype.itemsize in (4, 8) and array.dtype.isnative:
        return array if array.dtype.kind == "i" else array.astype(np.int64)
    whole = array.astype(np.int64)
    if array.dtype.kind not in "iub" and array.size and not np.array_equal(whole, array):
        raise InvalidInputError(f"`{name}` holds whole numbers only.", path=name)
    return whole


def _votes(given: ArrayLike) -> Votes:
    array = np.asarray(given)
    if array.ndim != 1:
        raise InvalidInputError("`values` is one column of votes.", path="values")
    if array.size and not _are_votes(array):
        strange = array[~np.isin(array, (-1, 0, 1))][0]
        raise InvalidInputError(f"A vote is -1, 0 or 1, not {strange}.", path="values")
    return array.astype(np.int8, copy=False)


def _coding(numbers: Numbers) -> tuple[Numbers, Indices | None, int]:
    """Distinct numbers ascending, and the code of each number counted from the lowest; no codes where they lie far apart."""
    if not numbers.size:
        return np.empty(0, np.int64), np.empty(0, np.int32), 0
    low, high = _bounds(numbers)
    if high - low >= max(4 * numbers.size, 1 << 20):
        return numbers, None, 0
    codes = np.full(high - low + 1, -1, np.int32)
    _mark(numbers, low, codes)
    return np.flatnonzero(codes >= 0) + low, codes, low


@compiled
def _are_votes(values: Numbers) -> bool:
    good = True
    for value in values:
        good = good and (value == -1 or value == 0 or value == 1)
    return good


@compiled
def _bounds(numbers: Numbers) -> tuple[Any, Any]:
    low, high = np.int64(numbers[0]), np.int64(numbers[0])
    for number in numbers:
        low, high = min(low, np.int64(number)), max(high, np.int64(number))
    return low, high


@compiled
def _mark(numbers: Numbers, low: int, codes: Indices) -> None:
    for number in numbers:
        codes[number - low] = 0
    found = 0
    for place in range(len(codes)):
        if codes[place] == 0:
            codes[place] = found
            found += 1


@compiled
def _count(who: Numbers, codes: Indices, low: int, counts: Whole) -> None:
    for person in who:
        counts[codes[person - low] + 1] += 1


@compiled
def _last_of_each(
    indptr: Whole, first: int, last: int, width: int, indices: Indices, kept: Votes, lengths: Whole, first_bit: Indices
) -> None:
    """In rows `first` to `last`: statements ascending, the last vote of each, at the head of the row."""
    words = np.zeros(width // _BITS + 1, np.int64)
    latest = np.zeros(width, np.int8)
    for row in range(first, last):
        start, stop = indptr[row], indptr[row + 1]
        write = start
        if len(words) <= 8 * (stop - start) + 64:
            for place in range(start, stop):
                statement = indices[place]
                words[statement >> 5] |= 1 << (statement & 31)
                latest[statement] = kept[place]
            for at in range(len(words)):
                word = words[at]
                words[at] = 0
                while word:
                    lowest = word & -word
                    statement = (at << 5) + first_bit[((lowest * 0x077CB531) & 0xFFFFFFFF) >> 27]
                    indices[write] = statement
                    kept[write] = latest[statement]
                    write += 1
                    word ^= lowest
        else:
            for place in range(start, stop):
                statement = indices[place]
                latest[statement] = kept[place]
                bit = 1 << (statement & 31)
                if not words[statement >> 5] & bit:
                    words[statement >> 5] |= bit
                    indices[write] = statement
                    write += 1
            indices[start:write].sort()
            for place in range(start, write):
                statement = indices[place]
                kept[place] = latest[statement]
                words[statement >> 5] = 0
        lengths[row] = write - start


@compiled
def _partition(
    who: Numbers,
    what: Numbers,
    how: Votes,
    person_codes: Indices,
    person_low: int,
    statement_codes: Indices,
    statement_low: int,
    indptr: Whole,
    shift: int,
    first: int,
    last: int,
    indices: Indices,
    kept: Votes,
    inside: Numbers,
) -> None:
    """Each vote into the stretch of its bucket (people who stand near each other), in the order given: few open places
    to write to at a time, so that memory keeps up."""
    rows = len(indptr) - 1
    cursor = np.empty(last - first, np.int64)
    for bucket in range(first, last):
        cursor[bucket - first] = indptr[min(bucket << shift, rows)]
    mask = (1 << shift) - 1
    for vote in range(len(who)):
        person = person_codes[who[vote] - person_low]
        its = (person >> shift) - first
        if 0 <= its < last - first:
            place = cursor[its]
            cursor[its] = place + 1
            indices[place] = statement_codes[what[vote] - statement_low]
            kept[place] = how[vote]
            inside[place] = person & mask


@compiled
def _rows_of_buckets(
    indptr: Whole,
    shift: int,
    first: int,
    last: int,
    width: int,
    indices: Indices,
    kept: Votes,
    inside: Numbers,
    lengths: Whole,
    first_bit: Indices,
) -> None:
    """Within each bucket, each vote into its person's row, then the last vote of each pair."""
    rows = len(indptr) - 1
    for bucket in range(first, last):
        low, high = min(bucket << shift, rows), min((bucket + 1) << shift, rows)
        begin, end = indptr[low], indptr[high]
        cursor = indptr[low:high].copy()
        statements, votes = indices[begin:end].copy(), kept[begin:end].copy()
        for place in range(end - begin):
            person = inside[begin + place]
            to = cursor[person]
            cursor[person] = to + 1
            indices[to] = statements[place]
            kept[to] = votes[place]
        _last_of_each(indptr, low, high, width, indices, kept, lengths, first_bit)


@compiled
def _scatter_order(
    who: Numbers,
    person_codes: Indices,
    person_low: int,
    indptr: Whole,
    first: int,
    last: int,
    order: Numbers,
) -> None:
    cursor = indptr[first:last].copy()
    for vote in range(len(who)):
        person = person_codes[who[vote] - person_low]
        if first <= person < last:
            order[cursor[person - first]] = vote
            cursor[person - first] += 1


@compiled
def _gather(
    what: Numbers,
    how: Votes,
    when: Numbers,
    statement_codes: Indices,
    statement_low: int,
    indptr: Whole,
    first: int,
    last: int,
    order: Numbers,
    indices: Indices,
    kept: Votes,
) -> None:
    """The rows of people `first` to `last`, each in the order of time; the order given decides between equal times."""
    for person in range(first, last):
        start, stop = indptr[person], indptr[person + 1]
        times = np.empty(stop - start, np.int64)
        for place in range(start, stop):
            times[place - start] = when[order[place]]
        by_time = np.argsort(times, kind="mergesort")
        for place in range(start, stop):
            vote = order[start + by_time[place - start]]
            indices[place] = statement_codes[what[vote] - statement_low]
            kept[place] = how[vote]


@compiled
def _compacted(indptr: Whole, lengths: Whole, indices: Indices, kept: Votes) -> tuple[Indices, Votes, Whole]:
    """Rows moved together in place; the freed tail is cut off."""
    moved = np.zeros(len(indptr), np.int64)
    write = 0
    for row in range(len(lengths)):
        start = indptr[row]
        for place in range(start, start + lengths[row]):
            indices[write] = indices[place]
            kept[write] = kept[place]
            write += 1
        moved[row + 1] = write
    return indices[:write].copy(), kept[:write].copy(), moved
