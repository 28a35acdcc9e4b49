"""Folkeregisteret: person, household, and the feed of changes (Skatteetaten, konsumenttjenester v1).

Always `bulkoppslag`, also for one person, so that no number of a person stands in an address. Only the parts that the
normal shapes need are asked for. `husholdninger` is not published; the stand-in's form is in docs/rooms/sandbox.md.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from samspill.kernel.ids import NationalId
from samspill.registers.adapters.clients import Component, call, call_object
from samspill.registers.domain import Ask, PersonChange, WireError
from samspill.registers.domain.reading import (
    Json,
    an_object,
    by_person,
    current,
    day,
    flag,
    instant,
    objects,
    optional_text,
    text,
)

COMPONENT = Component("folkeregisteret", "folkeregister:deling/offentligmedhjemmel")
SOURCE = "Folkeregisteret"
FEED_PAGE = 1000
_BASE = "/offentlig-med-hjemmel/v1"
_PERSON_PARTS = (
    "navn",
    "status",
    "foedsel",
    "doedsfall",
    "sivilstand",
    "bostedsadresse",
    "deltBosted",
    "adressebeskyttelse",
)
#: From open to strictest. A grade that is not here is handled as the strictest (SP-22).
GRADES = ("ugradert", "klientadresse", "fortrolig", "strengtFortrolig")
_STRICTEST = GRADES[-1]
_OPEN_GRADES = frozenset(GRADES[:2])
_GRADE_BY_FOLDED = {grade.casefold(): grade for grade in GRADES}
_DEAD = "doed"
_MARRIED = frozenset({"gift", "registrertPartner"})


def persons(ask: Ask) -> dict[NationalId, dict[str, Any]]:
    """Return each known person in the shape `folkeregisteret.person`."""
    return {
        person: read_person(document, with_protected_address=ask.needs_protected_address)
        for person, document in documents(ask, _PERSON_PARTS).items()
    }


def documents(ask: Ask, parts: tuple[str, ...]) -> dict[NationalId, Json]:
    """Return the person document of each known person, with the parts asked for and no others.

    Raises:
        WireError: the answer is not of the published shape.
    """
    body = _post(
        f"/personer/bulkoppslag?{_query(parts)}",
        {"foedselsEllerDNummer": [person.value for person in ask.persons]},
        operation="bulkoppslag",
        batch=len(ask.persons) > 1,
    )
    wanted = {person.value: person for person in ask.persons}
    entries = by_person(objects(body, "oppslag"), "foedselsEllerDNummer", wanted)
    return {
        person: an_object(entry.get("folkeregisterperson"), "folkeregisterperson")
        for person, entry in entries.items()
        if entry.get("folkeregisterperson") is not None
    }


@functools.cache
def _query(parts: tuple[str, ...]) -> str:
    """Write the parts that are asked for; there are only a few different questions."""
    return urlencode([("part", part) for part in parts])


def households(ask: Ask) -> dict[NationalId, dict[str, Any]]:
    """Return for each known person the people registered on the same unit on the day asked."""
    body = _post(
        "/husholdninger",
        {"personidentifikatorer": [p.value for p in ask.persons], "dato": ask.on.isoformat()},
        operation="husholdninger",
        batch=len(ask.persons) > 1,
    )
    wanted = {person.value: person for person in ask.persons}
    entries = by_person(objects(body, "husholdninger"), "personidentifikator", wanted)
    return {person: read_household(entry) for person, entry in entries.items()}


def feed(after: int) -> list[PersonChange]:
    """Return up to 1,000 changes that follow a sequence number, oldest first."""
    body = call(
        COMPONENT,
        "GET",
        f"{_BASE}/hendelser/feed/",
        operation="feed",
        batch=True,
        params={"seq": after + 1},
    )
    if not isinstance(body, list):
        msg = "the feed is not a list"
        raise WireError(msg)
    return [_change(an_object(item, "the feed")) for item in body]


def _change(item: Json) -> PersonChange:
    sequence = item.get("sekvensnummer")
    if isinstance(sequence, bool) or not isinstance(sequence, int):
        msg = "sekvensnummer is not a number"
        raise WireError(msg)
    event = an_object(item.get("hendelse"), "hendelse")
    # The documentation writes both spellings; both are seen.
    kind = optional_text(event, "hendelsestype") or optional_text(event, "hendelsetype") or ""
    return PersonChange(
        sequence=sequence,
        person=text(event, "folkeregisteridentifikator"),
        kind=kind,
        at=instant(event.get("ajourholdstidspunkt")),
    )


def _post(path: str, body: Json, *, operation: str, batch: bool, **options: Any) -> Json:
    answer = call_object(
        COMPONENT,
        "POST",
        f"{_BASE}{path}",
        operation=operation,
        batch=batch,
        json=body,
        **options,
    )
    return answer or {}


# -- the person document ---------------------------------------------------------------------------


def read_person(document: Json, *, with_protected_address: bool = False) -> dict[str, Any]:
    """Translate a person document. An address under protection is left out unless asked for."""
    protection = read_protection(document)
    may_show = protection in _OPEN_GRADES or with_protected_address
    status = _read_status(document)
    shared = current(objects(document, "deltBosted", required=False))
    marital = current(objects(document, "sivilstand", required=False))
    address = current(objects(document, "bostedsadresse", required=False))
    born = current(objects(document, "foedsel", required=False))
    return {
        "national_id": _number_in_use(document),
        "name": read_name(current(objects(document, "navn", required=False))),
        "born": day(born, "foedselsdato") if born else None,
        "status": status,
        "dead": _is_dead(document),
        "marital_status": optional_text(marital, "sivilstand") if marital else None,
        "address": read_address(address) if address and may_show else None,
        "shared_residence": read_address(shared) if shared and may_show else None,
        "protection": protection,
    }


def read_protection(document: Json) -> str:
    """Return the strictest grade that the document tells of; no grade at all is the strictest.

    Of somebody dead no address is current: then the grades count that the addresses had while the person lived.
    """
    graded = [
        e
        for e in objects(document, "adressebeskyttelse", required=False)
        if e.get("erGjeldende") is True
    ]
    told = [element.get("graderingsnivaa") for element in graded]
    for part in ("bostedsadresse", "deltBosted"):
        address = current(objects(document, part, required=False))
        if address is not None and "adressegradering" in address:
            told.append(address["adressegradering"])
    if not told and _is_dead(document):
        before = [*objects(document, "adressebeskyttelse", required=False)]
        told = [one["graderingsnivaa"] for one in before if "graderingsnivaa" in one]
        lived = objects(document, "bostedsadresse", required=False)
        told += [one["adressegradering"] for one in lived if "adressegradering" in one]
    return strictest(told)


def _is_dead(document: Json) -> bool:
    return (
        current(objects(document, "doedsfall", required=False)) is not None
        or _read_status(document) == _DEAD
    )


def strictest(told: list[Any]) -> str:
    """Return the strictest of grades; an unknown word, or none at all, is the strictest there is.

    >>> strictest(["ugradert", "FORTROLIG"]), strictest(["ugradert", "superhemmelig"]), strictest([])
    ('fortrolig', 'strengtFortrolig', 'strengtFortrolig')
    """
    if not told:
        return _STRICTEST
    known = [_GRADE_BY_FOLDED.get(str(grade).casefold(), _STRICTEST) for grade in told]
    return max(known, key=GRADES.index)


def _read_status(document: Json) -> str:
    """Return the person's status; without one in force, the register tells us nothing of residence."""
    status = current(objects(document, "status"))
    return text(status, "status") if status else "ukjent"


def _number_in_use(document: Json) -> str:
    numbers = objects(document, "identifikasjonsnummer")
    in_use = [n for n in numbers if n.get("status") == "iBruk"]
    chosen = current(in_use) or current(numbers) or (numbers[0] if numbers else {})
    return text(chosen, "foedselsEllerDNummer")


def read_name(name: Json | None) -> dict[str, str]:
    """Return given, middle, family and full name; empty texts when no name is in force."""
    parts = {
        key: (optional_text(name, field) or "") if name else ""
        for key, field in (("given", "fornavn"), ("middle", "mellomnavn"), ("family", "etternavn"))
    }
    return {**parts, "full": " ".join(part for part in parts.values() if part)}


def read_address(element: Json) -> dict[str, Any]:
    """Translate an address of residence of any form."""
    road, plot = element.get("vegadresse"), element.get("matrikkeladresse")
    inner = an_object(road or plot or {}, "the address")
    place = an_object(inner.get("poststed") or {}, "poststed")
    unknown = an_object(element.get("ukjentBosted") or {}, "ukjentBosted")
    number = an_object(inner.get("matrikkelnummer") or {}, "matrikkelnummer")
    return {
        "street": _street(inner) if road else _plot(number),
        "unit_no": optional_text(inner, "bruksenhetsnummer"),
        "postal_code": optional_text(place, "postnummer"),
        "city": optional_text(place, "poststedsnavn"),
        "municipality_no": optional_text(inner, "kommunenummer")
        or optional_text(number, "kommunenummer")
        or optional_text(unknown, "bostedskommune"),
        "address_id": optional_text(element, "adresseIdentifikatorFraMatrikkelen"),
        "moved_in": day(element, "flyttedato") or day(element, "startdatoForKontrakt"),
    }


def _street(road: Json) -> str:
    number = an_object(road.get("adressenummer") or {}, "adressenummer")
    house = f"{number.get('husnummer') or ''}{number.get('husbokstav') or ''}"
    return f"{optional_text(road, 'adressenavn') or ''} {house}".strip()


def _plot(number: Json) -> str | None:
    farm, use = number.get("gaardsnummer"), number.get("bruksnummer")
    return None if farm is None else f"{farm}/{use}"


# -- the household ----------------------------------------------------------------------------------


def read_household(entry: Json) -> dict[str, Any]:
    """Translate a household. A member's grade that is not known is the strictest."""
    return {"members": [_member(member) for member in objects(entry, "medlemmer")]}


def _member(member: Json) -> dict[str, Any]:
    grade = member.get("graderingsnivaa")
    return {
        "national_id": text(member, "foedselsEllerDNummer"),
        "name": read_name(an_object(member.get("navn") or {}, "navn")),
        "born": day(member, "foedselsdato"),
        "status": text(member, "status"),
        "relation": _relation(text(member, "rolle"), optional_text(member, "sivilstand")),
        "registered_from": day(member, "registrertFra"),
        "shared_residence": bool(flag(member, "deltBosted", default=False)),
        "protection": strictest([] if grade is None else [grade]),
    }


def _relation(role: str, marital_status: str | None) -> str:
    plain: Mapping[str, str] = {"selv": "self", "barn": "child"}
    if role == "ektefelleEllerPartner":
        return "spouse" if marital_status in _MARRIED else "partner"
    return plain.get(role, "other")
