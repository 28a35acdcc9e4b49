"""What Enhetsregisteret says of organisations: fetched through `registers`, held for at most a day, then deleted.

It carries two things: who acts for an organisation by a role, and whether an organisation to which somebody has given
a mandate still stands. Of those who hold a role, only persons whom we already know are held.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from samspill.identity import service as identity
from samspill.infra import clock, deletions, isolation, sql
from samspill.kernel.actor import Actor, system
from samspill.kernel.ids import InvalidId, NationalId, is_org_no
from samspill.mandates.domain import sources
from samspill.mandates.domain.roles import Right, right_of
from samspill.mandates.models import Organisation, Role
from samspill.registers import service as registers

_SOURCE = sources.source("brreg")
ANSWERS = "answers about organisations"
REFRESH_AFTER = dt.timedelta(hours=1)
DECLARATION = registers.Declaration(
    package_id="mandates",
    version="1",
    name="roles",
    register=_SOURCE.register,
    legal_basis="enhetsregisterloven § 22; forvaltningsloven § 12",
    purpose="find out who may act for an organisation",
)
_NAMESPACE = uuid.UUID("3f6f6b6c-6d51-5d8e-9a57-0192aa000001")
_GIVEN_TO = (
    "SELECT DISTINCT grantee_org FROM mandates_grant "
    "WHERE grantor_id = ANY(%s) AND grantee_org <> '' AND revoked_at IS NULL"
)


@isolation.widely("representation")
def given_to(person_ids: Iterable[uuid.UUID]) -> set[str]:
    """Return the organisations that persons have given mandates that stand."""
    return {row[0] for row in sql.rows(_GIVEN_TO, [list(person_ids)])}


def freshen(actor: Actor, org_nos: Iterable[str]) -> None:
    """Ask about those of which nothing fresh is held, or nothing about the actor; when it is down, what is held stands.

    Must not be called inside a transaction that locks rows.
    """
    wanted = {one for one in org_nos if is_org_no(one)}
    limit = clock.now() - REFRESH_AFTER
    held = set(
        Organisation.objects.filter(org_no__in=wanted, told_at__gt=limit).values_list(
            "org_no", flat=True
        )
    )
    for org_no in sorted(wanted - held):
        fetch(actor, org_no)


def fetch(actor: Actor, org_no: str) -> None:
    """Ask Enhetsregisteret now and hold what it says; an organisation that it does not know is forgotten."""
    answer = registers.organisation(actor=actor, declaration=DECLARATION, org_no=org_no)
    if isinstance(answer, registers.Unavailable):
        return
    with isolation.wider("representation"), transaction.atomic():
        Organisation.objects.select_for_update().filter(org_no=org_no).delete()
        if isinstance(answer, registers.Found):
            _hold(answer.data)


def _hold(data: Mapping[str, Any]) -> None:
    now = clock.now()
    # Two look-ups at once: the one that commits last is what is held.
    row, _made = Organisation.objects.update_or_create(
        org_no=data["org_no"],
        defaults={
            "name": data["name"][:200],
            "form": data["form"][:10],
            "deleted_on": data["deleted"],
            "bankrupt": data["bankrupt"],
            "told_at": now,
            "expires_at": now + _SOURCE.fresh_for,
        },
    )
    Role.objects.bulk_create(_roles(row, data["holders"]), ignore_conflicts=True)


def _roles(row: Organisation, holders: Iterable[Mapping[str, Any]]) -> Iterable[Role]:
    parsed = {one["national_id"]: _number(one["national_id"]) for one in holders}
    known = identity.known_person_ids([one for one in parsed.values() if one is not None])
    for one in holders:
        number = parsed[one["national_id"]]
        right = right_of(one["role"], alone=one["alone"], together=one["together"])
        if number in known and right is not None:
            yield _role(row, known[number], one, right)


def _number(text: str) -> NationalId | None:
    number = NationalId.parse(text, allow_synthetic=True, allow_real=True)
    return None if isinstance(number, InvalidId) else number


def _role(row: Organisation, person_id: uuid.UUID, holder: Mapping[str, Any], right: Right) -> Role:
    return Role(
        # The same role keeps its identifier from one fetching to the next.
        id=uuid.uuid5(_NAMESPACE, f"{row.org_no}:{person_id}:{holder['role']}"),
        organisation=row,
        person_id=person_id,
        code=holder["role"],
        level=right.level,
        joint=right.joint,
        court_appointed=right.court_appointed,
        ended=holder["ended"],
    )


def purge() -> int:
    """Delete the answers whose time is over; return of how many organisations."""
    return deletions.delete(old(), actor=system("mandates.purge"), what=ANSWERS)


def old() -> QuerySet[Organisation]:
    """Return the organisations whose answer's time is over; their roles go with them."""
    return Organisation.objects.filter(expires_at__lte=clock.now())
