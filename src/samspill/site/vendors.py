"""Which vendor each municipality has in the area of an initiative, as the municipalities state it themselves.

A municipality states the vendor of a specialist system on the page of its own figures (`impact`), with source, grade
and history. The system is named by area: the sector of the register (`housing`, or its name in bokmål, nynorsk or
English), or the service package. The figures lie in `impact`, the question is asked in `portfolio`: they meet here.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from django.utils import translation

from samspill.impact.service import drivers
from samspill.kernel.actor import system
from samspill.portfolio import service as portfolio
from samspill.portfolio.service import words

if TYPE_CHECKING:
    from uuid import UUID

_SYSTEM = system("vendors of municipalities")


def of_initiative(initiative_id: UUID) -> dict[UUID, str]:
    """Return the vendor of each municipality that has stated one in the initiative's area.

    The vendor of a service package the initiative makes or changes counts before that of its whole sector.
    """
    one = portfolio.get(initiative_id, actor=_SYSTEM)
    wanted = [*(row["package_id"] for row in one.packages), one.sector]
    found = {}
    for municipality_id, given in drivers.stated("vendor").items():
        # One area under two names: the last word holds.
        last = sorted(given.items(), key=lambda item: item[1].at)
        by_area = {area_of(name): str(said.value) for name, said in last}
        vendor = next((by_area[area] for area in wanted if area in by_area), "")
        if vendor:
            found[municipality_id] = vendor
    return found


def area_of(name: str) -> str:
    """Return the sector that a name means, in whichever of our languages; any other name as it is, in small letters."""
    plain = " ".join(name.split()).casefold()
    return _sectors().get(plain, plain)


@functools.cache
def _sectors() -> dict[str, str]:
    found = {key: key for key in words.SECTORS}
    for language in ("nb", "nn", "en"):
        with translation.override(language):
            found |= {str(name).casefold(): key for key, name in words.SECTORS.items()}
    return found
