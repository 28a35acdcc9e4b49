"""How people reach a municipality without a computer: what it has told itself, from a day (SP-10).

No published source has it for all municipalities, so each fills in its own. Nothing told is said as nothing told.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid

import attrs
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from samspill.infra import clock
from samspill.infra import events as log
from samspill.kernel.actor import Actor
from samspill.kernel.outcome import refuse
from samspill.municipalities.events import ContactSet
from samspill.municipalities.models import MunicipalContact, Municipality

ROLES = ("municipal_lead", "municipality_leader")
_PHONE = re.compile(r"\+?[0-9]{5,15}")
_MOST_ADDRESS, _MOST_HOURS, _FEWEST = 200, 300, 8


@attrs.frozen
class Contact:
    """Telephone, visiting address and opening hours, from its first day to the day before `until`."""

    phone: str
    address: str
    hours: str
    since: dt.date
    until: dt.date | None


def contact(municipality_id: uuid.UUID, *, on: dt.date | None = None) -> Contact | None:
    """Return what a municipality has told, as of a day (today if not given); None when it has told nothing."""
    day = on or clock.today()
    row = MunicipalContact.objects.filter(
        municipality_id=municipality_id, validity__contains=day
    ).first()
    return _view(row) if row is not None else None


def planned(municipality_id: uuid.UUID) -> list[Contact]:
    """Return what a municipality has told for days to come, in order."""
    rows = MunicipalContact.objects.filter(
        municipality_id=municipality_id, validity__startswith__gt=clock.today()
    )
    return [_view(row) for row in rows.order_by("validity")]


def set_contact(
    actor: Actor, *, phone: str, address: str, hours: str, valid_from: dt.date | None
) -> None:
    """Tell how to reach the actor's municipality from a day on; what stood before ends there.

    The same words from the same day, told again, change nothing.

    Raises:
        RefusedError: `not_yours`, `too_late`, `bad_phone`, `bad_address`, `bad_hours`.
    """
    municipality_id = actor.municipality_id
    me = actor.person_id
    if municipality_id is None or me is None or not actor.has_role(*ROLES):
        raise refuse(
            "not_yours",
            "Only the municipality's own leader can do this.",
            remedy="Ask your leader for the role.",
            status=403,
        )
    told = _checked(phone, address, hours, valid_from)
    with transaction.atomic():
        # One row of the municipality is held, so that two who write at once follow each other.
        Municipality.objects.select_for_update(no_key=True).get(id=municipality_id)
        mine = MunicipalContact.objects.filter(municipality_id=municipality_id)
        here = mine.filter(validity__contains=told.since).first()
        if here is not None and (here.phone, here.address, here.hours) == (
            told.phone, told.address, told.hours,
        ):  # fmt: skip
            return
        _make_room(municipality_id, told.since)
        MunicipalContact.objects.create(
            municipality_id=municipality_id,
            phone=told.phone,
            address=told.address,
            hours=told.hours,
            validity=DateRange(told.since, None),
            set_at=clock.now(),
            set_by=me,
        )
        event = ContactSet(municipality_id=municipality_id, valid_from=told.since.isoformat())
        log.append(event, actor=actor)


def _make_room(municipality_id: uuid.UUID, day: dt.date) -> None:
    """End what is in force on a day, and take away what was planned for it and later."""
    mine = MunicipalContact.objects.filter(municipality_id=municipality_id)
    mine.filter(validity__startswith__gte=day).delete()
    for row in mine.filter(validity__contains=day):
        row.validity = DateRange(row.validity.lower, day)
        row.save(update_fields=["validity"])


def _checked(phone: str, address: str, hours: str, valid_from: dt.date | None) -> Contact:
    first = valid_from or clock.today()
    if first < clock.today():
        raise refuse(
            "too_late",
            "This cannot count from a day that has been.",
            where="valid_from",
            remedy="Choose today or a later day.",
        )
    number = " ".join(phone.split())
    if not _PHONE.fullmatch(number.replace(" ", "")):
        raise refuse(
            "bad_phone",
            "This is not a telephone number.",
            where="phone",
            remedy="Write the digits, with the country code first if it is a foreign number.",
        )
    place, opened = " ".join(address.split()), " ".join(hours.split())
    if not _FEWEST <= len(place) <= _MOST_ADDRESS:
        raise refuse(
            "bad_address",
            "The visiting address is missing or too long.",
            where="address",
            remedy="Write street, number, postal code and place.",
        )
    if len(opened) > _MOST_HOURS:
        raise refuse(
            "bad_hours",
            "The opening hours are too long.",
            where="hours",
            remedy="Write at most 300 characters.",
        )
    return Contact(number, place, opened, first, None)


def _view(row: MunicipalContact) -> Contact:
    return Contact(row.phone, row.address, row.hours, row.validity.lower, row.validity.upper)
