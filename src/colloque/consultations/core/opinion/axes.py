"""The two axes: leading eigenvectors of the covariance of votes, after each missing vote took its statement's mean.

A vote put at its statement's mean is zero once centred, so the covariance needs only the votes that were given, and follows
exactly from whole-number sums over pairs of statements. Eigenvectors come from a block Krylov method written here, because
a linear algebra library gives other last bits with another number of threads or another processor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from colloque.consultations.core.opinion.compiled import compiled

if TYPE_CHECKING:
    from colloque.consultations.core.opinion.sums import Sums
    from colloque.consultations.core.opinion.values import Real

WIDTH = 4
DEPTH = 12
DIRECT = 48
RESTARTS = 60
TOLERANCE = 1e-13


def covariance_of(
    people: int, counts: Sums, together: Sums, votes: Sums, products: Sums, counted: NDArray[np.bool_]
) -> tuple[Real, Real]:
    """Centre (m) and covariance (m, m) of the votes of `people` rows; statements not `counted` are zero throughout.

    `counts` as of `counts_of`; the rest as of `pair_sums`, whose diagonals are not read.
    """
    m = len(counts)
    centre, covariance = np.zeros(m), np.zeros((m, m))
    _covariance(max(1, people - 1), counts, together, votes, products, counted, centre, covariance)
    return centre, covariance


@compiled
def _covariance(
    freedom: int,
    counts: Sums,
    together: Sums,
    votes: Sums,
    products: Sums,
    counted: NDArray[Any],
    centre: Real,
    covariance: Real,
) -> None:
    m = len(centre)
    for j in range(m):
        if counted[j] and counts[j, 2]:
            centre[j] = (counts[j, 0] - counts[j, 1]) / counts[j, 2]
    for j in range(m):
        _covariance_line(j, freedom, counts, together, votes, products, counted, centre, covariance)


@compiled
def _covariance_line(
    j: int,
    freedom: int,
    counts: Sums,
    together: Sums,
    votes: Sums,
    products: Sums,
    counted: NDArray[Any],
    centre: Real,
    covariance: Real,
) -> None:
    here = centre[j]
    for k in range(len(centre)):
        if not (counted[j] and counted[k]):
            covariance[j, k] = 0.0
        elif j == k:
            seen, total = counts[j, 2], counts[j, 0] - counts[j, 1]
            covariance[j, k] = (counts[j, 0] + counts[j, 1] - here * total) / freedom if seen else 0.0
        else:
            # Written so that (j, k) and (k, j) give the same bits.
            crossed = votes[j, k] * centre[k] + votes[k, j] * here
            covariance[j, k] = (products[j, k] - crossed + here * centre[k] * together[j, k]) / freedom


def leading_axes(covariance: Real, start: Real | None = None, tolerance: float = TOLERANCE) -> tuple[Real, Real, Real]:
    """The two greatest eigenvalues, their eigenvectors (2, m) of length 1, and a block (≤ 4, m) to start from next time.

    `start`: such a block of an earlier, similar matrix. `tolerance`: greatest residual relative to the first
    eigenvalue. Signs are not settled here. Fewer than two directions with any
    variance leave the rest zero.
    """
    m = len(covariance)
    values, axes = np.zeros(2), np.zeros((2, m))
    if m == 0 or not np.any(covariance):
        return values, axes, np.zeros((min(WIDTH, m), m))
    if m <= DIRECT:
        found, vectors = _jacobi(covariance.copy())
        order = _descending(found)
        block = np.ascontiguousarray(vectors[:, order[: min(WIDTH, m)]].T)
        ritz = found[order]
    else:
        is_warm = start is not None and start.shape == (WIDTH, m)
        first = start if start is not None and is_warm else _first_block(m)
        ritz, block = _krylov(covariance, np.ascontiguousarray(first), tolerance, is_warm)
    for axis in range(min(2, m)):
        if ritz[axis] > 1e-12 * ritz[0]:
            values[axis], axes[axis] = ritz[axis], block[axis]
    return values, axes, block


def _first_block(m: int) -> Real:
    """A block with no pattern that votes could share, the same on every machine (a linear congruential sequence)."""
    block = np.empty(WIDTH * m)
    state = 88172645463325252
    for place in range(WIDTH * m):
        state = (state * 6364136223846793005 + 1442695040888963407) & (2**64 - 1)
        block[place] = (state >> 11) / 2**53 - 0.5
    return block.reshape(WIDTH, m)


def _descending(values: Real) -> NDArray[np.int64]:
    return np.argsort(-values, kind="stable")


def _krylov(covariance: Real, block: Real, tolerance: float, is_warm: bool) -> tuple[Real, Real]:
    """Restarted block Krylov with Rayleigh-Ritz, until both leading residuals are below the tolerance.

    A warm start may be there after few steps: from the third on it is looked at after each.
    """
    m = len(covariance)
    basis = np.zeros((WIDTH * DEPTH, m))
    images = np.zeros((WIDTH * DEPTH, m))
    ritz = np.zeros(WIDTH)
    for _ in range(RESTARTS):
        size = 0
        fresh = block.copy()
        residual = np.inf
        for step in range(DEPTH):
            added = _orthonormal(basis, size, fresh)
            if added == 0:
                break
            _apply(covariance, basis, size, size + added, images)
            fresh = images[size : size + added].copy()
            size += added
            if step == 0 or (is_warm and step >= 2):
                ritz, block, residual = _ritz(basis, images, size)
                if residual <= tolerance:
                    return ritz, block
        ritz, block, residual = _ritz(basis, images, size)
        if residual <= tolerance:
            break
    return ritz, block


def _ritz(basis: Real, images: Real, size: int) -> tuple[Real, Real, float]:
    """Ritz values and vectors (the first four), and the greater of the two leading residuals relative to the first value."""
    found, vectors = _jacobi(_products(basis, images, size))
    order = _descending(found)[:WIDTH]
    ritz = found[order]
    chosen = np.ascontiguousarray(vectors[:, order].T)
    block = _combined(chosen, basis, size)
    moved = _combined(chosen, images, size)
    residual = 0.0
    for axis in range(min(2, len(ritz))):
        away = _length(moved[axis] - ritz[axis] * block[axis])
        residual = max(residual, away / max(ritz[0], 1e-300))
    return ritz, block, residual


@compiled
def _length(vector: Real) -> float:
    total = 0.0
    for value in vector:
        total += value * value
    return float(np.sqrt(total))


@compiled
def _apply(covariance: Real, basis: Real, first: int, last: int, images: Real) -> None:
    """Covariance times basis vectors; sums run over lines, so each entry adds up in one order whatever the processor."""
    m = covariance.shape[0]
    for vector in range(first, last):
        images[vector] = 0.0
    for j in range(m):
        line = covariance[j]
        for vector in range(first, last):
            factor = basis[vector, j]
            into = images[vector]
            for k in range(m):
                into[k] += factor * line[k]


@compiled
def _orthonormal(basis: Real, size: int, fresh: Real) -> int:
    """Append the fresh vectors, made orthogonal twice to all before; vectors with nothing new are left out."""
    added = 0
    m = basis.shape[1]
    for number in range(fresh.shape[0]):
        vector = fresh[number]
        before = 0.0
        for k in range(m):
            before += vector[k] * vector[k]
        if before == 0.0 or size + added >= basis.shape[0]:
            continue
        for _ in range(2):
            for other in range(size + added):
                along = 0.0
                for k in range(m):
                    along += basis[other, k] * vector[k]
                for k in range(m):
                    vector[k] -= along * basis[other, k]
        after = 0.0
        for k in range(m):
            after += vector[k] * vector[k]
        if after <= 1e-24 * before:
            continue
        length = np.sqrt(after)
        for k in range(m):
            basis[size + added, k] = vector[k] / length
        added += 1
    return added


@compiled
def _products(basis: Real, images: Real, size: int) -> Real:
    found = np.zeros((size, size))
    m = basis.shape[1]
    for a in range(size):
        for b in range(a + 1):
            total = 0.0
            for k in range(m):
                total += basis[a, k] * images[b, k]
            found[a, b] = total
            found[b, a] = total
    return found


@compiled
def _combined(weights: Real, vectors: Real, size: int) -> Real:
    found = np.zeros((weights.shape[0], vectors.shape[1]))
    for row in range(weights.shape[0]):
        for number in range(size):
            factor = weights[row, number]
            for k in range(vectors.shape[1]):
                found[row, k] += factor * vectors[number, k]
    return found


@compiled
def _jacobi(matrix: Real) -> tuple[Real, Real]:
    """Eigenvalues and eigenvectors (columns) of a small symmetric matrix, by cyclic Jacobi rotations; destroys it."""
    n = matrix.shape[0]
    vectors = np.eye(n)
    scale = 0.0
    for i in range(n):
        for j in range(n):
            scale += matrix[i, j] * matrix[i, j]
    for _ in range(60):
        off = 0.0
        for i in range(n):
            for j in range(i):
                off += matrix[i, j] * matrix[i, j]
        if off <= 1e-34 * scale:
            break
        for p in range(n - 1):
            for q in range(p + 1, n):
                if matrix[p, q] != 0.0:
                    _rotate(matrix, vectors, p, q)
    values = np.empty(n)
    for i in range(n):
        values[i] = matrix[i, i]
    return values, vectors


@compiled
def _rotate(matrix: Real, vectors: Real, p: int, q: int) -> None:
    """One rotation in the plane (p, q), after which the entry there is zero."""
    theta = (matrix[q, q] - matrix[p, p]) / (2.0 * matrix[p, q])
    sign = 1.0 if theta >= 0 else -1.0
    tangent = sign / (abs(theta) + np.sqrt(theta * theta + 1.0))
    cosine = 1.0 / np.sqrt(tangent * tangent + 1.0)
    sine = tangent * cosine
    for k in range(matrix.shape[0]):
        left, right = matrix[k, p], matrix[k, q]
        matrix[k, p] = cosine * left - sine * right
        matrix[k, q] = sine * left + cosine * right
    for k in range(matrix.shape[0]):
        left, right = matrix[p, k], matrix[q, k]
        matrix[p, k] = cosine * left - sine * right
        matrix[q, k] = sine * left + cosine * right
    for k in range(matrix.shape[0]):
        left, right = vectors[k, p], vectors[k, q]
        vectors[k, p] = cosine * left - sine * right
        vectors[k, q] = sine * left + cosine * right
