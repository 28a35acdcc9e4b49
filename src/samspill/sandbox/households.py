"""Make people and households one by one: numbers, names, dwellings, ordinary lives."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, NamedTuple

from samspill.sandbox import lives
from samspill.sandbox.municipalities import by_number
from samspill.sandbox.names import ADJECTIVES, EMPLOYER_KINDS, NOUNS, STREETS
from samspill.sandbox.numbers import make_national_id, make_org_no
from samspill.sandbox.people import Dwelling, Household, Housing, Income, Person

UNITS_PER_BUILDING = 8
EMPLOYERS = 240
NAV = "889640782"
HUSBANKEN = "942114184"
PENSION_FUND = "982583462"
KNOWN_PAYERS = {
    NAV: "Arbeids- og velferdsetaten",
    HUSBANKEN: "Husbanken",
    PENSION_FUND: "Statens pensjonskasse",
}
NO_MOVE_BEFORE = date(2012, 1, 1)
_STAYED_IN_MUNICIPALITY = 0.7


class _Place(NamedTuple):
    """Where and since when the people of a household are registered."""

    household: int
    moved_in: date
    moved_from: str


def _employers() -> dict[str, str]:
    return {
        make_org_no(n): f"{ADJECTIVES[n * 7 % len(ADJECTIVES)]} {NOUNS[n * 11 % len(NOUNS)]} "
        f"{EMPLOYER_KINDS[n % len(EMPLOYER_KINDS)]} AS"
        for n in range(EMPLOYERS)
    }


class Maker:
    """Holds what has been made so far, and makes the next person or household."""

    def __init__(self, seed: int, *, reserved: Iterable[str] = ()) -> None:
        self.seed = seed
        self._taken = set(reserved)
        self.persons: list[Person] = []
        self.households: list[Household] = []
        self.by_number: dict[str, int] = {}
        self.employers = _employers()
        self._employer_nos = tuple(self.employers)
        self._buildings: dict[str, int] = {}

    # -- people ---------------------------------------------------------------------------------

    def new_number(self, born: date, *, d_number: bool = False) -> str:
        """Make an identity number that nobody has yet."""
        salt = zlib.crc32(f"{self.seed}/{len(self.persons)}".encode())
        return make_national_id(born, salt=salt, used=self._taken, d_number=d_number)

    def new_person(
        self,
        *,
        born: date,
        family: str,
        household: int,
        moved_in: date,
        d_number: bool = False,
        given: str = "",
        **facts: Any,
    ) -> Person:
        """Add a person and give it back."""
        index = len(self.persons)
        national_id = self.new_number(born, d_number=d_number)
        if not given:
            given = ADJECTIVES[zlib.crc32(national_id.encode()) % len(ADJECTIVES)]
        person = Person(
            serial=index,
            national_id=national_id,
            given=given,
            family=family,
            born=born,
            household=household,
            moved_in=max(moved_in, born),
            d_number=d_number,
            **facts,
        )
        self.persons.append(person)
        self.by_number[national_id] = index
        self._taken.add(national_id)
        return person

    def change(self, index: int, **facts: Any) -> Person:
        """Replace facts of a person made before (used while a household is put together)."""
        person = self.persons[index]._replace(**facts)
        self.persons[index] = person
        return person

    # -- dwellings ------------------------------------------------------------------------------

    def leave_building(self, municipality_no: str) -> None:
        """Let the next dwelling of a municipality lie in a building nobody lives in."""
        made = self._buildings.get(municipality_no, 0)
        self._buildings[municipality_no] = -(-made // UNITS_PER_BUILDING) * UNITS_PER_BUILDING

    def new_dwelling(self, municipality_no: str, **facts: Any) -> Dwelling:
        """Give the next free unit of a municipality, eight to a building."""
        serial = self._buildings.get(municipality_no, 0)
        self._buildings[municipality_no] = serial + 1
        building, unit = divmod(serial, UNITS_PER_BUILDING)
        floor, door = divmod(unit, 2)
        return Dwelling(
            municipality_no=municipality_no,
            address_id=f"{municipality_no}{building + 1:06d}",
            unit_no=f"H{floor + 1:02d}{door + 1:02d}",
            street=STREETS[(building + int(municipality_no)) % len(STREETS)],
            house_no=str(1 + building // len(STREETS) * 2 + building % 7),
            postal_code=postal_code(municipality_no),
            **facts,
        )

    def add_household(
        self, *, members: tuple[int, ...], dwelling: Dwelling, housing: Housing, **facts: Any
    ) -> Household:
        """Add a household of people made before and give it back."""
        household = Household(
            serial=len(self.households),
            members=members,
            dwelling=dwelling,
            housing=housing,
            **facts,
        )
        self.households.append(household)
        return household

    # -- payers ---------------------------------------------------------------------------------

    def payer_of(self, kind: str, municipality_no: str, salt: int) -> str:
        """Give the organisation number that pays an income of a kind."""
        if kind in lives.PAID_BY_NAV:
            return NAV
        if kind in lives.PAID_BY_MUNICIPALITY:
            return by_number()[municipality_no].org_no or self._employer_nos[0]
        if kind in lives.PAID_BY_PENSION_FUND:
            return PENSION_FUND
        return self._employer_nos[salt % EMPLOYERS]

    # -- ordinary households --------------------------------------------------------------------

    def ordinary_household(self, municipality_no: str, rng: random.Random) -> Household:
        """Make an ordinary household that might ask for housing allowance."""
        plan = lives.plan_household(rng)
        family = NOUNS[rng.randrange(len(NOUNS))]
        place = _Place(
            household=len(self.households),
            moved_in=NO_MOVE_BEFORE + timedelta(days=rng.randrange(5200)),
            moved_from=municipality_no if rng.random() < _STAYED_IN_MUNICIPALITY else "0301",
        )
        members = self._adults(plan, family, place, municipality_no, rng)
        if plan.married:
            self.change(members[0], spouse=members[1])
            self.change(members[1], spouse=members[0])
        parents = tuple(members[: 2 if plan.children_of_both else 1])
        for born in plan.children:
            child = self.new_person(
                born=born,
                family=family,
                parents=parents,
                contact=lives.NO_CONTACT,
                **place._asdict(),
            )
            members.append(child.serial)
        return self.add_household(
            members=tuple(members),
            dwelling=self.new_dwelling(municipality_no, **plan.dwelling),
            housing=plan.housing,
        )

    def _adults(
        self,
        plan: lives.HouseholdPlan,
        family: str,
        place: _Place,
        municipality_no: str,
        rng: random.Random,
    ) -> list[int]:
        members: list[int] = []
        for life in plan.adults:
            surname = family if life.same_name or not members else NOUNS[rng.randrange(len(NOUNS))]
            person = self.new_person(
                born=life.born,
                family=surname,
                civil=life.civil,
                incomes=self._incomes(life, municipality_no, rng),
                benefits=life.benefits,
                settlement=life.settlement,
                study=life.study,
                loans=life.loans,
                contact=life.contact,
                **place._asdict(),
            )
            members.append(person.serial)
        return members

    def _incomes(
        self, life: lives.Life, municipality_no: str, rng: random.Random
    ) -> tuple[Income, ...]:
        salt = rng.randrange(1 << 16)
        return tuple(
            income._replace(payer=self.payer_of(income.kind, municipality_no, salt))
            for income in life.incomes
        )


def postal_code(municipality_no: str) -> str:
    """Give a made-up postal code that is the same for the whole municipality."""
    return f"{int(municipality_no) * 7 % 9000 + 1000:04d}"
