"""Size classes of municipalities by inhabitants, for tests of a key and for pages."""

from __future__ import annotations

import itertools

#: Lower bounds; the last class is open. Those in the middle are Statistics Norway's (KOSTRA groups, Klass 112).
BOUNDS = (0, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000)


def size_class(inhabitants: int) -> str:
    """Return the class of a number of inhabitants, as `from-to` or `from+`.

    >>> size_class(1999), size_class(2000), size_class(720000)
    ('0-1999', '2000-4999', '100000+')
    """
    for low, high in itertools.pairwise(BOUNDS):
        if inhabitants < high:
            return f"{low}-{high - 1}"
    return f"{BOUNDS[-1]}+"


def classes() -> tuple[str, ...]:
    """Return every class, the smallest first."""
    return tuple(size_class(low) for low in BOUNDS)
