"""What a loan costs, and whether there is one. Read by the rule engine as text."""

from samspill.rules import rule, rulebook

LAW = "forskrift om utlån av lastesykler § 4"

rulebook(
    version="1.0.0",
    start="2026-01",
    end="2030-12",
    before={
        "nb": "Ordningen begynte i 2026.",
        "nn": "Ordninga byrja i 2026.",
        "en": "The scheme began in 2026.",
    },
    after={"nb": "Ikke fastsatt.", "nn": "Ikkje fastsett.", "en": "Not set."},
    remedy={
        "nb": "Velg en dag fra 2026.",
        "nn": "Vel ein dag frå 2026.",
        "en": "Choose a day from 2026.",
    },
)


@rule(
    unit="kr/dag",
    law=LAW,
    nb="Leie per dag: tre hjul koster mer",
    nn="Leige per dag: tre hjul kostar meir",
    en="Rent a day: three wheels cost more",
)
def day_rent(three_wheels: bool, rent_two: float, rent_three: float) -> float:
    if three_wheels:
        return rent_three
    return rent_two


@rule(
    unit="kr",
    law=LAW,
    nb="Full leie: dager ut over de gratis dagene ganger leien",
    nn="Full leige: dagar ut over dei gratis dagane gonger leiga",
    en="Full rent: days beyond the free ones times the rent",
)
def full_fee(days: int, free_days: int, day_rent: float) -> float:
    return max(0, days - free_days) * day_rent


@rule(
    unit="kr",
    law=LAW,
    nb="Leie: halv ved lav inntekt",
    nn="Leige: halv ved låg inntekt",
    en="Fee: half with a low income",
)
def fee(full_fee: float, low_income: bool) -> float:
    if low_income:
        return full_fee / 2
    return full_fee


@rule(
    unit="kode",
    law=LAW,
    options=("LOAN", "NO"),
    nb="Svar: ja når lånet ikke er for langt",
    nn="Svar: ja når lånet ikkje er for langt",
    en="Answer: yes when the loan is not too long",
)
def answer(days: int, most_days: int) -> str:
    if days > most_days:
        return "NO"
    return "LOAN"
