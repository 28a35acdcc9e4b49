"""Draws: seeds by hashing, scrambled Sobol points, normals of factors.

Each initiative has a point set of its own: the scrambled Sobol net of the seed, shifted digitally with shifts from
the hash of (seed, initiative, factor key), and put in an order of its own (Latin supercube sampling, Owen 1998), so
that initiatives are independent while each is well spread. A municipality's draws come from the hash of (seed,
municipality number). So nothing that is added, removed or changed moves anybody else's draws.

Draws come in `BLOCKS` blocks that are nets of their own; the spread of a quantile between blocks gives its error,
on the safe side (the whole net is better than eight parts of it).
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from typing import Any, cast

import attrs
import numpy as np
import numpy.typing as npt
import scipy  # its parts are read when first asked for: every web process imports this module

Singles = npt.NDArray[np.float32]
Indices = npt.NDArray[np.intp]

BLOCKS = 8
DIMENSIONS = 64
#: The dimension of what an initiative's lines share comes before the factors'.
SHARED, FIRST_FACTOR = range(2)
_FACTORS_IN_A_NET = DIMENSIONS - FIRST_FACTOR
_OFFSETS = 16
LEAST_DRAWS, MOST_DRAWS = 64, 2**16


@attrs.frozen
class Points:
    """The net of a seed.

    ranks: (64, draws). normal: (16 × draws,) normal quantiles of the ranks at 16 offsets. noise: (2, draws)
    normals for the municipal noise of an initiative's own sums.
    """

    draws: int
    ranks: npt.NDArray[np.int64]
    normal: Singles
    noise: Singles


@functools.lru_cache(maxsize=4)
def points(draws: int, seed: int) -> Points:
    """Return the scrambled Sobol net of a seed; `draws` is a power of two."""
    from scipy.stats import qmc  # takes a second to import; only simulations need it

    sobol = qmc.Sobol(d=DIMENSIONS, scramble=True, rng=np.random.default_rng(digest(seed, "net")))
    net = sobol.random_base2(draws.bit_length() - 1)
    ranks = np.ascontiguousarray((net.T * draws).astype(np.int64))
    middle = (np.arange(_OFFSETS) + 0.5) / _OFFSETS
    share = (np.arange(draws) + middle[:, None]) / draws
    noise = generator(seed, "noise").standard_normal((2, draws), np.float32)
    return Points(draws, ranks, scipy.special.ndtri(share).astype(np.float32).ravel(), noise)


def _hashed(parts: tuple[object, ...], size: int) -> bytes:
    text = "\x1f".join(str(part) for part in parts)
    return hashlib.blake2b(text.encode(), digest_size=size).digest()


def digest(*parts: object) -> int:
    """Return 64 bits that depend on every part and on nothing else."""
    return int.from_bytes(_hashed(parts, 8), "little")


def generator(*parts: object) -> np.random.Generator:
    """Return the random generator of the parts.

    The hash is the state itself: that is ten times quicker than seeding, and the hash is already well mixed.
    """
    words = np.frombuffer(_hashed(parts, 24) + b"\1" + bytes(7), np.uint64)
    source = _fresh()
    source.state = {
        "bit_generator": "SFC64",
        "state": {"state": words},
        "has_uint32": 0,
        "uinteger": 0,
    }
    source.random_raw(12, output=False)
    return np.random.Generator(source)


def _fresh() -> np.random.SFC64:
    return np.random.SFC64(cast("np.random.SeedSequence", _SEEDED))


class _Constant(np.random.bit_generator.ISeedSequence):
    """Seeds with ones, since the state is set right after."""

    def generate_state(self, n_words: int, dtype: Any = np.uint32) -> npt.NDArray[Any]:
        """Return ones."""
        return np.ones(n_words, dtype)


_SEEDED = _Constant()


def factor_normals(
    net: Points, seed: int, initiative: str, factors: Sequence[str]
) -> tuple[Singles, Singles, Singles]:
    """Return (draws,) shared normal, (2, draws) municipal noise and (factors, draws) normals of an initiative.

    More factors than a net has dimensions get further nets in an order of their own.
    """
    first = factors[:_FACTORS_IN_A_NET]
    order = _order(net, seed, initiative, 0)
    rows = _rows(net, seed, initiative, ("\x00shared", *first), SHARED, order)
    for at in range(_FACTORS_IN_A_NET, len(factors), _FACTORS_IN_A_NET):
        more = factors[at : at + _FACTORS_IN_A_NET]
        further = _order(net, seed, initiative, at // _FACTORS_IN_A_NET)
        added = _rows(net, seed, initiative, more, FIRST_FACTOR, further)
        rows = np.concatenate([rows, added])
    return rows[SHARED], net.noise.take(order, axis=1, mode="wrap"), rows[FIRST_FACTOR:]


def _rows(
    net: Points, seed: int, initiative: str, names: Sequence[str], first: int, order: Indices
) -> Singles:
    """Return (names, draws): dimensions of the net in the initiative's order, each shifted digitally.

    Every index is in range; `wrap` only spares the check.
    """
    shifts = np.array([digest(seed, initiative, name) for name in names], np.uint64)
    ranks = net.ranks[first : first + len(names)].take(order, axis=1, mode="wrap")
    ranks ^= (shifts >> np.uint64(8) & np.uint64(net.draws - 1)).astype(np.int64)[:, None]
    ranks += (shifts % np.uint64(_OFFSETS)).astype(np.int64)[:, None] * net.draws
    return np.asarray(net.normal.take(ranks, mode="wrap"), np.float32)


def _order(net: Points, seed: int, initiative: str, group: int) -> Indices:
    """Return an order of the draws that keeps blocks together.

    The blocks are put in an order, and so are the draws within them: one permutation, turned by another digital
    shift in each block.
    """
    random = generator(seed, "order", initiative, group)
    size = net.draws // BLOCKS
    shifts = random.integers(0, size, BLOCKS)[:, None]
    inside = random.permutation(size) ^ shifts
    return np.asarray(inside + size * random.permutation(BLOCKS)[:, None], np.intp).ravel()


def municipal_noise(seed: int, number: str, column: str, draws: int) -> Singles:
    """Return (draws,) standard normals of a municipality, for the sum of its many lines."""
    return generator(seed, "municipality", column, number).standard_normal(draws, np.float32)


def cell_noise(seed: int, initiative: str, factor: str, number: str, into: Singles) -> None:
    """Fill (draws,) with standard normals of one factor of one initiative in one municipality."""
    generator(seed, initiative, factor, number).standard_normal(dtype=np.float32, out=into)
