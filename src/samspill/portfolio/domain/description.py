"""What an initiative says of itself: read strictly, with every fault named.

The six questions are those of utredningsinstruksen section 2-1. A duty for municipalities names its law
(kommuneloven section 2-1: duties need basis in law or regulation); without it the initiative is voluntary.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from samspill.kernel.outcome import Refused, RefusedError
from samspill.portfolio.domain import wording
from samspill.portfolio.domain.texts import noop as _

LEGAL = ("voluntary", "duty")
#: The six questions of utredningsinstruksen, in its order.
QUESTIONS = ("problem", "measures", "principles", "effects", "recommendation", "preconditions")
SECTORS = (
    "digital",
    "housing",
    "health",
    "welfare",
    "education",
    "childcare",
    "planning",
    "economy",
    "culture",
    "integration",
    "civil_protection",
    "other",
)
#: The seven life events of the national strategy (Én digital offentlig sektor, 2019).
LIFE_EVENTS = (
    "having_a_child",
    "serious_illness_of_a_child",
    "losing_somebody",
    "starting_a_business",
    "running_an_organisation",
    "being_new_in_norway",
    "rough_financial_times",
)
CHANGES = ("creates", "changes")
LENGTHS = {"title": 160, "summary": 2000, "legal_reference": 300}
LONGEST_ANSWER = 20_000
MOST = 50
FIELDS = (
    "title",
    "summary",
    "sector",
    "life_event",
    "legal",
    "legal_reference",
    "packages",
    "window_from",
    "window_to",
    "questions",
    "references",
    "translations",
)
_YEARS = (2000, 2100)
#: Norwegian and Sámi letters, and those of names, as they are written in addresses.
_LATIN = str.maketrans("øåéèêóòôüäöáčđŋšŧž", "oaeeeooouaoacdnstz") | {ord("æ"): "ae"}
#: title: as the source calls itself; language: which that is in; titles: what it means in other languages.
_REFERENCE = frozenset({"title", "url", "question", "language", "titles"})
_PACKAGE = re.compile(r"[a-z][a-z0-9_]{1,63}\Z")
_URL = re.compile(r"https?://[^\s<>\"]{3,400}\Z")


@attrs.frozen(kw_only=True)
class Description:
    """The describing fields of an initiative, checked."""

    title: str
    summary: str = ""
    sector: str = "other"
    life_event: str = ""
    legal: str = "voluntary"
    legal_reference: str = ""
    packages: tuple[Mapping[str, str], ...] = ()
    window_from: dt.date | None = None
    window_to: dt.date | None = None
    questions: Mapping[str, str] = attrs.field(factory=dict)
    references: tuple[Mapping[str, Any], ...] = ()
    #: {nn|en: {title?, summary?, questions?: {question: text}}}; the fields themselves are in bokmål.
    translations: Mapping[str, Mapping[str, Any]] = attrs.field(factory=dict)


def read(values: Mapping[str, Any]) -> Description:
    """Return the checked fields.

    Raises:
        RefusedError: the first fault; `faults` gives all of them.
    """
    found = faults(values)
    if found:
        raise RefusedError(found[0])
    return Description(
        title=" ".join(values["title"].split()),
        summary=values.get("summary", "").strip(),
        sector=values.get("sector") or "other",
        life_event=values.get("life_event") or "",
        legal=values.get("legal") or "voluntary",
        legal_reference=(values.get("legal_reference") or "").strip(),
        packages=tuple(dict(one) for one in values.get("packages") or ()),
        window_from=values.get("window_from"),
        window_to=values.get("window_to"),
        questions={
            key: text.strip()
            for key, text in (values.get("questions") or {}).items()
            if text.strip()
        },
        references=tuple(dict(one) for one in values.get("references") or ()),
        translations=wording.plain(values.get("translations")),
    )


def faults(values: Mapping[str, Any]) -> list[Refused]:
    """Return everything that is wrong with the fields, in their order."""
    found = [_unknown(name) for name in values if name not in FIELDS]
    found += [fault for check in _CHECKS for fault in check(values)]
    return found


def _fault(
    where: str, code: str, message: str, remedy: str, law: str = "", **values: Any
) -> Refused:
    return Refused(code, message, where=where, remedy=remedy, law=law, values=values)


def _unknown(name: str) -> Refused:
    return _fault(
        name, "unknown_field", _("There is no field “%(field)s”."), _("Leave it out."), field=name
    )


def _texts(values: Mapping[str, Any]) -> list[Refused]:
    found = []
    for name, most in LENGTHS.items():
        text = values.get(name, "")
        if not isinstance(text, str):
            found.append(_fault(name, "not_text", _("This must be text."), _("Write words.")))
        elif len(text) > most:
            remedy = _("Shorten it to %(most)s characters or fewer.")
            found.append(_fault(name, "too_long", _("The text is too long."), remedy, most=most))
    title = values.get("title")
    if not isinstance(title, str) or not title.strip():
        found.insert(
            0,
            _fault(
                "title",
                "title_missing",
                _("The initiative has no title."),
                _("Give it a short title that people understand."),
            ),
        )
    return found


def _choices(values: Mapping[str, Any]) -> list[Refused]:
    allowed = {"sector": SECTORS, "life_event": ("", *LIFE_EVENTS), "legal": LEGAL}
    return [
        _fault(
            name,
            "unknown_choice",
            _("“%(value)s” is not one of the choices."),
            _("Choose one of the list."),
            value=str(values[name])[:60],
        )
        for name, choices in allowed.items()
        if values.get(name) is not None and values[name] not in choices
    ]


def _law(values: Mapping[str, Any]) -> list[Refused]:
    reference = values.get("legal_reference") or ""
    if values.get("legal") != "duty" or (isinstance(reference, str) and reference.strip()):
        return []
    return [
        _fault(
            "legal_reference",
            "legal_reference_missing",
            _("A duty for municipalities needs basis in law or regulation, and none is named."),
            _("Name the act or regulation and the section, or make the initiative voluntary."),
            law="kommuneloven § 2-1",
        )
    ]


def _window(values: Mapping[str, Any]) -> list[Refused]:
    found = []
    for name in ("window_from", "window_to"):
        day = values.get(name)
        if day is None:
            continue
        if not isinstance(day, dt.date) or not _YEARS[0] <= day.year <= _YEARS[1]:
            found.append(
                _fault(
                    name,
                    "bad_day",
                    _("The day could not be read, or lies outside 2000–2100."),
                    _("Write it as year, month and day, for example 2028-01-01."),
                )
            )
    first, last = values.get("window_from"), values.get("window_to")
    if not found and first and last and last < first:
        found.append(
            _fault(
                "window_to",
                "window_backwards",
                _("The window ends before it begins."),
                _("Let the last day be the first day or later."),
            )
        )
    return found


def _questions(values: Mapping[str, Any]) -> list[Refused]:
    answers = values.get("questions") or {}
    if not isinstance(answers, Mapping):
        return [_fault("questions", "not_object", _("The answers must be an object."), "")]
    return [
        _fault(
            f"questions.{key}",
            "bad_answer",
            _("The answer is not one of the six questions, is not text, or is too long."),
            _("Answer one of the six questions with at most %(most)s characters."),
            most=LONGEST_ANSWER,
        )
        for key, text in answers.items()
        if key not in QUESTIONS or not isinstance(text, str) or len(text) > LONGEST_ANSWER
    ]


def _rows(
    name: str, values: Mapping[str, Any], is_good: Callable[[Any], bool], remedy: str
) -> list[Refused]:
    rows = values.get(name) or ()
    if not isinstance(rows, list | tuple) or len(rows) > MOST:
        return [_fault(name, "bad_list", _("This must be a list of at most 50."), _("Shorten it."))]
    return [
        _fault(
            f"{name}[{at}]",
            "bad_row",
            _("The row is not filled in as it should be."),
            remedy,
        )
        for at, row in enumerate(rows)
        if not is_good(row)
    ]


def _packages(values: Mapping[str, Any]) -> list[Refused]:
    remedy = _("Write its id in small letters, digits and underscores, or empty the row.")
    return _rows("packages", values, _is_package, remedy)


def _is_package(row: Any) -> bool:
    if not isinstance(row, Mapping) or not set(row) <= {"package_id", "change", "title"}:
        return False
    package = row.get("package_id")
    title = row.get("title", "")
    return (
        isinstance(package, str)
        and bool(_PACKAGE.match(package))
        and row.get("change") in CHANGES
        and isinstance(title, str)
        and len(title) <= LENGTHS["title"]
    )


def _references(values: Mapping[str, Any]) -> list[Refused]:
    remedy = _("Look at the example, or take the row away.")
    return _rows("references", values, _is_reference, remedy)


def _is_reference(row: Any) -> bool:
    if not isinstance(row, Mapping) or not set(row) <= _REFERENCE:
        return False
    title, url = row.get("title"), row.get("url", "")
    return (
        row.get("language", "") in ("", *wording.LANGUAGES)
        and _are_titles(row.get("titles", {}))
        and isinstance(title, str)
        and 0 < len(title.strip()) <= LENGTHS["legal_reference"]
        and (url == "" or (isinstance(url, str) and bool(_URL.match(url))))
        and row.get("question", "") in ("", *QUESTIONS)
    )


def _are_titles(titles: Any) -> bool:
    """Tell whether these are wordings of a title by language."""
    return (
        isinstance(titles, Mapping)
        and set(titles) <= set(wording.LANGUAGES)
        and all(
            isinstance(t, str) and 0 < len(t) <= LENGTHS["legal_reference"] for t in titles.values()
        )
    )


def _translations(values: Mapping[str, Any]) -> list[Refused]:
    return wording.faults(
        values.get("translations") or {},
        lengths=LENGTHS,
        questions=QUESTIONS,
        longest_answer=LONGEST_ANSWER,
    )


_CHECKS = (_texts, _choices, _law, _window, _questions, _packages, _references, _translations)


def slug_of(title: str) -> str:
    """Return a short address made of a title: Norwegian letters spelled out, at most 60 characters.

    >>> slug_of("Bostøtte på nett – én søknad")
    'bostotte-pa-nett-en-soknad'
    """
    plain = title.casefold().translate(_LATIN)
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return words[:60].rstrip("-") or "tiltak"
