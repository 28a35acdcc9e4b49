"""The effect line: one consequence for one kind of bearer. The one atom; everything else is a reduction of it.

For municipality i, year t, draw d: `x = quantity · driver(i,t)^elasticity · ramp(t − start) · u_d · v_i,d`, where
u is the national factor of the line and v the municipal one (independent between municipalities).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal

import attrs

from samspill.impact.domain import distributions, reading
from samspill.impact.domain.distributions import Distribution
from samspill.kernel.outcome import refuse
from samspill.kernel.wording import Said, Translations, of_field
from samspill.kernel.wording import read as wordings

Category = Literal["one_off_cost", "yearly_cost", "hours_used", "hours_freed", "income", "unpriced"]
Column = Literal["kroner", "hours"]

CATEGORIES: tuple[Category, ...] = (
    "one_off_cost", "yearly_cost", "hours_used", "hours_freed", "income", "unpriced",
)  # fmt: skip
BEARERS = ("municipality", "county", "agency", "citizens", "vendor")
DRIVERS = ("one", "inhabitants", "cases", "employees", "vendor", "size_step")
#: From weakest to strongest evidence.
GRADES = ("assumption", "expert", "comparable", "measured")
#: What an agency bears stands once in the country; what the others bear, once in each place.
PLACED = frozenset({"municipality", "county", "citizens"})

_CATEGORY_WORDS = {
    "one_off": "one_off_cost",
    "cost": "yearly_cost",
    "yearly": "yearly_cost",
    "hours": "hours_used",
    "unpriced_quality": "unpriced",
    "quality": "unpriced",
}
_BEARER_WORDS = {
    "kommune": "municipality",
    "kommuner": "municipality",
    "municipalities": "municipality",
    "each_kommune": "municipality",
    "each_municipality": "municipality",
    "fylke": "county",
    "fylkeskommune": "county",
    "counties": "county",
    "etat": "agency",
    "state": "agency",
    "innbyggere": "citizens",
    "citizen": "citizens",
    "leverandor": "vendor",
    "leverandør": "vendor",
}
_HOUR_UNITS = frozenset({"hours", "hour", "timer", "time", "timeverk", "h", "t"})
_KEYS = frozenset({
    "key", "name", "bearer", "category", "role", "driver", "quantity", "unit", "elasticity", "start", "ramp",
    "end", "uncertainty", "grade", "factor", "source", "language", "translations",
})  # fmt: skip
_UNCERTAINTY_KEYS = frozenset(
    {
        "kind",
        "low",
        "likely",
        "mode",
        "high",
        "p10",
        "p90",
        "ends",
        "of",
        "reference_class",
        "municipal",
    }
)
#: The texts of a line that may stand in several languages, and how long each may be.
WORDED = {"name": 200, "source": 2000}
_STRONGEST = 4
_RAMP_LONGEST = 50


@attrs.frozen
class Driver:
    """What the quantity is multiplied with: a kind, and the service or vendor it is about."""

    kind: str
    of: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.of}" if self.of else self.kind


@attrs.frozen
class Uncertainty:
    """The national factor u of a line and the spread of its municipal factor v.

    factor: the distribution of u, relative to the quantity. municipal: standard deviation of ln v, or None for
    the assumption set's. reference_class: the key of the class that gives both (then `factor` is None).
    """

    factor: Distribution | None = None
    municipal: float | None = None
    reference_class: str = ""


@attrs.frozen
class EffectLine:
    """One effect line as read; `column` says whether it counts in kroner or in hours."""

    key: str
    bearer: str
    category: Category
    role: str
    driver: Driver
    quantity: float
    unit: str
    elasticity: float
    start: int | None
    ramp: tuple[float, ...]
    end: int | None
    uncertainty: Uncertainty | None
    grade: str
    factor: str
    source: str
    name: str = ""
    #: What name and source are written in (empty when nobody said), and their wordings: {language: {field: text}}.
    language: str = ""
    translations: Translations = attrs.field(factory=dict, eq=False)

    @property
    def column(self) -> Column | None:
        """Kroner or hours; None for an unpriced effect, which is never added to anything."""
        if self.category == "unpriced":
            return None
        hours = self.category in ("hours_used", "hours_freed") or is_hours(self.unit)
        return "hours" if hours else "kroner"

    @property
    def sign(self) -> int:
        """+1 for what is spent (cost, hours used), −1 for what is gained (income, hours freed)."""
        return -1 if self.category in ("income", "hours_freed") else 1

    def said(self, field: str, reader: str) -> Said:
        """Return its `name` or `source` in the reader's language when it is given in that, else as it was written."""
        return of_field(field, getattr(self, field), self.language, self.translations, reader)

    @property
    def is_once(self) -> bool:
        """Whether the effect comes once and not every year."""
        return self.category == "one_off_cost"


def share_after(ramp: tuple[float, ...], years: int, *, once: bool) -> float:
    """Return the ramp `years` after the start: the share of the quantity that falls in that year.

    A one-off effect (`once`) falls in the years the ramp lists, all at once without one; a yearly effect stays at
    the last step.

    >>> share_after((0.5, 1.0), 5, once=False)
    1.0
    """
    if years < 0 or (once and years >= len(ramp)):
        return 0.0
    return ramp[min(years, len(ramp) - 1)]


def is_hours(unit: str) -> bool:
    """Tell whether a unit is hours."""
    return unit.split("/", maxsplit=1)[0].split(" ", maxsplit=1)[0].lower() in _HOUR_UNITS


def read_line(value: object, where: str, *, position: int = 0) -> EffectLine:
    """Read one effect line strictly; only `quantity` is compulsory.

    When left out: key `line-<n>`, bearer municipality, driver `one`, category by unit (hours used, else yearly
    cost), elasticity 1, start with the initiative, no end, full effect from the start, no uncertainty,
    grade assumption, a factor of its own.

    Raises:
        RefusedError: an unknown key or choice, a negative quantity, percentiles out of order, NaN.
    """
    given = reading.record(value, where, allowed=_KEYS, required=("quantity",))
    unit = _text(given, "unit", where, "")
    category = _category(given.get("category"), f"{where}.category", unit)
    language, translations = wordings(given, where, WORDED)
    key = _text(given, "key", where, f"line-{position + 1}")
    line = EffectLine(
        key=key,
        bearer=_bearer(given.get("bearer"), f"{where}.bearer"),
        category=category,
        role=_text(given, "role", where, ""),
        driver=read_driver(given.get("driver", "one"), f"{where}.driver"),
        quantity=_quantity(given["quantity"], f"{where}.quantity", category),
        unit=unit or _unit_of(category),
        elasticity=reading.number(
            given.get("elasticity", 1.0), f"{where}.elasticity", least=0, most=1
        ),
        start=_year(given, "start", where),
        ramp=_ramp(given.get("ramp"), f"{where}.ramp"),
        end=_year(given, "end", where),
        uncertainty=_uncertainty(given, f"{where}.uncertainty"),
        grade=_text(given, "grade", where, GRADES[0]),
        factor=_text(given, "factor", where, key),
        source=_text(given, "source", where, "", most=2000),
        name=_text(given, "name", where, ""),
        language=language,
        translations=translations,
    )
    return _consistent(line, where)


def read_driver(value: object, where: str) -> Driver:
    """Read `one`, `inhabitants`, `cases:<service>`, `employees`, `vendor:<x>` or `size step`."""
    kind, _, of = reading.text(value, where).partition(":")
    kind = kind.strip().lower().replace(" ", "_")
    reading.one_of(kind, where, DRIVERS)
    needs = kind in ("cases", "vendor")
    if needs != bool(of.strip()):
        raise refuse(
            "bad_driver",
            "The driver %(kind)s is not complete, or has a name it does not take.",
            where=where,
            remedy="Write one, inhabitants, employees, size step, cases:<service> or vendor:<name>",
            values={"kind": kind},
        )
    return Driver(kind, of.strip())


def _text(given: reading.Record, key: str, where: str, default: str, *, most: int = 200) -> str:
    value = given.get(key)
    return default if value in (None, "") else reading.text(value, f"{where}.{key}", most=most)


def _year(given: reading.Record, key: str, where: str) -> int | None:
    value = given.get(key)
    return None if value is None else reading.whole(value, f"{where}.{key}")


def _word(value: object, where: str, words: Mapping[str, str], choices: tuple[str, ...]) -> str:
    word = reading.text(value, where).lower().replace(" ", "_").replace("-", "_")
    return reading.one_of(words.get(word, word), where, choices)


def _bearer(value: object, where: str) -> str:
    if value is None:
        return "municipality"
    return _word(value, where, _BEARER_WORDS, BEARERS)


def _category(value: object, where: str, unit: str) -> Category:
    if value is None:
        return "hours_used" if is_hours(unit) else "yearly_cost"
    word = _word(value, where, _CATEGORY_WORDS, CATEGORIES)
    return next(category for category in CATEGORIES if category == word)


def _unit_of(category: Category) -> str:
    if category == "unpriced":
        return "points"
    return "hours" if category in ("hours_used", "hours_freed") else "NOK"


def _quantity(value: object, where: str, category: Category) -> float:
    """Unpriced effects are judged from −4 to +4; every other quantity is 0 or more, and its sign is its category."""
    if category == "unpriced":
        return reading.number(value, where, least=-_STRONGEST, most=_STRONGEST)
    given = reading.number(value, where)
    if given < 0:
        raise refuse(
            "negative_quantity",
            "The quantity %(given)s is negative.",
            where=where,
            remedy="Give a positive quantity; a gain is the category income or hours freed",
            values={"given": f"{given:g}"},
        )
    return given


def _ramp(value: object, where: str) -> tuple[float, ...]:
    """Read a list of shares by year, or a number of years over which the effect grows evenly to full."""
    if value is None:
        return (1.0,)
    if isinstance(value, int) and not isinstance(value, bool):
        steps = reading.whole(value, where, least=1, most=_RAMP_LONGEST)
        return tuple((n + 1) / steps for n in range(steps))
    shares = reading.rows(value, where, at_least=1, at_most=_RAMP_LONGEST)
    return tuple(
        reading.number(share, f"{where}[{n}]", least=0, most=10) for n, share in enumerate(shares)
    )


def _uncertainty(given: reading.Record, where: str) -> Uncertainty | None:
    value = given.get("uncertainty")
    if value is None:
        return None
    if isinstance(value, str):
        return Uncertainty(reference_class=reading.text(value, where))
    if isinstance(value, list | tuple):
        value = _from_list(value, where)
    quantity = given["quantity"]
    fields = reading.record(value, where, allowed=_UNCERTAINTY_KEYS)
    municipal = _municipal(fields.get("municipal"), f"{where}.municipal")
    if fields.get("reference_class") is not None:
        key = reading.text(fields["reference_class"], f"{where}.reference_class")
        return Uncertainty(municipal=municipal, reference_class=key)
    found = _spread(fields, where)
    if found is None:
        return Uncertainty(distributions.Fixed(1.0), municipal)
    return Uncertainty(_relative(found, fields, where, quantity), municipal)


def _from_list(value: list[Any] | tuple[Any, ...], where: str) -> dict[str, Any]:
    names = {2: ("p10", "p90"), 3: ("low", "likely", "high")}.get(len(value))
    if names is None:
        raise refuse(
            "bad_uncertainty",
            "A list of uncertainty holds two or three numbers.",
            where=where,
            remedy="Write [P10, P90] or [low, likely, high]",
        )
    return dict(zip(names, value, strict=True))


def _spread(fields: reading.Record, where: str) -> Distribution | None:
    """Read three points or two percentiles; None when only the municipal spread is given."""
    kind = fields.get("kind")
    if kind is not None:
        kinds = ("triangular", "pert", "three_point", "lognormal", "two_percentiles")
        reading.one_of(kind, f"{where}.kind", kinds)
    two = fields.get("p10") is not None or fields.get("p90") is not None
    if two or kind in ("lognormal", "two_percentiles"):
        rest = {k: v for k, v in fields.items() if k not in ("of", "municipal", "kind")}
        return distributions.read({"kind": "lognormal", **rest}, where)
    if fields.get("low") is None and fields.get("high") is None and kind is None:
        return None
    points = {k: fields[k] for k in ("low", "high", "ends") if fields.get(k) is not None}
    points["mode"] = fields.get("mode") if fields.get("likely") is None else fields["likely"]
    shape = "pert" if kind == "pert" else "triangular"
    return distributions.three_points(points, where, kind=shape, ends="p10_p90")


def _relative(
    found: Distribution, fields: reading.Record, where: str, quantity: object
) -> Distribution:
    """Return the distribution relative to the quantity.

    `"of": "factor"` says that the numbers are factors (1 = the quantity), `"of": "quantity"` that they are quantities.
    Without it they are factors, unless their range holds the quantity and not 1.
    """
    size = reading.number(quantity, where)
    low, high = (float(found.quantile(share)) for share in (0.1, 0.9))
    guess = "quantity" if low <= size <= high and not low <= 1 <= high else "factor"
    meant = reading.one_of(fields.get("of", guess), f"{where}.of", ("factor", "quantity"))
    found = _from_zero(found, fields, where)
    return found if meant == "factor" or not size else _scaled(found, 1 / size)


def _from_zero(found: Distribution, fields: reading.Record, where: str) -> Distribution:
    """Hold at 0 a lower end that was extrapolated from P10 to below 0; refuse one that was given so."""
    if not isinstance(found, distributions.Triangular | distributions.Pert) or found.low >= 0:
        return found
    if fields["low"] < 0:
        raise refuse(
            "below_zero",
            "The uncertainty reaches below 0 (to %(low)s).",
            where=f"{where}.low",
            remedy="Raise low to 0 or above: what is gained is a category of its own, not a negative cost",
            values={"low": f"{fields['low']:g}"},
        )
    return attrs.evolve(found, low=0.0)


def _scaled(found: Distribution, by: float) -> Distribution:
    """Return the distribution of `by` times the outcome."""
    if isinstance(found, distributions.Lognormal):
        return distributions.Lognormal(found.mu + math.log(by), found.sigma)
    if isinstance(found, distributions.Triangular | distributions.Pert):
        return type(found)(found.low * by, found.mode * by, found.high * by)
    return found


def _municipal(value: object, where: str) -> float | None:
    """Read the municipal spread: a standard deviation of ln v, or two percentiles of v."""
    if value is None:
        return None
    if isinstance(value, Mapping):
        fields = reading.record(value, where, allowed=("p10", "p90"), required=("p10", "p90"))
        found = distributions.read({"kind": "lognormal", **fields}, where)
        assert isinstance(found, distributions.Lognormal)
        return found.sigma
    return reading.number(value, where, least=0, most=3)


def _consistent(line: EffectLine, where: str) -> EffectLine:
    """Refuse what no single field shows."""
    if line.category in ("hours_used", "hours_freed") and not is_hours(line.unit):
        raise refuse(
            "unit_mismatch",
            "%(category)s is counted in hours, not in %(unit)s.",
            where=f"{where}.unit",
            remedy="Write hours, or choose a category in kroner",
            values={"category": line.category, "unit": line.unit},
        )
    if line.start is not None and line.end is not None and line.end < line.start:
        raise refuse(
            "years_reversed",
            "The first year, %(first)s, is after the last, %(last)s.",
            where=f"{where}.end",
            remedy="Let end be the start or later; both years are included",
            values={"first": line.start, "last": line.end},
        )
    return line
