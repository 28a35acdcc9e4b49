"""What is known of a municipality: the drivers of the effect lines, and its free capacity."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from samspill.impact.domain import reading
from samspill.impact.domain.assumptions import Parameters
from samspill.impact.domain.lines import Driver
from samspill.kernel.outcome import refuse

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
else:  # numpy is read when something is computed (`kernel.later`)
    Floats = Any

#: Upper bounds (not included) of the size classes that Statistics Norway uses for municipalities.
SIZE_BOUNDS = (2000, 5000, 10_000, 20_000, 50_000, 100_000)
SIZE_CLASSES = (
    "<2000", "2000-4999", "5000-9999", "10000-19999", "20000-49999", "50000-99999", ">=100000",
)  # fmt: skip
_KEYS = frozenset({
    "number", "name", "inhabitants", "county", "centrality", "employees", "cases", "vendors", "capacity", "zone",
})  # fmt: skip
_MOST_PEOPLE = 1e8


@attrs.frozen
class Facts:
    """One municipality. What is None or absent is taken from the assumption set, and is then an assumption.

    cases: yearly cases by service. vendors: who delivers its specialist systems. capacity: free hours a year by
    role. zone: of employer's contribution.
    """

    number: str
    inhabitants: float
    name: str = ""
    county: str = ""
    centrality: str = ""
    employees: float | None = None
    cases: Mapping[str, float] = attrs.field(factory=dict)
    vendors: frozenset[str] = frozenset()
    capacity: Mapping[str, float] = attrs.field(factory=dict)
    zone: str = ""

    @property
    def size_class(self) -> str:
        """The class of the number of inhabitants."""
        return SIZE_CLASSES[size_at(self.inhabitants)]


def size_at(inhabitants: float) -> int:
    """Return the position of the size class."""
    return bisect.bisect_right(SIZE_BOUNDS, inhabitants)


def read_places(value: object, where: str, country: Sequence[Facts]) -> tuple[Facts, ...]:
    """Read `"all"`, or a list of municipality numbers and objects, in the order of their numbers.

    An object with a number of the country overlays what is known of it; another number is a municipality of
    its own and needs `inhabitants`.

    Raises:
        RefusedError: an unknown number, a number twice, a negative figure.
    """
    if value is None or value == "all":
        return tuple(country)
    known = {place.number: place for place in country}
    found: dict[str, Facts] = {}
    for at, item in enumerate(reading.rows(value, where, at_least=1, at_most=5000)):
        here = f"{where}[{at}]"
        place = (
            _given(item, here, known) if isinstance(item, Mapping) else _known(item, here, known)
        )
        if place.number in found:
            raise refuse(
                "municipality_twice",
                "Municipality %(number)s is given twice.",
                where=here,
                remedy="Give each municipality once",
                values={"number": place.number},
            )
        found[place.number] = place
    return tuple(found[number] for number in sorted(found))


def _known(number: object, where: str, known: Mapping[str, Facts]) -> Facts:
    if not isinstance(number, str) or number not in known:
        raise refuse(
            "unknown_municipality",
            "No municipality has the number %(number)s today.",
            where=where,
            remedy='Give a number of four digits in quotes, such as "0301"',
            values={"number": str(number)[:20]},
        )
    return known[number]


def _given(value: object, where: str, known: Mapping[str, Facts]) -> Facts:
    fields = reading.record(value, where, allowed=_KEYS, required=("number",))
    number = reading.text(fields["number"], f"{where}.number", most=20)
    base = known.get(number)
    if base is None:
        reading.record(value, where, allowed=_KEYS, required=("inhabitants",))
        base = Facts(number, 0.0)
    return attrs.evolve(base, **_changes(fields, where))


def _changes(fields: reading.Record, where: str) -> dict[str, Any]:
    """Read the fields of a municipality that are given."""
    readers: dict[str, Callable[[object, str], Any]] = {
        **dict.fromkeys(("inhabitants", "employees"), _people),
        **dict.fromkeys(("name", "county", "zone"), reading.text),
        **dict.fromkeys(("cases", "capacity"), read_amounts),
        "centrality": lambda value, here: str(reading.whole(value, here)),
        "vendors": _vendors,
    }
    return {
        key: read(fields[key], f"{where}.{key}")
        for key, read in readers.items()
        if fields.get(key) is not None
    }


def _people(value: object, where: str) -> float:
    return reading.number(value, where, least=0, most=_MOST_PEOPLE)


def read_amounts(value: object, where: str) -> dict[str, float]:
    """Read an object of amounts, each 0 or more."""
    if not isinstance(value, Mapping):
        raise refuse(
            "not_an_object",
            "Here an object is expected.",
            where=where,
            remedy="Write an object of names and numbers",
        )
    return {
        str(key): reading.number(item, f"{where}.{key}", least=0) for key, item in value.items()
    }


def _vendors(value: object, where: str) -> frozenset[str]:
    """Read a list of vendors, or an object of vendor by system."""
    items = list(value.values()) if isinstance(value, Mapping) else value
    given = reading.rows(items, where, at_most=1000)
    return frozenset(reading.text(item, f"{where}[{n}]") for n, item in enumerate(given))


def values_of(
    driver: Driver, places: Sequence[Facts], parameters: Parameters, where: str
) -> Floats:
    """Return (municipalities,) the driver's value in each municipality.

    Raises:
        RefusedError: no municipality has the service's cases or the vendor, and no assumption fills in.
    """
    if driver.kind == "one":
        return np.ones(len(places))
    if driver.kind == "inhabitants":
        return np.array([place.inhabitants for place in places])
    if driver.kind == "employees":
        per_head = parameters.employees_per_1000 / 1000
        return np.array([
            place.inhabitants * per_head if place.employees is None else place.employees
            for place in places
        ])  # fmt: skip
    if driver.kind == "size_step":
        return np.array([parameters.size_step(place.inhabitants) for place in places])
    if driver.kind == "cases":
        return _cases(driver.of, places, parameters, where)
    return _vendor(driver.of, places, where)


def _cases(service: str, places: Sequence[Facts], parameters: Parameters, where: str) -> Floats:
    rate = parameters.cases_per_1000.get(service)
    if rate is None and not any(service in place.cases for place in places):
        raise refuse(
            "unknown_cases",
            "Nothing is known about the number of cases of %(service)s.",
            where=where,
            remedy="Give cases for each municipality, or assumptions.cases_per_1000.%(service)s",
            values={"service": service},
        )
    assumed = (rate or 0.0) / 1000
    return np.array([place.cases.get(service, place.inhabitants * assumed) for place in places])


def _vendor(vendor: str, places: Sequence[Facts], where: str) -> Floats:
    has = np.array([float(vendor in place.vendors) for place in places])
    if not has.any():
        raise refuse(
            "unknown_vendor",
            "No municipality is known to have the vendor %(vendor)s.",
            where=where,
            remedy="Give vendors for the municipalities",
            values={"vendor": vendor},
        )
    return has


def capacity_of(place: Facts, roles: Iterable[str], parameters: Parameters) -> dict[str, float]:
    """Return the free hours a year of each role: the municipality's own, else the assumption."""
    employees = place.employees
    if employees is None:
        employees = place.inhabitants * parameters.employees_per_1000 / 1000
    free = employees * parameters.hours_per_year * parameters.free_share[size_at(place.inhabitants)]
    shares = parameters.role_shares
    return {
        role: place.capacity.get(role, free * shares.get(role, shares["other"])) for role in roles
    }
