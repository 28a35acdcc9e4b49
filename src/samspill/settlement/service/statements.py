"""A party's statement of a settled year: as values for the page, as PDF/A and as CSV. Made from what was stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import attrs
from django.utils import translation
from django.utils.translation import gettext as _

from samspill.infra import pdf
from samspill.infra.charts import Numbers
from samspill.infra.written import reader, said_of
from samspill.kernel import spreadsheet, wording
from samspill.kernel.money import kroner
from samspill.kernel.wording import Said
from samspill.settlement.models import Agreement, Settlement, Statement
from samspill.settlement.service import access, labels
from samspill.settlement.service.labels import line_label

if TYPE_CHECKING:
    from samspill.kernel.actor import Actor


@attrs.frozen(kw_only=True)
class StatementView:
    """A party's statement: amounts in øre by kind, and each gain behind them."""

    settlement_id: UUID
    agreement_id: UUID
    initiative_id: UUID
    title: Said
    year: int
    version: int
    closed_on: Any
    party: str
    name: str
    lines: tuple[tuple[str, int], ...]
    gains: tuple[dict[str, Any], ...]
    sha256: str

    @property
    def priced(self) -> str:
        """How the hours of its gains are priced, in the reader's language; empty when there is nothing to say."""
        return labels.priced(self.gains[0]) if self.gains else ""

    def ore(self, kind: str) -> int:
        """Return one amount."""
        return dict(self.lines)[kind]


@attrs.frozen(kw_only=True)
class SettlementView:
    """A settled year with every party's statement."""

    id: UUID
    agreement_id: UUID
    initiative_id: UUID
    title: Said
    year: int
    version: int
    closed_on: Any
    due: int
    realised: int
    withdrawn: int
    statements: tuple[StatementView, ...] = ()


def settlement(
    settlement_id: UUID, *, actor: Actor | None = None, brief: bool = False
) -> SettlementView:
    """Return a settled year.

    Raises:
        RefusedError: `not_found`.
    """
    row = _find(settlement_id, actor)
    return _view(row, brief=brief)


def list_settlements(
    actor: Actor | None, *, agreement_id: UUID | None = None
) -> list[SettlementView]:
    """Return the settled years that the actor may read, newest first."""
    rows = Settlement.objects.select_related("agreement").order_by("-year", "-closed_at")
    if agreement_id is not None:
        rows = rows.filter(agreement_id=agreement_id)
    return [_view(row, brief=True) for row in rows if access.may_read(actor, row.agreement)]


def statement(
    party: str, year: int, *, agreement_id: UUID, actor: Actor | None = None
) -> StatementView:
    """Return a party's statement of a year.

    Raises:
        RefusedError: `not_found`.
    """
    row = (
        Statement.objects.select_related("settlement__agreement")
        .filter(party=party, settlement__year=year, settlement__agreement_id=agreement_id)
        .first()
    )
    if row is None or not access.may_read(actor, row.settlement.agreement):
        raise access.not_found("party")
    return _statement(row, row.settlement, row.settlement.agreement)


def statement_csv(view: StatementView) -> str:
    """Return a statement as CSV: one line an amount, kroner with a point, the hash in every line.

    Labels are in the reader's language. A measured gain is a line of its own (`gain`), with the live or reported cases
    that it rests on and the hours they freed, the party's price of an hour, the plan's in zone 1 of employer's
    contribution, and the party's zone (empty in what was settled before hours were priced by zone). `language` is the
    language of the label.
    """
    names = [
        "agreement",
        "year",
        "party",
        "name",
        "kind",
        "label",
        "nok",
        "sha256",
        "cases",
        "hours",
        "language",
        "hour_price",
        "plan_hour_price",
        "zone",
    ]
    about = [view.title, view.year, view.party, view.name]
    rows = [
        [
            *about,
            kind,
            str(line_label(kind)),
            kroner(ore),
            view.sha256,
            "",
            "",
            reader(),
            "",
            "",
            "",
        ]
        for kind, ore in view.lines
    ]
    for gain in view.gains:
        amount, rests_on = kroner(gain["realised_ore"]), (gain["cases"], gain["hours"])
        name = gain["name"]
        rows.append(
            [*about, "gain", name, amount, view.sha256, *rests_on, name.lang, *_prices(gain)]
        )
    return spreadsheet.table([names, *rows])


def _prices(gain: dict[str, Any]) -> list[str]:
    """Return the price of an hour, that of the plan in zone 1, and the zone, as the file gives them."""
    own = gain["hour_price_ore"]
    return [kroner(own), kroner(gain.get("plan_price_ore", own)), gain.get("zone", "")]


def settlement_csv(view: SettlementView) -> str:
    """Return every party's amounts of a year as CSV, one line a party."""
    kinds = [kind for kind, _ore in view.statements[0].lines] if view.statements else []
    head = ["agreement", "year", "party", "name", *kinds]
    rows = (
        [view.title, view.year, one.party, one.name, *(kroner(one.ore(k)) for k in kinds)]
        for one in view.statements
    )
    return spreadsheet.table([head, *rows])


def statement_pdf(view: StatementView, language: str) -> bytes:
    """Return a statement as tagged PDF/A in a language."""
    with translation.override(language):
        numbers = Numbers(decimals=2, unit="kr")
        title = _("Settlement of %(year)s: %(name)s") % {"year": view.year, "name": view.name}
        parts = [f"= {pdf.escape(title)}", pdf.escape(view.title), *_tables(view, numbers)]
        footer = _("Statement %(hash)s, version %(version)s of the agreement") % {
            "hash": view.sha256[:16],
            "version": view.version,
        }
        return pdf.render("\n\n".join(parts), title=title, language=language, footer=footer)


def _tables(view: StatementView, numbers: Numbers) -> list[str]:
    rows = [
        f"[{pdf.escape(str(line_label(kind)))}], [{pdf.escape(numbers.say(ore / 100))}],"
        for kind, ore in view.lines
    ]
    head = f"[{pdf.escape(_('What'))}], [{pdf.escape(_('Amount'))}],"
    parts = [_table("(1fr, auto)", "(left, right)", head, rows)]
    if view.gains:
        parts += [f"== {pdf.escape(_('The measured gains'))}", _gain_table(view, numbers)]
    if view.priced:
        parts.append(pdf.escape(view.priced))
    return parts


def _gain_table(view: StatementView, numbers: Numbers) -> str:
    plain = Numbers(decimals=1)
    rows = [
        "".join(f"[{pdf.escape(cell)}], " for cell in _gain_cells(gain, plain, numbers))
        for gain in view.gains
    ]
    names = (_("Gain"), _("Cases"), _("Minutes before"), _("Minutes measured"), _("Hours"),
             _("Price of an hour"), _("Realised"))  # fmt: skip
    head = ", ".join(f"[{pdf.escape(name)}]" for name in names) + ","
    widths = f"(1fr{', auto' * (len(names) - 1)})"
    return _table(widths, f"(left{', right' * (len(names) - 1)})", head, rows)


def _gain_cells(gain: dict[str, Any], plain: Numbers, numbers: Numbers) -> list[str]:
    """Return a measured gain as it stands in the paper: with the cases behind it, and the minutes before and now."""
    measured = gain["measured_minutes"]
    return [
        gain["name"],
        str(gain["cases"]),
        plain.say(gain["baseline_minutes"]),
        "–" if measured is None else plain.say(measured),
        plain.say(gain["hours"]),
        numbers.say(gain["hour_price_ore"] / 100),
        numbers.say(gain["realised_ore"] / 100),
    ]


def _table(widths: str, align: str, head: str, rows: list[str]) -> str:
    lines = [f"#table(columns: {widths}, align: {align},", f"table.header({head})", ","]
    return "\n".join([*lines, *rows, ")"])


def _called(gain: dict[str, Any]) -> Said:
    """Return the name of a gain in the reader's language when it was given in that, else as it was written."""
    words = gain.get("translations") or {}
    return wording.of_field("name", gain["name"], gain.get("language", ""), words, reader())


def _find(settlement_id: UUID, actor: Actor | None) -> Settlement:
    row = Settlement.objects.select_related("agreement").filter(pk=settlement_id).first()
    if row is None or not access.may_read(actor, row.agreement):
        raise access.not_found("settlement_id")
    return row


def _view(row: Settlement, *, brief: bool) -> SettlementView:
    agreement = row.agreement
    found = [] if brief else list(row.statements.order_by("name", "party"))
    return SettlementView(
        id=row.id,
        agreement_id=agreement.id,
        initiative_id=agreement.initiative_id,
        title=said_of(agreement, agreement.title),
        year=row.year,
        version=row.version,
        closed_on=row.closed_on,
        due=row.due_ore,
        realised=row.realised_ore,
        withdrawn=row.withdrawn_ore,
        statements=tuple(_statement(one, row, agreement) for one in found),
    )


def _statement(row: Statement, made: Settlement, agreement: Agreement) -> StatementView:
    return StatementView(
        settlement_id=made.id,
        agreement_id=agreement.id,
        initiative_id=agreement.initiative_id,
        title=said_of(agreement, agreement.title),
        year=made.year,
        version=made.version,
        closed_on=made.closed_on,
        party=row.party,
        name=row.name,
        lines=tuple((line["kind"], line["ore"]) for line in row.body["lines"]),
        gains=tuple({**gain, "name": _called(gain)} for gain in row.body["gains"]),
        sha256=row.sha256,
    )
