"""Joins every room's door of access requests. Rooms in which persons stand as employees only are told of here."""

from __future__ import annotations

from samspill.infra import own_data
from samspill.infra.own_data import Door, nothing
from samspill.site.own_data import sections_of_the_house

_BY = ("by_person_id",)
_PORTFOLIO = (
    "portfolio_initiativeversion",
    "portfolio_transition",
    "portfolio_relevance",
    "portfolio_adoption",
    "portfolio_choice",
)
_IMPACT = ("impact_lineset", "impact_drivervalue", "impact_actual")
_HOUSE = Door(
    room="infra",
    give=sections_of_the_house,
    tables={
        "infra_access_entry": "infra.looks",
        "infra_look_report": "infra.reports",
        "infra_file": "infra.files",
        "infra_own_data_request": "infra.own_data_requests",
        "infra_event": "cases.cases",
    },
    acts={
        "infra_access_entry": ("actor_id",),
        "infra_look_report": ("answered_by",),
        "infra_own_data_request": ("asked_by",),
    },
)
_TOGETHER = (
    Door(
        room="municipalities",
        give=nothing,
        acts={"municipalities_municipalcontact": ("set_by",)},
    ),
    Door(
        room="packages",
        give=nothing,
        acts={
            "packages_municipal_settings": ("set_by",),
            "packages_privacy_assessment": ("submitted_by", "decided_by"),
        },
    ),
    Door(
        room="portfolio",
        give=nothing,
        acts=dict.fromkeys(_PORTFOLIO, _BY),
    ),
    Door(
        room="impact",
        give=nothing,
        acts=dict.fromkeys(_IMPACT, _BY),
    ),
    Door(
        room="settlement",
        give=nothing,
        acts={"settlement_signature": _BY},
        left_out={"settlement_casemeasure": "minutes of a case, which are given with the case"},
    ),
)


def connect() -> None:
    """Join the doors: who one is first, then one's cases, mandates and registers, then the log."""
    from samspill.cases.service import own_data as cases
    from samspill.identity.service import OWN_DATA as IDENTITY
    from samspill.mandates.service import own_data as mandates
    from samspill.registers.service import OWN_DATA as REGISTERS

    for door in (IDENTITY, cases.DOOR, mandates.DOOR, REGISTERS, _HOUSE, *_TOGETHER):
        own_data.use(door)
