"""Those who act in the demo's portfolio: one of each role, and the digitalisation leads of municipalities."""

from __future__ import annotations

import functools

from samspill.kernel.actor import Actor
from samspill.kernel.ids import new_id
from samspill.municipalities import service as municipalities

KS = "971032146"
MINISTRY = "932384469"
SECRETARIAT = "991825827"


@functools.cache
def of_role(role: str, org_no: str) -> Actor:
    """Return an employee of an organisation with one role."""
    return Actor(
        kind="employee",
        org_no=org_no,
        roles=frozenset({role}),
        level="high",
        request_id=new_id().hex,
    )


def owner(org_no: str) -> Actor:
    """Return the one who owns an agency's initiatives."""
    return of_role("initiative_owner", org_no)


def ks() -> Actor:
    """Return KS' coordinator."""
    return of_role("ks_coordinator", KS)


def ministry() -> Actor:
    """Return the ministry that leads the rounds."""
    return of_role("ministry", MINISTRY)


def secretariat() -> Actor:
    """Return the secretariat."""
    return of_role("secretariat", SECRETARIAT)


@functools.cache
def place(number: str) -> municipalities.Municipality:
    """Return a municipality of today by its number."""
    found = municipalities.current(number)
    assert isinstance(found, municipalities.Municipality), number
    return found


@functools.cache
def lead(number: str) -> Actor:
    """Return the one who leads a municipality's digitalisation."""
    here = place(number)
    return Actor(
        kind="employee",
        org_no=here.org_no,
        municipality_id=here.id,
        roles=frozenset({"municipal_lead"}),
        level="high",
        request_id=new_id().hex,
    )
