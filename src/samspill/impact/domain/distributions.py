"""Three distributions of an uncertain quantity, exact: triangular, PERT (a stretched Beta), lognormal.

    triangular  mean (a+m+b)/3
    PERT        mean (a+4m+b)/6, a + (b−a)·Beta(1+4(m−a)/(b−a), 1+4(b−m)/(b−a))
    lognormal   from P10 and P90: μ the mean of their logs, σ = (ln P90 − ln P10)/(2·1.2816)

`low` and `high` are either the end points a and b, or P10 and P90; then the end points that give those
percentiles are found (`from_percentiles`). People seldom know the end points, so an effect line reads a
three-point estimate as P10, mode, P90 unless it says otherwise.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

import attrs
import numpy as np
import scipy  # its parts are read when first asked for: every web process imports this module

from samspill.impact.domain import reading
from samspill.kernel.outcome import refuse

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
else:  # numpy is read when something is computed (`kernel.later`)
    Floats = Any

Z90 = 1.2815515655446004
_P10, _P50, _P85, _P90 = 0.1, 0.5, 0.85, 0.9
_ENDS = ("end_points", "p10_p90")
#: P90 this many times P10 says nothing any more; the mean of much wider ones is no number at all.
_WIDEST = 1e9


class Distribution(Protocol):
    """A distribution of one number: mean, standard deviation, quantiles."""

    def __hash__(self) -> int:
        """Distributions are values."""

    @property
    def mean(self) -> float:
        """The expected value."""

    @property
    def sd(self) -> float:
        """The standard deviation."""

    def quantile(self, share: Floats | float) -> Floats:
        """Return the value below which `share` (0–1) of the outcomes lie."""


@attrs.frozen
class Fixed:
    """A number without uncertainty."""

    value: float

    @property
    def mean(self) -> float:
        """The number itself."""
        return self.value

    @property
    def sd(self) -> float:
        """Nothing."""
        return 0.0

    def quantile(self, share: Floats | float) -> Floats:
        """Return the number, whatever the share."""
        return np.full(np.shape(share), self.value)


@attrs.frozen
class Triangular:
    """Density rising in a straight line from `low` to `mode` and falling to `high`."""

    low: float
    mode: float
    high: float

    @property
    def mean(self) -> float:
        """(a + m + b)/3."""
        return (self.low + self.mode + self.high) / 3

    @property
    def sd(self) -> float:
        """√((a² + m² + b² − am − ab − mb)/18), written as squares of differences."""
        below, above = self.mode - self.low, self.high - self.mode
        return math.sqrt((below * below + above * above + below * above) / 18)

    def quantile(self, share: Floats | float) -> Floats:
        """Return the inverse of the two parabolas."""
        p = np.asarray(share, dtype=float)
        width, below = self.high - self.low, self.mode - self.low
        rising = self.low + np.sqrt(p * width * below)
        falling = self.high - np.sqrt((1 - p) * width * (width - below))
        return np.where(p * width <= below, rising, falling)


@attrs.frozen
class Pert:
    """A Beta distribution stretched over `low` to `high`, with weight 4 on the mode."""

    low: float
    mode: float
    high: float

    @property
    def _shape(self) -> tuple[float, float]:
        width = self.high - self.low
        at = (self.mode - self.low) / width if width else 0.5
        return 1 + 4 * at, 5 - 4 * at

    @property
    def mean(self) -> float:
        """(a + 4m + b)/6."""
        return (self.low + 4 * self.mode + self.high) / 6

    @property
    def sd(self) -> float:
        """The width times the standard deviation of Beta(α, β), where α + β = 6."""
        alpha, beta = self._shape
        return (self.high - self.low) * math.sqrt(alpha * beta / 7) / 6

    def quantile(self, share: Floats | float) -> Floats:
        """Return the stretched quantile of the Beta distribution."""
        alpha, beta = self._shape
        return np.asarray(
            self.low + (self.high - self.low) * scipy.special.betaincinv(alpha, beta, share)
        )


@attrs.frozen
class Lognormal:
    """exp of a normal: `mu` and `sigma` are of the logarithm."""

    mu: float
    sigma: float

    @property
    def mean(self) -> float:
        """exp(μ + σ²/2)."""
        return math.exp(self.mu + self.sigma**2 / 2)

    @property
    def sd(self) -> float:
        """The mean times √(exp(σ²) − 1)."""
        return self.mean * math.sqrt(math.expm1(self.sigma**2))

    def quantile(self, share: Floats | float) -> Floats:
        """Return exp(μ + σ·z)."""
        return np.asarray(np.exp(self.mu + self.sigma * scipy.special.ndtri(share)))


def lognormal(p10: float, p90: float) -> Lognormal:
    """Return the lognormal distribution with the two percentiles (both above 0)."""
    low, high = math.log(p10), math.log(p90)
    return Lognormal((low + high) / 2, (high - low) / (2 * Z90))


def from_percentiles(
    kind: type[Triangular | Pert], p10: float, mode: float, p90: float
) -> Triangular | Pert:
    """Return the distribution of a kind whose P10, mode and P90 are the three numbers.

    The position of the mode between the end points is one unknown r in [0, 1]; (mode − P10)/(P90 − P10)
    grows with r, so it is found by bracketing; the width follows.
    """
    if p90 == p10:
        return kind(p10, p10, p10)
    wanted = (mode - p10) / (p90 - p10)

    def shape(r: float) -> tuple[float, float]:
        lower, upper = kind(0.0, r, 1.0).quantile(np.array([_P10, _P90]))
        return float(lower), float(upper)

    def miss(r: float) -> float:
        lower, upper = shape(r)
        return (r - lower) / (upper - lower) - wanted

    r = _root(miss)
    lower, upper = shape(r)
    width = (p90 - p10) / (upper - lower)
    low = mode - r * width
    return kind(low, mode, low + width)


def _root(miss: Callable[[float], float]) -> float:
    from scipy import optimize  # slow to import; only percentiles as ends need it

    return float(optimize.brentq(miss, 0.0, 1.0, xtol=1e-15, rtol=1e-14))


_KEYS = frozenset({"kind", "low", "mode", "high", "p10", "p90", "ends"})


def read(value: object, where: str = "input", *, ends: str = "end_points") -> Distribution:
    """Read `{kind, low, mode, high, ends?}` or `{kind: "lognormal", p10, p90}`.

    `ends` says what low and high are: `end_points` (a and b) or `p10_p90`; the argument is the default.

    Raises:
        RefusedError: an unknown kind, keys of another kind, numbers out of order.
    """
    given = reading.record(value, where, allowed=_KEYS, required=("kind",))
    kind = reading.one_of(given["kind"], f"{where}.kind", ("triangular", "pert", "lognormal"))
    wanted = ("p10", "p90") if kind == "lognormal" else ("low", "mode", "high", "ends")
    for key in given:
        if key != "kind" and key not in wanted:
            raise refuse(
                "key_of_another_kind",
                "%(key)s does not belong to a %(kind)s distribution.",
                where=f"{where}.{key}",
                remedy="Give kind and %(keys)s",
                values={"key": key, "kind": kind, "keys": ", ".join(wanted)},
            )
    if kind == "lognormal":
        return _two_percentiles(given, where)
    return three_points(given, where, kind=kind, ends=ends)


def _two_percentiles(given: reading.Record, where: str) -> Lognormal:
    reading.record(given, where, allowed=_KEYS, required=("p10", "p90"))
    p10 = reading.positive(given["p10"], f"{where}.p10")
    p90 = reading.positive(given["p90"], f"{where}.p90")
    in_order({"p10": p10, "p90": p90}, where)
    if p10 * _WIDEST < p90:
        raise refuse(
            "too_wide",
            "p90 is more than %(most)s times p10.",
            where=f"{where}.p10",
            remedy="Raise p10 or lower p90; check that both have the same unit",
            values={"most": f"{_WIDEST:,.0f}"},
        )
    return lognormal(p10, p90)


def three_points(given: reading.Record, where: str, *, kind: str, ends: str) -> Triangular | Pert:
    """Read low, mode, high of a triangular or PERT distribution."""
    reading.record(given, where, allowed=given.keys(), required=("low", "mode", "high"))
    points = {
        name: reading.number(given[name], f"{where}.{name}") for name in ("low", "mode", "high")
    }
    in_order(points, where)
    meant = reading.one_of(given.get("ends", ends), f"{where}.ends", _ENDS)
    made = Triangular if kind == "triangular" else Pert
    low, mode, high = points.values()
    return from_percentiles(made, low, mode, high) if meant == "p10_p90" else made(low, mode, high)


def in_order(points: dict[str, float], where: str) -> None:
    """Refuse points that do not rise."""
    names = list(points)
    for lower, upper in itertools.pairwise(names):
        if points[lower] > points[upper]:
            raise refuse(
                "not_in_order",
                "%(lower)s (%(a)s) is above %(upper)s (%(b)s).",
                where=f"{where}.{lower}",
                remedy="Give the numbers in rising order: %(names)s",
                values={
                    "lower": lower,
                    "upper": upper,
                    "a": f"{points[lower]:g}",
                    "b": f"{points[upper]:g}",
                    "names": ", ".join(names),
                },
            )


def distribution(request: object) -> dict[str, float]:
    """Return `{mean, sd, p10, p50, p85, p90}` of a JSON request, exact, not simulated.

    For triangular and PERT, `low` and `high` are the end points a and b of the formulas above;
    `"ends": "p10_p90"` says that they are percentiles.
    """
    found = read(request)
    shares = {"p10": _P10, "p50": _P50, "p85": _P85, "p90": _P90}
    points = {name: float(found.quantile(share)) for name, share in shares.items()}
    return {"mean": found.mean, "sd": found.sd, **points}
