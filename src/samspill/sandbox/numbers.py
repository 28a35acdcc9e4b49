"""Make synthetic identity and organisation numbers.

Only month + 80 for people (as Skatteetaten's test population) and only organisation numbers that begin with 3, which no
registered organisation has. Nothing here can make a real person's number.
"""

from __future__ import annotations

import zlib
from collections.abc import Set as AbstractSet
from datetime import date

from samspill.kernel.ids import check_digits

SYNTHETIC_MONTH = 80
D_NUMBER_DAY = 40
_ORG_WEIGHTS = (3, 2, 7, 6, 5, 4, 3, 2)


class NumbersUsedUpError(Exception):
    """No identity number is left for a birth date."""

    def __init__(self, born: date) -> None:
        super().__init__(
            f"All synthetic identity numbers of the birth date {born} are taken. "
            "Ask for fewer households, or spread the birth dates."
        )


def _individual_numbers(year: int) -> tuple[int, int]:
    """Give the first and the count of individual numbers that the old rule has for a year."""
    if year >= 2000:  # noqa: PLR2004
        return 500, 500
    return 0, 500


def make_national_id(
    born: date, *, salt: int, used: AbstractSet[str], d_number: bool = False
) -> str:
    """Make a synthetic number (month + 80) that is not in `used`.

    Raises:
        NumbersUsedUpError: when the birth date has no number left.

    """
    day = born.day + (D_NUMBER_DAY if d_number else 0)
    head = f"{day:02d}{born.month + SYNTHETIC_MONTH:02d}{born.year % 100:02d}"
    first, count = _individual_numbers(born.year)
    start = zlib.crc32(head.encode(), salt & 0xFFFFFFFF)
    for step in range(count):
        nine = f"{head}{first + (start + step) % count:03d}"
        check = check_digits(nine)
        if check is not None and nine + check not in used:
            return nine + check
    raise NumbersUsedUpError(born)


def make_org_no(serial: int) -> str:
    """Make a synthetic organisation number (begins with 3) from a serial number."""
    candidate = 31_000_000 + serial * 13
    while True:
        eight = str(candidate)
        rest = sum(int(c) * w for c, w in zip(eight, _ORG_WEIGHTS, strict=True)) % 11
        check = 0 if rest == 0 else 11 - rest
        if check != 10:  # noqa: PLR2004
            return f"{eight}{check}"
        candidate += 1
