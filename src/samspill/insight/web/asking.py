"""Read what an address asks for; what cannot be read is as if it were not there."""

from __future__ import annotations

_LONGEST = 6


def whole(text: str) -> int | None:
    """Return a whole number, None when there is none.

    >>> whole("2027"), whole("x"), whole("")
    (2027, None, None)
    """
    short = text.strip()
    return int(short) if short.isascii() and short.isdigit() and len(short) <= _LONGEST else None
