"""Kontakt- og reservasjonsregisteret: may a person be reached digitally, and where (Digdir, REST v2).

A contact point carries a notice with legal effect only when it was updated or confirmed within 18 months
(eForvaltningsforskriften § 32), told for each channel by `mobile_usable` and `email_usable`.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from samspill.kernel.ids import NationalId
from samspill.kernel.periods import Month, oslo_date
from samspill.registers.adapters.clients import Component, post_persons
from samspill.registers.domain import Ask
from samspill.registers.domain.reading import (
    Json,
    an_object,
    by_person,
    instant,
    objects,
    optional_text,
    text,
)

COMPONENT = Component("krr", "krr:global/kontaktinformasjon.read")
SOURCE = "Kontakt- og reservasjonsregisteret"
_USABLE_MONTHS = 18
_NORWEGIAN = re.compile(r"(?P<country>\+47|0047)?(?P<digits>[2-9]\d{7})")
#: The name of the enclosing object is not certain in the documentation; all that were seen are read.
_MAILBOX = ("digital_post", "digitalPost", "digitalpost")


def contacts(ask: Ask) -> dict[NationalId, dict[str, Any]]:
    """Return each known person in the shape `krr.contact`."""
    wanted = {person.value: person for person in ask.persons}
    question = {"personidentifikatorer": list(wanted)}
    body = post_persons(COMPONENT, "/rest/v2/personer", question, operation="personer")
    entries = by_person(objects(body, "personer"), "personidentifikator", wanted)
    return {person: read_contact(entry, ask.on) for person, entry in entries.items()}


def read_contact(entry: Json, on: dt.date) -> dict[str, Any]:
    """Translate one person. Unknown words about reservation and notice are read as the cautious one."""
    info = an_object(entry.get("kontaktinformasjon") or {}, "kontaktinformasjon")
    mailbox: Any = next((entry[name] for name in _MAILBOX if entry.get(name)), {})
    return {
        "reserved": optional_text(entry, "reservasjon") != "NEI",
        "status": text(entry, "status"),
        "can_be_notified": optional_text(entry, "varslingsstatus") == "KAN_VARSLES",
        "mobile": spaced(optional_text(info, "mobiltelefonnummer")),
        "mobile_usable": _usable(info, "mobiltelefonnummer", on),
        "email": optional_text(info, "epostadresse"),
        "email_usable": _usable(info, "epostadresse", on),
        "language": optional_text(entry, "spraak"),
        "postbox": bool(optional_text(an_object(mailbox, "digital_post"), "postkasseadresse")),
    }


def spaced(number: str | None) -> str | None:
    """Write a Norwegian number as people read it (Språkrådet's groups); any other stands as it came.

    >>> spaced("+4799000000"), spaced("22396900"), spaced("+46701234567"), spaced(None)
    ('+47 990 00 000', '22 39 69 00', '+46701234567', None)
    """
    found = _NORWEGIAN.fullmatch(number or "")
    if found is None:
        return number
    digits = found["digits"]
    ends = (3, 5, 8) if digits[0] in "49" else (2, 4, 6, 8)
    groups = [digits[start:end] for start, end in zip((0, *ends), ends, strict=False)]
    return " ".join(["+47", *groups] if found["country"] else groups)


def _usable(info: Json, field: str, on: dt.date) -> bool:
    if not optional_text(info, field):
        return False
    times = [instant(info.get(f"{field}_{what}")) for what in ("oppdatert", "sist_verifisert")]
    days = [oslo_date(time) for time in times if time is not None]
    limit = (Month.of(on) - _USABLE_MONTHS).day(on.day)
    return any(day >= limit for day in days)
