"""The charts of a round, drawn on the server, each with its table: frames used, the front, the share of draws."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from samspill.infra import charts
from samspill.portfolio import service
from samspill.portfolio.service import words

_MILLION = 1e6
#: Per cent below which it is not said that the suggestion is better than picking by hand.
_WORTH_SAYING = 0.1


def million(nok: float) -> str:
    """Return kroner as million kroner in words."""
    return _("%(amount)s million kroner") % {
        "amount": charts.Numbers(decimals=1).say(nok / _MILLION)
    }


def hours(value: float | None) -> str:
    """Return hours no finer than an estimate is: three digits."""
    return charts.Numbers().say(None if value is None else float(f"{value:.3g}"))


def amount(value: float, unit: str) -> str:
    """Return an amount of what a round asks for, in its unit."""
    if unit == "NOK":
        return million(value)
    if unit == "hours":
        shown = hours(value)
        # What is read decides the noun: 0.998 of an hour is shown as 1.
        return ngettext("%(hours)s hour", "%(hours)s hours", 1 if shown == "1" else 2) % {
            "hours": shown
        }
    return _("%(points)s points") % {"points": charts.Numbers(decimals=2).say(value)}


def asked_for(objective: dict[str, float]) -> list[str]:
    """Return what a round asks for, the heaviest goal first: `Kroner: net present value (60 %)`."""
    shares = sorted(objective.items(), key=lambda item: -item[1])
    if len(shares) == 1:
        return [str(words.GOALS[shares[0][0]])]
    percent = charts.Numbers(unit="%")
    return [f"{words.GOALS[name]} ({percent.say(weight)})" for name, weight in shares]


def _given(made: dict[str, Any]) -> list[dict[str, str]]:
    """Return what the suggestion gives of each goal."""
    units = {"kroner": "NOK", "gain_smallest_nok": "NOK"}
    return [
        {"goal": str(words.GOALS[name]), "amount": amount(total, units.get(name, "hours"))}
        for name, total in made.get("totals", {}).items()
    ]


def drawn(found: service.RoundView) -> dict[str, Any]:
    """Return the proof and the charts of a round's suggestion; empty before there is one."""
    made = found.suggestion
    if made is None:
        return {"proof": None, "charts": [], "front": []}
    return {
        "proof": _proof(made),
        "charts": [chart for chart in (_used(made), _shares(found, made)) if chart is not None],
        "front": _front(found, made),
        "front_whole": made["front"]["whole"],
    }


def _proof(made: dict[str, Any]) -> dict[str, Any]:
    value, greedy = made["value"], made["greedy_value"]
    unit = made.get("unit", "NOK")
    better = (value / greedy - 1) * 100 if greedy and greedy > 0 else 0.0
    return {
        "value": amount(value, unit),
        "bound": amount(made["bound"], unit),
        "asked": ", ".join(asked_for(made.get("objective") or {"kroner": 100.0})),
        "unit": unit,
        "in_points": unit == "points",
        "given": _given(made),
        "gap": charts.Numbers(unit="%", decimals=3).say(made["gap"] * 100),
        "is_best": made["gap"] == 0,
        "greedy": "" if greedy is None else amount(greedy, unit),
        "over": charts.Numbers(unit="%", decimals=1).say(better) if better >= _WORTH_SAYING else "",
        "prices": _prices(made, unit),
    }


def _prices(made: dict[str, Any], unit: str) -> list[dict[str, str]]:
    """Return what a little more of each frame that binds would give: of a krone in kroner, else of a million."""
    return [
        {
            "frame": frame_name(label),
            "price": charts.Numbers(unit="kr", decimals=2).say(price)
            if unit == "NOK"
            else amount(price * (1 if label.startswith("hours") else _MILLION), unit),
        }
        for label, price in made["prices"].items()
        if price > 0
    ]


def frame_name(label: str) -> str:
    """Return the name of a frame for people: `The state's frame 2028 (plan)`."""
    kind, _sep, rest = label.partition(" ")
    who, _sep, year = rest.rpartition(" ")
    if kind == "hours":
        return _("Hours in municipalities %(size)s, %(year)s") % {
            "size": words.SIZES.get(who, who),
            "year": year,
        }
    name = words.PAYERS.get(who, who)
    text = _("%(payer)s %(year)s, planned") if kind == "plan" else _("%(payer)s %(year)s, promised")
    return text % {"payer": name, "year": year}


def _used(made: dict[str, Any]) -> charts.Chart | None:
    rows = [
        charts.Bar(
            label=frame_name(limit["label"]),
            value=round(100 * made["used"][limit["label"]] / limit["amount"], 1),
        )
        for limit in made["limits"]
        if limit["amount"] > 0
    ]
    if not rows:
        return None
    return charts.bars(
        key="rammer",
        title=_("How much of each frame the suggestion uses"),
        rows=rows,
        numbers=charts.Numbers(unit="%"),
        label=_("Frame"),
        value_label=_("Share used"),
        whole=100,
    )


def _shares(found: service.RoundView, made: dict[str, Any]) -> charts.Chart | None:
    share = made["chosen_share"]["share"]
    if not share:
        return None
    titles = {str(c.initiative.id): c.initiative.title for c in found.candidates}
    rows = [
        charts.Bar(label=titles.get(key, key), value=round(part * 100, 1))
        for key, part in sorted(share.items(), key=lambda item: -item[1])
    ]
    return charts.bars(
        key="andeler",
        title=_("How often each initiative is chosen when the figures vary"),
        rows=rows,
        numbers=charts.Numbers(unit="%"),
        label=_("Initiative"),
        value_label=_("Share of the draws"),
        whole=100,
        note=_("%(solved)s of %(asked)s draws were calculated.") % made["chosen_share"],
    )


def _front(found: service.RoundView, made: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the portfolios of the efficient front as table rows: none is better in all than another."""
    titles = {str(c.initiative.id): c.initiative.title for c in found.candidates}
    return [
        {
            "kroner": million(point["totals"]["kroner"]),
            "hours": hours(point["totals"].get("hours")),
            "citizens": hours(point["totals"].get("citizens")),
            "smallest": million(point["totals"]["smallest"])
            if "smallest" in point["totals"]
            else "–",
            "chosen": ", ".join(sorted(titles.get(key, key) for key in point["starts"])),
        }
        for point in made["front"]["points"]
    ]


def need(found: dict[str, Any] | None, unit: str = "NOK") -> list[str]:
    """Return what one left out would need, in sentences."""
    if found is None:
        return []
    said = []
    if found["method"] == "never":
        said.append(_("It cannot be in under these frames and rules."))
    elif found["value"]:
        text = (
            _("It would have to be worth %(amount)s more.")
            if found["method"] == "exact"
            else _("It would have to be worth about %(amount)s more.")
        )
        said.append(text % {"amount": amount(found["value"], unit)})
    for label, short in found["frames"].items():
        lacks = amount(short, "hours" if label.startswith("hours") else "NOK")
        said.append(
            _("Missing in %(frame)s: %(amount)s.") % {"frame": frame_name(label), "amount": lacks}
        )
    return said
