"""What the room holds about a person: replies of registers, for as long as a declaration lets them be kept."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from samspill.infra.own_data import Asked, Door, Record, Section, record
from samspill.registers.models import RegisterReply


def personal_data_of(asked: Asked) -> Iterator[Section]:
    """Give every section of the room about a person."""
    rows = RegisterReply.objects.filter(person_id=asked.person_id).order_by("fetched_at")
    yield Section(
        key="registers.replies",
        title=_("What registers said of you, kept for a while"),
        records=tuple(_reply(row) for row in rows),
    )


def _reply(row: RegisterReply) -> Record:
    data = {
        "register": row.register,
        "service": row.package_id,
        "source": row.source,
        "asked": row.asked,
        "fetched_at": row.fetched_at,
        "deleted_at": row.expires_at,
        "data": row.data,
    }
    labels = {
        "source": _("From"),
        "fetched_at": _("Fetched"),
        "deleted_at": _("Is deleted"),
        "data": _("What it said"),
    }
    return record(data, labels)


DOOR = Door(
    room="registers", give=personal_data_of, tables={"registers_reply": "registers.replies"}
)
