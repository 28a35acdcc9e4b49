"""The rules of bostøtte against a second, independent calculation, on every term and on published figures."""

import csv
import datetime as dt
import importlib
import io
import itertools
import math
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from samspill import rules
from samspill.kernel.periods import Month
from tests.properties import bostotte_by_hand as by_hand

CALCULATOR = rules.calculator("bostotte")
FOLDER = Path(__file__).parents[2] / "src/samspill/catalogue/bostotte"
BOOK = rules.load(FOLDER)
TERMS = [str(Month(2021, 6) + n) for n in range(67)]
EXAMPLES = sorted((FOLDER / "examples/amounts").glob("*.yaml"))
NUMBERS = ["0301", "4601", "3024", "3201", "1108", "0627", "5401", "5501", "1101", "5636"]
FIGURES = ("inntekt_aar", "vektet_inntekt_aar", "boutgifter_aar", "godkjente_boutgifter_aar")
money = st.integers(0, 4_000_000).map(lambda ore: ore / 100)
yearly = st.one_of(st.just(0.0), st.integers(0, 20_000_000).map(lambda ore: ore / 100))


@st.composite
def households(draw):
    others = draw(st.integers(0, 3))
    return {
        "kommunenummer": draw(st.sampled_from(NUMBERS)),
        "andre_voksne": others,
        "barn": draw(st.integers(0, 5)),
        "inntekt_aordning_mnd": draw(money),
        "kapitalinntekt_aar": draw(st.lists(yearly, max_size=1 + others)),
        "naeringsinntekt_aar": draw(yearly),
        "utenlandsinntekt_aar": draw(yearly),
        "skattefri_leieinntekt_mnd": draw(st.sampled_from([0.0, 0.0, 1500.0])),
        "nettoformue": draw(st.integers(-300_000, 1_500_000)),
        "eieform": draw(st.sampled_from(["leie", "felleskostnader", "selveier"])),
        "ligningsverdi_bolig": draw(st.integers(0, 1_500_000)),
        "husleie_mnd": draw(st.integers(0, 2_000_000).map(lambda ore: ore / 100)),
        "felleskostnader_mnd": draw(st.integers(0, 9_000)),
        "laanekostnader_aar": draw(yearly),
        "eiendomsskatt_aar": draw(st.integers(0, 9_000)),
        "festeavgift_aar": draw(st.integers(0, 9_000)),
        "kommunale_avgifter_aar": draw(st.integers(0, 25_000)),
        "oppvarming_inkludert": draw(st.booleans()),
        "tilpasset_bolig": draw(st.booleans()),
        "ung_ufor": draw(st.booleans()),
        "enslig_alderspensjonist": draw(st.booleans()),
    }


def first_day(term):
    return Month.parse(term).first


def as_columns(policy, several):
    widest = max(1, *(len(house["kapitalinntekt_aar"]) for house in several))
    incomes = np.zeros((len(several), widest))
    for row, house in enumerate(several):
        incomes[row, : len(house["kapitalinntekt_aar"])] = house["kapitalinntekt_aar"]
    columns = {"kapitalinntekt_aar": incomes}
    forms = policy.codes("eieform")
    for name in several[0]:
        values = [house[name] for house in several]
        if name == "kommunenummer":
            columns[name] = np.array([int(value) for value in values], np.int16)
        elif name == "eieform":
            columns[name] = np.array([forms.index(value) for value in values], np.uint8)
        elif name != "kapitalinntekt_aar":
            columns[name] = np.array(values)
    return columns


@pytest.mark.parametrize("term", TERMS)
@settings(max_examples=6, deadline=None)
@given(st.lists(households(), min_size=1, max_size=12))
def test_case_population_and_hand_give_the_same_on_every_term(term, several):
    policy = BOOK.on(first_day(term))
    found = policy.vector(as_columns(policy, several))
    for row, house in enumerate(several):
        one = policy.compute(house).values
        for name, value in one.items():
            got = found[name][row]
            assert (policy.codes(name)[got] if isinstance(value, str) else got) == value, name
        exact = by_hand.calculate(house, first_day(term))
        for name in (*FIGURES, "egenandel_aar", "uavrundet_mnd"):
            assert math.isclose(one[name], exact[name], rel_tol=1e-9, abs_tol=1e-6), name
        if abs(exact["uavrundet_mnd"] % 1 - Fraction(1, 2)) > Fraction(1, 10**6):
            assert (one["kode"], one["belop_mnd"]) == (exact["kode"], exact["belop_mnd"])


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example(path):
    example = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert set(example) <= {"title", "source", "term", "input", "conditions", "expect"}
    assert example["source"]
    conditions = example.get("conditions", {})
    expected = example["expect"]
    if conditions:
        values = BOOK.on(first_day(example["term"])).compute(example["input"] | conditions).values
        values["resultat"] = "innvilget" if values["innvilget"] else "avslag"
    else:
        values = CALCULATOR.compute_json(example["term"], example["input"])
    again = by_hand.calculate(example["input"] | conditions, first_day(example["term"]))
    for name, value in expected.items():
        if isinstance(value, str) or name == "belop_mnd":
            assert values[name] == value == again[name], name
        else:
            assert abs(values[name] - value) <= 0.005, name
            assert abs(again[name] - Fraction(value)) <= Fraction(6, 1000), name


def test_there_are_examples_of_every_rate_and_special_case():
    examples = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in EXAMPLES]
    assert len(examples) >= 40
    eras = {BOOK.on(first_day(example["term"])).since for example in examples}
    policy = BOOK.on(first_day("2026-08"))
    used = {p for rule in policy.targets() for p in policy.graph.nodes[rule].parameters}
    used |= {"egenandel_trapp"}
    rates = {value.start for name in used for value in BOOK.parameters[name].values}
    assert rates & set(BOOK.changes) <= eras
    codes = {example["expect"]["kode"] for example in examples}
    assert codes == {"V00", "V48", "V09", "V05", "V11", "V04", "V02", "V03"}


@pytest.mark.parametrize(
    ("household", "weighted"),
    [({"andre_voksne": 2}, 238_095), ({"barn": 2}, 230_769)],
    ids=["three adults", "one adult and two children"],
)
def test_weighted_income_is_as_husbankens_guide_says(household, weighted):
    given_ = {"kommunenummer": "0301", "inntekt_aordning_mnd": 25_000} | household
    result = CALCULATOR.compute_json("2024-12", given_)
    assert int(result["vektet_inntekt_aar"]) == weighted


OWN_SIDE = {2022: "1.039", 2023: "1.065", 2024: "1.047", 2025: "1.027", 2026: "1.032"}
COST_SIDE = {2022: "1.015", 2023: "1.025", 2024: "1.042", 2025: "1.041", 2026: "1.036"}
ON_OWN_SIDE = [
    ("egenandel", "minste"), ("egenandel", "terskel_1"), ("egenandel", "terskel_2"),
    ("egenandel", "terskel_2_ung_ufor"), ("egenandel", "terskel_1_pensjonist"),
    ("egenandel", "terskel_2_pensjonist"), ("egenandel_trapp", "trinn"),
    ("formue_fribelop_leier", None), ("formue_fribelop_eier", None), ("kapital_fribelop", None),
]  # fmt: skip
ON_COST_SIDE = [
    *(("kostnadstak", place) for place in range(5)),
    *(("tillegg_kommunegruppe", group) for group in (1, 2, 3)),
    ("tillegg_tilpasset_bolig", None), ("driftsutgifter", None), ("oppvarming", None),
]  # fmt: skip


@pytest.mark.parametrize("year", OWN_SIDE)
@pytest.mark.parametrize(
    ("name", "part", "factors"),
    [(*rate, OWN_SIDE) for rate in ON_OWN_SIDE] + [(*rate, COST_SIDE) for rate in ON_COST_SIDE],
)
def test_rates_rise_by_the_price_adjustment_every_june(name, part, factors, year):
    before, after = (BOOK.parameters[name].on(dt.date(year, month, 1)) for month in (5, 6))
    if before is None or after is None:
        assert name == "egenandel_trapp"  # ends with June 2024
        assert year > 2024
        return
    old = before.value if part is None else before.value[part]
    new = after.value if part is None else after.value[part]
    assert abs(Fraction(old) * Fraction(factors[year]) - new) <= 1


@pytest.mark.parametrize("group", ["0301", "4601", "1108", "1101"])
@pytest.mark.parametrize(
    "more", [{}, {"ung_ufor": True}, {"enslig_alderspensjonist": True}, {"barn": 3}]
)
@pytest.mark.parametrize("term", ["2021-06", "2023-12", "2024-06", "2024-07", "2026-08"])
def test_the_limit_is_the_last_income_that_gives_a_payment(term, group, more):
    household = {"kommunenummer": group} | more
    limit = CALCULATOR.limit_json(term, household)["inntektsgrense_aar"]
    for income, granted in ((limit, True), (limit + 1, False), (limit - 50_000, True)):
        exact = by_hand.calculate(
            household | {"naeringsinntekt_aar": income, "husleie_mnd": 100_000},
            first_day(term),
        )
        assert (exact["kode"] == "V00") is granted


@pytest.mark.parametrize("form", ["leie", "felleskostnader", "selveier"])
def test_the_limit_takes_costs_at_the_cap_whatever_they_are(form):
    limits = {
        CALCULATOR.limit_json("2026-08", {"kommunenummer": "0301", "eieform": form} | costs)[
            "inntektsgrense_aar"
        ]
        for costs in ({}, {"husleie_mnd": 1}, {"laanekostnader_aar": 10, "felleskostnader_mnd": 1})
    }
    assert limits == {338_899}


def test_the_limit_refuses_incomes_and_says_none_when_wealth_is_too_high():
    with pytest.raises(rules.Problem) as caught:
        CALCULATOR.limit_json("2026-08", {"kommunenummer": "0301", "inntekt_aordning_mnd": 1})
    assert caught.value.where == "inntekt_aordning_mnd"
    rich = {"kommunenummer": "0301", "nettoformue": 9_000_000}
    assert CALCULATOR.limit_json("2026-08", rich) == {"inntektsgrense_aar": None}


def test_every_number_of_the_municipalities_has_the_group_it_ended_in():
    groups = BOOK.parameters["kommunegruppe_av_nummer"].on(dt.date(2026, 1, 1)).value
    folder = FOLDER.parents[1] / "municipalities/data"
    with (folder / "municipality_changes.csv").open(encoding="utf-8") as file:
        changes = list(csv.DictReader(file))
    with (folder / "municipalities.csv").open(encoding="utf-8") as file:
        current = [row["kommunenummer"] for row in csv.DictReader(file)]
    assert set(current) <= set(groups)
    for row in changes:
        for number in (row["gammelt_nummer"], row["nytt_nummer"]):
            ends = row["nummer_2024"].split("|")
            if row["type"] != "grensejustering":
                assert groups[number] in {groups[end] for end in ends}, number
    counts = [sum(groups[number] == group for number in current) for group in (1, 2, 3)]
    assert counts == [1, 5, 9]


def test_both_special_thresholds_give_the_better_for_the_applicant():
    policy = BOOK.on(first_day("2026-08"))
    both = {"kommunenummer": "0301", "ung_ufor": True, "enslig_alderspensjonist": True}
    values = policy.compute(both).values
    assert values["terskelvalg"] == "begge"
    assert (values["terskel_1_aar"], values["terskel_2_aar"]) == (148_275, 295_795)


@pytest.mark.parametrize(
    ("day", "item", "counts"),
    [
        ("2025-01", {"post_fjortendagers_ytelse": True, "post_utbetalinger": 3}, 12_000),
        ("2024-12", {"post_fjortendagers_ytelse": True, "post_utbetalinger": 3}, 18_000),
        ("2025-01", {"post_fjortendagers_ytelse": True, "post_utbetalinger": 2}, 18_000),
        ("2025-01", {"post_utbetalinger": 3}, 18_000),
        ("2024-10", {"post_alder": 19}, 0),
        ("2024-09", {"post_alder": 19}, 18_000),
        ("2024-10", {"post_alder": 20}, 18_000),
        ("2024-10", {"post_alder": 19, "post_hovedsoker": True}, 18_000),
        ("2022-01", {"post_alder": 17}, 0),
        ("2023-06", {"post_etterbetalt_mai_mnd": 5_000}, 13_000),
        ("2023-05", {"post_etterbetalt_mai_mnd": 5_000}, 18_000),
        ("2022-01", {"post_refusjon_mnd": 4_000}, 14_000),
    ],
)  # fmt: skip
def test_an_income_item_counts_by_the_rules_of_its_date(day, item, counts):
    given_ = {"post_belop_mnd": 18_000.0, "post_alder": 40} | item
    values = BOOK.on(first_day(day)).compute(given_, ("post_tellende_mnd",)).values
    assert values["post_tellende_mnd"] == counts


@pytest.mark.parametrize(
    ("person", "bars"),
    [
        ({"person_student": True}, True),
        ({"person_student": True, "person_barn_i_husstanden": True}, False),
        ({"person_student": True, "person_studerer_hos_foreldre": True}, False),
        ({"person_student": True, "person_unntaksytelse": True}, False),
        ({"person_student": True, "person_grunnskole": True}, False),
        ({"person_student": True, "person_alder_ved_videregaende": 25}, False),
        ({"person_student": True, "person_alder_ved_videregaende": 24}, True),
        ({"person_student": True, "person_kvalifiseringstiltak": True}, False),
        ({"person_i_tjeneste": True}, True),
        ({}, False),
    ],
)
def test_a_student_or_a_conscript_bars_the_household(person, bars):
    values = BOOK.on(first_day("2026-08")).compute(person, ("person_hindrer",)).values
    assert values["person_hindrer"] is bars


@pytest.mark.parametrize(
    ("person", "may"),
    [
        ({"person_alder": 18}, True),
        ({"person_alder": 17}, False),
        ({"person_alder": 17, "person_barn_i_husstanden": True}, True),
        ({"person_alder": 40, "person_bosatt": False}, False),
        ({"person_alder": 80, "person_i_inntektsregulert_institusjon": True}, False),
    ],
)
def test_who_can_apply(person, may):
    values = BOOK.on(first_day("2026-08")).compute(person, ("person_kan_soke",)).values
    assert values["person_kan_soke"] is may


def test_the_source_is_also_plain_python():
    plain = importlib.import_module("samspill.catalogue.bostotte.rules")
    stairs = SimpleNamespace(sats=0.0012, trinn=1283)
    assert plain.trappetrinn(267_610.0, 207_909, stairs) == 0.0012 * 47 * 267_610.0
    assert plain.rett_linje(250_000.0, 245_278, 0.6356) == 0.6356 * 4_722.0
    flags = dict.fromkeys(("andre_voksne_bosatt", "bosatt_soker", "bolig_godkjent"), True)
    flags |= dict.fromkeys(("opplysninger_mangler", "soker_doed", "over_minste_utbetaling"), False)
    assert plain.kode(**flags, noen_berettiget=True) == "V03"


def test_the_code_is_the_first_that_applies():
    """Husbanken's fixed order: whatever else is in the way, the first one is the answer."""
    plain = importlib.import_module("samspill.catalogue.bostotte.rules")
    in_the_way = (
        ("V48", "andre_voksne_bosatt", False), ("V09", "opplysninger_mangler", True),
        ("V05", "bosatt_soker", False), ("V11", "soker_doed", True), ("V04", "bolig_godkjent", False),
        ("V02", "noen_berettiget", False), ("V03", "over_minste_utbetaling", False),
    )  # fmt: skip
    for chosen in itertools.product((False, True), repeat=len(in_the_way)):
        flags = {
            name: bad if there else not bad
            for (_, name, bad), there in zip(in_the_way, chosen, strict=True)
        }
        first = (code for (code, _, _), there in zip(in_the_way, chosen, strict=True) if there)
        assert plain.kode(**flags) == next(first, "V00")


def test_the_share_that_is_covered_is_the_same_for_all():
    assert {value.value for value in BOOK.parameters["dekningsgrad"].values} == {0.737}
    home = {"kommunenummer": "0301", "inntekt_aordning_mnd": 9_000}
    as_paid = [
        {"eieform": "leie", "husleie_mnd": 6_000},
        {"eieform": "felleskostnader", "felleskostnader_mnd": 6_000},
        {"eieform": "felleskostnader", "laanekostnader_aar": 72_000},
    ]
    amounts = {CALCULATOR.compute_json("2026-08", home | paid)["belop_mnd"] for paid in as_paid}
    assert len(amounts) == 1


def test_stairs_begin_one_krone_above_the_threshold():
    policy = BOOK.on(first_day("2023-07"))
    parts = [
        policy.compute({"kommunenummer": "0301", "inntekt_aordning_mnd": x / 12}).values[
            "egenandel_ledd_2_aar"
        ]
        for x in (207_909, 207_909.5, 207_910.2, 209_192.8, 209_193.2)
    ]
    assert [part > 0 for part in parts] == [False, False, True, True, True]
    assert [round(parts[3] / 209_192.8, 6), round(parts[4] / 209_193.2, 6)] == [0.0012, 0.0024]


@pytest.mark.parametrize(
    "term", ["2021-05", "2017-01", "2027-06", "2026-13", "2026-8", "", "august"]
)
def test_terms_without_rules_are_refused_with_reason_and_remedy(term):
    with pytest.raises(rules.Problem) as caught:
        CALCULATOR.compute_json(term, {"kommunenummer": "0301"})
    error = caught.value.as_error()
    assert error["where"] == "term"
    assert all(error.values())


@pytest.mark.parametrize(
    ("household", "code", "where"),
    [
        ({}, "missing", "kommunenummer"),
        ({"kommunenummer": "0301", "pensjonist_i_husstand": True}, "unknown_key", "pensjonist_i_husstand"),
        ({"kommunenummer": "9999"}, "unknown_code", "kommunenummer"),
        ({"kommunenummer": "301"}, "unknown_code", "kommunenummer"),
        ({"kommunenummer": 301}, "wrong_type", "kommunenummer"),
        ({"kommunenummer": "0301", "husleie_mnd": -1}, "too_low", "husleie_mnd"),
        ({"kommunenummer": "0301", "husleie_mnd": math.nan}, "not_finite", "husleie_mnd"),
        ({"kommunenummer": "0301", "husleie_mnd": None}, "wrong_type", "husleie_mnd"),
        ({"kommunenummer": "0301", "barn": 1.5}, "wrong_type", "barn"),
        ({"kommunenummer": "0301", "kapitalinntekt_aar": [1, 2]}, "too_many_incomes", "kapitalinntekt_aar"),
        ({"kommunenummer": "0301", "kapitalinntekt_aar": 5}, "wrong_type", "kapitalinntekt_aar"),
        ({"kommunenummer": "0301", "eieform": "eid"}, "unknown_code", "eieform"),
        ([], "wrong_type", "input"),
        ("0301", "wrong_type", "input"),
    ],
)  # fmt: skip
def test_wrong_input_is_refused_with_place_and_remedy(household, code, where):
    with pytest.raises(rules.Problem) as caught:
        CALCULATOR.compute_json("2026-08", household)
    error = caught.value.as_error()
    assert (error["code"], error["where"]) == (code, where)
    assert error["message"]
    assert error["remedy"]


def test_debt_is_not_wrong_input():
    result = CALCULATOR.compute_json("2026-08", {"kommunenummer": "0301", "nettoformue": -500_000})
    assert result["inntekt_aar"] == 0


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_the_explanation_has_every_step_in_words(language):
    given_ = {
        "kommunenummer": "1108",
        "barn": 2,
        "inntekt_aordning_mnd": 23_000,
        "husleie_mnd": 14_500,
    }
    result = CALCULATOR.compute_json("2026-08", given_, explain=True, language=language)
    for step in result["forklaring"]:
        assert list(step) == ["navn", "verdi", "enhet", "formel", "inn", "hjemmel"]
        assert step["formel"]
        assert step["hjemmel"]
    values = {step["navn"]: step["verdi"] for step in result["forklaring"]}
    assert values["belop_mnd"] == result["belop_mnd"] == 6130
    assert round(values["vekt"], 2) == 1.30


def test_a_table_gives_the_same_as_one_by_one():
    several = [
        {"kommunenummer": "1108", "barn": 2, "inntekt_aordning_mnd": 23_000, "husleie_mnd": 14_500},
        {"kommunenummer": "0301", "andre_voksne": 1, "kapitalinntekt_aar": [9_000, 12_000.5],
         "eieform": "felleskostnader", "felleskostnader_mnd": 5_000, "oppvarming_inkludert": False},
        {"kommunenummer": "3024", "inntekt_aordning_mnd": 90_000},
    ]  # fmt: skip
    columns = sorted({name for household in several for name in household})
    source = io.StringIO()
    writer = csv.writer(source)
    writer.writerow(["id", *columns])
    for number, household in enumerate(several):
        cells = [household.get(name, "") for name in columns]
        writer.writerow(
            [number, *(";".join(map(str, c)) if isinstance(c, list) else c for c in cells)]
        )
    source.seek(0)
    target = io.StringIO()
    assert CALCULATOR.compute_csv("2026-08", source, target) == 3
    target.seek(0)
    for household, row in zip(several, csv.DictReader(target), strict=True):
        one = CALCULATOR.compute_json("2026-08", household)
        assert (row["resultat"], row["kode"]) == (one["resultat"], one["kode"])
        for name in (*FIGURES, "belop_mnd", "egenandel_aar", "uavrundet_mnd"):
            assert float(row[name]) == one[name]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "line 1"),
        ("barn\n1\n", "line 1"),
        ("kommunenummer,foo\n0301,1\n", "line 1"),
        ("kommunenummer,barn,barn\n0301,1,1\n", "line 1"),
        ("kommunenummer,barn\n0301\n", "line 2"),
        ("kommunenummer,barn\n0301,1\n0301,x\n", "line 3, barn"),
        ("kommunenummer,barn\n0301,-1\n", "line 2, barn"),
        ("kommunenummer,husleie_mnd\n0301,nan\n", "line 2, husleie_mnd"),
        ("kommunenummer\n9999\n", "line 2, kommunenummer"),
        ("kommunenummer,eieform\n0301,eie\n", "line 2, eieform"),
        ("kommunenummer,tilpasset_bolig\n0301,kanskje\n", "line 2, tilpasset_bolig"),
        ("kommunenummer,kapitalinntekt_aar\n0301,1;2\n", "line 2, kapitalinntekt_aar"),
    ],
)
def test_a_wrong_table_is_refused_with_its_line(text, where):
    with pytest.raises(rules.Problem) as caught:
        CALCULATOR.compute_csv("2026-08", io.StringIO(text), io.StringIO())
    assert caught.value.where == where
    assert caught.value.remedy


@pytest.mark.parametrize("name", ["startlan", "../bostotte", "bostotte.rules", ""])
def test_unknown_package_is_refused(name):
    with pytest.raises(rules.Problem):
        rules.calculator(name)
