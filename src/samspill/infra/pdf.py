"""PDF/A documents: Typst in, accessible and archivable PDF out.

PDF/A-2a is PDF/A-2 with the tags that a screen reader needs. Typst brings its own fonts, so the same source
gives the same pages on every machine. Typst is loaded with the first document: most processes never make one.
"""

from __future__ import annotations

import functools
import json
import threading
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import typst


_STANDARD: Final = "a-2a"
_lock = threading.Lock()

_FRAME = """
#let data = json(bytes(sys.inputs.data))
#set document(title: data.title, author: "Samspill")
#set text(lang: data.lang, region: "NO", size: 10.5pt, font: ("Libertinus Serif",), hyphenate: false)
#set page(paper: "a4", margin: (x: 2.4cm, top: 2.2cm, bottom: 2.4cm),
  footer: context align(center, text(size: 8.5pt, fill: luma(90))[
    #data.footer #h(1fr) #counter(page).display("1 / 1", both: true)]))
#set par(leading: 0.68em, spacing: 1.0em)
#show heading: set block(above: 1.4em, below: 0.7em)
#show link: underline
#show table.cell.where(y: 0): strong
#set table(stroke: (x: none, y: 0.4pt + luma(180)), inset: (x: 4pt, y: 5pt))
"""


class PdfError(Exception):
    """Typst could not set the source; the message is Typst's own."""


def escape(text: str) -> str:
    """Return text with Typst's markup characters disarmed."""
    return "".join(f"\\{c}" if c in "\\#$*_`<>@[]~=-+/\"'" else c for c in text)


def render(
    source: str, *, title: str, language: str, footer: str = "", data: dict[str, Any] | None = None
) -> bytes:
    """Return a tagged PDF/A-2a of a Typst source. `data` is there as `data.values`.

    Raises:
        PdfError: the source is not valid Typst.
    """
    import typst

    payload = {
        "title": title,
        "lang": "nb" if language not in {"nn", "en"} else language,
        "footer": footer,
        "values": data or {},
    }
    inputs = {"data": json.dumps(payload, ensure_ascii=False, default=str)}
    whole = (_FRAME + source).encode()
    try:
        with _lock:
            pdf = _compiler().compile(
                input=whole, format="pdf", pdf_standards=[_STANDARD], sys_inputs=inputs
            )
    except typst.TypstError as error:
        raise PdfError(str(error)) from error
    assert isinstance(pdf, bytes)
    return pdf


@functools.cache
def _compiler() -> typst.Compiler:
    import typst

    return typst.Compiler(ignore_system_fonts=True)
