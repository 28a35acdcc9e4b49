"""A receipt for one event: what was logged, the salts that open it, the proof that it is in the tree, the signature.

Whoever has it needs neither us nor a connection: `scripts/verify_log.py receipt FILE`.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from samspill.infra import sql
from samspill.infra.proof import export, keys, leaf, sealing, tree

FORMAT = "samspill-log-receipt/1"
_EVENT = (
    f"SELECT l.position, l.salt, {leaf.SELECT} FROM infra_access_entry e "  # noqa: S608
    "JOIN infra_log_leaf l ON l.entry_id = e.id WHERE e.id = %s AND l.salt IS NOT NULL"
)


def receipt(entry_id: int, *, opened: Collection[str]) -> dict[str, Any] | None:
    """Return the receipt of an event, with some of its parts (`what`, `role`, `who`) opened.

    None while the event is not sealed and signed, or when it is gone. Whether the reader may see it is the
    caller's to judge.
    """
    found = sql.one(_EVENT, [entry_id])
    signed = sealing.last()
    if found is None or signed is None or found[0] >= signed.checkpoint.size:
        return None
    position, raw, *event = found
    salts, size = leaf.salts_of(bytes(raw)), signed.checkpoint.size
    closed = dict(zip(leaf.PARTS, leaf.commitments(event, bytes(raw)), strict=True))
    proof = tree.inclusion(position, size)
    parts = {name: part for name, part in leaf.as_values(event).items() if name in opened}
    lines = export.cosignatures([signed.id]).get(signed.id, [])
    return {
        "format": FORMAT,
        "event": {"id": event[0], "at": event[1], "parts": parts},
        "salts": {name: salts[name] for name in parts},
        "held_back": {name: value for name, value in closed.items() if name not in parts},
        "proof": {"index": position, "size": size, "path": [step.hex() for step in proof.steps]},
        "checkpoint": export.with_signatures(signed.note, lines),
        "key": keys.log_signer().key.as_text(),
    }
