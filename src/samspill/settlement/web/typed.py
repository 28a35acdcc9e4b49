"""What is typed in the form of a proposal, as the terms in the JSON of `domain.terms`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from samspill.infra import clock, written
from samspill.kernel.outcome import refuse
from samspill.kernel.wording import LANGUAGES
from samspill.settlement.domain.keys import OF_GAME
from samspill.settlement.domain.texts import noop
from samspill.settlement.service.parties import written_out
from samspill.settlement.web import cost_lines, pairs
from samspill.settlement.web.page import number_of, whole_of

#: What each party's own figure is called, for the keys that ask for one.
EACH = {"table": "amount", "cases": "cases"}
#: The amounts of a tariff that are one number.
AMOUNTS = (
    "per_inhabitant_once",
    "year_fixed",
    "month_fixed",
    "per_inhabitant_year",
    "per_inhabitant_month",
)
_EVERY = (["alle"], ["all"])
_PER_CENT = 100
_MUNICIPAL = 4
Posted = Mapping[str, str]


def terms(posted: Posted) -> dict[str, Any]:
    """Return the terms that were typed; what stands as JSON counts instead of the form.

    Raises:
        RefusedError: something cannot be read; `where` names the field.
    """
    if posted.get("json", "").strip():
        return _from_json(posted["json"])
    listed = posted.get("parties", "").replace(",", " ").split()
    every = [word.lower() for word in listed] in _EVERY
    lines = _worded(posted, cost_lines.read(posted))
    payers = {line["payer"] for line in lines if len(line["payer"]) > _MUNICIPAL}
    found: dict[str, Any] = {
        "first_year": whole_of(posted.get("first_year", ""), "first_year"),
        "last_year": whole_of(posted.get("last_year", ""), "last_year"),
        "sharing": _sharing(posted, "all" if every else listed),
        "lines": lines,
        "others": sorted(payers.difference(listed)),
        "gain_key": posted.get("gain_key", ""),
        "withdrawal": _part(posted, "withdrawal") or 0,
        "compensation": posted.get("compensation") == "yes",
        "settle_on": posted.get("settle_on", ""),
        "exit_notice_months": whole_of(posted.get("exit_notice_months", ""), "exit_notice_months") or 0,
        "exit_terms": posted.get("exit_terms", ""),
        "split_rule": posted.get("split_rule", ""),
        **written.posted_words(posted, ("exit_terms",)),
    }  # fmt: skip
    tariff = _tariff(posted)
    return {**found, "tariff": tariff} if tariff else found


def _sharing(posted: Posted, parties: Any) -> dict[str, Any]:
    key = posted.get("key", "")
    found: dict[str, Any] = {"key": key, **_numbers(posted, "total", "fixed"), "parties": parties}
    if key == "mixed":
        found["equal_share"] = _part(posted, "equal_share")
    if key == "size_adjusted":
        found |= _numbers(posted, "exponent")
    if key == "fixed_and_inhabitants":
        found |= _numbers(posted, "fixed_per_party")
    if key == "size_steps":
        found["steps"] = pairs.steps(posted.get("size_steps", ""), "size_steps", "weight")
    own = number_of(posted.get("own", ""), "own")
    if key in OF_GAME and own is None and "fixed" not in found:
        raise refuse(
            "cost_alone_missing",
            noop("This key divides by what each would cost alone, and that is not given."),
            where="fixed",
            remedy=noop("Fill in the shared cost that each would have alone."),
        )
    year = whole_of(posted.get("first_year", ""), "first_year")
    found = written_out(found, year or clock.today().year, own_each=own)
    return found if key not in EACH else {**found, "parties": _with_own(posted, found, EACH[key])}


def _with_own(posted: Posted, sharing: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the parties, each with the figure that is typed for it."""
    typed = pairs.numbers(posted.get("each", ""), "each")
    ids = [row["id"] for row in sharing["parties"]]
    strange = next((one for one in typed if one not in ids), "")
    lacking = next((one for one in ids if one not in typed), "")
    if strange:
        raise refuse(
            "not_among_parties",
            noop("%(party)s is not among the municipalities of the agreement."),
            where="each",
            remedy=noop("Take it away, or add it to the municipalities."),
            values={"party": strange[:40]},
        )
    if lacking:
        raise refuse(
            "figure_missing",
            noop("%(party)s has no figure."),
            where="each",
            remedy=noop("Give each municipality a line with its number, a colon and its figure."),
            values={"party": lacking},
        )
    return [{**row, name: typed[row["id"]]} for row in sharing["parties"]]


def _tariff(posted: Posted) -> dict[str, Any]:
    found: dict[str, Any] = _numbers(posted, *AMOUNTS)
    for name, field, value in (("join", "join", "fee"), ("steps", "year_steps", "year")):
        if rows := pairs.steps(posted.get(field, ""), field, value):
            found[name] = rows
    return found


def _worded(posted: Posted, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the lines with their names in the languages that are typed, but the one they are written in."""
    here = posted.get("language") or written.reader()
    names = [line["name"] for line in lines if line["name"]]
    for language in LANGUAGES:
        field = f"translations.{language}.lines"
        if language == here or not posted.get(field, "").strip():
            continue
        said = pairs.wordings(posted[field], field, names)
        for line in lines:
            if line["name"] in said:
                line.setdefault("translations", {})[language] = {"name": said[line["name"]]}
    return lines


def _numbers(posted: Posted, *names: str) -> dict[str, float]:
    typed = {name: number_of(posted.get(name, ""), name) for name in names}
    return {name: value for name, value in typed.items() if value is not None}


def _part(posted: Posted, name: str) -> float | None:
    value = number_of(posted.get(name, ""), name)
    return None if value is None else round(value / _PER_CENT, 6)


def _from_json(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise refuse(
            "not_json",
            noop("What stands in the field is not a JSON object."),
            where="json",
            remedy=noop("Correct it, or empty the field and use the form."),
        )
    return found
