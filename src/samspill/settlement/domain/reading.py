"""Read values that came from outside, strictly: each refusal names the place.

Amounts are read by their decimal digits, so that 0.1 is a tenth and not the nearest binary number.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from samspill.kernel.money import Ore
from samspill.kernel.outcome import RefusedError, refuse

ORE = 100
#: As long as a text may be that nothing else is said about.
LONGEST = 200
_SHOWN = 40
#: Above this no amount is meant: a thousand times the budget of the state.
LARGEST = 10**16


def record(value: Any, where: str, known: Iterable[str]) -> Mapping[str, Any]:
    """Return the object, refusing anything else and any name that is not known; null is as left out."""
    if not isinstance(value, dict):
        raise wrong(where, "an object")
    names = sorted(known)
    for name in value:
        if name not in names:
            raise refuse(
                "unknown_field",
                "%(name)s is not a field here.",
                where=place(where, name),
                remedy="Use one of: %(names)s",
                values={"name": name, "names": ", ".join(names)},
            )
    return {name: found for name, found in value.items() if found is not None}


def items(value: Any, where: str) -> list[Any]:
    """Return the list, refusing anything else."""
    if not isinstance(value, list):
        raise wrong(where, "a list")
    return value


def text(value: Any, where: str, *, most: int = LONGEST) -> str:
    """Return the text, refusing anything else, the empty one, and one that is longer than `most`."""
    if not isinstance(value, str) or not value.strip():
        raise wrong(where, "a text that is not empty")
    return prose(value, where, most=most)


def prose(value: Any, where: str, *, most: int = LONGEST) -> str:
    """Return a text that may be empty, refusing one that is longer than `most` or cannot be stored."""
    if not isinstance(value, str) or "\x00" in value or not _writes(value):
        raise wrong(where, "a text")
    if len(value) > most:
        raise refuse(
            "too_long",
            "The text is longer than %(most)s characters.",
            where=where,
            remedy="Shorten it",
            values={"most": most},
        )
    return value


def _writes(value: str) -> bool:
    """Tell whether a text can be stored and sent: half of a surrogate pair cannot."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def quantity(value: Any, where: str) -> Fraction:
    """Return a number that is finite and not negative, by its decimal digits."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise wrong(where, "a number")
    if isinstance(value, float | Decimal) and not math.isfinite(value):
        raise wrong(where, "a finite number")
    if value < 0:
        raise refuse(
            "negative",
            "%(value)s is negative.",
            where=where,
            remedy="Give zero or more",
            values={"value": str(value)},
        )
    if value > LARGEST:
        raise too_large(value, where)
    return Fraction(str(value))


def too_large(value: Any, where: str) -> RefusedError:
    """Return the refusal of a figure that nobody means."""
    return refuse(
        "too_large",
        "%(value)s is larger than any figure meant here.",
        where=where,
        remedy="Check the unit",
        values={"value": f"{str(value)[:_SHOWN]}…" if len(str(value)) > _SHOWN else str(value)},
    )


def amount(value: Any, where: str) -> Fraction:
    """Return an amount in kroner as exact øre."""
    return quantity(value, where) * ORE


def whole(value: Any, where: str, *, least: int = 0, most: int = LARGEST) -> int:
    """Return a whole number from `least` to `most`."""
    number = quantity(value, where)
    if number > most:
        raise too_large(value, where)
    if number.denominator != 1 or number < least:
        raise refuse(
            "not_whole",
            "%(value)s is not a whole number of at least %(least)s.",
            where=where,
            remedy="Give a whole number",
            values={"value": str(value), "least": least},
        )
    return int(number)


def share(value: Any, where: str) -> Fraction:
    """Return a part of one, from 0 to 1."""
    number = quantity(value, where)
    if number > 1:
        raise refuse(
            "share_above_one",
            "%(value)s is more than the whole.",
            where=where,
            remedy="Give a share from 0 to 1; 30 per cent is 0.3",
            values={"value": str(value)},
        )
    return number


def nearest_ore(exact: Fraction) -> Ore:
    """Return the nearest whole øre; a half goes up."""
    return math.floor(exact + Fraction(1, 2))


def in_kroner(ore: Ore) -> float:
    """Return øre as the kroner of JSON: the number whose two decimals are exactly these øre."""
    return ore / ORE


def place(where: str, name: str) -> str:
    """Return the name of a field inside a place."""
    return f"{where}.{name}" if where else name


def wrong(where: str, wanted: str) -> RefusedError:
    """Return the refusal of a value of the wrong kind."""
    return refuse(
        "wrong_kind",
        "The value is not %(wanted)s.",
        where=where or "input",
        remedy="Give %(wanted)s",
        values={"wanted": wanted},
    )
