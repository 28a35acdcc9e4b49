"""Two tabs, one draft: which saves go together and which the writer must choose between."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from samspill.cases.domain.answers import get, has, in_row_order, overlap, put


@attrs.frozen(kw_only=True)
class Both:
    """The two values of one field: the one already saved and the one now offered."""

    saved: Any
    offered: Any


@attrs.frozen(kw_only=True)
class Merged:
    """Hold the draft after a save; `clashes` are the paths that were left as they stood."""

    answers: Mapping[str, Any]
    field_revisions: Mapping[str, int]
    revision: int
    changed: tuple[str, ...]
    clashes: Mapping[str, Both]


def merge(
    *,
    answers: Mapping[str, Any],
    field_revisions: Mapping[str, int],
    revision: int,
    base: int,
    offered: Mapping[str, Any],
) -> Merged:
    """Put offered values into a draft that may have moved on since revision `base`.

    A path clashes when somebody else wrote something different there (or in what holds it, or in
    what it holds) after `base`; it is then left as it stands. Every other path is saved, so nothing
    that was written is lost. A save that changes nothing keeps the revision.

    Raises:
        BadPathError: a path that cannot be written.
    """
    clashes: dict[str, Both] = {}
    written: dict[str, Any] = dict(answers)
    changed: list[str] = []
    for path in sorted(offered, key=in_row_order):
        value = offered[path]
        saved = get(answers, path)
        if saved == value and has(answers, path):
            continue
        if saved != value and _last_write(field_revisions, path) > base:
            clashes[path] = Both(saved=saved, offered=value)
            continue
        written = put(written, path, value)
        changed.append(path)
    after = revision + 1 if changed else revision
    return Merged(
        answers=written,
        field_revisions=_stamped(field_revisions, changed, after),
        revision=after,
        changed=tuple(sorted(changed)),
        clashes=clashes,
    )


def _last_write(field_revisions: Mapping[str, int], path: str) -> int:
    return max((rev for key, rev in field_revisions.items() if overlap(key, path)), default=0)


def _stamped(
    field_revisions: Mapping[str, int], changed: list[str], revision: int
) -> dict[str, int]:
    """Stamp what changed; stamps inside a list or object that was written whole are dropped."""
    kept = {
        key: rev
        for key, rev in field_revisions.items()
        if not any(key != path and overlap(key, path) and len(key) > len(path) for path in changed)
    }
    return {**kept, **dict.fromkeys(changed, revision)}
