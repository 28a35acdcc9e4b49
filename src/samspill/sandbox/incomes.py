"""What a person earned in a month, and what the tax settlement says: pure functions, nothing stored.

The published codes are those of Skatteetaten's Inntekt API and Summert skattegrunnlag API.
"""

from __future__ import annotations

import zlib
from datetime import date, timedelta
from functools import cache
from typing import Any, NamedTuple

from samspill.sandbox.people import MONTHS_IN_YEAR, Income, Person, month_index, month_text

FIRST_MONTH = month_index("2025-01")
LAST_MONTH = month_index("2026-12")
SETTLEMENT_YEARS = (2024, 2025)

_WAGE, _PUBLIC, _PENSION = "loennsinntekt", "ytelseFraOffentlige", "pensjonEllerTrygd"
_TRANSITION = "overgangsstoenadTilEnsligMorEllerFarSomBegynteAaLoepe1April2014EllerSenere"

KINDS: dict[str, tuple[str, str]] = {
    "timeloenn": (_WAGE, "timeloenn"),
    "fastloenn": (_WAGE, "fastloenn"),
    "feriepenger": (_WAGE, "feriepenger"),
    "annet": (_WAGE, "annet"),
    "arbeidsavklaringspenger": (_PUBLIC, "arbeidsavklaringspenger"),
    "dagpengerVedArbeidsloeshet": (_PUBLIC, "dagpengerVedArbeidsloeshet"),
    "ufoeretrygd": (_PUBLIC, "ufoeretrygd"),
    "sykepenger": (_PUBLIC, "sykepenger"),
    "foreldrepenger": (_PUBLIC, "foreldrepenger"),
    "overgangsstoenad": (_PUBLIC, _TRANSITION),
    "alderspensjon": (_PENSION, "alderspensjon"),
    "tjenestepensjon": (_PENSION, "pensjonOgLivrenterIArbeidsforhold"),
    "introduksjonsstoenad": (_PENSION, "introduksjonsstoenad"),
    "kvalifiseringstoenad": (_PENSION, "kvalifiseringstoenad"),
    "supplerendeStoenadUfoerFlyktning": (_PENSION, "annet"),
    "supplerendeStoenadKortBotid": (_PENSION, "supplerendeStoenadTilPersonKortBotidNorge"),
}
_FORTNIGHT_STARTS = {"fortnight_even": date(2025, 1, 3), "fortnight_odd": date(2025, 1, 10)}
_FORTNIGHT = 14
_JUNE = 5


class Payment(NamedTuple):
    """One payment of a month."""

    kind: str
    amount: int
    payer: str


@cache
def fortnight_payments(pattern: str, month: int) -> int:
    """Count the 14-day payments of a calendar month (two or three).

    >>> [fortnight_payments("fortnight_even", month_index(m)) for m in ("2025-01", "2025-02")]
    [3, 2]
    """
    first = date(month // MONTHS_IN_YEAR, month % MONTHS_IN_YEAR + 1, 1)
    after = date((month + 1) // MONTHS_IN_YEAR, (month + 1) % MONTHS_IN_YEAR + 1, 1)
    start = _FORTNIGHT_STARTS[pattern]
    gap = -(first - start).days % _FORTNIGHT
    return ((after - first).days - gap + _FORTNIGHT - 1) // _FORTNIGHT


def payments(person: Person, month: int) -> list[Payment]:
    """Give what was paid to a person in a month, one entry per payment."""
    if not FIRST_MONTH <= month <= LAST_MONTH:
        return []
    if person.died is not None and _month_of(person.died) < month:
        return []
    found: list[Payment] = []
    for income in person.incomes:
        if income.first <= month <= income.last:
            found += _payments_of(person, income, month)
    return found


def _month_of(day: date) -> int:
    return day.year * MONTHS_IN_YEAR + day.month - 1


def _payments_of(person: Person, income: Income, month: int) -> list[Payment]:
    amount = income.amount if income.exact else _varied(person, income, month)
    if income.pattern == "month":
        return [Payment(income.kind, amount, income.payer)]
    if income.pattern.startswith("fortnight"):
        count = fortnight_payments(income.pattern, month)
        return [Payment(income.kind, amount, income.payer)] * count
    return []


def _varied(person: Person, income: Income, month: int) -> int:
    """Let hours vary by month and June be holiday pay; benefits rise with G in May."""
    group = KINDS[income.kind][0]
    if group != _WAGE:
        years = (month - FIRST_MONTH + 8) // MONTHS_IN_YEAR
        return round(income.amount * 1.045**years)
    noise = zlib.crc32(f"{person.national_id}{month}{income.kind}".encode()) % 1000 / 1000
    spread = 0.45 if income.kind == "timeloenn" else 0.04
    factor = 1.2 if month % MONTHS_IN_YEAR == _JUNE else 1 - spread / 2 + spread * noise
    return round(income.amount * factor)


def inntekt_element(kind: str, amount: int) -> dict[str, Any]:
    """Give one published `inntekt` element."""
    group, beskrivelse = KINDS.get(kind, (_WAGE, kind))
    return {
        "fordel": "kontantytelse",
        "utloeserArbeidsgiveravgift": group == _WAGE,
        "inngaarIGrunnlagForTrekk": True,
        "beloep": amount,
        group: {"beskrivelse": beskrivelse},
    }


def oppgaver(national_id: str, found: list[Payment], month: int) -> list[dict[str, Any]]:
    """Give the published `oppgaveInntektsmottaker` elements of a month: one per payer."""
    by_payer: dict[str, list[dict[str, Any]]] = {}
    for payment in found:
        elements = by_payer.setdefault(payment.payer, [])
        elements.append(inntekt_element(payment.kind, payment.amount))
    text = month_text(month)
    return [
        {
            "opplysningspliktigId": payer,
            "virksomhetId": payer,
            "kalendermaaned": text,
            "inntektsmottaker": {"personidentifikator": national_id},
            "inntekt": elements,
        }
        for payer, elements in by_payer.items()
    ]


def settlement_document(person: Person, year: int, stage: str) -> dict[str, Any] | None:
    """Give the published Summert skattegrunnlag of a person and year, or None."""
    facts = person.settlement
    if facts is None or year not in SETTLEMENT_YEARS:
        return None
    gross = facts.deposits + facts.dwelling_value + facts.shares
    lines = (
        ("innskudd", facts.deposits, "formue"),
        ("formuesverdiForPrimaerbolig", facts.dwelling_value, "formue"),
        ("verdiFoerVerdsettingsrabattForAksje", facts.shares, "formue"),
        ("samledeOpptjenteRenterIInnenlandskeBanker", facts.interest, "inntekt"),
        ("utbytteFraAksje", facts.dividends, "inntekt"),
        ("samletOverskuddAvEnkeltpersonforetakInnenAnnenNaering", facts.business, "inntekt"),
        ("ufoereytelseFraUtlandet", facts.foreign, "inntekt"),
        ("nettoinntektVedUtleieAvFastEiendomMv", facts.rental, "inntekt"),
    )
    grunnlag: list[dict[str, Any]] = [
        {"tekniskNavn": name, "beloep": amount, "kategori": category}
        for name, amount, category in lines
        if amount
    ]
    grunnlag += [
        {"tekniskNavn": "bruttoformue", "beloep": gross},
        {"tekniskNavn": "samletGjeld", "beloep": facts.debt},
        {"tekniskNavn": "nettoformue", "beloep": gross - facts.debt},
    ]
    settled = date(year + 1, 4, 8) + timedelta(days=person.serial % 60)
    return {
        "personidentifikator": person.national_id,
        "inntektsaar": str(year),
        "grunnlag": grunnlag,
        "skjermet": False,
        "skatteoppgjoersdato": settled.isoformat(),
        "stadie": stage,
        "ajourholdstidspunkt": f"{settled.isoformat()}T08:38:37.72Z",
    }
