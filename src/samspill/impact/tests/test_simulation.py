"""The simulation: same bytes, independence, mergers, agreement with drawing every cell, and what is refused."""

import copy
import datetime as dt
import json

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samspill.impact import shipped
from samspill.impact.domain import cells, factor_model, load, moments, reductions, simulation
from samspill.impact.domain.facts import Facts
from samspill.impact.domain.introduction import introduction
from samspill.impact.domain.weights import plan
from samspill.kernel.outcome import RefusedError

SETS = shipped.assumption_sets()
COUNTRY = tuple(
    Facts(f"{1000 + n}", people, county=f"Fylke {n % 3}", centrality=str(1 + n % 6))
    for n, people in enumerate([700, 1900, 4200, 9000, 12_000, 25_000, 60_000, 300_000, 3100, 5600])
)


def a_line(**changes):
    return {"category": "yearly_cost", "driver": "inhabitants", "quantity": 10,
            "uncertainty": {"p10": 0.7, "p90": 1.7}} | changes  # fmt: skip


def a_request(*initiatives, **changes):
    items = [{"id": id_, "lines": lines} for id_, lines in initiatives]
    return {"initiatives": items, "years": [2026, 2029], "draws": 1024, "seed": 3} | changes


def answer(request, country=COUNTRY):
    return simulation.simulate_json(request, country=country, sets=SETS)


def refusal(request):
    with pytest.raises(RefusedError) as raised:
        answer(request)
    return raised.value.refused


ONE = (
    "a",
    [a_line(), a_line(category="hours_used", role="it", driver="one", elasticity=0.6, quantity=80)],
)
TWO = ("b", [a_line(quantity=3, elasticity=0.5, uncertainty={"low": 0.5, "likely": 1, "high": 2})])


def test_the_same_request_gives_the_same_bytes():
    assert json.dumps(answer(a_request(ONE, TWO))) == json.dumps(answer(a_request(ONE, TWO)))
    assert answer(a_request(ONE, seed=4))["hash"] != answer(a_request(ONE))["hash"]


def test_figures_stay_what_they_were():
    """A change of these numbers is a change of every stored assessment: raise `simulation.ENGINE` with it."""
    total = answer(a_request(ONE, TWO))["total"]
    assert {
        k: float(f"{v:.4g}") for k, v in total.items() if k in ("p10", "p50", "p85", "mean")
    } == GOLDEN


GOLDEN = {"p10": 1.074e7, "p50": 1.81e7, "p85": 2.756e7, "mean": 1.955e7}


def test_percentiles_rise():
    found = answer(a_request(ONE, TWO))
    for figure in [found["total"], *found["by_municipality"].values(), *found["by_year"].values()]:
        assert figure["p10"] <= figure["p50"] <= figure["p85"]
        assert figure["error"] >= 0


def test_one_municipalitys_people_change_no_others_draws():
    grown = tuple(
        attrs.evolve(p, inhabitants=2 * p.inhabitants) if p.number == "1003" else p for p in COUNTRY
    )
    before, after = (answer(a_request(ONE, TWO), country) for country in (COUNTRY, grown))
    for number, figure in before["by_municipality"].items():
        assert (figure == after["by_municipality"][number]) == (number != "1003")


def test_an_added_initiative_changes_no_others_figures():
    alone, both = answer(a_request(ONE)), answer(a_request(TWO, ONE))
    assert alone["by_initiative"]["a"] == both["by_initiative"]["a"]


def test_an_added_line_moves_no_others_draws():
    more = ("a", [*ONE[1], a_line(key="third", quantity=1)])
    requests = [
        simulation.read_request(a_request(i), country=COUNTRY, sets=SETS) for i in (ONE, more)
    ]
    normals = [factor_model.draw(plan(r.initiatives, r.places, r.years, r.parameters), draws=r.draws, seed=r.seed)
               for r in requests]  # fmt: skip
    assert np.array_equal(normals[0]["hours"].municipalities, normals[1]["hours"].municipalities)


def test_hours_and_kroner_are_never_added():
    found = answer(a_request(ONE))
    kroner = answer(a_request(("a", [ONE[1][0]])))
    assert found["total"]["mean"] == kroner["total"]["mean"]
    assert found["total"]["hours"]["mean"] == pytest.approx(
        80 * len(COUNTRY) * 4 * lognormal_mean(0.7, 1.7)
    )
    assert answer(a_request(("a", [ONE[1][1]])))["total"]["unit"] == "hours"


def lognormal_mean(p10, p90):
    sigma = np.log(p90 / p10) / (2 * 1.2815515655446004)
    return np.sqrt(p10 * p90) * np.exp(sigma**2 / 2)


def test_without_uncertainty_every_percentile_is_the_sum():
    found = answer(a_request(("a", [a_line(uncertainty=None, quantity=2, ramp=[0.5, 1])])))
    people = sum(p.inhabitants for p in COUNTRY)
    assert found["total"] == {"p10": 7 * people, "p50": 7 * people, "p85": 7 * people, "p90": 7 * people,
                              "mean": 7 * people, "error": 0, "unit": "NOK"}  # fmt: skip
    assert found["by_year"]["2026"]["mean"] == people


def test_the_national_spread_does_not_vanish_by_averaging():
    many = tuple(Facts(f"{n:04}", 5000) for n in range(300))
    total = answer(a_request(("a", [a_line()])), many)["total"]
    assert total["p90"] / total["p10"] == pytest.approx(1.7 / 0.7, rel=0.05)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["one", "inhabitants", "size_step"]),
            st.floats(0, 1),
            st.floats(0.1, 100),
        ),
        min_size=1,
        max_size=4,
    ),
    st.sets(st.integers(0, 9), min_size=2, max_size=2),
)
@settings(max_examples=25, deadline=None)
def test_a_merger_changes_no_linear_part_and_never_raises_the_total(lines, pair):
    """Costs with elasticity up to 1 are subadditive in the number of inhabitants."""
    first, second = sorted(pair)
    merged = [p for n, p in enumerate(COUNTRY) if n not in pair]
    merged.append(Facts("2000", COUNTRY[first].inhabitants + COUNTRY[second].inhabitants))
    given_ = [a_line(driver=d, elasticity=e, quantity=q) for d, e, q in lines]
    before, after = (
        answer(a_request(("a", given_), draws=64), c)["total"]["mean"]
        for c in (COUNTRY, tuple(merged))
    )
    assert after <= before * (1 + 1e-9)
    linear = a_request(("a", [a_line(elasticity=1, quantity=7)]), draws=64)
    assert answer(linear)["total"]["mean"] == pytest.approx(
        answer(linear, tuple(merged))["total"]["mean"]
    )


def peer(request, random, draws):
    """Draw every cell afresh in plain numpy; return (municipalities, draws) of the kroner."""
    asked = simulation.read_request(request, country=COUNTRY, sets=SETS)
    laid = plan(asked.initiatives, asked.places, asked.years, asked.parameters)
    block = laid.blocks["kroner"]
    total = np.zeros((len(laid.places), draws))
    shared = random.standard_normal((len(laid.initiatives), draws))
    for row, weight in zip(block.rows, block.whole, strict=True):
        z = np.sqrt(0.5) * shared[row.initiative] + np.sqrt(0.5) * random.standard_normal(draws)
        from scipy.special import ndtr

        v = np.exp(row.municipal * random.standard_normal(total.shape) - row.municipal**2 / 2)
        total += row.u.quantile(ndtr(z)) * weight[:, None] * v
    return total


def within(found, draws, figure):
    """Tell whether each percentile lies within four standard errors of the peer's."""
    ordered = np.sort(draws)
    for name, share in (("p10", 0.1), ("p50", 0.5), ("p85", 0.85)):
        away = np.sqrt(len(draws) * share * (1 - share))
        low, high = (ordered[int(len(draws) * share + way * 4 * away)] for way in (-1, 1))
        slack = 4 * found["error"]
        assert low - slack <= found[name] <= high + slack, (figure, name)


@pytest.mark.parametrize("count", [1, 3, 40])
def test_percentiles_equal_those_of_drawing_every_cell(count):
    """With few lines the cells are drawn, with many the sum is drawn as one number: both agree with the peer."""
    kinds = [
        {"p10": 0.7, "p90": 1.7},
        {"low": 0.6, "likely": 0.9, "high": 2.0},
        {"kind": "pert", "low": 0.5, "likely": 1, "high": 3},
    ]
    lines = [
        a_line(
            key=f"l{n}", quantity=5 + n, elasticity=0.6 + 0.1 * (n % 4), uncertainty=kinds[n % 3]
        )
        for n in range(count)
    ]
    request = a_request(("a", lines), draws=4096)
    found, draws = answer(request), peer(request, np.random.default_rng(5), 20_000)
    for at, place in enumerate(COUNTRY):
        within(found["by_municipality"][place.number], draws[at], place.number)
    within(found["total"], draws.sum(axis=0), "total")
    within(found["by_initiative"]["a"], draws.sum(axis=0), "initiative")


def test_the_rule_draws_cells_for_few_or_heavy_lines_only():
    def crude(lines):
        asked = simulation.read_request(a_request(("a", lines)), country=COUNTRY, sets=SETS)
        return moments.Crude(
            plan(asked.initiatives, asked.places, asked.years, asked.parameters), "kroner"
        ).places

    assert crude([a_line()]).all()
    assert not crude([a_line(key=f"l{n}") for n in range(40)]).any()
    heavy = {"p10": 0.7, "p90": 1.7, "municipal": 1.2}
    assert crude([a_line(key=f"l{n}", uncertainty=heavy) for n in range(40)]).all()


def test_cells_and_the_sum_as_one_number_have_the_same_moments():
    lines = [a_line(key=f"l{n}", elasticity=0.5) for n in range(30)]
    asked = simulation.read_request(a_request(("a", lines), draws=8192), country=COUNTRY, sets=SETS)
    laid = plan(asked.initiatives, asked.places, asked.years, asked.parameters)
    one = factor_model.draw(laid, draws=8192, seed=1)["kroner"].municipalities
    every = np.array([
        sum(row_of(laid, at, place) for at in range(30)) for place in range(3)
    ])  # fmt: skip
    assert one[:3].mean(axis=1) == pytest.approx(every.mean(axis=1), rel=0.01)
    assert one[:3].std(axis=1) == pytest.approx(every.std(axis=1), rel=0.05)


def row_of(laid, at, place):
    from samspill.impact.domain import streams

    net = streams.points(8192, 1)
    (shared,), _, rows = streams.factor_normals(net, 1, [("a", laid.factors[0])])
    z = np.sqrt(0.5) * (shared + rows[at])
    row = laid.blocks["kroner"].rows[at]
    u = factor_model.national_factors([row.u], z[None].astype(np.float32))[0]
    v = cells.municipal_factors(laid, "kroner", at, [place], 8192, 1)[0]
    return laid.blocks["kroner"].whole[at, place] * u * v


def test_the_total_is_sharper_than_plain_monte_carlo():
    lines = [a_line(key=f"l{n}", quantity=5 + n) for n in range(6)]
    found = [answer(a_request(("a", lines), seed=seed))["total"]["p90"] for seed in range(12)]
    plain = [
        np.quantile(
            peer(a_request(("a", lines)), np.random.default_rng(seed), 1024).sum(axis=0), 0.9
        )
        for seed in range(12)
    ]
    assert np.var(found) * 4 < np.var(plain)


def test_sums_by_profile_are_the_sums_by_municipality():
    """Lines that share driver and elasticity are summed first; the same plan without anything shared agrees."""
    lines = [
        a_line(key=f"l{n}", quantity=5 + n, elasticity=0.5 + 0.5 * (n % 2),
               bearer="vendor" if n % 7 == 6 else "municipality")
        for n in range(36)
    ]  # fmt: skip
    request = a_request(("a", lines[:20]), ("b", lines[20:]))
    asked = simulation.read_request(request, country=COUNTRY, sets=SETS)
    shared = plan(asked.initiatives, asked.places, asked.years, asked.parameters)
    block = shared.blocks["kroner"]
    every = {"profiles": block.whole, "profile": np.arange(36), "scale": np.ones(36)}
    alone = attrs.evolve(shared, blocks=shared.blocks | {"kroner": attrs.evolve(block, **every)})
    assert len(block.profiles) < len(COUNTRY) < len(alone.blocks["kroner"].profiles)
    one, other = (factor_model.draw(each, draws=1024, seed=3)["kroner"] for each in (shared, alone))
    assert not one.cells.all()
    for name in ("municipalities", "years", "initiatives", "bearers", "total", "control"):
        right = getattr(other, name)
        assert np.allclose(getattr(one, name), right, rtol=1e-4, atol=1e-5 * right.max()), name


def test_each_line_weighs_its_profile_times_its_scale():
    request = a_request(ONE, TWO, ("c", [a_line(), a_line(key="v", bearer="vendor")]))
    request["initiatives"][2] |= {"start": 2026, "starts": {"1007": 2028}}
    asked = simulation.read_request(request, country=COUNTRY, sets=SETS)
    for block in plan(
        asked.initiatives, asked.places, asked.years, asked.parameters
    ).blocks.values():
        assert block.scale[:, None] * block.profiles[block.profile] == pytest.approx(block.whole)


def test_municipalities_may_start_in_years_of_their_own():
    request = a_request(("a", [a_line(uncertainty=None)]))
    request["initiatives"][0] |= {"start": 2026, "starts": {"1007": 2028}}
    found = answer(request)
    assert found["by_municipality"]["1007"]["mean"] == 2 * 10 * 300_000
    assert found["by_year"]["2027"]["mean"] == 10 * (sum(p.inhabitants for p in COUNTRY) - 300_000)


def test_bearers_stand_apart():
    lines = [a_line(uncertainty=None, key="m"), a_line(uncertainty=None, key="s", bearer="agency", driver="one", quantity=500),
             a_line(uncertainty=None, key="f", bearer="county", driver="one", quantity=7)]  # fmt: skip
    found = answer(a_request(("a", lines)))
    kroner = {name: figure["mean"] for name, figure in found["by_bearer"]["kroner"].items()}
    assert kroner == {
        "municipality": 40 * sum(p.inhabitants for p in COUNTRY),
        "agency": 2000,
        "county": 4 * 3 * 7,
    }
    assert found["total"]["mean"] == sum(kroner.values())
    assert sum(f["mean"] for f in found["by_municipality"].values()) == kroner["municipality"]


def test_groups_sum_to_the_municipalities():
    found = answer(a_request(ONE, TWO))
    for group in ("county", "size", "centrality"):
        total = sum(figure["mean"] for figure in found[f"by_{group}"]["kroner"].values())
        assert total == pytest.approx(found["total"]["mean"])


def test_load_is_expected_hours_over_free_hours():
    places = [{"number": "1000", "capacity": {"it": 160}}]
    found = answer(a_request(("a", [ONE[1][1] | {"uncertainty": None}]), municipalities=places))
    assert found["load"] == {"1000": {str(year): {"it": 0.5} for year in range(2026, 2030)}}


def test_collisions_name_who_asks_for_the_hours():
    lines = [
        a_line(category="hours_used", role="it", driver="one", quantity=q, uncertainty=None)
        for q in (60, 90)
    ]
    request = a_request(
        ("a", lines[:1]),
        ("b", lines[1:]),
        municipalities=[{"number": "1000", "capacity": {"it": 100}}],
    )
    outcome = simulation.simulate(simulation.read_request(request, country=COUNTRY, sets=SETS))
    first = load.collisions(outcome.plan, outcome.load, place=0)[0]
    assert (first.share, first.colour, first.asked) == (1.5, "over", (("b", 90.0), ("a", 60.0)))
    assert [load.colour(share) for share in (0.69, 0.7, 0.99, 1.0)] == [
        "free",
        "tight",
        "tight",
        "over",
    ]


def test_the_months_of_a_collision_are_those_in_which_two_are_introduced_on_the_same_days():
    def window(*ends):
        return dt.date.fromisoformat(ends[0]), dt.date.fromisoformat(ends[1])

    windows = {
        "a": window("2026-11-01", "2027-06-10"),
        "b": window("2027-03-31", "2027-05-31"),
        "c": window("2027-06-10", "2027-09-30"),
        "d": window("2028-01-01", "2028-12-31"),
        "e": window("2027-10-01", "2027-10-31"),
    }
    found = load.together(["a", "b", "c", "d", "e", "f"], windows, 2027)
    assert found == load.Together(months=(3, 4, 5, 6), asking=6, unknown=1)
    assert load.together(["a", "c"], windows, 2027).months == (6,), "the last day of one, the first"
    assert load.together(["c", "e"], windows, 2027).months == (), "one ends before the other begins"
    assert load.together(["a", "b", "c"], windows, 2026).months == ()
    assert load.together(["a"], windows, 2027) == load.Together((), 1, 0)


WINDOWS = st.dictionaries(
    st.sampled_from("abcde"),
    st.tuples(*(2 * [st.dates(dt.date(2026, 6, 1), dt.date(2028, 6, 1))])).map(
        lambda days: (min(days), max(days))
    ),
)


@given(WINDOWS)
def test_a_month_is_named_when_and_only_when_a_day_of_it_has_two_windows(windows):
    found = load.together("abcde", windows, 2027)
    days = (dt.date(2027, 1, 1) + dt.timedelta(days=n) for n in range(365))
    crowded = {day.month for day in days if sum(a <= day <= b for a, b in windows.values()) >= 2}
    assert set(found.months) == crowded
    assert [m for a, b in load.runs(found.months) for m in range(a, b + 1)] == list(found.months)


@pytest.mark.parametrize(("hours", "alone"), [(1687.5, True), (1687.6, False), (0.0, True)])
def test_a_role_with_no_more_than_one_years_work_is_carried_by_one_person(hours, alone):
    assert load.Carried(hours, 1687.5).by_one is alone


def test_the_introduction_is_what_the_state_pays_once_and_nothing_else():
    once = {"category": "one_off_cost", "driver": "one", "bearer": "agency"}
    lines = [
        a_line(**once, key="build", quantity=90e6, ramp=[0.5, 0.5], uncertainty=None),
        a_line(**once, key="more", quantity=20e6, start=2028, uncertainty={"p10": 0.5, "p90": 2}),
        a_line(key="run", bearer="agency", driver="one", quantity=5e6, uncertainty=None),
        a_line(category="one_off_cost", key="local", quantity=1e6, uncertainty=None),
    ]
    outcome = simulation.simulate(
        simulation.read_request(a_request(("a", lines)), country=COUNTRY, sets=SETS)
    )
    found = introduction(outcome)
    assert found["years"] == 3
    assert found["cost_nok"]["p50"] == pytest.approx(110e6, rel=0.01)
    assert found["cost_nok"]["p85"] == pytest.approx(90e6 + 20e6 * 2 ** (1.0364 / 1.2816), rel=0.01)
    none = simulation.read_request(a_request(("a", lines[2:])), country=COUNTRY, sets=SETS)
    assert introduction(simulation.simulate(none)) == {"cost_nok": {"p50": 0, "p85": 0}, "years": 0}


def test_the_tornado_is_led_by_the_widest_line():
    lines = [a_line(key="narrow", uncertainty={"p10": 0.95, "p90": 1.05}), a_line(key="wide")]
    outcome = simulation.simulate(
        simulation.read_request(a_request(("a", lines)), country=COUNTRY, sets=SETS)
    )
    found = reductions.tornado(outcome.plan, "kroner")
    assert [item["line"] for item in found] == ["wide", "narrow"]
    assert found[0]["at_low"] < found[0]["expected"] < found[0]["at_high"]


def test_losers_are_counted_by_municipality_and_by_people():
    rows = reductions.losers(COUNTRY, [1.0 if p.inhabitants < 5000 else -1.0 for p in COUNTRY]).rows
    assert rows[0] == ("<2000", 2, 2, 2600, 2600)
    assert sum(lost for _, lost, *_ in rows) == 4


def test_unpriced_effects_are_listed_and_never_added():
    found = answer(
        a_request(("a", [a_line(key="trust", category="unpriced", quantity=-3, uncertainty=None)]))
    )
    assert found["unpriced"] == {"a": {"trust": -3.0}}
    assert found["total"]["mean"] == 0


def test_three_points_may_be_given_in_the_lines_own_unit():
    factors = answer(
        a_request(("a", [a_line(quantity=50, uncertainty={"low": 0.8, "likely": 1, "high": 1.6})]))
    )
    amounts = answer(a_request(("a", [a_line(quantity=50, uncertainty=[40, 50, 80])])))
    assert factors["total"]["p50"] == pytest.approx(amounts["total"]["p50"], rel=1e-5)


def changed(path, value):
    request = copy.deepcopy(a_request(ONE))
    at = request
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return request


LINE = ("initiatives", 0, "lines", 0)


@pytest.mark.parametrize(
    ("path", "value", "code", "where"),
    [
        ((*LINE, "quantity"), -1, "negative_quantity", "initiatives[0].lines[0].quantity"),
        ((*LINE, "quantity"), float("nan"), "not_finite", "initiatives[0].lines[0].quantity"),
        ((*LINE, "uncertainty"), {"p10": 2, "p90": 1}, "not_in_order", "initiatives[0].lines[0].uncertainty.p10"),
        ((*LINE, "uncertainty"), "nothing", "unknown_reference_class", "initiatives[0].lines[0].uncertainty"),
        ((*LINE, "uncertainty"), [1, 2, 3, 4], "bad_uncertainty", "initiatives[0].lines[0].uncertainty"),
        ((*LINE, "driver"), "cases", "bad_driver", "initiatives[0].lines[0].driver"),
        ((*LINE, "driver"), "cases:bostotte", "unknown_cases", "initiatives[0].lines[0].driver"),
        ((*LINE, "driver"), "vendor:Acme", "unknown_vendor", "initiatives[0].lines[0].driver"),
        ((*LINE, "colour"), 1, "unknown_key", "initiatives[0].lines[0].colour"),
        ((*LINE, "elasticity"), 1.5, "out_of_range", "initiatives[0].lines[0].elasticity"),
        (("municipalities",), ["0000"], "unknown_municipality", "municipalities[0]"),
        (("municipalities",), [301], "unknown_municipality", "municipalities[0]"),
        (("municipalities",), [{"number": "9999"}], "missing_key", "municipalities[0].inhabitants"),
        (("years",), [2030, 2026], "years_reversed", "years"),
        (("assumptions",), "1999-1", "unknown_assumptions", "assumptions"),
        (("draws",), 10**9, "out_of_range", "draws"),
        (("initiatives", 0, "id"), "half \ud800", "not_a_text", "initiatives[0].id"),
        (("initiatives", 0, "lines", 1, "unit"), "NOK", "unit_mismatch", "initiatives[0].lines[1].unit"),
    ],
)  # fmt: skip
def test_refusals_name_the_place(path, value, code, where):
    found = refusal(changed(path, value))
    assert (found.code, found.where) == (code, where)
    assert found.remedy


@pytest.mark.parametrize("draws", [64, 1024, 4096])
def test_percentiles_are_read_from_the_draws_as_if_all_were_sorted(draws):
    random = np.random.default_rng(draws)
    sums = random.lognormal(size=(5, draws)).astype(np.float32)
    sums[1].sort()  # each block lies beside the others: no window is wide enough
    sums[2] = np.round(sums[2])
    found = reductions.figures(sums, sums.mean(axis=1, dtype=float))
    right = np.quantile(sums.astype(float), [0.1, 0.5, 0.85], axis=1, method="hazen").T
    assert found.values == pytest.approx(right, rel=1e-6)
