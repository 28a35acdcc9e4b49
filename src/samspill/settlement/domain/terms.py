"""The terms of an agreement on cost and gain, and what they come to for each party.

    read       JSON → Terms (strict)
    compute    Terms → Outcome: øre for each party, the tests of the key, compensation, what has no payer

Parties are named by municipality number or organisation number. Each line of cost has a payer: the key (all
who share), each for itself, or one named party.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import attrs

from samspill.kernel import wording
from samspill.kernel.money import Ore
from samspill.kernel.outcome import RefusedError, refuse
from samspill.settlement.domain import reading, share
from samspill.settlement.domain import tariff as tariffs
from samspill.settlement.domain.compensation import Compensation, compensate
from samspill.settlement.domain.fairness import Findings
from samspill.settlement.domain.succession import SPLIT_RULES
from samspill.settlement.domain.tariff import Tariff

BY_KEY, EACH_ITS_OWN = "key", "own"
GAIN_KEYS = ("where_it_arises", "pooled")
MOST_YEARS = 15
MOST_PROSE = 5000
#: Thousands of times the budget of the state, in øre; above it an amount is a slip of the hand.
_MOST_ORE = 10**18
_MOST_PEOPLE = 10**8
FIELDS = (
    "first_year", "last_year", "sharing", "tariff", "lines", "others", "gain_key", "withdrawal", "compensation",
    "settle_on", "exit_notice_months", "exit_terms", "split_rule", "language", "translations",
)  # fmt: skip


@attrs.frozen(kw_only=True)
class Line:
    """Hold one line of cost: its name, who pays it, and exact øre a year when it has an amount."""

    name: str
    payer: str
    amount: Fraction | None = None
    translations: wording.Translations = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Terms:
    """Hold what is agreed. `sharing` is the JSON of `settlement share`; `others` bear lines outside the key."""

    first_year: int
    last_year: int
    sharing: Mapping[str, Any] | None = None
    tariff: Tariff | None = None
    lines: tuple[Line, ...] = ()
    others: tuple[str, ...] = ()
    gain_key: str = "where_it_arises"
    withdrawal: Fraction = Fraction(0)
    compensation: bool = False
    settle_on: tuple[int, int] = (3, 1)
    exit_notice_months: int = 12
    exit_terms: str = ""
    split_rule: str = "inhabitants"
    #: What the names of lines and the exit terms are written in (empty when nobody said), and their wordings.
    language: str = ""
    translations: wording.Translations = attrs.field(factory=dict)

    def said_exit(self, reader: str) -> wording.Said:
        """Return the exit terms in the reader's language when they are given in that, else as written."""
        return wording.of_field(
            "exit_terms", self.exit_terms, self.language, self.translations, reader
        )

    def said_line(self, position: int, reader: str) -> wording.Said:
        """Return the name of a line, as `said_exit` does."""
        line = self.lines[position]
        return wording.of_field("name", line.name, self.language, line.translations, reader)

    @property
    def years(self) -> range:
        """Return the years of the agreement."""
        return range(self.first_year, self.last_year + 1)

    @property
    def sharing_ids(self) -> tuple[str, ...]:
        """Return the parties that share by the key or pay the tariff."""
        rows = self.sharing["parties"] if self.sharing else ()
        return tuple(row["id"] for row in rows)

    @property
    def party_ids(self) -> tuple[str, ...]:
        """Return every party."""
        return (*self.sharing_ids, *self.others)

    def settlement_day(self, year: int) -> dt.date:
        """Return the first day on which a year may be settled."""
        return dt.date(year + 1, *self.settle_on)


@attrs.frozen(kw_only=True)
class PartyOutcome:
    """Hold what the agreement comes to for one party: øre a year, once, and over the whole period."""

    party: str
    inhabitants: int
    share: Ore
    borne: Ore
    tariff_once: Ore
    tariff_year: Ore
    expected_gain: Ore
    years: int
    transfer: Ore = 0

    @property
    def year(self) -> Ore:
        """Return what an ordinary year costs, before gain and compensation."""
        return self.share + self.borne + self.tariff_year

    @property
    def net(self) -> Ore:
        """Return expected gain less cost over the period, before compensation."""
        return self.years * (self.expected_gain - self.year) - self.tariff_once

    @property
    def net_after(self) -> Ore:
        """Return the net with compensation received or given."""
        return self.net + self.transfer


@attrs.frozen(kw_only=True)
class Outcome:
    """Hold what the terms come to: each party, the tests of the key, what is lacking."""

    parties: tuple[PartyOutcome, ...]
    findings: Findings | None
    compensation: Compensation
    closes: bool
    lines_without_payer: tuple[str, ...]
    by_key: Ore | None = (
        None  # what the lines that the key pays come to; None when that is not said
    )

    @property
    def divided(self) -> Ore:
        """Return what the key divides."""
        return sum(one.share for one in self.parties)


def read(value: Any, where: str = "terms") -> Terms:
    """Return the terms of their JSON.

    Raises:
        RefusedError: a field is unknown or cannot be used; it names the place.
    """
    given = reading.record(value, where, FIELDS)
    first = _year(given, "first_year", where)
    last = _year(given, "last_year", where)
    if not first <= last < first + MOST_YEARS:
        raise refuse(
            "bad_period",
            "The period %(first)s to %(last)s is not from 1 to %(most)s years.",
            where=f"{where}.last_year",
            remedy="Give a last year that is not before the first, and at most %(most)s years in all",
            values={"first": first, "last": last, "most": MOST_YEARS},
        )
    language, translations = wording.read(given, where, {"exit_terms": MOST_PROSE})
    terms = Terms(
        first_year=first,
        last_year=last,
        sharing=_sharing(given.get("sharing"), f"{where}.sharing"),
        tariff=_tariff(given.get("tariff"), f"{where}.tariff"),
        lines=_lines(given.get("lines") or [], f"{where}.lines", language),
        others=_others(given.get("others") or [], f"{where}.others"),
        gain_key=_choice(given, "gain_key", GAIN_KEYS, where),
        withdrawal=reading.share(given.get("withdrawal", 0), f"{where}.withdrawal"),
        compensation=_yes_or_no(given.get("compensation", False), f"{where}.compensation"),
        settle_on=_day(given.get("settle_on", "03-01"), f"{where}.settle_on"),
        exit_notice_months=reading.whole(
            given.get("exit_notice_months", 12), f"{where}.exit_notice_months", most=120
        ),
        exit_terms=_prose(given.get("exit_terms", ""), f"{where}.exit_terms"),
        split_rule=_choice(given, "split_rule", SPLIT_RULES, where),
        language=language,
        translations=translations,
    )
    _check(terms, where)
    return terms


def compute(terms: Terms, *, only: Sequence[str] | None = None) -> Outcome:
    """Return what the terms come to.

    Args:
        terms: what is agreed; every sharing party has inhabitants when there is a tariff.
        only: the sharing parties that are left when some have gone; all when left out.

    Raises:
        RefusedError: the key cannot be applied to what is given.
    """
    shared = share.compute(share.read(_of(terms.sharing, only))) if terms.sharing else None
    rows = {row["id"]: row for row in (terms.sharing or {}).get("parties", ())}
    borne = _borne(terms)
    found = []
    for party in terms.party_ids:
        if only is not None and party in rows and party not in only:
            continue
        row = rows.get(party, {})
        people = int(row.get("inhabitants") or 0)
        price = _price(terms, party, people) if party in rows else None
        found.append(
            PartyOutcome(
                party=party,
                inhabitants=people,
                share=shared.shares.get(party, 0) if shared else 0,
                borne=borne.get(party, 0),
                tariff_once=price.once if price else 0,
                tariff_year=price.year if price else 0,
                expected_gain=reading.nearest_ore(reading.amount(row.get("gain") or 0, "gain")),
                years=len(terms.years),
            )
        )
    return _outcome(terms, found, shared)


def _outcome(terms: Terms, parties: Sequence[PartyOutcome], shared: share.Shared | None) -> Outcome:
    for one in parties:
        if (
            max(abs(one.net), one.year, one.tariff_once) > _MOST_ORE
            or one.inhabitants > _MOST_PEOPLE
        ):
            raise reading.too_large(one.party, "terms")
    net = {one.party: one.net for one in parties}
    moved = compensate(net) if terms.compensation else Compensation(transfers=dict.fromkeys(net, 0))
    return Outcome(
        parties=tuple(attrs.evolve(one, transfer=moved.transfers[one.party]) for one in parties),
        findings=shared.findings if shared else None,
        compensation=moved,
        closes=(shared is None or shared.findings.closes) and _covers(terms, shared),
        by_key=_by_key(terms),
        lines_without_payer=tuple(line.name for line in terms.lines if not line.payer),
    )


def _covers(terms: Terms, shared: share.Shared | None) -> bool:
    """Tell whether the lines that the key pays are what the key divides."""
    wanted = _by_key(terms)
    return wanted is None or (shared is not None and wanted == shared.total)


def _by_key(terms: Terms) -> Ore | None:
    """Return what the lines that the key pays come to; None when there is none, or one has no amount."""
    amounts = [line.amount for line in terms.lines if line.payer == BY_KEY]
    if not amounts or any(amount is None for amount in amounts):
        return None
    return reading.nearest_ore(sum((amount or Fraction(0) for amount in amounts), Fraction(0)))


def _borne(terms: Terms) -> dict[str, Ore]:
    found: dict[str, Ore] = {}
    for line in terms.lines:
        if line.payer not in {BY_KEY, EACH_ITS_OWN, ""} and line.amount is not None:
            found[line.payer] = found.get(line.payer, 0) + reading.nearest_ore(line.amount)
    return found


def _price(terms: Terms, party: str, people: int) -> tariffs.Price | None:
    if terms.tariff is None:
        return None
    if not people:
        raise refuse(
            "missing_figure",
            "%(party)s has no inhabitants, so the tariff has no price for it.",
            where=f"terms.sharing.parties.{party}.inhabitants",
            remedy="Give the inhabitants, or let the party bear lines instead",
            values={"party": party},
        )
    return tariffs.price_of(terms.tariff, people)


def _of(sharing: Mapping[str, Any], only: Sequence[str] | None) -> Mapping[str, Any]:
    """Return the sharing among those who are left."""
    if only is None:
        return sharing
    rows = [row for row in sharing["parties"] if row["id"] in only]
    vendors = {row.get("vendor") for row in rows}
    adapters = {v: c for v, c in (sharing.get("adapters") or {}).items() if v in vendors}
    return {**sharing, "parties": rows, **({"adapters": adapters} if adapters else {})}


def _check(terms: Terms, where: str) -> None:
    if terms.sharing is None and not terms.lines:
        raise refuse(
            "empty_terms",
            "The terms share nothing and name no line.",
            where=where,
            remedy="Give a sharing, or lines with payers",
        )
    if terms.tariff is not None and terms.sharing is None:
        raise refuse(
            "nobody_pays",
            "There is a tariff, and nobody to pay it.",
            where=f"{where}.sharing",
            remedy="Give the parties",
        )
    known = {*terms.party_ids, BY_KEY, EACH_ITS_OWN, ""}
    for place, line in enumerate(terms.lines):
        if line.payer not in known:
            raise refuse(
                "unknown_party",
                "%(payer)s is to pay a line and is not a party.",
                where=f"{where}.lines[{place}].payer",
                remedy="Name a party, `key` or `own`",
                values={"payer": line.payer},
            )
    twice = sorted({p for p in terms.party_ids if terms.party_ids.count(p) > 1})
    if twice:
        raise refuse(
            "duplicate_party",
            "%(id)s stands twice among the parties.",
            where=f"{where}.others",
            remedy="Give each party once",
            values={"id": twice[0]},
        )


def _sharing(value: Any, where: str) -> Mapping[str, Any] | None:
    """Return the sharing as it was given, once it has been read without complaint."""
    if value is None:
        return None
    if not isinstance(value, dict) or not isinstance(value.get("parties"), list):
        raise reading.wrong(where, "an object with parties")
    share.read(value)
    return value


def _tariff(value: Any, where: str) -> Tariff | None:
    return None if value is None else tariffs.read_tariff(value, where)


def _lines(value: Any, where: str, language: str) -> tuple[Line, ...]:
    found: list[Line] = []
    for place, item in enumerate(reading.items(value, where)):
        here = f"{where}[{place}]"
        row = reading.record(item, here, ("name", "payer", "amount", "translations"))
        amount = row.get("amount")
        words = wording.read({**row, "language": language}, here, {"name": reading.LONGEST})
        found.append(
            Line(
                name=reading.text(row.get("name"), f"{here}.name"),
                payer=_prose(row.get("payer") or "", f"{here}.payer"),
                amount=None if amount is None else reading.amount(amount, f"{here}.amount"),
                translations=words[1],
            )
        )
    return tuple(found)


def _others(value: Any, where: str) -> tuple[str, ...]:
    return tuple(
        reading.text(item, f"{where}[{place}]")
        for place, item in enumerate(reading.items(value, where))
    )


def _year(given: Mapping[str, Any], name: str, where: str) -> int:
    year = reading.whole(given.get(name), f"{where}.{name}", least=2000)
    if year > 2100:  # noqa: PLR2004 - a century ahead is a slip of the hand
        raise reading.wrong(reading.place(where, name), "a year before 2100")
    return year


def _choice(given: Mapping[str, Any], name: str, allowed: Sequence[str], where: str) -> str:
    value = given.get(name, allowed[0])
    if value not in allowed:
        raise _not_among(reading.place(where, name), str(value), allowed)
    return str(value)


def _not_among(where: str, value: str, allowed: Sequence[str]) -> RefusedError:
    return refuse(
        "unknown_choice",
        "%(value)s is not a choice here.",
        where=where,
        remedy="Use one of: %(choices)s",
        values={"value": value, "choices": ", ".join(allowed)},
    )


def _yes_or_no(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise reading.wrong(where, "true or false")
    return value


def _prose(value: Any, where: str) -> str:
    return reading.prose(value, where, most=MOST_PROSE)


def _day(value: Any, where: str) -> tuple[int, int]:
    """Return month and day of `MM-DD`; 29 February is refused, since not every year has it."""
    try:
        day = dt.date.fromisoformat(f"2001-{value}")
    except ValueError:
        raise reading.wrong(where, "a day of the year, written MM-DD") from None
    return day.month, day.day
