"""Which registers there are, who answers for each, and whether a reply may be kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from samspill.kernel.ids import NationalId
from samspill.registers.adapters import (
    altinn,
    estates,
    family,
    folkeregisteret,
    husbanken,
    krr,
    lanekassen,
    matrikkelen,
    nav,
    representation,
    skatteetaten,
)
from samspill.registers.domain import Ask

Fetch = Callable[[Ask], dict[NationalId, dict[str, Any]]]


@attrs.frozen
class Register:
    """One register: what to call, its name for people, and whether replies may be kept at all.

    Not kept, whatever a declaration says: what tells of address protection, of an address, or of contact points.
    """

    name: str
    component: str
    source: str
    fetch: Fetch
    may_keep: bool


REGISTERS: Mapping[str, Register] = {
    register.name: register
    for register in (
        Register(
            "folkeregisteret.person",
            "folkeregisteret",
            folkeregisteret.SOURCE,
            folkeregisteret.persons,
            may_keep=False,
        ),
        Register(
            "folkeregisteret.household",
            "folkeregisteret",
            folkeregisteret.SOURCE,
            folkeregisteret.households,
            may_keep=False,
        ),
        Register(
            "folkeregisteret.representation",
            "folkeregisteret",
            folkeregisteret.SOURCE,
            representation.representations,
            may_keep=False,
        ),
        Register(
            "folkeregisteret.family",
            "folkeregisteret",
            folkeregisteret.SOURCE,
            family.families,
            may_keep=False,
        ),
        Register(
            "skatteetaten.income",
            "skatteetaten",
            skatteetaten.SOURCE_INCOME,
            skatteetaten.incomes,
            may_keep=True,
        ),
        Register(
            "skatteetaten.tax_settlement",
            "skatteetaten",
            skatteetaten.SOURCE_SETTLEMENT,
            skatteetaten.settlements,
            may_keep=True,
        ),
        Register("nav.benefits", "nav", nav.SOURCE, nav.benefits, may_keep=True),
        Register(
            "lanekassen.student",
            "lanekassen",
            lanekassen.SOURCE,
            lanekassen.students,
            may_keep=True,
        ),
        Register(
            "matrikkelen.dwelling",
            "matrikkelen",
            matrikkelen.SOURCE,
            matrikkelen.dwellings,
            may_keep=False,
        ),
        Register(
            "husbanken.loans", "husbanken_loans", husbanken.SOURCE, husbanken.loans, may_keep=True
        ),
        Register("doedsbo.roles", "doedsbo", estates.SOURCE, estates.estates, may_keep=False),
        Register("altinn.rights", "altinn", altinn.SOURCE, altinn.rights, may_keep=False),
        Register("krr.contact", "krr", krr.SOURCE, krr.contacts, may_keep=False),
    )
}
