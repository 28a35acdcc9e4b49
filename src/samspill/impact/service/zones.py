"""The municipalities' zones of employer's contribution: the same hour costs less where the contribution is lower.

Source: Stortingets vedtak om arbeidsgiveravgift, folketrygdloven § 23-2; rates in the assumption set, zones that are
known in `data/contribution_zones.yaml`, and each municipality's own word for the rest.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from fractions import Fraction

import attrs

from samspill.impact import country, models
from samspill.impact.domain.assumptions import AssumptionSet
from samspill.impact.service import sets
from samspill.municipalities import service as municipalities

#: How a zone is known: the municipality said it, the law places it, or nobody said and zone 1 is assumed.
STATED, LISTED, ASSUMED = "stated", "listed", "assumed"


@attrs.frozen(kw_only=True)
class Contribution:
    """One municipality's zone, how it is known (`stated`, `listed`, `assumed`), and its share of the wage."""

    zone: str
    basis: str
    share: Fraction


@attrs.frozen(kw_only=True)
class Contributions:
    """The contribution of every municipality, by one assumption set. first: the share of zone 1."""

    assumptions: str
    first: Fraction
    known: Mapping[str, Contribution]

    def of(self, number: str) -> Contribution:
        """Return the contribution of a municipality; zone 1, assumed, when nothing is known of it."""
        assumed = Contribution(zone=country.FIRST_ZONE, basis=ASSUMED, share=self.first)
        return self.known.get(number, assumed)


def contributions(year: int) -> Contributions:
    """Return what each municipality of today pays of employer's contribution in a year, in one query.

    The rates are of the newest set that holds on the last day of the year, else of the newest there is.
    """
    rates = sets.valid_on(dt.date(year, 12, 31)) or sets.newest()
    stated = _stated()
    known = {
        place.number: found
        for place in municipalities.all_current()
        if (found := _known(rates, place.number, stated.get(place.id)))
    }
    return Contributions(
        assumptions=rates.version, first=rates.contribution(country.FIRST_ZONE), known=known
    )


def _known(rates: AssumptionSet, number: str, stated: str | None) -> Contribution | None:
    zone = stated or country.listed_zone(number)
    if zone is None:
        return None
    basis = STATED if stated else LISTED
    return Contribution(zone=zone, basis=basis, share=rates.contribution(zone))


def _stated() -> dict[uuid.UUID, str]:
    """Return the zone each municipality says it is in now."""
    rows = models.DriverValue.objects.filter(key="zone")
    last = rows.order_by("municipality_id", "-at", "-id").distinct("municipality_id")
    return dict(last.values_list("municipality_id", "word"))
