"""Make the population: the named cases first, then ordinary households over all municipalities.

Same seed, same people. Household number n is the same whatever the number of households asked for,
so a larger population contains the smaller one.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from samspill.sandbox.households import Maker
from samspill.sandbox.municipalities import all_municipalities
from samspill.sandbox.named_cases import make_cases
from samspill.sandbox.people import Case, Household, Person
from samspill.sandbox.staff import STAFF, StaffMember

__all__ = ["REFERENCE_DAY", "STAFF", "Population", "StaffMember", "build"]

REFERENCE_DAY = date(2026, 11, 1)
_GOLDEN = 0.6180339887498949


class Hits(NamedTuple):
    """One page of a search."""

    people: list[Person]
    total: int


class Population:
    """The made-up people and households. Never changed after it is built."""

    def __init__(
        self,
        *,
        seed: int,
        persons: list[Person],
        households: list[Household],
        cases: dict[str, Case],
        by_number: dict[str, int],
        employers: dict[str, str],
    ) -> None:
        self.seed = seed
        self.persons = persons
        self.households = households
        self.cases = cases
        self.employers = employers
        self._by_number = by_number

    def person(self, national_id: str) -> Person | None:
        """Give the person with a number (also an earlier number), or None."""
        index = self._by_number.get(national_id)
        return None if index is None else self.persons[index]

    def household_of(self, national_id: str) -> Household | None:
        """Give the household where a person is registered, or None."""
        person = self.person(national_id)
        return None if person is None else self.households[person.household]

    def applicant(self, case: str) -> Person:
        """Give the person who would apply in a named case."""
        return self.persons[self.cases[case].applicant]

    def applicants(self) -> Iterator[Person]:
        """Give the first member of every household, the named cases first."""
        return (self.persons[household.members[0]] for household in self.households)

    def search(
        self, text: str = "", *, municipality_no: str = "", offset: int = 0, limit: int = 20
    ) -> Hits:
        """Find living adults by words of their name or number, and by municipality."""
        words = text.casefold().split()
        found = [
            person
            for person in self.persons
            if person.born <= date(2010, 1, 1)
            and (not municipality_no or self._municipality(person) == municipality_no)
            and all(w in person.name.casefold() or w == person.national_id for w in words)
        ]
        return Hits(found[offset : offset + limit], len(found))

    def _municipality(self, person: Person) -> str:
        return self.households[person.household].dwelling.municipality_no


def build(seed: int = 1, households: int = 3000) -> Population:
    """Make a population of so many ordinary households, and the named cases."""
    maker = Maker(seed, reserved=(member.national_id for member in STAFF))
    cases = make_cases(maker)
    numbers = _municipality_numbers(households)
    for serial, number in enumerate(numbers):
        maker.ordinary_household(number, random.Random(f"{seed}/{serial}"))  # noqa: S311
    return Population(
        seed=seed,
        persons=maker.persons,
        households=maker.households,
        cases=cases,
        by_number=maker.by_number,
        employers=maker.employers,
    )


def _municipality_numbers(households: int) -> Iterator[str]:
    """Give one household to each municipality first, the rest evenly by inhabitants."""
    everywhere = all_municipalities()
    yield from (m.number for m in everywhere[:households])
    bounds: list[int] = []
    total = 0
    for municipality in everywhere:
        total += municipality.inhabitants
        bounds.append(total)
    for serial in range(max(0, households - len(everywhere))):
        yield everywhere[bisect_right(bounds, (serial + 1) * _GOLDEN % 1.0 * total)].number
