"""Log lines for people and machines: one line each, without personal data.

Anything that looks like a national identity number is masked before a line is written (SP-13). That is the
last net: no code is to put one there.
"""

from __future__ import annotations

import json
import logging
import re

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
        request_id = getattr(record, "request_id", None)
        if request_id:
            line["request"] = request_id
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return _ELEVEN_DIGITS.sub("[number]", json.dumps(line, ensure_ascii=False))
