"""Half of the fee, a month, for each who grows. Read by the rule engine as text."""

from samspill.rules import rule, rulebook

LAW = "parselloven § 1"

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
    nb="Støtte: halve avgiften",
    nn="Støtte: halve avgifta",
    en="Support: half of the fee",
)
def support(fee_month: float, share: float) -> float:
    return fee_month * share


@rule(
    unit="kode",
    law=LAW,
    options=("no", "yes"),
    nb="Resultat: ja eller nei",
    nn="Resultat: ja eller nei",
    en="Result: yes or no",
)
def code(support: float, smallest: float) -> str:
    if support >= smallest:
        return "yes"
    return "no"
