"""Draw ordinary lives: who lives together, on what income, in what dwelling.

The mix follows the people who ask for bostøtte (domain/bostotte.md section 13): nine of ten rent,
a third have children, a mean income of about 16,000 kroner a month, some too rich, some not eligible.
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any, NamedTuple

from samspill.sandbox.people import (
    Benefit,
    Contact,
    Housing,
    Income,
    Loan,
    Settlement,
    Study,
)

PAID_BY_NAV = frozenset(
    {
        "arbeidsavklaringspenger",
        "dagpengerVedArbeidsloeshet",
        "ufoeretrygd",
        "alderspensjon",
        "overgangsstoenad",
        "sykepenger",
        "supplerendeStoenadUfoerFlyktning",
        "supplerendeStoenadKortBotid",
        "foreldrepenger",
    }
)
PAID_BY_MUNICIPALITY = frozenset({"introduksjonsstoenad", "kvalifiseringstoenad"})
PAID_BY_PENSION_FUND = frozenset({"tjenestepensjon"})
NO_CONTACT = Contact(registered=False)
LONG_AGO = date(2020, 1, 1)
REFERENCE = date(2026, 11, 1)

PRIVATE = "rented_private"
MUNICIPAL = "rented_municipal"
CHARGES = "common_charges"
OWNED = "owned"


class Life(NamedTuple):
    """The facts of one adult, before there is a number or a name."""

    born: date
    civil: str
    same_name: bool
    incomes: tuple[Income, ...]
    benefits: tuple[Benefit, ...]
    settlement: Settlement | None
    study: Study | None
    loans: tuple[Loan, ...]
    contact: Contact


class HouseholdPlan(NamedTuple):
    """A household before it is made."""

    adults: list[Life]
    children: list[date]
    married: bool
    children_of_both: bool
    dwelling: dict[str, Any]
    housing: Housing


class _Livelihood(NamedTuple):
    incomes: tuple[Income, ...] = ()
    benefits: tuple[Benefit, ...] = ()
    study: Study | None = None


_LIVELIHOODS = (
    ("wage", 26),
    ("aap", 17),
    ("disabled", 20),
    ("dagpenger", 6),
    ("intro", 5),
    ("kvalifisering", 3),
    ("overgang", 4),
    ("sick", 3),
    ("student", 3),
    ("nothing", 9),
    ("good_wage", 4),
)
_NAMES = [name for name, _ in _LIVELIHOODS]
_WEIGHTS = [sum(w for _, w in _LIVELIHOODS[: n + 1]) for n in range(len(_LIVELIHOODS))]
_SHAPES = ("single", "single_parent", "couple_children", "couple", "pensioner", "pensioners", "two")
_SHAPE_WEIGHTS = (47, 68, 79, 84, 94, 96, 100)
_MIDDLE_RENT = 10200


def plan_household(rng: random.Random) -> HouseholdPlan:
    """Draw one household."""
    shape = rng.choices(_SHAPES, cum_weights=_SHAPE_WEIGHTS)[0]
    married = shape in ("couple_children", "couple", "pensioners") and rng.random() < 0.75  # noqa: PLR2004
    tenure = rng.choices((PRIVATE, MUNICIPAL, CHARGES, OWNED), cum_weights=(63, 90, 96, 100))[0]
    adults = [_adult(rng, shape, tenure, first=True, married=married)]
    if shape not in ("single", "single_parent", "pensioner"):
        adults.append(_adult(rng, shape, tenure, first=False, married=married))
    children = _children(rng, adults[0].born) if "child" in shape or "parent" in shape else []
    return HouseholdPlan(
        adults=adults,
        children=children,
        married=married,
        children_of_both=len(adults) > 1,
        dwelling=_dwelling(rng, len(adults) + len(children), tenure),
        housing=_housing(rng, len(adults) + len(children), tenure),
    )


def _adult(rng: random.Random, shape: str, tenure: str, *, first: bool, married: bool) -> Life:
    pensioner = shape.startswith("pensioner")
    born = _birth_date(rng, 67, 90) if pensioner else _birth_date(rng, 19, 62)
    if pensioner:
        lived_on = _pension(rng, single=shape == "pensioner")
    else:
        lived_on = _livelihood(rng.choices(_NAMES, cum_weights=_WEIGHTS)[0], rng)
    if married:
        civil = "gift"
    elif pensioner:
        civil = rng.choice(("enkeEllerEnkemann", "skilt", "ugift"))
    else:
        civil = "skilt" if rng.random() < 0.3 else "ugift"  # noqa: PLR2004
    owner = first and tenure in (CHARGES, OWNED)
    return Life(
        born=born,
        civil=civil,
        same_name=married,
        incomes=lived_on.incomes,
        benefits=lived_on.benefits,
        settlement=_settlement(rng, owner=owner),
        study=lived_on.study,
        loans=_loans(rng) if owner else (),
        contact=_contact(rng),
    )


def _birth_date(rng: random.Random, youngest: int, oldest: int) -> date:
    days = rng.randrange(youngest * 366, oldest * 365)
    return REFERENCE - timedelta(days=days)


def _children(rng: random.Random, parent_born: date) -> list[date]:
    count = rng.choices((1, 2, 3, 4), cum_weights=(42, 77, 94, 100))[0]
    grown = max(1, min(17, REFERENCE.year - parent_born.year - 18))
    return [REFERENCE - timedelta(days=rng.randrange(30, grown * 365)) for _ in range(count)]


def _income(kind: str, amount: int, **facts: Any) -> Income:
    return Income(kind=kind, amount=amount, payer="", exact=False, **facts)


def _livelihood(name: str, rng: random.Random) -> _Livelihood:
    return _MAKERS[name](rng)


def _wage(rng: random.Random) -> _Livelihood:
    kind = "timeloenn" if rng.random() < 0.6 else "fastloenn"  # noqa: PLR2004
    return _Livelihood((_income(kind, rng.randrange(6000, 27000, 100)),))


def _good_wage(rng: random.Random) -> _Livelihood:
    return _Livelihood((_income("fastloenn", rng.randrange(36000, 58000, 500)),))


def _fortnightly(kind: str, benefit: str, rng: random.Random, low: int, high: int) -> _Livelihood:
    week = "fortnight_even" if rng.random() < 0.5 else "fortnight_odd"  # noqa: PLR2004
    amount = rng.randrange(low, high, 10)
    first = date(2024, rng.randrange(1, 13), 1)
    return _Livelihood(
        (_income(kind, amount, pattern=week),), (Benefit(benefit, first, every_fortnight=True),)
    )


def _aap(rng: random.Random) -> _Livelihood:
    kind = "arbeidsavklaringspenger"
    return _fortnightly(kind, kind, rng, 6800, 11500)


def _dagpenger(rng: random.Random) -> _Livelihood:
    return _fortnightly("dagpengerVedArbeidsloeshet", "dagpenger", rng, 5200, 11000)


def _disabled(rng: random.Random) -> _Livelihood:
    young = rng.random() < 0.3  # noqa: PLR2004
    amount = rng.randrange(25500, 28500, 50) if young else rng.randrange(19000, 27500, 50)
    benefit = Benefit(
        "ufoeretrygd",
        date(rng.randrange(2014, 2026), 3, 1),
        young_disabled=young,
        permanent=True,
        occupational_injury=rng.random() < 0.03,  # noqa: PLR2004
    )
    return _Livelihood((_income("ufoeretrygd", amount),), (benefit,))


def _municipal(kind: str, benefit: str, low: int, high: int, rng: random.Random) -> _Livelihood:
    return _Livelihood(
        (_income(kind, rng.randrange(low, high, 10)),), (Benefit(benefit, date(2026, 2, 1)),)
    )


def _intro(rng: random.Random) -> _Livelihood:
    return _municipal("introduksjonsstoenad", "introduksjonsstoenad", 14400, 22000, rng)


def _kvalifisering(rng: random.Random) -> _Livelihood:
    return _municipal("kvalifiseringstoenad", "kvalifiseringsstoenad", 14400, 22000, rng)


def _overgang(rng: random.Random) -> _Livelihood:
    return _Livelihood(
        (_income("overgangsstoenad", rng.randrange(12000, 24400, 50)),),
        (Benefit("overgangsstoenad", date(2025, 9, 1)),),
    )


def _sick(rng: random.Random) -> _Livelihood:
    return _Livelihood(
        (_income("sykepenger", rng.randrange(15000, 26000, 50)),),
        (Benefit("sykepenger", date(2026, 5, 4)),),
    )


def _student(rng: random.Random) -> _Livelihood:
    study = Study(
        "hoeyereUtdanning", "Fjellheim høgskole", date(2025, 8, 15), date(2028, 6, 15), 2025
    )
    return _Livelihood((_income("timeloenn", rng.randrange(2000, 9000, 100)),), (), study)


def _nothing(_rng: random.Random) -> _Livelihood:
    return _Livelihood()


def _pension(rng: random.Random, *, single: bool) -> _Livelihood:
    incomes = [_income("alderspensjon", rng.randrange(18500, 25500, 50))]
    if rng.random() < 0.25:  # noqa: PLR2004
        incomes.append(_income("tjenestepensjon", rng.randrange(800, 4500, 50)))
    benefit = Benefit("alderspensjon", date(2020, 1, 1), single=single, chapter="19")
    return _Livelihood(tuple(incomes), (benefit,))


_MAKERS = {
    "wage": _wage,
    "good_wage": _good_wage,
    "aap": _aap,
    "dagpenger": _dagpenger,
    "disabled": _disabled,
    "intro": _intro,
    "kvalifisering": _kvalifisering,
    "overgang": _overgang,
    "sick": _sick,
    "student": _student,
    "nothing": _nothing,
}


def _settlement(rng: random.Random, *, owner: bool) -> Settlement | None:
    luck = rng.random()
    if not owner and luck < 0.15:  # noqa: PLR2004
        return None
    deposits = int(rng.paretovariate(1.1) * 4000) if luck < 0.9 else rng.randrange(80_000, 900_000)  # noqa: PLR2004
    dwelling = rng.randrange(350_000, 1_200_000, 1000) if owner else 0
    return Settlement(
        deposits=min(deposits, 1_500_000),
        dwelling_value=dwelling,
        debt=rng.randrange(600_000, 2_400_000, 1000) if owner else rng.randrange(0, 90_000, 500),
        interest=min(deposits, 1_500_000) * 3 // 100,
        dividends=rng.randrange(500, 9000) if luck > 0.97 else 0,  # noqa: PLR2004
        business=rng.randrange(12_000, 190_000, 500) if 0.30 < luck < 0.33 else 0,  # noqa: PLR2004
        foreign=rng.randrange(10_000, 90_000, 500) if 0.33 < luck < 0.345 else 0,  # noqa: PLR2004
    )


def _loans(rng: random.Random) -> tuple[Loan, ...]:
    balance = rng.randrange(700_000, 2_200_000, 10_000)
    return (Loan("startlaan", balance, balance * 5 // 100, balance * 2 // 100, 600),)


def _contact(rng: random.Random) -> Contact:
    luck = rng.random()
    return Contact(
        registered=luck > 0.07,  # noqa: PLR2004
        reserved=0.07 < luck < 0.10,  # noqa: PLR2004
        outdated=0.10 < luck < 0.17,  # noqa: PLR2004
        mailbox=luck > 0.35,  # noqa: PLR2004
        language=rng.choices(("nb", "nn", "en", "se"), cum_weights=(86, 95, 99, 100))[0],
    )


def _dwelling(rng: random.Random, persons: int, tenure: str) -> dict[str, Any]:
    rooms = min(6, max(1, persons + rng.randrange(-1, 2)))
    facts: dict[str, Any] = {
        "rooms": rooms,
        "area_m2": 22 + 17 * rooms + rng.randrange(12),
        "building_type": "111" if tenure == OWNED else "142",
    }
    if rng.random() < 0.02:  # noqa: PLR2004
        facts |= {"approved": False}
    return facts


def _housing(rng: random.Random, persons: int, tenure: str) -> Housing:
    cost = int(_MIDDLE_RENT * rng.uniform(0.62, 1.4)) + 900 * (persons - 1)
    cost -= cost % 50
    if tenure == CHARGES:
        return Housing(tenure, common_charges_month=cost // 2, heating_included=False)
    if tenure == OWNED:
        return Housing(
            tenure, heating_included=False, property_tax_year=rng.randrange(1500, 7000, 50)
        )
    return Housing(tenure, rent_month=cost, heating_included=rng.random() < 0.4)  # noqa: PLR2004
