"""Ways on without a computer: whom to call, where to come, and each service's form on paper, made from the service."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import attrs
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from samspill.infra import pdf
from samspill.kernel.outcome import RefusedError
from samspill.packages import service as packages

_LANGUAGES = ("nb", "nn", "en")
_ROWS = 4
_SOURCE = """
#let told = data.values
#let line = box(width: 1fr, stroke: (bottom: 0.5pt), height: 1.2em)
= #told.title
#for text in told.lead [ #par(text) ]
#for one in told.first [ #grid(columns: (5.5cm, 1fr), gutter: 4pt, one, line) ]
#for page in told.pages [
  == #page.title
  #for field in page.fields [
    #block(breakable: false)[
      *#field.label*
      #if field.help != "" [ #linebreak() #text(size: 9pt, field.help) ]
      #if field.options.len() > 0 [
        #for option in field.options [ #linebreak() #box(width: 9pt, height: 9pt, stroke: 0.6pt) #h(4pt) #option ]
      ] else if field.columns.len() > 0 [
        #table(columns: (1fr,) * field.columns.len(), stroke: 0.5pt, ..field.columns.map(name => text(size: 8pt, name)),
          ..range(told.rows * field.columns.len()).map(n => v(1.6em)))
      ] else [ #v(2pt) #line ]
    ]
  ]
]
== #told.sign
#for text in told.declarations [ #box(width: 9pt, height: 9pt, stroke: 0.6pt) #h(4pt) #text #linebreak() ]
#v(6mm)
#grid(columns: (5.5cm, 1fr), gutter: 4pt, told.place, line, told.name, line)
"""


@attrs.frozen
class Way:
    """A service with its owner's name and telephone, and the address of its form on paper."""

    title: str
    name: str
    phone: str
    form: str


_known: list[Way] = []


def ways() -> list[Way]:
    """Return the ways on for every service that is open, in the language in use."""
    found = []
    for package_id in dict.fromkeys(one.package_id for one in packages.list_published()):
        try:
            package = packages.published(package_id)
        except RefusedError:
            continue
        contact, language = package.service.contact, translation.get_language() or "nb"
        found.append(
            Way(
                package.text("service.title", language),
                contact.get("name", ""),
                contact.get("phone", ""),
                f"/skjema/{package_id}.pdf",
            )
        )
    _known[:] = found
    return found


def remembered() -> list[Way]:
    """Return what this process was told last: for the page that must do without a database."""
    return list(_known)


def blank_form(package_id: str, language: str) -> bytes:
    """Return a service's form on paper (PDF/A), to fill in by hand.

    Raises:
        RefusedError: there is no such service.
    """
    chosen = language if language in _LANGUAGES else "nb"
    package = packages.published(package_id)
    return _made(package.sha256, chosen, package)


@functools.lru_cache(maxsize=24)
def _made(sha256: str, language: str, package: packages.Package) -> bytes:
    del sha256
    with translation.override(language):
        title = package.text("service.title", language)
        data = {
            "title": title,
            "lead": [
                package.text("service.lead", language),
                _(
                    "Fill in what you can and hand it in at the counter of your municipality, or send it there "
                    "by post. You have the same rights as those who apply on the net."
                ),
            ],
            "first": [_("Name"), _("National identity number"), _("Telephone")],
            "pages": list(_pages(package, language)),
            "rows": _ROWS,
            "sign": _("Signature"),
            "declarations": [
                package.text(f"declaration.{one}", language) for one in package.form.declaration
            ],
            "place": _("Place and date"),
            "name": _("Signature"),
        }
        return pdf.render(
            _SOURCE,
            title=title,
            language=language,
            footer=f"{package.id} {package.version}",
            data=data,
        )


def _pages(package: packages.Package, language: str) -> Iterator[dict[str, Any]]:
    for page in package.form.pages:
        fields = [_field(package, one.field, language) for one in page.fields]
        shown = [field for field in fields if field is not None]
        if shown:
            yield {"title": package.text(f"page.{page.id}.title", language), "fields": shown}


def _field(package: packages.Package, path: str, language: str) -> dict[str, Any] | None:
    """Give what is asked on paper: what a register or a computer fills is left out."""
    head, _dot, sub = path.partition(".")
    field = package.fields[head].fields[sub] if sub else package.fields[head]
    if field.source != "citizen" or field.retired:
        return None
    options = [package.text(f"field.{path}.option.{one}", language) for one in field.options]
    if field.type == "boolean":
        options = [_("Yes"), _("No")]
    rows = field.fields.values() if field.type == "list" else ()
    columns = [
        package.text(f"field.{one.path}.label", language)
        for one in rows
        if one.source == "citizen" and not one.retired
    ]
    return {
        "label": package.text(f"field.{path}.label", language),
        "help": package.texts.find(f"field.{path}.hint", language) or "",
        "options": options,
        "columns": columns[:6],
    }


_KINDS: dict[str, Promise] = {
    "page_400": later("A request that was not understood"),
    "page_403": later("No access to the page, or the form was too old"),
    "page_404": later("A page that is not there"),
    "not_found": later("A case or a draft that is not theirs or not there"),
    "login_needed": later("Login is needed"),
    "no_e_id": later("No electronic ID: the page of other ways"),
    "login_level": later("The login is not strong enough"),
    "register_silent": later("A register does not answer"),
    "service_closed": later("The service is closed in the municipality"),
    "manual_route": later("Must be handled by hand"),
    "safe_contact": later("The service is not applied for here when an address is protected"),
}
#: Kinds that so few come to that a small number could point at somebody (SP-23).
_HIDES_FEW = frozenset({"safe_contact"})
_FEW = 5


def in_words(kind: str) -> str:
    """Say what kind of dead end it is; one without words of its own is named by its code."""
    return str(_KINDS.get(kind, kind.replace("_", " ").replace(".", ": ")))


def number_shown(kind: str, number: int) -> int | str:
    """Give the number of those who were stopped as it may be shown: none under five of the protected, not even zero."""
    return f"< {_FEW}" if kind in _HIDES_FEW and number < _FEW else number
