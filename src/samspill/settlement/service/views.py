"""What the room shows: plain values, no rows. Amounts are øre."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from uuid import UUID

import attrs

from samspill.infra.written import reader, said_of
from samspill.kernel.wording import Said
from samspill.settlement.domain import terms
from samspill.settlement.domain.yearly import payback_years
from samspill.settlement.models import Agreement, AgreementParty, AgreementVersion
from samspill.settlement.service import access

if TYPE_CHECKING:
    from samspill.kernel.actor import Actor
    from samspill.settlement.domain.terms import Terms


@attrs.frozen(kw_only=True)
class PartyView:
    """One party and what a version comes to for it; `signed_on` and `leaves_on` when it has."""

    party: str
    name: str
    kind: str
    municipality_id: UUID | None
    inhabitants: int
    share: int
    borne: int
    tariff_once: int
    tariff_year: int
    expected_gain: int
    transfer: int
    net: int
    signed_on: dt.date | None = None
    leaves_on: dt.date | None = None

    @property
    def year(self) -> int:
        """Return what an ordinary year costs."""
        return self.share + self.borne + self.tariff_year

    @property
    def payback(self) -> float | None:
        """Return how many years of net gain pay what it costs to join; None when they never do."""
        found = payback_years(self.tariff_once, self.expected_gain - self.year)
        return None if found is None else float(found)

    @property
    def per_inhabitant(self) -> float | None:
        """Return kroner per inhabitant a year, or None without inhabitants."""
        return self.year / 100 / self.inhabitants if self.inhabitants else None


@attrs.frozen(kw_only=True)
class PayerView:
    """Who pays a line: `key`, `own`, a party's number, or nobody yet."""

    line: Said
    payer: str
    name: str
    year: int | None


@attrs.frozen(kw_only=True)
class VersionView:
    """One version in the history of an agreement."""

    number: int
    made_at: dt.datetime
    reason: Said
    signatures: int


@attrs.frozen(kw_only=True)
class SignatureView:
    """One signature."""

    party: str
    name: str
    version: int
    signed_on: dt.date


@attrs.frozen(kw_only=True)
class AgreementView:
    """An agreement as one version has it."""

    id: UUID
    initiative_id: UUID
    title: Said
    state: str
    number: int
    standing: int
    in_force: int | None
    terms: Terms
    terms_json: dict[str, Any]
    tests: dict[str, Any]
    closes: bool
    shortfall: int
    sha256: str
    made_at: dt.datetime
    reason: Said
    parties: tuple[PartyView, ...] = ()
    payers: tuple[PayerView, ...] = ()
    history: tuple[VersionView, ...] = ()
    mine: str = ""
    signed: int = 0
    of: int = 0

    @property
    def exit_terms(self) -> Said:
        """Return what is said of leaving, in the reader's language when it is given in that."""
        return self.terms.said_exit(reader())

    @property
    def my_party(self) -> PartyView | None:
        """Return the party that the reader stands for."""
        return next((one for one in self.parties if one.party == self.mine), None)

    @property
    def may_sign(self) -> bool:
        """Tell whether the reader's party can sign this version now."""
        mine = self.my_party
        offered = self.state in {"offered", "signed"} and self.number == self.standing
        return offered and mine is not None and mine.signed_on is None and mine.leaves_on is None


def agreement_view(
    row: Agreement, version: AgreementVersion, *, actor: Actor | None, brief: bool = False
) -> AgreementView:
    """Return the view of a version; `brief` leaves the parties out."""
    signed = dict(version.signatures.values_list("party", "signed_on"))
    left = dict(row.exits.values_list("party", "leaves_on"))
    mine = access.party_of(actor, version)
    view = AgreementView(
        id=row.id,
        initiative_id=row.initiative_id,
        title=said_of(row, row.title),
        state=row.state,
        number=version.number,
        standing=row.number,
        in_force=row.in_force,
        terms=terms.read(version.terms),
        terms_json=version.terms,
        tests=version.tests,
        closes=version.closes,
        shortfall=version.shortfall_ore,
        sha256=version.sha256,
        made_at=version.made_at,
        reason=said_of(version, version.reason),
        mine=mine.party if mine else "",
        signed=len(signed),
        of=version.parties.count(),
    )
    if brief:
        return view
    parties = list(version.parties.order_by("name", "party"))
    return attrs.evolve(
        view,
        parties=tuple(_party(one, signed, left) for one in parties),
        payers=_payers(version, view.terms, {one.party: one.name for one in parties}),
        history=_history(row, version, actor),
    )


def _payers(
    version: AgreementVersion, agreed: Terms, names: dict[str, str]
) -> tuple[PayerView, ...]:
    here = reader()
    return tuple(
        PayerView(
            line=agreed.said_line(one.position, here),
            payer=one.payer,
            name=names.get(one.payer, ""),
            year=one.year_ore,
        )
        for one in version.payers.order_by("position")
    )


def _history(
    row: Agreement, version: AgreementVersion, actor: Actor | None
) -> tuple[VersionView, ...]:
    every = row.versions.order_by("-number")
    return tuple(
        VersionView(
            number=one.number,
            made_at=one.made_at,
            reason=said_of(one, one.reason),
            signatures=one.signatures.count(),
        )
        for one in every
        if one.number <= version.number or access.decides(actor)
    )


def _party(row: AgreementParty, signed: dict[str, dt.date], left: dict[str, dt.date]) -> PartyView:
    return PartyView(
        party=row.party,
        name=row.name,
        kind=row.kind,
        municipality_id=row.municipality_id,
        inhabitants=row.inhabitants,
        share=row.share_ore,
        borne=row.borne_ore,
        tariff_once=row.tariff_once_ore,
        tariff_year=row.tariff_year_ore,
        expected_gain=row.expected_gain_ore,
        transfer=row.transfer_ore,
        net=row.net_ore,
        signed_on=signed.get(row.party),
        leaves_on=left.get(row.party),
    )
