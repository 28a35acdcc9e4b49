"""Where mandates come from beside our own: who is asked, how old an answer may be, and what nobody else knows.

Each is the authority for what it says; what is held here is its answer, and counts no longer than its limit.
"""

from __future__ import annotations

import datetime as dt
from types import MappingProxyType

import attrs

OWN = "samspill"
IMPORTED = "imported"
"""Grants of a world that was loaded into an installation for tests; their age is what the file says."""


@attrs.frozen
class Source:
    """One source.

    component: its name in the settings. register: the look-up of `registers` that asks it; '' is none, because no
    interface is published. fresh_for: how long an answer counts. owners: whose scopes it alone knows mandates for, so
    that without it the answer about them is not known.
    """

    code: str
    name: str
    component: str
    register: str
    fresh_for: dt.timedelta
    kind: str
    owners: frozenset[str] = frozenset()


SOURCES = (
    Source(
        "freg",
        "Folkeregisteret",
        "folkeregisteret",
        "folkeregisteret.representation",
        dt.timedelta(hours=24),
        "vergemaal",
    ),
    Source(
        "brreg",
        "Enhetsregisteret",
        "enhetsregisteret",
        "enhetsregisteret.roles",
        dt.timedelta(hours=24),
        "virksomhet",
    ),
    # "The values must not be cached": it counts for the act that it was asked for.
    Source(
        "doedsbo",
        "Digitalt dødsbo",
        "doedsbo",
        "doedsbo.roles",
        dt.timedelta(minutes=1),
        "doedsbo",
    ),
    Source(
        "nav", "Nav", "nav_fullmakt", "", dt.timedelta(hours=24), "fullmakt", frozenset({"nav"})
    ),
    Source(
        "altinn", "Altinn", "altinn", "", dt.timedelta(hours=1), "fullmakt", frozenset({"altinn"})
    ),
    Source(
        "helsenorge",
        "Helsenorge",
        "helsenorge",
        "",
        dt.timedelta(hours=24),
        "fullmakt",
        frozenset({"helse", "helsenorge"}),
    ),
)
_BY_CODE = MappingProxyType({one.code: one for one in SOURCES})


def source(code: str) -> Source:
    """Return a source by its code."""
    return _BY_CODE[code]


def fresh_for(code: str) -> dt.timedelta:
    """Return how long an answer of a source counts; of one that nobody knows, not at all."""
    known = _BY_CODE.get(code)
    return known.fresh_for if known is not None else dt.timedelta(0)
