"""A mandate on paper: the text that was signed, how it stands, and a code by which it is recognised."""

from __future__ import annotations

import uuid

from django.utils import translation
from django.utils.translation import gettext as _

from samspill.infra import clock, pdf
from samspill.kernel.actor import Actor
from samspill.mandates.service.reading import get

_SOURCE = """
#let told = data.values
= #told.title

#for line in told.lines [
  #par(line)
]
#v(6mm)
#told.stands

#text(size: 8.5pt)[#told.code]
"""


def printed(actor: Actor, *, mandate_id: uuid.UUID) -> bytes:
    """Return one of the actor's mandates as PDF/A, for those who keep it on paper.

    Raises:
        RefusedError: there is no such mandate for the actor.
    """
    view = get(actor, mandate_id=mandate_id)
    language = actor.language if actor.language in ("nb", "nn", "en") else "nb"
    with translation.override(language):
        today = f"{clock.today():%d.%m.%Y}"
        stands = _("It is in force.") if view.state == "active" else _("It is not in force.")
        data = {
            "title": _("Mandate"),
            "lines": view.text.splitlines(),
            "stands": f"{today}: {stands}",
            "code": _("Code of the text: %(code)s") % {"code": view.text_sha256[:16]},
        }
        title = str(data["title"])
    return pdf.render(_SOURCE, title=title, language=language, footer="Samspill", data=data)
