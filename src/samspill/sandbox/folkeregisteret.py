"""Folkeregisteret: person documents with history, households, the feed of events.

Shapes as published in Skatteetaten/folkeregisteret-api-dokumentasjon; the household look-up is ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from samspill.sandbox.context import Sandbox
from samspill.sandbox.municipalities import by_number
from samspill.sandbox.people import Dwelling, Person
from samspill.sandbox.staff import staff_member
from samspill.sandbox.web import Reply, Route, error_of, read_batch, reply_json
from samspill.sandbox.world import Event, Resident, World

SCOPE = "folkeregister:deling/offentligmedhjemmel"
FEED_PAGE = 1000
_SOURCE = "KILDE_DSF"
_GUARDIANS_OFFICE = "statsforvalterenIOsloOgViken"
#: What the guardian may do: the last code is retired and gives no right.
_GUARDIANS_TASKS = (
    ("husbanken", "bostoette"),
    ("bank", "representasjonDagligbank"),
    ("kartverket", "sletting"),
    ("skatteetaten", "innkreving"),
)
_HISTORY_SINCE = date(2021, 1, 1)

Element = dict[str, Any]


@lru_cache(maxsize=65536)
def _times(day: date) -> tuple[str, str]:
    """Give a day as the times of registration and of validity."""
    text = day.isoformat()
    return f"{text}T09:33:23+02:00", f"{text}T00:00:00+02:00"


def _element(since: date, *, current: bool = True, until: date | None = None) -> Element:
    element: Element = {
        "ajourholdstidspunkt": _times(until or since)[0],
        "erGjeldende": current,
        "kilde": _SOURCE,
        "gyldighetstidspunkt": _times(since)[1],
    }
    if until is not None:
        element["opphoerstidspunkt"] = _times(until)[1]
    return element


def address_element(
    dwelling: Dwelling, *, protection: str, since: date, current: bool, until: date | None = None
) -> Element:
    """Give one published bostedsadresse element."""
    place = by_number()[dwelling.municipality_no]
    element = _element(since, current=current, until=until)
    element["vegadresse"] = {
        "kommunenummer": dwelling.municipality_no,
        "bruksenhetsnummer": dwelling.unit_no,
        "bruksenhetstype": dwelling.unit_type,
        "adressenavn": dwelling.street,
        "adressenummer": {"husnummer": dwelling.house_no},
        "adressekode": f"{1000 + len(dwelling.street) * 37}",
        "poststed": {"poststedsnavn": place.name.upper(), "postnummer": dwelling.postal_code},
    }
    element["adresseIdentifikatorFraMatrikkelen"] = dwelling.address_id
    element["adressegradering"] = protection
    element["flyttedato"] = since.isoformat()
    element["grunnkrets"] = int(dwelling.municipality_no) % 100 * 100 + 1
    return element


# -- parts of a person document -----------------------------------------------------------------------


def _numbers(_world: World, person: Person) -> list[Element]:
    kind = "dNummer" if person.d_number else "foedselsnummer"
    since = max(person.born, person.moved_in if person.earlier_id else person.born)
    found = [
        {
            **_element(since),
            "status": "iBruk",
            "foedselsEllerDNummer": person.national_id,
            "identifikatortype": kind,
        }
    ]
    if person.earlier_id:
        came = since - timedelta(days=400)
        found.append(
            {
                **_element(came, current=False, until=since),
                "status": "opphoert",
                "foedselsEllerDNummer": person.earlier_id,
                "identifikatortype": "dNummer",
            }
        )
    return found


def _status(_world: World, person: Person) -> list[Element]:
    since = person.died or person.moved_in
    found = [{**_element(since), "aarsak": "Fødsel", "status": person.status}]
    if person.status in ("doed", "utflyttet"):
        found.append({**_element(person.born, current=False, until=since), "status": "bosatt"})
    return found


def _birth(_world: World, person: Person) -> list[Element]:
    day = person.born.isoformat()
    return [{**_element(person.born), "foedselsdato": day, "foedselsaar": day[:4]}]


def _name(_world: World, person: Person) -> list[Element]:
    return [
        {
            **_element(person.born),
            "fornavn": person.given,
            "etternavn": person.family,
            "forkortetNavn": f"{person.family} {person.given}".upper(),
        }
    ]


def _death(_world: World, person: Person) -> list[Element]:
    if person.died is None:
        return []
    return [{**_element(person.died), "doedsdato": person.died.isoformat()}]


def _civil(world: World, person: Person) -> list[Element]:
    since = date(person.born.year + 24, 6, 14) if person.civil != "ugift" else person.born
    element = {**_element(since), "sivilstand": person.civil, "sivilstandsdato": since.isoformat()}
    if person.spouse is not None:
        element["relatertVedSivilstand"] = world.by_index(person.spouse).national_id
    if person.civil == "ugift":
        return [element]
    return [element, {**_element(person.born, current=False, until=since), "sivilstand": "ugift"}]


def _family(world: World, person: Person) -> list[Element]:
    found = []
    for index in person.parents:
        parent = world.by_index(index)
        found.append(_relation(person.born, parent, "far" if index % 2 else "mor", "barn"))
    role = "far" if person.serial % 2 else "mor"
    found += [_relation(child.born, child, "barn", role) for child in children_of(world, person)]
    if person.spouse is not None:
        spouse = world.by_index(person.spouse)
        together = date(person.born.year + 24, 6, 14)
        found.append(_relation(together, spouse, "ektefelleEllerPartner", "ektefelleEllerPartner"))
    return found


def _relation(since: date, other: Person, role: str, my_role: str) -> Element:
    return {
        **_element(since),
        "relatertPerson": other.national_id,
        "relatertPersonsRolle": role,
        "minRolleForPerson": my_role,
    }


def children_of(world: World, person: Person) -> list[Person]:
    """Give the children of a person who are registered or visit in the same dwelling, or belong to their story."""
    household = world.household(person.household)
    near = {*household.members, *household.visiting_children, *household.also_living_there}
    return [c for c in map(world.by_index, sorted(near)) if person.serial in c.parents]


def _responsibility(world: World, person: Person) -> list[Element]:
    found = []
    if person.parents:
        kind = "felles" if len(person.parents) > 1 else "mor"
        for index in person.parents:
            parent = world.by_index(index)
            found.append({**_element(person.born), "ansvar": kind, "ansvarlig": parent.national_id})
    for child in children_of(world, person):
        kind = "felles" if len(child.parents) > 1 else "mor"
        found.append({**_element(child.born), "ansvar": kind, "ansvarssubjekt": child.national_id})
    return found


def _address(world: World, person: Person) -> list[Element]:
    if "unknown_address" in person.marks:
        element = _element(person.moved_in)
        element["ukjentBosted"] = {"bostedskommune": world.dwelling(person).municipality_no}
        element["adressegradering"] = person.protection
        return [element]
    dwelling = world.dwelling(person)
    gone = person.status in ("utflyttet", "doed")
    left = person.died or (date(2026, 8, 20) if gone else None)
    found = [
        address_element(
            dwelling,
            protection=person.protection,
            since=person.moved_in,
            current=not gone,
            until=left,
        )
    ]
    found += [
        address_element(
            world.household(stay.household).dwelling,
            protection=person.protection,
            since=stay.since,
            current=False,
            until=stay.until,
        )
        for stay in reversed(world.stays(person))
    ]
    found += _earlier_address(person, found[-1], world)
    return found


def _earlier_address(person: Person, oldest: Element, world: World) -> list[Element]:
    stays = world.stays(person)
    moved_in = stays[0].since if stays else person.moved_in
    if moved_in <= person.born or moved_in < _HISTORY_SINCE or not oldest.get("vegadresse"):
        return []
    moved_from = world.population.persons[person.serial].moved_from
    earlier = Dwelling(
        municipality_no=moved_from,
        address_id=f"{moved_from}8{person.serial:06d}",
        unit_no="H0101",
        street="Gamleveien",
        house_no=str(person.serial % 60 + 1),
        postal_code=f"{int(moved_from) * 7 % 9000 + 1000:04d}",
    )
    doubled = "two_addresses" in person.marks
    return [
        address_element(
            earlier,
            protection=person.protection,
            since=max(person.born, moved_in - timedelta(days=900)),
            current=doubled,
            until=None if doubled else moved_in,
        )
    ]


def _shared_residence(world: World, person: Person) -> list[Element]:
    if person.shared_with is None:
        return []
    dwelling = world.household(person.shared_with).dwelling
    element = address_element(
        dwelling, protection=person.protection, since=person.moved_in, current=True
    )
    element["startdatoForKontrakt"] = person.moved_in.isoformat()
    return [element]


def _protection(_world: World, person: Person) -> list[Element]:
    if person.protection == "ugradert":
        return []
    return [{**_element(person.moved_in), "graderingsnivaa": person.protection}]


def _guardianship(world: World, person: Person) -> list[Element]:
    if "guardian" not in person.marks:
        return []
    guardian = next(p for p in world.population.persons if "is_guardian" in p.marks)
    now = {
        **_element(date(2023, 11, 1)),
        "aarsak": "Vedtak",
        "vergemaaltype": "voksen",
        "embete": _GUARDIANS_OFFICE,
        "verge": {
            "foedselsEllerDNummer": guardian.national_id,
            "tjenesteomraade": [
                {"vergeTjenestevirksomhet": owner, "vergeTjenesteoppgave": task}
                for owner, task in _GUARDIANS_TASKS
            ],
        },
    }
    before = {
        **_element(date(2021, 4, 12), current=False, until=date(2023, 11, 1)),
        "vergemaaltype": "voksen",
        "embete": _GUARDIANS_OFFICE,
        "verge": {"foedselsEllerDNummer": guardian.national_id, "omfang": "oekonomiskeInteresser"},
    }
    return [now, now, before]  # the register does send the same element twice


def _sami(_world: World, person: Person) -> list[Element]:
    if "sami" not in person.marks:
        return []
    return [{**_element(person.born), "brukAvSamiskSpraak": "ja", "maalform": "nordsamisk"}]


PARTS: dict[str, Callable[[World, Person], list[Element]]] = {
    "identifikasjonsnummer": _numbers,
    "status": _status,
    "foedsel": _birth,
    "navn": _name,
    "doedsfall": _death,
    "sivilstand": _civil,
    "familierelasjon": _family,
    "foreldreansvar": _responsibility,
    "bostedsadresse": _address,
    "deltBosted": _shared_residence,
    "adressebeskyttelse": _protection,
    "vergemaalEllerFremtidsfullmakt": _guardianship,
    "brukAvSamiskSpraak": _sami,
}
KNOWN_PARTS = frozenset(PARTS) | {
    "oppholdsadresse",
    "postadresse",
    "statsborgerskap",
    "opphold",
    "historikk",
    "person-basis",
    "kjoenn",
}


def person_document(world: World, person: Person, parts: Iterable[str]) -> dict[str, list[Element]]:
    """Give the person document with the parts asked for; the number is always there."""
    document = {"identifikasjonsnummer": _numbers(world, person)}
    for name in parts:
        make = PARTS.get(name)
        if make is not None and name not in document:
            elements = make(world, person)
            if elements:
                document[name] = elements
    return document


# -- handlers -----------------------------------------------------------------------------------------


def _parts(request: Request) -> list[str]:
    asked = [p for value in request.args.getlist("part") for p in value.split(",")]
    unknown = sorted(set(asked) - KNOWN_PARTS)
    if unknown:
        message = f"Ukjent part: {', '.join(unknown)}. Kjente: {', '.join(sorted(KNOWN_PARTS))}."
        raise Reply(error_of("folkeregisteret", 400, "FREG-007", message))
    return list(PARTS) if not asked or "person-basis" in asked else asked


def person(sandbox: Sandbox, request: Request, national_id: str) -> Response:
    """Answer the document of one person."""
    found = sandbox.world.person(national_id)
    if found is None:
        return error_of("folkeregisteret", 404, "FREG-004", "Fant ikke personen.")
    return reply_json(person_document(sandbox.world, found, _parts(request)))


def bulk(sandbox: Sandbox, request: Request) -> Response:
    """Answer the documents of up to 1000 persons; unknown numbers are left out."""
    _, numbers = read_batch(request, "foedselsEllerDNummer", "personidentifikatorer")
    parts = _parts(request)
    world = sandbox.world
    return reply_json(
        {
            "oppslag": [
                {"foedselsEllerDNummer": n, "folkeregisterperson": document}
                for n in numbers
                if (document := _document_of(world, n, parts)) is not None
            ]
        }
    )


def _document_of(world: World, number: str, parts: list[str]) -> dict[str, list[Element]] | None:
    """Give the document of a person, or the few things that are made up about an employee."""
    found = world.person(number)
    if found is not None:
        return person_document(world, found, parts)
    employee = staff_member(number)
    if employee is None:
        return None
    since = _element(date(2000, 1, 1))
    given, _space, family = employee.name.partition(" ")
    known = {
        "navn": [{**since, "fornavn": given, "etternavn": family}],
        "status": [{**since, "status": "bosatt"}],
        "adressebeskyttelse": [{**since, "graderingsnivaa": "ugradert"}],
    }
    number_in_use = [{**since, "foedselsEllerDNummer": number, "status": "iBruk"}]
    return {"identifikasjonsnummer": number_in_use} | {
        name: known[name] for name in parts if name in known
    }


def households(sandbox: Sandbox, request: Request) -> Response:
    """Answer who is registered in the same dwelling, for up to 1000 persons (ours)."""
    data, numbers = read_batch(request, "personidentifikatorer", "foedselsEllerDNummer")
    try:
        day = date.fromisoformat(data["dato"]) if data.get("dato") else date.today()  # noqa: DTZ011
    except (TypeError, ValueError):
        message = "'dato' må være en dato: YYYY-MM-DD."
        return error_of("folkeregisteret", 400, "FREG-007", message)
    world = sandbox.world
    found = [
        _household(world, p, n, day) for n in numbers for p in (world.person(n),) if p is not None
    ]
    return reply_json({"husholdninger": found})


def _household(world: World, asked: Person, number: str, day: date) -> dict[str, Any]:
    dwelling, residents = world.residents(asked, day)
    if "unknown_address" in asked.marks or asked.status == "utflyttet":
        return {"personidentifikator": number, "medlemmer": []}
    residents = [r for r in residents if _counts(r.person, asked, day)]
    return {
        "personidentifikator": number,
        "adresseIdentifikatorFraMatrikkelen": dwelling.address_id,
        "bruksenhetsnummer": dwelling.unit_no,
        "medlemmer": [_member(asked, resident) for resident in residents],
    }


def _counts(resident: Person, asked: Person, day: date) -> bool:
    if resident.serial == asked.serial:
        return True
    return resident.status != "utflyttet" and (resident.died is None or resident.died > day)


def _member(asked: Person, resident: Resident) -> dict[str, Any]:
    one = resident.person
    return {
        "foedselsEllerDNummer": one.national_id,
        "navn": {"fornavn": one.given, "etternavn": one.family},
        "foedselsdato": one.born.isoformat(),
        "status": one.status,
        "sivilstand": one.civil,
        "rolle": _role(asked, one),
        "registrertFra": resident.since.isoformat(),
        "deltBosted": resident.shared_residence,
        "graderingsnivaa": one.protection,
    }


def _role(asked: Person, other: Person) -> str:
    if other.serial == asked.serial:
        return "selv"
    if other.serial == asked.spouse:
        return "ektefelleEllerPartner"
    if asked.serial in other.parents:
        return "barn"
    return "forelder" if other.serial in asked.parents else "annen"


def feed(sandbox: Sandbox, request: Request) -> Response:
    """Answer the events from a sequence number on, 1000 a page."""
    sequence = request.args.get("seq", default=1, type=int)
    events = sandbox.world.events(sequence, FEED_PAGE)
    etag = f'"{sequence}-{events[-1].sequence if events else 0}"'
    if request.headers.get("If-None-Match") == etag:
        return Response(status=304, headers={"ETag": etag})
    return reply_json([_event_json(sandbox.world, e) for e in events], ETag=etag)


def _event_json(world: World, event: Event) -> dict[str, Any]:
    return {
        "sekvensnummer": event.sequence,
        "hendelse": {
            "folkeregisteridentifikator": world.by_index(event.person).national_id,
            "hendelsestype": event.kind,
            "hendelsetype": event.kind,
            "hendelsesdokument": event.document_id,
            "persondokument": event.person_document_id,
            "ajourholdstidspunkt": event.at,
        },
    }


def last_sequence(sandbox: Sandbox, request: Request) -> Response:  # noqa: ARG001
    """Answer the last sequence number."""
    return reply_json(sandbox.world.last_sequence())


def event_document(sandbox: Sandbox, request: Request, document_id: str) -> Response:  # noqa: ARG001
    """Answer one event."""
    world = sandbox.world
    for event in world.events(1, world.last_sequence()):
        if event.document_id == document_id:
            return reply_json(_document(world, event))
    return error_of("folkeregisteret", 404, "FREG-004", "Fant ikke hendelsen.")


def _document(world: World, event: Event) -> dict[str, Any]:
    entity = event.kind.removeprefix("endringI")
    return {
        "dokumentidentifikator": event.document_id,
        "skjemaversjon": "1.0",
        "hendelse": {
            "folkeregisteridentifikator": world.by_index(event.person).national_id,
            "hendelsestype": event.kind,
            "ajourholdstidspunkt": event.at,
            "egenskapshendelse": [
                {"entitet": entity[:1].lower() + entity[1:], "entitetsendring": "registrereNy"}
            ],
        },
    }


_B = "/folkeregisteret/offentlig-med-hjemmel/v1"
ROUTES: list[Route] = [
    (Rule(f"{_B}/personer/bulkoppslag", methods=["POST"]), bulk),
    (Rule(f"{_B}/personer/<national_id>", methods=["GET"]), person),
    (Rule(f"{_B}/husholdninger", methods=["POST"]), households),
    (Rule(f"{_B}/hendelser/feed/", methods=["GET"]), feed),
    (Rule(f"{_B}/hendelser/siste/sekvensnummer", methods=["GET"]), last_sequence),
    (Rule(f"{_B}/hendelser/<document_id>", methods=["GET"]), event_document),
]
