"""The Merkle tree of RFC 6962 section 2.1, as pure functions.

A tree of n leaves is described by its full subtrees: `(level, index)` is the subtree of the `2 ** level` leaves
from `index * 2 ** level` on. A full subtree never changes as the tree grows, so that it can be stored once. Each
function here says which full subtrees it needs; whoever stores them reads those and nothing else.

Not here: where the nodes are stored, and what a leaf says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256

Node = tuple[int, int]
"""A full subtree: level (0 is a leaf) and index at that level."""

EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of one entry (RFC 6962 section 2.1: 0x00 before the entry)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node over its two sides (0x01 before them)."""
    return sha256(b"\x01" + left + right).digest()


def cover(first: int, last: int) -> tuple[Node, ...]:
    """Split the leaves from `first` up to, not with, `last` into full subtrees, from the left.

    `first` is where a split of RFC 6962 may begin: a multiple of the largest power of two that is not more
    than the number of leaves.

    >>> cover(0, 7)
    ((2, 0), (1, 2), (0, 6))
    """
    found = []
    while first < last:
        level = (last - first).bit_length() - 1
        found.append((level, first >> level))
        first += 1 << level
    return tuple(found)


def fold(hashes: Sequence[bytes]) -> bytes:
    """Return the hash over neighbouring full subtrees, as `cover` gives them."""
    if not hashes:
        return EMPTY_ROOT
    folded = hashes[-1]
    for left in reversed(hashes[:-1]):
        folded = node_hash(left, folded)
    return folded


def _split(size: int) -> int:
    """Return the largest power of two smaller than the size: where the tree is split."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion(index: int, size: int) -> tuple[tuple[Node, ...], ...]:
    """Return the steps of the audit path of a leaf, from the bottom (RFC 6962 section 2.1.1).

    Each step is what `fold` makes of the subtrees named.

    Raises:
        ValueError: there is no such leaf in a tree of this size.
    """
    if not 0 <= index < size:
        msg = f"there is no leaf {index} in a tree of {size}"
        raise ValueError(msg)
    steps: list[tuple[Node, ...]] = []
    first, last = 0, size
    while last - first > 1:
        middle = first + _split(last - first)
        if index < middle:
            steps.append(cover(middle, last))
            last = middle
        else:
            steps.append(cover(first, middle))
            first = middle
    return tuple(reversed(steps))


def consistency(old: int, new: int) -> tuple[tuple[Node, ...], ...]:
    """Return the steps of the proof that a tree is the beginning of another (RFC 6962 section 2.1.2).

    Raises:
        ValueError: the old tree is larger than the new, or negative.
    """
    if not 0 <= old <= new:
        msg = f"a tree of {old} is not the beginning of one of {new}"
        raise ValueError(msg)
    if old in {0, new}:
        return ()
    steps: list[tuple[Node, ...]] = []
    first, last, whole = 0, new, True
    while old != last:
        middle = first + _split(last - first)
        if old <= middle:
            steps.append(cover(middle, last))
            last = middle
        else:
            steps.append(cover(first, middle))
            first, whole = middle, False
    if not whole:
        steps.append(cover(first, last))
    return tuple(reversed(steps))


def grow(
    size: int, edge: Mapping[Node, bytes], leaves: Sequence[bytes]
) -> Iterator[tuple[int, int, list[bytes]]]:
    """Yield `(level, first index, hashes)` of the full subtrees that new leaves complete.

    Args:
        size: leaves before.
        edge: the hashes of `cover(0, size)`.
        leaves: hashes of the new leaves, in order.
    """
    level, first, row = 0, size, list(leaves)
    while row:
        yield level, first, row
        if first % 2:
            first -= 1
            row = [edge[level, first], *row]
        pairs = zip(row[::2], row[1::2], strict=False)  # the last may wait for its other side
        row = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
        first, level = first // 2, level + 1


def edge_after(
    size: int, edge: Mapping[Node, bytes], grown: Iterable[tuple[int, int, list[bytes]]]
) -> dict[Node, bytes]:
    """Return the hashes of `cover(0, size)` after a tree has grown to `size`.

    Args:
        size: leaves now.
        edge: the hashes of the cover before.
        grown: what `grow` yielded.
    """
    known = {**edge}
    for level, first, found in grown:
        known[level, first + len(found) - 1] = found[-1]
    return {node: known[node] for node in cover(0, size)}
