"""Boxes in which a person writes one thing a line: what it is about, a colon, and the figure.

`5001: 120 000` is a party and its kroner; `5 000: 20 000` a step below 5 000 inhabitants; `rest: 60 000` the open one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from samspill.kernel.outcome import RefusedError, refuse
from samspill.settlement.domain.texts import noop
from samspill.settlement.web.page import number_of

_REST = {"rest", "resten", "the rest", "over"}
_BELOW = ("under", "below")


def numbers(text: str, where: str) -> dict[str, float]:
    """Return what each line is about with its number.

    Raises:
        RefusedError: a line has no colon, no number after it, or is about what another line is about; `where` is the
            field.
    """
    found: dict[str, float] = {}
    for about, number in _lines(text, where):
        if about in found:
            raise refuse(
                "duplicate_line",
                noop("“%(about)s” stands twice."),
                where=where,
                remedy=noop("Give each once."),
                values={"about": about[:40]},
            )
        found[about] = number
    return found


def steps(text: str, where: str, name: str) -> list[dict[str, Any]]:
    """Return steps by size in the JSON of `domain.share.read_steps`: `{below, name}`, `below` None for the rest.

    Raises:
        RefusedError: as `numbers`, or a limit is no number.
    """
    return [{"below": _limit(about, where), name: number} for about, number in _lines(text, where)]


def wordings(text: str, where: str, known: Sequence[str]) -> dict[str, str]:
    """Return the wording of each name of `known` that a line begins with.

    Raises:
        RefusedError: a line begins with none of them; `where` is the field.
    """
    found = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        fits = [name for name in known if line.casefold().startswith(f"{name.casefold()}:")]
        if not fits:
            raise refuse(
                "unknown_line",
                noop("“%(text)s” does not begin with the name of a line of cost and a colon."),
                where=where,
                remedy=noop("Write the name as it stands above, a colon, and the wording."),
                values={"text": line[:60]},
            )
        name = max(fits, key=len)
        found[name] = line[len(name) + 1 :].strip()
    return found


def written(rows: Iterable[tuple[Any, Any]]) -> str:
    """Return rows as they are typed; a limit that is None is the rest.

    >>> written([(5000, 0.5), (None, 2)]).splitlines()
    ['5000: 0,5', 'rest: 2']
    """
    return "\n".join(
        f"{'rest' if about is None else typed(about)}: {typed(n)}" for about, n in rows
    )


def typed(value: Any) -> str:
    """Return a number as a person types it; words as they are.

    >>> typed(0.3), typed(12.0), typed("5001")
    ('0,3', '12', '5001')
    """
    return f"{value:.10g}".replace(".", ",") if isinstance(value, int | float) else str(value)


def stepped(rows: Iterable[Mapping[str, Any]], name: str) -> str:
    """Return stored steps as they are typed."""
    return written((row.get("below"), row[name]) for row in rows)


def _lines(text: str, where: str) -> list[tuple[str, float]]:
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        about, _colon, after = line.rpartition(":")
        number = number_of(after, where)
        if not about.strip() or number is None:
            raise _unreadable(line, where)
        found.append((about.strip(), number))
    return found


def _limit(about: str, where: str) -> float | None:
    word = about.casefold()
    for before in _BELOW:
        word = word.removeprefix(before).strip()
    return None if word in _REST else number_of(word, where)


def _unreadable(line: str, where: str) -> RefusedError:
    return refuse(
        "unreadable_line",
        noop("“%(text)s” is not two things with a colon between."),
        where=where,
        remedy=noop("Write one line for each: what it is about, a colon, and the number."),
        values={"text": line[:60]},
    )
