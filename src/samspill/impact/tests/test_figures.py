"""Present value, distributions, learning: against independent calculation, and what is refused."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from samspill.impact.domain import distributions, learning, present_value
from samspill.kernel.outcome import RefusedError

EIGHT = {"y": [28, 8, -3, 7, -1, 1, 18, 12], "sigma": [15, 10, 16, 11, 9, 11, 10, 18]}


def refusal(call, *values):
    with pytest.raises(RefusedError) as raised:
        call(*values)
    return raised.value.refused


# ── present value ────────────────────────────────────────────────────────────────────────────


def test_norwegian_rates_fall_after_40_and_75_years():
    answer = present_value.npv(
        {"base_year": 2026, "cashflow": [{"year": 2026 + 100, "amount": 1.0}]}
    )
    by_hand = 1.04**-40 * 1.03**-35 * 1.02**-25
    assert answer["npv"] == pytest.approx(by_hand, rel=1e-12)
    assert answer["factors"]["2026"] == 1
    assert answer["factors"]["2027"] == pytest.approx(1 / 1.04)


def test_overlapping_rows_add_and_both_ends_count():
    rows = [
        {"years": [2026, 2028], "amount": 10},
        {"years": [2028, 2029], "amount": 5},
        {"year": 2028, "amount": 1},
    ]
    answer = present_value.npv(
        {"base_year": 2026, "rate_steps": [{"from": 2026, "rate": 0}], "cashflow": rows}
    )
    assert answer["npv"] == 30 + 10 + 1


def test_tax_cost_has_the_sign_of_the_public_flow_and_stands_outside_the_present_value():
    answer = present_value.npv({
        "base_year": 2026, "cashflow": [{"year": 2027, "amount": 104}],
        "public_net": [{"year": 2026, "amount": -100}, {"year": 2027, "amount": 52}],
    })  # fmt: skip
    assert answer["tax_cost"] == {"2026": -20.0, "2027": pytest.approx(10.4)}
    assert answer["npv"] == pytest.approx(100)
    assert answer["tax_cost_npv"] == pytest.approx(-10)
    assert answer["npv_with_tax_cost"] == pytest.approx(90)


def test_a_step_may_be_counted_from_the_base_year():
    flow = [{"years": [2026, 2120], "amount": 1.0}]
    counted = [{"from": 1, "rate": 0.04}, {"from": 41, "rate": 0.03}, {"from": 76, "rate": 0.02}]
    dated = [{"from": 2025 + step["from"], "rate": step["rate"]} for step in counted]
    asked = {"base_year": 2025, "cashflow": flow}
    answers = [
        present_value.npv({**asked, **given})
        for given in ({}, {"rate_steps": counted}, {"rate_steps": dated})
    ]
    assert answers[0] == answers[1] == answers[2]


@given(st.lists(st.tuples(st.integers(2020, 2090), st.floats(-1e9, 1e9)), min_size=1, max_size=8))
def test_present_value_is_the_sum_of_its_rows(rows):
    def npv(chosen):
        flow = [{"year": year, "amount": amount} for year, amount in chosen]
        return present_value.npv({"base_year": 2026, "cashflow": flow,
                                  "rate_steps": [{"from": 2000, "rate": 0.04}]})["npv"]  # fmt: skip

    assert npv(rows) == pytest.approx(sum(npv([row]) for row in rows), rel=1e-9, abs=1e-3)


@pytest.mark.parametrize(
    ("request_", "code", "where"),
    [
        ({"base_year": 2026, "cashflow": [{"amount": 1}]}, "years_or_year", "cashflow[0]"),
        ({"base_year": 2026, "cashflow": [{"years": [2030, 2026], "amount": 1}]}, "years_reversed", "cashflow[0].years"),
        ({"base_year": 2026, "cashflow": [{"year": 2026, "amount": float("nan")}]}, "not_finite", "cashflow[0].amount"),
        ({"base_year": 2026, "cashflow": [{"year": 99999, "amount": 1}]}, "too_many_years", "cashflow[0]"),
        ({"base_year": 2026, "cashflow": [], "tax_rate": 1}, "unknown_key", "input.tax_rate"),
        ({"base_year": 2026, "cashflow": [{"year": 2027, "amount": 1}], "rate_steps": [{"from": 2030, "rate": 0.04}]}, "no_rate", "rate_steps"),
        ({"base_year": True, "cashflow": []}, "not_a_number", "base_year"),
        ([], "not_an_object", "input"),
    ],
)  # fmt: skip
def test_present_value_says_where_it_cannot_read(request_, code, where):
    found = refusal(present_value.npv, request_)
    assert (found.code, found.where) == (code, where)
    assert found.remedy


# ── distributions ────────────────────────────────────────────────────────────────────────────


@given(
    st.tuples(st.floats(-50, 50), st.floats(0, 50), st.floats(0.1, 50)),
    st.sampled_from(["triangular", "pert"]),
)
@settings(max_examples=60)
def test_three_points_have_the_moments_and_quantiles_of_the_literature(points, kind):
    low, mode, high = points[0], points[0] + points[1], points[0] + points[1] + points[2]
    answer = distributions.distribution({"kind": kind, "low": low, "mode": mode, "high": high})
    width, at = high - low, (mode - low) / (high - low)
    law = (
        stats.triang(at, low, width)
        if kind == "triangular"
        else stats.beta(1 + 4 * at, 5 - 4 * at, low, width)
    )
    assert answer["mean"] == pytest.approx(law.mean(), abs=1e-9)
    assert answer["sd"] == pytest.approx(law.std(), rel=1e-6)
    for name, share in (("p10", 0.1), ("p50", 0.5), ("p85", 0.85), ("p90", 0.9)):
        assert answer[name] == pytest.approx(law.ppf(share), abs=1e-6 * width)


@given(st.floats(0.01, 100), st.floats(1, 20))
def test_lognormal_has_the_percentiles_it_was_given(p10, ratio):
    answer = distributions.distribution({"kind": "lognormal", "p10": p10, "p90": p10 * ratio})
    assert answer["p10"] == pytest.approx(p10)
    assert answer["p90"] == pytest.approx(p10 * ratio)
    assert answer["p10"] <= answer["p50"] <= answer["p85"] <= answer["p90"]


@given(st.floats(0, 1), st.floats(0.01, 1e6), st.sampled_from(["triangular", "pert"]))
@settings(max_examples=60)
def test_ends_may_be_percentiles(at, width, kind):
    answer = distributions.distribution(
        {"kind": kind, "low": 0, "mode": at * width, "high": width, "ends": "p10_p90"}
    )
    assert answer["p10"] == pytest.approx(0, abs=1e-6 * width)
    assert answer["p90"] == pytest.approx(width, rel=1e-6)


def test_a_number_without_spread_is_itself():
    answer = distributions.distribution({"kind": "pert", "low": 3, "mode": 3, "high": 3})
    assert answer == {"mean": 3, "sd": 0, "p10": 3, "p50": 3, "p85": 3, "p90": 3}


@pytest.mark.parametrize(
    ("given_", "code", "where"),
    [
        ({"kind": "lognormal", "low": 1, "mode": 1, "high": 2}, "key_of_another_kind", "input.low"),
        ({"kind": "lognormal", "p10": 2, "p90": 1}, "not_in_order", "input.p10"),
        ({"kind": "lognormal", "p10": 0, "p90": 1}, "not_positive", "input.p10"),
        ({"kind": "lognormal", "p10": 1e-300, "p90": 1}, "too_wide", "input.p10"),
        ({"kind": "triangular", "low": 1, "mode": 0, "high": 2}, "not_in_order", "input.low"),
        ({"kind": "normal", "low": 1}, "unknown_choice", "input.kind"),
        ({"kind": "pert", "low": 1, "mode": 2}, "missing_key", "input.high"),
    ],
)
def test_distributions_refuse_what_does_not_belong(given_, code, where):
    found = refusal(distributions.distribution, given_)
    assert (found.code, found.where) == (code, where)


# ── learning ─────────────────────────────────────────────────────────────────────────────────


def dense(y, sigma, mu_sd=None, tau_scale=None):
    """Posterior means by two-dimensional integration on a dense grid, written without the conditional formulas."""
    y, sigma = np.array(y, float), np.array(sigma, float)
    tau = np.linspace(0, 1, 1200, endpoint=False)[1:]
    tau, jacobian = 12 * tau / (1 - tau), 12 / (1 - tau) ** 2
    mu = np.linspace(-120, 140, 1301)
    grid_tau, grid_mu = tau[:, None], mu[None]
    log = np.log(jacobian)[:, None] + np.zeros_like(grid_mu)
    for yj, sj in zip(y, sigma, strict=True):
        log = log + stats.norm.logpdf(yj, grid_mu, np.sqrt(sj**2 + grid_tau**2))
    if mu_sd:
        log = log + stats.norm.logpdf(grid_mu, 0, mu_sd)
    if tau_scale:
        log = log + stats.halfcauchy.logpdf(grid_tau, scale=tau_scale)
    weight = np.exp(log - log.max())
    weight /= weight.sum()
    theta = [
        (weight * (yj / sj**2 + grid_mu / grid_tau**2) / (1 / sj**2 + 1 / grid_tau**2)).sum()
        for yj, sj in zip(y, sigma, strict=True)
    ]
    return theta, (weight * grid_mu).sum(), (weight * grid_tau).sum()


@pytest.mark.parametrize(
    "priors", [{}, {"prior_mu_sd": 5, "prior_tau_scale": 5}, {"prior_tau_scale": 25}]
)
def test_eight_schools_equal_dense_integration(priors):
    answer = learning.learn({**EIGHT, **priors})
    theta, mu, tau = dense(
        EIGHT["y"], EIGHT["sigma"], priors.get("prior_mu_sd"), priors.get("prior_tau_scale")
    )
    assert answer["theta"] == pytest.approx(theta, abs=0.02)
    assert answer["mu"] == pytest.approx(mu, abs=0.02)
    assert answer["tau"] == pytest.approx(tau, rel=0.01)


def test_the_grid_is_as_exact_as_adaptive_quadrature():
    y, sigma = (np.array(EIGHT[name], float) for name in ("y", "sigma"))

    def density(tau):
        return float(
            np.exp(learning._log_density(np.array([tau]), y, sigma, 0, None, None)[0] + 30)
        )

    whole = integrate.quad(density, 0, np.inf, epsabs=0, epsrel=1e-11, limit=400)[0]
    mean = (
        integrate.quad(lambda t: t * density(t), 0, np.inf, epsabs=0, epsrel=1e-9, limit=400)[0]
        / whole
    )
    assert learning.learn(EIGHT)["tau"] == pytest.approx(mean, rel=1e-6)


def test_no_observation_gives_the_prior():
    assert learning.learn({"y": [], "sigma": [], "prior_mu_sd": 2, "prior_tau_scale": 0.5}) == {
        "theta": [], "mu": 0.0, "tau": 0.5,
    }  # fmt: skip


def test_many_observations_give_the_data():
    random = np.random.default_rng(1)
    theta = random.normal(0.4, 0.25, 3000)
    sigma = random.uniform(0.05, 0.2, 3000)
    answer = learning.learn({"y": (theta + sigma * random.normal(size=3000)).tolist(), "sigma": sigma.tolist(),
                             "prior_mu_sd": 0.1, "prior_tau_scale": 5})  # fmt: skip
    assert answer["mu"] == pytest.approx(0.4, abs=0.02)
    assert answer["tau"] == pytest.approx(0.25, abs=0.02)


@given(st.floats(1e-6, 1e6))
@settings(max_examples=15)
def test_the_unit_does_not_matter(unit):
    scaled = learning.learn({name: [unit * v for v in values] for name, values in EIGHT.items()})
    plain = learning.learn(EIGHT)
    assert scaled["tau"] == pytest.approx(unit * plain["tau"], rel=1e-6)
    assert scaled["theta"] == pytest.approx([unit * v for v in plain["theta"]], rel=1e-6)


def test_learning_refuses_what_has_no_answer():
    assert (
        refusal(learning.learn, {"y": [1, 2, 3], "sigma": [1, 1, 1]}).code == "too_few_observations"
    )
    assert refusal(learning.learn, {"y": [], "sigma": []}).code == "no_observation"
    assert refusal(learning.learn, {"y": [1], "sigma": []}).code == "unequal_length"
    assert refusal(learning.learn, {"y": [1] * 5, "sigma": [1, 1, 0, 1, 1]}).where == "sigma[2]"


def test_refusals_are_json():
    assert json.dumps(refusal(learning.learn, {"y": 1, "sigma": []}).as_error())
