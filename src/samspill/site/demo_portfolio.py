"""The demo's national portfolio, from the first registration to a settled year, through the real services.

Called by the demo after the cases. Nothing is written past the rooms' doors: initiatives are registered by their
owners, judged by both sides, involved, calculated, entered in rounds, decided, agreed and settled, each at the time
it would have happened (the clock is set for each step). What is said is data (`demo_data/portfolio`, `demo_reading`);
the agreements and gains are in `demo_settlement`, the calculations in `demo_assessment`.

Two rounds: last winter's, with what was promised before it as mandatory and a choice that departs from the suggestion,
and the one that is open now, or opens next.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import attrs
from django.db import transaction

from samspill.impact import service as impact
from samspill.infra import clock
from samspill.kernel.outcome import RefusedError
from samspill.kernel.periods import OSLO, working_day_on_or_before
from samspill.municipalities import service as municipalities
from samspill.portfolio import service as portfolio
from samspill.site import demo_assessment, demo_people, demo_reading, demo_settlement
from samspill.site.cli.io import Progress
from samspill.site.cli.language import as_object, spoken
from samspill.site.demo_reading import Tiltak

Say = Callable[[str], None]
_CRITERIA = (
    "changes_duties", "changes_work", "needs_systems", "uses_municipal_data", "costs_time_or_money", "gives_gains",
    "affects_inhabitants_through_municipality", "hits_unequally",
)  # fmt: skip
_JUDGED_ONLY = ("registered", "relevance", "not_relevant")
_SUGGEST_S = 1.5
_ROUNDED_NOK = 100_000
_FRAME_YEARS = 2
_HOUR = 10


@attrs.frozen
class Winter:
    """One round and the days around it, for a budget year."""

    name: str
    budget_year: int

    @property
    def deadline(self) -> dt.date:
        """Two weeks before the ministries submit their proposals in January."""
        return working_day_on_or_before(dt.date(self.budget_year - 1, 1, 11))

    def day(self, from_deadline: int) -> dt.datetime:
        """Return a moment so many days from the deadline."""
        day = self.deadline + dt.timedelta(days=from_deadline)
        return dt.datetime.combine(day, dt.time(_HOUR), tzinfo=OSLO)


@attrs.frozen
class Loaded:
    """What the loading made."""

    initiatives: int
    decided: int
    settled: int


def load_if_empty(*, say: Say) -> Loaded | None:
    """Load the portfolio when there is no initiative yet; left out, with a word, when a room refuses a step of it."""
    if portfolio.list_initiatives(portfolio.Filters(), actor=demo_people.secretariat()).items:
        return None
    say(spoken("Demo portfolio: initiatives from the first idea to a settled year …"))
    try:
        return load(say=say)
    except RefusedError as error:
        # For example when no set of assumptions holds any more: no reason for the system not to start.
        said = as_object(error.refused)
        text = "The demo portfolio is left out: %(message)s %(remedy)s"
        say(spoken(text, message=said["message"], remedy=said["remedy"]))
        return None


@transaction.atomic
def load(*, say: Say, rows: Sequence[Tiltak] | None = None) -> Loaded:
    """Make the whole portfolio (or the rows given, each after those it requires), or none of it.

    The same day gives the same portfolio.
    """
    rows = demo_reading.tiltak() if rows is None else rows
    winters = {winter.name: winter for winter in _winters(clock.today())}
    made: dict[str, UUID] = {}
    show = Progress("demo", "initiatives")
    for number, one in enumerate(rows, 1):
        made[one.slug] = _bring_forward(one, made, winters)
        show(number, len(rows))
    show.done(f"{len(rows)} initiatives registered, judged and involved")
    chosen: set[UUID] = set()
    for name, winter in winters.items():
        entered = [one for one in rows if name in one.rounds]
        chosen |= _winter(winter, entered, made)
        values = {"year": winter.budget_year, "candidates": len(entered)}
        say(spoken("round for budget year %(year)s: %(candidates)s candidates", **values))
    over = winters["previous"]
    when = demo_settlement.Decided(over.day(1), over.budget_year)
    decided = {one.slug: when for one in rows if made[one.slug] in chosen}
    settled = demo_settlement.load(rows, made, decided=decided)
    _state_vendors()
    say(spoken("agreements signed; %(settled)s years settled", settled=settled))
    return Loaded(len(rows), len(chosen), settled)


def _state_vendors() -> None:
    """Let some municipalities state the vendors of their systems, so that the comparison rests on something."""
    said = demo_reading.process()["vendors"]
    places = municipalities.all_current()[:: said["every"]]
    for at, place in enumerate(places):
        for turn, (area, names) in enumerate(said["areas"].items()):
            impact.correct_driver(
                demo_people.lead(place.number),
                municipality_id=place.id,
                key=f"vendor:{area}",
                value=names[(at + turn) % len(names)],
                grade=said["grade"],
                source=said["source"],
            )


def trial_year(today: dt.date) -> int:
    """Return the year before last winter's round, in which some municipalities tried what it decided."""
    return demo_settlement.Decided(_winters(today)[0].day(1), 0).trial_year


def _winters(today: dt.date) -> list[Winter]:
    """Return the two rounds, seen from a day: the last of them is the next to close."""
    year = today.year + 1
    while Winter("", year).deadline < today:
        year += 1
    return [
        Winter("previous", year - 1),
        Winter("current", year),
    ]


def _bring_forward(one: Tiltak, made: dict[str, UUID], winters: dict[str, Winter]) -> UUID:
    """Register an initiative and take it through relevance and involvement, before its first round."""
    winter = winters[one.rounds[0] if one.rounds else "current"]
    began = _began(one, winter)
    actor = demo_people.owner(one.owner)
    with clock.frozen(began):
        id_ = portfolio.register(
            actor,
            slug=one.slug,
            **one.values,
            **one.dates(winter.budget_year),
            requires=[made[slug] for slug in one.requires if slug in made],
            excludes=[made[slug] for slug in one.excludes if slug in made],
        ).id
    if one.path == "registered":
        return id_
    with clock.frozen(began + dt.timedelta(days=2)):
        portfolio.publish(actor, initiative_id=id_)
        portfolio.move(actor, initiative_id=id_, to="relevance")
    _judge(one, id_, began + dt.timedelta(days=3))
    if one.path not in _JUDGED_ONLY:
        _involve(one, id_, began + dt.timedelta(days=30))
    return id_


def _began(one: Tiltak, winter: Winter) -> dt.datetime:
    """Return when an initiative was registered: in the summer before its round, or lately."""
    if one.rounds and one.rounds[0] != "current":
        return winter.day(-170)
    lately = 8 if one.story.get("relevance") in ("waiting", "ks_material") else 70
    today = dt.datetime.combine(clock.today(), dt.time(_HOUR), tzinfo=OSLO)
    return today - dt.timedelta(days=lately)


def _judge(one: Tiltak, id_: UUID, at: dt.datetime) -> None:
    """Let each side sign as the story says: both alike, not alike, or one of them silent."""
    words = demo_reading.process()["relevance"]
    remark, yes = words["remark"], words["said_yes"]
    how = one.story.get("relevance", "none")
    signs = {
        "agreed": [
            ("owner", "material", yes, remark["owner"]),
            ("ks", "material", yes, remark["ks"]),
        ],
        "disagreement": [
            ("owner", "minor", yes[:1], remark["owner_disagrees"]),
            ("ks", "material", yes, remark["ks_disagrees"]),
        ],
        "silence": [("owner", "material", yes, remark["owner"])],
        "waiting": [("owner", "material", yes, remark["owner"])],
        "ks_material": [("ks", "material", yes, remark["ks"])],
        "none": [("owner", "none", [], remark["none"]), ("ks", "none", [], remark["none"])],
    }[how]
    for days, (side, verdict, said_yes, why) in enumerate(signs):
        actor = demo_people.owner(one.owner) if side == "owner" else demo_people.ks()
        with clock.frozen(at + dt.timedelta(days=3 * days)):
            portfolio.sign_relevance(
                actor,
                initiative_id=id_,
                verdict=verdict,
                criteria={key: {"yes": key in said_yes, "why": ""} for key in _CRITERIA},
                remark=demo_reading.said(why),
            )
    if one.path == "not_relevant":
        with clock.frozen(at + dt.timedelta(days=8)):
            actor = demo_people.owner(one.owner)
            portfolio.move(actor, initiative_id=id_, to="not_relevant")


def _involve(one: Tiltak, id_: UUID, at: dt.datetime) -> None:
    """Appoint municipalities, hold a workshop, and tell what changed because of it."""
    actor, said = demo_people.owner(one.owner), demo_reading.process()
    words = said["involvement"]
    chosen = [demo_people.place(number).id for number in words["municipalities"]]
    turn = sum(map(ord, one.slug)) % len(words["raised"])
    with clock.frozen(at):
        portfolio.move(actor, initiative_id=id_, to="involved")
        portfolio.appoint(demo_people.ks(), initiative_id=id_, municipality_ids=chosen)
        held = portfolio.involve(
            actor,
            initiative_id=id_,
            phase="concept",
            form=words["form"],
            held_on=clock.today(),
            raised=demo_reading.said(words["raised"][turn]),
            municipality_ids=chosen[turn:],
        )
    with clock.frozen(at + dt.timedelta(days=10)):
        portfolio.record_influence(
            actor,
            involvement_id=held.id,
            changed=True,
            text=demo_reading.said(words["changed"][turn]),
        )
        if one.path == "stopped":
            portfolio.move(
                actor, initiative_id=id_, to="stopped", reason=demo_reading.said(said["stopped"])
            )


def _winter(winter: Winter, entered: list[Tiltak], made: dict[str, UUID]) -> set[UUID]:
    """Calculate, state, enter and (when it is over) decide a round; return what was chosen."""
    lately = dt.datetime.combine(clock.today(), dt.time(_HOUR), tzinfo=OSLO) - dt.timedelta(days=3)
    at = min(winter.day(-6), lately)
    show = Progress("demo", "calculations")
    for number, one in enumerate(entered, 1):
        _assess(one, made[one.slug], winter, at)
        show(number, len(entered))
    show.done()
    with clock.frozen(at + dt.timedelta(days=1)):
        running = portfolio.open_round(
            demo_people.ministry(),
            budget_year=winter.budget_year,
            deadline=winter.deadline,
            **_frames(winter, [made[one.slug] for one in entered]),
        )
    with clock.frozen(at + dt.timedelta(days=2)):
        for one in entered:
            _enter(one, made[one.slug], running.id)
            if one.story.get("mandatory"):
                portfolio.set_mandatory(
                    demo_people.ministry(),
                    round_id=running.id,
                    initiative_id=made[one.slug],
                    mandatory=True,
                )
        portfolio.suggest(demo_people.ministry(), round_id=running.id, seconds=_SUGGEST_S)
    return set() if winter.name == "current" else _decide(winter, running.id, made)


def _assess(one: Tiltak, id_: UUID, winter: Winter, at: dt.datetime) -> None:
    """Calculate the consequences, hear KS, and take the initiative to `assessed` the first time."""
    demo_assessment.make(one, id_, at=at)
    with clock.frozen(at + dt.timedelta(hours=3)):
        _state_view(one, id_)
        if winter.name == one.rounds[0]:
            portfolio.move(demo_people.owner(one.owner), initiative_id=id_, to="assessed")


def _state_view(one: Tiltak, id_: UUID) -> None:
    """Let KS state its view: its own figures where it disagrees."""
    said = demo_reading.process()
    against = said["dissent"].get(one.slug)
    if against:
        portfolio.lodge_dissent(
            demo_people.ks(),
            initiative_id=id_,
            text=demo_reading.said(against["text"]),
            figures=[demo_assessment.contested(one, figure) for figure in against["figures"]],
        )
        return
    portfolio.make_statement(
        demo_people.ks(),
        initiative_id=id_,
        position="agree_with_conditions",
        text=demo_reading.said(said["ks_statement"]),
    )


def _enter(one: Tiltak, id_: UUID, round_id: UUID) -> None:
    portfolio.enter_round(demo_people.owner(one.owner), round_id=round_id, initiative_id=id_)
    portfolio.recommend(
        demo_people.ks(),
        round_id=round_id,
        initiative_id=id_,
        position="agree_with_conditions",
        text=demo_reading.said(demo_reading.process()["recommendation"]),
    )


def _frames(winter: Winter, ids: list[UUID]) -> dict[str, Any]:
    """Return frames with room for most of what is asked for in the best year of each, but not for all."""
    room = demo_reading.process()["room"][winter.name]
    asked: dict[tuple[str, str, int], float] = {}
    for id_ in ids:
        evidence = portfolio.evidence(id_, "assessment", actor=demo_people.secretariat())
        assert evidence is not None
        figures = evidence.body["candidate"]
        start = min(map(int, figures["value_nok"]))
        for kind in ("plan", "commitment"):
            for payer, amounts in figures[kind].items():
                for since, amount in enumerate(amounts):
                    key = kind, payer, start + since
                    asked[key] = asked.get(key, 0.0) + amount
    rows = sorted({(payer, year) for _, payer, year in asked})
    budgets = [
        {
            "payer": payer,
            "year": year,
            "plan_nok": _round(asked.get(("plan", payer, year), 0.0) * room),
            "commitment_nok": _round(asked.get(("commitment", payer, year), 0.0) * room),
        }
        for payer, year in rows
        if winter.budget_year <= year < winter.budget_year + _FRAME_YEARS
    ]
    return {"budgets": budgets, "load_limits": []}


def _round(amount: float) -> int:
    return round(amount / _ROUNDED_NOK) * _ROUNDED_NOK


def _decide(winter: Winter, round_id: UUID, made: dict[str, UUID]) -> set[UUID]:
    """Decide the day after the deadline; last winter's round departs from the suggestion, with reasons."""
    said = demo_reading.process()
    with clock.frozen(winter.day(1)):
        running = portfolio.get_round(round_id, actor=demo_people.ministry())
        suggested = {UUID(key): year for key, year in (running.suggestion or {})["starts"].items()}
        wanted = [made[slug] for slug in said["taken_in"] if slug in made]
        chosen = dict.fromkeys(wanted, winter.budget_year) | suggested
        reasons = dict.fromkeys(
            chosen.keys() - suggested.keys(), demo_reading.said(said["departure"])
        )
        gives_way = made.get(said["gives_way"])
        if gives_way is not None and chosen.pop(gives_way, None):
            reasons[gives_way] = demo_reading.said(said["deferred"])
        portfolio.decide(
            demo_people.ministry(),
            round_id=round_id,
            chosen=chosen,
            reasons=reasons,
            reason=demo_reading.said(said["departure"]) if reasons else "",
        )
    return set(chosen)
