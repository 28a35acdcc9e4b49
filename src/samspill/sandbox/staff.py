"""Employees who log in with Ansattporten: municipalities, Husbanken, one with two, one with none."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from samspill.sandbox.households import HUSBANKEN
from samspill.sandbox.municipalities import by_number
from samspill.sandbox.numbers import make_national_id

CASEWORKER = "saksbehandler"
LEADER = "leder"
GUIDE = "veileder"


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


def _number(serial: int) -> str:
    born = date(1968 + serial * 7 % 30, 1 + serial * 5 % 12, 1 + serial * 11 % 28)
    return make_national_id(born, salt=9000 + serial, used=frozenset())


def _municipal_staff() -> list[StaffMember]:
    staff: list[StaffMember] = []
    for number, names in zip(_MUNICIPALITIES, _PEOPLE, strict=True):
        place = by_number()[number]
        organisation = f"{place.name} kommune"
        jobs = ((CASEWORKER, (CASEWORKER,)), (LEADER, (CASEWORKER, LEADER)), (GUIDE, (GUIDE,)))
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


def _others() -> list[StaffMember]:
    husbanken = "Husbanken"
    both = tuple(
        Reportee(by_number()[n].org_no, f"{by_number()[n].name} kommune", (CASEWORKER,))
        for n in ("1108", "1103")
    )
    return [
        StaffMember(
            "saksbehandler-husbanken",
            _number(101),
            "Treffsikker Lanterne",
            "Saksbehandler, Husbanken",
            (Reportee(HUSBANKEN, husbanken, (CASEWORKER,)),),
        ),
        StaffMember(
            "leder-husbanken",
            _number(102),
            "Besluttsom Ørn",
            "Leder, Husbanken",
            (Reportee(HUSBANKEN, husbanken, (CASEWORKER, LEADER)),),
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
    ]


STAFF: tuple[StaffMember, ...] = (*_municipal_staff(), *_others())


def staff_member(key: str) -> StaffMember | None:
    """Give the employee with a key or a number, or None."""
    return next((s for s in STAFF if key in (s.key, s.national_id)), None)
