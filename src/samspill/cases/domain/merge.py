"""Two tabs, one draft: which saves go together and which the writer must choose between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping


@attrs.frozen(kw_only=True)
class Both:
    """The two values of one field: the one already saved and the one now offered."""

    saved: Any
    offered: Any


@attrs.frozen(kw_only=True)
class Merged:
    """Hold the draft after a save; `clashes` are the fields that were left as they stood."""

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

    A field clashes when somebody else wrote another value to it after `base`; it is then left as
    it stands. Every other field is saved, so nothing that was written is lost. A save that changes
    nothing keeps the revision.
    """
    clashes = {
        field: Both(saved=answers.get(field), offered=value)
        for field, value in offered.items()
        if field_revisions.get(field, 0) > base and answers.get(field) != value
    }
    changed = {
        field: value
        for field, value in offered.items()
        if field not in clashes and (field not in answers or answers[field] != value)
    }
    after = revision + 1 if changed else revision
    return Merged(
        answers={**answers, **changed},
        field_revisions={**field_revisions, **dict.fromkeys(changed, after)},
        revision=after,
        changed=tuple(sorted(changed)),
        clashes=clashes,
    )
