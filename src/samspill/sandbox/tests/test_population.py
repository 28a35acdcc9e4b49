from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from samspill.kernel.ids import NationalId, is_org_no
from samspill.sandbox.incomes import KINDS, fortnight_payments, payments, settlement_document
from samspill.sandbox.municipalities import all_municipalities
from samspill.sandbox.named_cases import case_data
from samspill.sandbox.numbers import NumbersUsedUpError, make_national_id
from samspill.sandbox.people import month_index
from samspill.sandbox.population import STAFF, build

SMALL = build(seed=1, households=400)
TERM = month_index("2026-10")

# The special cases of domain/bostotte.md sections 2, 3, 5 and 10: each must be somebody.
SPECIAL = [
    "single_mother_sandnes",
    "tenant_with_wealth",
    "couple_baerum",
    "shared_residence_child",
    "other_adult_not_registered",
    "applicant_moved_after_first",
    "child_not_registered",
    "temporarily_away",
    "spouse_in_care_home",
    "child_with_wealth",
    "d_number_only",
    "spouse_with_d_number",
    "emigrated",
    "dead_applicant",
    "dead_spouse",
    "under_18_with_child",
    "under_20_income_left_out",
    "nineteen_as_main_applicant",
    "student_alone",
    "student_with_child",
    "student_on_aap",
    "pupil_begun_at_25",
    "apprentice",
    "studying_child_at_home",
    "primary_school_adult",
    "in_first_time_service",
    "holiday_home",
    "institution",
    "not_approved_basement",
    "business_premises",
    "shared_housing",
    "private_shared_flat",
    "adapted_dwelling",
    "municipal_tenant",
    "family_tenancy",
    "owner_with_loan",
    "cooperative_owner",
    "three_payments_aap",
    "three_payments_dagpenger",
    "arrears_with_refund",
    "june_arrears",
    "income_too_high",
    "self_employed",
    "foreign_pension",
    "capital_income",
    "tax_free_rental_income",
    "young_disabled",
    "occupational_injury",
    "single_pensioner",
    "pensioner_couple",
    "pensioner_with_young_disabled",
    "disabled_before_2015",
    "protected_strictly",
    "protected",
    "newly_arrived_refugee",
    "disabled_refugee",
    "reserved_against_digital",
    "with_guardian",
    "moved_this_month",
]


def test_same_seed_gives_the_same_people() -> None:
    again = build(seed=1, households=400)
    assert again.persons == SMALL.persons
    assert again.households == SMALL.households


def test_another_seed_gives_other_people() -> None:
    other = build(seed=2, households=400)
    assert (
        not {p.national_id for p in other.persons[:300]}
        & {p.national_id for p in SMALL.persons[300:]}
        or other.persons != SMALL.persons
    )


def test_a_larger_population_begins_with_the_smaller() -> None:
    larger = build(seed=1, households=900)
    assert larger.persons[: len(SMALL.persons)] == SMALL.persons


def test_every_number_is_synthetic_valid_and_had_by_one() -> None:
    numbers = [p.national_id for p in SMALL.persons] + [s.national_id for s in STAFF]
    assert len(set(numbers)) == len(numbers)
    for number in numbers:
        assert int(number[2:4]) > 80
        parsed = NationalId.parse(number, allow_synthetic=True, allow_real=False)
        assert isinstance(parsed, NationalId)


def test_numbers_run_out_with_a_plain_message() -> None:
    used: set[str] = set()

    def use_all() -> None:
        for salt in range(600):
            used.add(make_national_id(date(1990, 5, 5), salt=salt, used=used))

    with pytest.raises(NumbersUsedUpError, match="1990-05-05"):
        use_all()
    assert len(used) > 350


def test_every_municipality_has_somebody() -> None:
    found = {h.dwelling.municipality_no for h in SMALL.households}
    assert found == {m.number for m in all_municipalities()}


def test_large_municipalities_have_more_people() -> None:
    places = Counter(h.dwelling.municipality_no for h in build(seed=1, households=3000).households)
    assert places["0301"] > 200
    assert places["4601"] > places["1515"]


@pytest.mark.parametrize("name", SPECIAL)
def test_every_special_case_is_a_named_person(name: str) -> None:
    case = SMALL.cases[name]
    person = SMALL.applicant(name)
    assert SMALL.households[case.household].members[0] == person.serial
    assert set(case.shows) == {"nb", "nn", "en"}
    assert all(case.shows.values())


def test_cases_come_first_among_the_applicants() -> None:
    first = next(iter(SMALL.applicants()))
    assert first == SMALL.applicant("single_mother_sandnes")


def test_case_texts_are_one_line() -> None:
    for case in case_data():
        assert all(len(line) < 100 and "\n" not in line for line in case["shows"].values())


def test_households_and_people_point_at_each_other() -> None:
    for household in SMALL.households:
        assert household.members
        for member in household.members:
            assert SMALL.persons[member].household == household.serial
    for person in SMALL.persons:
        if person.spouse is not None:
            assert SMALL.persons[person.spouse].spouse == person.serial
        for parent in person.parents:
            assert SMALL.persons[parent].born < person.born


def test_nobody_moved_in_before_they_were_born() -> None:
    assert all(p.moved_in >= p.born for p in SMALL.persons)


def test_the_visible_example_has_its_incomes() -> None:
    paid = payments(SMALL.applicant("single_mother_sandnes"), month_index("2026-08"))
    assert [p.amount for p in paid] == [23000]


def test_aap_is_paid_three_times_in_october_2026() -> None:
    paid = payments(SMALL.applicant("three_payments_aap"), TERM)
    assert [p.kind for p in paid] == ["arbeidsavklaringspenger"] * 3


@pytest.mark.parametrize("pattern", ["fortnight_even", "fortnight_odd"])
def test_a_fortnight_gives_26_payments_a_year(pattern: str) -> None:
    months = range(month_index("2025-01"), month_index("2026-12") + 1)
    counts = [fortnight_payments(pattern, month) for month in months]
    assert set(counts) == {2, 3}
    assert 52 <= sum(counts) <= 53


def test_income_is_a_function_of_person_and_month() -> None:
    other = build(seed=1, households=400)
    months = range(month_index("2025-01"), month_index("2026-12") + 1)
    for person in SMALL.persons[:200]:
        for month in months:
            assert payments(person, month) == payments(other.persons[person.serial], month)


def test_no_income_outside_the_known_months_or_after_death() -> None:
    mother = SMALL.applicant("single_mother_sandnes")
    assert payments(mother, month_index("2024-12")) == []
    assert payments(mother, month_index("2027-01")) == []
    dead = SMALL.applicant("dead_applicant")
    assert payments(dead, month_index("2026-10"))
    assert payments(dead, month_index("2026-11")) == []


def test_income_follows_the_dates_of_a_case() -> None:
    person = SMALL.applicant("income_rises")
    before, after = (payments(person, month_index(m))[0].amount for m in ("2026-09", "2026-10"))
    assert (before, after) == (13900, 43000)


def test_every_kind_of_income_is_published_and_every_payer_exists() -> None:
    for person in SMALL.persons:
        for income in person.incomes:
            assert income.kind in KINDS
            assert is_org_no(income.payer)


def test_the_mean_household_is_near_those_who_get_support() -> None:
    totals = [
        sum(p.amount for m in h.members for p in payments(SMALL.persons[m], TERM))
        for h in SMALL.households
    ]
    assert 12_000 < sum(totals) / len(totals) < 32_000


def test_settlement_states_net_wealth() -> None:
    document = settlement_document(SMALL.applicant("tenant_with_wealth"), 2025, "oppgjoer")
    assert document is not None
    amounts = {line["tekniskNavn"]: line["beloep"] for line in document["grunnlag"]}
    assert amounts["nettoformue"] == 400_000
    assert settlement_document(SMALL.applicant("single_mother_sandnes"), 2025, "oppgjoer") is None


def test_search_finds_by_name_and_municipality() -> None:
    person = SMALL.applicant("single_mother_sandnes")
    hits = SMALL.search(person.name.upper(), municipality_no="1108")
    assert person in hits.people
    assert SMALL.search("finnesikke").total == 0


def test_staff_covers_every_kind_of_employee() -> None:
    rights_by_org: dict[str, set[str]] = {}
    for member in STAFF:
        for reportee in member.reportees:
            rights_by_org.setdefault(reportee.org_no, set()).update(reportee.rights)
    complete = [
        org for org, rights in rights_by_org.items() if {"saksbehandler", "leder"} <= rights
    ]
    assert "942114184" in complete
    assert len(complete) >= 9
    assert sorted({len(m.reportees) for m in STAFF}) == [0, 1, 2]
