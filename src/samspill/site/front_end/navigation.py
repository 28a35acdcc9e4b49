"""The main menu: what each kind of user comes for, and nothing else."""

from __future__ import annotations

import attrs
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from samspill.identity.service import Who

_TOGETHER = frozenset(
    {"initiative_owner", "ks_coordinator", "municipal_lead", "ministry", "secretariat"}
)

# (role that sees it, address, text). A role "citizen" is everybody who is not logged in as an employee; `role@kind` is
# the role in an organisation of that kind only: who is cleared for protected addresses has another list in each.
ENTRIES: tuple[tuple[frozenset[str], str, Promise], ...] = (
    (frozenset({"citizen"}), "/min-side/", _("My page")),
    (frozenset({"citizen"}), "/tjenester/bostotte/", _("Housing allowance")),
    (frozenset({"citizen"}), "/fullmakter/", _("Mandates")),
    (frozenset({"citizen"}), "/kalkulator/bostotte/", _("Calculator")),
    (
        frozenset(
            {
                "municipality_caseworker",
                "municipality_leader",
                "protected_caseworker@municipality",
            }
        ),
        "/arbeid/",
        _("Work list"),
    ),
    (frozenset({"municipality_caseworker", "counter"}), "/arbeid/papir/", _("Paper application")),
    (
        frozenset({"municipality_caseworker", "municipality_leader", "counter"}),
        "/arbeid/fullmakter/",
        _("Mandates"),
    ),
    (
        frozenset({"municipality_caseworker", "counter"}),
        "/arbeid/innsynskrav/",
        _("Own data on paper"),
    ),
    (
        frozenset({"agency_caseworker", "agency_leader", "protected_caseworker@agency"}),
        "/etat/",
        _("Incoming cases"),
    ),
    (frozenset({"agency_caseworker", "agency_leader"}), "/etat/terminer/", _("Monthly runs")),
    (
        frozenset({"agency_caseworker", "agency_leader", "protected_caseworker"}),
        "/arbeid/fullmakter/telefon/",
        _("Check a mandate"),
    ),
    (frozenset({"municipality_leader", "agency_leader"}), "/gevinst/", _("Gains")),
    (
        frozenset({"municipality_leader", "agency_leader", "protected_caseworker"}),
        "/arbeid/innsyn/",
        _("Reported looks"),
    ),
    (
        frozenset({"municipality_leader", "agency_leader", "protected_caseworker"}),
        "/arbeid/oppslag/",
        _("Looks to go through"),
    ),
    (frozenset({"agency_caseworker", "agency_leader"}), "/arbeid/personvern/", _("Privacy")),
    (_TOGETHER, "/samstyring/", _("My tasks")),
    (_TOGETHER, "/samstyring/tiltak/", _("Initiatives")),
    (_TOGETHER, "/samstyring/runder/", _("Priority rounds")),
    (_TOGETHER, "/samstyring/kalender/", _("Calendar")),
    (_TOGETHER, "/avtaler/", _("Agreements")),
    (frozenset({"municipal_lead"}), "/konsekvens/var-kommune/", _("Our municipality")),
    (frozenset({"municipal_lead"}), "/arbeid/kommunen/", _("How people reach us")),
)


@attrs.frozen
class Item:
    """One entry of the menu."""

    url: str
    label: str | Promise
    current: bool


def navigation_for(who: Who | None, path: str) -> list[Item]:
    """Give the menu of whoever is here; nobody logged in gets none."""
    if who is None:
        return []
    mine = {"citizen"}
    if who.kind == "employee":
        mine = {*who.role_codes, *(f"{role}@{who.unit_kind}" for role in who.role_codes)}
    entries = [(url, label) for roles, url, label in ENTRIES if roles & mine]
    nearest = max((url for url, _label in entries if path.startswith(url)), key=len, default="")
    return [Item(url, label, url == nearest) for url, label in entries]
