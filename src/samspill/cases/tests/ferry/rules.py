"""The fares of the month, less a tenth of the income. Read by the rule engine as text."""

from samspill.rules import rule, rulebook

LAW = "ferjeloven § 1"

rulebook(
    version="1.0.0",
    start="2026-01",
    end="2027-12",
    before={"nb": "Ikke kjent.", "nn": "Ikkje kjend.", "en": "Not known."},
    after={"nb": "Ikke fastsatt.", "nn": "Ikkje fastsett.", "en": "Not set."},
    remedy={"nb": "Bruk 2026.", "nn": "Bruk 2026.", "en": "Use 2026."},
)


@rule(
    unit="kr/md",
    law=LAW,
    nb="Utgifter: reiser ganger pris",
    nn="Utgifter: reiser gonger pris",
    en="Costs: trips times fare",
)
def costs(trips_month: int, fare_trip: float) -> float:
    return trips_month * fare_trip


@rule(
    unit="kr/md",
    law=LAW,
    nb="Rest: utgifter minus en del av inntekten",
    nn="Rest: utgifter minus ein del av inntekta",
    en="Rest: costs less a part of the income",
)
def rest(costs: float, income_month: float, part: float) -> float:
    return max(0, costs - part * income_month)


@rule(
    unit="kode",
    law=LAW,
    options=("A5", "A3", "A0"),
    nb="Resultat: bosted, så beløp",
    nn="Resultat: bustad, så beløp",
    en="Result: residence, then amount",
)
def code(here: bool, rest: float, smallest_payment: float) -> str:
    if not here:
        return "A5"
    if rest < smallest_payment:
        return "A3"
    return "A0"


@rule(
    unit="kr/md",
    law=LAW,
    nb="Støtte: resten når den er stor nok",
    nn="Støtte: resten når han er stor nok",
    en="Support: the rest when it is large enough",
)
def support(code: str, rest: float) -> float:
    if code == "A0":
        return rest
    return 0
