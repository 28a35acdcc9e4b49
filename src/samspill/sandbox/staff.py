"""Employees who log in with Ansattporten: municipalities, agencies, KS; one with two units, one with none.

Names are made up; organisation numbers are the real ones of Enhetsregisteret.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from samspill.sandbox.households import HUSBANKEN
from samspill.sandbox.municipalities import by_number
from samspill.sandbox.numbers import make_national_id

CASEWORKER = "saksbehandler"
LEADER = "leder"
GUIDE = "veileder"
LEAD = "digitaliseringsleder"
CLEARED = "skjermet"
#: What sets somebody to serve a queue: the services, and the units of the organisation.
HOUSING = ("tjeneste:bostotte", "enhet:*")
EVERYTHING = ("tjeneste:*", "enhet:*")
KINDERGARTEN = ("tjeneste:barnehage", "enhet:oppvekst")

_DIGDIR = ("991825827", "Digitaliseringsdirektoratet")
_KS = ("971032146", "KS – Kommunesektorens organisasjon")
_DFD = ("932384469", "Digitaliserings- og forvaltningsdepartementet")


class Reportee(NamedTuple):
    """An organisation that somebody acts for, with the rights it gave."""

    org_no: str
    name: str
    rights: tuple[str, ...]


class StaffMember(NamedTuple):
    """An employee: made-up number and name, real organisation numbers."""

    key: str
    national_id: str
    name: str
    title: str
    reportees: tuple[Reportee, ...]


_MUNICIPALITIES = ("1108", "3201", "5001", "4601", "5501", "3207", "5610", "4649", "0301", "1516")
_PEOPLE = (
    ("Stødig", "Fjellbekk", "Tålmodig", "Bokhylle", "Vennlig", "Dørstokk"),
    ("Rask", "Sykkel", "Klok", "Uglefjær", "Hjelpsom", "Bro"),
    ("Grundig", "Blyant", "Rettferdig", "Vekt", "Blid", "Skranke"),
    ("Nøyaktig", "Regnbue", "Fremsynt", "Utsikt", "Varm", "Kaffekopp"),
    ("Våken", "Nordlys", "Rolig", "Fjord", "Åpen", "Kai"),
    ("Ryddig", "Skuff", "Sindig", "Eik", "Trygg", "Veiviser"),
    ("Pålitelig", "Rein", "Verdig", "Vidde", "Lun", "Lavvo"),
    ("Flittig", "Lauvtre", "Djerv", "Foss", "Snill", "Brygge"),
    ("Effektiv", "Trikk", "Myndig", "Løve", "Høflig", "Port"),
    ("Trofast", "Bølge", "Stø", "Klippe", "Munter", "Måke"),
)
_LEADS = (
    "Nysgjerrig Kompass",
    "Framsynt Fyrtårn",
    "Samlende Veikryss",
    "Ivrig Regnfrakk",
    "Kvikk Nordavind",
    "Lydhør Vinterfugl",
    "Modig Multe",
    "Bestemt Stavkirke",
    "Omtenksom Trikkeskinne",
    "Nøktern Lundefugl",
)


def _number(serial: int) -> str:
    born = date(1968 + serial * 7 % 30, 1 + serial * 5 % 12, 1 + serial * 11 % 28)
    return make_national_id(born, salt=9000 + serial, used=frozenset())


def _municipal_staff() -> list[StaffMember]:
    staff: list[StaffMember] = []
    for number, names in zip(_MUNICIPALITIES, _PEOPLE, strict=True):
        place = by_number()[number]
        organisation = f"{place.name} kommune"
        jobs = (
            (CASEWORKER, (CASEWORKER, *HOUSING)),
            (LEADER, (CASEWORKER, LEADER, *EVERYTHING)),
            (GUIDE, (GUIDE, *EVERYTHING)),
        )
        for n, (job, rights) in enumerate(jobs):
            staff.append(
                StaffMember(
                    key=f"{job}-{number}",
                    national_id=_number(len(staff) + 1),
                    name=f"{names[2 * n]} {names[2 * n + 1]}",
                    title=f"{job.capitalize()}, {organisation}",
                    reportees=(Reportee(place.org_no, organisation, rights),),
                )
            )
    return staff


def _municipal_leads() -> list[StaffMember]:
    """Give each staffed municipality one who leads its digitalisation."""
    leads = []
    for n, (number, name) in enumerate(zip(_MUNICIPALITIES, _LEADS, strict=True)):
        organisation = f"{by_number()[number].name} kommune"
        leads.append(
            StaffMember(
                key=f"{LEAD}-{number}",
                national_id=_number(41 + n),
                name=name,
                title=f"Digitaliseringsleder, {organisation}",
                reportees=(Reportee(by_number()[number].org_no, organisation, (LEAD,)),),
            )
        )
    return leads


def _together() -> list[StaffMember]:
    """Give those who decide together at the state and in KS."""
    husbanken = (HUSBANKEN, "Husbanken")
    jobs = (
        ("tiltakseier-husbanken", "Drivende Lyskaster", "Tiltakseier", husbanken, "tiltakseier"),
        ("tiltakseier-digdir", "Ordnende Brokar", "Tiltakseier", _DIGDIR, "tiltakseier"),
        ("samordner-ks", "Samstemt Felespill", "Samordner", _KS, "samordner"),
        ("budsjett-dfd", "Avveiende Skålvekt", "Budsjett og runder", _DFD, "budsjett"),
        ("sekretariat-digdir", "Etterrettelig Protokoll", "Sekretariat", _DIGDIR, "sekretariat"),
    )
    return [
        StaffMember(key, _number(110 + n), name, f"{title}, {org[1]}", (Reportee(*org, (right,)),))
        for n, (key, name, title, org, right) in enumerate(jobs)
    ]


def _others() -> list[StaffMember]:
    husbanken = "Husbanken"
    both = tuple(
        Reportee(by_number()[n].org_no, f"{by_number()[n].name} kommune", (CASEWORKER, *HOUSING))
        for n in ("1108", "1103")
    )
    return [
        StaffMember(
            "saksbehandler-husbanken",
            _number(101),
            "Treffsikker Lanterne",
            "Saksbehandler, Husbanken",
            (Reportee(HUSBANKEN, husbanken, (CASEWORKER, *HOUSING)),),
        ),
        StaffMember(
            "leder-husbanken",
            _number(102),
            "Besluttsom Ørn",
            "Leder, Husbanken",
            (Reportee(HUSBANKEN, husbanken, (CASEWORKER, LEADER, *EVERYTHING)),),
        ),
        StaffMember(
            "to-kommuner",
            _number(103),
            "Dobbel Nøkkel",
            "Saksbehandler i to kommuner, Sandnes og Stavanger",
            both,
        ),
        StaffMember(
            "ingen-kommune", _number(104), "Vandrende Paraply", "Ansatt uten organisasjon", ()
        ),
        StaffMember(
            "skjermet-husbanken",
            _number(105),
            "Taus Tårnugle",
            "Saksbehandler for skjermede adresser, Husbanken",
            (Reportee(HUSBANKEN, husbanken, (CLEARED, *EVERYTHING)),),
        ),
    ]


def _elsewhere() -> list[StaffMember]:
    """Give caseworkers of another service and unit: a case of housing allowance is outside their tasks."""
    names = {"1108": "Leken Sandkasse", "5001": "Fargerik Drage", "0301": "Myk Pute"}
    staff = []
    for n, (number, name) in enumerate(names.items()):
        place = by_number()[number]
        organisation = f"{place.name} kommune"
        staff.append(
            StaffMember(
                key=f"barnehage-{number}",
                national_id=_number(120 + n),
                name=name,
                title=f"Saksbehandler for barnehage, {organisation}",
                reportees=(Reportee(place.org_no, organisation, (CASEWORKER, *KINDERGARTEN)),),
            )
        )
    return staff


STAFF: tuple[StaffMember, ...] = (
    *_municipal_staff(),
    *_municipal_leads(),
    *_together(),
    *_others(),
    *_elsewhere(),
)


def staff_member(key: str) -> StaffMember | None:
    """Give the employee with a key or a number, or None."""
    return next((s for s in STAFF if key in (s.key, s.national_id)), None)
