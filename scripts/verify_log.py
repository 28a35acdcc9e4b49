#!/usr/bin/env python3
"""Check proofs of the access log without trusting whoever runs it. One file, the standard library alone.

    verify_log.py root         [FILE|-]   {leaves_hex: [..]}                            → the root, as hex
    verify_log.py inclusion    [FILE|-]   {leaf_hex, index, size, proof: [hex], root}   → {"ok": bool}
    verify_log.py consistency  [FILE|-]   {from, to, proof, root_from, root_to}         → {"ok": bool}
    verify_log.py receipt      [FILE|-]   [--key KEY]   one event with its proof        → {"ok": bool, …}
    verify_log.py log          DIR|URL    [--key KEY] [--since CHECKPOINT]              → {"ok": bool, …}

`receipt` checks that the event is the one that was logged, that it stands in the tree, and that the log has signed the
tree. `log` goes through an exported log (`samspill log export DIR`) or asks one over HTTP, and stops at the first
fault: exit code 1 and {"ok": false, "fault": {code, message, where}}. KEY is the log's public key (name+id+base64) as
you got it from somebody you trust; without it the key is taken from what is checked, and the answer says so.
CHECKPOINT is a file with a checkpoint that you have kept: the log must have grown out of it.

The tree is that of RFC 6962 section 2.1: a leaf is SHA-256(0x00 || entry), a node SHA-256(0x01 || left || right), and
the left side of a node holds the largest power of two of leaves that is smaller than the whole. Proofs are checked by
the algorithms of RFC 9162 sections 2.1.3.2 and 2.1.4.2, signatures by RFC 8032 section 5.1.7. JSON in, JSON (or the
root) out; bad input gives {"error": {code, message, where, remedy}} and exit code 2.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import datetime as dt
import hashlib
import json
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

HASH_BYTES = 32
STAMP = "%Y-%m-%dT%H:%M:%SZ"
LATE = dt.timedelta(minutes=15)
"""How long an act may take from its time to the log; what is older when it comes was dated back."""
FORGET = "delete log entries past their time"
"""The purpose of an event that says which events were deleted."""
_UNREAD = "%(name)s cannot be read: %(reason)s"
_CUT = "the log had %(before)s leaves and now says %(now)s"


class BadInputError(Exception):
    """What whoever called must correct; `values` fill the text (commands say it in other languages too)."""

    def __init__(self, where: str, text: str, remedy: str, reason: object = "") -> None:
        self.values = {"name": where, "reason": getattr(reason, "strerror", None) or str(reason)}
        super().__init__(text % self.values)
        self.where, self.text, self.remedy = where, text, remedy


class Fault(Exception):  # noqa: N818 - it is what the log has, not an error of ours
    """The first thing that is wrong with a log or a receipt; `values` fill the text."""

    def __init__(self, code: str, text: str, where: str = "", **values: Any) -> None:
        super().__init__(text % values if values else text)
        self.code, self.text, self.where, self.values = code, text, where, values


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


# --- Ed25519, only to verify (RFC 8032 section 5.1) ------------------------------------------------

_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
Point = tuple[int, int, int, int]


def _add(a: Point, b: Point) -> Point:
    """Add two points in extended coordinates."""
    x1, y1, z1, t1 = a
    x2, y2, z2, t2 = b
    e, f = (y1 - x1) * (y2 - x2) % _P, (y1 + x1) * (y2 + x2) % _P
    g, h = 2 * t1 * t2 * _D % _P, 2 * z1 * z2 % _P
    across, less, more, up = f - e, h - g, h + g, f + e
    return across * less % _P, more * up % _P, less * more % _P, across * up % _P


def _times(factor: int, point: Point) -> Point:
    total: Point = (0, 1, 1, 0)
    while factor:
        if factor % 2:
            total = _add(total, point)
        point, factor = _add(point, point), factor // 2
    return total


def _same(a: Point, b: Point) -> bool:
    return (a[0] * b[2] - b[0] * a[2]) % _P == 0 and (a[1] * b[2] - b[1] * a[2]) % _P == 0


def _point(raw: bytes) -> Point | None:
    """Read a point; None when the bytes are none."""
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * pow(2, (_P - 1) // 4, _P) % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    x = _P - x if x % 2 != sign else x
    return x, y, 1, x * y % _P


_BASE = _point((4 * pow(5, -1, _P) % _P).to_bytes(32, "little"))


def holds_signature(public: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether an Ed25519 signature is true."""
    if len(public) != HASH_BYTES or len(signature) != 2 * HASH_BYTES:
        return False
    key, first = _point(public), _point(signature[:32])
    factor = int.from_bytes(signature[32:], "little")
    if key is None or first is None or factor >= _ORDER:
        return False
    asked = hashlib.sha512(signature[:32] + public + message).digest()
    assert _BASE is not None
    other = _times(int.from_bytes(asked, "little") % _ORDER, key)
    return _same(_times(factor, _BASE), _add(first, other))


# --- signed notes (C2SP signed-note and tlog-checkpoint) -------------------------------------------


class Checkpoint:
    """What a log says of itself: origin, number of leaves, root, time; and the note's text and signatures."""

    def __init__(self, note: str) -> None:
        text, _, signed = note.rpartition("\n\n")
        self.text = f"{text}\n"
        self.signatures = [line for line in signed.split("\n") if line.startswith("\u2014 ")]
        lines = text.split("\n")
        try:
            self.origin, self.size = lines[0], int(lines[1])
            self.root = base64.b64decode(lines[2], validate=True)
            self.at = dt.datetime.strptime(lines[3], "time %Y-%m-%dT%H:%M:%S%z")
        except (IndexError, ValueError):
            raise Fault("unreadable", "the checkpoint is not readable", lines[0][:80]) from None

    def name(self) -> str:
        """Say which it is."""
        return f"checkpoint {self.size} of {self.at:{STAMP}}"


def opened(note: str, keys: Sequence[str]) -> Checkpoint:
    """Read a checkpoint that one of the keys has signed."""
    found = Checkpoint(note)
    for key in keys:
        name, kind, public, key_id = _key(key)
        for line in found.signatures:
            signer, _, coded = line[2:].partition(" ")
            raw = _base64(coded)
            if signer == name == found.origin and kind == 1 and raw[:4] == key_id:
                if holds_signature(public, found.text.encode(), raw[4:]):
                    return found
                raise Fault("bad_signature", "the log's signature is not true", found.name())
    raise Fault("not_signed", "the log's key has not signed the checkpoint", found.name())


def _key(text: str) -> tuple[str, int, bytes, bytes]:
    name, _, rest = text.strip().partition("+")
    claimed, _, coded = rest.partition("+")
    raw = _base64(coded)
    key_id = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    if len(raw) != 1 + HASH_BYTES or key_id.hex() != claimed:
        raise BadInputError("key", "the key is not name+id+base64", "Copy the log's key whole")
    return name, raw[0], raw[1:], key_id


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def canonical(value: Any) -> str:
    """Return JSON with sorted keys and no space (RFC 8785)."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def entry_of(event: dict[str, Any]) -> bytes:
    """Return the bytes of an event's leaf: its opened parts are hashed with their salts, the others are given so.

    `event` is {id, at, parts: {name: value}, salts: {name: hex}, held_back: {name: hex}}.
    """
    leaf = {"at": event["at"], "id": event["id"], "v": 1}
    for name in ("what", "role", "who"):
        if name in event["parts"]:
            salt = _hex(event["salts"].get(name), f"salts.{name}")
            leaf[name] = hashlib.sha256(salt + canonical(event["parts"][name]).encode()).hexdigest()
        else:
            leaf[name] = event["held_back"].get(name)
    return canonical(leaf).encode()


def check_receipt(receipt: dict[str, Any], key: str = "") -> dict[str, Any]:
    """Check one event with its proof; return what is then known, or raise the Fault."""
    try:
        event, proof = receipt["event"], receipt["proof"]
        opens = {"salts": receipt["salts"], "held_back": receipt["held_back"]}
        hashed = leaf_hash(entry_of({**event, **opens}))
        index, size = _count(proof, "index"), _count(proof, "size")
        checkpoint = opened(receipt["checkpoint"], [key or receipt["key"]])
    except (KeyError, TypeError, AttributeError) as error:
        message = "this is not a receipt: %(reason)s is missing or wrong"
        raise BadInputError("-", message, "Give the file as it was downloaded", error) from None
    if checkpoint.size != size:
        raise Fault("proof", "the proof is for another size than the checkpoint's", f"size {size}")
    if not holds_inclusion(hashed, index, size, _proof({"proof": proof["path"]}), checkpoint.root):
        message = "the event is not in the log, or is not as it was"
        raise Fault("not_in_log", message, f"leaf {index}")
    return {
        "ok": True, "event": event["id"], "at": event["at"], "leaf": index, "size": size,
        "signed_at": f"{checkpoint.at:{STAMP}}", "origin": checkpoint.origin,
        "key_from": "you" if key else "the receipt",
    }  # fmt: skip


class _Tree:
    """Grows leaf by leaf and knows its root: one hash for each full subtree at the edge."""

    def __init__(self) -> None:
        self.size = 0
        self._edge: list[bytes] = []

    def add(self, hashed: bytes) -> None:
        at = self.size
        while at % 2:
            hashed, at = node_hash(self._edge.pop(), hashed), at // 2
        self._edge.append(hashed)
        self.size += 1

    def root(self) -> bytes:
        if not self._edge:
            return root_of([])
        folded = self._edge[-1]
        for left in reversed(self._edge[:-1]):
            folded = node_hash(left, folded)
        return folded


def check_log(
    checkpoints: Iterable[dict[str, Any]],
    leaves: Iterable[dict[str, Any]],
    loose: Iterable[dict[str, Any]],
    keys: Sequence[str],
    since: Checkpoint | None = None,
) -> dict[str, Any]:
    """Go through a log from its first leaf; return what it holds, or raise the first Fault.

    `checkpoints` are {note, through} as they were made; `leaves` {position, hash, id, salts, at, parts}, where `parts`
    is None when the event is gone; `loose` {id} of events without a leaf; `since` a checkpoint that somebody has kept.
    """
    signed = _signed(checkpoints, keys)
    if since is not None:
        signed = sorted([*signed, (since, 0)], key=lambda one: one[0].size)
    tree, gone, deletions = _Tree(), {}, []
    waiting = list(reversed(signed))
    before = _roots_hold(tree, waiting, None)
    for leaf in leaves:
        if leaf["position"] != tree.size:
            raise Fault("removed", "a leaf is missing", f"leaf {tree.size}")
        if leaf.get("parts") is None:
            if leaf["salts"] is not None:
                raise Fault("removed", "the event of this leaf is gone", f"event {leaf['id']}")
            gone[leaf["id"]] = leaf["hash"]
        else:
            _same_event(leaf, before)
            if leaf["parts"]["what"].get("purpose") == FORGET:
                deletions.append(leaf["parts"]["who"]["detail"])
        tree.add(bytes.fromhex(leaf["hash"]))
        before = _roots_hold(tree, waiting, before)
    if waiting:
        found = waiting[-1][0]
        raise Fault("truncated", _CUT, found.name(), before=found.size, now=tree.size)
    _deleted_by_the_book(gone, deletions)
    through = max((decided for _, decided in signed), default=0)
    _none_slipped_in(loose, through)
    newest = max(signed, key=lambda one: one[0].size, default=None)
    return {
        "ok": True, "leaves": tree.size, "checkpoints": len(signed), "deleted": len(gone),
        "signed_at": f"{newest[0].at:{STAMP}}" if newest else None,
        "not_yet_signed": tree.size - newest[0].size if newest else tree.size,
    }  # fmt: skip


def _signed(
    checkpoints: Iterable[dict[str, Any]], keys: Sequence[str]
) -> list[tuple[Checkpoint, int]]:
    """Read the checkpoints; they are signed, never shrink, and never say two things of one size."""
    found: list[tuple[Checkpoint, int]] = []
    for given in checkpoints:
        one = opened(given["note"], keys)
        if found:
            last = found[-1][0]
            if one.size < last.size:
                raise Fault("truncated", _CUT, one.name(), before=last.size, now=one.size)
            if one.size == last.size and one.root != last.root:
                raise Fault("forked", "two roots are signed for one size", one.name())
        found.append((one, int(given["through"])))
    return found


def _roots_hold(
    tree: _Tree, waiting: list[tuple[Checkpoint, int]], before: dt.datetime | None
) -> dt.datetime | None:
    """Compare the root with what was signed for this size; return when the last of these was signed."""
    while waiting and waiting[-1][0].size == tree.size:
        one, _ = waiting.pop()
        if one.root != tree.root():
            message = "the leaves are not those that were signed: forked, or moved about"
            raise Fault("forked", message, one.name())
        before = one.at
    return before


def _same_event(leaf: dict[str, Any], before: dt.datetime | None) -> None:
    if leaf["salts"] is None:
        raise Fault("changed", "the event is there and its salts are not", f"event {leaf['id']}")
    if leaf_hash(entry_of(leaf)).hex() != leaf["hash"]:
        raise Fault("changed", "the event is not the one that was sealed", f"event {leaf['id']}")
    at = dt.datetime.strptime(leaf["at"], "%Y-%m-%dT%H:%M:%S.%f%z")
    if before and at < before - LATE:
        message, said = "the event says %(at)s and came after %(before)s", f"{before:{STAMP}}"
        raise Fault("back_dated", message, f"event {leaf['id']}", at=leaf["at"], before=said)


def _deleted_by_the_book(gone: dict[int, str], deletions: list[dict[str, Any]]) -> None:
    """Events are gone only when a sealed event says which, with the hash of their leaves."""
    unexplained = dict(gone)
    for told in deletions:
        ids = [at for first, last in told["entries"] for at in range(first, last + 1)]
        hashes = "".join(gone.get(at, "") for at in ids)
        if hashlib.sha256(bytes.fromhex(hashes)).hexdigest() == told["leaves_sha256"]:
            for at in ids:
                unexplained.pop(at, None)
    if unexplained:
        where = f"event {min(unexplained)}"
        raise Fault("removed", "the event and its salts are gone, and no deletion tells so", where)


def _none_slipped_in(loose: Iterable[dict[str, Any]], through: int) -> None:
    for event in loose:
        if event["id"] <= through:
            message = "the event came after its number was decided: it was put in by hand"
            raise Fault("inserted", message, f"event {event['id']}")


def check_folder(folder: Path, key: str = "", since: Checkpoint | None = None) -> dict[str, Any]:
    """Check an exported log."""
    about = _read(str(folder / "log.json"))
    keys = [key] if key else list(about["keys"])
    files = [_lines(folder / f"{name}.jsonl") for name in ("checkpoints", "leaves", "loose")]
    answer = check_log(files[0], files[1], files[2], keys, since)
    return {**answer, "key_from": "you" if key else "the export"}


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open(encoding="utf-8") as stream:
            for line in stream:
                yield json.loads(line)
    except (OSError, RecursionError, ValueError) as error:
        raise BadInputError(path.name, _UNREAD, "Export it again", error) from error


def check_site(address: str, key: str = "", since: Checkpoint | None = None) -> dict[str, Any]:
    """Ask a log over HTTP: its newest checkpoint, and that it has grown out of the earlier ones."""
    about = json.loads(_fetch(f"{address}/log/key"))
    keys = [key] if key else list(about["keys"])
    newest = opened(_fetch(f"{address}/log/checkpoint"), keys)
    listed = json.loads(_fetch(f"{address}/log/checkpoints"))["checkpoints"]
    earlier = [opened(note, keys) for note in listed] + ([since] if since else [])
    for one in earlier:
        if one.size > newest.size:
            raise Fault("truncated", _CUT, one.name(), before=one.size, now=newest.size)
        asked = f"{address}/log/proof/consistency?from={one.size}&to={newest.size}"
        steps = _proof(json.loads(_fetch(asked)))
        if not holds_consistency(one.size, newest.size, steps, one.root, newest.root):
            raise Fault("forked", "the log has not grown out of this checkpoint", one.name())
    return {
        "ok": True, "leaves": newest.size, "checkpoints": len(earlier) + 1,
        "signed_at": f"{newest.at:{STAMP}}", "key_from": "you" if key else "the log",
    }  # fmt: skip


def _fetch(address: str) -> str:
    try:
        with urllib.request.urlopen(address, timeout=20) as answer:  # noqa: S310 - the caller's address
            return str(answer.read().decode())
    except (urllib.error.URLError, ValueError) as error:
        message, remedy = "%(name)s does not answer: %(reason)s", "Give the log's address"
        raise BadInputError(address, message, remedy, error) from error


def _root(given: dict[str, Any]) -> str:
    leaves = enumerate(_list(given, "leaves_hex"))
    return root_of([leaf_hash(_hex(leaf, f"leaves_hex[{n}]")) for n, leaf in leaves]).hex()


def _inclusion(given: dict[str, Any]) -> bool:
    leaf = leaf_hash(_hex(given.get("leaf_hex"), "leaf_hex"))
    index, size = _count(given, "index"), _count(given, "size")
    return holds_inclusion(leaf, index, size, _proof(given), _hash(given, "root"))


def _consistency(given: dict[str, Any]) -> bool:
    old, new, steps = _count(given, "from"), _count(given, "to"), _proof(given)
    return holds_consistency(old, new, steps, _hash(given, "root_from"), _hash(given, "root_to"))


def _list(given: dict[str, Any], key: str) -> list[Any]:
    if not isinstance(value := given.get(key), list):
        raise BadInputError(key, "%(name)s is not a list", "Give a list of hex texts")
    return value


def _proof(given: dict[str, Any]) -> list[bytes]:
    return [_hex(step, f"proof[{n}]", HASH_BYTES) for n, step in enumerate(_list(given, "proof"))]


def _hash(given: dict[str, Any], key: str) -> bytes:
    return _hex(given.get(key), key, HASH_BYTES)


def _hex(value: Any, where: str, size: int | None = None) -> bytes:
    try:
        found = bytes.fromhex(value)
    except (TypeError, ValueError):
        raise BadInputError(where, "%(name)s is not hex", "Write two hex digits a byte") from None
    if size is not None and len(found) != size:
        message = "%(name)s is %(reason)s bytes"
        raise BadInputError(where, message, "A hash has 32 bytes", len(found))
    return found


def _count(given: dict[str, Any], key: str) -> int:
    if not isinstance(value := given.get(key), int) or isinstance(value, bool) or value < 0:
        raise BadInputError(key, "%(name)s is not a count", "Write a whole number, 0 or more")
    return value


Answer = str | dict[str, Any]
Ask = Callable[[dict[str, Any]], str | bool]
COMMANDS: dict[str, Ask] = {"root": _root, "inclusion": _inclusion, "consistency": _consistency}


def _text(name: str) -> str:
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise BadInputError(name, _UNREAD, "Give a file", error) from error


def _read(name: str) -> dict[str, Any]:
    try:
        given = json.loads(_text(name))
    except (ValueError, RecursionError) as error:
        raise BadInputError(name, "%(name)s is not JSON: %(reason)s", "Give JSON", error) from error
    if not isinstance(given, dict):
        raise BadInputError(name, "the input is not an object", "Give one JSON object")
    return given


def check_place(place: str, key: str = "", since: str = "") -> dict[str, Any]:
    """Check an exported log in a folder, or one at an address; `since` is a file with a kept checkpoint."""
    kept = Checkpoint(_text(since)) if since else None
    try:
        if place.startswith(("http://", "https://")):
            return check_site(place.rstrip("/"), key, kept)
        return check_folder(Path(place), key, kept)
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise Fault("unreadable", "a part is wrong: %(part)s", place, part=repr(error)) from None


def _answer(command: str, place: str, key: str, since: str) -> Answer:
    if command == "log":
        return check_place(place, key, since)
    given = _read(place)
    if command == "receipt":
        return check_receipt(given, key)
    answer = COMMANDS[command](given)
    return answer if isinstance(answer, str) else {"ok": answer}


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise BadInputError(self.prog, "%(reason)s", "See verify_log.py --help", message)


def main(arguments: Sequence[str]) -> int:
    """Run one command; return 0 when it answered, 1 when a log or receipt has a fault, 2 on bad input."""
    form = argparse.RawDescriptionHelpFormatter
    parser = _Parser("verify_log.py", description=__doc__, formatter_class=form)
    parser.add_argument("command", choices=[*COMMANDS, "receipt", "log"])
    parser.add_argument("place", nargs="?", default="-", metavar="FILE|DIR|URL")
    parser.add_argument("--key", default="")
    parser.add_argument("--since", default="")
    try:
        asked = parser.parse_args(arguments)
        answer, code = _answer(asked.command, asked.place, asked.key, asked.since), 0
    except BadInputError as error:
        said = {"code": "bad_input", "message": str(error), "where": error.where}
        answer, code = {"error": {**said, "remedy": error.remedy}}, 2
    except Fault as fault:
        said = {"code": fault.code, "message": str(fault), "where": fault.where}
        answer, code = {"ok": False, "fault": said}, 1
    sys.stdout.write(f"{answer if isinstance(answer, str) else json.dumps(answer)}\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
