r"""The calendar as iCalendar text (RFC 5545), to be taken in by any calendar program.

Lines end with CR LF and are folded at 75 octets; commas, semicolons, backslashes and line breaks are escaped. The UID
of an event is the same every time, so that a feed read again moves events instead of doubling them.

>>> escape("a, b; c\nd")
'a\\, b\\; c\\nd'
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from samspill.portfolio.domain.calendar import Step

_OCTETS = 75
_REMIND_DAYS = 14
_ROUGH = {
    "nb": "Omtrent på denne tiden.",
    "nn": "Om lag på denne tida.",
    "en": "Roughly at this time.",
}
_SOURCE = {"nb": "Kilde", "nn": "Kjelde", "en": "Source"}


def text(steps: Iterable[Step], *, stamp: dt.datetime, language: str, name: str, host: str) -> str:
    """Return a whole calendar.

    stamp: when it was made (aware). name: what the calendar is called. host: the site's name, for the UIDs.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Samspill//Budsjettkalender//NO",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escape(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:P1D",
    ]
    for step in steps:
        lines += _event(step, stamp, language, host)
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _event(step: Step, stamp: dt.datetime, language: str, host: str) -> Iterator[str]:
    title = escape(step.title(language))
    made = stamp.astimezone(dt.UTC)
    yield "BEGIN:VEVENT"
    yield f"UID:{step.key}-{step.budget_year}@{host}"
    yield f"DTSTAMP:{made:%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{step.first:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{step.last + dt.timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{title}"
    yield f"DESCRIPTION:{escape(_description(step, language))}"
    yield f"CATEGORIES:{step.side.upper()}"
    yield "TRANSP:TRANSPARENT"
    yield "BEGIN:VALARM"
    yield "ACTION:DISPLAY"
    yield f"TRIGGER;RELATED=END:-P{_REMIND_DAYS}D"
    yield f"DESCRIPTION:{title}"
    yield "END:VALARM"
    yield "END:VEVENT"


def _description(step: Step, language: str) -> str:
    known = language if language in _SOURCE else "en"
    rough = f"{_ROUGH[known]}\n" if step.about else ""
    return f"{rough}{_SOURCE[known]}: {step.source(known)}"


def escape(value: str) -> str:
    """Return a text as a value of the type TEXT (RFC 5545, 3.3.11)."""
    plain = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return plain.replace("\r\n", "\\n").replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """Yield the parts of a line, none over 75 octets and no letter cut in two (RFC 5545, 3.1)."""
    part, length = "", 0
    for letter in line:
        size = len(letter.encode())
        if length + size > _OCTETS:
            yield part
            part, length = " ", 1
        part += letter
        length += size
    yield part
