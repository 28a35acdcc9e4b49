"""Read models are made when they are asked for and kept for some minutes: nothing is stored, all can be made again."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Hashable
from typing import Any, ParamSpec, TypeVar, cast

from samspill.infra import clock

_KEPT: dict[tuple[str, Hashable], tuple[dt.datetime, Any]] = {}
_FOR = dt.timedelta(minutes=5)
_MOST = 512
P = ParamSpec("P")
R = TypeVar("R")


def kept(function: Callable[P, R]) -> Callable[P, R]:
    """Keep what a function of hashable arguments returns for five minutes."""
    name = f"{function.__module__}.{function.__qualname__}"

    @functools.wraps(function)
    def remembered(*args: P.args, **kwargs: P.kwargs) -> R:
        key = (name, (args, tuple(sorted(kwargs.items()))))
        now = clock.now()
        found = _KEPT.get(key)
        if found is not None and found[0] <= now < found[0] + _FOR:
            return cast("R", found[1])
        made = function(*args, **kwargs)
        if len(_KEPT) >= _MOST:
            _KEPT.clear()
        _KEPT[key] = (now, made)
        return made

    return remembered


def forget() -> None:
    """Drop everything kept (between tests, and after a load)."""
    _KEPT.clear()
