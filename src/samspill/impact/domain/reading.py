"""Strict reading of JSON values. Each refusal names the place and the remedy.

All raise `RefusedError`; nothing is guessed and no key is passed over in silence.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from samspill.kernel.outcome import refuse

Record = Mapping[str, Any]

_MAX_TEXT = 200
#: Beyond this a number is a slip of the pen: the national product is some 5e12 kroner.
LARGEST = 1e15
#: A calculation spans at most this many years.
MOST_YEARS = 500


def record(
    value: object, where: str, *, allowed: Collection[str], required: Collection[str] = ()
) -> Record:
    """Return the value as an object that has the required keys and no other than the allowed.

    A key that holds null is as one that was left out.
    """
    if not isinstance(value, Mapping):
        raise refuse(
            "not_an_object",
            "Here an object is expected.",
            where=where,
            remedy="Write an object with the keys: %(keys)s",
            values={"keys": ", ".join(sorted(allowed))},
        )
    unknown = sorted(str(key) for key in value if key not in allowed)
    if unknown:
        raise refuse(
            "unknown_key",
            "The key %(key)s is not known here.",
            where=f"{where}.{unknown[0]}",
            remedy="Use the keys: %(keys)s",
            values={"key": unknown[0][:_MAX_TEXT], "keys": ", ".join(sorted(allowed))},
        )
    missing = [key for key in required if value.get(key) is None]
    if missing:
        raise refuse(
            "missing_key",
            "The key %(key)s is missing.",
            where=f"{where}.{missing[0]}",
            remedy="Give %(key)s",
            values={"key": missing[0]},
        )
    if any(item is None for item in value.values()):
        return {key: item for key, item in value.items() if item is not None}
    return value


def rows(value: object, where: str, *, at_least: int = 0, at_most: int = 100_000) -> Sequence[Any]:
    """Return the value as a list of a permitted length."""
    if not isinstance(value, list | tuple):
        raise refuse(
            "not_a_list", "Here a list is expected.", where=where, remedy="Write a list: [ … ]"
        )
    if not at_least <= len(value) <= at_most:
        raise refuse(
            "bad_length",
            "The list has %(length)s items; it must have from %(least)s to %(most)s.",
            where=where,
            remedy="Give a list of a permitted length",
            values={"length": len(value), "least": at_least, "most": at_most},
        )
    return value


def number(
    value: object, where: str, *, least: float | None = None, most: float | None = None
) -> float:
    """Return the value as a finite float between `least` and `most` (both included)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise refuse(
            "not_a_number",
            "Here a number is expected.",
            where=where,
            remedy="Write a number, with a point before decimals and without quotes",
        )
    given = float(value) if abs(value) <= LARGEST else math.inf
    if not math.isfinite(given):
        raise refuse(
            "not_finite",
            "The number is not finite, or larger than any amount can be.",
            where=where,
            remedy="Write a number between −1e15 and 1e15; leave out what is not known",
        )
    if most is None and least is not None and given < least:
        raise refuse(
            "out_of_range",
            "%(given)s is below %(least)s.",
            where=where,
            remedy="Give %(least)s or more",
            values={"given": f"{given:g}", "least": f"{least:g}"},
        )
    if (least is not None and given < least) or (most is not None and given > most):
        raise refuse(
            "out_of_range",
            "%(given)s is out of range: from %(least)s to %(most)s.",
            where=where,
            remedy="Give a number in the range",
            values={
                "given": f"{given:g}",
                "least": "−∞" if least is None else f"{least:g}",
                "most": "∞" if most is None else f"{most:g}",
            },
        )
    return given


def positive(value: object, where: str) -> float:
    """Return the value as a float above 0."""
    given = number(value, where)
    if given <= 0:
        raise refuse(
            "not_positive",
            "%(given)s is not above 0.",
            where=where,
            remedy="Give a number above 0",
            values={"given": f"{given:g}"},
        )
    return given


def whole(value: object, where: str, *, least: int | None = None, most: int | None = None) -> int:
    """Return the value as a whole number between `least` and `most`."""
    given = number(value, where, least=least, most=most)
    if given != int(given):
        raise refuse(
            "not_whole",
            "%(given)s is not a whole number.",
            where=where,
            remedy="Give a whole number",
            values={"given": f"{given:g}"},
        )
    # Not through float: a seed may have more digits than a float holds.
    return value if isinstance(value, int) else int(given)


def text(value: object, where: str, *, most: int = _MAX_TEXT) -> str:
    """Return the value as a text that is not empty and that can be written down."""
    if not isinstance(value, str) or not value.strip() or len(value) > most or not _writes(value):
        raise refuse(
            "not_a_text",
            "Here a text of 1 to %(most)s characters is expected.",
            where=where,
            remedy="Write a text in quotes",
            values={"most": most},
        )
    return value.strip()


def _writes(value: str) -> bool:
    """Tell whether a text can be stored and sent: no zero character, no half of a surrogate pair."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in value


def one_of(value: object, where: str, choices: Collection[str]) -> str:
    """Return the value as one of the choices."""
    if not isinstance(value, str) or value not in choices:
        raise refuse(
            "unknown_choice",
            "%(given)s is not one of the choices.",
            where=where,
            remedy="Choose one of: %(choices)s",
            values={"given": str(value)[:_MAX_TEXT], "choices": ", ".join(choices)},
        )
    return value


def years(value: object, where: str) -> tuple[int, int]:
    """Return [first, last] as two years in order, at most `MOST_YEARS` apart."""
    pair = rows(value, where, at_least=2, at_most=2)
    first, last = whole(pair[0], f"{where}[0]"), whole(pair[1], f"{where}[1]")
    if first > last:
        raise refuse(
            "years_reversed",
            "The first year, %(first)s, is after the last, %(last)s.",
            where=where,
            remedy="Write [first, last]; both years are included",
            values={"first": first, "last": last},
        )
    within_reach(first, last, where)
    return first, last


def within_reach(first: int, last: int, where: str) -> None:
    """Refuse a span of more than `MOST_YEARS` years."""
    if last - first > MOST_YEARS:
        raise refuse(
            "too_many_years",
            "From %(first)s to %(last)s is more than %(most)s years.",
            where=where,
            remedy="Use a shorter period",
            values={"first": first, "last": last, "most": MOST_YEARS},
        )
