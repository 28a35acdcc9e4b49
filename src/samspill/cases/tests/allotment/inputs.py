"""What the rules of the allotment are given."""

from samspill.rules import given

given(
    "fee_month",
    "number",
    unit="kr/md",
    low=0,
    nb="Avgift i måneden",
    nn="Avgift i året",
    en="Fee a month",
)
