"""The terms of an agreement as they stand in the form, so that a new version begins with what was agreed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from samspill.kernel.wording import LANGUAGES
from samspill.municipalities import service as municipalities
from samspill.settlement.web import pairs
from samspill.settlement.web.typed import AMOUNTS, EACH

_SHARING = {
    "key", "total", "parties", "fixed", "equal_share", "exponent", "fixed_per_party", "steps",
}  # fmt: skip
_PARTY = {"id", "inhabitants", "gain", "own", "amount", "cases"}
_PER_CENT = 100
_ORE = 0.01


def form_of(terms: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what each field of the form holds for stored terms; None when the form cannot say all of them.

    Inhabitants and expected gains are not in the form: a new version takes those of its own day.
    """
    sharing = terms.get("sharing") or {}
    rows = [row for row in sharing.get("parties", ()) if isinstance(row, Mapping)]
    payers = {line.get("payer") for line in terms.get("lines", ())}
    own = _own_each(rows)
    if (
        not rows
        or not set(sharing) <= _SHARING
        or any(not set(row) <= _PARTY for row in rows)
        or not set(terms.get("others", ())) <= payers
        or own is None
    ):
        return None
    return {
        **{name: terms[name] for name in ("first_year", "last_year")},
        "parties": _parties(rows),
        **_of_sharing(sharing, rows),
        "own": own,
        **_of_tariff(terms.get("tariff") or {}),
        **_of_rest(terms),
        **_of_lines(terms.get("lines", ())),
    }


def _parties(rows: Sequence[Mapping[str, Any]]) -> str:
    numbers = [row["id"] for row in rows]
    every = {place.number for place in municipalities.all_current()}
    return "alle" if set(numbers) == every else " ".join(numbers)


def _own_each(rows: Sequence[Mapping[str, Any]]) -> str | None:
    """Return kroner of own use per inhabitant, empty when nobody has any; None when it is not one amount for all."""
    if all(row.get("own") is None for row in rows):
        return ""
    people = sum(row.get("inhabitants") or 0 for row in rows)
    each = round(sum(row.get("own") or 0 for row in rows) / people, 4) if people else 0.0
    alike = all(
        abs(each * (row.get("inhabitants") or 0) - (row.get("own") or 0)) <= _ORE for row in rows
    )
    return pairs.typed(each) if alike else None


def _of_sharing(sharing: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    key = sharing["key"]
    plain = ("total", "fixed", "exponent", "fixed_per_party")
    found = {name: pairs.typed(sharing[name]) for name in plain if sharing.get(name) is not None}
    if sharing.get("equal_share") is not None:
        found["equal_share"] = _percent(sharing["equal_share"])
    found["size_steps"] = pairs.stepped(sharing.get("steps") or (), "weight")
    if key in EACH:
        found["each"] = pairs.written((row["id"], row[EACH[key]]) for row in rows)
    return {"key": key, **found}


def _of_tariff(tariff: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: pairs.typed(tariff[name]) for name in AMOUNTS if tariff.get(name) is not None}
    found["join"] = pairs.stepped(tariff.get("join") or (), "fee")
    found["year_steps"] = pairs.stepped(tariff.get("steps") or (), "year")
    return found


def _of_rest(terms: Mapping[str, Any]) -> dict[str, Any]:
    names = ("gain_key", "settle_on", "exit_notice_months", "exit_terms", "split_rule")
    found = {name: terms[name] for name in names if terms.get(name) is not None}
    found["withdrawal"] = _percent(terms.get("withdrawal", 0))
    found["compensation"] = "yes" if terms.get("compensation") else "no"
    return found


def _of_lines(lines: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the wordings of the lines, a box for each language."""
    found = {}
    for language in LANGUAGES:
        said = [
            f"{line['name']}: {words['name']}"
            for line in lines
            if (words := (line.get("translations") or {}).get(language)) and words.get("name")
        ]
        found[f"translations.{language}.lines"] = "\n".join(said)
    return found


def _percent(part: float) -> str:
    return pairs.typed(round(part * _PER_CENT, 6))
