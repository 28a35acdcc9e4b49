"""Whom an employee is close to, as Folkeregisteret says: asked once a day, and kept as our own ids (SP-06).

Forvaltningsloven § 6: parents, children, brothers and sisters, whoever one is or has been married to; and, wider than
the letter, everybody registered in the same dwelling. When no register has said it in a week, nobody knows, and the
employee comes to no case until one has.
"""

from __future__ import annotations

import datetime as dt
import hmac
import uuid
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import transaction

from samspill.cases.models import EmployeeTies
from samspill.identity import service as identity
from samspill.infra import clock
from samspill.kernel.actor import Actor
from samspill.kernel.ids import NationalId
from samspill.registers import service as registers

FRESH = dt.timedelta(days=1)
STANDS = dt.timedelta(days=7)
"""How long what was said stands when Folkeregisteret does not answer."""

_PURPOSE = "Finne ut hvem en ansatt er inhabil overfor"
_BASIS = "forvaltningsloven §§ 6 og 8; folkeregisterloven § 10-1"
FAMILY = registers.Declaration(
    package_id="samspill",
    version="1",
    name="disqualification",
    register="folkeregisteret.family",
    legal_basis=_BASIS,
    purpose=_PURPOSE,
)
HOUSEHOLD = registers.Declaration(
    package_id="samspill",
    version="1",
    name="disqualification_household",
    register="folkeregisteret.household",
    legal_basis=_BASIS,
    purpose=_PURPOSE,
)


def family_of(actor: Actor) -> frozenset[uuid.UUID] | None:
    """Give those an employee is close to, by our own ids; None when nobody knows.

    Asks Folkeregisteret when what is kept is more than a day old.
    """
    if actor.person_id is None:
        return None
    now = clock.now()
    held = EmployeeTies.objects.filter(person_id=actor.person_id).first()
    if held is not None and held.told_at > now - FRESH:
        return frozenset(held.family)
    asked = _ask(actor, actor.person_id)
    if asked is not None:
        return frozenset(asked.family)
    if held is not None and held.told_at > now - STANDS:
        return frozenset(held.family)
    return None


def _ask(actor: Actor, person_id: uuid.UUID) -> EmployeeTies | None:
    number = identity.national_id_of(person_id, actor=actor, purpose=_PURPOSE)
    family = registers.lookup(
        actor=actor, declaration=FAMILY, person=number, on=clock.today(), person_id=person_id
    )
    household = registers.lookup(
        actor=actor, declaration=HOUSEHOLD, person=number, on=clock.today(), person_id=person_id
    )
    if isinstance(family, registers.Unavailable) or isinstance(household, registers.Unavailable):
        return None
    told = family.data if isinstance(family, registers.Found) else {}
    near = _relatives(actor, told)
    if near is None:
        return None
    if isinstance(household, registers.Found):
        near |= _numbers(household.data.get("members"))
    near.discard(number)
    return remember(
        person_id, _ids(near), surname=_surname(told), address=told.get("address") or {},
        name=str((told.get("name") or {}).get("full", "")), org_no=actor.org_no or "",
    )  # fmt: skip


def _relatives(actor: Actor, told: Mapping[str, Any]) -> set[NationalId] | None:
    """Give the relatives, with the other children of one's parents; None when the parents' lines do not answer."""
    found = _numbers(told.get("relatives"))
    parents = _numbers(one for one in told.get("relatives") or () if one["relation"] == "parent")
    if not parents:
        return found
    answers = registers.lookup_many(
        actor=actor, declaration=FAMILY, persons=list(parents), on=clock.today()
    )
    for reply in answers.values():
        if isinstance(reply, registers.Unavailable):
            return None
        if isinstance(reply, registers.Found):
            theirs = reply.data.get("relatives") or ()
            found |= _numbers(one for one in theirs if one["relation"] == "child")
    return found


def remember(
    person_id: uuid.UUID,
    family: Iterable[uuid.UUID],
    *,
    surname: str = "",
    address: Mapping[str, Any] | None = None,
    name: str = "",
    org_no: str = "",
) -> EmployeeTies:
    """Keep what Folkeregisteret said of an employee; the name is what the leader calls them by."""
    where = address or {}
    told = {
        "told_at": clock.now(),
        "family": sorted(family),
        "surname_key": key_of("surname", surname),
        "home_key": key_of("home", str(where.get("address_id") or "")),
        "street_key": street_key(where),
    }
    with transaction.atomic():
        row, _ = EmployeeTies.objects.update_or_create(person_id=person_id, defaults=told)
        if name and org_no:
            identity.name_employee(person_id, org_no=org_no, name=name)
    return row


def key_of(kind: str, text: str) -> str:
    """Give a keyed hash of a word, to be compared with others of its kind; nothing of nothing."""
    plain = " ".join(text.casefold().split())
    if not plain:
        return ""
    secret = str(settings.SECRET_KEY).encode()
    return hmac.new(secret, f"samspill.ties.{kind}:{plain}".encode(), sha256).hexdigest()


def street_key(address: Mapping[str, Any]) -> str:
    """Give the key of the street that a dwelling lies in: its name without the number, with the postal code."""
    street = str(address.get("street") or "").rstrip("0123456789ABCDEFGH ")
    code = str(address.get("postal_code") or "")
    return key_of("street", f"{code} {street}") if street and code else ""


def _surname(told: Mapping[str, Any]) -> str:
    return str((told.get("name") or {}).get("family", ""))


def _numbers(listed: Any) -> set[NationalId]:
    found = set()
    for one in listed or ():
        number = NationalId.parse(
            str(one.get("national_id") or ""),
            allow_synthetic=settings.SAMSPILL["allow_synthetic"],
            allow_real=settings.SAMSPILL["allow_real"],
        )
        if isinstance(number, NationalId):
            found.add(number)
    return found


def _ids(numbers: Iterable[NationalId]) -> list[uuid.UUID]:
    return list(identity.person_ids_for(list(numbers)).values())
