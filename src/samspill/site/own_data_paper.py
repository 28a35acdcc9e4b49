"""Everything about a person on paper (PDF/A-2a, tagged), from the same sections as the file."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from samspill.infra import clock, pdf
from samspill.infra.own_data import Section, in_words
from samspill.site.durations import in_words as duration_in_words

_SOURCE = """
#let told = data.values
= #told.title

#for line in told.lead [
  #par(line)
]
#for section in told.sections [
  == #section.title
  #if section.note != "" [ #text(size: 9pt, section.note) ]
  #if section.records.len() == 0 [ #told.nothing ]
  #for one in section.records [
    #if one.title != "" [ === #one.title ]
    #for line in one.lines [
      / #line.at(0): #line.at(1)
    ]
    #v(2mm)
  ]
]
"""


def set_paper(
    sections: Sequence[Section],
    services: Sequence[dict[str, Any]],
    *,
    language: str,
    hides_places: bool,
) -> bytes:
    """Set the sections in the language that is active, and what each service does with information."""
    title = _("Everything that is stored about you")
    parts = [_section(one) for one in sections] + [_service(one) for one in services]
    parts.append(_part(_("Your rights"), _rights()))
    data = {
        "title": title,
        "lead": _lead(hides_places=hides_places),
        "nothing": _("Nothing is stored."),
        "sections": parts,
    }
    return pdf.render(_SOURCE, title=title, language=language, footer="Samspill", data=data)


def _lead(*, hides_places: bool) -> list[str]:
    by_law = _(
        "Made %(when)s. You have a right to this by the General Data Protection Regulation, article 15."
    )
    lead = [
        by_law % {"when": in_words(clock.now())},
        _(
            "The same, with every detail, is in the file for machines. "
            "Documents are listed with their fingerprint and address."
        ),
    ]
    if hides_places:
        lead.append(
            _(
                "Your address is protected: nothing that tells where you are is printed here, "
                "nor which employees have looked."
            )
        )
    return lead


def _section(one: Section) -> dict[str, Any]:
    records = [{"title": r.title, "lines": [list(line) for line in r.lines]} for r in one.records]
    return {"title": one.title, "note": one.note, "records": records}


def _part(title: str, lines: list[list[str]]) -> dict[str, Any]:
    shown = [line for line in lines if line[1]]
    return {"title": title, "note": "", "records": [{"title": "", "lines": shown}]}


def _service(one: dict[str, Any]) -> dict[str, Any]:
    kept = {
        "draft": _("A draft that is not sent"),
        "case": _("The case, after it is closed"),
        "log": _("The log of who has looked"),
    }
    lines = [
        [_("Purpose"), one["purpose"]],
        [_("Legal basis"), one["processing_basis"]],
        [_("Registers we ask"), ", ".join(source["name"] for source in one["sources"])],
        *(
            [kept[name], duration_in_words(span)]
            for name, span in one["retention"].items()
            if name in kept
        ),
    ]
    told = _("What the service does with information: %(title)s") % {"title": one["title"]}
    return _part(told, lines)


def _rights() -> list[list[str]]:
    corrected = _(
        "What is wrong is corrected when you tell the municipality or the agency (article 16)."
    )
    complain = _(
        "You can complain to the Norwegian Data Protection Authority, Datatilsynet, "
        "telephone 22 39 69 00 (article 77)."
    )
    return [[_("Correct"), corrected], [_("Complain"), complain]]


def sha256(content: bytes) -> str:
    """Return the fingerprint of a file, as hex."""
    return hashlib.sha256(content).hexdigest()
