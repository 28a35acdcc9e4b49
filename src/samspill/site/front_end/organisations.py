"""Which organisations take part: municipalities by the municipality register, agencies by what they own.

Given to `identity.service.use_directory`, which may not know either of them.
"""

from __future__ import annotations

from samspill.identity.service import Organisation
from samspill.municipalities import service as municipalities
from samspill.packages import service as packages


def find(org_no: str) -> Organisation | None:
    """Return the municipality with the number, or the agency that owns a published service."""
    municipality = municipalities.by_org_no(org_no)
    if municipality is not None:
        name = f"{municipality.official_name} kommune"
        return Organisation(org_no, name, "municipality", municipality.id)
    owns = any(package.owner_org_no == org_no for package in packages.list_published())
    return Organisation(org_no, "", "agency") if owns else None
