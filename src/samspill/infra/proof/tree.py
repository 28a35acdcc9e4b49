"""The stored tree: roots and proofs, with O(log n) rows read however large the log is.

Leaves lie in `infra_log_leaf`, the full subtrees of every fourth level in `infra_log_node`. A subtree of a level
between is computed from at most eight of those below it. A proof in a log of ten million reads fewer than two hundred
rows and computes nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from samspill.infra import sql
from samspill.infra.proof import merkle
from samspill.infra.proof.merkle import Node

STRIDE = 4
"""Every fourth level is stored: a fifteenth of the rows that all levels would take."""


@attrs.frozen
class Proof:
    """The steps of a proof, the root or roots it is for, and how many stored hashes were read."""

    steps: tuple[bytes, ...]
    roots: tuple[bytes, ...]
    read: int


class MissingNodeError(Exception):
    """A stored hash that should be there is not: the tree is damaged or shorter than was claimed."""


def root(size: int) -> bytes:
    """Return the root of the first `size` leaves.

    Raises:
        MissingNodeError: the log has fewer leaves.
    """
    return merkle.fold([*edge(size).values()])


def edge(size: int) -> dict[Node, bytes]:
    """Return the full subtrees that make up the first `size` leaves, from the left."""
    wanted = merkle.cover(0, size)
    found = _read(wanted)[0]
    return {node: found[node] for node in wanted}


def inclusion(index: int, size: int) -> Proof:
    """Prove that a leaf stands at `index` among the first `size`.

    Raises:
        ValueError: there is no such leaf in a tree of this size.
        MissingNodeError: the log has fewer leaves.
    """
    return _proof(merkle.inclusion(index, size), (size,))


def consistency(old: int, new: int) -> Proof:
    """Prove that the first `old` leaves are the beginning of the first `new`; roots of both.

    Raises:
        ValueError: `old` is larger than `new`.
        MissingNodeError: the log has fewer leaves.
    """
    return _proof(merkle.consistency(old, new), (old, new))


def leaf_at(position: int) -> bytes:
    """Return the hash of the leaf at a position.

    Raises:
        MissingNodeError: there is none.
    """
    return _read([(0, position)])[0][0, position]


def _proof(steps: Sequence[Sequence[Node]], sizes: Sequence[int]) -> Proof:
    tops = [merkle.cover(0, size) for size in sizes]
    nodes, read = _read([node for part in (*steps, *tops) for node in part])

    def folded(part: Sequence[Node]) -> bytes:
        return merkle.fold([nodes[node] for node in part])

    return Proof(tuple(map(folded, steps)), tuple(map(folded, tops)), read)


def _read(wanted: Iterable[Node]) -> tuple[dict[Node, bytes], int]:
    """Return the hashes of full subtrees and how many stored ones were read for them."""
    wanted = list(dict.fromkeys(wanted))
    parts = {node: _stored_below(node) for node in wanted}
    stored = _stored({part for below in parts.values() for part in below})
    found = {}
    for node, below in parts.items():
        row = [stored[part] for part in below]
        while len(row) > 1:
            row = [merkle.node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
        found[node] = row[0]
    return found, len(stored)


def _stored_below(node: Node) -> list[Node]:
    level, index = node
    up = level % STRIDE
    return [(level - up, at) for at in range(index << up, (index + 1) << up)]


def _stored(wanted: set[Node]) -> dict[Node, bytes]:
    leaves = sorted(index for level, index in wanted if level == 0)
    above = sorted(node for node in wanted if node[0])
    found: dict[Node, bytes] = {}
    if leaves:
        statement = "SELECT position, hash FROM infra_log_leaf WHERE position = ANY(%s)"
        found |= {(0, at): bytes(value) for at, value in sql.rows(statement, [leaves])}
    if above:
        statement = (
            "SELECT n.level, n.index, n.hash FROM unnest(%s::smallint[], %s::bigint[]) AS w(l, i) "
            "JOIN infra_log_node n ON n.level = w.l AND n.index = w.i"
        )
        levels, indexes = [list(side) for side in zip(*above, strict=True)]
        found |= {(a, b): bytes(v) for a, b, v in sql.rows(statement, [levels, indexes])}
    if len(found) < len(wanted):
        level, index = min(wanted - set(found))
        msg = f"the hash of level {level}, number {index}, is not stored"
        raise MissingNodeError(msg)
    return found
