"""Which organisations take part: municipalities, those who decide with them, and agencies that own a service.

Given to `identity.service.use_directory`, which may not know either of them.
"""

from __future__ import annotations

from samspill.identity.service import Organisation
from samspill.municipalities import service as municipalities
from samspill.packages import service as packages
from samspill.portfolio import service as portfolio


def find(org_no: str) -> Organisation | None:
    """Return the municipality with the number, the agency or KS that decides with it, or a service's owner."""
    municipality = municipalities.by_org_no(org_no)
    if municipality is not None:
        name = f"{municipality.official_name} kommune"
        return Organisation(org_no, name, "municipality", municipality.id)
    listed = portfolio.organisation(org_no)
    if listed is not None:
        return Organisation(org_no, listed.name, listed.kind)
    owns = any(package.owner_org_no == org_no for package in packages.list_published())
    return Organisation(org_no, "", "agency") if owns else None
