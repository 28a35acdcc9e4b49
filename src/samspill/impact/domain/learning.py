"""Learning from actuals: the posterior of a reference class by quadrature over τ.

Each observation is y_j (for example z = ln(actual/estimate)) with standard error σ_j;
y_j ~ N(θ_j, σ_j), θ_j ~ N(μ, τ). Given τ everything is normal (Gelman et al., Bayesian Data Analysis, ch. 5.4):
with w_j = 1/(σ_j² + τ²), μ̂ = (Σ w_j y_j + m0/s0²)/(Σ w_j + 1/s0²), and θ_j is shrunk from y_j towards μ
by σ_j²/(τ² + σ_j²). The points of τ are weighted by marginal likelihood × prior. Exact to the quadrature's
error (below 1e-8); no sampler.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from samspill.impact.domain import reading
from samspill.kernel.outcome import refuse

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
else:  # numpy is read when something is computed (`kernel.later`)
    Floats = Any

_NODES = 48
#: Below this a spread is no spread: its square would be nothing at all.
_LEAST_SPREAD = 1e-30
_KEYS = frozenset({"y", "sigma", "prior_mu_sd", "prior_tau_scale"})
#: The mean of τ exists when its density falls faster than τ^-2.
_NEEDED_FALL = 2


@attrs.frozen
class Posterior:
    """What is believed after the observations: means, and the spread of μ.

    theta: (n,) posterior means of the groups. mu, tau: posterior means. mu_sd: posterior standard deviation of
    μ. predictive_sd: standard deviation of a new group's θ, √(E[τ² + var μ] + var E μ).
    """

    theta: Floats
    mu: float
    tau: float
    mu_sd: float
    predictive_sd: float


def posterior(
    y: Floats,
    sigma: Floats,
    *,
    mu_mean: float = 0.0,
    mu_sd: float | None = None,
    tau_scale: float | None = None,
) -> Posterior:
    """Return the posterior of the class and its groups.

    Args:
        y: (n,) observations. sigma: (n,) their standard errors, above 0.
        mu_mean, mu_sd: the normal prior of μ; flat when `mu_sd` is None.
        tau_scale: the half-Cauchy prior of τ ≥ 0; flat when None.

    Without observations the prior comes back (τ: the scale, which is the median of the half-Cauchy).

    Raises:
        RefusedError: too few observations for priors so flat; the posterior mean of τ does not exist.
    """
    if len(y) == 0:
        return _prior(mu_mean, mu_sd, tau_scale)
    _refuse_too_few(len(y), mu_sd, tau_scale)
    tau, weight = _weighted_grid(y, sigma, mu_mean, mu_sd, tau_scale)
    mean, variance = _mu_given(tau, y, sigma, mu_mean, mu_sd)
    mu = float(weight @ mean)
    kept = tau[:, None] ** 2 / (tau[:, None] ** 2 + sigma**2)
    theta = weight @ (kept * y + (1 - kept) * mean[:, None])
    mu_var = float(weight @ (variance + (mean - mu) ** 2))
    spread = float(weight @ tau**2) if _has_second_moment(len(y), mu_sd, tau_scale) else np.inf
    return Posterior(
        theta, mu, float(weight @ tau), float(np.sqrt(mu_var)), float(np.sqrt(mu_var + spread))
    )


def learn(request: object) -> dict[str, Any]:
    """Return `{theta, mu, tau}`, posterior means, of a JSON request; flat priors when omitted.

    Raises:
        RefusedError: lists of unequal length, a standard error that is not above 0, too few observations.
    """
    given = reading.record(request, "input", allowed=_KEYS, required=("y", "sigma"))
    y = [reading.number(v, f"y[{n}]") for n, v in enumerate(reading.rows(given["y"], "y"))]
    errors = reading.rows(given["sigma"], "sigma")
    if len(y) != len(errors):
        raise refuse(
            "unequal_length",
            "y has %(y)s numbers and sigma %(sigma)s.",
            where="sigma",
            remedy="Give one standard error for each observation",
            values={"y": len(y), "sigma": len(errors)},
        )
    sigma = [_spread(v, f"sigma[{n}]") for n, v in enumerate(errors)]
    priors = {
        name: None if given.get(name) is None else _spread(given[name], name)
        for name in ("prior_mu_sd", "prior_tau_scale")
    }
    found = posterior(
        np.array(y, dtype=float),
        np.array(sigma, dtype=float),
        mu_sd=priors["prior_mu_sd"],
        tau_scale=priors["prior_tau_scale"],
    )
    return {"theta": found.theta.tolist(), "mu": found.mu, "tau": found.tau}


def _spread(value: object, where: str) -> float:
    """Read a standard error or the scale of a prior: above 0, and by so much that it can be squared."""
    return reading.number(reading.positive(value, where), where, least=_LEAST_SPREAD)


def _prior(mu_mean: float, mu_sd: float | None, tau_scale: float | None) -> Posterior:
    if mu_sd is None or tau_scale is None:
        raise refuse(
            "no_observation",
            "Without observations there is only the prior, and it is flat.",
            where="y",
            remedy="Give observations, or both prior_mu_sd and prior_tau_scale",
        )
    spread = float(np.hypot(mu_sd, tau_scale))
    return Posterior(np.zeros(0), mu_mean, tau_scale, mu_sd, spread)


def _fall(n: int, mu_sd: float | None, tau_scale: float | None) -> int:
    """Return k where the posterior density of τ falls as τ^-k for large τ."""
    return (n - 1 if mu_sd is None else n) + (0 if tau_scale is None else 2)


def _has_second_moment(n: int, mu_sd: float | None, tau_scale: float | None) -> bool:
    return _fall(n, mu_sd, tau_scale) > _NEEDED_FALL + 1


def _refuse_too_few(n: int, mu_sd: float | None, tau_scale: float | None) -> None:
    if _fall(n, mu_sd, tau_scale) > _NEEDED_FALL:
        return
    raise refuse(
        "too_few_observations",
        "%(n)s observations are too few for flat priors: the mean of tau does not exist.",
        where="y",
        remedy="Give at least four observations, or prior_tau_scale and prior_mu_sd",
        values={"n": n},
    )


def _mu_given(
    tau: Floats, y: Floats, sigma: Floats, mu_mean: float, mu_sd: float | None
) -> tuple[Floats, Floats]:
    """Return mean and variance of μ for each τ."""
    w = 1 / (sigma**2 + tau[:, None] ** 2)
    extra = 0.0 if mu_sd is None else 1 / mu_sd**2
    variance = 1 / (w.sum(axis=1) + extra)
    return (w @ y + mu_mean * extra) * variance, variance


def _log_density(
    tau: Floats,
    y: Floats,
    sigma: Floats,
    mu_mean: float,
    mu_sd: float | None,
    tau_scale: float | None,
) -> Floats:
    """Return the log of marginal likelihood × prior for each τ, without constants."""
    mean, variance = _mu_given(tau, y, sigma, mu_mean, mu_sd)
    w = 1 / (sigma**2 + tau[:, None] ** 2)
    log = 0.5 * (np.log(variance) + np.log(w).sum(axis=1))
    log -= 0.5 * (w * (y - mean[:, None]) ** 2).sum(axis=1)
    if mu_sd is not None:
        log -= 0.5 * ((mean - mu_mean) / mu_sd) ** 2
    if tau_scale is not None:
        log -= np.log1p((tau / tau_scale) ** 2)
    return np.asarray(log)


def _weighted_grid(
    y: Floats, sigma: Floats, mu_mean: float, mu_sd: float | None, tau_scale: float | None
) -> tuple[Floats, Floats]:
    """Return points of τ and their posterior weights, which sum to 1.

    τ = S·x/(1−x) maps [0, 1) to [0, ∞); a coarse look finds where the density stands, and Gauss-Legendre panels
    get narrower towards it, so that a sharp peak is met as well as a long tail.
    """
    scale = float(np.median(sigma) + np.std(y))
    if tau_scale is not None:
        scale = float(np.sqrt(scale * tau_scale))

    def log_of(x: Floats) -> Floats:
        log = _log_density(scale * x / (1 - x), y, sigma, mu_mean, mu_sd, tau_scale)
        return np.asarray(log - 2 * np.log1p(-x))

    x, width = _panels(log_of)
    log = log_of(x)
    weight = np.exp(log - log.max()) * width
    return scale * x / (1 - x), weight / weight.sum()


def _panels(log_of: Any) -> tuple[Floats, Floats]:
    """Return the points and widths of a composite rule, fine around the highest point."""
    look = np.linspace(0, 1, 401)[:-1]
    peak, step = look[int(np.argmax(log_of(look)))], 1 / 400
    for _ in range(12):
        around = np.clip(peak + step * np.linspace(-1, 1, 21), 0, 1 - 1e-12)
        peak, step = around[int(np.argmax(log_of(around)))], step / 5
    away = 2.0 ** -np.arange(1, 22)
    edges = np.unique(np.clip(np.concatenate([[0, 1, peak], peak - away, peak + away]), 0, 1))
    nodes, weights = _legendre()
    half = np.diff(edges) / 2
    x = (edges[:-1] + half)[:, None] + half[:, None] * nodes
    return x.ravel(), (half[:, None] * weights).ravel()


@functools.cache
def _legendre() -> tuple[Floats, Floats]:
    return np.polynomial.legendre.leggauss(_NODES)
