"""Bostøtte calculated a second time, by hand, in exact fractions.

Written from the statute (forskrift om bustøtte §§ 1-13) without the engine: its own reading of the rate
file, its own dates, its own order. It is slow and plain on purpose; the rules of the package are held up
against it.
"""

import datetime as dt
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml

RATES = Path(__file__).parents[2] / "src/samspill/catalogue/bostotte/parameters.yaml"
_FILE = yaml.safe_load(RATES.read_text(encoding="utf-8"))


def rate(name: str, term: dt.date) -> Any:
    """Give the last value that has begun."""
    begun = [entry for entry in _FILE[name] if entry["from"] <= term]
    value = max(begun, key=lambda entry: entry["from"])["value"]
    if isinstance(value, dict):
        return {key: exact(part) for key, part in value.items()}
    if isinstance(value, list):
        return [exact(part) for part in value]
    return exact(value)


def exact(number: float) -> Fraction:
    """Give the number as it is written in decimals, not as the machine holds it."""
    return Fraction(repr(number))


def amount(household: dict[str, Any], name: str) -> Fraction:
    """Give an amount of the household, 0 when it is not given."""
    return exact(household.get(name, 0))


def income_year(household: dict[str, Any], term: dt.date) -> Fraction:
    """Twelve times the month's income (§§ 5 and 6)."""
    capital = Fraction(0)
    for person in household.get("kapitalinntekt_aar", []):
        above = exact(person) - rate("kapital_fribelop", term)
        if above > 0:
            capital += above
    yearly = amount(household, "naeringsinntekt_aar") + amount(household, "utenlandsinntekt_aar")
    yearly += capital + wealth_supplement(household, term)
    monthly = amount(household, "inntekt_aordning_mnd")
    monthly += amount(household, "skattefri_leieinntekt_mnd")
    yearly -= amount(household, "saerfradrag_2014_aar")
    return max(Fraction(0), 12 * monthly + yearly)


def wealth_supplement(household: dict[str, Any], term: dt.date) -> Fraction:
    """A share of net wealth above the allowance (§ 6)."""
    if household.get("eieform", "leie") == "leie":
        free = rate("formue_fribelop_leier", term)
    else:
        most = rate("formue_fribelop_eier", term)
        dwelling = amount(household, "ligningsverdi_bolig")
        free = min(most, dwelling)
    above = amount(household, "nettoformue") - free
    return rate("formue_sats", term) * above if above > 0 else Fraction(0)


def weight(household: dict[str, Any], term: dt.date) -> Fraction:
    """The sum of weights (§ 7)."""
    weights = rate("vekter", term)
    total = weights["soker"]
    for _ in range(household.get("andre_voksne", 0)):
        total += weights["voksen"]
    for _ in range(household.get("barn", 0)):
        total += weights["barn"]
    return total


def costs(household: dict[str, Any], term: dt.date) -> Fraction:
    """Housing costs of a year before the cap (§ 2)."""
    total = Fraction(0)
    form = household.get("eieform", "leie")
    if form == "leie":
        total = 12 * amount(household, "husleie_mnd")
    elif form == "felleskostnader":
        total = 12 * amount(household, "felleskostnader_mnd")
        total += amount(household, "laanekostnader_aar")
    else:
        total = rate("driftsutgifter", term) + amount(household, "laanekostnader_aar")
        for name in ("kommunale_avgifter_aar", "eiendomsskatt_aar", "festeavgift_aar"):
            total += amount(household, name)
    pensioner = any(
        household.get(name, False)
        for name in ("pensjonist_i_husstand", "ung_ufor", "enslig_alderspensjonist")
    )
    in_scope = term >= dt.date(2024, 9, 1) or pensioner
    if not household.get("oppvarming_inkludert", True) and in_scope:
        total += rate("oppvarming", term)
    return total


def cap(household: dict[str, Any], term: dt.date) -> Fraction:
    """The most that is counted (§ 3)."""
    persons = 1 + household.get("andre_voksne", 0) + household.get("barn", 0)
    row = rate("kostnadstak", term)
    most = row[persons - 1] if persons < 5 else row[4]
    numbers = _FILE["kommunegruppe_av_nummer"][0]["value"]
    group = numbers[household["kommunenummer"]]
    if group in (1, 2, 3):
        most += rate("tillegg_kommunegruppe", term)[group]
    if household.get("tilpasset_bolig", False):
        most += rate("tillegg_tilpasset_bolig", term)
    return most


def own_share(household: dict[str, Any], x: Fraction, term: dt.date) -> Fraction:
    """What the household bears itself (§ 4)."""
    own = rate("egenandel", term)
    first, second = own["terskel_1"], own["terskel_2"]
    if household.get("enslig_alderspensjonist", False):
        first, second = own["terskel_1_pensjonist"], own["terskel_2_pensjonist"]
    if household.get("ung_ufor", False):
        second = max(second, own["terskel_2_ung_ufor"])
    share = own["minste"]
    if x > first:
        share += own["sats_1"] * (x - first)
    if term >= dt.date(2024, 7, 1):
        if x > second:
            share += rate("egenandel_andre_ledd_sats", term) * (x - second)
    else:
        stairs = rate("egenandel_trapp", term)
        steps, reached = 0, second + 1
        while reached <= x:
            steps, reached = steps + 1, reached + stairs["trinn"]
        share += stairs["sats"] * steps * x
    return share


def calculate(household: dict[str, Any], term: dt.date) -> dict[str, Any]:
    """Give the public result of a household."""
    income = income_year(household, term)
    x = income / weight(household, term)
    total, most = costs(household, term), cap(household, term)
    approved = min(most, total)
    share = own_share(household, x, term)
    before = rate("dekningsgrad", term) * (approved - share) / 12
    rounded = int((2 * before + 1) // 2)
    code = first_obstacle(household)
    if code == "V00" and rounded < rate("minste_utbetaling", term):
        code = "V03"
    return {
        "resultat": "innvilget" if code == "V00" else "avslag",
        "kode": code,
        "belop_mnd": rounded if code == "V00" else 0,
        "inntekt_aar": income,
        "vektet_inntekt_aar": x,
        "boutgifter_aar": total,
        "godkjente_boutgifter_aar": approved,
        "egenandel_aar": share,
        "uavrundet_mnd": before,
    }


def first_obstacle(household: dict[str, Any]) -> str:
    """Give the first code that stands in the way, in the order of Husbanken's guide."""
    ladder = [
        ("V48", not household.get("andre_voksne_bosatt", True)),
        ("V09", household.get("opplysninger_mangler", False)),
        ("V05", not household.get("bosatt_soker", True)),
        ("V11", household.get("soker_doed", False)),
        ("V04", not household.get("bolig_godkjent", True)),
        ("V02", not household.get("noen_berettiget", True)),
    ]
    return next((code for code, stands in ladder if stands), "V00")
