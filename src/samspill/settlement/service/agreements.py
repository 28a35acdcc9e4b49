"""Agreements: write a version and test its key, offer it, sign it, leave it.

A version never changes. Signing binds a party to one version; a new version must be signed again.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db import transaction

from samspill.infra import clock, written
from samspill.infra import events as log
from samspill.infra.canonical import sha256_of
from samspill.infra.charts import Numbers
from samspill.kernel.actor import role_among
from samspill.kernel.outcome import refuse
from samspill.settlement import events
from samspill.settlement.domain import share, terms
from samspill.settlement.domain.texts import noop as _
from samspill.settlement.models import (
    Agreement,
    AgreementParty,
    AgreementVersion,
    Exit,
    GainItem,
    Payer,
    Signature,
)
from samspill.settlement.service import access, effect_lines, expected, parties
from samspill.settlement.service.telling import tell
from samspill.settlement.service.views import AgreementView, SignatureView, agreement_view

if TYPE_CHECKING:
    from uuid import UUID

    from samspill.infra.written import Wrote
    from samspill.kernel.actor import Actor
    from samspill.settlement.domain.terms import Outcome, Terms

_MONTHS = 12


def test_key(actor: Actor, *, initiative_id: UUID, terms_json: Any) -> Outcome:
    """Return what terms would come to, with the five tests of the key; nothing is stored.

    Raises:
        RefusedError: the terms cannot be used; the place is named.
    """
    role_among(actor, access.ROLES)
    return terms.compute(_read(initiative_id, terms_json)[1])


@transaction.atomic
def propose(
    actor: Actor,
    *,
    initiative_id: UUID,
    title: str,
    terms_json: Any,
    agreement_id: UUID | None = None,
    reason: str = "",
) -> AgreementView:
    """Write a new agreement, or a new version of one, and test its key.

    Args:
        actor: the owner of the initiative, or the secretariat.
        initiative_id: what it is about.
        title: what people call it.
        terms_json: `domain.terms`; `parties` may be `all`, inhabitants are filled in.
        agreement_id: the agreement to write a new version of.
        reason: why there is a new version.

    Raises:
        RefusedError: `role_needed`, `not_owner`, `not_found`, `title_missing`, `agreement_ended`,
            `compensation_impossible`, or what is wrong with the terms.
    """
    initiative = access.owned_initiative(actor, initiative_id)
    if not title.strip():
        raise refuse(
            "title_missing", _("The agreement has no title."), where="title",
            remedy=_("Give it a title."),
        )  # fmt: skip
    said = written.wrote(actor, title, where="title", most=200)
    given, read = _read(initiative.id, effect_lines.worded(initiative.id, actor, terms_json))
    outcome = terms.compute(read)
    _refuse_shortfall(read, outcome)
    row = _next(actor, agreement_id, initiative.id, initiative.owner_org_no, said)
    version = _write(actor, row, given, read, outcome, reason)
    _tell_of(row, version)
    told = events.AgreementProposed(
        agreement_id=row.id,
        initiative_id=row.initiative_id,
        version=row.number,
        parties=len(outcome.parties),
    )
    log.append(told, actor=actor)
    return agreement_view(row, version, actor=actor)


@transaction.atomic
def offer(actor: Actor, *, agreement_id: UUID) -> AgreementView:
    """Put the version that stands forward for signing; it may be read from now on.

    Raises:
        RefusedError: `not_found`, `role_needed`, `not_owner`, `payer_missing`, `sums_open`.
    """
    row = access.find(actor, agreement_id, lock=True)
    access.owned_initiative(actor, row.initiative_id)
    version = access.version_of(row)
    if row.state != "draft":
        return agreement_view(row, version, actor=actor)
    _refuse_unfinished(version)
    _set(row, state="offered")
    _tell_of(row, version)
    log.append(_event(events.AgreementOffered, row), actor=actor)
    return agreement_view(row, version, actor=actor)


@transaction.atomic
def sign(actor: Actor, *, agreement_id: UUID, version: int) -> SignatureView:
    """Sign a version for the party that the actor stands for; a second time is the same signature.

    Raises:
        RefusedError: `not_found`, `role_needed`, `not_a_party`, `not_offered`, `not_this_version`, `has_left`.
    """
    row = access.find(actor, agreement_id, lock=True)
    role = role_among(actor, [access.LEAD, access.OWNER, access.KS, access.MINISTRY])
    standing = access.version_of(row)
    _refuse_other_version(row, version)
    party = access.party_of(actor, standing)
    if party is None:
        raise refuse(
            "not_a_party",
            _("You do not stand for a party of this agreement."),
            where="actor",
            remedy=_("Ask somebody who may sign for the party."),
            status=403,
        )
    if row.exits.filter(party=party.party).exists():
        raise refuse(
            "has_left",
            _("The party has given notice and leaves this agreement."),
            where="party",
            remedy=_("Ask the owner for a new agreement."),
        )
    now = clock.now()
    made, is_new = Signature.objects.get_or_create(
        version=standing,
        party=party.party,
        defaults={
            "sha256": standing.sha256,
            "by_person_id": actor.person_id,
            "by_role": role,
            "signed_on": clock.today(),
            "signed_at": now,
        },
    )
    if is_new:
        _after_signing(actor, row, standing, party.party)
    return SignatureView(
        party=party.party, name=party.name, version=version, signed_on=made.signed_on
    )


@transaction.atomic
def withdraw_from(actor: Actor, *, agreement_id: UUID, reason: str) -> dt.date:
    """Give notice for the actor's party; return the day through which it is bound.

    The notice counts from today and runs to the end of the year in which its months are over, so that no year
    is settled in parts.

    Raises:
        RefusedError: `not_found`, `not_a_party`, `not_signed`.
    """
    row = access.find(actor, agreement_id, lock=True)
    version = access.version_of(row, row.in_force)
    party = access.party_of(actor, version)
    if party is None or not version.signatures.filter(party=party.party).exists():
        raise refuse(
            "not_signed",
            _("You have signed nothing here that you could leave."),
            where="agreement_id",
            remedy=_("An agreement that is not signed binds nobody."),
        )
    given = row.exits.filter(party=party.party).first()
    if given is not None:
        return given.leaves_on
    why = written.wrote(actor, reason, where="reason", most=1000)
    today = clock.today()
    leaves = _end_of_year_after(today, terms.read(version.terms).exit_notice_months)
    Exit.objects.create(
        agreement=row,
        party=party.party,
        declared_on=today,
        leaves_on=leaves,
        reason=why.text,
        **why.columns,
        by_role=next(iter(sorted(actor.roles)), ""),
        at=clock.now(),
    )
    told = _event(events.AgreementLeft, row, party=party.party, leaves_on=leaves.isoformat())
    log.append(told, actor=actor)
    return leaves


@transaction.atomic
def end(actor: Actor, *, agreement_id: UUID) -> AgreementView:
    """End an agreement: no more is signed under it; years that have passed can still be settled.

    Raises:
        RefusedError: `not_found`, `role_needed`, `not_owner`.
    """
    row = access.find(actor, agreement_id, lock=True)
    access.owned_initiative(actor, row.initiative_id)
    if row.state != "ended":
        _set(row, state="ended")
        log.append(_event(events.AgreementEnded, row), actor=actor)
    return agreement_view(row, access.version_of(row), actor=actor)


def get(
    agreement_id: UUID, *, actor: Actor | None = None, version: int | None = None
) -> AgreementView:
    """Return an agreement as one version has it, the one that stands if none is named.

    Raises:
        RefusedError: `not_found`.
    """
    row = access.find(actor, agreement_id)
    shown = access.shown_version(actor, row)
    if version is not None and version <= shown.number:
        shown = access.version_of(row, version)
    return agreement_view(row, shown, actor=actor)


def list_agreements(
    actor: Actor | None, *, initiative_id: UUID | None = None
) -> list[AgreementView]:
    """Return the agreements that the actor may read, newest first."""
    rows = Agreement.objects.order_by("-changed_at")
    if initiative_id is not None:
        rows = rows.filter(initiative_id=initiative_id)
    return [
        agreement_view(row, access.shown_version(actor, row), actor=actor, brief=True)
        for row in rows
        if access.may_read(actor, row)
    ]


def unsigned(row: Agreement, version: AgreementVersion) -> list[str]:
    """Return the names of parties that have not signed a version and have not left."""
    signed = set(version.signatures.values_list("party", flat=True))
    left = set(row.exits.values_list("party", flat=True))
    found = version.parties.exclude(party__in=signed | left).order_by("name")
    return list(found.values_list("name", flat=True))


def _read(initiative_id: UUID, given: Any) -> tuple[Mapping[str, Any], Terms]:
    """Return the terms written out in full, and read; expected gains come from the plan if none is given."""
    first = given.get("first_year") if isinstance(given, Mapping) else None
    year = first if isinstance(first, int) and not isinstance(first, bool) else clock.today().year
    whole = expected.with_gains(initiative_id, parties.expand(given, year))
    read = terms.read(whole)
    for party in read.party_ids:
        parties.known(party, "terms.parties")
    return whole, read


def _next(
    actor: Actor, agreement_id: UUID | None, initiative_id: UUID, owner: str, title: Wrote
) -> Agreement:
    now = clock.now()
    if agreement_id is None:
        return Agreement.objects.create(
            initiative_id=initiative_id,
            title=title.text,
            **title.columns,
            owner_org_no=owner,
            made_at=now,
            changed_at=now,
        )
    row = access.find(actor, agreement_id, lock=True)
    if row.initiative_id != initiative_id:
        raise access.not_found()
    if row.state == "ended":
        raise refuse(
            "agreement_ended",
            _("The agreement has ended."),
            where="agreement_id",
            remedy=_("Propose a new agreement."),
        )
    _set(row, state="draft", number=row.number + 1, title=title.text, **title.columns)
    return row


def _write(
    actor: Actor,
    row: Agreement,
    given: Mapping[str, Any],
    read: Terms,
    outcome: Outcome,
    reason: str,
) -> AgreementVersion:
    why = written.wrote(actor, reason, where="reason", most=500)
    version = AgreementVersion.objects.create(
        agreement=row,
        number=row.number,
        terms=dict(given),
        tests=tests_json(outcome),
        closes=outcome.closes,
        shortfall_ore=outcome.compensation.shortfall,
        first_year=read.first_year,
        last_year=read.last_year,
        sha256=sha256_of(dict(given)),
        reason=why.text,
        **why.columns,
        by_org_no=actor.org_no or "",
        by_role=next(iter(sorted(actor.roles)), actor.kind),
        made_at=clock.now(),
    )
    AgreementParty.objects.bulk_create(_party_rows(version, outcome))
    Payer.objects.bulk_create(
        Payer(
            version=version,
            position=place,
            line=line.name[:200],
            payer=line.payer,
            year_ore=None if line.amount is None else round(line.amount),
        )
        for place, line in enumerate(read.lines)
    )
    return version


def _party_rows(version: AgreementVersion, outcome: Outcome) -> list[AgreementParty]:
    rows = []
    for one in outcome.parties:
        who = parties.known(one.party, f"terms.parties.{one.party}")
        rows.append(
            AgreementParty(
                version=version,
                party=one.party,
                name=who.name,
                kind=who.kind,
                municipality_id=who.municipality_id,
                org_no=who.org_no,
                inhabitants=one.inhabitants,
                share_ore=one.share,
                borne_ore=one.borne,
                tariff_once_ore=one.tariff_once,
                tariff_year_ore=one.tariff_year,
                expected_gain_ore=one.expected_gain,
                transfer_ore=one.transfer,
                net_ore=one.net_after,
            )
        )
    return rows


def tests_json(outcome: Outcome) -> dict[str, Any]:
    """Return the tests of the key in kroner, as the command gives them; empty when there is no key."""
    if outcome.findings is None:
        return {}
    paid = {one.party: one.share for one in outcome.parties}
    shared = share.Shared(shares=paid, total=sum(paid.values()), findings=outcome.findings)
    return dict(share.as_json(shared)["tests"])


def _after_signing(actor: Actor, row: Agreement, version: AgreementVersion, party: str) -> None:
    complete = not unsigned(row, version)
    if complete:
        _set(row, state="signed", in_force=version.number)
    else:
        _set(row)
    _tell_of(row, version)
    log.append(_event(events.AgreementSigned, row, party=party, complete=complete), actor=actor)


def _tell_of(row: Agreement, version: AgreementVersion) -> None:
    """Lay down what the guards of the initiative ask about."""
    missing = unsigned(row, version)
    body = {
        "agreement_id": str(row.id),
        "number": version.number,
        "sha256": version.sha256,
        "lines_without_payer": lines_without_payer(row, version),
        "gains_without_owner": list(
            GainItem.objects.filter(
                initiative_id=row.initiative_id,
                realised_as="cash",
                line_authority=False,
                ended_at__isnull=True,
            ).values_list("name", flat=True)
        ),
        "closes": version.closes,
        "signed": not missing,
        "unsigned": missing,
        "url": f"/avtaler/{row.id}/",
    }
    tell(row.initiative_id, "agreement", body)


def lines_without_payer(row: Agreement, version: AgreementVersion) -> list[str]:
    """Return the lines nobody pays: those of the version, and the initiative's that no agreement names."""
    own = list(version.payers.filter(payer="").values_list("line", flat=True))
    return [*own, *(n for n in effect_lines.without_payer(row.initiative_id) if n not in own)]


def _refuse_unfinished(version: AgreementVersion) -> None:
    without = list(version.payers.filter(payer="").values_list("line", flat=True))
    if without:
        raise refuse(
            "payer_missing",
            _("These lines have no payer: %(lines)s."),
            where="terms.lines",
            remedy=_("Say who pays each line, in a new version."),
            values={"lines": ", ".join(without)},
        )
    if not version.closes:
        raise refuse(
            "sums_open",
            _("What the key divides is not what its lines come to."),
            where="terms.sharing.total",
            remedy=_("Correct the total or the lines, in a new version."),
        )


def _refuse_shortfall(read: Terms, outcome: Outcome) -> None:
    if not read.compensation or outcome.compensation.is_feasible:
        return
    raise refuse(
        "compensation_impossible",
        _("The parties together lose %(kroner)s kroner, so no compensation can lift everybody to zero."),
        where="terms.compensation",
        remedy=_("Let the state bear more, or choose no compensation."),
        values={"kroner": Numbers().plain(outcome.compensation.shortfall // 100)},
    )  # fmt: skip


def _refuse_other_version(row: Agreement, version: int) -> None:
    if version != row.number:
        raise refuse(
            "not_this_version",
            _("Version %(asked)s is not the one that stands; that is version %(standing)s."),
            where="version",
            remedy=_("Read the version that stands, and sign that."),
            values={"asked": version, "standing": row.number},
            status=409,
        )
    if row.state not in {"offered", "signed"}:
        raise refuse(
            "not_offered",
            _("The agreement is not put forward for signing."),
            where="agreement_id",
            remedy=_("Wait until the owner has put it forward."),
        )


def _end_of_year_after(today: dt.date, months: int) -> dt.date:
    """Return 31 December of the year in which so many months are over."""
    at = today.year * _MONTHS + today.month - 1 + months
    year, month = divmod(at, _MONTHS)
    last = calendar.monthrange(year, month + 1)[1]
    return dt.date(dt.date(year, month + 1, min(today.day, last)).year, 12, 31)


def _set(row: Agreement, **values: Any) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.changed_at = clock.now()
    row.save(update_fields=[*values, "changed_at"])


def _event(kind: Any, row: Agreement, **rest: Any) -> Any:
    return kind(agreement_id=row.id, initiative_id=row.initiative_id, version=row.number, **rest)
