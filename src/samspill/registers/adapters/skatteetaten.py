"""Skatteetaten: incomes of a month (Inntekt API) and the tax settlement (Summert skattegrunnlag API).

The published calls are about one person and carry the number in the address; for batches the stand-in has `…/bulk`
(docs/rooms/sandbox.md). `bulk: false` in the settings of the register makes a batch of single calls instead.
That there is nothing for a month or year (404) is a normal answer: no income, no settlement.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import attrs

from samspill.kernel.ids import NationalId
from samspill.registers.adapters import payers
from samspill.registers.adapters.clients import Component, call_object, configured
from samspill.registers.domain import Ask, WireError
from samspill.registers.domain.reading import (
    Json,
    an_object,
    by_person,
    number,
    objects,
    optional_text,
    text,
)

INCOME = Component("skatteetaten", "skatteetaten:inntekt")
SETTLEMENT = Component("skatteetaten", "skatteetaten:summertskattegrunnlag")
SOURCE_INCOME = "Skatteetaten, a-ordningen"
SOURCE_SETTLEMENT = "Skatteetaten, skatteoppgjøret"
_KINDS = ("loennsinntekt", "ytelseFraOffentlige", "pensjonEllerTrygd", "naeringsinntekt")
#: The register's own words for "nothing here": unknown person, no data for the time, data deleted.
_NO_INCOME = frozenset({"IM-007", "IM-008"})
_NO_SETTLEMENT = frozenset({"SSG-007", "SSG-008", "SSG-011"})
_THREADS = 8
_YEARS_BACK = (1, 2)

#: Technical names of Summert skattegrunnlag by what they are (informasjonsmodell 2023–2025).
DWELLING = frozenset({"formuesverdiForPrimaerbolig", "samletFormuesverdiForAndelIBoligselskap"})
CAPITAL = frozenset(
    {
        "samledeOpptjenteRenterIInnenlandskeBanker",
        "samledeOpptjenteRenterIUtenlandskeBanker",
        "andreRenteinntekter",
        "utbytteFraAksje",
        "utbytteFraVerdipapirfond",
        "gevinstVedRealisasjonAvAksje",
        "nettoinntektVedUtleieAvFastEiendomMv",
        "skattepliktigAvkastningFraLivsforsikring",
        "annenKapitalinntekt",
    }
)
_BUSINESS_PREFIXES = ("samletOverskuddAv", "overskuddAv", "samletOverskuddINaering")
_FOREIGN_PARTS = ("FraUtlandet", "IUtlandet")


# -- incomes of a month -------------------------------------------------------------------------


def incomes(ask: Ask) -> dict[NationalId, dict[str, Any]]:
    """Return each person in the shape `skatteetaten.income`; nobody is missing from the answer."""
    month = str(ask.month)
    base = f"/api/innrapportert/inntektsmottaker/{_package()}"
    asked = {"fraOgMed": month, "tilOgMed": month}

    def one(person: NationalId) -> Json | None:
        path = f"{base}/{person.value}/oppgave/inntekt"
        return call_object(
            INCOME, "GET", path, operation="inntekt", params=asked, nothing=_NO_INCOME
        )

    if _one_by_one(ask):
        found = {person: entry for person, entry in _each(one, ask.persons) if entry is not None}
    else:
        found = _bulk(
            INCOME, f"{base}/bulk", ask, asked, operation="inntekt bulk", key="inntektsmottakere"
        )
    read = {
        person: _read_statements(found[person], month) if person in found else []
        for person in ask.persons
    }
    names = payers.names({item.payer_org_no for items in read.values() for item in items})
    return {
        person: {
            "month": month,
            "total": sum(item.amount for item in items),
            "items": [item.as_data(names) for item in items],
        }
        for person, items in read.items()
    }


@attrs.define
class _Item:
    """Payments of one kind from one payer in the month."""

    payer_org_no: str
    kind: str
    benefit: str
    amount: int | float = 0
    payments: int = 0

    def as_data(self, names: Mapping[str, str]) -> dict[str, Any]:
        return {"payer": names.get(self.payer_org_no, ""), **attrs.asdict(self)}


def _read_statements(entry: Json, month: str) -> list[_Item]:
    """Add up a person's statements of the month, by payer and kind; count what was paid out."""
    items: dict[tuple[str, str, str], _Item] = {}
    for statement in objects(entry, "oppgaveInntektsmottaker"):
        if text(statement, "kalendermaaned") != month:
            continue
        payer = text(statement, "opplysningspliktigId")
        for income in objects(statement, "inntekt"):
            amount = number(income, "beloep")
            kind, benefit = _kind(income)
            item = items.setdefault((payer, kind, benefit), _Item(payer, kind, benefit))
            item.amount += amount
            item.payments += amount > 0
    return list(items.values())


def _kind(income: Json) -> tuple[str, str]:
    for kind in _KINDS:
        if income.get(kind) is not None:
            return kind, optional_text(an_object(income[kind], kind), "beskrivelse") or "annet"
    return "ukjent", "annet"


# -- the tax settlement -------------------------------------------------------------------------


def settlements(ask: Ask) -> dict[NationalId, dict[str, Any]]:
    """Return each person in the shape `skatteetaten.tax_settlement`, `{}` for one who has none.

    Without a year: the newest of the last two, for each person.
    """
    years = [ask.period] if isinstance(ask.period, int) else [ask.on.year - n for n in _YEARS_BACK]
    found: dict[NationalId, dict[str, Any]] = {}
    for year in years:
        missing = tuple(person for person in ask.persons if person not in found)
        if missing:
            found |= _settlements_of(attrs.evolve(ask, persons=missing), year)
    return {person: found.get(person, {}) for person in ask.persons}


def _settlements_of(ask: Ask, year: int) -> dict[NationalId, dict[str, Any]]:
    base = f"/api/formueinntekt/summertskattegrunnlag/oppgjoer/{_package()}/{year}"

    def one(person: NationalId) -> Json | None:
        path, operation = f"{base}/{person.value}", "skattegrunnlag"
        return call_object(SETTLEMENT, "GET", path, operation=operation, nothing=_NO_SETTLEMENT)

    if _one_by_one(ask):
        found = {person: entry for person, entry in _each(one, ask.persons) if entry is not None}
    else:
        operation = "skattegrunnlag bulk"
        found = _bulk(
            SETTLEMENT, f"{base}/bulk", ask, {}, operation=operation, key="skattegrunnlag"
        )
    return {person: read_settlement(entry, year) for person, entry in found.items()}


def read_settlement(document: Json, year: int) -> dict[str, Any]:
    """Translate a settlement; amounts in kroner, nothing rounded."""
    if text(document, "inntektsaar") != str(year):
        msg = "inntektsaar is another year than the one asked for"
        raise WireError(msg)
    lines = [(text(line, "tekniskNavn"), line) for line in objects(document, "grunnlag")]
    by_name = {name: number(line, "beloep") for name, line in lines}
    return {
        "year": year,
        "net_wealth": _net_wealth(by_name, [line for _, line in lines]),
        "dwelling_tax_value": _sum(by_name, lambda name: name in DWELLING),
        "capital_income": _sum(by_name, lambda name: name in CAPITAL),
        "business_income": _sum(by_name, lambda name: name.startswith(_BUSINESS_PREFIXES)),
        "foreign_income": _sum(
            by_name, lambda name: name not in CAPITAL and name.endswith(_FOREIGN_PARTS)
        ),
    }


def _net_wealth(by_name: Mapping[str, int | float], lines: Sequence[Json]) -> int | float:
    """Return net wealth: as stated, else gross less debt, else the sum of the lines."""
    if "nettoformue" in by_name:
        return by_name["nettoformue"]
    if "bruttoformue" in by_name:
        return by_name["bruttoformue"] - by_name.get("samletGjeld", 0)
    signs = {"formue": 1, "formuesfradrag": -1}
    return sum(signs.get(_category(line), 0) * number(line, "beloep") for line in lines)


def _category(line: Json) -> str:
    """Return the category: a text in version 2, a list of texts in version 1."""
    category = line.get("kategori")
    if isinstance(category, list):
        category = category[0] if category else ""
    return category if isinstance(category, str) else ""


def _sum(by_name: Mapping[str, int | float], belongs: Callable[[str], bool]) -> int | float:
    return sum(amount for name, amount in by_name.items() if belongs(name))


# -- calls -----------------------------------------------------------------------------------------


def _package() -> str:
    return str(configured("skatteetaten").get("package", "husbanken"))


def _one_by_one(ask: Ask) -> bool:
    return len(ask.persons) == 1 or not configured("skatteetaten").get("bulk", True)


def _each(
    one: Callable[[NationalId], Json | None], persons: Sequence[NationalId]
) -> list[tuple[NationalId, Json | None]]:
    if len(persons) == 1:
        return [(persons[0], one(persons[0]))]
    with ThreadPoolExecutor(_THREADS) as pool:
        return list(zip(persons, pool.map(one, persons), strict=True))


def _bulk(
    component: Component, path: str, ask: Ask, more: Json, *, operation: str, key: str
) -> dict[NationalId, Json]:
    wanted = {person.value: person for person in ask.persons}
    body = {"personidentifikatorer": list(wanted), **more}
    answer = call_object(component, "POST", path, operation=operation, batch=True, json=body)
    return by_person(objects(answer or {}, key), "personidentifikator", wanted)
