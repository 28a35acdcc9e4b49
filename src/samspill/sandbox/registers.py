"""The smaller registers: contact information, NAV, Lånekassen, Matrikkelen, Husbanken."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from samspill.sandbox.context import Sandbox
from samspill.sandbox.people import Benefit, Dwelling, Loan, Person
from samspill.sandbox.web import Reply, Route, error_of, read_batch, read_json, reply_json

_CHECKED = date(2026, 6, 29)
_OUTDATED = date(2024, 2, 11)
_BUILDING_TYPES = {
    "111": "Enebolig",
    "141": "Store frittliggende boligbygg på 2 etasjer",
    "142": "Store frittliggende boligbygg på 3 og 4 etasjer",
    "161": "Fritidsbygning (hytter, sommerhus og lignende)",
    "319": "Annen kontorbygning",
    "721": "Sykehjem",
}


def _people(sandbox: Sandbox, request: Request) -> tuple[dict[str, Any], list[tuple[str, Person]]]:
    data, numbers = read_batch(request, "personidentifikatorer")
    found = ((number, sandbox.world.person(number)) for number in numbers)
    return data, [(number, person) for number, person in found if person is not None]


def _day(data: dict[str, Any], component: str) -> date | None:
    try:
        return date.fromisoformat(data["dato"]) if data.get("dato") else None
    except (TypeError, ValueError) as error:
        message = "'dato' must be a date: YYYY-MM-DD."
        raise Reply(error_of(component, 400, "400", message)) from error


# -- Kontakt- og reservasjonsregisteret ---------------------------------------------------------------


def contacts(sandbox: Sandbox, request: Request) -> Response:
    """Answer contact information and reservation, as published."""
    _, people = _people(sandbox, request)
    return reply_json({"personer": [_contact(number, person) for number, person in people]})


def _contact(number: str, person: Person) -> dict[str, Any]:
    facts = person.contact
    if not facts.registered:
        return {
            "personidentifikator": number,
            "reservasjon": "NEI",
            "status": "IKKE_REGISTRERT",
            "varslingsstatus": "KAN_IKKE_VARSLES",
        }
    checked = _OUTDATED if facts.outdated else _CHECKED + timedelta(days=person.serial % 120)
    can_be_told = not facts.reserved and not facts.outdated
    found: dict[str, Any] = {
        "personidentifikator": number,
        "reservasjon": "JA" if facts.reserved else "NEI",
        "status": "AKTIV",
        "varslingsstatus": "KAN_VARSLES" if can_be_told else "KAN_IKKE_VARSLES",
        "kontaktinformasjon": _channels(person, checked),
        "spraak": facts.language,
        "spraak_oppdatert": "2025-01-20T08:00:00.000Z",
    }
    if facts.reserved:
        found["reservasjonstidspunkt"] = "2024-05-02T12:00:00+02"
    if facts.mailbox:
        found["digital_post"] = {
            "postkasseadresse": f"sandkasse.{person.serial}#{person.serial:04d}",
            "postkasseleverandoeradresse": "984661185",
        }
    return found


def _channels(person: Person, checked: date) -> dict[str, str]:
    found: dict[str, str] = {}
    updated = f"{checked.isoformat()}T10:14:52+02"
    if person.contact.email:
        found |= {
            "epostadresse": f"person{person.serial}@sandkasse.example",
            "epostadresse_oppdatert": updated,
            "epostadresse_sist_verifisert": f"{checked.isoformat()}T08:14:52.000Z",
        }
    if person.contact.mobile:
        found |= {
            "mobiltelefonnummer": f"+47990{person.serial % 100000:05d}",
            "mobiltelefonnummer_oppdatert": updated,
            "mobiltelefonnummer_sist_verifisert": f"{checked.isoformat()}T08:14:52.000Z",
        }
    return found


# -- NAV and Lånekassen -------------------------------------------------------------------------------


def benefits(sandbox: Sandbox, request: Request) -> Response:
    """Answer the benefits of up to 1000 persons, on a day when one is given (ours)."""
    data, people = _people(sandbox, request)
    day = _day(data, "nav")
    return reply_json(
        {
            "personer": [
                {
                    "personidentifikator": number,
                    "ytelser": [_benefit(b) for b in person.benefits if _runs(b, day)],
                }
                for number, person in people
            ]
        }
    )


def _runs(benefit: Benefit, day: date | None) -> bool:
    if day is None:
        return True
    return benefit.first <= day and (benefit.last is None or benefit.last >= day)


def _benefit(benefit: Benefit) -> dict[str, Any]:
    found: dict[str, Any] = {
        "ytelse": benefit.kind,
        "fraOgMed": benefit.first.isoformat(),
        "tilOgMed": benefit.last.isoformat() if benefit.last else None,
        "meldekort": benefit.every_fortnight,
    }
    if benefit.kind == "ufoeretrygd":
        found |= {
            "varig": benefit.permanent,
            "ungUfoer": benefit.young_disabled,
            "yrkesskade": benefit.occupational_injury,
        }
    if benefit.kind == "alderspensjon":
        found |= {"kapittel": benefit.chapter or "19", "enslig": benefit.single}
    return found


def students(sandbox: Sandbox, request: Request) -> Response:
    """Answer who has a right to support, on a day when one is given (ours)."""
    data, people = _people(sandbox, request)
    day = _day(data, "lanekassen")
    return reply_json({"personer": [_student(n, person, day) for n, person in people]})


def _student(number: str, person: Person, day: date | None) -> dict[str, Any]:
    study = person.study
    if study is None or (day is not None and not study.first <= day <= study.last):
        return {"personidentifikator": number, "student": False, "rettTilStoette": False}
    return {
        "personidentifikator": number,
        "student": True,
        "rettTilStoette": study.has_right,
        "utdanningsnivaa": study.level,
        "laerested": study.place,
        "fraOgMed": study.first.isoformat(),
        "tilOgMed": study.last.isoformat(),
        "paabegyntAar": study.begun,
    }


# -- Matrikkelen and Husbanken ------------------------------------------------------------------------


def dwellings(sandbox: Sandbox, request: Request) -> Response:
    """Answer dwelling units, by person or by address identifier and unit (ours)."""
    data = read_json(request)
    units = data.get("boenheter")
    if isinstance(units, list):
        known = _dwelling_index(sandbox)
        keys = [
            (str(u.get("adresseIdentifikator")), str(u.get("bruksenhetsnummer")))
            for u in units
            if isinstance(u, dict)
        ]
        return reply_json({"boenheter": [_unit(known[k]) for k in keys if k in known]})
    _, people = _people(sandbox, request)
    return reply_json(
        {
            "boenheter": [
                {"personidentifikator": n, **_unit(sandbox.world.dwelling(p))} for n, p in people
            ]
        }
    )


def _dwelling_index(sandbox: Sandbox) -> dict[tuple[str, str], Dwelling]:
    households = sandbox.world.all_households()
    return {(h.dwelling.address_id, h.dwelling.unit_no): h.dwelling for h in households}


def _unit(dwelling: Dwelling) -> dict[str, Any]:
    return {
        "adresseIdentifikator": dwelling.address_id,
        "bruksenhetsnummer": dwelling.unit_no,
        "kommunenummer": dwelling.municipality_no,
        "bruksenhetstype": dwelling.unit_type,
        "bygningstype": {
            "kode": dwelling.building_type,
            "navn": _BUILDING_TYPES.get(dwelling.building_type, "Annen bygning"),
        },
        "godkjentSomBolig": dwelling.approved,
        "fritidsbolig": dwelling.unit_type == "fritidsbolig",
        "institusjon": dwelling.institution,
        "antallRom": dwelling.rooms,
        "bad": dwelling.bath,
        "wc": dwelling.toilet,
        "kjoekkentilgang": dwelling.kitchen,
        "bruksareal": dwelling.area_m2,
    }


def loans(sandbox: Sandbox, request: Request) -> Response:
    """Answer the loans in Husbanken's register (ours)."""
    _, people = _people(sandbox, request)
    return reply_json(
        {
            "personer": [
                {
                    "personidentifikator": number,
                    "laan": [_loan(person, n, loan) for n, loan in enumerate(person.loans, 1)],
                }
                for number, person in people
            ]
        }
    )


def _loan(person: Person, serial: int, loan: Loan) -> dict[str, Any]:
    return {
        "laanenummer": f"{14_000_000 + person.serial}{serial}",
        "laangiver": "Husbanken",
        "laanetype": loan.kind,
        "restgjeld": loan.balance,
        "renterAar": loan.interest,
        "avdragAar": loan.instalments,
        "gebyrerAar": loan.fees,
        "andelBolig": loan.dwelling_share,
    }


ROUTES: list[Route] = [
    (Rule("/krr/rest/v2/personer", methods=["POST"]), contacts),
    (Rule("/nav/v1/ytelser", methods=["POST"]), benefits),
    (Rule("/lanekassen/v1/stotte", methods=["POST"]), students),
    (Rule("/matrikkelen/v1/boenheter", methods=["POST"]), dwellings),
    (Rule("/husbanken/v1/laan", methods=["POST"]), loans),
]
