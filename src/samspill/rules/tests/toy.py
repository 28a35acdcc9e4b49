"""A made-up country with one benefit: the engine is tested on it, so that no change of law breaks the tests."""

import math
from typing import Any

from samspill import rules

INPUTS = """
from samspill.rules import given

given("place", "key", unit="kode", nb="Sted", nn="Stad", en="Place")
given("people", "count", unit="person", default=1, low=1, high=20, nb="Folk", nn="Folk", en="People")
given("pay", "number", unit="kr/md", default=0.0, low=0, high=1000000, nb="Lønn", nn="Løn", en="Pay")
given("extra", "numbers", unit="kr/md", default=(), low=-1000, high=1000000, nb="Ekstra", nn="Ekstra", en="Extra")
given("tenure", "choice", unit="kode", default="rent", options=("rent", "own"), nb="Leie", nn="Leige", en="Tenure")
given("rent", "number", unit="kr/md", default=0.0, low=0, high=100000, nb="Leie", nn="Leige", en="Rent")
given("loan", "number", unit="kr/md", default=0.0, low=0, high=100000, nb="Lån", nn="Lån", en="Loan")
given("frail", "flag", unit="ja/nei", default=False, nb="Skrøpelig", nn="Skrøpeleg", en="Frail")
given("alone", "flag", unit="ja/nei", default=False, group="other", nb="Alene", nn="Åleine", en="Alone")
"""

RULES = '''
from math import floor
from samspill.rules import Rounding, rule, rulebook

ACT = "the act § 1"

rulebook(
    version="7",
    start="2020-01",
    end="2029-12",
    before={"nb": "For tidlig.", "nn": "For tidleg.", "en": "Too early."},
    after={"nb": "For sent.", "nn": "For seint.", "en": "Too late."},
    remedy={"nb": "Velg.", "nn": "Vel.", "en": "Choose."},
)

@rule(unit="kr/md", law=ACT, nb="Inntekt: i alt", nn="Inntekt: i alt", en="Income: in all")
def income(pay: float, extra: list[float], free: float) -> float:
    """Add what is above the free amount."""
    return pay + sum(max(0.0, part - free) for part in extra)

@rule(unit="kr/md", law=ACT, nb="Kostnad: en av to", nn="Kostnad: ein av to", en="Cost: one of two")
def cost(tenure: str, rent: float, loan: float) -> float:
    if tenure == "rent":
        return rent
    total = loan
    total += loan / 2
    return total

@rule(unit="kr/md", law=ACT, nb="Tak: etter folk", nn="Tak: etter folk", en="Cap: by people")
def cap(people: int, place: str, caps: tuple[float, ...], zone: dict[str, int], zone_extra: dict[int, float],
        frail: bool, frailty: float) -> float:
    top = caps[min(people, 3) - 1] + zone_extra.get(zone[place], 0)
    return top + (frailty if frail else 0.0)

@rule(unit="1", law=ACT, nb="Vekt: folk", nn="Vekt: folk", en="Weight: people")
def weight(people: int, weights: object) -> float:
    return weights.first + weights.more * (people - 1)

@rule(name="share", end="2023-06", unit="kr/md", law=ACT, nb="Del: trapp", nn="Del: trapp", en="Share: stairs")
def stairs(income: float, weight: float, step: object) -> float:
    x = income / weight
    if x > step.start:
        steps = 1 + floor((x - step.start) / step.size)
        if 3 < steps <= 5:
            return step.rate * steps * x + 1
        elif steps > 5:
            return step.rate * steps * x + 2
        return step.rate * steps * x
    return 0.0

@rule(name="share", start="2023-07", unit="kr/md", law=ACT, nb="Del: linje", nn="Del: linje", en="Share: line")
def line(income: float, weight: float, line_rate: float) -> float:
    return line_rate * abs(income / weight)

@rule(unit="kr/md", law=ACT, rounding=Rounding(base=10, direction="half_up", source="ACT"),
      nb="Støtte: det som er igjen", nn="Støtte: det som er att", en="Support: what is left")
def support(cost: float, cap: float, share: float) -> float:
    return max(0.0, min(cost, cap) - share)

@rule(unit="ja/nei", law=ACT, nb="Ja: stor nok", nn="Ja: stor nok", en="Yes: large enough")
def granted(support: float, smallest: float, frail: bool) -> bool:
    return support >= smallest or (frail and not support == 0)

@rule(unit="kode", law=ACT, options=("YES", "NO", "POOR"), nb="Kode: svar", nn="Kode: svar", en="Code: answer")
def code(granted: bool, income: float, smallest: float) -> str:
    if not granted:
        return "NO"
    return "POOR" if income < smallest else "YES"

@rule(unit="ja/nei", law=ACT, nb="Ensom: ja", nn="Einsam: ja", en="Lonely: yes")
def lonely(alone: bool) -> bool:
    return alone
'''

PARAMETERS = """
sources: {ACT: "The act"}
free: [{from: 2019-01-01, value: 100, unit: kr/md, status: verbatim, source: ACT}]
caps:
  - {from: 2019-01-01, value: [5000, 7000, 8000], unit: kr/md, status: verbatim, source: [ACT]}
  - {from: 2022-01-01, value: [6000, 7500, 9000], unit: kr/md, status: derived, source: [ACT]}
zone: [{from: 2019-01-01, value: {"0101": 1, "0202": 2, "0303": 3}, unit: sone, status: verbatim, source: [ACT]}]
zone_extra: [{from: 2019-01-01, value: {1: 1000, 2: 500}, unit: kr/md, status: verbatim, source: [ACT]}]
frailty: [{from: 2019-01-01, value: 333, unit: kr/md, status: verbatim, source: [ACT]}]
weights:
  - {from: 2019-01-01, value: {first: 1.0, more: 0.3}, unit: {first: "1", more: 1/person}, status: verbatim, source: [ACT]}
step:
  - {from: 2019-01-01, to: 2023-06-30, value: {start: 9000, size: 700, rate: 0.011}, unit: {start: kr/md, size: kr/md, rate: andel}, status: verbatim, source: [ACT]}
line_rate: [{from: 2023-07-01, value: 0.21, unit: andel, status: verbatim, source: [ACT]}]
smallest: [{from: 2019-01-01, value: 120, unit: kr/md, status: verbatim, source: [ACT]}]
"""


def files(**changed: str) -> dict[str, bytes]:
    """Give the files of the toy, some with other content."""
    texts = {"inputs": INPUTS, "rules": RULES, "parameters": PARAMETERS} | changed
    endings = {"inputs": "inputs.py", "rules": "rules.py", "parameters": "parameters.yaml"}
    return {endings[name]: text.encode() for name, text in texts.items()}


def a_book(**changed: str) -> rules.RuleBook:
    """Load the toy."""
    return rules.load_files(files(**changed))


def faults_of(**changed: str) -> list[rules.LoadError]:
    """Load a broken toy and give its faults."""
    try:
        a_book(**changed)
    except rules.RuleBookError as error:
        return list(error.errors)
    return []


def plainly(house: dict[str, Any], *, stairs: bool, caps: tuple[int, int, int]) -> dict[str, Any]:
    """Calculate the toy by hand."""
    income = house["pay"] + sum(max(0.0, part - 100) for part in house["extra"])
    cost = house["rent"] if house["tenure"] == "rent" else house["loan"] + house["loan"] / 2
    zone = {"0101": 1000, "0202": 500, "0303": 0}[house["place"]]
    cap = caps[min(house["people"], 3) - 1] + zone + (333 if house["frail"] else 0.0)
    x = income / (1.0 + 0.3 * (house["people"] - 1))
    share = 0.0
    if stairs and x > 9000:
        steps = 1 + math.floor((x - 9000) / 700)
        share = 0.011 * steps * x + (1 if 3 < steps <= 5 else 2 if steps > 5 else 0)
    elif not stairs:
        share = 0.21 * abs(x)
    support = math.floor(max(0.0, min(cost, cap) - share) / 10 + 0.5) * 10
    granted = support >= 120 or (house["frail"] and support != 0)
    code = ("POOR" if income < 120 else "YES") if granted else "NO"
    return {"income": income, "cap": cap, "support": support, "granted": granted, "code": code}
