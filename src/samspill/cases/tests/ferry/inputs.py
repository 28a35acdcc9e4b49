"""What the rules of the ferry support are given."""

from samspill.rules import given

given(
    "trips_month",
    "count",
    unit="1/md",
    low=0,
    nb="Reiser i måneden",
    nn="Reiser i månaden",
    en="Trips a month",
)
given(
    "income_month",
    "number",
    unit="kr/md",
    low=0,
    nb="Inntekt i måneden",
    nn="Inntekt i månaden",
    en="Income a month",
)
given(
    "fare_trip", "number", unit="kr", low=0, nb="Billettpris", nn="Billettpris", en="Fare of a trip"
)
given("here", "flag", unit="ja/nei", nb="Bosatt", nn="Busett", en="Lives here")
