"""Read the named cases (data/cases.yaml) and make their households.

The file is data, so that a domain person can add a case: each has a name, a municipality, one line in
three languages on what it shows, and the people with the facts that matter.
"""

from __future__ import annotations

import zlib
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from samspill.sandbox.households import Maker
from samspill.sandbox.municipalities import by_number
from samspill.sandbox.names import ADJECTIVES, NOUNS
from samspill.sandbox.people import (
    Benefit,
    Case,
    Contact,
    Dwelling,
    Household,
    Housing,
    Income,
    Loan,
    Person,
    Settlement,
    Study,
    month_index,
)

_REFERENCE = date(2026, 11, 1)
_MOVED_IN = date(2022, 3, 1)
_CASE_KEYS = {"name", "municipality", "shows", "expect", "housing", "dwelling", "people", "others"}
_PERSON_KEYS = {
    "age", "born", "incomes", "benefits", "settlement", "study", "loans", "contact", "civil", "protection",
    "status", "died", "spouse", "parents", "marks", "d_number", "earlier_d_number", "moved_in", "moved_from",
    "also_lives_with_first", "visits_first", "family", "child_of_first",
}  # fmt: skip


class CaseFileError(Exception):
    """The file of cases cannot be used. Says which case and what to change."""

    def __init__(self, case: str, problem: str) -> None:
        super().__init__(f"data/cases.yaml, case '{case}': {problem}")


@cache
def case_data() -> tuple[dict[str, Any], ...]:
    """Read the file of cases."""
    text = files(__package__).joinpath("data/cases.yaml").read_text("utf-8")
    return tuple(yaml.safe_load(text))


def make_cases(maker: Maker) -> dict[str, Case]:
    """Make the household (and the other people) of every named case, in the order of the file."""
    cases: dict[str, Case] = {}
    for data in case_data():
        if data["name"] in cases:
            raise CaseFileError(data["name"], "the name is used twice; give one of them another")
        cases[data["name"]] = _make_case(maker, data)
    return cases


def _make_case(maker: Maker, data: dict[str, Any]) -> Case:
    name = data["name"]
    unknown = set(data) - _CASE_KEYS
    if unknown:
        raise CaseFileError(name, f"unknown keys {sorted(unknown)}; known are {sorted(_CASE_KEYS)}")
    first = _make_household(maker, data, data, name)
    for other in data.get("others", ()):
        _make_household(maker, data, other, None, first=first)
    return Case(
        name=name,
        applicant=first.members[0],
        household=first.serial,
        shows=data["shows"],
        expect=str(data.get("expect", "")),
    )


def _make_household(
    maker: Maker,
    case: dict[str, Any],
    data: dict[str, Any],
    name: str | None,
    *,
    first: Household | None = None,
) -> Household:
    index = len(maker.households)
    number = str(data.get("municipality", case["municipality"]))
    if number not in by_number():
        raise CaseFileError(case["name"], f"there is no municipality {number} today")
    family = NOUNS[zlib.crc32(f"{maker.seed}/{case['name']}/{index}".encode()) % len(NOUNS)]
    people = [
        _make_person(maker, case["name"], person, index, number, family)
        for person in data["people"]
    ]
    _relate(maker, people, data["people"], first)
    household = maker.add_household(
        members=tuple(p.serial for p in people),
        dwelling=_dwelling(maker, number, data.get("dwelling", {})),
        housing=Housing(**data.get("housing", {})),
        case=name,
    )
    if first is not None:
        _tie_to_first(maker, people, data["people"], first)
    return household


def _dwelling(maker: Maker, number: str, facts: dict[str, Any]) -> Dwelling:
    maker.leave_building(number)
    return maker.new_dwelling(number)._replace(**facts)


def _make_person(
    maker: Maker, case: str, data: dict[str, Any], household: int, number: str, family: str
) -> Person:
    unknown = set(data) - _PERSON_KEYS
    if unknown:
        raise CaseFileError(case, f"unknown keys of a person: {sorted(unknown)}")
    born = data.get("born") or _born(maker, int(data["age"]))
    surname = data.get("family", family)
    if surname == "other":
        surname = NOUNS[zlib.crc32(f"{case}/{len(maker.persons)}".encode()) % len(NOUNS)]
    person = maker.new_person(
        born=born,
        family=surname,
        given=ADJECTIVES[
            zlib.crc32(f"{maker.seed}/{case}/{len(maker.persons)}".encode()) % len(ADJECTIVES)
        ],
        household=household,
        moved_in=data.get("moved_in", _MOVED_IN),
        moved_from=str(data.get("moved_from", "0301")),
        d_number=data.get("d_number", False),
        status=data.get("status", "bosatt"),
        civil=data.get("civil", "ugift"),
        protection=data.get("protection", "ugradert"),
        died=data.get("died"),
        incomes=_incomes(maker, data, number),
        benefits=tuple(_benefit(b) for b in data.get("benefits", ())),
        settlement=Settlement(**data["settlement"]) if "settlement" in data else None,
        study=Study(**data["study"]) if "study" in data else None,
        loans=tuple(Loan(**loan) for loan in data.get("loans", ())),
        contact=Contact(**data.get("contact", {"registered": _is_adult(born)})),
        marks=frozenset(data.get("marks", ())),
    )
    if data.get("earlier_d_number"):
        earlier = maker.new_number(born, d_number=True)
        person = maker.change(person.serial, earlier_id=earlier)
        maker.by_number[earlier] = person.serial
    return person


def _is_adult(born: date) -> bool:
    return born <= date(_REFERENCE.year - 18, _REFERENCE.month, _REFERENCE.day)


def _born(maker: Maker, age: int) -> date:
    serial = len(maker.persons)
    return date(_REFERENCE.year - age, 1 + serial * 5 % 9, 1 + serial * 11 % 28)


def _benefit(data: dict[str, Any]) -> Benefit:
    return Benefit(**{"first": date(2023, 1, 1), **data})


def _incomes(maker: Maker, data: dict[str, Any], number: str) -> tuple[Income, ...]:
    salt = len(maker.persons)
    found = []
    for income in data.get("incomes", ()):
        facts = dict(income)
        for key in ("first", "last"):
            if key in facts:
                facts[key] = month_index(str(facts[key]))
        facts.setdefault("payer", maker.payer_of(facts["kind"], number, salt))
        found.append(Income(**facts))
    return tuple(found)


def _relate(
    maker: Maker, people: list[Person], data: list[dict[str, Any]], first: Household | None
) -> None:
    for person, facts in zip(people, data, strict=True):
        if "parents" in facts:
            maker.change(person.serial, parents=tuple(people[n].serial for n in facts["parents"]))
        if "spouse" in facts:
            maker.change(person.serial, spouse=people[facts["spouse"]].serial)
        if facts.get("child_of_first") and first is not None:
            own = maker.persons[person.serial].parents
            maker.change(person.serial, parents=(*own, first.members[0]))


def _tie_to_first(
    maker: Maker, people: list[Person], data: list[dict[str, Any]], first: Household
) -> None:
    for person, facts in zip(people, data, strict=True):
        household = maker.households[first.serial]
        if facts.get("visits_first"):
            maker.change(person.serial, shared_with=first.serial)
            household = household._replace(
                visiting_children=(*household.visiting_children, person.serial)
            )
        if facts.get("also_lives_with_first"):
            household = household._replace(
                also_living_there=(*household.also_living_there, person.serial)
            )
        maker.households[first.serial] = household
