"""What insight knows of a figure, whichever room it comes from."""

from __future__ import annotations

import attrs


@attrs.frozen(kw_only=True)
class Range:
    """A figure with its uncertainty: the tenth, fiftieth and eighty-fifth of a hundred, and the expected value."""

    p10: float
    p50: float
    p85: float
    mean: float


@attrs.frozen(kw_only=True)
class Value:
    """A figure of a municipality: `number` None when there is none or it is not shown; `text` then says why.

    cases: the live cases that it rests on, None when it rests on none.
    """

    number: float | None
    text: str = ""
    hidden: bool = False
    cases: int | None = None
