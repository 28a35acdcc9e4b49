"""Scanned documents of a paper form: added and taken away while it is typed, by what the service asks for.

The choices are numbered in the page, so that no row of a household is named in it. Files come along with
every button of the form, so that none is lost when the questions change.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import attrs
from django.http import HttpRequest

from samspill.cases.service import staff_documents, wording
from samspill.cases.web import presenting
from samspill.identity.service import actor_of
from samspill.kernel.outcome import RefusedError

if TYPE_CHECKING:
    from samspill.cases.web.paper import Typing
    from samspill.packages.service import Evaluation


@attrs.frozen(kw_only=True)
class Choice:
    """One kind of document that can be added: its id with the row, its name, and whether it is asked for."""

    id: str
    label: str
    wanted: bool


def take(request: HttpRequest, typing: Typing) -> tuple[Typing, str]:
    """Keep the posted files, take away what a button asked for; return what stood in the way."""
    actor, problem = actor_of(request), ""
    removed = _as_id(request.POST.get("remove", ""))
    if removed is not None:
        staff_documents.let_go(actor, key=typing.key, attachment_id=removed)
    files = request.FILES.getlist("scanned")
    chosen = _chosen(choices(typing, typing.judged()), request.POST.get("document", ""))
    for file in files if chosen else ():
        try:
            staff_documents.hold(
                actor, key=typing.key, package=typing.package, person_id=typing.person_id,
                document=chosen, content=file.read(), filename=file.name or "",
            )  # fmt: skip
        except RefusedError as error:
            problem = presenting.refusal(error.refused)
            break
    return attrs.evolve(typing, scanned=staff_documents.held(actor, key=typing.key)), problem


def context(typing: Typing, evaluation: Evaluation) -> dict[str, Any]:
    """Return the choices, with what is asked for first, and the files that are there."""
    lang = presenting.language()
    return {
        "choices": choices(typing, evaluation),
        "files": [
            {"id": f.id, "name": f.filename, "size": f.size,
             "label": wording.document_name(typing.package, f, lang)}
            for f in typing.scanned
        ],
    }  # fmt: skip


def choices(typing: Typing, evaluation: Evaluation) -> list[Choice]:
    """Return the documents that can be added: those asked for, each row's its own, then all others."""
    lang, package = presenting.language(), typing.package
    taken = staff_documents.documents_for(package, "municipality")
    found: dict[str, Choice] = {}
    for state in evaluation.documents:
        if state.document in taken:
            found[state.id] = Choice(
                id=state.id,
                label=wording.document_label(
                    package, typing.answers, state.document, state.row, lang
                ),
                wanted=state.demanded is True and not state.delivered,
            )
    by_row = {name.split(":", 1)[0] for name in found}
    for name in taken:
        if name not in by_row:
            label = package.text(f"document.{name}.label", lang)
            found[name] = Choice(id=name, label=label, wanted=False)
    return sorted(found.values(), key=lambda choice: not choice.wanted)


def _chosen(offered: list[Choice], number: str) -> str:
    at = int(number) if number.isdecimal() else -1
    return offered[at].id if 0 <= at < len(offered) else ""


def _as_id(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
