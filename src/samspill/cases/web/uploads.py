"""Files that come with a form: added to the draft or the case, or refused with the reason beside the field."""

from __future__ import annotations

import uuid

from django.http import HttpRequest

from samspill.cases import service
from samspill.cases.service.values import DraftView
from samspill.infra.refusals import in_words
from samspill.kernel.actor import Actor
from samspill.kernel.outcome import RefusedError

PREFIX = "file-"


def take(request: HttpRequest, view: DraftView) -> dict[str, str]:
    """Add the posted files and take away the ones asked for; return refusals by field name.

    Fields are numbered in the order of the evaluation's documents, so that no name in the page
    tells about a person.
    """
    actor: Actor = request.actor  # type: ignore[attr-defined]
    refused: dict[str, str] = {}
    for name in request.FILES:
        number = name.removeprefix(PREFIX)
        if not number.isdecimal() or int(number) >= len(view.evaluation.documents):
            continue
        document = view.evaluation.documents[int(number)].id
        for file in request.FILES.getlist(name):
            try:
                service.attach(
                    actor, draft_id=view.id, document=document,
                    content=file.read(), filename=file.name or "",
                )  # fmt: skip
            except RefusedError as error:
                told = f"{file.name}: {in_words(error.refused)}"  # of several files, which one
                refused[name] = f"{refused[name]} {told}" if name in refused else told
    removed = _as_id(request.POST.get("remove", ""))
    if removed is not None:
        service.detach(actor, draft_id=view.id, attachment_id=removed)
    return refused


def _as_id(text: str) -> uuid.UUID | None:
    """Read an identifier that a button of ours posted; what is none is nobody's file."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
