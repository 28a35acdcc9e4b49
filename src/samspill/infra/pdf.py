"""PDF/A documents: Typst in, accessible and archivable PDF out.

PDF/A-2a is PDF/A-2 with the tags that a screen reader needs. Typst brings its own fonts, so the same source
gives the same pages on every machine. Typst works in a process of its own (`infra.pdf_press`), started with the first
document: it takes 30 MB, and most processes never make one.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import subprocess
import sys
import threading
from typing import Any, Final

from samspill.infra import pdf_press

_STANDARD: Final = "a-2a"
_PATIENCE_S: Final = 60.0

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
    payload = {
        "title": title,
        "lang": "nb" if language not in {"nn", "en"} else language,
        "footer": footer,
        "values": data or {},
    }
    inputs = {"data": json.dumps(payload, ensure_ascii=False, default=str)}
    question = {"source": _FRAME + source, "inputs": inputs, "standard": _STANDARD}
    answer = _press.ask(json.dumps(question, ensure_ascii=False).encode())
    if not answer.startswith(b"1"):
        raise PdfError(answer[1:].decode())
    return answer[1:]


class _Press:
    """The process that sets documents, one at a time; started when it is not there."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, question: bytes) -> bytes:
        """Return the answer; a process that went while it was asked is started once more."""
        with self._lock:
            for _ in range(2):
                with contextlib.suppress(OSError):
                    answer = self._answer(question)
                    if answer is not None:
                        return answer
                self._stop()
        msg = "the process that sets documents gave no answer"
        raise PdfError(msg)

    def stop(self) -> None:
        """Let the process go."""
        with self._lock:
            self._stop()

    def _answer(self, question: bytes) -> bytes | None:
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603 - our own command line
                [sys.executable, "-m", pdf_press.__name__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        asked, said = self._process.stdin, self._process.stdout
        assert asked is not None  # both are pipes
        assert said is not None
        pdf_press.send(asked.fileno(), question)
        return pdf_press.receive(
            said.fileno(), within=_PATIENCE_S
        )  # its TimeoutError is an OSError

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        with process:  # closes the pipes and waits
            pass


_press = _Press()
atexit.register(_press.stop)
