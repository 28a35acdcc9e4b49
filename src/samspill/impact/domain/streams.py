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
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
import scipy  # its parts are read when first asked for: every web process imports this module

if TYPE_CHECKING:
    import numpy.typing as npt

    Singles = npt.NDArray[np.float32]
    Indices = npt.NDArray[np.intp]
    Longs = npt.NDArray[np.int64]
    Words = npt.NDArray[np.uint64]
else:  # numpy is read when something is computed (`kernel.later`)
    Singles = Indices = Longs = Words = Any

BLOCKS = 8
DIMENSIONS = 64
#: Before the dimensions of the factors come what an initiative's lines share, and its municipal noise by column.
_SPECIAL = ("\x00shared", "\x00noise 0", "\x00noise 1")
FIRST_FACTOR = len(_SPECIAL)
_FACTORS_IN_A_NET = DIMENSIONS - FIRST_FACTOR
_OFFSETS = 16
LEAST_DRAWS, MOST_DRAWS = 64, 2**16


@attrs.frozen
class Points:
    """The net of a seed.

    ranks: (64 × draws,) by dimension. normal: (16 × draws,) normal quantiles of the ranks at 16 offsets.
    """

    draws: int
    ranks: Longs
    normal: Singles


@functools.lru_cache(maxsize=4)
def points(draws: int, seed: int) -> Points:
    """Return the scrambled Sobol net of a seed; `draws` is a power of two."""
    from scipy.stats import qmc  # takes a second to import; only simulations need it

    sobol = qmc.Sobol(d=DIMENSIONS, scramble=True, rng=np.random.default_rng(digest(seed, "net")))
    net = sobol.random_base2(draws.bit_length() - 1)
    ranks = (net.T * draws).astype(np.int64).ravel()
    middle = (np.arange(_OFFSETS) + 0.5) / _OFFSETS
    share = (np.arange(draws) + middle[:, None]) / draws
    return Points(draws, ranks, scipy.special.ndtri(share).astype(np.float32).ravel())


def _hashed(parts: tuple[object, ...], size: int) -> bytes:
    text = "\x1f".join(str(part) for part in parts)
    return hashlib.blake2b(text.encode(), digest_size=size).digest()


def digest(*parts: object) -> int:
    """Return 64 bits that depend on every part and on nothing else."""
    return int.from_bytes(_hashed(parts, 8), "little")


def generator(*parts: object) -> np.random.Generator:
    """Return the random generator of the parts; use it up before asking for the next in the same thread.

    The hash is the state itself: that is ten times quicker than seeding, and the hash is already well mixed.
    """
    words = np.frombuffer(_hashed(parts, 24) + b"\1" + bytes(7), np.uint64)
    source, generator = _own()
    source.state = {
        "bit_generator": "SFC64",
        "state": {"state": words},
        "has_uint32": 0,
        "uinteger": 0,
    }
    source.random_raw(12, output=False)
    return generator


_OWN = threading.local()


def _own() -> tuple[np.random.SFC64, np.random.Generator]:
    """Give the thread's generator, made once; any seed will do, since its state is set before each use."""
    found: tuple[np.random.SFC64, np.random.Generator] | None = getattr(_OWN, "pair", None)
    if found is None:
        source = np.random.SFC64(0)
        found = _OWN.pair = (source, np.random.Generator(source))
    return found


def factor_normals(
    net: Points, seed: int, initiatives: Sequence[tuple[str, Sequence[str]]]
) -> tuple[Singles, Singles, Singles]:
    """Return the standard normals of initiatives that are given as (id, factor keys).

    (initiatives, draws) what the lines of each share, (2, initiatives, draws) municipal noise of its own sums by
    column, and (factors, draws) the factors of all, in turn. More factors than a net has dimensions get
    further nets in an order of their own.
    """
    orders: list[_Order] = []
    owners: list[int] = []
    dimensions: list[int] = []
    shifts: list[int] = []
    leading: list[int] = []
    for item, factors in initiatives:
        leading.append(len(orders))
        for at in range(0, max(1, len(factors)), _FACTORS_IN_A_NET):
            names = factors[at : at + _FACTORS_IN_A_NET]
            owners += [len(orders)] * len(names)
            dimensions += range(FIRST_FACTOR, FIRST_FACTOR + len(names))
            shifts += [digest(seed, item, name) for name in names]
            orders.append(_order(net, seed, item, at // _FACTORS_IN_A_NET))
    special = [(dimension, name) for dimension, name in enumerate(_SPECIAL)]
    owners = leading * len(special) + owners
    dimensions = [at for at, _ in special for _ in initiatives] + dimensions
    shifts = [digest(seed, item, name) for _, name in special for item, _ in initiatives] + shifts
    found = _shifted(
        net, orders, np.array(owners), np.array(dimensions), np.array(shifts, np.uint64)
    )
    count = len(initiatives)
    shared, noise, rows = np.split(found, (count, count * FIRST_FACTOR))
    return shared, noise.reshape(2, count, net.draws), rows


def _shifted(
    net: Points, orders: Sequence[_Order], owners: Indices, dimensions: Indices, shifts: Words
) -> Singles:
    """Return (rows, draws) normals of dimensions of the net, each in its owner's order and shifted digitally.

    The net is affine over the bits of a draw's number: the rank of draw (a ⊕ b) is the ranks of a, b and 0 taken
    together by ⊕. So one block is looked up, and the others are that block shifted.
    """
    first = (dimensions * net.draws)[:, None]
    inside = np.stack([each.inside for each in orders])[owners]
    starts = np.stack([each.starts for each in orders])[owners]
    inside += first
    starts += first
    within = net.ranks.take(inside)
    # A shift of the rank's bits, and above them the one of the offsets that the normals are read at.
    turned = (shifts >> np.uint64(8) & np.uint64(net.draws - 1)).astype(np.int64)
    turned += (shifts % np.uint64(_OFFSETS)).astype(np.int64) * net.draws
    turned ^= net.ranks.take(first[:, 0])
    turns = net.ranks.take(starts)
    turns ^= turned[:, None]
    ranks = within[:, None, :] ^ turns[:, :, None]
    # Every index is in range; `wrap` only spares the check.
    return np.asarray(net.normal.take(ranks, mode="wrap"), np.float32).reshape(-1, net.draws)


@attrs.frozen
class _Order:
    """An order of the draws that keeps blocks together: draw d of block b is number `inside[d] ⊕ starts[b]` of the net.

    The blocks are put in an order, and so are the draws within them: one permutation, turned by another digital
    shift in each block.
    """

    inside: Indices
    starts: Indices


def _order(net: Points, seed: int, initiative: str, group: int) -> _Order:
    random = generator(seed, "order", initiative, group)
    size = net.draws // BLOCKS
    inside = random.permutation(size)
    starts = random.permutation(BLOCKS) * size
    starts ^= random.bit_generator.random_raw(BLOCKS).astype(np.int64) & (size - 1)
    return _Order(inside, starts)


@functools.lru_cache(maxsize=4)
def municipal_noise(seed: int, names: tuple[str, ...], column: str, draws: int) -> Singles:
    """Return (names, draws) standard normals of municipalities, each from its own name alone.

    For the sum of many lines. They are kept, since every calculation with the same seed uses the same: 12 MB for
    both columns of the country at 4096 draws.
    """
    found = np.empty((len(names), draws), np.float32)
    for name, into in zip(names, found, strict=True):
        generator(seed, "municipality", column, name).standard_normal(dtype=np.float32, out=into)
    found.flags.writeable = False
    return found


def cell_noise(seed: int, initiative: str, factor: str, number: str, into: Singles) -> None:
    """Fill (draws,) with standard normals of one factor of one initiative in one municipality."""
    generator(seed, initiative, factor, number).standard_normal(dtype=np.float32, out=into)
