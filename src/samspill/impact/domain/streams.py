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

import attrs
import numpy as np
import numpy.typing as npt
from scipy import special

Singles = npt.NDArray[np.float32]
Indices = npt.NDArray[np.intp]

BLOCKS = 8
DIMENSIONS = 64
#: Dimensions of the net before the factors': what lines share, and the municipal noise of each column.
SHARED, NOISE_KRONER, NOISE_HOURS, FIRST_FACTOR = range(4)
_FACTORS_IN_A_NET = DIMENSIONS - FIRST_FACTOR
_OFFSETS = 16
LEAST_DRAWS, MOST_DRAWS = 64, 2**16


@attrs.frozen
class Points:
    """The net of a seed: (64, draws) ranks, and (16, draws) normal quantiles of the ranks at 16 offsets."""

    draws: int
    ranks: npt.NDArray[np.int64]
    normal: Singles


@functools.lru_cache(maxsize=4)
def points(draws: int, seed: int) -> Points:
    """Return the scrambled Sobol net of a seed; `draws` is a power of two."""
    from scipy.stats import qmc  # takes a second to import; only simulations need it

    sobol = qmc.Sobol(d=DIMENSIONS, scramble=True, rng=np.random.default_rng(digest(seed, "net")))
    net = sobol.random_base2(draws.bit_length() - 1)
    ranks = np.ascontiguousarray((net.T * draws).astype(np.int64))
    middle = (np.arange(_OFFSETS) + 0.5) / _OFFSETS
    share = (np.arange(draws) + middle[:, None]) / draws
    return Points(draws, ranks, special.ndtri(share).astype(np.float32))


def digest(*parts: object) -> int:
    """Return 128 bits that depend on every part and on nothing else."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=16).digest(), "little")


def generator(*parts: object) -> np.random.Generator:
    """Return the random generator of the parts."""
    return np.random.Generator(np.random.SFC64(digest(*parts)))


def factor_normals(
    net: Points, seed: int, initiative: str, factors: Sequence[str]
) -> tuple[Singles, Singles, Singles]:
    """Return (draws,) shared normal, (2, draws) municipal noise and (factors, draws) normals of an initiative.

    More factors than a net has dimensions get further nets in an order of their own.
    """
    order = _order(net, seed, initiative, 0)
    names = ("\x00shared", "\x00kroner", "\x00hours")
    first = np.stack(
        [_row(net, seed, initiative, name, at, order) for at, name in enumerate(names)]
    )
    rows = np.empty((len(factors), net.draws), np.float32)
    for at, factor in enumerate(factors):
        group, place = divmod(at, _FACTORS_IN_A_NET)
        if group and not place:
            order = _order(net, seed, initiative, group)
        rows[at] = _row(net, seed, initiative, factor, FIRST_FACTOR + place, order)
    return first[SHARED], first[NOISE_KRONER:], rows


def _order(net: Points, seed: int, initiative: str, group: int) -> Indices:
    """Return an order of the draws that keeps blocks together: blocks among themselves, and within each."""
    random = generator(seed, "order", initiative, group)
    inside = np.arange(net.draws, dtype=np.intp).reshape(BLOCKS, -1)
    return random.permuted(inside[random.permutation(BLOCKS)], axis=1).ravel()


def _row(
    net: Points, seed: int, initiative: str, factor: str, dimension: int, order: Indices
) -> Singles:
    """Return one dimension in the initiative's order, shifted digitally."""
    shift = digest(seed, initiative, factor)
    ranks = net.ranks[dimension].take(order)
    ranks ^= (shift >> 8) & (net.draws - 1)
    return np.asarray(net.normal[shift % _OFFSETS].take(ranks), np.float32)


def municipal_noise(seed: int, number: str, column: str, draws: int) -> Singles:
    """Return (draws,) standard normals of a municipality, for the sum of its many lines."""
    return generator(seed, "municipality", column, number).standard_normal(draws, np.float32)


def cell_noise(seed: int, initiative: str, factor: str, number: str, draws: int) -> Singles:
    """Return (draws,) standard normals of one factor of one initiative in one municipality."""
    return generator(seed, initiative, factor, number).standard_normal(draws, np.float32)
