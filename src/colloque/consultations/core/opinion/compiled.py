"""How the map's inner loops are compiled, and how their work is spread over threads without changing a bit of the result.

A loop is cut into chunks whose bounds depend on the data alone, never on the number of threads; what chunks give is put
together in their order. Compiled functions release the interpreter lock, so a server goes on serving meanwhile.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., object])
Result = TypeVar("Result")


def compiled(function: Function) -> Function:
    """The function as machine code, made at its first call and kept on disk where a folder for it can be written.

    Division by zero gives infinity or NaN, as NumPy does. No reordering of floating-point operations is allowed.
    """
    try:
        return cast(Function, njit(cache=True, nogil=True, error_model="numpy")(function))
    except RuntimeError:  # no folder to keep it in: a read-only installation and no home
        return cast(Function, njit(nogil=True, error_model="numpy")(function))


def cores() -> int:
    """How many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # systems without affinities
        return os.cpu_count() or 1


def spread(work: Callable[[int, int], Result], count: int, chunk: int, threads: int) -> list[Result]:
    """`work(start, stop)` for each chunk of `range(count)`, in order of the chunks; `threads` 0 means all cores."""
    bounds = [(start, min(start + chunk, count)) for start in range(0, count, chunk)]
    wanted = min(threads or cores(), len(bounds))
    if wanted <= 1:
        return [work(start, stop) for start, stop in bounds]
    with ThreadPoolExecutor(wanted) as pool:
        return list(pool.map(lambda bound: work(*bound), bounds))
