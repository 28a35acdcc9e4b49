"""The world as it is now: the population with what has happened since the start.

Persons are immutable; a change replaces one person, so that readers need no lock. Writers take the lock.
"""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime
from hashlib import md5
from typing import Any, NamedTuple

from samspill.sandbox import incomes
from samspill.sandbox.incomes import KINDS, Payment
from samspill.sandbox.municipalities import by_number
from samspill.sandbox.people import Dwelling, Household, Person, Study, month_index
from samspill.sandbox.population import Population

FEED_STARTS = date(2026, 6, 1)
GRADES = ("ugradert", "klientadresse", "fortrolig", "strengtFortrolig")


class ChangeError(ValueError):
    """A change of a person cannot be made. Says what is wrong and what to write."""


class Stay(NamedTuple):
    """A time somebody was registered in a dwelling that they have since left."""

    household: int
    since: date
    until: date


class Resident(NamedTuple):
    """Somebody registered in a dwelling, with the day it began."""

    person: Person
    since: date
    shared_residence: bool


class Event(NamedTuple):
    """Something Folkeregisteret tells its subscribers."""

    sequence: int
    kind: str
    person: int
    at: str

    @property
    def document_id(self) -> str:
        """Give the identifier of the event document."""
        return _document_id(f"event/{self.sequence}/{self.kind}/{self.person}")

    @property
    def person_document_id(self) -> str:
        """Give the identifier of the person document after the event."""
        return _document_id(f"person/{self.sequence}/{self.person}")


def _document_id(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()


class World:
    """The population and its changes."""

    def __init__(self, population: Population) -> None:
        self.population = population
        self._lock = threading.Lock()
        self._begin()

    def _begin(self) -> None:
        self._changed: dict[int, Person] = {}
        self._left: dict[int, list[Stay]] = {}
        self._extra: list[Household] = []
        self._came: dict[int, list[int]] = {}
        self._gone: dict[int, list[int]] = {}
        self._incomes: dict[tuple[int, int], list[Payment]] = {}
        self._events = self._first_events()

    def reset(self) -> None:
        """Forget every change."""
        with self._lock:
            self._begin()

    # -- reading --------------------------------------------------------------------------------

    def person(self, national_id: str) -> Person | None:
        """Give a person as they are now, or None."""
        person = self.population.person(national_id)
        return person if person is None else self._changed.get(person.serial, person)

    def by_index(self, index: int) -> Person:
        """Give the person with an index as they are now."""
        return self._changed.get(index) or self.population.persons[index]

    def household(self, index: int) -> Household:
        """Give a household, also one made by a move."""
        known = self.population.households
        return known[index] if index < len(known) else self._extra[index - len(known)]

    def all_households(self) -> list[Household]:
        """Give every household, those made by moves last."""
        return [*self.population.households, *self._extra]

    def dwelling(self, person: Person) -> Dwelling:
        """Give the dwelling where a person is registered."""
        return self.household(person.household).dwelling

    def stays(self, person: Person) -> list[Stay]:
        """Give the dwellings a person has left since the start."""
        return self._left.get(person.serial, [])

    def residents(self, person: Person, day: date) -> tuple[Dwelling, list[Resident]]:
        """Give where a person was registered on a day, and everybody registered there then."""
        index = self._household_on(person, day)
        household = self.household(index)
        found = [
            Resident(resident, resident.moved_in, shared_residence=False)
            for resident in map(self.by_index, (*household.members, *self._came.get(index, ())))
            if resident.household == index and resident.moved_in <= day
        ]
        found += self._had_left_later(index, day)
        found += [
            Resident(child, child.moved_in, shared_residence=True)
            for child in map(self.by_index, household.visiting_children)
            if child.shared_with == index
        ]
        return household.dwelling, found

    def _household_on(self, person: Person, day: date) -> int:
        for stay in self.stays(person):
            if stay.since <= day < stay.until:
                return stay.household
        return person.household

    def _had_left_later(self, index: int, day: date) -> list[Resident]:
        return [
            Resident(self.by_index(gone), stay.since, shared_residence=False)
            for gone in self._gone.get(index, ())
            for stay in self.stays(self.by_index(gone))
            if stay.household == index and stay.since <= day < stay.until
        ]

    def payments(self, person: Person, month: int) -> list[Payment]:
        """Give what was paid to a person in a month."""
        if self._incomes:
            changed = self._incomes.get((person.serial, month))
            if changed is not None:
                return changed
        return incomes.payments(person, month)

    def events(self, sequence: int, limit: int) -> list[Event]:
        """Give the events from a sequence number on."""
        start = max(sequence, 1) - 1
        return self._events[start : start + limit]

    def last_sequence(self) -> int:
        """Give the last sequence number, 0 when there are no events."""
        return len(self._events)

    def _first_events(self) -> list[Event]:
        told: list[tuple[date, int, str]] = []
        for person in self.population.persons:
            if person.born >= FEED_STARTS:
                told.append((person.born, person.serial, "endringIFoedsel"))
            elif person.moved_in >= FEED_STARTS:
                told.append((person.moved_in, person.serial, "endringIBostedsadresse"))
            if person.died is not None and person.died >= FEED_STARTS:
                told.append((person.died, person.serial, "endringIDoedsfall"))
        return [
            Event(n, kind, index, f"{day.isoformat()}T09:26:03.689+02:00")
            for n, (day, index, kind) in enumerate(sorted(told), start=1)
        ]

    # -- changing -------------------------------------------------------------------------------

    def set_income(
        self, national_id: str, *, month: str, amount: int, description: str = "fastloenn"
    ) -> None:
        """Let the a-ordning show one amount in a month, instead of all that was there."""
        if description not in KINDS:
            msg = f"Unknown description '{description}'. Use one of: {', '.join(sorted(KINDS))}."
            raise ChangeError(msg)
        person = self._known(national_id)
        payer = person.incomes[0].payer if person.incomes else next(iter(self.population.employers))
        paid = [Payment(description, int(amount), payer)] if int(amount) else []
        with self._lock:
            self._incomes[person.serial, month_index(month)] = paid

    def set_protection(self, national_id: str, *, grade: str) -> None:
        """Give a person a grade of address protection."""
        if grade not in GRADES:
            msg = f"Unknown grade '{grade}'. Use one of: {', '.join(GRADES)}."
            raise ChangeError(msg)
        self._replace(self._known(national_id), "endringIAdressebeskyttelse", protection=grade)

    def set_death(self, national_id: str, *, day: date) -> None:
        """Let a person be registered as dead on a day."""
        self._replace(self._known(national_id), "endringIDoedsfall", died=day, status="doed")

    def set_student(
        self, national_id: str, *, first: date, last: date | None, level: str = "hoeyereUtdanning"
    ) -> None:
        """Give a person a right to support from Lånekassen."""
        end = last or date(first.year + 3, 6, 15)
        study = Study(level, "Fjellheim høgskole", first, end, first.year)
        person = self._known(national_id)
        with self._lock:
            self._changed[person.serial] = person._replace(study=study)

    def move(
        self, national_id: str, *, municipality_no: str, day: date, whole_household: bool = False
    ) -> None:
        """Register a person (or everybody in the dwelling) at a new address."""
        if municipality_no not in by_number():
            msg = f"There is no municipality '{municipality_no}' today. Write four digits, for instance 1108."
            raise ChangeError(msg)
        person = self._known(national_id)
        movers = [person]
        if whole_household:
            movers = [r.person for r in self.residents(person, day)[1] if not r.shared_residence]
        with self._lock:
            number = len(self.population.households) + len(self._extra)
            self._extra.append(
                _new_household(number, municipality_no, self.household(person.household))
            )
            for mover in movers:
                self._move_one(mover, number, day)

    def _move_one(self, mover: Person, number: int, day: date) -> None:
        old = self.household(mover.household)
        stays = [*self.stays(mover), Stay(old.serial, mover.moved_in, day)]
        self._left[mover.serial] = stays
        self._gone.setdefault(old.serial, []).append(mover.serial)
        self._came.setdefault(number, []).append(mover.serial)
        self._changed[mover.serial] = mover._replace(
            household=number, moved_in=day, moved_from=old.dwelling.municipality_no
        )
        self._tell("endringIBostedsadresse", mover.serial)

    def _replace(self, person: Person, event: str, **facts: Any) -> None:
        with self._lock:
            self._changed[person.serial] = person._replace(**facts)
            self._tell(event, person.serial)

    def _tell(self, event: str, index: int) -> None:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        self._events.append(Event(len(self._events) + 1, event, index, now))

    def _known(self, national_id: str) -> Person:
        person = self.person(national_id)
        if person is None:
            msg = "No person in the sandbox has that number. Look in /_sandbox/persons."
            raise ChangeError(msg)
        return person


def _new_household(number: int, municipality_no: str, old: Household) -> Household:
    dwelling = old.dwelling._replace(
        municipality_no=municipality_no,
        address_id=f"{municipality_no}9{number:06d}",
        unit_no="H0101",
        street="Nyveien",
        house_no=str(number % 90 + 1),
        postal_code=f"{int(municipality_no) * 7 % 9000 + 1000:04d}",
    )
    return Household(number, (), dwelling, old.housing)
