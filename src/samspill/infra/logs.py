"""Log lines for people and machines: one line each, without personal data.

Anything that looks like a national identity number is masked before a line is written (SP-13). That is the
last net: no code is to put one there.
"""

from __future__ import annotations

import json
import logging
import re
import traceback

_ELEVEN_DIGITS = re.compile(r"(?<!\d)\d{6}\s?\d{5}(?!\d)")


class LineFormatter(logging.Formatter):
    """Formats a record as one JSON line, with identity numbers masked."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line. Line breaks inside are escaped, so no one can forge a line."""
        line = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname,
            "from": record.name,
            "says": record.getMessage(),
        }
        request_id = getattr(record, "request_id", None) or getattr(
            getattr(record, "request", None), "request_id", None
        )
        if request_id:
            line["request"] = request_id
        if record.exc_info:
            line["error"] = what_failed(record.exc_info[1])
        return _ELEVEN_DIGITS.sub("[number]", json.dumps(line, ensure_ascii=False))


def what_failed(error: BaseException | None) -> str:
    """Tell what failed and where, without what the error says: its words may hold what people wrote.

    A database names the row that it refused, a parser the text that it could not read (SP-13). Kept are the
    kind of each error down to its cause, what a database calls the fault (`sqlstate` and constraint), and the
    places in the code.

    >>> what_failed(ValueError("Kari Nordmann"))
    'ValueError'
    """
    told: list[str] = []
    while error is not None:
        told.append(" ".join([_kind(error), *_of_database(error)]))
        frames = traceback.extract_tb(error.__traceback__)
        told += [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(told)


def _kind(error: BaseException) -> str:
    kind = type(error)
    return (
        kind.__qualname__
        if kind.__module__ == "builtins"
        else f"{kind.__module__}.{kind.__qualname__}"
    )


def _of_database(error: BaseException) -> list[str]:
    state = getattr(error, "sqlstate", None)
    constraint = getattr(getattr(error, "diag", None), "constraint_name", None)
    return [text for text in (state, constraint) if isinstance(text, str)]
