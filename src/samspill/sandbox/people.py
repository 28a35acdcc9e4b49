"""The people of the sandbox as plain values: persons, households, dwellings, incomes.

Named tuples, not attrs classes: 120,000 households are made in seconds and weigh little.
Months are whole numbers, `year * 12 + month - 1`, so that they can be compared and counted.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

MONTHS_IN_YEAR = 12


def month_index(text: str) -> int:
    """Turn "2026-08" into a month number.

    Raises:
        ValueError: when the text is not a month.

    """
    year, _, month = text.partition("-")
    if len(year) != 4 or len(month) != 2 or not 1 <= int(month) <= MONTHS_IN_YEAR:  # noqa: PLR2004
        msg = f"'{text}' is not a month; write YYYY-MM, for instance 2026-08"
        raise ValueError(msg)
    return int(year) * MONTHS_IN_YEAR + int(month) - 1


def month_text(index: int) -> str:
    """Turn a month number into "2026-08".

    >>> month_text(month_index("2026-08"))
    '2026-08'
    """
    return f"{index // MONTHS_IN_YEAR:04d}-{index % MONTHS_IN_YEAR + 1:02d}"


class Income(NamedTuple):
    """One source of income: what kind, how much, who pays, from and to which month."""

    kind: str
    amount: int
    payer: str
    first: int = 0
    last: int = 99999
    pattern: str = "month"
    exact: bool = True


class Benefit(NamedTuple):
    """A decision of NAV (or the municipality) that gives a benefit."""

    kind: str
    first: date
    last: date | None = None
    young_disabled: bool = False
    permanent: bool = False
    occupational_injury: bool = False
    single: bool = False
    chapter: str = ""
    every_fortnight: bool = False


class Settlement(NamedTuple):
    """What the last tax settlement says, in whole kroner a year."""

    deposits: int = 0
    dwelling_value: int = 0
    shares: int = 0
    debt: int = 0
    interest: int = 0
    dividends: int = 0
    business: int = 0
    foreign: int = 0
    rental: int = 0


class Study(NamedTuple):
    """A right to support from Lånekassen."""

    level: str
    place: str
    first: date
    last: date
    begun: int
    has_right: bool = True


class Loan(NamedTuple):
    """A loan in Husbanken's register, in whole kroner a year."""

    kind: str
    balance: int
    interest: int
    instalments: int
    fees: int
    dwelling_share: float = 1.0


class Contact(NamedTuple):
    """What Kontakt- og reservasjonsregisteret knows."""

    registered: bool = True
    reserved: bool = False
    outdated: bool = False
    email: bool = True
    mobile: bool = True
    mailbox: bool = True
    language: str = "nb"


class Person(NamedTuple):
    """A made-up person. Other people and households are named by their serial number."""

    serial: int
    national_id: str
    given: str
    family: str
    born: date
    household: int
    moved_in: date
    moved_from: str
    status: str = "bosatt"
    civil: str = "ugift"
    protection: str = "ugradert"
    died: date | None = None
    spouse: int | None = None
    parents: tuple[int, ...] = ()
    shared_with: int | None = None
    incomes: tuple[Income, ...] = ()
    benefits: tuple[Benefit, ...] = ()
    settlement: Settlement | None = None
    study: Study | None = None
    loans: tuple[Loan, ...] = ()
    contact: Contact = Contact()
    earlier_id: str | None = None
    d_number: bool = False
    marks: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Give the full name, given name first."""
        return f"{self.given} {self.family}"

    def age_on(self, day: date) -> int:
        """Give the age in whole years on a day."""
        had_birthday = (day.month, day.day) >= (self.born.month, self.born.day)
        return day.year - self.born.year - (not had_birthday)


class Dwelling(NamedTuple):
    """A dwelling unit: its address and what Matrikkelen says of it."""

    municipality_no: str
    address_id: str
    unit_no: str
    street: str
    house_no: str
    postal_code: str
    unit_type: str = "bolig"
    building_type: str = "141"
    approved: bool = True
    institution: bool = False
    rooms: int = 2
    bath: bool = True
    toilet: bool = True
    kitchen: str = "kjoekken"
    area_m2: int = 48


class Housing(NamedTuple):
    """What the household would truly answer about its housing in an application."""

    tenure: str = "rented_private"
    rent_month: int = 0
    common_charges_month: int = 0
    heating_included: bool = True
    property_tax_year: int = 0
    adapted: bool = False
    shared_housing: bool = False


class Household(NamedTuple):
    """People registered in one dwelling; the first member is the one who would apply."""

    serial: int
    members: tuple[int, ...]
    dwelling: Dwelling
    housing: Housing
    case: str | None = None
    visiting_children: tuple[int, ...] = ()
    also_living_there: tuple[int, ...] = ()


class Case(NamedTuple):
    """A named household that shows one rule of bostøtte."""

    name: str
    applicant: int
    household: int
    shows: dict[str, str]
    expect: str
