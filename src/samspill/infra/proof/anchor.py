"""The root that the log had at a time: printed on what people keep, so that they can hold the log to it (SP-32)."""

from __future__ import annotations

import datetime as dt

import attrs

from samspill.infra import sql

# Checkpoints come each minute and are numbered in that order, so the newest before a time is found from the end.
_BEFORE = "SELECT size, root, at FROM infra_log_checkpoint WHERE at <= %s ORDER BY id DESC LIMIT 1"
_GROUP = 8


@attrs.frozen
class Anchor:
    """What the log said of itself: how many lines, which root, and when it was signed (UTC)."""

    size: int
    root: bytes
    at: dt.datetime

    @property
    def readable_root(self) -> str:
        """The root in hexadecimal, in groups that can be read aloud and broken at the end of a line."""
        digits = self.root.hex()
        return " ".join(digits[at : at + _GROUP] for at in range(0, len(digits), _GROUP))


def at_time(at: dt.datetime) -> Anchor | None:
    """Return the newest checkpoint that was signed at a time or before it; None when there was none."""
    found = sql.one(_BEFORE, [at])
    return None if found is None else Anchor(found[0], bytes(found[1]), found[2])
