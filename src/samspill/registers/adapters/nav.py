"""NAV: benefits in force on a day. No form is published; the stand-in's is in docs/rooms/sandbox.md.

Which benefits except a student from the rule against students: forskrift om bustøtte § 2 and the guide of Husbanken
(2.2, exceptions for students): AAP, kvalifiseringsstønad, introduksjonsstønad, uføretrygd, supplerende stønad
til ufør flyktning.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from samspill.kernel.ids import NationalId
from samspill.registers.adapters.clients import Component, post_persons
from samspill.registers.domain import Ask
from samspill.registers.domain.reading import Json, by_person, day, flag, objects, text

COMPONENT = Component("nav", "nav:ytelser.read")
SOURCE = "NAV"
_DISABILITY, _OLD_AGE = "ufoeretrygd", "alderspensjon"
STUDENT_EXEMPTING = frozenset(
    {
        "arbeidsavklaringspenger",
        "kvalifiseringsstoenad",
        "introduksjonsstoenad",
        "ufoeretrygd",
        "supplerendeStoenadUfoerFlyktning",
    }
)


def benefits(ask: Ask) -> dict[NationalId, dict[str, Any]]:
    """Return each known person in the shape `nav.benefits`."""
    wanted = {person.value: person for person in ask.persons}
    question = {"personidentifikatorer": list(wanted), "dato": ask.on.isoformat()}
    body = post_persons(COMPONENT, "/v1/ytelser", question, operation="ytelser")
    entries = by_person(objects(body, "personer"), "personidentifikator", wanted)
    return {person: read_benefits(entry, ask.on) for person, entry in entries.items()}


def read_benefits(entry: Json, on: dt.date) -> dict[str, Any]:
    """Translate one person's benefits; the flags are about the day, the list is all that was given."""
    given = objects(entry, "ytelser")
    in_force = [benefit for benefit in given if _in_force(benefit, on.isoformat())]
    kinds = {text(benefit, "ytelse") for benefit in in_force}
    pension = [b for b in in_force if b["ytelse"] == _OLD_AGE]
    disability = [b for b in in_force if b["ytelse"] == _DISABILITY]
    return {
        "young_disabled": any(flag(b, "ungUfoer", default=False) for b in in_force),
        "occupational_injury": any(flag(b, "yrkesskade", default=False) for b in in_force),
        "disability_pension": any(flag(b, "varig", default=True) for b in disability),
        "single_old_age_pensioner": any(flag(b, "enslig", default=False) for b in pension),
        "old_age_pension": bool(pension),
        "student_exempting": not kinds.isdisjoint(STUDENT_EXEMPTING),
        "benefits": [
            {"kind": text(b, "ytelse"), "from": day(b, "fraOgMed"), "to": day(b, "tilOgMed")}
            for b in given
        ],
    }


def _in_force(benefit: Json, on: str) -> bool:
    start, end = day(benefit, "fraOgMed"), day(benefit, "tilOgMed")
    return (start is None or start <= on) and (end is None or on <= end)
