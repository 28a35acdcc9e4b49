"""When initiatives meet and who carries it, in the reader's language: the same words on every page with collisions."""

from __future__ import annotations

from collections.abc import Callable

import attrs
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from samspill.impact.domain import load
from samspill.impact.domain.load import Collision
from samspill.impact.service.outlook import ChangeLoad
from samspill.infra.charts import Numbers

_TWO = 2


@attrs.frozen(kw_only=True)
class KeyPersons:
    """The roles of a collision list that one person carries; no person is named, for none is known.

    reckoned: how it is reckoned, one sentence. roles: each role with its free hours and where they are from.
    """

    reckoned: str
    roles: tuple[str, ...]


def months_of(found: ChangeLoad, one: Collision) -> str:
    """Return in which months those who meet are introduced at once, or why nobody can say (governance, section 6)."""
    when = found.together(one)
    if when.asking < _TWO:
        return _("Only one initiative asks for these people.")
    if when.asking - when.unknown < _TWO:
        return _("The introduction windows do not say in which months.")
    said = (
        _("Introduced at the same time: %(months)s.") % {"months": in_words(when.months)}
        if when.months
        else _("Their introduction windows do not overlap in that year.")
    )
    return f"{said} {_without_window(when.unknown)}" if when.unknown else said


def in_words(months: tuple[int, ...]) -> str:
    """Return months as they are said: `mars–juni, september`."""
    return ", ".join(
        str(MONTHS[first]) if first == last else f"{MONTHS[first]}–{MONTHS[last]}"
        for first, last in load.runs(months)
    )


def _without_window(number: int) -> str:
    return ngettext(
        "One of them has no window; it may run then too.",
        "%(number)s of them have no window; they may run then too.",
        number,
    ) % {"number": number}


def is_key_person(found: ChangeLoad, role: str) -> bool:
    """Tell whether one person carries a role there; hours of no named role are nobody's."""
    return role != load.UNNAMED_ROLE and found.carried(role).by_one


def key_persons(found: ChangeLoad, called: Callable[[str], str]) -> KeyPersons | None:
    """Return the roles of the collisions that one person carries, or None when there is none.

    Args:
        found: the load of a municipality.
        called: what a role is called in the reader's language.
    """
    met = {one.role for one in found.collisions}
    roles = [role for role in found.roles if role in met and is_key_person(found, role)]
    if not roles:
        return None
    year = Numbers(unit=_("hours"), decimals=1).say(found.hours_per_year)
    return KeyPersons(
        reckoned=_(
            "These roles have no more free hours in a year than one full-time employee works (%(year)s). "
            "We therefore reckon that one person carries each of them. Nobody’s name is stored."
        )
        % {"year": year},
        roles=tuple(_role(found, role, called(role)) for role in roles),
    )


def _role(found: ChangeLoad, role: str, name: str) -> str:
    carried = found.carried(role)
    values = {
        "role": name,
        "hours": Numbers(unit=_("hours")).say(carried.capacity),
        "share": Numbers(unit="%", decimals=1).say(100 * carried.capacity / carried.hours_per_year),
    }
    if found.is_assumed(role):
        return (
            _("%(role)s: %(hours)s free, %(share)s of a full-time employee’s year. Our assumption.")
            % values
        )
    return (
        _(
            "%(role)s: %(hours)s free, %(share)s of a full-time employee’s year. The municipality’s own figure."
        )
        % values
    )
