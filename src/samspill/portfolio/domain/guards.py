"""What is missing before a step may be taken. A guard never hides: it lists all that is missing, each with a place.

`Facts` is what the service has gathered; `missing(to, facts)` is pure. Texts are English msgids with named
placeholders; `place` says where the missing piece is mended, and the service turns it into an address.
Source: governance, section 2 (guards) and 1.5 (KS at least two weeks); issue "Decide together", section 8.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import attrs

from samspill.portfolio.domain.relevance import SHORTEST, Standing
from samspill.portfolio.domain.texts import noop as _


@attrs.frozen
class LineLack:
    """An effect line that is not finished: which, and what it lacks (`driver`, `grade`, `uncertainty`)."""

    name: str
    lacks: tuple[str, ...]


@attrs.frozen(kw_only=True)
class AssessmentFacts:
    """What the newest assessment of the version in force says of itself."""

    version: int
    lines: int = 0
    unfinished: tuple[LineLack, ...] = ()
    municipalities: int = 0
    consulted_on: dt.date | None = None
    assumption_set: str = ""
    assumptions_valid_to: dt.date | None = None


@attrs.frozen(kw_only=True)
class AgreementFacts:
    """What the newest agreement says of itself: what has no payer or owner, whether its sums close, who signed."""

    lines_without_payer: tuple[str, ...] = ()
    gains_without_owner: tuple[str, ...] = ()
    closes: bool = False
    signed: bool = False
    unsigned: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Facts:
    """Everything the guards look at, on one day."""

    today: dt.date
    version: int = 1
    problem_answered: bool = False
    duty: bool = False
    legal_reference: str = ""
    relevance: Standing = attrs.field(factory=lambda: Standing("unsigned"))
    assessment: AssessmentFacts | None = None
    ks_stated: bool = False
    round_open: bool = False
    round_deadline: dt.date | None = None
    entered: bool = False
    chosen: bool = False
    departs_without_reason: bool = False
    agreement: AgreementFacts | None = None
    confirmed_windows: int = 0


@attrs.frozen
class Missing:
    """One missing piece: code, what it is, where it is mended, what helps, who owes it, and until when."""

    code: str
    text: str
    place: str
    remedy: str
    who: str = "initiative_owner"
    until: dt.date | None = None
    values: dict[str, Any] = attrs.field(factory=dict)


Guard = Callable[[Facts], list[Missing]]


def missing(to: str, facts: Facts) -> list[Missing]:
    """Return all that is missing before an initiative may come to a state; empty when nothing is."""
    return [piece for guard in GUARDS.get(to, ()) for piece in guard(facts)]


def _described(facts: Facts) -> list[Missing]:
    found = []
    if not facts.problem_answered:
        found.append(
            Missing(
                "problem_missing",
                _("The first question, the problem and the goal, is not answered."),
                "questions",
                _("Write what the problem is and what is to be achieved."),
            )
        )
    return [*found, *_legal(facts)]


def _legal(facts: Facts) -> list[Missing]:
    if not facts.duty or facts.legal_reference.strip():
        return []
    return [
        Missing(
            "legal_reference_missing",
            _("A duty for municipalities needs basis in law or regulation, and none is named."),
            "basics",
            _("Name the act or regulation and the section, or make the initiative voluntary."),
        )
    ]


def _judged(facts: Facts) -> list[Missing]:
    found = _verdict(facts)
    if facts.relevance.is_settled and facts.relevance.verdict == "none":
        found.append(
            Missing(
                "not_relevant",
                _("The verdict is that the initiative is not relevant for municipalities."),
                "relevance",
                _("End it as not relevant, or let a side sign another verdict."),
            )
        )
    return found


def _verdict(facts: Facts) -> list[Missing]:
    now = facts.relevance
    if now.state == "unsigned":
        return [
            Missing(
                "verdict_missing",
                _("Neither the owner nor KS has signed a verdict on relevance."),
                "relevance",
                _("Answer the criteria and sign; the other side then has two weeks."),
            )
        ]
    if now.state == "waiting":
        return [
            Missing(
                "verdict_waits",
                _("KS has not signed its verdict yet.")
                if now.waiting_for == "ks"
                else _("The owner has not signed its verdict yet."),
                "relevance",
                _("Wait for the signature, or until the deadline has passed."),
                who="ks_coordinator" if now.waiting_for == "ks" else "initiative_owner",
                until=now.until,
            )
        ]
    return []


def _irrelevant(facts: Facts) -> list[Missing]:
    found = _verdict(facts)
    if facts.relevance.is_settled and facts.relevance.verdict != "none":
        found.append(
            Missing(
                "is_relevant",
                _("A side has signed that the initiative is relevant for municipalities."),
                "relevance",
                _("Both sides must sign that it is not, or one when the other has been silent."),
            )
        )
    return found


def _assessment_of(facts: Facts) -> AssessmentFacts | None:
    """Return the assessment if it is of the version in force."""
    found = facts.assessment
    return found if found is not None and found.version == facts.version else None


def _figures(facts: Facts) -> list[Missing]:
    one = _assessment_of(facts)
    if one is None:
        return [_no_assessment(facts)]
    if one.municipalities <= 0:
        return [
            Missing(
                "figures_missing",
                _("There are no figures for each municipality."),
                "assessment",
                _("Calculate the consequence for the municipalities concerned."),
            )
        ]
    return []


def _no_assessment(facts: Facts) -> Missing:
    older = facts.assessment is not None
    return Missing(
        "figures_missing",
        _("The figures for each municipality are of an earlier version of the initiative.")
        if older
        else _("There are no figures for each municipality: the consequences are not calculated."),
        "assessment",
        _("Calculate the consequences for the version in force."),
    )


def _lines(facts: Facts) -> list[Missing]:
    one = _assessment_of(facts)
    if one is None:
        return []
    found = [_unfinished(line) for line in one.unfinished]
    if one.lines <= 0:
        found.append(
            Missing(
                "lines_missing",
                _("There is no effect line: nothing is said about who bears what."),
                "lines",
                _("Add the effect lines, beginning with the introduction costs."),
            )
        )
    return found


def _unfinished(line: LineLack) -> Missing:
    return Missing(
        "line_unfinished",
        _("The effect line “%(line)s” lacks: %(lacks)s."),
        "lines",
        _("Give the line driver, evidence grade and uncertainty."),
        values={"line": line.name, "lacks": ", ".join(line.lacks)},
    )


def _ks_had_time(facts: Facts) -> list[Missing]:
    one = _assessment_of(facts)
    if one is None or facts.ks_stated:
        return []
    if one.consulted_on is None:
        return [
            Missing(
                "ks_not_asked",
                _("KS has not been given the figures."),
                "assessment",
                _("Send the figures to KS, which then has at least two weeks."),
            )
        ]
    until = one.consulted_on + SHORTEST
    if facts.today < until:
        return [
            Missing(
                "ks_has_time",
                _("KS has not had its two weeks with the figures yet."),
                "statement",
                _("Wait for KS' statement, or until the two weeks are over."),
                who="ks_coordinator",
                until=until,
            )
        ]
    return []


def _assumptions(facts: Facts) -> list[Missing]:
    one = _assessment_of(facts)
    if one is None:
        return []
    if not one.assumption_set:
        return [_expired_set(_("The figures name no assumption set."), {})]
    if one.assumptions_valid_to is not None and facts.today > one.assumptions_valid_to:
        text = _("The assumption set %(set)s expired on %(day)s.")
        day = one.assumptions_valid_to.isoformat()
        return [_expired_set(text, {"set": one.assumption_set, "day": day})]
    return []


def _expired_set(text: str, values: dict[str, Any]) -> Missing:
    remedy = _("Calculate again with the assumption set in force.")
    return Missing("assumptions_expired", text, "assessment", remedy, values=values)


def _window(facts: Facts) -> list[Missing]:
    if facts.entered:
        return []
    if facts.round_open:
        return [
            Missing(
                "not_entered",
                _("The initiative is not entered in the open round."),
                "rounds",
                _("Enter it before the deadline."),
                until=facts.round_deadline,
            )
        ]
    return [
        Missing(
            "window_closed",
            _("No priority round is open."),
            "calendar",
            _("Wait for the next round; the calendar shows when it is expected."),
            who="ministry",
        )
    ]


def _ks_statement(facts: Facts) -> list[Missing]:
    if facts.ks_stated:
        return []
    return [
        Missing(
            "ks_statement_missing",
            _("KS' statement on the figures is missing."),
            "statement",
            _("KS states whether it agrees, agrees with conditions, or disagrees."),
            who="ks_coordinator",
        )
    ]


def _reasons(facts: Facts) -> list[Missing]:
    if not facts.chosen:
        return [
            Missing(
                "not_chosen",
                _("No round has chosen the initiative."),
                "rounds",
                _("Decide the round in which it is a candidate."),
                who="ministry",
            )
        ]
    return [reason_missing()] if facts.departs_without_reason else []


def reason_missing() -> Missing:
    """Return the piece that is missing when a choice departs from the suggestion without a reason."""
    return Missing(
        "reason_missing",
        _("The choice departs from the suggested set, and no reason is given."),
        "rounds",
        _("Write why the choice departs from the suggestion."),
        who="ministry",
    )


def _agreed(facts: Facts) -> list[Missing]:
    one = facts.agreement
    if one is None:
        return [_no_agreement()]
    found = [
        Missing(
            "payer_missing",
            _("The cost line “%(line)s” has no payer."),
            "agreement",
            _("Say in the agreement who pays it."),
            values={"line": line},
        )
        for line in one.lines_without_payer
    ]
    found += [
        Missing(
            "gain_owner_missing",
            _("The gain “%(gain)s” is to be taken out in cash and has no owner."),
            "gain_plan",
            _("Name a line manager who is to take it out."),
            values={"gain": gain},
        )
        for gain in one.gains_without_owner
    ]
    if not one.closes:
        found.append(
            Missing(
                "sums_open",
                _("The shares of the agreement do not add up to the whole."),
                "agreement",
                _("Test the cost key again; the difference is shown there."),
            )
        )
    return found


def _no_agreement() -> Missing:
    return Missing(
        "agreement_missing",
        _("There is no agreement on costs and gains."),
        "agreement",
        _("Propose an agreement: who pays what, and who keeps which gain."),
    )


def _signed(facts: Facts) -> list[Missing]:
    one = facts.agreement
    if one is None:
        return [_no_agreement()]
    if one.signed:
        return []
    return [
        Missing(
            "signature_missing",
            _("The agreement is not signed by all parties. Missing: %(parties)s.")
            if one.unsigned
            else _("The agreement is not signed."),
            "agreement",
            _("Let the parties sign the version that stands."),
            values={"parties": ", ".join(one.unsigned)},
        )
    ]


def _confirmed(facts: Facts) -> list[Missing]:
    if facts.duty:
        return _legal(facts)
    if facts.confirmed_windows > 0:
        return []
    return [
        Missing(
            "window_unconfirmed",
            _("No municipality has confirmed when it will introduce this."),
            "windows",
            _("Each municipality chooses and confirms its own window."),
            who="municipal_lead",
        )
    ]


GUARDS: dict[str, tuple[Guard, ...]] = {
    "relevance": (_described,),
    "involved": (_judged,),
    "not_relevant": (_irrelevant,),
    "assessed": (_figures, _lines, _ks_had_time),
    "prioritised": (_figures, _assumptions, _window),
    "decided": (_figures, _ks_statement, _assumptions, _reasons),
    "agreed": (_agreed,),
    "introducing": (_signed, _confirmed),
}
