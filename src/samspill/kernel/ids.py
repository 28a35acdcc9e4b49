"""Identifiers of people and organisations, and the identifiers we make ourselves.

The number of a person is personal data: its type shows no digits in `repr` and `str`, so that it can
not slip into a log. Sex and century are never derived from the number (from 2032 they cannot be).
Sources: Skatteetaten, "Nytt fødselsnummer fra 2032"; Tenor test data (month + 80).
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Literal

import attrs

Kind = Literal["fnr", "dnr", "hnr", "synthetic_fnr", "synthetic_dnr"]

_K1_WEIGHTS = (3, 7, 6, 1, 8, 9, 4, 5, 2)
_K2_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_ORG_WEIGHTS = (3, 2, 7, 6, 5, 4, 3, 2)
_K1_BASES_2032 = (11, 12, 13, 14)
_MONTH_SHIFT_HEALTH = 40
_MONTH_SHIFT_SYNTHETIC = 80
_DAY_SHIFT_D_NUMBER = 40
_NATIONAL_ID_LENGTH = 11
_NO_CHECK_DIGIT = 10


def new_id() -> uuid.UUID:
    """Return a new identifier that cannot be guessed or counted (UUID, version 4)."""
    return uuid.uuid4()


@attrs.frozen
class InvalidId:
    """Why a text is not an acceptable number. `reason` is a message key."""

    reason: Literal["length", "digits", "date", "check_digit", "synthetic", "real"]


@attrs.frozen(repr=False, str=False)
class NationalId:
    """A national identity number (11 digits). Shows no digits when printed."""

    value: str
    kind: Kind

    def __repr__(self) -> str:
        return f"NationalId({self.kind}, …)"

    __str__ = __repr__

    @property
    def is_synthetic(self) -> bool:
        """Tell whether the number belongs to a made-up person (month + 80)."""
        return self.kind.startswith("synthetic")

    @classmethod
    def parse(cls, text: str, *, allow_synthetic: bool, allow_real: bool) -> NationalId | InvalidId:
        """Return the number, or why it is refused.

        Blanks inside are tolerated. Production allows real numbers only, every other installation
        synthetic ones only (domain rule: never store a real person's number in a test system).
        """
        digits = re.sub(r"\s", "", text)
        kind = _judge(digits)
        if isinstance(kind, InvalidId):
            return kind
        synthetic = kind.startswith("synthetic")
        if synthetic and not allow_synthetic:
            return InvalidId("synthetic")
        if not synthetic and not allow_real:
            return InvalidId("real")
        return cls(digits, kind)


def _judge(digits: str) -> Kind | InvalidId:
    if len(digits) != _NATIONAL_ID_LENGTH:
        return InvalidId("length")
    if not (digits.isascii() and digits.isdigit()):
        return InvalidId("digits")
    kind = _kind(digits)
    if kind is None:
        return InvalidId("date")
    return kind if has_valid_check_digits(digits) else InvalidId("check_digit")


def has_valid_check_digits(digits: str, *, rule_2032: bool = True) -> bool:
    """Tell whether both check digits are right, by the old rule or the one from 2032.

    >>> has_valid_check_digits("17912099997")
    True
    >>> has_valid_check_digits("30108299939", rule_2032=False)
    False
    >>> has_valid_check_digits("30108299939")
    True
    """
    numbers = [int(c) for c in digits]
    remainder = sum(w * n for w, n in zip(_K1_WEIGHTS, numbers, strict=False)) % 11
    bases = _K1_BASES_2032 if rule_2032 else (11,)
    allowed = {(base - remainder) % 11 for base in bases} - {_NO_CHECK_DIGIT}
    second = (11 - sum(w * n for w, n in zip(_K2_WEIGHTS, numbers, strict=False)) % 11) % 11
    return numbers[9] in allowed and numbers[10] == second


def check_digits(nine: str) -> str | None:
    """Return the two check digits of the old rule for nine digits, or None when none exist."""
    numbers = [int(c) for c in nine]
    first = (11 - sum(w * n for w, n in zip(_K1_WEIGHTS, numbers, strict=True)) % 11) % 11
    if first == _NO_CHECK_DIGIT:
        return None
    numbers.append(first)
    second = (11 - sum(w * n for w, n in zip(_K2_WEIGHTS, numbers, strict=True)) % 11) % 11
    return None if second == _NO_CHECK_DIGIT else f"{first}{second}"


def _kind(digits: str) -> Kind | None:
    day, month, year = int(digits[:2]), int(digits[2:4]), int(digits[4:6])
    d_number = day > _DAY_SHIFT_D_NUMBER
    day -= _DAY_SHIFT_D_NUMBER if d_number else 0
    synthetic = month > _MONTH_SHIFT_SYNTHETIC
    health = not synthetic and month > _MONTH_SHIFT_HEALTH
    month -= _MONTH_SHIFT_SYNTHETIC if synthetic else _MONTH_SHIFT_HEALTH if health else 0
    if not _is_date(year, month, day):
        return None
    if synthetic:
        return "synthetic_dnr" if d_number else "synthetic_fnr"
    if health:
        return "hnr"
    return "dnr" if d_number else "fnr"


def _is_date(year: int, month: int, day: int) -> bool:
    for century in (1900, 2000):
        try:
            dt.date(century + year, month, day)
        except ValueError:
            continue
        return True
    return False


def is_org_no(text: str) -> bool:
    """Tell whether a text is an organisation number (nine digits, mod 11).

    >>> is_org_no("942114184"), is_org_no("942114185")
    (True, False)
    """
    if not re.fullmatch(r"[2389]\d{8}", text):
        return False
    numbers = [int(c) for c in text]
    total = sum(w * n for w, n in zip(_ORG_WEIGHTS, numbers, strict=False))
    return (11 - total % 11) % 11 == numbers[8]
