"""A witness: asks another's log how it stands, checks that it has grown out of what was seen last, and countersigns.

What it has seen it keeps in a file of its own, a line for each checkpoint, that is only added to: a log that shows
another past than it did before, or a shorter one, is refused and not countersigned, for ever. The file is the proof.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

import attrs

from samspill.infra import clock
from samspill.infra.http import Client
from samspill.infra.proof import notes, offline
from samspill.infra.proof.notes import Checkpoint, Key, NoteError, Signer
from samspill.kernel.outcome import ToldError

_BUDGET_S = 10.0


class WitnessError(ToldError):
    """The log is refused: `code` is `truncated`, `forked`, `dated_back`, `not_signed` or `unreadable`."""

    def __init__(self, code: str, message: str, **values: Any) -> None:
        super().__init__(message, **values)
        self.code = code


@attrs.frozen
class Seen:
    """What a witness saw and signed: the checkpoint, its own line, and whether it had seen it before."""

    checkpoint: Checkpoint
    line: str
    new: bool


@attrs.frozen
class Witness:
    """Watches one log: at this address, with this key, remembered in this folder."""

    signer: Signer
    log: Key
    client: Client
    folder: Path

    def look(self) -> Seen:
        """Fetch the newest checkpoint, check it against the last one seen, countersign it and hand that in.

        Raises:
            WitnessError: the log is not what it was; nothing is signed.
            ComponentError: it does not answer.
        """
        with self._memory() as memory:
            before = self._last(memory)
            note = self._text("/log/checkpoint", "checkpoint")
            checkpoint = self._opened(note)
            if before is not None:
                self._has_grown(before, checkpoint)
            text, lines = notes.split(note)
            line = self.signer.sign(text, at=clock.now())
            new = before is None or before != checkpoint
            if new:
                own = [one for one in lines if one.startswith(f"— {self.log.name} ")]
                memory.write(json.dumps({"note": notes.joined(text, [*own, line])}) + "\n")
                memory.flush()
                os.fsync(memory.fileno())
        if new:
            self._hand_in(notes.joined(text, [line]))
        return Seen(checkpoint, line, new)

    def _opened(self, note: str) -> Checkpoint:
        try:
            return notes.opened(note, self.log)
        except NoteError as error:
            told = error.refused
            raise WitnessError("not_signed", told.message, **told.values) from error

    def _has_grown(self, before: Checkpoint, now: Checkpoint) -> None:
        if now.size < before.size:
            msg = "the log had %(before)s entries and now says %(now)s: it was cut short"
            raise WitnessError("truncated", msg, before=before.size, now=now.size)
        if now.at < before.at:
            msg = "the checkpoint of %(at)s is older than one seen before"
            raise WitnessError("dated_back", msg, at=f"{now.at:%Y-%m-%dT%H:%M:%SZ}")
        if now.size == before.size:
            steps: list[bytes] = []
        else:
            steps = self._consistency(before.size, now.size)
        if not offline.holds_consistency(before.size, now.size, steps, before.root, now.root):
            msg = "the first %(before)s entries are not those that were seen before: it forked"
            raise WitnessError("forked", msg, before=before.size)

    def _consistency(self, old: int, new: int) -> list[bytes]:
        given = self._text(f"/log/proof/consistency?from={old}&to={new}", "consistency")
        try:
            return [bytes.fromhex(step) for step in json.loads(given)["proof"]]
        except (ValueError, TypeError, KeyError) as error:
            msg = "the log's proof of consistency is not readable"
            raise WitnessError("unreadable", msg) from error

    def _text(self, path: str, operation: str) -> str:
        return self.client.get(path, operation=operation, budget_s=_BUDGET_S).text

    def _hand_in(self, note: str) -> None:
        headers = {"content-type": "text/plain; charset=utf-8"}
        self.client.post(
            "/log/witness",
            operation="countersign",
            idempotent=True,
            content=note.encode(),
            headers=headers,
        )

    @contextmanager
    def _memory(self) -> Iterator[IO[str]]:
        """Open the file of what was seen, for one witness at a time."""
        self.folder.mkdir(parents=True, exist_ok=True)
        name = sha256(self.log.as_text().encode()).hexdigest()[:16]
        with (self.folder / f"{name}.jsonl").open("a+", encoding="utf-8") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            yield stream

    def _last(self, memory: IO[str]) -> Checkpoint | None:
        memory.seek(0)
        lines = memory.read().splitlines()
        if not lines:
            return None
        kept: dict[str, Any] = json.loads(lines[-1])
        return notes.opened(kept["note"], self.log)
