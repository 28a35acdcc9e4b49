"""What an initiative requires or excludes; a chain of requirements never comes back to where it began."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

KINDS: tuple[str, ...] = ("requires", "excludes")
Node = TypeVar("Node", bound=Hashable)


def cycle(requires: Mapping[Node, Iterable[Node]]) -> tuple[Node, ...]:
    """Return one chain of requirements that comes back to its beginning, first node last too; () when there is none.

    >>> cycle({"a": ["b"], "b": ["c"], "c": []})
    ()
    >>> cycle({"a": ["b"], "b": ["c"], "c": ["a"]})
    ('a', 'b', 'c', 'a')
    """
    done: set[Node] = set()
    for start in requires:
        found = _walk(start, requires, done)
        if found:
            return found
    return ()


def _walk(
    start: Node, requires: Mapping[Node, Iterable[Node]], done: set[Node]
) -> tuple[Node, ...]:
    """Search depth first without recursion; `path` holds the chain, `stack` what is left to try at each link."""
    if start in done:
        return ()
    path, stack = [start], [iter(requires.get(start, ()))]
    while stack:
        node = next(stack[-1], None)
        if node is None:
            stack.pop()
            done.add(path.pop())
        elif node in path:
            return (*path[path.index(node) :], node)
        elif node not in done:
            path.append(node)
            stack.append(iter(requires.get(node, ())))
    return ()


def everything_required(of: Node, requires: Mapping[Node, Iterable[Node]]) -> set[Node]:
    """Return all that an initiative requires, also through others; itself is not among them.

    >>> sorted(everything_required("a", {"a": ["b"], "b": ["c"]}))
    ['b', 'c']
    """
    found: set[Node] = set()
    todo = list(requires.get(of, ()))
    while todo:
        node = todo.pop()
        if node not in found:
            found.add(node)
            todo.extend(requires.get(node, ()))
    return found - {of}


def contradictions(
    of: Node, requires: Mapping[Node, Iterable[Node]], excludes: Mapping[Node, Iterable[Node]]
) -> set[tuple[Node, Node]]:
    """Return the pairs that exclude each other among an initiative and all it requires: it could never be chosen."""
    needed = everything_required(of, requires) | {of}
    return {(one, other) for one in needed for other in excludes.get(one, ()) if other in needed}
