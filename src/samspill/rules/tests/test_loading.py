"""A rule book that is wrong is refused whole, with file, line, name and remedy."""

import datetime as dt

import pytest

from samspill import rules
from samspill.rules.tests.toy import INPUTS, PARAMETERS, RULES, a_book, faults_of


def one(found, key):
    matching = [fault for fault in found if fault.key == key]
    assert matching, found
    fault = matching[0]
    assert fault.line > 0
    assert fault.file in {"inputs.py", "rules.py", "parameters.yaml"}
    assert fault.message
    assert fault.remedy
    return fault


def line_of(text, part):
    return next(n for n, line in enumerate(text.splitlines(), 1) if part in line)


def test_loads_and_says_when_something_changes():
    book = a_book()
    assert book.changes == (dt.date(2020, 1, 1), dt.date(2022, 1, 1), dt.date(2023, 7, 1))
    assert book.version == "7"
    assert book.on(dt.date(2022, 5, 1)) is book.on(dt.date(2023, 6, 30))
    assert book.on(dt.date(2023, 6, 30)) is not book.on(dt.date(2023, 7, 1))


def test_hash_follows_every_file():
    assert a_book().hash == a_book().hash
    other = PARAMETERS.replace("value: 333", "value: 334")
    assert a_book().hash != a_book(parameters=other).hash


@pytest.mark.parametrize(("day", "code"), [((2019, 12, 31), "before"), ((2030, 1, 1), "after")])
def test_refuses_dates_outside_with_the_reason(day, code):
    with pytest.raises(rules.DateNotCovered) as caught:
        a_book().on(dt.date(*day))
    assert code in caught.value.code
    assert set(caught.value.reason) == {"nb", "nn", "en"}


def test_refuses_missing_input_and_guesses_the_name():
    broken = RULES.replace("def cost(tenure: str, rent: float", "def cost(tenure: str, rnt: float")
    broken = broken.replace("        return rent\n", "        return rnt\n")
    fault = one(faults_of(rules=broken), "cost")
    assert "'rnt'" in fault.message
    assert "'rent'" in fault.remedy
    assert fault.line == line_of(broken, "def cost(")


def test_refuses_cycle_and_shows_the_circle():
    broken = RULES.replace("def income(pay: float,", "def income(pay: float, support: float,")
    fault = one(faults_of(rules=broken), "income")
    assert "circle" in fault.message
    assert "support → share → income" in fault.message or "income → support" in fault.message


def test_refuses_two_rules_on_the_same_date():
    broken = RULES.replace('start="2023-07"', 'start="2023-06"')
    fault = one(faults_of(rules=broken), "share")
    assert "2023-06-01" in fault.message


def test_refuses_a_date_without_a_rule():
    broken = RULES.replace('start="2023-07"', 'start="2023-09"')
    fault = one(faults_of(rules=broken), "support")
    assert "'share'" in fault.message
    assert "2023-07-01" in fault.message


def test_refuses_a_gap_in_a_parameter():
    broken = PARAMETERS.replace(
        "caps:\n  - {from: 2019-01-01,", "caps:\n  - {from: 2019-01-01, to: 2021-10-31,"
    )
    fault = one(faults_of(parameters=broken), "cap")
    assert "gap" in fault.message
    assert "2021-11-01" in fault.message


def test_refuses_overlapping_values():
    broken = PARAMETERS.replace(
        "caps:\n  - {from: 2019-01-01,", "caps:\n  - {from: 2019-01-01, to: 2022-03-31,"
    )
    fault = one(faults_of(parameters=broken), "caps")
    assert "overlaps" in fault.message
    assert fault.line == line_of(broken, "from: 2022-01-01")


def test_refuses_an_unverified_value_in_use():
    broken = PARAMETERS.replace("status: derived", "status: unverified")
    assert "unverified" in one(faults_of(parameters=broken), "cap").message


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("unit: kr/md, status: verbatim, source: ACT}", "unit: kr/år, status: verbatim, source: ACT}", "income"),
        ("more: 1/person", 'more: "1"', "weight"),
    ],
)  # fmt: skip
def test_refuses_units_that_clash_in_a_formula(old, new, rule):
    assert "units clash" in one(faults_of(parameters=PARAMETERS.replace(old, new)), rule).message


def test_refuses_a_result_in_another_unit_than_promised():
    broken = RULES.replace(
        'unit="kr/md", law=ACT, nb="Kostnad', 'unit="kr/år", law=ACT, nb="Kostnad'
    )
    assert "says kr/år" in one(faults_of(rules=broken), "cost").message


def test_refuses_a_flag_in_arithmetic():
    broken = RULES.replace("return pay + sum", "return pay + alone * pay + sum")
    broken = broken.replace("def income(pay: float,", "def income(pay: float, alone: bool,")
    assert "ja/nei" in one(faults_of(rules=broken), "income").message


def test_refuses_a_code_that_is_not_listed():
    broken = RULES.replace('options=("YES", "NO", "POOR")', 'options=("YES", "NO")')
    assert "POOR" in one(faults_of(rules=broken), "code").message


def test_refuses_a_table_asked_for_a_key_that_another_table_gives_and_it_lacks():
    """A municipality in a group for which there is no rate would else stop the month's run with a KeyError."""
    strict = RULES.replace("zone_extra.get(zone[place], 0)", "zone_extra[zone[place]]")
    fault = one(faults_of(rules=strict), "cap")
    assert "zone_extra for 3, which it does not have" in fault.message
    assert fault.line == line_of(strict, "zone_extra[zone")
    through = strict.replace("zone_extra[zone[place]]", "zone_extra[area]").replace(
        "def cap(people: int, place: str,", "def cap(people: int, area: int,"
    )
    through = through.replace("zone: dict[str, int], zone_extra", "zone_extra")
    through += """
@rule(unit="kode", law=ACT, options=("1", "2", "3"), nb="Sone", nn="Sone", en="Zone")
def area(place: str, zone: dict[str, int]) -> int:
    return zone[place]
"""
    assert "zone_extra for 3" in one(faults_of(rules=through), "cap").message


def test_refuses_a_parameter_field_that_is_not_there():
    broken = RULES.replace("weights.more", "weights.mor")
    assert "weights.mor" in one(faults_of(rules=broken), "weight").message


@pytest.mark.parametrize(
    "line",
    [
        "    for part in extra: pass",
        "    return __import__('os').getcwd()",
        "    return open('x').read()",
        "    return [pay]",
        "    return (lambda: pay)()",
        "    return pay ** 2",
        "    while pay: pass",
        "    return unknown_name",
        "    return pay.real()",
    ],
)
def test_refuses_what_is_not_plain_arithmetic(line):
    broken = RULES.replace("    return pay + sum", f"{line}\n    return pay + sum")
    fault = one(faults_of(rules=broken), "income")
    assert fault.line == line_of(broken, line.strip())


@pytest.mark.parametrize(
    "text", ["import os", "print('x')", "class A: pass", "x = open('y')", "def helper(): return 1"]
)
def test_refuses_code_outside_rules(text):
    found = faults_of(rules=RULES + "\n" + text + "\n")
    assert [fault.line for fault in found] == [len(RULES.splitlines()) + 2]


def test_never_runs_the_package(tmp_path):
    mark = tmp_path / "ran"
    faults_of(rules=RULES + f"\nopen({str(mark)!r}, 'w')\n")
    assert not mark.exists()


def test_refuses_a_path_without_a_value():
    broken = RULES.replace("    total += loan / 2\n    return total\n", "    total += loan / 2\n")
    assert "without a value" in one(faults_of(rules=broken), "cost").message


def test_refuses_a_rule_without_statute_or_language():
    assert (
        "statute"
        in one(
            faults_of(rules=RULES.replace('law=ACT, nb="Vekt', 'law="", nb="Vekt')), "weight"
        ).message
    )
    broken = RULES.replace('nn="Vekt: folk", ', "")
    assert "nn" in one(faults_of(rules=broken), "weight").message


def test_refuses_broken_python_and_yaml_and_lists_both():
    found = faults_of(rules="def (", parameters="a: [")
    assert {fault.file for fault in found} == {"rules.py", "parameters.yaml"}


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("free: [{from: 2019-01-01, value", "free: [{value", "from"),
        ("free: [{from: 2019-01-01,", "free: [{from: yesterday,", "date"),
        ("value: 100, unit", "value: abc, unit", "text"),
        ("value: 100, unit", "value: .nan, unit", "finite"),
        ("value: 100, unit", "value: true, unit", "number"),
        ("value: 100, unit", "vlaue: 100, unit", "value"),
        ("value: 100, unit", "value: 100, extra: 1, unit", "extra"),
        ("status: verbatim, source: ACT", "status: guess, source: ACT", "guess"),
        ("status: verbatim, source: ACT", "status: verbatim, source: BOOK", "BOOK"),
        ('unit: {first: "1", more: 1/person}', 'unit: {first: "1"}', "unit"),
        ("free: [{from: 2019-01-01,", "free: [{from: 2019-01-01, from: 2019-02-01,", "also"),
    ],
)
def test_refuses_wrong_parameters_with_their_line(old, new, word):
    broken = PARAMETERS.replace(old, new, 1)
    assert broken != PARAMETERS
    found = faults_of(parameters=broken)
    assert any(word in fault.message for fault in found), found
    assert any(fault.line == line_of(broken, new.split("\n")[0]) for fault in found), found


def test_refuses_an_input_declared_twice():
    again = INPUTS + 'given("rent", "number", unit="kr/md", nb="x", nn="x", en="x")\n'
    fault = one(faults_of(inputs=again), "inputs.py")
    assert "twice" in fault.message


def test_refuses_a_folder_without_files(tmp_path):
    with pytest.raises(rules.RuleBookError) as caught:
        rules.load(tmp_path)
    assert {error.file for error in caught.value.errors} == {"rules.py", "parameters.yaml"}
