"""Protected addresses: which grade holds for a case, and what must then never be kept or shown.

Source: folkeregisterloven, beskyttelsesinstruksen; SP-22 to SP-28. An unknown grade is handled as
the strictest one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

UNPROTECTED = "ugradert"
UNKNOWN = "unknown"
_ORDER = (UNPROTECTED, "klientadresse", "fortrolig", "strengtFortrolig")

#: Keys of register replies that tell where a person lives or can be found (normal shapes).
_PLACE_KEYS = frozenset(
    {
        "address",
        "address_id",
        "building_type",
        "city",
        "coordinates",
        "dwelling",
        "email",
        "mobile",
        "moved_in",
        "municipality_no",
        "payer",
        "payer_org_no",
        "postal_code",
        "postbox",
        "shared_residence_address",
        "street",
        "unit_no",
    }
)


def hides_address(grade: str) -> bool:
    """Tell whether no address may be kept or shown under this grade."""
    return grade not in (UNPROTECTED, "klientadresse")


def needs_compartment(grade: str) -> bool:
    """Tell whether only a cleared unit may know that the case exists (SP-23)."""
    return grade not in (UNPROTECTED, "klientadresse", "fortrolig")


def strictest(grades: Iterable[str | None]) -> str:
    """Give the grade of a case from the grades of everybody in it; none at all is unknown.

    >>> strictest(["ugradert", "fortrolig", "ugradert"])
    'fortrolig'
    >>> strictest(["ugradert", None])
    'unknown'
    """
    found = [grade if grade in _ORDER else UNKNOWN for grade in grades]
    if not found:
        return UNKNOWN
    if "strengtFortrolig" in found:
        return "strengtFortrolig"
    if UNKNOWN in found:
        return UNKNOWN
    return max(found, key=_ORDER.index)


def is_stricter(new: str, old: str) -> bool:
    """Tell whether the new grade hides more than the old."""
    return _rank(new) > _rank(old)


def without_places(value: Any) -> Any:
    """Give a register reply without anything that tells where somebody is.

    The key stays with the value None, so that a rule that asks for it finds it unanswered.
    """
    if isinstance(value, Mapping):
        return {
            key: None if _is_place(key, inner) else without_places(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [without_places(inner) for inner in value]
    return value


def is_place_key(key: str) -> bool:
    """Tell whether a key of a register's reply says where somebody is."""
    return key in _PLACE_KEYS


def _is_place(key: str, value: Any) -> bool:
    if key == "shared_residence":  # a truth value says nothing of where; an address does
        return not isinstance(value, bool)
    return is_place_key(key)


def _rank(grade: str) -> int:
    return _ORDER.index(grade) if grade in _ORDER else len(_ORDER)
