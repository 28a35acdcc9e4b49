"""One JSON text for one value, so that equal bodies have equal hashes (in the order of RFC 8785)."""

from __future__ import annotations

import datetime as dt
import decimal
import hashlib
import json
import uuid
from typing import Any

import attrs


def canonical_json(value: Any) -> str:
    """Return the value as compact JSON with sorted keys.

    Dates are ISO texts, UUIDs texts, decimals texts, sets sorted lists, attrs values objects.
    NaN and infinity are refused with ValueError.
    """
    return _encode(value)


def sha256_of(value: Any) -> str:
    """Return the SHA-256 (hex) of the value's canonical JSON."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, uuid.UUID | decimal.Decimal):
        return str(value)
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, frozenset | set):
        return sorted(value)
    if attrs.has(type(value)):
        return attrs.asdict(value)
    msg = f"{type(value).__name__} has no place in JSON"
    raise TypeError(msg)


# Made once: `json.dumps` with options makes an encoder for every call, which is most of what a small row costs.
_encode = json.JSONEncoder(
    sort_keys=True,
    separators=(",", ":"),
    ensure_ascii=False,
    allow_nan=False,
    default=_plain,
).encode
