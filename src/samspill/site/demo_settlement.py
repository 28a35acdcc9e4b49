"""The demo's agreements, windows, gains and one settled year.

What was promised before last winter's round was tried in some municipalities the year before it: those agreements are
signed by every party and cover the trial, one of them has a gain that live cases measure, and its first year is
settled. The hours are those of the live cases alone (`demo_trial`); what they mean for the country is an estimate, and
the next calculation starts from it.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import attrs

from samspill.cases import events as told
from samspill.infra import clock, events
from samspill.infra.models import Event
from samspill.portfolio import service as portfolio
from samspill.settlement import service as settlement
from samspill.site import demo_assessment, demo_people, demo_reading
from samspill.site.demo_reading import Tiltak

_WAY_OF = {
    "agreed": ("agreed",),
    "introducing": ("agreed", "introducing"),
    "settled": ("agreed", "introducing", "operating", "realising"),
}
_PLANNED, _AGREED, _SIGNED, _MOVED, _CONFIRMED, _REPORTED = 35, 40, 50, 55, 60, 65
_STEPS = {"introducing": 75, "operating": 130, "realising": 200}
_YEARS = 4


@attrs.frozen
class Decided:
    """When a round chose an initiative, and for which budget year."""

    at: dt.datetime
    budget_year: int

    @property
    def trial_year(self) -> int:
        """The year before the decision, in which some municipalities tried it."""
        return self.at.year - 1

    def after(self, days: int) -> dt.datetime:
        """Return a moment so many days after the decision, never later than now."""
        return min(self.at + dt.timedelta(days=days), clock.now())


def load(rows: Sequence[Tiltak], made: dict[str, UUID], *, decided: dict[str, Decided]) -> int:
    """Agree, introduce, measure and settle; return how many years were settled."""
    settled = 0
    for one in rows:
        when = decided.get(one.slug)
        if when is not None and one.path in _WAY_OF:
            settled += _bring_into_use(one, made[one.slug], when)
        else:
            _windows(one, made[one.slug], when)
    return settled


def _bring_into_use(one: Tiltak, id_: UUID, when: Decided) -> int:
    given = demo_reading.process()["settlement"][one.slug]
    if "gain" in given:
        _plan_gain(one, id_, given, when)
    agreement = _agree(one, id_, given, when)
    _move(one, id_, "agreed", when.after(_MOVED))
    _windows(one, id_, when)
    for to, days in _STEPS.items():
        if to in _WAY_OF[one.path]:
            _move(one, id_, to, when.after(days))
    if one.path != "settled":
        return 0
    _measure(id_, given, when)
    settlement.settle(demo_people.owner(one.owner), agreement_id=agreement, year=when.trial_year)
    settlement.send_back(id_, when.trial_year)
    demo_assessment.again(one, id_)
    return 1


def _move(one: Tiltak, id_: UUID, to: str, at: dt.datetime) -> None:
    with clock.frozen(at):
        portfolio.move(demo_people.owner(one.owner), initiative_id=id_, to=to)


def _windows(one: Tiltak, id_: UUID, when: Decided | None) -> None:
    """Let municipalities plan, confirm or decline; what is not decided yet can only be planned."""
    said = demo_reading.process()
    early = said["early"].get(one.slug, ())
    with clock.frozen(when.after(_CONFIRMED) if when else clock.now()):
        year = when.budget_year if when else clock.today().year + 2
        for number, choice in said["windows"].get(one.slug, {}).items():
            begins = dt.date(clock.today().year, 9, 1) if number in early else dt.date(year, 2, 1)
            _choose(number, id_, choice if when else _not_yet(choice), begins)


def _not_yet(choice: str) -> str:
    return "planned" if choice == "confirmed" else choice


def _choose(number: str, id_: UUID, choice: str, begins: dt.date) -> None:
    declined = choice == "declined"
    portfolio.choose_window(
        demo_people.lead(number),
        initiative_id=id_,
        choice=choice,
        starts_on=None if declined else begins,
        ends_on=None if declined else begins + dt.timedelta(days=300),
        remark=demo_reading.said(demo_reading.process()["declined"]) if declined else "",
    )


def _agree(one: Tiltak, id_: UUID, given: dict[str, Any], when: Decided) -> UUID:
    """Propose, offer and let every party sign."""
    owner = demo_people.owner(one.owner)
    with clock.frozen(when.after(_AGREED)):
        written = {
            "first_year": when.trial_year,
            "last_year": when.trial_year + _YEARS - 1,
            "sharing": {
                "key": "mixed",
                "equal_share": 0.3,
                "total": given["total"],
                "parties": given["parties"],
            },
            "lines": [
                {**_called("name", given["operations"]), "payer": "key", "amount": given["total"]},
                *_payers(one),
            ],
            "others": given["others"],
            "withdrawal": 0.5,
            "language": "nb",
            **_called("exit_terms", given["exit_terms"]),
        }
        made = settlement.propose(
            owner, initiative_id=id_, title=demo_reading.said(given["title"]), terms_json=written
        )
        settlement.offer(owner, agreement_id=made.id)
    with clock.frozen(when.after(_SIGNED)):
        for number in given["parties"]:
            settlement.sign(demo_people.lead(number), agreement_id=made.id, version=made.number)
        settlement.sign(owner, agreement_id=made.id, version=made.number)
    return made.id


def _payers(one: Tiltak) -> list[dict[str, Any]]:
    """Say who pays each line of cost of the initiative: the agency its own, each municipality its own."""
    found = []
    for line in one.lines:
        if line["category"] in ("income", "hours_freed", "unpriced"):
            continue
        if line.get("bearer") == "agency":
            yearly = line["category"] == "yearly_cost"
            amount = {"amount": line["quantity"]} if yearly else {}
            found.append({"name": line["name"], "payer": one.owner, **amount})
        else:
            found.append({"name": line["name"], "payer": "own"})
    return found


def _plan_gain(one: Tiltak, id_: UUID, given: dict[str, Any], when: Decided) -> None:
    """Plan the gain before the effect begins, with what was believed as its baseline."""
    gain = given["gain"]
    package = one.values["packages"][0]["package_id"]
    with clock.frozen(when.after(_PLANNED)):
        settlement.plan_gain(
            demo_people.owner(one.owner),
            initiative_id=id_,
            plan_json={
                **_in_all_languages(gain),
                "owner_org_no": one.owner,
                "line_authority": True,
                "indicator": "minutes_per_case",
                "package_id": package,
                "step": gain["step"],
                "group": "municipality",
                "baseline": {
                    "value": gain["minutes_before"],
                    "from": f"{when.trial_year - 1}-01-01",
                    "to": f"{when.trial_year - 1}-12-31",
                    "source": gain["baseline_source"]["nb"],
                    "status": "claim",
                },
                "effect_from": f"{when.trial_year}-{gain['begins']}",
                "country": {"cases": gain["country_cases"], "source": gain["country_source"]["nb"]},
                "realised_as": "cash",
                "hour_price": gain["hour_price"],
                "targets": [
                    {
                        "year": when.trial_year + n,
                        "cases": gain["cases"],
                        "value": gain["minutes_after"],
                        "ramp": gain["first_year"] if n == 0 else 1.0,
                    }
                    for n in range(_YEARS)
                ],
            },
        )


def _called(name: str, every: dict[str, str]) -> dict[str, Any]:
    """Return a text in bokmål under a name, with its wordings beside."""
    others = {language: {name: every[language]} for language in ("nn", "en")}
    return {name: every["nb"], "translations": others}


def _in_all_languages(gain: dict[str, Any]) -> dict[str, Any]:
    """Return the texts of a gain in bokmål, and all that its plan says in nynorsk and English."""
    texts = {key: said for key, said in gain.items() if isinstance(said, dict)}
    own = ("name", "owner_title", "action", "hour_price_source")
    return {
        **{key: texts[key]["nb"] for key in own},
        "language": "nb",
        "translations": {
            language: {key: said[language] for key, said in texts.items()}
            for language in ("nn", "en")
        },
    }


def _measure(id_: UUID, given: dict[str, Any], when: Decided) -> None:
    """Let the live cases measure the trial by themselves, and let each municipality take half of it out."""
    item = settlement.hours(id_, actor=demo_people.secretariat()).gains[0].item
    _observe_live_cases(item.package_id)
    with clock.frozen(when.after(_REPORTED)):
        for number in given["parties"]:
            lead = demo_people.lead(number)
            own = settlement.hours(id_, actor=lead, municipality_id=lead.municipality_id)
            years = [year for year in own.gains[0].years if year.year == when.trial_year]
            half = sum((year.hours.measured for year in years), Fraction(0)) / 2
            hours = Decimal(math.floor(half * 10)) / 10
            if hours > 0:
                settlement.take_out(lead, item_id=item.id, year=when.trial_year, hours=hours)


def _observe_live_cases(package_id: str) -> None:
    """Let settlement read what the live cases have done so far, also what was drained before the plan was made."""
    names = [
        kind.__name__
        for kind in vars(told).values()
        if isinstance(kind, type) and issubclass(kind, events.Event)
    ]
    rows = Event.objects.filter(type__in=names, body__package_id=package_id).order_by("id")
    seen: dict[UUID, events.Stored] = {}
    for row in rows:
        if row.key is not None:
            seen[row.key] = events.Stored(row.id, row.at, row.type, row.key, row.body)
    for last in seen.values():
        settlement.observe(last)
