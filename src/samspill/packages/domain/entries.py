"""One difference between two versions of a package, and how much it matters."""

from __future__ import annotations

from typing import Any, Final, Literal

from attrs import frozen

Level = Literal["patch", "minor", "major"]


LEVELS: Final[tuple[Level, ...]] = ("patch", "minor", "major")


Kind = Literal["added", "removed", "changed"]


@frozen
class Entry:
    """One difference: how much it matters, where, what, and in words why it matters that much."""

    level: Level
    kind: Kind
    file: str
    key: str
    text: str


_ONE_LINE: Final = 80


def short(value: Any) -> str:
    """Write a value on one line."""
    text = "nothing" if value in (None, "", (), {}) else str(value)
    return text if len(text) <= _ONE_LINE else text[: _ONE_LINE - 1] + "…"
