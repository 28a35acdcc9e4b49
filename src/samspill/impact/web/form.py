"""The form of an effect line: fields from a line, and a line from what was posted."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _

from samspill.impact import service
from samspill.impact.domain import checklist
from samspill.impact.domain.lines import WORDED, is_hours
from samspill.impact.web import page, words
from samspill.infra import refusals, written
from samspill.kernel.outcome import RefusedError

_NUMBERS = ("quantity", "elasticity", "start", "end")
_TEXTS = ("key", "name", "category", "bearer", "role", "grade", "source")
#: What a line means by what it leaves out (`domain.lines`).
_UNSAID = {"bearer": "municipality", "elasticity": 1, "grade": "assumption"}
#: What a chosen kind of effect is as a line says it, where it is not a category in kroner.
_KINDS = {
    "one_off_hours": {"category": "one_off_cost", "unit": "hours"},
    "hours_used": {"unit": "hours"},
    "hours_freed": {"unit": "hours"},
}
_POINTS = ("low", "likely", "high")
_FIELD_OF = {"uncertainty": "low", "driver": "driver"}


def suggested(question: str) -> dict[str, Any]:
    """Return what a new line starts with; for a question of the checklist, its category and role."""
    found = next((one for one in checklist.QUESTIONS if one.key == question), None)
    start = service.newest_assumptions().value("elasticity_start")
    base = {
        "bearer": "municipality",
        "driver": "inhabitants",
        "elasticity": start,
        "grade": "assumption",
    }
    if found is None:
        return {**base, "category": "yearly_cost"}
    name = words.word(words.QUESTIONS, question)
    once = found.when == checklist.ONCE and found.category == "hours_used"
    category = "one_off_hours" if once else found.category
    return {**base, "key": question, "name": name, "category": category, "role": found.role}


def parts(
    raw: Mapping[str, Any], posted: Mapping[str, str], *, problem: RefusedError | None = None
) -> list[dict[str, Any]]:
    """Return the fields in groups: what it is, how much, how sure."""
    values = _values(raw)
    faulty = _faulty(problem, values)

    def field(name: str, kind: str, label: str, **more: Any) -> dict[str, Any]:
        said = refusals.in_words(problem.refused) if problem and faulty == name else ""
        value = posted.get(name, values.get(name, more.pop("value", "")))
        return {"name": name, "type": kind, "label": label, **more, "value": value, "error": said}

    return [
        {"title": _("What it is"), "fields": _what(field)},
        {"title": _("How much"), "fields": _how_much(field)},
        {"title": _("How sure"), "fields": _how_sure(field)},
        written.wordings(field, _worded(), stored=raw),
    ]


def _faulty(problem: RefusedError | None, values: Mapping[str, Any]) -> str:
    """Return the name of the field that a refusal is about."""
    if problem is None:
        return ""
    place = problem.refused.where.rpartition("]")[2].lstrip(".")
    if place.startswith("translations."):
        return place
    names = place.split(".")
    return names[-1] if names[-1] in values else _FIELD_OF.get(names[0], names[0])


def _worded() -> list[tuple[str, str, str]]:
    return [("name", "text", _("Name")), ("source", "longtext", _("Source"))]


def _what(field: Any) -> list[dict[str, Any]]:
    return [
        field("name", "text", _("Name"), required=True, max_length=120),
        field(
            "category",
            "choice",
            _("Kind of effect"),
            required=True,
            options=page.options(words.CATEGORIES),
        ),
        field(
            "bearer",
            "choice",
            _("Who bears it"),
            required=True,
            options=page.options(words.BEARERS),
        ),
        field(
            "role",
            "choice",
            _("Whose hours"),
            options=page.options(words.ROLES, empty=_("Not hours")),
        ),
        field(
            "key",
            "text",
            _("Key"),
            max_length=60,
            help=_("Names the line in tables and actuals. Left out: it is made from the name."),
        ),
    ]


def _how_much(field: Any) -> list[dict[str, Any]]:
    each = _(
        "Kroner or hours for each one of what drives it: for each inhabitant, each case, each municipality. "
        "For a whole year, or once."
    )
    grows = _(
        "1: it grows as the driver does. 0: it is the same for all. "
        "Public tariffs lie between 0.4 and 0.75."
    )
    named = _("Only when cases or a vendor drive it.")
    drivers = page.options(words.DRIVERS)
    return [
        field("quantity", "decimal", _("Quantity"), required=True, help=each),
        field("driver", "choice", _("What drives it"), required=True, options=drivers),
        field("of", "text", _("Which service or vendor"), max_length=80, help=named),
        field("elasticity", "decimal", _("How closely it follows (elasticity)"), help=grows),
        *_when(field),
    ]


def _when(field: Any) -> list[dict[str, Any]]:
    start = _("Left out: when the initiative is introduced.")
    ramp = _("Shares of the full effect year by year, such as 0.3; 0.7; 1.")
    return [
        field("start", "integer", _("First year"), help=start),
        field("end", "integer", _("Last year"), help=_("Left out: it goes on.")),
        field("ramp", "text", _("How it grows"), help=ramp),
    ]


def _how_sure(field: Any) -> list[dict[str, Any]]:
    known = {
        key: words.word(words.CLASSES, key)
        for key in service.newest_assumptions().reference_classes
    }
    return [
        field(
            "reference_class",
            "choice",
            _("What has happened to estimates of this kind"),
            options=page.options(known, empty=_("I give low and high below")),
        ),
        field(
            "low",
            "decimal",
            _("Low"),
            help=_("One in ten is lower. 1 is the quantity itself, 0.7 is 30 percent less."),
        ),
        field(
            "likely",
            "decimal",
            _("Most likely"),
            help=_("Left out: only low and high say how sure it is."),
        ),
        field("high", "decimal", _("High"), help=_("One in ten is higher.")),
        field(
            "grade",
            "choice",
            _("How well founded"),
            required=True,
            options=page.options(words.GRADES),
        ),
        field("source", "longtext", _("Source")),
    ]


def lack(name: str) -> str:
    """Return what a line lacks in words."""
    return {
        "driver": _("what drives it"),
        "grade": _("how well founded it is"),
        "uncertainty": _("how sure it is"),
    }.get(name, name)


def _values(raw: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: raw.get(name, _UNSAID.get(name, "")) for name in (*_TEXTS, *_NUMBERS)}
    in_hours = is_hours(str(raw.get("unit", "")))
    found["category"] = words.kind_of(str(found["category"]), in_hours=in_hours)
    kind, _sep, of = str(raw.get("driver", "one")).replace("_", " ").partition(":")
    ramp = raw.get("ramp")
    steps = "; ".join(f"{step:g}" for step in ramp) if isinstance(ramp, list) else ""
    spread = raw.get("uncertainty")
    given = _named(spread)
    points = {name: given.get(name, "") for name in (*_POINTS, "reference_class")}
    # Two percentiles are low and high without a most likely one.
    points |= {"low": given.get("p10", points["low"]), "high": given.get("p90", points["high"])}
    return {**found, **points, "driver": kind, "of": of, "ramp": steps}


def _named(spread: Any) -> dict[str, Any]:
    """Return an uncertainty by names, also where it was written as a word or a list."""
    if isinstance(spread, str):
        return {"reference_class": spread}
    if isinstance(spread, list):
        names = _POINTS if len(spread) == len(_POINTS) else ("p10", "p90")
        return dict(zip(names, spread, strict=False))
    return dict(spread or {})


def read(posted: Mapping[str, str]) -> dict[str, Any]:
    """Return the line that was posted, as JSON has it; what cannot be read is refused by the reader of lines."""
    found: dict[str, Any] = {n: posted[n].strip() for n in _TEXTS if posted.get(n, "").strip()}
    for name in _NUMBERS:
        if posted.get(name, "").strip():
            found[name] = page.number_of(posted[name])
    kind, of = posted.get("driver", "one"), posted.get("of", "").strip()
    found["driver"] = f"{kind}:{of}" if of and kind in ("cases", "vendor") else kind
    if posted.get("ramp", "").strip():
        found["ramp"] = [page.number_of(step) for step in posted["ramp"].split(";") if step.strip()]
    found |= _KINDS.get(str(found.get("category", "")), {"unit": "NOK"})
    if "language" in posted:
        found |= written.posted_words(posted, WORDED)
    spread = _spread(posted)
    return {**found, "uncertainty": spread} if spread else found


def _spread(posted: Mapping[str, str]) -> dict[str, Any]:
    if posted.get("reference_class"):
        return {"reference_class": posted["reference_class"]}
    points = {n: page.number_of(posted[n]) for n in _POINTS if posted.get(n, "").strip()}
    if points.keys() == {"low", "high"}:
        return {"p10": points["low"], "p90": points["high"]}
    return points


def placed(
    raw: Sequence[Mapping[str, Any]], key: str, line: dict[str, Any]
) -> list[Mapping[str, Any]]:
    """Return the lines with one in place of the one with its key, or added; a new one without a key gets one."""
    if "key" not in line:
        taken = {item["key"] for item in raw}
        line = {**line, "key": key if key in taken else _free_key(str(line.get("name", "")), taken)}
    if any(item["key"] == key for item in raw):
        return [_over(item, line) if item["key"] == key else item for item in raw]
    return [*raw, _over({}, line)]


def _free_key(name: str, taken: Collection[str]) -> str:
    """Return a key made from a name that no line has yet.

    >>> _free_key("Opplæring av alle", {"opplaering-av-alle"})
    'opplaering-av-alle-2'
    """
    plain = name.casefold().replace("æ", "ae").replace("ø", "o").replace("å", "a")
    stem = slugify(plain)[:50].strip("-") or "line"
    tries = (stem, *(f"{stem}-{n}" for n in range(2, len(taken) + 3)))
    return next(key for key in tries if key not in taken)


def _over(item: Mapping[str, Any], line: dict[str, Any]) -> dict[str, Any]:
    """Return the line with what the form does not show, and so must not lose."""
    found = {**{name: item[name] for name in ("factor",) if name in item}, **line}
    spread, before = line.get("uncertainty"), _named(item.get("uncertainty"))
    if spread and "reference_class" not in spread:
        names = ("of", "municipal", *(() if "p10" in spread else ("kind", "ends")))
        kept = {
            name: before[name] for name in names if name in before and before[name] != "lognormal"
        }
        found["uncertainty"] = {"of": "factor", **kept, **spread}
    return found
