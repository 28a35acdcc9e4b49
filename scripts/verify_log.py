#!/usr/bin/env python3
"""Check proofs of the access log without trusting whoever runs it. One file, the standard library alone.

    verify_log.py root         [FILE|-]   {leaves_hex: [..]}                            → the root, as hex
    verify_log.py inclusion    [FILE|-]   {leaf_hex, index, size, proof: [hex], root}   → {"ok": bool}
    verify_log.py consistency  [FILE|-]   {from, to, proof, root_from, root_to}         → {"ok": bool}

The tree is that of RFC 6962 section 2.1: a leaf is SHA-256(0x00 || entry), a node SHA-256(0x01 || left || right), and
the left side of a node holds the largest power of two of leaves that is smaller than the whole. Proofs are checked by
the algorithms of RFC 9162 sections 2.1.3.2 and 2.1.4.2. JSON in, JSON (or the root) out; bad input gives
{"error": {code, message, where, remedy}} and exit code 2.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HASH_BYTES = 32


class BadInputError(Exception):
    """What whoever called must correct."""

    def __init__(self, where: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.where, self.message, self.remedy = where, message, remedy


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of one entry of the log."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node over its two sides."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes, in linear time; of no leaves the hash of nothing.

    >>> root_of([]).hex()
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
    """
    if not hashes:
        return hashlib.sha256(b"").digest()
    level = list(hashes)
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        level = [node_hash(level[n], level[n + 1]) for n in range(0, len(level) - 1, 2)] + odd
    return level[0]


def holds_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Tell whether the entry with this leaf hash stands at `index` in the tree of `size` with this root."""
    if not 0 <= index < size:
        return False
    at, last, computed = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if at % 2 or at == last:
            computed = node_hash(step, computed)
            while at and not at % 2:
                at, last = at // 2, last // 2
        else:
            computed = node_hash(computed, step)
        at, last = at // 2, last // 2
    return last == 0 and computed == root


def holds_consistency(
    old: int, new: int, proof: Sequence[bytes], root_old: bytes, root_new: bytes
) -> bool:
    """Tell whether the tree of `old` leaves is the beginning of that of `new` leaves."""
    if not 0 <= old <= new:
        return False
    if old == new:
        return not proof and root_old == root_new
    if old == 0:  # the empty tree is the beginning of every tree
        return not proof and root_old == root_of([])
    path = list(proof)
    if old & (old - 1) == 0:  # a whole subtree: its root is not sent again
        path.insert(0, root_old)
    return bool(path) and _both_roots(old, new, path) == (root_old, root_new)


def _both_roots(old: int, new: int, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """Return the roots of both trees that a path leads to; None when it is too long or too short."""
    at, last = old - 1, new - 1
    while at % 2:
        at, last = at // 2, last // 2
    before = after = path[0]
    for step in path[1:]:
        if last == 0:
            return None
        if at % 2 or at == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while at and not at % 2:
                at, last = at // 2, last // 2
        else:
            after = node_hash(after, step)
        at, last = at // 2, last // 2
    return (before, after) if last == 0 else None


def _root(given: dict[str, Any]) -> str:
    leaves = _list(given, "leaves_hex")
    return root_of(
        [leaf_hash(_hex(leaf, f"leaves_hex[{n}]")) for n, leaf in enumerate(leaves)]
    ).hex()


def _inclusion(given: dict[str, Any]) -> bool:
    return holds_inclusion(
        leaf_hash(_hex(given.get("leaf_hex"), "leaf_hex")),
        _count(given, "index"),
        _count(given, "size"),
        _proof(given),
        _hash(given, "root"),
    )


def _consistency(given: dict[str, Any]) -> bool:
    return holds_consistency(
        _count(given, "from"),
        _count(given, "to"),
        _proof(given),
        _hash(given, "root_from"),
        _hash(given, "root_to"),
    )


def _list(given: dict[str, Any], key: str) -> list[Any]:
    value = given.get(key)
    if not isinstance(value, list):
        raise BadInputError(key, f"{key} is not a list", "Give a list of hex texts")
    return value


def _proof(given: dict[str, Any]) -> list[bytes]:
    return [_hex(step, f"proof[{n}]", HASH_BYTES) for n, step in enumerate(_list(given, "proof"))]


def _hash(given: dict[str, Any], key: str) -> bytes:
    return _hex(given.get(key), key, HASH_BYTES)


def _hex(value: Any, where: str, size: int | None = None) -> bytes:
    try:
        found = bytes.fromhex(value)
    except (TypeError, ValueError):
        raise BadInputError(where, f"{where} is not hex", "Write two hex digits a byte") from None
    if size is not None and len(found) != size:
        raise BadInputError(where, f"{where} is {len(found)} bytes", f"A hash has {size} bytes")
    return found


def _count(given: dict[str, Any], key: str) -> int:
    value = given.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise BadInputError(key, f"{key} is not a count", "Write a whole number, 0 or more")
    return value


COMMANDS = {"root": _root, "inclusion": _inclusion, "consistency": _consistency}


def _read(name: str) -> dict[str, Any]:
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
        given = json.loads(text)
    except (OSError, ValueError) as error:
        raise BadInputError(
            name, f"{name} cannot be read: {error}", "Give a JSON document"
        ) from error
    if not isinstance(given, dict):
        raise BadInputError(name, "the input is not an object", "Give one JSON object")
    return given


def main(arguments: Sequence[str]) -> int:
    """Run one command; return 0 when it answered, 2 on bad input."""
    if not arguments or arguments[0] not in COMMANDS or len(arguments) > 2:  # noqa: PLR2004
        sys.stderr.write(__doc__ or "")
        return 2
    try:
        answer = COMMANDS[arguments[0]](_read(arguments[1] if len(arguments) > 1 else "-"))
    except BadInputError as error:
        said = {"code": "bad_input", "message": error.message, "where": error.where}
        sys.stdout.write(json.dumps({"error": {**said, "remedy": error.remedy}}) + "\n")
        return 2
    if isinstance(answer, str):
        sys.stdout.write(f"{answer}\n")
        return 0
    sys.stdout.write(json.dumps({"ok": answer}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
