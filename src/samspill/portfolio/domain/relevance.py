"""Is an initiative relevant for the municipal sector? Two sides answer, and a clock runs.

The owner (a state body) and KS each answer the criteria and sign a verdict: `none`, `minor` or `material`. What
stands between them is a state of its own:

    unsigned        neither has signed
    waiting         one has signed, the other still has time
    agreed          both signed the same
    disagreement    both signed, not the same: the stricter holds until they agree, and both are shown
    silence         one has signed, the other let the deadline pass: the one's verdict holds, shown as such

The deadline is at least two weeks (the rule of co-financing, governance 1.5; digitaliseringsrundskrivet wants the
judgement made together with KS as early as possible, 1.1).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Literal

import attrs

Side = Literal["owner", "ks"]
SIDES: tuple[Side, ...] = ("owner", "ks")
VERDICTS: tuple[str, ...] = ("none", "minor", "material")
SHORTEST = dt.timedelta(days=14)

#: What each side answers yes or no to, with a word on why. A single yes makes `none` a verdict to explain.
CRITERIA: tuple[str, ...] = (
    "changes_duties",
    "changes_work",
    "needs_systems",
    "uses_municipal_data",
    "costs_time_or_money",
    "gives_gains",
    "affects_inhabitants_through_municipality",
    "hits_unequally",
)


@attrs.frozen
class Signature:
    """One side's signed verdict on one version; `answer_by` is until when the other side has time."""

    side: Side
    verdict: str
    signed_on: dt.date
    answer_by: dt.date


@attrs.frozen
class Standing:
    """What two verdicts come to: the state, the verdict that holds, and until when one side still has time."""

    state: Literal["unsigned", "waiting", "agreed", "disagreement", "silence"]
    verdict: str = ""
    waiting_for: Side | None = None
    until: dt.date | None = None

    @property
    def is_settled(self) -> bool:
        """Tell whether the process may go on: both signed, or one signed and the other silent too long."""
        return self.state in {"agreed", "disagreement", "silence"}


def standing(signatures: Iterable[Signature], *, today: dt.date) -> Standing:
    """Return where relevance stands; of several signatures of a side the last counts.

    >>> day = dt.date(2026, 3, 2)
    >>> one = Signature("owner", "material", day, day + SHORTEST)
    >>> standing([one], today=day).state, standing([one], today=day + dt.timedelta(days=15)).state
    ('waiting', 'silence')
    """
    last: dict[Side, Signature] = {one.side: one for one in signatures}
    if not last:
        return Standing("unsigned")
    if len(last) == len(SIDES):
        return _both(last)
    (signed,) = last.values()
    other: Side = "ks" if signed.side == "owner" else "owner"
    state: Literal["waiting", "silence"] = "silence" if today > signed.answer_by else "waiting"
    return Standing(state, signed.verdict, other, signed.answer_by)


def _both(last: Mapping[Side, Signature]) -> Standing:
    verdicts = {one.verdict for one in last.values()}
    strictest = max(verdicts, key=VERDICTS.index)
    return Standing("agreed" if len(verdicts) == 1 else "disagreement", strictest)


def earliest_answer(signed_on: dt.date) -> dt.date:
    """Return the first day that may be the other side's deadline."""
    return signed_on + SHORTEST


def needs_explaining(verdict: str, answers: Mapping[str, bool]) -> bool:
    """Tell whether a verdict of no relevance stands against a criterion answered yes."""
    return verdict == "none" and any(answers.values())
