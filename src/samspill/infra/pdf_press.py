"""The process that sets PDF documents: Typst with its fonts is loaded here, and nowhere else.

Started by `infra.pdf` with the first document, and again when it is gone. It answers questions from its standard input
until that is closed, so it never outlives the one who started it; when nothing has been asked for a while it goes by
itself, and gives its memory back. A message is its length (4 bytes, big-endian) and its bytes: a question is JSON
(`source`, `inputs`, `standard`), an answer is one byte (`1` a document, `0` what Typst says is wrong) and the rest.

Nothing else of Samspill is imported, so that the process stays small.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
from typing import Final

IDLE_S: Final = 120.0
_LENGTH: Final = 4
_PIECE: Final = 1 << 16


def receive(fd: int, *, within: float) -> bytes | None:
    """Return the next message, or None when the other end is closed.

    Raises:
        TimeoutError: nothing (more) came for so many seconds.
    """
    head = _exactly(fd, _LENGTH, within)
    return None if head is None else _exactly(fd, int.from_bytes(head, "big"), within)


def send(fd: int, message: bytes) -> None:
    """Send a message; OSError when the other end is closed."""
    left = memoryview(len(message).to_bytes(_LENGTH, "big") + message)
    while left:
        left = left[os.write(fd, left) :]


def _exactly(fd: int, size: int, within: float) -> bytes | None:
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    found = bytearray()
    while len(found) < size:
        if not poll.poll(within * 1000):
            raise TimeoutError
        piece = os.read(fd, min(size - len(found), _PIECE))
        if not piece:
            return None
        found += piece
    return bytes(found)


def main() -> None:
    """Answer until the standard input is closed, or nothing is asked for a while."""
    import typst

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who asks
    compiler = typst.Compiler(ignore_system_fonts=True)
    asked_by, answered_to = sys.stdin.fileno(), sys.stdout.fileno()
    while (question := _question(asked_by)) is not None:
        asked = json.loads(question)
        try:
            pdf = compiler.compile(
                input=asked["source"].encode(),
                format="pdf",
                pdf_standards=[asked["standard"]],
                sys_inputs=asked["inputs"],
            )
        except typst.TypstError as error:
            send(answered_to, b"0" + str(error).encode())
        else:
            assert isinstance(pdf, bytes)  # one document was asked for
            send(answered_to, b"1" + pdf)


def _question(fd: int) -> bytes | None:
    try:
        return receive(fd, within=IDLE_S)
    except TimeoutError:
        return None


if __name__ == "__main__":
    main()
