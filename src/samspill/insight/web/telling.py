"""Put an initiative into words: the card in the list, and the parts of its story."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from samspill.infra.charts import Numbers
from samspill.insight import service
from samspill.insight.service import words
from samspill.insight.service.words import word
from samspill.portfolio.service import EvidenceView, InitiativeView, Story

_WAY = ("registered", "relevance", "involved", "assessed", "prioritised", "decided", "agreed", "introducing",
        "operating", "realising", "closed")  # fmt: skip


def card(one: InitiativeView) -> dict[str, Any]:
    """Return an initiative as it stands in a list."""
    return {
        "title": one.title,
        "url": reverse("initiative", args=[one.slug]),
        "summary": one.summary,
        "owner": one.owner,
        "state": word(words.STATES, one.state),
        "colour": words.STATE_COLORS.get(one.state, "info"),
        "sector": word(words.SECTORS, one.sector),
        "legal": word(words.LEGAL, one.legal),
        "window": window(one.window_from, one.window_to),
    }


def story(found: Story) -> dict[str, Any]:
    """Return every part of the story, in the words of the page."""
    one = found.initiative
    answers = one.questions
    return {
        **card(one),
        "one": one,
        "life_event": word(words.LIFE_EVENTS, one.life_event) if one.life_event else "",
        "questions": [
            (text, answers[key]) for key, text in words.QUESTIONS.items() if answers.get(key)
        ],
        "history": history(found),
        "standing": word(words.STANDINGS, one.relevance.state),
        "verdicts": [_verdict(v) for v in found.verdicts],
        "involvements": [_involvement(i) for i in found.involvements],
        "representatives": [name for _id, name in found.representatives],
        "dissents": [_dissent(d) for d in found.dissents],
        "comments": [_comment(c) for c in found.comments if c.kind != "comment"],
        "choices": found.choices,
        "windows": windows(found),
        **figures(service.story_figures(found)),
        "versions": found.versions,
    }


def figures(found: service.StoryFigures) -> dict[str, Any]:
    """Return the figures of the story, written out."""
    how = Numbers(unit=_("hours"))
    hours = {
        "estimated": how.say(found.hours.estimated),
        "measured": how.say(found.hours.measured),
        "taken_out": how.say(found.hours.taken_out),
    }
    totals = [
        {
            "name": total.heading,
            "p10": total.said(total.now.p10),
            "p50": total.said(total.now.p50),
            "p85": total.said(total.now.p85),
            "mean": total.said(total.now.mean),
            "first_mean": total.said((total.first or total.now).mean),
        }
        for total in found.totals
    ]
    return {"figures": found, "totals": totals, "hour_words": hours}


def history(found: Story) -> list[dict[str, Any]]:
    """Return the steps taken, then those that are left on the straight way."""
    steps = [
        {
            "title": word(words.STATES, step.to),
            "when": day(step.at),
            "text": step.text,
            "state": "done",
        }
        for step in found.steps
    ]
    if steps:
        steps[-1]["state"] = "now"
    state = found.initiative.state
    left = _WAY[_WAY.index(state) + 1 :] if state in _WAY else ()
    return steps + [
        {"title": word(words.STATES, key), "when": "", "text": "", "state": "next"} for key in left
    ]


def windows(found: Story) -> dict[str, int]:
    """Return how many municipalities have planned, confirmed and declined."""
    counts = dict.fromkeys(words.CHOICES, 0)
    for one in found.windows:
        counts[one.choice] = counts.get(one.choice, 0) + 1
    return {word(words.CHOICES, key): number for key, number in counts.items() if number}


def day(at: dt.date | dt.datetime) -> str:
    """Return a day in words."""
    english = (get_language() or "nb").startswith("en")
    return date_format(at, "j F Y" if english else "j. F Y")


def window(begins: dt.date | None, ends: dt.date | None) -> str:
    """Return a window in words: `mars 2027 – juni 2028`."""
    if begins is None:
        return ""
    first = date_format(begins, "F Y")
    last = date_format(ends, "F Y") if ends else ""
    return first if last in {"", first} else f"{first} – {last}"


def _verdict(one: Any) -> dict[str, Any]:
    yes = [
        (word(words.CRITERIA, key), str(answer.get("why", "")))
        for key, answer in one.criteria.items()
        if isinstance(answer, Mapping) and answer.get("yes")
    ]
    return {
        "side": word(words.SIDES, one.side),
        "by": one.by,
        "verdict": word(words.VERDICTS, one.verdict),
        "signed_on": one.signed_on,
        "remark": one.remark,
        "yes": yes,
        "version": one.version,
    }


def _involvement(one: Any) -> dict[str, Any]:
    return {
        "form": word(words.FORMS, one.form),
        "phase": word(words.PHASES, one.phase),
        "held_on": one.held_on,
        "who": ", ".join(one.municipalities),
        "others": one.others,
        "raised": one.raised,
        "changed": [influence.text for influence in one.influences if influence.changed],
        "unchanged": [influence.text for influence in one.influences if not influence.changed],
    }


def _dissent(one: Any) -> dict[str, Any]:
    return {"by": one.by, "at": one.at, "text": one.text, "figures": list(_figures(one.figures))}


def _figures(rows: Iterable[Mapping[str, Any]]) -> Iterable[dict[str, str]]:
    for row in rows:
        yield {
            "name": str(row.get("name", "")),
            "owner": _figure(row.get("owner"), str(row.get("unit"))),
            "ks": _figure(row.get("ks"), str(row.get("unit"))),
        }


def _figure(value: float | None, unit: str) -> str:
    """Return a figure of a dissent in its unit: kroner, hours, a share of one, or a number."""
    if unit == "share" and value is not None:
        return Numbers(unit="%", decimals=1).say(100 * value)
    units = {"NOK": "kr", "hours": _("hours")}
    return Numbers(unit=units.get(unit, "")).say(value)


def _comment(one: Any) -> dict[str, Any]:
    kinds = {
        "statement": _("Statement on the figures"),
        "recommendation": _("Recommendation in the round"),
    }
    return {
        "kind": kinds.get(one.kind, one.kind),
        "by": one.by,
        "at": one.at,
        "position": word(words.POSITIONS, one.position),
        "text": one.text,
    }


def evidence_day(one: EvidenceView | None) -> str:
    """Return when something was laid down, in words."""
    return day(one.at) if one is not None else ""
