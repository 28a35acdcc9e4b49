"""One JSON text for one value, so that equal bodies have equal hashes (in the order of RFC 8785).

What is only stored, and hashed by nobody, is made by `compact_json`, which is five times as quick.
"""

from __future__ import annotations

import datetime as dt
import decimal
import hashlib
import json
import uuid
from collections.abc import Callable
from typing import Any

import attrs
import orjson


def canonical_json(value: Any) -> str:
    """Return the value as compact JSON with sorted keys.

    Dates are ISO texts, UUIDs texts, decimals texts, sets sorted lists, attrs values objects.
    NaN and infinity are refused with ValueError.
    """
    return _encode(value)


def compact_json(value: Any, *, default: Callable[[Any], Any] | None = None) -> str:
    """Return the value as compact JSON in the order it has; NaN and infinity become null.

    `default` makes what JSON knows of any other value; when not given it is `plain`.
    """
    other = default or plain
    try:
        return orjson.dumps(value, default=other).decode()
    except orjson.JSONEncodeError:  # a whole number beyond 64 bits, or a name that is no text
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=other)


def sha256_of(value: Any) -> str:
    """Return the SHA-256 (hex) of the value's canonical JSON."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def plain(value: Any) -> Any:
    """Return what JSON knows in place of a value that it does not.

    Raises:
        TypeError: it has no place in JSON.
    """
    if isinstance(value, uuid.UUID | decimal.Decimal):
        return str(value)
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, frozenset | set):
        return sorted(value)
    if isinstance(value, tuple | float):  # kinds of their own, which `json` takes for what they are
        return list(value) if isinstance(value, tuple) else float(value)
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
    default=plain,
).encode
