"""Lines of CSV that a spreadsheet opens as the text they are (RFC 4180; OWASP ASVS 5.0, 1.2.10)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

_STARTS = ("=", "+", "@", "\t", "\r")


def line(cells: Iterable[object], *, end: str = "\r\n") -> str:
    r"""Return one line of CSV with its end; a text that would run as a formula is disarmed, None is left blank.

    >>> line(["=1+1", -2, "-2.50", "- a dash", None])
    "'=1+1,-2,-2.50,'- a dash,\r\n"
    """
    out = io.StringIO()
    csv.writer(out, lineterminator=end).writerow([harmless(cell) for cell in cells])
    return out.getvalue()


def table(rows: Iterable[Sequence[object]], *, end: str = "\r\n") -> str:
    """Return lines of CSV, each as `line` gives it."""
    return "".join(line(row, end=end) for row in rows)


def harmless(cell: object) -> object:
    """Return a cell that no spreadsheet runs: a text like a formula gets an apostrophe; a negative amount is none."""
    if not isinstance(cell, str):
        return cell
    armed = cell[:1] in _STARTS or (cell[:1] == "-" and not cell[1:2].isdigit())
    return f"'{cell}" if armed else cell
