"""What the room holds about a person: the number and the logins; never a token, which would log somebody in."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from samspill.identity.models import Employee, Person, Session
from samspill.infra.own_data import Asked, Door, Record, Section, record


def personal_data_of(asked: Asked) -> Iterator[Section]:
    """Give every section of the room about a person."""
    me = asked.person_id
    logins = Session.objects.filter(person_id=me).order_by("started_at")
    work = Employee.objects.filter(person_id=me).order_by("org_no")
    yield Section(key="identity.person", title=_("Who you are"), records=(_person(asked),))
    yield Section(
        key="identity.sessions", title=_("Logins"), records=tuple(_login(row) for row in logins)
    )
    yield Section(
        key="identity.employee",
        title=_("You as an employee"),
        records=tuple(_employee(row) for row in work),
    )


def _person(asked: Asked) -> Record:
    person = Person.objects.get(pk=asked.person_id)
    data = {
        "id": str(person.id),
        "national_id": asked.number,
        "known_since": person.created_at,
    }
    labels = {
        "national_id": _("National identity number"),
        "id": _("Your number with us"),
        "known_since": _("Known since"),
    }
    return record(data, labels)


def _login(row: Session) -> Record:
    data = {
        "started_at": row.started_at,
        "last_seen_at": row.last_seen_at,
        "ended_at": row.ended_at,
        "ended_by": row.ended_by,
        "as": row.profile,
        "level": row.level,
        "name": row.name,
        "organisation": row.org_no,
        "units": row.units,
        "provider": row.issuer,
    }
    labels = {
        "started_at": _("Logged in"),
        "ended_at": _("Ended"),
        "name": _("Name, as the provider gave it"),
        "organisation": _("For the organisation"),
        "provider": _("With"),
    }
    return record(data, labels)


def _employee(row: Employee) -> Record:
    data = {
        "organisation": row.org_no,
        "name": row.name,
        "roles": row.roles,
        "units": row.units,
        "services": row.services,
        "seen_at": row.seen_at,
    }
    labels = {
        "name": _("Name, as the provider gave it"),
        "organisation": _("For the organisation"),
        "seen_at": _("Last logged in"),
    }
    return record(data, labels)


DOOR = Door(
    room="identity",
    give=personal_data_of,
    tables={
        "identity_person": "identity.person",
        "identity_session": "identity.sessions",
        "identity_employee": "identity.employee",
    },
    left_out={
        "identity_number_hash": "a keyed hash of the identity number, which is given itself",
        "identity_login_attempt": "a login under way; nobody is known yet",
    },
)
