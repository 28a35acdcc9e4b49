"""Which pages each role is shown in the accessibility walk: one module for each room.

A room that brings addresses adds `tests/a11y/visits/<room>.py` with

- `PAGES`: route name → the visits. `page(*who, **values)` is one visit for each of `who` (keys of `WHO`); a value is
  text that stands in the address, or `sample("case.open")`: something that `make` has made. `query=` is laid behind;
  `status=` is what a page answers that tells of a refusal.
- `NO_PAGE`: route name → what it is instead (`POST`, a file, a way on). The walk checks that this is so.
- `make(stage) -> dict[str, str]`: makes the sample objects on the running system's data, through the rooms' doors, and
  returns them by name. It runs in a process of its own with Django set up; `stage` is `tests.browser.scenes`, which logs
  people in and lets them apply. Leave `make` out when nothing is needed.

Nothing else is needed: modules are found by themselves, and a route that no module names fails the walk with its name.
Somebody who is logged in is named in `WHO` below, with the roles that they have.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import attrs

TRONDHEIM = "5001"
_HUSBANKEN, _DIGDIR = ("942114184", "Husbanken"), ("991825827", "Digitaliseringsdirektoratet")
_KS = ("971032146", "KS – Kommunesektorens organisasjon")
_DFD = ("932384469", "Digitaliserings- og forvaltningsdepartementet")


@attrs.frozen
class Who:
    """Somebody in the walk: their roles, and the organisation they act for (or a municipality's number)."""

    roles: tuple[str, ...] = ()
    number: str = ""
    organisation: tuple[str, str] = ("", "")
    services: tuple[str, ...] = ("*",)


#: Everybody in the walk. A citizen is a sample: `make` returns the national number as `citizen` or `citizen:<name>`.
WHO: Mapping[str, Who] = {
    "nobody": Who(),
    "citizen": Who(("citizen",)),
    "citizen with a draft": Who(("citizen",)),
    "employee without a unit": Who(("employee",)),
    "caseworker": Who(("municipality_caseworker",), TRONDHEIM),
    "leader": Who(("municipality_caseworker", "municipality_leader"), TRONDHEIM),
    "counter": Who(("counter",), TRONDHEIM),
    "cleared at the agency": Who(("protected_caseworker",), organisation=_HUSBANKEN),
    "agency": Who(("agency_caseworker",), organisation=_HUSBANKEN),
    "agency leader": Who(("agency_caseworker", "agency_leader"), organisation=_HUSBANKEN),
    "outside": Who(
        ("municipality_caseworker", "municipality_leader", "counter"),
        TRONDHEIM,
        services=("barnehage",),
    ),
    "outside at the agency": Who(
        ("agency_caseworker", "agency_leader", "protected_caseworker"),
        organisation=_HUSBANKEN,
        services=("startlan",),
    ),
    "owner": Who(("initiative_owner",), organisation=_HUSBANKEN),
    "KS": Who(("ks_coordinator",), organisation=_KS),
    "municipal lead": Who(("municipal_lead",), TRONDHEIM),
    "ministry": Who(("ministry",), organisation=_DFD),
    "secretariat": Who(("secretariat",), organisation=_DIGDIR),
}


@attrs.frozen
class Sample:
    """A name of something that `make` has made."""

    name: str


@attrs.frozen
class Visit:
    """One page as one person is shown it."""

    who: str
    values: Mapping[str, str | Sample]
    query: str = ""
    status: int = 200


def sample(name: str) -> Sample:
    """Name something that `make` makes."""
    return Sample(name)


def page(*who: str, query: str = "", status: int = 200, **values: str | Sample) -> list[Visit]:
    """Give one visit for each person."""
    unknown = set(who) - set(WHO)
    assert not unknown, f"nobody is called {sorted(unknown)}; see WHO in {__file__}"
    return [Visit(one, values, query, status) for one in who]


def modules() -> list[ModuleType]:
    """Give every room's module."""
    return [
        importlib.import_module(f"{__name__}.{found.name}")
        for found in pkgutil.iter_modules(__path__)
    ]


def all_pages() -> dict[str, list[Visit]]:
    """Give every visit by the name of its route."""
    found: dict[str, list[Visit]] = {}
    for module in modules():
        for route, visits in module.PAGES.items():
            found.setdefault(route, []).extend(visits)
    return found


def no_pages() -> dict[str, str]:
    """Give every route that is no page, with what it is instead."""
    return {route: what for module in modules() for route, what in module.NO_PAGE.items()}


def make(stage: Any) -> dict[str, str]:
    """Make every sample, and log everybody in: `session:<who>` is the cookie's value."""
    made: dict[str, str] = {}
    for module in modules():
        if hasattr(module, "make"):
            made |= module.make(stage)
    for name, who in WHO.items():
        if who.roles == ("citizen",):
            made[f"session:{name}"] = stage.session(stage.citizen(made[name]))
        elif who.roles:
            actor = stage.employee(
                *who.roles, number=who.number, org_no=who.organisation[0], services=who.services
            )
            title = who.organisation[1] or "Trondheim kommune"
            made[f"session:{name}"] = stage.session(actor, title)
    return made
