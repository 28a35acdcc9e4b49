"""Bars drawn on the server: one small SVG a line, so that the words beside it stay words at every width."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

_FULL = 100


@attrs.frozen(kw_only=True)
class Bar:
    """Hold one line of a chart: its label, its value in words, and the length of its bar in per cent.

    `claim` is a second, hollow bar for what is claimed and not measured.
    """

    label: str
    text: str
    length: float
    claim: float | None = None
    claim_text: str = ""


def bars(lines: Iterable[tuple[str, float, str]]) -> list[Bar]:
    """Make bars of (label, value, value in words), as long as their share of the longest.

    >>> [bar.length for bar in bars([("a", 50, "50"), ("b", 100, "100"), ("c", 0, "0")])]
    [50.0, 100.0, 0.0]
    """
    found = list(lines)
    most = max((value for _, value, _ in found), default=0)
    return [Bar(label=label, text=text, length=_share(value, most)) for label, value, text in found]


def bars_beside_claims(
    lines: Iterable[tuple[str, float, str, float | None, str]],
) -> list[Bar]:
    """Make bars of (label, measured, in words, claimed or None, in words) on one scale."""
    found = list(lines)
    most = max((max(value, claim or 0) for _, value, _, claim, _ in found), default=0)
    return [
        Bar(
            label=label,
            text=text,
            length=_share(value, most),
            claim=None if claim is None else _share(claim, most),
            claim_text=claim_text,
        )
        for label, value, text, claim, claim_text in found
    ]


def _share(value: float, most: float) -> float:
    return round(_FULL * max(value, 0) / most, 1) if most > 0 else 0.0
